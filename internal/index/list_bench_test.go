package index

import (
	"fmt"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// manualControls is how many controls of the benchmarks wait for a person in each unit.
const manualControls = 60

// BenchmarkList answers lists as the server does: what is meant, its total, and a page
// at the beginning, behind a row in the middle, or after a jump.
func BenchmarkList(b *testing.B) {
	lists := []struct {
		name   string
		checks bool
		filter Filter
		order  []Order
	}{
		{"checks", true, Filter{}, []Order{{By: BySeverity}}},
		{"checks_by_rule", true, Filter{}, []Order{{By: ByRule}}},
		{"checks_by_name", true, Filter{}, []Order{{By: ByName}}},
		{"checks_by_unit", true, Filter{}, []Order{{By: ByUnit}}},
		{"unhealthy_checks", true, Filter{Checks: CheckFilter{States: Any(posture.Unhealthy)}}, []Order{{By: BySeverity}}},
		{"checks_of_a_rule", true, Filter{Checks: CheckFilter{Rules: Any("rule-77")}}, []Order{{By: BySeverity}}},
		{"resources", false, Filter{}, []Order{{By: ByState}}},
		{"resources_by_type", false, Filter{}, []Order{{By: ByType}}},
	}
	for _, l := range lists {
		for _, where := range []string{"page", "behind", "jump"} {
			b.Run(l.name+"/"+where, func(b *testing.B) {
				sizes(b, func(b *testing.B, x *Index) {
					f := l.filter
					if l.checks {
						f.UnitChecks = waiting(x)
					}
					total := func(s *Selection) int {
						tally := s.Tally()
						if !l.checks {
							return s.Resources()
						}
						return tally.All.Total()
					}
					s := x.Select(f)
					middle := s.Skip(l.checks, l.order, total(s)/2)
					for b.Loop() {
						s, after := x.Select(f), (*Place)(nil)
						all := total(s)
						switch where {
						case "behind":
							after = middle
						case "jump":
							after = s.Skip(l.checks, l.order, all*3/5)
						}
						if rows := s.Page(l.checks, l.order, after, 50); len(rows) != 50 {
							b.Fatal(len(rows))
						}
					}
				})
			})
		}
	}
}

// waiting are checks of controls that wait for a person in all units.
func waiting(x *Index) []UnitChecks {
	all := UnitChecks{Units: x.Select(Filter{}).WholeUnitsOf([]posture.Cloud{posture.Azure})}
	for i := range manualControls {
		all.Checks = append(all.Checks, UnitCheck{fmt.Sprint("standard:", i), Verdict{State: posture.Manual, Judged: posture.Manual}})
	}
	return []UnitChecks{all}
}
