package policy

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"
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

// TestClosest_tells_what_failed: an existence check whose condition failed on a
// related resource names the leaves that did, in a set as in an explanation.
func TestClosest_tells_what_failed(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"M.X/u": {"s": "properties.s", "a": "properties.a"}}`)); err != nil {
		t.Fatal(err)
	}
	const group = "/subscriptions/s/resourceGroups/g/providers/"
	candidate := `{"id": "` + group + `M.X/u/c", "type": "M.X/u", "properties": {"s": "abc", "a": [1]}}`
	for name, details := range map[string]string{
		"constant":      `"existenceCondition": {"value": "[int('abc')]", "equals": 1}`,
		"of_candidate":  `"existenceCondition": {"value": "[int(field('M.X/u/s'))]", "equals": 1}`,
		"of_its_member": `"existenceCondition": {"value": "[int(current('M.X/u/s'))]", "equals": 1}`,
		"of_the_judged": `"existenceCondition": {"value": "[int(field('name'))]", "equals": 1}`,
		"one_of_two": `"existenceCondition": {"allOf": [{"field": "M.X/u/s", "equals": "abc"},
			{"field": "M.X/u/s", "equals": "[first(field('name'))[7]]"}]}`,
		"named":      `"name": "[concat('c', '')]", "existenceCondition": {"value": "[int('abc')]", "equals": 1}`,
		"no_members": `"existenceCondition": {"count": {"field": "M.X/u/a"}, "equals": 1}`,
	} {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"mode": "All", "policyRule": {"if": `+leafOn("type", `"equals": "M.X/t"`)+
				`, "then": {"effect": "auditIfNotExists", "details": {"type": "M.X/u", `+details+`}}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(`{"id": "` + group + `M.X/t/n", "name": "n", "type": "M.X/t"}`))
			found := NewResource(fastjson.MustParse(candidate))
			want := Bind(def, nil).Explain(r, Environment{Aliases: aliases, Now: testClock, Related: Resources{found}})
			if want.Verdict.Compliance != ErrorState {
				t.Fatalf("explained: %s, want %s", want.Verdict.Compliance, ErrorState)
			}
			if len(want.Evidence) < 2 || want.Evidence[1].Path != "expression" {
				t.Fatalf("explained: %+v, want what failed", want.Evidence)
			}
			set := NewSet(aliases, testClock)
			set.Add(Bind(def, nil))
			judge := set.Judge()
			judged := judge.Resource(r)
			judged.Signatures = slices.Clone(judged.Signatures)
			judge.Resource(found)
			settlement := set.Settle([]*Judge{judge}, func(string, string) (bool, string) { return true, "" })
			settler := settlement.Settler().Note()
			settler.Settle(&judged, UnitOf(r.ID))
			near := settlement.Closest(settler)
			near.Offer(found)
			got := judge.Inspect(r).Evidence(judged.Signatures[0], 0, settler, near, UnitOf(r.ID))
			if diff := cmp.Diff(want.Evidence[1:], got[1:]); diff != "" {
				t.Errorf("-explain +set:\n%s", diff)
			}
		})
	}
}
