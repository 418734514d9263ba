package index

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// told lists all that an excerpt says.
func told(e *Excerpt) []string {
	all := []string{fmt.Sprint(e.Commit(), e.Len())}
	for n := range e.Resources(nil, nil) {
		r := e.Resource(n)
		r.Facts = e.FactsOf(n)
		all = append(all, fmt.Sprintf("%+v %v", r, e.Verdicts(n)))
	}
	for _, u := range e.Units() {
		all = append(all, fmt.Sprintf("%+v", u))
	}
	return all
}

// compareExcerpt holds an excerpt against the index that it is of.
func (m *model) compareExcerpt(t *rapid.T, x *Index) {
	f := drawFilter(t)
	f.Checks = CheckFilter{}
	s := x.Select(f)
	e := s.Excerpt()
	things, _ := m.selected(&f)
	same(t, "size of an excerpt", e.Len(), len(things))
	for _, r := range things {
		want, there := x.Resource(r.Number)
		got := e.Resource(r.Number)
		got.Facts = e.FactsOf(r.Number)
		same(t, "resource of an excerpt", got, want)
		same(t, "there", there && e.Has(r.Number), true)
		same(t, "verdicts of an excerpt", fmt.Sprint(e.Verdicts(r.Number)), fmt.Sprint(x.Verdicts(r.Number)))
	}
	tally := newTally(x.rules)
	for _, u := range e.Units() {
		for rule, counts := range u.Tally.Rules {
			for state, count := range counts {
				tally.Rules[rule][state] += count
			}
			tally.Mitigated[rule] += u.Tally.Mitigated[rule]
		}
		tally.Attested += u.Tally.Attested
		for reason, count := range u.Tally.Reasons {
			tally.Reasons[reason] += count
		}
		same(t, "score of an excerpt's unit", u.Score, x.UnitScore(u.Unit))
		if u.Unit != "" {
			all := x.Select(Filter{Scopes: []string{u.Unit}}).Resources()
			of := slices.DeleteFunc(slices.Clone(things), func(r *thing) bool { return r.Unit != u.Unit })
			unit := &thing{Resource: ledger.Resource{Unit: u.Unit}}
			in := func(scope string) bool { return m.in(unit, scope) }
			whole := (f.Visible == nil || slices.ContainsFunc(f.Visible, in)) && (len(f.Scopes) == 0 || slices.ContainsFunc(f.Scopes, in))
			same(t, "whole unit", u.Whole, whole && len(of) == all)
		}
	}
	tally.sum()
	want := s.Tally()
	want.Under, want.Unders = nil, nil // see compareUnder
	same(t, "checks of an excerpt", tally, want)
}
