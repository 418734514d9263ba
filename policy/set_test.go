package policy

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"
)

var testClock = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// builtIns loads Microsoft's definitions and the alias table.
func builtIns(t testing.TB) *Library {
	t.Helper()
	var l Library
	for _, file := range []string{"azure-policy/builtin/definitions.jsonl.gz", "azure-policy/aliases.json.gz"} {
		for _, p := range l.Add(file, sharedData(t, file)) {
			if !p.Warning {
				t.Fatal(p)
			}
		}
	}
	return &l
}

// recorded are the resources of the recorded Azure estate, each with a parser
// of its own.
func recorded(t testing.TB) []*Resource {
	t.Helper()
	var all []*Resource
	for line := range bytes.Lines(sharedData(t, "estates/recorded-azure/resources.jsonl.gz")) {
		body, err := fastjson.ParseBytes(line)
		if err != nil {
			t.Fatal(err)
		}
		r := NewResource(body)
		r.Partial = body.Get("properties") == nil
		all = append(all, r)
	}
	return all
}

// scan finds related resources by looking at all of them: slow and plain.
type scan []*Resource

func (s scan) Candidates(r *Resource, q Query) ([]*Resource, bool, string) {
	var found []*Resource
	for _, c := range s {
		if groupAsOne(strings.ToLower(c.Type)) == groupAsOne(strings.ToLower(q.Type)) && q.Stands(c, r) {
			found = append(found, c)
		}
	}
	return found, true, ""
}

// surroundings knows every group and subscription by its id alone.
type surroundings struct{}

func (surroundings) Context(function string, r *Resource) (Value, bool) {
	id := map[string]string{"resourceGroup": GroupOf(r.ID), "subscription": UnitOf(r.ID)}[function]
	if function == "requestContext" {
		return ObjectValue([]string{"apiVersion"}, []Value{StringValue("2099-01-01")}), true
	}
	if id == "" {
		return Value{}, true
	}
	empty, _ := FromJSON([]byte("{}"))
	return ObjectValue([]string{"id", "name", "subscriptionId", "location", "tags", "managedBy"}, []Value{
		StringValue(id), StringValue(lastSegment(id)), StringValue(lastSegment(id)), StringValue("eastus"), empty, NullValue(),
	}), true
}

// sampled says how many of the pairs of a rule and a type that it does not name
// are skipped for one that is judged.
const sampled = 97

// typeNamed gives the type, in lower case, outside which a rule cannot match,
// "" if it does not say so plainly. It looks at the rule as it was parsed, not
// as the set does.
func typeNamed(b *Bound) string {
	if b.Definition.Rule == nil {
		return ""
	}
	c := b.Definition.Rule.If
	if c.Kind != AllOf {
		return ""
	}
	for _, child := range c.Children {
		if child.Kind == FieldLeaf && child.Operator == Equals && strings.EqualFold(child.Left.Const.Text(), "type") {
			if wanted := strings.ToLower(child.Right.Const.Text()); !strings.HasSuffix(wanted, "resourcegroups") {
				return wanted
			}
		}
	}
	return ""
}

// TestSet_agrees_with_judging_one_by_one holds the fast way against the plain
// one: every built-in that can be judged, on every recorded resource.
func TestSet_agrees_with_judging_one_by_one(t *testing.T) {
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
	settler := set.Settle([]*Judge{judge}, func(string, string) (bool, string) { return true, "" }).Settler()
	env := Environment{Aliases: lib.Aliases, Now: testClock, Related: scan(resources), prepared: newPrepared(lib.Aliases)}
	named := make([]string, set.Len())
	for n := range named {
		if set.Broken(n) == "" {
			named[n] = typeNamed(set.Rule(n))
		}
	}
	pairs, wrong := 0, 0
	for i, r := range resources {
		got := map[int32]RuleStatus{}
		settler.Settle(&judged[i], UnitOf(r.ID))
		for _, n := range judged[i].Signatures {
			for _, st := range n.Statuses {
				got[st.Rule] = st
			}
		}
		lower := strings.ToLower(r.Type)
		for n := range set.Len() {
			if set.Broken(n) != "" {
				continue
			}
			pairs++
			if pairs%sampled != 0 && named[n] != "" && named[n] != lower {
				if st, judged := got[int32(n)]; judged && st.Status != StatusNotApplicable {
					t.Errorf("%s on %s: %v, want nothing on a type that it does not name", set.Rule(n).Definition.Name, r.ID, st.Status)
				}
				continue
			}
			v := set.Rule(n).Judge(r, env)
			if diff := cmp.Diff(statusWord(v), wordOf(got[int32(n)])); diff != "" {
				if wrong++; wrong < 10 {
					d := set.Rule(n).Definition
					t.Errorf("%s (%s) on %s: %s", d.Name, d.DisplayName, r.ID, diff)
				}
			}
		}
	}
	if pairs < 500_000 {
		t.Errorf("%d pairs compared, want most of 1,700 rules on 622 resources", pairs)
	}
}

// madeUp gives a value to every parameter that has no default.
func madeUp(d *Definition) map[string]Value {
	given := map[string]Value{}
	for _, p := range d.Parameters {
		switch {
		case p.Default != nil:
		case len(p.Allowed) > 0:
			given[p.Name] = p.Allowed[0]
		case strings.EqualFold(p.Type, "array"):
			given[p.Name] = ArrayValue(StringValue("eastus"))
		case strings.EqualFold(p.Type, "integer"):
			given[p.Name] = IntValue(7)
		case strings.EqualFold(p.Type, "boolean"):
			given[p.Name] = BoolValue(true)
		case strings.EqualFold(p.Type, "object"):
			given[p.Name], _ = FromJSON([]byte("{}"))
		default:
			given[p.Name] = StringValue("env")
		}
	}
	return given
}

func statusWord(v Verdict) string {
	switch v.Compliance {
	case NoData, ErrorState:
		return "unknown " + strings.Join(v.Reasons, " ")
	}
	return v.Compliance
}

func wordOf(st RuleStatus) string {
	switch st.Status {
	case StatusCompliant:
		return Compliant
	case StatusNonCompliant:
		return NonCompliant
	case StatusProtected:
		return Protected
	case StatusManual:
		return Unattested
	case StatusUnknown:
		return "unknown " + strings.Join((mayTrue|mayFalse|st.Reasons).Reasons(), " ")
	}
	return NoResult
}
