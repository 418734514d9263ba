package server

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// books are what documents come to, whoever asks: one for each commit that changed
// documents, so that what changes resources alone costs no reading of policies. The
// few that were asked for last are kept.
type books struct {
	mu      sync.Mutex
	changed map[ledger.Number]ledger.Number // by commit: the last one up to it that changed documents
	last    []*book
}

// Most that is kept of both.
const (
	booksKept   = 4
	commitsKept = 4096
)

// book is what the documents as of one commit come to.
type book struct {
	changed ledger.Number // with which they became what they are

	mu        sync.Mutex
	documents map[ledger.DocumentKind][]ledger.DocumentVersion
	laid      []govern.Version             // those that lie over verdicts, once somebody asked
	named     map[laidName]govern.Document // of laid
	standards []*standardBook              // by rules
	// references are the ways in which policies are assigned, by rule; nil before
	// somebody asked.
	references map[string][]policyReference
}

// bookOf gives the book of a commit.
func (s *Server) bookOf(ctx context.Context, n ledger.Number) (*book, error) {
	s.books.mu.Lock()
	changed, known := s.books.changed[n]
	s.books.mu.Unlock()
	if !known {
		var err error
		if changed, err = s.Store.DocumentsChanged(ctx, n); err != nil {
			return nil, err
		}
	}
	return s.books.of(n, changed), nil
}

func (bs *books) of(n, changed ledger.Number) *book {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if bs.changed == nil || len(bs.changed) >= commitsKept {
		bs.changed = map[ledger.Number]ledger.Number{}
	}
	bs.changed[n] = changed
	at := slices.IndexFunc(bs.last, func(b *book) bool { return b.changed == changed })
	if at < 0 {
		at = min(len(bs.last), booksKept-1)
		bs.last = append(bs.last[:at], &book{changed: changed, documents: map[ledger.DocumentKind][]ledger.DocumentVersion{}})
	}
	b := bs.last[at]
	copy(bs.last[1:], bs.last[:at])
	bs.last[0] = b
	return b
}

// documentsOf are the documents as of a commit, of some kinds. Nobody may change them.
func (s *Server) documentsOf(ctx context.Context, n ledger.Number, kinds ...ledger.DocumentKind) (all []ledger.DocumentVersion, err error) {
	b, err := s.bookOf(ctx, n)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read(ctx, s.Store, n, kinds...)
}

// versionsOf are the documents as of a commit that lie over verdicts, those that were
// written last at the end. Nobody may change them.
func (s *Server) versionsOf(ctx context.Context, n ledger.Number) ([]govern.Version, error) {
	b, err := s.bookOf(ctx, n)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.versions(ctx, s.Store, n)
}

func (b *book) versions(ctx context.Context, from Store, n ledger.Number) ([]govern.Version, error) {
	if b.laid == nil {
		kept, err := b.read(ctx, from, n, ledger.Laid...)
		if err != nil {
			return nil, err
		}
		b.laid = append([]govern.Version{}, govern.Versions(kept)...)
	}
	return b.laid, nil
}

// laidName is how a document that lies over verdicts is called.
type laidName struct {
	kind ledger.DocumentKind
	id   string
}

// laidByName are the documents of versionsOf by their names. Nobody may change them.
func (s *Server) laidByName(ctx context.Context, n ledger.Number) (map[laidName]govern.Document, error) {
	b, err := s.bookOf(ctx, n)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.named == nil {
		versions, err := b.versions(ctx, s.Store, n)
		if err != nil {
			return nil, err
		}
		b.named = make(map[laidName]govern.Document, len(versions))
		for _, v := range versions {
			b.named[laidName{v.Kind(), v.Name()}] = v.Document
		}
	}
	return b.named, nil
}

func (b *book) read(ctx context.Context, from Store, n ledger.Number, kinds ...ledger.DocumentKind) (all []ledger.DocumentVersion, err error) {
	for _, kind := range kinds {
		some, known := b.documents[kind]
		if !known {
			if some, err = from.Documents(ctx, n, kind); err != nil {
				return nil, err
			}
			b.documents[kind] = some
		}
		all = append(all, some...)
	}
	return all, nil
}

// standardBook is what the standards that there are come to with some rules. What it
// holds does not change.
type standardBook struct {
	rules    []index.Rule
	builtIn  []*toldStandard
	kept     []*toldStandard
	assigned []assignedStandard
}

// assignedStandard is a standard, or an initiative told as one, with an assignment of
// it.
type assignedStandard struct {
	*toldStandard
	by *govern.Policy
}

// standardBook gives that of a commit and the rules that judge.
func (s *Server) standardBook(ctx context.Context, n ledger.Number, rules []index.Rule) (*standardBook, error) {
	b, err := s.bookOf(ctx, n)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, known := range b.standards {
		if sameRules(known.rules, rules) {
			return known, nil
		}
	}
	documents, err := b.read(ctx, s.Store, n, append(slices.Clone(judgingKinds), ledger.Standard)...)
	if err != nil {
		return nil, err
	}
	made, err := s.newStandardBook(documents, rules)
	if err != nil {
		return nil, err
	}
	if len(b.standards) == booksKept {
		b.standards = b.standards[:0]
	}
	b.standards = append(b.standards, made)
	return made, nil
}

