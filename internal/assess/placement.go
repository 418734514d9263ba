package assess

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// placement is what a resource's place decides, whatever its body says: which
// references judge it, which exemptions and attestations hold. Resources at
// like places share one.
type placement struct {
	// marks has what places decide about a rule that may have checks on the type; a
	// rule without an entry is judged if it is judged everywhere, and nothing else
	// holds.
	marks map[int]*mark
}

// mark is what a place decides about one rule.
type mark struct {
	outside    bool // no reference admits the resource, and the rule is not judged everywhere
	references []posture.Reference
	own        []int            // references, by index in the rule book
	doubts     []posture.Reason // for each of own why it is not certain that it admits the resource
	doubt      posture.Reason   // why it is not certain that any does
	exempt     *holding
	by         []*timed // that the check or a reference is exempt by
	controls   []controlExemption
	counted    []countedCheck
	attested   *attested
}

// countedCheck is how a check counts in a control of an initiative: once, however
// many references give evidence for it.
type countedCheck struct {
	control int // its number
	exempt  *holding
	doubt   posture.Reason // why it is not certain that any reference admits the resource
}

// count counts a check in a control under one more reference. Like the check
// itself it is exempt only if it is under each of them.
func (m *mark) count(control int, exempt *holding, doubt posture.Reason) {
	at := slices.IndexFunc(m.counted, func(c countedCheck) bool { return c.control == control })
	if at < 0 {
		m.counted = append(m.counted, countedCheck{control, exempt, doubt})
		return
	}
	c := &m.counted[at]
	c.exempt = c.exempt.and(exempt)
	c.doubt = min(c.doubt, doubt)
}

// attested is what a person says about a manual check.
type attested struct {
	healthy bool
	by      *policy.Attestation
}

// placer finds placements. It is for one goroutine.
type placer struct {
	book  *ruleBook
	tree  *inventory.Tree
	now   time.Time
	known map[*place]*placement
	// alike has placements by what they depend on; see likeness.
	alike   map[string]*placement
	scopes  scopeIndex            // of all that assignments, exemptions and attestations name
	ofTypes map[string]*typeRules // by folded type

	exemptions   []*timed            // in force at now
	exemptNames  map[string][]*timed // those in the short form, by folded name
	attestations []*policy.Attestation
	attestNames  map[string][]*policy.Attestation // those in the short form, by folded name
	about        map[about]map[int][]int          // see candidates
	links        map[int][]catalog.StandardRef    // see exemptLinks
	// single are folded ids of single resources that assignments, exemptions
	// or attestations name: they and what is below them are looked at one by one.
	single map[string]bool
	names  bool        // some of single may be names of resources that have several
	alone  *aloneNames // those of single that one resource has alone
	plain  bool        // there is nothing that places decide

	last   *place // of lastIn and lastAt: many ask for the same
	lastIn []int
	lastAt policy.Place
	likest []byte // room for a likeness
}

func newPlacer(b *ruleBook, k *knowledge) *placer {
	o := b.options
	p := &placer{book: b, tree: &k.tree, alone: &k.alone, now: o.Now, known: map[*place]*placement{}, alike: map[string]*placement{}, ofTypes: map[string]*typeRules{}, single: map[string]bool{}}
	p.inForce(o)
	var scopes []string
	note := func(scope string) {
		scopes = append(scopes, scope)
		p.noteSingle(scope)
	}
	for i := range b.references {
		if a := b.references[i].assignment; a != nil {
			note(a.Scope)
			for _, s := range a.NotScopes {
				note(s)
			}
		}
	}
	for _, e := range p.exemptions {
		note(e.Scope)
	}
	for _, a := range p.attestations {
		note(a.Scope)
	}
	p.scopes = newScopeIndex(scopes)
	for _, s := range o.Filter.Scopes {
		p.noteSingle(s)
	}
	p.plain = len(b.references) == 0 && len(p.exemptions) == 0 && len(p.attestations) == 0 && len(o.Filter.Scopes) == 0
	return p
}

// noteSingle remembers scopes that may be single resources.
func (p *placer) noteSingle(scope string) {
	if scope != "" && scope != "/" && !isScope(scope) {
		p.single[posture.Fold(scope)], p.single[posture.PlainARN(scope)] = true, true
		p.names = p.names || mayBeName(scope)
	}
}

// isScope reports whether an ARM id is certainly a subscription, a resource
// group or a management group.
func isScope(id string) bool {
	lower := strings.ToLower(id)
	return strings.HasPrefix(lower, "/subscriptions/") && !strings.Contains(lower, "/providers/") ||
		isManagementGroup(id)
}

// groupPrefix is that of ids of management groups, in lower case.
const groupPrefix = "/providers/microsoft.management/managementgroups/"

// isManagementGroup reports whether an id is that of a management group.
func isManagementGroup(id string) bool {
	return len(id) > len(groupPrefix) && strings.EqualFold(id[:len(groupPrefix)], groupPrefix) && strings.Count(id, "/") == 4
}

