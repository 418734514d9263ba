package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// unitTurn is a unit with checks of manual controls that differ between two times.
// It stands in a difference as a resource does.
type unitTurn struct {
	unit       string
	came, went bool
	turns      []index.Turn // by control; the rule is STANDARD:CONTROL
}

func (u *unitTurn) change() string { return changeOf(&index.Turned{Came: u.came, Went: u.went}) }

// unitTurns finds the units with such checks, by id, that filters mean at one of the
// two times.
func (s *Server) unitTurns(ctx context.Context, before, after *view, old, new index.Filter) ([]unitTurn, error) {
	type key struct{ unit, control string }
	turns, meant := map[key]*index.Turn{}, map[key]bool{}
	note := func(v *view, f index.Filter, of func(*index.Turn) *index.Verdict) (err error) {
		if f.UnitChecks, err = s.unitChecks(ctx, v); err != nil {
			return err
		}
		for _, group := range f.UnitChecks {
			for _, c := range group.Checks {
				for _, unit := range group.Units {
					at := key{unit, c.Control}
					if turns[at] == nil {
						turns[at] = &index.Turn{Rule: c.Control}
					}
					*of(turns[at]) = c.Verdict
				}
			}
		}
		for _, row := range v.x.Select(f).UnitRows() {
			meant[key{row.Unit, row.Rule}] = true
		}
		return nil
	}
	if err := note(before, old, func(t *index.Turn) *index.Verdict { return &t.Before }); err != nil {
		return nil, err
	}
	if err := note(after, new, func(t *index.Turn) *index.Verdict { return &t.Now }); err != nil {
		return nil, err
	}
	found := map[string]*unitTurn{}
	for at, t := range turns {
		if !meant[at] || t.Before.State == t.Now.State && t.Before.Reason == t.Now.Reason {
			continue
		}
		if found[at.unit] == nil {
			found[at.unit] = &unitTurn{unit: at.unit, came: !before.x.Lives(at.unit), went: !after.x.Lives(at.unit)}
		}
		found[at.unit].turns = append(found[at.unit].turns, *t)
	}
	var all []unitTurn
	for _, u := range found {
		slices.SortFunc(u.turns, func(a, b index.Turn) int { return cmp.Compare(a.Rule, b.Rule) })
		all = append(all, *u)
	}
	slices.SortFunc(all, func(a, b unitTurn) int { return cmp.Compare(a.unit, b.unit) })
	return all, nil
}

// addUnits counts them too.
func addUnits(s *index.Sum, units []unitTurn) {
	for i := range units {
		switch u := &units[i]; {
		case u.came:
			s.Came++
		case u.went:
			s.Went++
		default:
			s.Changed++
		}
		s.Checks += len(units[i].turns)
		for _, t := range units[i].turns {
			of := s.Rules[t.Rule]
			if of == nil {
				of = &index.TurnCount{Transitions: map[[2]posture.State]int{}}
				s.Rules[t.Rule] = of
			}
			of.Checks++
			of.Transitions[[2]posture.State{t.Before.State, t.Now.State}]++
		}
	}
}

// ofUnits begins the cursors of rows about units, which come behind all resources.
const ofUnits = "u\x00"

func unitCursor(unit, control string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(ofUnits + unit + "\x00" + control))
}

// unitPlace reads such a cursor: behind a unit, or one of its checks; false for any
// other.
func unitPlace(cursor string) (unit, control string, ok bool) {
	rest, ok := strings.CutPrefix(cursor, ofUnits)
	unit, control, _ = strings.Cut(rest, "\x00")
	return unit, control, ok
}

// addUnitRows fills a page with units, each a row, behind one of them.
func (b *DifferenceBody) addUnitRows(units []unitTurn, after string, limit int) {
	for i := range units {
		u := &units[i]
		if u.unit <= after {
			continue
		}
		if len(b.Rows) == limit {
			b.Cursor = unitCursor(after, "")
			return
		}
		after = u.unit
		ref, counts := unitRef(u.unit), map[[2]posture.State]int{}
		for _, t := range u.turns {
			counts[[2]posture.State{t.Before.State, t.Now.State}]++
		}
		b.Rows = append(b.Rows, DifferenceRow{Resource: &ref, Change: u.change(), Checks: len(u.turns), Transitions: transitionsOf(counts)})
	}
}

// addUnitChecks fills a page with checks of units, behind one of them.
func (b *DifferenceBody) addUnitChecks(units []unitTurn, unit, control string, limit int) {
	for i := range units {
		u := &units[i]
		ref := unitRef(u.unit)
		for _, t := range u.turns {
			if cmp.Or(cmp.Compare(u.unit, unit), cmp.Compare(t.Rule, control)) <= 0 {
				continue
			}
			if len(b.Rows) == limit {
				b.Cursor = unitCursor(unit, control)
				return
			}
			unit, control = u.unit, t.Rule
			row := DifferenceRow{Resource: &ref, Change: u.change(), Before: t.Before.State, After: t.Now.State, Reason: t.Now.Reason, Checks: 1}
			told := controlRef(t.Rule)
			row.RuleName, row.Title, row.Severity = told.RuleName, told.Title, told.Severity
			b.Rows = append(b.Rows, row)
		}
	}
}