// sameRules reports whether both are one list: those of an index do not change.
func sameRules(a, b []index.Rule) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func (s *Server) newStandardBook(documents []ledger.DocumentVersion, rules []index.Rule) (*standardBook, error) {
	builtIn, err := s.Catalog.Standards()
	if err != nil {
		return nil, err
	}
	evidence, err := estate.NewEvidence(s.Catalog, rules)
	if err != nil {
		return nil, err
	}
	policies := govern.PoliciesOf(documents, s.Estate.Policies())
	assigned, err := s.Estate.Judges().Assigned(slices.DeleteFunc(slices.Clone(documents), func(d ledger.DocumentVersion) bool { return d.Kind == ledger.Standard }))
	if err != nil {
		return nil, err
	}
	initiatives := &initiativeBook{server: s, rules: rules, assigned: assigned, policies: policies, told: map[string]*toldStandard{}}
	b := &standardBook{rules: rules}
	for _, standard := range builtIn {
		b.builtIn = append(b.builtIn, &toldStandard{id: standard.ID, scope: "/", standard: standard, asked: standard.Default, evidence: evidence.Of(standard)})
	}
	kept := map[string]*toldStandard{} // by id
	for _, p := range policies.Of(ledger.Standard) {
		kept[p.ID] = &toldStandard{id: p.ID, scope: p.Scope, standard: p.Standard, evidence: evidence.Of(p.Standard), gaps: estate.GapsOf(p.Standard, assigned)}
		b.kept = append(b.kept, kept[p.ID])
	}
	for _, p := range policies.Of(ledger.Assignment) {
		var t *toldStandard
		if own, ok := policies.Find(ledger.Standard, p.Assignment.DefinitionID); ok {
			t = kept[own.ID]
		} else if standard := catalog.StandardNamed(builtIn, p.Assignment.DefinitionID); standard != nil && !standard.Default {
			t = b.builtIn[slices.Index(builtIn, standard)]
		} else if t, err = initiatives.of(p.Assignment); err != nil {
			return nil, err
		}
		if t != nil {
			b.assigned = append(b.assigned, assignedStandard{t, p})
		}
	}
	return b, nil
}

// initiativeBook tells assigned initiatives as standards, each once.
type initiativeBook struct {
	server   *Server
	rules    []index.Rule
	assigned *assess.Assigned
	policies *govern.Policies
	told     map[string]*toldStandard // by id
}

// of gives the initiative that is assigned; nil where something else is.
func (b *initiativeBook) of(a *policy.Assignment) (*toldStandard, error) {
	p, ok := b.policies.Find(ledger.Initiative, a.DefinitionID)
	if !ok {
		return nil, nil
	}
	if b.told[p.ID] == nil {
		t, err := b.tell(p)
		if err != nil {
			return nil, err
		}
		b.told[p.ID] = t
	}
	return b.told[p.ID], nil
}

// tell tells an initiative that is assigned as a standard: its groups are the controls,
// and a member without one is one by itself.
func (b *initiativeBook) tell(p *govern.Policy) (*toldStandard, error) {
	library, _ := b.policies.Assigned(func(*policy.Assignment) bool { return true })
	covered, err := b.server.Catalog.InitiativeCoverage(p.Initiative, library)
	if err != nil {
		return nil, err
	}
	standard := &catalog.Standard{ID: p.Name, Title: p.Title(), Clouds: []posture.Cloud{posture.Azure, posture.AWS, posture.GCP, posture.Machine}}
	nodes := map[string]string{} // members and groups name each other in any case
	for _, n := range covered {
		n.Node.Policies = nil
		standard.Nodes, nodes[strings.ToLower(n.Node.ID)] = append(standard.Nodes, n.Node), n.Node.ID
	}
	controls := func(names []string) (ids []string) {
		for _, name := range names {
			ids = append(ids, nodes[strings.ToLower(name)])
		}
		return ids
	}
	numbers := map[string]int{}
	for n, r := range b.rules {
		numbers[r.ID] = n
	}
	t := &toldStandard{id: p.ID, scope: p.Scope, standard: standard}
	for _, g := range b.assigned.Gaps {
		if g.Initiative != nil && g.Initiative.ID == p.ID {
			t.gaps = append(t.gaps, estate.Gap{Of: g, Controls: controls(g.Controls)})
		}
	}
	var assignments []*policy.Assignment
	for _, a := range b.policies.Of(ledger.Assignment) {
		if is, ok := b.policies.Find(ledger.Initiative, a.Assignment.DefinitionID); ok && is == p {
			assignments = append(assignments, a.Assignment)
		}
	}
	evidence := estate.NewAssignedEvidence(assignments)
	t.own = estate.OwnReferences{}
	for i := range b.assigned.References {
		ref := &b.assigned.References[i]
		if ref.Initiative == nil || ref.Initiative.ID != p.ID {
			continue
		}
		t.own[[2]string{ref.Assignment.ID, ref.Member}] = controls(ref.Controls)
		evidence.Add(ref, controls(ref.Controls), func(n int) (number int, judged bool) {
			rule := &b.assigned.Rules[n]
			id := rule.ID
			if !rule.Recommendation {
				id = index.PolicyRule(rule.ID, rule.ParametersHash)
			}
			number, judged = numbers[id]
			return number, judged
		})
	}
	t.evidence, t.apart = evidence.Split()
	return t, nil
}