// siteOf is where a resource stands in the tree: its unit, or, of what lies above
// units, the folded id of the management group, the folder or the organisation; "" for
// nowhere.
func siteOf(unit, id string) string {
	switch {
	case unit != "":
		return unit
	case len(id) > len(groupPrefix) && strings.EqualFold(id[:len(groupPrefix)], groupPrefix):
		name, _, _ := strings.Cut(id[len(groupPrefix):], "/")
		return groupPrefix + strings.ToLower(name)
	case strings.HasPrefix(id, "//"):
		_, path, _ := strings.Cut(id[2:], "/")
		if parts := strings.SplitN(path, "/", 3); len(parts) > 1 && isAboveUnits(path) {
			return parts[0] + "/" + parts[1]
		}
	}
	return ""
}

// isAboveUnits reports whether a site is none of the units.
func isAboveUnits(site string) bool {
	return isManagementGroup(site) || strings.HasPrefix(site, "folders/") || strings.HasPrefix(site, "organizations/")
}

// namedUnits lists the units of resources, "" among them where some are in none.
func (run *run) namedUnits() []string {
	return slices.DeleteFunc(slices.Clone(run.units), isAboveUnits)
}

// unitName gives a unit by its number, "" where resources are in none.
func (run *run) unitName(number int32) string {
	if site := run.units[number]; !isAboveUnits(site) {
		return site
	}
	return ""
}

// at gives the placement of a place; nil where nothing depends on places.
func (p *placer) at(r *place) *placement {
	if p.plain {
		return nil
	}
	if p.known[r] == nil {
		key := p.likeness(r)
		found := p.alike[key]
		if found == nil {
			found = p.find(r)
			p.alike[key] = found
		}
		p.known[r] = found
	}
	return p.known[r]
}

// likeness tells apart what placements depend on: type and location, and in which of
// the scopes a place is.
func (p *placer) likeness(r *place) string {
	key := append(append(append(p.likest[:0], policy.FoldType(r.typeName)...), 0), r.location...)
	key = append(append(append(key, 0), r.unread...), 0)
	if p.placeOf(r).NoGroup {
		key = append(key, 1)
	}
	for _, n := range p.in(r) {
		key = binary.AppendUvarint(append(key, 0), uint64(n))
	}
	p.likest = key
	return string(key)
}

// typeRules are the rules that may have checks on a type, and the references that
// may come to them, in the order of the rule book.
type typeRules struct {
	numbers, references []int
}

// rulesOf gives those of a type, all without one.
func (p *placer) rulesOf(typeName string) *typeRules {
	folded := policy.FoldType(typeName)
	if known := p.ofTypes[folded]; known != nil {
		return known
	}
	found := &typeRules{}
	is := func(int) bool { return true }
	if typeName != "" {
		numbers := p.book.set.RulesOf(typeName)
		is = func(number int) bool { _, ok := slices.BinarySearch(numbers, number); return ok }
	}
	for number := range p.book.rules {
		if is(number) {
			found.numbers = append(found.numbers, number)
		}
	}
	for i := range p.book.references {
		if slices.ContainsFunc(p.book.references[i].variants, func(v variant) bool { return v.rule >= 0 && is(v.rule) }) {
			found.references = append(found.references, i)
		}
	}
	p.ofTypes[folded] = found
	return found
}

// place is what placements look at of a resource. Resources at like places
// share one; id is then that of any of them, unless it is named singly.
type place struct {
	id, unit, group, typeName, location string
	unread                              string // why the location was not read, "" if it was
	tags                                string // see Filter.tagsOf
}

// key tells places apart.
func (p *placer) key(dst []byte, r *place) []byte {
	for _, part := range []string{r.unit, r.group, r.typeName, r.location, r.unread, r.tags, p.singleAbove(r)} {
		dst = append(append(dst, part...), 0)
	}
	return dst
}

// singleAbove gives the id itself if the resource or something above it is named
// singly, "" otherwise.
func (p *placer) singleAbove(r *place) string {
	if len(p.single) == 0 {
		return ""
	}
	named := p.names && p.meet(r)
	folded := posture.Fold(r.id)
	for at := len(folded); at > 0; at = strings.LastIndexByte(folded[:at], '/') {
		if p.single[folded[:at]] {
			return folded
		}
	}
	if named {
		return folded
	}
	return ""
}

func (p *placer) find(r *place) *placement {
	found, rules := &placement{marks: map[int]*mark{}}, p.rulesOf(r.typeName)
	for _, i := range rules.references {
		ref := &p.book.references[i]
		number, doubt := p.admitted(ref, r)
		if number < 0 {
			continue
		}
		m := found.mark(number)
		exempt, in := p.ofReference(i, number, doubt, r, m)
		m.own, m.doubts = append(m.own, i), append(m.doubts, doubt)
		told := posture.Reference{Assignment: ref.assignmentID(), Member: ref.member, Message: ref.message(), ExemptIn: in}
		if exempt != nil {
			told.Exempt, told.Category = true, exempt.Category
			m.by = append(m.by, exempt.by...)
		}
		m.references = append(m.references, told)
		m.merge(exempt, len(m.references) == 1)
	}
	for _, number := range rules.numbers {
		r0 := &p.book.rules[number]
		if m := found.marks[number]; m == nil && !r0.everywhere {
			found.mark(number).outside = true
			continue
		} else if m != nil && !r0.everywhere && !slices.Contains(m.doubts, posture.NoReason) {
			m.doubt = slices.Min(m.doubts)
		}
		p.markAlone(found, number, r)
	}
	return found
}

