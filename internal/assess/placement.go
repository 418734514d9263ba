package assess

import (
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// placement is what a resource's place decides, whatever its body says: which
// references judge it, which exemptions and attestations hold. Resources at
// like places share one.
type placement struct {
	// marks has what places decide about a rule; a rule without an entry is
	// judged if it is judged everywhere, and nothing else holds.
	marks map[int]*mark
}

// mark is what a place decides about one rule.
type mark struct {
	outside    bool // no reference admits the resource, and the rule is not judged everywhere
	references []posture.Reference
	own        []int // references, by index in the rule book
	exempt     *posture.ExemptMark
	attested   *attested
}

type attested struct {
	healthy bool
	at      time.Time
}

// placer finds placements. It is for one goroutine.
type placer struct {
	book  *ruleBook
	tree  *inventory.Tree
	now   time.Time
	known map[*place]*placement
	// single are folded ids of single resources that assignments, exemptions
	// or attestations name: they and what is below them are looked at one by one.
	single map[string]bool
	plain  bool // there is nothing that places decide
}

func newPlacer(b *ruleBook, tree *inventory.Tree) *placer {
	o := b.options
	p := &placer{book: b, tree: tree, now: o.Now, known: map[*place]*placement{}, single: map[string]bool{}}
	for i := range b.references {
		if a := b.references[i].assignment; a != nil {
			p.note(a.Scope)
			for _, s := range a.NotScopes {
				p.note(s)
			}
		}
	}
	for _, e := range p.exemptions() {
		p.note(e.Scope)
	}
	for _, a := range p.attestations() {
		p.note(a.Scope)
	}
	for _, s := range o.Filter.Scopes {
		p.note(s)
	}
	p.plain = len(b.references) == 0 && len(p.exemptions()) == 0 && len(p.attestations()) == 0 && len(o.Filter.Scopes) == 0
	return p
}

func (p *placer) exemptions() []*policy.Exemption {
	all := slices.Clone(p.book.options.Exemptions)
	if l := p.book.options.Library; l != nil {
		all = append(all, l.Exemptions...)
	}
	return all
}

func (p *placer) attestations() []*policy.Attestation {
	all := slices.Clone(p.book.options.Attestations)
	if l := p.book.options.Library; l != nil {
		all = append(all, l.Attestations...)
	}
	return all
}

// note remembers scopes that may be single resources.
func (p *placer) note(scope string) {
	if scope != "" && scope != "/" && !isScope(scope) {
		p.single[posture.Fold(scope)] = true
	}
}

// isScope reports whether an ARM id is certainly a subscription, a resource
// group or a management group.
func isScope(id string) bool {
	lower := strings.ToLower(id)
	return strings.HasPrefix(lower, "/subscriptions/") && !strings.Contains(lower, "/providers/") ||
		strings.HasPrefix(lower, "/providers/microsoft.management/managementgroups/") && strings.Count(lower, "/") == 4
}

// at gives the placement of a place; nil where nothing depends on places.
func (p *placer) at(r *place) *placement {
	if p.plain {
		return nil
	}
	if p.known[r] == nil {
		p.known[r] = p.find(r)
	}
	return p.known[r]
}

// place is what placements look at of a resource. Resources at like places
// share one; id is then that of any of them, unless it is named singly.
type place struct {
	id, unit, group, typeName, location string
	tags                                string // see Filter.tagsOf
}

// key tells places apart.
func (p *placer) key(dst []byte, r *place) []byte {
	for _, part := range []string{r.unit, r.group, r.typeName, r.location, r.tags, p.singleAbove(r.id)} {
		dst = append(append(dst, part...), 0)
	}
	return dst
}

// singleAbove gives the id itself if it or something above it is named
// singly, "" otherwise.
func (p *placer) singleAbove(id string) string {
	if len(p.single) == 0 {
		return ""
	}
	folded := posture.Fold(id)
	for at := len(folded); at > 0; at = strings.LastIndexByte(folded[:at], '/') {
		if p.single[folded[:at]] {
			return folded
		}
	}
	return ""
}

func (p *placer) find(r *place) *placement {
	found := &placement{marks: map[int]*mark{}}
	for i := range p.book.references {
		ref := &p.book.references[i]
		number := p.admitted(ref, r)
		if number < 0 {
			continue
		}
		m := found.mark(number)
		exempt := p.exemption(ref, number, r)
		m.own = append(m.own, i)
		m.references = append(m.references, posture.Reference{
			Assignment: ref.assignmentID(), Member: ref.member, Exempt: exempt != nil,
		})
		m.merge(exempt, len(m.references) == 1)
	}
	for number := range p.book.rules {
		r0 := &p.book.rules[number]
		if m := found.marks[number]; m == nil && !r0.everywhere {
			found.mark(number).outside = true
			continue
		}
		p.markAlone(found, number, r)
	}
	return found
}

// markAlone finds what holds of a rule as such, apart from its references.
func (p *placer) markAlone(found *placement, number int, r *place) {
	if m := found.marks[number]; m == nil || len(m.references) == 0 {
		if exempt := p.exemption(nil, number, r); exempt != nil {
			found.mark(number).exempt = exempt
		}
	}
	if a := p.attestation(number, r, found.marks[number]); a != nil {
		found.mark(number).attested = a
	}
}

func (pl *placement) mark(number int) *mark {
	if pl.marks[number] == nil {
		pl.marks[number] = &mark{}
	}
	return pl.marks[number]
}

// merge keeps a check exempt only as long as every reference is.
func (m *mark) merge(exempt *posture.ExemptMark, first bool) {
	if first {
		m.exempt = exempt
	} else if exempt == nil {
		m.exempt = nil
	}
}

func (r *reference) assignmentID() string {
	switch {
	case r.assignment != nil:
		return r.assignment.ID
	case r.initiative != nil:
		return r.initiative.ID
	}
	return ""
}

// admitted gives the rule that a reference judges a resource by, -1 for none.
func (p *placer) admitted(ref *reference, r *place) int {
	if a := ref.assignment; a != nil {
		if !p.within(r, a.Scope) || slices.ContainsFunc(a.NotScopes, func(s string) bool { return p.within(r, s) }) {
			return -1
		}
		if !p.selected(a.ResourceSelectors, r) {
			return -1
		}
	}
	for _, v := range ref.variants {
		if v.override == nil || p.holds(v.override.Selectors, r) {
			return v.rule
		}
	}
	return -1
}

// within reports whether a resource lies in a scope, also by what the tree
// knows about management groups and folders.
func (p *placer) within(r *place, scope string) bool {
	return scope == "/" || posture.Within(r.id, scope) || r.unit != "" && p.tree.Within(r.unit, scope)
}

// selected reports whether one of the selectors holds; none select everything.
func (p *placer) selected(selectors []policy.ResourceSelector, r *place) bool {
	return len(selectors) == 0 || slices.ContainsFunc(selectors, func(s policy.ResourceSelector) bool {
		return p.holds(s.Selectors, r)
	})
}

// holds reports whether all selectors that look at the resource hold.
func (p *placer) holds(selectors []policy.Selector, r *place) bool {
	for _, s := range selectors {
		switch strings.ToLower(s.Kind) {
		case "resourcelocation":
			if !s.Admits(r.location) {
				return false
			}
		case "resourcetype":
			if !s.Admits(r.typeName) {
				return false
			}
		case "resourcewithoutlocation":
			subscription := strings.EqualFold(r.typeName, "Microsoft.Resources/subscriptions") || r.group == ""
			if !subscription {
				return false
			}
		}
	}
	return true
}

// exemption finds the exemption in force of a reference, or, without one, of
// a rule as such.
func (p *placer) exemption(ref *reference, number int, r *place) *posture.ExemptMark {
	for _, e := range p.exemptions() {
		until, over := p.expiry(e.ExpiresOn)
		if over || !p.within(r, e.Scope) || !p.selected(e.ResourceSelectors, r) || !p.about(e.AssignmentID, e.ReferenceIDs, ref, number) {
			continue
		}
		return &posture.ExemptMark{Category: strings.ToLower(e.Category), ExpiresOn: until}
	}
	return nil
}

// about reports whether an exemption's or attestation's subject is a
// reference, or a rule as such. The short form names no assignment: its
// subject is the rule, however it is referred to.
func (p *placer) about(assignment string, members []string, ref *reference, number int) bool {
	rule := &p.book.rules[number]
	if assignment == "" {
		return slices.ContainsFunc(members, func(name string) bool { return rule.named(name) })
	}
	if ref == nil || !strings.EqualFold(ref.assignmentID(), assignment) {
		return false
	}
	return len(members) == 0 || slices.ContainsFunc(members, func(m string) bool { return strings.EqualFold(m, ref.member) })
}

// named reports whether name is the rule's id, name or title, or a control of
// a standard that the rule gives evidence for.
func (r *rule) named(name string) bool {
	if strings.EqualFold(name, r.id) || strings.EqualFold(name, r.bound.Definition.Name) {
		return true
	}
	if r.recommendation == nil {
		return false
	}
	for _, ref := range r.recommendation.Standards {
		if strings.EqualFold(name, ref.Standard+":"+ref.Control) {
			return true
		}
	}
	return false
}

// expiry reads an expiry; over says that it has passed.
func (p *placer) expiry(text string) (until time.Time, over bool) {
	if text == "" {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, !t.After(p.now)
		}
	}
	return time.Time{}, true
}

// attestation finds the newest valid attestation of a rule.
func (p *placer) attestation(number int, r *place, m *mark) *attested {
	var newest *attested
	for _, a := range p.attestations() {
		if _, over := p.expiry(a.ExpiresOn); over || !p.within(r, a.Scope) || !p.attests(a, number, m) {
			continue
		}
		at, _ := time.Parse(time.RFC3339, a.AssessmentDate)
		state := strings.ReplaceAll(strings.ToLower(a.State), "-", "")
		if state != "compliant" && state != "noncompliant" {
			continue
		}
		if newest == nil || !at.Before(newest.at) {
			newest = &attested{state == "compliant", at}
		}
	}
	return newest
}

func (p *placer) attests(a *policy.Attestation, number int, m *mark) bool {
	var members []string
	if a.ReferenceID != "" {
		members = []string{a.ReferenceID}
	}
	if a.AssignmentID == "" || m == nil {
		return p.about(a.AssignmentID, members, nil, number)
	}
	return slices.ContainsFunc(m.own, func(i int) bool {
		return p.about(a.AssignmentID, members, &p.book.references[i], number)
	})
}
