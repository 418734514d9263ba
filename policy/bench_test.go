package policy

import "testing"

// BenchmarkSet judges the recorded Azure estate by every built-in at once, as an
// assessment does.
func BenchmarkSet(b *testing.B) {
	lib, resources := builtIns(b), recorded(b)
	set := NewSet(lib.Aliases, testClock)
	for _, d := range lib.Definitions {
		set.Add(Bind(d, madeUp(d)))
	}
	judge := set.Judge()
	for _, r := range resources {
		r.Surroundings = surroundings{}
		judge.Resource(r)
	}
	for b.Loop() {
		for _, r := range resources {
			judge.Resource(r)
		}
	}
	b.ReportMetric(float64(b.N*len(resources))/b.Elapsed().Seconds(), "resources/s")
}

// BenchmarkJudge judges the same resources by single rules, as explain does:
// each resource by those that name its type.
func BenchmarkJudge(b *testing.B) {
	lib, resources := builtIns(b), recorded(b)
	byType := map[string][]*Bound{}
	for _, d := range lib.Definitions {
		rule := Bind(d, madeUp(d))
		if named := typeNamed(rule); named != "" {
			byType[named] = append(byType[named], rule)
		}
	}
	env := Environment{Aliases: lib.Aliases, Now: testClock, prepared: newPrepared(lib.Aliases)}
	checks := 0
	for b.Loop() {
		checks = 0
		for _, r := range resources {
			r.Surroundings = surroundings{}
			for _, rule := range byType[FoldType(r.Type)] {
				rule.Judge(r, env)
				checks++
			}
		}
	}
	b.ReportMetric(float64(b.N*checks)/b.Elapsed().Seconds(), "checks/s")
}
