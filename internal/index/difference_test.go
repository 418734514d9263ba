package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// seen is what a model shows under a filter at one time.
type seen struct {
	there         map[uint32]bool
	all, selected map[string]Verdict // by "number rule"
}

func (m *model) seen(f Filter) seen {
	s := seen{map[uint32]bool{}, map[string]Verdict{}, map[string]Verdict{}}
	for into, filter := range map[*map[string]Verdict]Filter{&s.all: {}, &s.selected: f} {
		things, checks := m.selected(&filter)
		for _, thing := range things {
			if into == &s.selected {
				s.there[thing.Number] = true
			}
		}
		for _, c := range checks {
			(*into)[fmt.Sprintf("%05d %s", c.thing.Number, c.rule.ID)] = c.verdict
		}
	}
	return s
}

// TestCompare finds what looking at every check of both times does, under any
// filter, page by page and in sum.
func TestCompare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel()
		f := Filter{}
		if rapid.Bool().Draw(t, "filtered") {
			f = drawFilter(t)
		}
		for range rapid.IntRange(1, 2).Draw(t, "commits before") {
			m.step(t)
		}
		m.drawLayings(t)
		before, old := m.load(t), m.seen(f)
		for range rapid.IntRange(0, 2).Draw(t, "commits between") {
			m.step(t)
		}
		if rapid.Bool().Draw(t, "lay") {
			m.drawLayings(t)
		}
		now, new := m.load(t), m.seen(f)
		var want []string
		for key := range union(old.all, new.all) {
			_, meant := old.selected[key]
			_, means := new.selected[key]
			if o, n := old.all[key], new.all[key]; (meant || means) && (o.State != n.State || o.Reason != n.Reason) {
				want = append(want, fmt.Sprint(key, " ", o.State, ">", n.State))
			}
		}
		slices.Sort(want)
		c := Compare(before, now)
		b := Between{before.Select(f), now.Select(f)}
		var got []string
		resources, after := 0, uint32(0)
		for {
			page := c.Resources(b, after, 2)
			for _, r := range page {
				after = r.Resource
				resources++
				for _, turn := range r.Turns {
					got = append(got, fmt.Sprintf("%05d %s %s>%s", r.Resource, turn.Rule, turn.Before.State, turn.Now.State))
				}
				if r.Came && old.there[r.Resource] || r.Went && new.there[r.Resource] {
					t.Fatalf("resource %d: %+v", r.Resource, r)
				}
			}
			if len(page) < 2 {
				break
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		sum := c.Sum(b)
		counted := 0
		for rule, of := range sum.Rules {
			for states, count := range of.Transitions {
				counted += count
				if n := len(slices.DeleteFunc(slices.Clone(got), func(line string) bool {
					return !strings.HasSuffix(line, fmt.Sprintf(" %s %s>%s", rule, states[0], states[1]))
				})); n != count {
					t.Fatalf("%s from %v: %d, want %d", rule, states, count, n)
				}
			}
		}
		if sum.Checks != len(got) || counted != len(got) || sum.Came+sum.Went+sum.Changed != resources {
			t.Fatalf("sum %+v of %d resources, %d checks", sum, resources, len(got))
		}
	})
}

func union(a, b map[string]Verdict) map[string]bool {
	all := map[string]bool{}
	for _, m := range []map[string]Verdict{a, b} {
		for key := range m {
			all[key] = true
		}
	}
	return all
}

func BenchmarkCompare(b *testing.B) {
	sizes(b, func(b *testing.B, x *Index) {
		all := Filter{}
		for b.Loop() {
			c := Compare(x, x)
			c.Sum(Between{x.Select(all), x.Select(all)})
		}
	})
}