// markAlone finds what holds of a rule as such, apart from its references.
func (p *placer) markAlone(found *placement, number int, r *place) {
	m := found.marks[number]
	referred := m != nil && len(m.references) > 0
	switch exempt := together(p.exemptionsOf(nil, number, r)); {
	case !referred && exempt != nil:
		m := found.mark(number)
		m.exempt, m.by = exempt, append(m.by, exempt.by...)
	case referred && p.book.rules[number].everywhere:
		m.merge(exempt, false)
	}
	p.markControls(found, number, r)
	if !p.book.rules[number].mayBeManual() {
		return
	}
	if a := p.attestation(number, r, found.marks[number]); a != nil {
		found.mark(number).attested = a
	}
}

// mayBeManual reports whether checks of the rule may be manual, so that there
// is something to attest. An effect that is computed says nothing yet.
func (r *rule) mayBeManual() bool {
	return r.bound.Effect == "" || strings.EqualFold(r.bound.Effect, "manual")
}

func (pl *placement) mark(number int) *mark {
	if pl.marks[number] == nil {
		pl.marks[number] = &mark{}
	}
	return pl.marks[number]
}

// merge keeps a check exempt only as long as every reference is.
func (m *mark) merge(exempt *holding, first bool) {
	if first {
		m.exempt = exempt
	} else {
		m.exempt = m.exempt.and(exempt)
	}
}

func (r *reference) assignmentID() string {
	switch {
	case r.assignment != nil:
		return r.assignment.ID
	case r.initiative != nil:
		return cmp.Or(r.initiative.ID, r.initiative.Name)
	}
	return ""
}

func (r *reference) message() string {
	if r.assignment == nil {
		return ""
	}
	return messageOf(r.assignment, r.member)
}

// messageOf is what an assignment says of an unhealthy resource: what it says for
// the member, else what it says for all.
func messageOf(a *policy.Assignment, member string) string {
	forAll := ""
	for _, m := range a.Messages {
		switch {
		case m.ReferenceID == "":
			forAll = cmp.Or(forAll, m.Message)
		case strings.EqualFold(m.ReferenceID, member):
			return m.Message
		}
	}
	return forAll
}

// admitted gives the rule that a reference judges a resource by, -1 for none, and
// why it is not certain that it does.
func (p *placer) admitted(ref *reference, r *place) (rule int, doubt posture.Reason) {
	at, sure := p.placeOf(r), posture.NoReason
	if a := ref.assignment; a != nil {
		covers := a.Covers(at)
		if covers.False() {
			return -1, posture.NoReason
		}
		sure = doubtOf(covers)
	}
	for _, v := range ref.variants {
		if v.override == nil {
			return v.rule, sure
		}
		holds := v.override.Holds(ref.member, at)
		if holds.False() {
			continue
		}
		sure = cmp.Or(sure, doubtOf(holds))
		if holds.True() || v.rule >= 0 {
			return v.rule, sure
		}
	}
	return -1, sure
}

// doubtOf is why an outcome is not known, NoReason if it is.
func doubtOf(o policy.Outcome) posture.Reason {
	if o.Known() {
		return posture.NoReason
	}
	return reasonOf(o)
}

// placeOf is a place as assignments and exemptions look at it.
func (p *placer) placeOf(r *place) *policy.Place {
	if p.last != r {
		in := p.scopesOf(r)
		p.last, p.lastIn, p.lastAt = r, in, policy.Place{
			Within: func(scope string) bool {
				n, known := p.scopes.numbers[scope]
				if !known {
					return p.within(r, scope)
				}
				_, is := slices.BinarySearch(in, n)
				return is
			},
			Type: r.typeName, Location: r.location, Unread: r.unread, NoGroup: r.group == "" && posture.IsARM(r.id),
		}
	}
	return &p.lastAt
}

// within reports whether a resource lies in a scope, also by what the tree
// knows about management groups and folders.
func (p *placer) within(r *place, scope string) bool {
	return scope == "/" || posture.Within(r.id, scope) || r.unit != "" && p.tree.Within(r.unit, scope) || p.isCalled(r, scope)
}

// selected reports whether one of the selectors may hold; none select everything.
func (p *placer) selected(selectors []policy.ResourceSelector, r *place) bool {
	return !p.placeOf(r).SelectedBy(selectors).False()
}

// notExempt gives the references as they are of a check that does not apply:
// there is nothing to exempt, and none is counted. Those that stand there for an
// exemption alone go.
func (m *mark) notExempt() []posture.Reference {
	references := slices.Clone(m.references[:len(m.own)])
	for i := range references {
		references[i].Exempt, references[i].Category, references[i].ExemptIn = false, "", nil
	}
	return references
}
