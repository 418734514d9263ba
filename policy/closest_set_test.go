package policy

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"

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
			if len(want.Evidence) < 2 || want.Evidence[1].Path != "expression" || want.Evidence[1].Resource != found.ID {
				t.Fatalf("explained: %+v, want what failed on %s", want.Evidence, found.ID)
			}
			_, got := inSet(aliases, Bind(def, nil), r, Resources{found}, "")
			if diff := cmp.Diff(want.Evidence, got); diff != "" {
				t.Errorf("-explain +set:\n%s", diff)
			}
		})
	}
}

// inSet gives the status and evidence that a set has of one rule on a resource,
// given all the others, which may not be all that there are, for a reason.
func inSet(aliases *Aliases, rule *Bound, r *Resource, others Resources, reason string) (Status, []Evidence) {
	set := NewSet(aliases, testClock)
	set.Add(rule)
	judge := set.Judge()
	judged := judge.Resource(r)
	judged.Signatures = slices.Clone(judged.Signatures)
	for _, c := range others {
		if c.Unseen != "" {
			judge.Unseen(c)
		} else if c != r {
			judge.Resource(c)
		}
	}
	settlement := set.Settle([]*Judge{judge}, func(string, string) (bool, string) { return reason == "", reason })
	settler := settlement.Settler().Note()
	settler.Settle(&judged, UnitOf(r.ID))
	near := settlement.Closest(settler)
	var lent texts
	for _, c := range others {
		near.Offer(lent.to(c))
	}
	lent.overwrite()
	for _, n := range judged.Signatures {
		for at := range n.Statuses {
			return n.Statuses[at].Status, judge.Inspect(r).Evidence(n, at, settler, near, UnitOf(r.ID))
		}
	}
	return StatusNotApplicable, nil
}

// texts are those of resources as readers give them: they last until something
// else is read.
type texts [][]byte

func (t *texts) to(r *Resource) *Resource {
	c := *r
	for _, s := range []*string{&c.ID, &c.Type, &c.Name, &c.FullName, &c.Location, &c.Unit} {
		b := []byte(*s)
		*t, *s = append(*t, b), unsafe.String(unsafe.SliceData(b), len(b))
	}
	return &c
}

func (t *texts) overwrite() {
	for _, b := range *t {
		for i := range b {
			b[i] = '#'
		}
	}
}

// TestEvidence_is_that_of_explain holds the evidence that a set has of a check to
// that of an explanation, over random rules and resources of which much is unread.
func TestEvidence_is_that_of_explain(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
		t.Fatal(err)
	}
	told, related := 0, 0
	for seed := range uint64(1000) {
		m := maker{rand.New(rand.NewPCG(seed, 31))}
		text := m.rule()
		if m.IntN(3) == 0 {
			existence := m.pick(``, `, "existenceCondition": `+m.condition(1, ""))
			text = `{"mode": "All", "policyRule": {"if": ` + leafOn("type", `"equals": "Contoso.Shop/stores"`) + `, "then": {"effect": "auditIfNotExists", "details": {` + m.pick(
				`"type": "Contoso.Shop/stores", "name": "[field('name')]"`, `"type": "Contoso.Shop/tills", "kind": "[field('a')]"`,
				`"type": "Contoso.Shop/tills", "name": "[string(int(field('a')))]"`, `"type": "Contoso.Shop/tills", "existenceScope": "[field('kind')]"`,
				`"type": "Contoso.Shop/tills", "name": "[field('tags.x')]", "kind": "x"`, `"type": "Contoso.Shop/stores", "name": "[field('name')]", "kind": "x"`,
			) + existence + `}}}}`
		}
		d, problems := ParseDefinition("rule.json", []byte(text))
		if d == nil {
			t.Fatalf("%v\n%s", problems, text)
		}
		rule := Bind(d, nil)
		if m.IntN(3) == 0 {
			rule = Bind(d, nil, SparingUnmatched)
		}
		r := parsed(t, m.resource(shopGroup+"/providers/Contoso.Shop/stores/st1", "Contoso.Shop/stores"))
		all := Resources{r}
		for _, c := range []struct{ id, kind string }{
			{shopGroup + "/providers/Contoso.Shop/tills/t1", "Contoso.Shop/tills"},
			{shopGroup + "/providers/Contoso.Shop/tills/x", "Contoso.Shop/tills"},
			{r.ID + "/shelves/t1", "Contoso.Shop/stores/shelves"},
			{r.ID + "/providers/Microsoft.Authorization/locks/x", "Microsoft.Authorization/locks"},
			{r.ID + "/providers/Contoso.Law/permits/t1", "Contoso.Law/permits"},
		} {
			switch m.IntN(6) {
			case 0:
			case 1:
				all = append(all, NewUnseen(c.id, "denied"))
			default:
				all = append(all, parsed(t, m.resource(c.id, c.kind)))
			}
		}
		for _, c := range all {
			if c.Unseen == "" && m.IntN(2) == 0 {
				c.Gaps = m.gaps()
			}
		}
		reason := m.pick("", "", "denied")
		env := Environment{Aliases: aliases, Now: testClock, Related: all}
		if reason != "" {
			env.Related = partly{all, reason}
		}
		status, got := inSet(aliases, rule, r, all, reason)
		e := rule.Explain(r, env)
		if status == StatusNotApplicable || e.Verdict.Compliance == NoResult {
			continue
		}
		want := e.Evidence
		told += len(want)
		if len(want) > 0 && len(got) > 0 && strings.HasPrefix(want[0].Path, "related ") {
			related++
			if status == StatusCompliant { // how many others there are is a bound
				want, got = want[1:], got[1:]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: %s, -explain +set:\n%s\n%s\n%s\ngaps %v", seed, e.Verdict.Compliance, diff, text, r.Body, r.Gaps)
		}
	}
	if t.Logf("%d pieces, %d of existence checks", told, related); told < 500 || related < 50 {
		t.Errorf("%d pieces of evidence, %d checks of related resources, want many", told, related)
	}
}
