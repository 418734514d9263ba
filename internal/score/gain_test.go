package score_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

func TestGain(t *testing.T) {
	controls := []score.Control{{ID: "x", Max: 4}, {ID: "y", Max: 4}}
	recs := []score.Recommendation{
		{ID: "a", Controls: []string{"x"}},
		{ID: "b", Controls: []string{"x"}},
		{ID: "both", Controls: []string{"x", "y"}},
	}
	tests := map[string]struct {
		groups []score.Group
		mend   []int
		want   score.Gain
	}{
		"one_of_two": {
			[]score.Group{of("u", 1, healthy), of("u", 1, unhealthy)},
			[]int{0},
			score.Gain{Percent: 50, Points: 2},
		},
		"kept_unhealthy_by_another": {
			[]score.Group{of("u", 1, unhealthy, unhealthy), of("u", 1, healthy)},
			[]int{0},
			score.Gain{},
		},
		"both_together": {
			[]score.Group{of("u", 1, unhealthy, unhealthy), of("u", 1, healthy)},
			[]int{0, 1},
			score.Gain{Percent: 50, Points: 2},
		},
		"named_twice_counts_once": {
			[]score.Group{of("u", 1, unhealthy, unhealthy), of("u", 1, healthy)},
			[]int{0, 0},
			score.Gain{},
		},
		"left_unknown_by_another_leaves_the_control": {
			// x: 1 healthy of 2; mended it is 1 of 1.
			[]score.Group{of("u", 1, unhealthy, unknown), of("u", 1, healthy)},
			[]int{0},
			score.Gain{Percent: 50, Points: 2},
		},
		"in_two_controls": {
			[]score.Group{of("u", 1, 0, 0, unhealthy), of("u", 3, 0, 0, healthy)},
			[]int{2},
			score.Gain{Percent: 25, Points: 2},
		},
		"several_units_show_no_points": {
			[]score.Group{of("a", 1, unhealthy), of("b", 3, healthy)},
			[]int{0},
			score.Gain{Percent: 25},
		},
		"nothing_left_to_judge_gains_nothing": {
			[]score.Group{of("u", 1, unhealthy, unknown)},
			[]int{0},
			score.Gain{},
		},
		"a_unit_that_is_left_unknown_leaves_the_mean": {
			// a: 0 %, b: 100 %, mended only b remains.
			[]score.Group{of("a", 1, unhealthy, unknown), of("b", 1, healthy)},
			[]int{0},
			score.Gain{Percent: 50},
		},
		"outside": {[]score.Group{of("u", 1, unhealthy)}, []int{-1, 9}, score.Gain{}},
		"none":    {[]score.Group{of("u", 1, unhealthy)}, nil, score.Gain{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := score.New(controls, recs, test.groups).Together(test.mend)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("gain (-want +got):\n%s", diff)
			}
		})
	}
}

// estate is a drawn input.
type estate struct {
	controls []score.Control
	recs     []score.Recommendation
	groups   []score.Group
}

func drawEstate(t *rapid.T) estate {
	var e estate
	for i := range rapid.IntRange(1, 4).Draw(t, "controls") {
		e.controls = append(e.controls, score.Control{
			ID:  fmt.Sprint("c", i),
			Max: float64(rapid.IntRange(0, 10).Draw(t, "max")),
		})
	}
	control := rapid.Custom(func(t *rapid.T) string {
		return e.controls[rapid.IntRange(0, len(e.controls)-1).Draw(t, "control")].ID
	})
	for range rapid.IntRange(1, 5).Draw(t, "recommendations") {
		e.recs = append(e.recs, score.Recommendation{Controls: rapid.SliceOfN(control, 1, 2).Draw(t, "of")})
	}
	state := rapid.SampledFrom([]posture.State{healthy, unhealthy, unhealthy, unknown, manual, exempt, none})
	for range rapid.IntRange(0, 8).Draw(t, "groups") {
		g := score.Group{
			Unit:  rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "unit"),
			Count: rapid.IntRange(1, 20).Draw(t, "count"),
		}
		for r := range e.recs {
			if rapid.Bool().Draw(t, "has") {
				g.Checks = append(g.Checks, score.Check{Recommendation: r, State: state.Draw(t, "state")})
			}
		}
		e.groups = append(e.groups, g)
	}
	return e
}

