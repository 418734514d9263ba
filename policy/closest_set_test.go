package policy

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestClosest_agrees_with_explain holds what a set says of failed existence
// checks, of which it kept no body, to what explain says with all bodies there.
func TestClosest_agrees_with_explain(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	lib, resources := builtIns(t), recorded(t)
	set := NewSet(lib.Aliases, testClock)
	for _, d := range lib.Definitions {
		set.Add(Bind(d, madeUp(d)))
	}
	judge := set.Judge()
	judged := make([]Judged, len(resources))
	for i, r := range resources {
		r.Surroundings = surroundings{}
		judged[i] = judge.Resource(r)
		judged[i].Signatures = slices.Clone(judged[i].Signatures)
	}
	settlement := set.Settle([]*Judge{judge}, func(string, string) (bool, string) { return true, "" })
	settler := settlement.Settler().Note()
	for i, r := range resources {
		settler.Settle(&judged[i], UnitOf(r.ID))
	}
	near := settlement.Closest(settler)
	for _, r := range resources {
		near.Offer(r)
	}
	env := Environment{Aliases: lib.Aliases, Now: testClock, Related: scan(resources), prepared: newPrepared(lib.Aliases)}
	inspector, told := set.Judge(), 0
	for i, r := range resources {
		x := inspector.Inspect(r)
		for _, n := range judged[i].Signatures {
			for at, st := range n.Statuses {
				p := n.rule(at).pending
				if st.Status != StatusNonCompliant || p == nil || p.own != nil {
					continue
				}
				got := x.Evidence(n, at, settler, near, UnitOf(r.ID))
				want := set.Rule(int(st.Rule)).Explain(r, env).Evidence
				if told += len(got) - 1; len(want) == 0 || len(got) == 0 {
					t.Fatalf("%s on %s: no evidence", set.Rule(int(st.Rule)).Definition.Name, r.ID)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s on %s (-explain +set):\n%s", set.Rule(int(st.Rule)).Definition.Name, r.ID, diff)
				}
			}
		}
	}
	if told < 30 {
		t.Errorf("%d pieces of evidence of related resources, want many", told)
	}
}