// mend is the definition of gain, done the slow way.
func (e estate) mend(set map[int]bool) estate {
	out := estate{e.controls, e.recs, nil}
	for _, g := range e.groups {
		checks := append([]score.Check(nil), g.Checks...)
		for i := range checks {
			if set[checks[i].Recommendation] && checks[i].State == unhealthy {
				checks[i].State = healthy
			}
		}
		out.groups = append(out.groups, score.Group{Unit: g.Unit, Count: g.Count, Checks: checks})
	}
	return out
}

func TestGain_is_the_difference_of_two_scores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEstate(t)
		set := map[int]bool{}
		var list []int
		for r := range e.recs {
			if rapid.Bool().Draw(t, "mended") {
				set[r] = true
				list = append(list, r)
			}
		}
		now := score.Compute(e.controls, e.recs, e.groups)
		m := e.mend(set)
		then := score.Compute(m.controls, m.recs, m.groups)
		want := then.Percent - now.Percent
		if !then.HasScore {
			want = 0
		}
		// Both sides of the difference are rounded to two decimals.
		if got := score.New(e.controls, e.recs, e.groups).Together(list).Percent; got-want > 0.01001 || want-got > 0.01001 {
			t.Fatalf("gain %v, want %v", got, want)
		}
	})
}

func TestGain_is_never_negative_and_together_is_at_least_each(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEstate(t)
		m := score.New(e.controls, e.recs, e.groups)
		var best float64
		var all []int
		for r := range e.recs {
			g := m.Gain(r)
			if g.Percent < 0 || g.Points < 0 {
				t.Fatalf("gain of %d: %+v", r, g)
			}
			best = max(best, g.Percent)
			all = append(all, r)
		}
		if together := m.Together(all).Percent; together < best {
			t.Fatalf("together %v, the best alone %v", together, best)
		}
	})
}

func TestCompute_does_not_care_how_resources_are_grouped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEstate(t)
		var split []score.Group
		for _, g := range e.groups {
			for range g.Count {
				split = append(split, score.Group{Unit: g.Unit, Count: 1, Checks: g.Checks})
			}
		}
		seed := rapid.Uint64().Draw(t, "order")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(split), func(i, j int) { split[i], split[j] = split[j], split[i] })
		one, many := score.New(e.controls, e.recs, e.groups), score.New(e.controls, e.recs, split)
		if diff := cmp.Diff(one.Score(), many.Score()); diff != "" {
			t.Fatalf("score (-grouped +split):\n%s", diff)
		}
		for r := range e.recs {
			if diff := cmp.Diff(one.Gain(r), many.Gain(r)); diff != "" {
				t.Fatalf("gain of %d (-grouped +split):\n%s", r, diff)
			}
		}
	})
}

func TestCompute_stays_between_0_and_100(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEstate(t)
		s := score.Compute(e.controls, e.recs, e.groups)
		for _, u := range append(s.Units, score.Unit{Percent: s.Percent}) {
			if u.Percent < 0 || u.Percent > 100 || u.Current > u.Max {
				t.Fatalf("out of range: %+v", u)
			}
		}
	})
}

// BenchmarkGains answers what an assessment asks: the gain of each of 300
// recommendations over 100,000 groups of checks.
func BenchmarkGains(b *testing.B) {
	controls := make([]score.Control, 16)
	for i := range controls {
		controls[i] = score.Control{ID: fmt.Sprint(i), Max: float64(i % 10)}
	}
	recs := make([]score.Recommendation, 300)
	for i := range recs {
		recs[i].Controls = []string{fmt.Sprint(i % 16)}
	}
	random := rand.New(rand.NewPCG(1, 2))
	groups := make([]score.Group, 100_000)
	for i := range groups {
		g := &groups[i]
		g.Unit, g.Count = fmt.Sprint("unit", i%200), 1+random.IntN(50)
		for range 15 {
			g.Checks = append(g.Checks, score.Check{Recommendation: random.IntN(300), State: posture.State(1 + random.IntN(3))})
		}
	}
	for b.Loop() {
		m := score.New(controls, recs, groups)
		for r := range recs {
			m.Gain(r)
		}
	}
	b.ReportMetric(float64(len(recs)*len(groups))*float64(b.N)/b.Elapsed().Seconds(), "gains×groups/s")
}
