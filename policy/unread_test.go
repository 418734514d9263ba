package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"
)

const unreadAliases = `{"Contoso.Net/groups": {
	"o": "properties.o", "o.z": "properties.o.z", "o.k": "properties.o.k", "o.n": "properties.o.n",
	"a": "properties.a", "a[*]": "properties.a[*]", "a[*].b[*]": "properties.a[*].b[*]",
	"a[*].b[*].c": "properties.a[*].b[*].c", "a[*].b[*].c.d": "properties.a[*].b[*].c.d", "l": "properties.l", "l[*]": "properties.l[*]",
	"s": "properties.adminPassword"}}`

const unreadBody = `{"id": "/subscriptions/s/resourceGroups/g/providers/Contoso.Net/groups/a", "name": "a", "type": "Contoso.Net/groups",
	"tags": {"env": "p"}, "properties": {
	"o": {"k": 1, "p": {"w": 1}}, "a": [{"n": "x", "b": [{"c": {"k": 1}}]}, {"n": "y", "z": "A", "b": []}], "l": ["u", "w"]}}`

// TestUnread_members_of_values are the ways in which a rule may ask for something
// that a present object or array lacks, and that was not read: by its place, or
// with all that the body lacks. Known is what does not depend on it.
func TestUnread_members_of_values(t *testing.T) {
	const (
		o      = "field('Contoso.Net/groups/o')"
		a      = "field('Contoso.Net/groups/a')"
		c      = "Contoso.Net/groups/a[*].b[*].c"
		member = "Contoso.Net/groups/a[*]"
	)
	expression := func(text string) string { return `{"value": "[` + text + `]", "equals": "A"}` }
	isTrue := func(text string) string { return `{"value": "[` + text + `]", "equals": true}` }
	field := func(name, compare string) string {
		if name != "tags" {
			name = "Contoso.Net/groups/" + name
		}
		return `{"field": "` + name + `", ` + compare + `}`
	}
	countOf := func(field, where string) string {
		return `{"count": {"field": "` + field + `", "where": ` + where + `}, "greater": 0}`
	}
	values := func(value, where string) string {
		return `{"count": {"value": "[` + value + `]", "name": "v", "where": ` + where + `}, "greater": 0}`
	}
	unknown := map[string]string{
		"the_path_itself":          field("o.z", `"equals": "A"`),
		"property":                 expression(o + ".z"),
		"property_in_brackets":     expression(o + "['z']"),
		"property_computed":        expression(o + "[concat('z', '')]"),
		"contains_key":             field("o", `"containsKey": "z"`),
		"not_contains_key":         `{"not": ` + field("o", `"notContainsKey": "z"`) + `}`,
		"contains_as_operator":     field("o", `"contains": "z"`),
		"tags_contain_key":         field("tags", `"containsKey": "owner"`),
		"tags_do_not_contain_key":  `{"not": ` + field("tags", `"notContainsKey": "owner"`) + `}`,
		"equals_whole":             field("o", `"equals": {"k": 1, "p": {"w": 1}, "z": 2}`),
		"equals_as_it_was_read":    `{"not": ` + field("o", `"equals": {"k": 1, "p": {"w": 1}}`) + `}`,
		"in_whole":                 field("o", `"in": [{"k": 1, "p": {"w": 1}, "z": 2}]`),
		"try_get":                  expression("tryGet(" + o + ", 'z')"),
		"contains":                 isTrue("contains(" + o + ", 'z')"),
		"string":                   `{"value": "[string(` + o + `)]", "contains": "z"}`,
		"length":                   `{"value": "[length(` + o + `)]", "greater": 2}`,
		"items":                    values("items("+o+")", expression("current('v').value")),
		"union_property":           expression("union(" + o + ", createObject('q', 5)).z"),
		"union_try_get":            expression("tryGet(union(" + o + ", createObject('q', 5)), 'z')"),
		"union_may_replace":        expression("union(createObject('z', 'B'), " + o + ").z"),
		"union_merges":             expression("union(" + o + ", createObject('z', createObject('x', 1))).z.y"),
		"intersection":             expression("tryGet(intersection(" + o + ", createObject('z', 'A')), 'z')"),
		"intersection_turned":      expression("tryGet(intersection(createObject('z', 'A'), " + o + "), 'z')"),
		"in_a_new_object":          expression("tryGet(createObject('x', " + o + ").x, 'z')"),
		"in_a_new_array":           expression("tryGet(first(createArray(" + o + ")), 'z')"),
		"array":                    expression("tryGet(first(array(" + o + ")), 'z')"),
		"coalesce":                 expression("tryGet(coalesce(" + o + ", createObject('k', 1)), 'z')"),
		"if":                       expression("tryGet(if(true(), " + o + ", createObject('k', 1)), 'z')"),
		"json_of_string":           expression("tryGet(json(string(" + o + ")), 'z')"),
		"equals_as_function":       isTrue("equals(" + o + ", createObject('k', 1, 'p', createObject('w', 1), 'z', 2))"),
		"right_side":               `{"value": "A", "equals": "[` + o + `.z]"}`,
		"right_side_whole":         `{"value": {"k": 1, "p": {"w": 1}, "z": 2}, "equals": "[` + o + `]"}`,
		"item_of_array":            expression(a + "[0].z"),
		"last":                     expression("tryGet(last(" + a + "), 'q')"),
		"take":                     expression("tryGet(first(take(" + a + ", 1)), 'z')"),
		"skip":                     expression("tryGet(first(skip(" + a + ", 1)), 'q')"),
		"concat_of_arrays":         expression("tryGet(first(concat(" + a + ", createArray(1))), 'z')"),
		"union_of_arrays":          expression("tryGet(first(union(" + a + ", createArray(1))), 'z')"),
		"first_of_all":             expression("first(field('" + member + "')).z"),
		"array_contains_object":    field("a", `"contains": {"n": "x", "z": "A", "b": [{"c": {"k": 1}}]}`),
		"members_contain_key":      field("a[*]", `"containsKey": "z"`),
		"current_contains_key":     countOf(member, field("a[*]", `"containsKey": "q"`)),
		"current_value_has_key":    countOf(member, `{"value": "[current()]", "containsKey": "q"}`),
		"current_property":         countOf(c, expression("current().d")),
		"current_named_property":   countOf(c, expression("current('"+c+"').d")),
		"current_alias":            countOf(c, expression("current('"+c+".d')")),
		"current_above":            countOf(c, expression("current('"+member+"').q")),
		"current_below_a_star":     countOf(member, expression("current().b[0].c.d")),
		"current_try_get":          countOf(member, expression("tryGet(current(), 'q')")),
		"current_contains":         countOf(member, isTrue("contains(current(), 'q')")),
		"current_string":           countOf(member, `{"value": "[string(current())]", "contains": "q"}`),
		"values_property":          values(a, expression("current('v').q")),
		"values_try_get":           values(a, expression("tryGet(current('v'), 'q')")),
		"values_contain_key":       values(a, `{"value": "[current('v')]", "containsKey": "q"}`),
		"values_of_all":            values("field('"+member+"')", expression("current('v').q")),
		"in_a_template":            `{"value": {"x": "[` + o + `]"}, "equals": {"x": {"k": 1, "p": {"w": 1}, "z": 2}}}`,
		"below_a_null":             expression("field('Contoso.Net/groups/o.n').x"),
		"empty_of_what_was_not_in": isTrue("empty(intersection(" + o + ", createObject('z', 'A')))"),
	}
	known := map[string]struct{ condition, want string }{
		"another_property":       {`{"value": "[` + o + `.k]", "equals": 1}`, NonCompliant},
		"another_key":            {field("o", `"containsKey": "k"`), NonCompliant},
		"object_exists":          {field("o", `"exists": true`), NonCompliant},
		"certainly_another":      {field("o", `"equals": {"k": 2}`), Compliant},
		"more_than_it_can_have":  {field("o", `"equals": 7`), Compliant},
		"not_empty":              {isTrue("empty(" + o + ")"), Compliant},
		"number_of_items":        {`{"value": "[length(` + a + `)]", "equals": 2}`, NonCompliant},
		"item_of_list":           {field("l", `"contains": "u"`), NonCompliant},
		"no_item_of_list":        {field("l", `"contains": "q"`), Compliant},
		"length_of_list":         {`{"value": "[length(field('Contoso.Net/groups/l'))]", "greater": 2}`, Compliant},
		"members_name":           {countOf(member, `{"value": "[current().n]", "equals": "y"}`), NonCompliant},
		"union_wins":             {expression("union(" + o + ", createObject('z', 'A')).z"), NonCompliant},
		"a_known_one_is_enough":  {countOf(member, `{"anyOf": [`+isTrue("contains(current(), 'q')")+`, {"value": "[current().n]", "equals": "y"}]}`), NonCompliant},
		"found_in_intersection":  {`{"value": "[intersection(` + o + `, createObject('k', 1)).k]", "equals": 1}`, NonCompliant},
		"object_has_no_order":    {field("o", `"less": 3`), Compliant},
		"object_is_like_nothing": {field("o", `"like": "*"`), Compliant},
	}
	gaps := []Gap{}
	for _, path := range []string{"properties.o.z", "properties.o.n.x", "properties.A[*].z", "properties.a[*].q", "properties.a[*].b[*].c.d", "tags.owner"} {
		gaps = append(gaps, Gap{Path: path, Reason: "denied"})
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(unreadAliases)); err != nil {
		t.Fatal(err)
	}
	ways := map[string]func(*Resource){
		"places":  func(r *Resource) { r.Gaps = gaps },
		"body":    func(r *Resource) { r.Gaps = []Gap{{Path: "", Reason: "denied"}} },
		"partial": func(r *Resource) { r.Partial = true },
		"places_by_index": func(r *Resource) {
			for _, g := range gaps {
				for _, index := range []string{"[0]", "[1]"} {
					r.Gaps = append(r.Gaps, Gap{Path: strings.ReplaceAll(g.Path, "[*]", index), Reason: g.Reason})
				}
			}
		},
	}
	check := func(t *testing.T, condition, want string, alter func(*Resource)) {
		t.Helper()
		r := NewResource(fastjson.MustParse(unreadBody))
		alter(r)
		typed := `{"allOf": [` + leafOn("type", `"equals": "Contoso.Net/groups"`) + `, ` + condition + `]}`
		def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": `+typed+`, "then": {"effect": "audit"}}}`))
		if def == nil {
			t.Fatal(problems)
		}
		bound := Bind(def, nil)
		if v := bound.Judge(r, Environment{Aliases: aliases}); v.Compliance != want {
			t.Errorf("alone: got %q, want %q: %s", v.Compliance, want, condition)
		}
		set := NewSet(aliases, testClock)
		set.Add(bound)
		judge := set.Judge()
		for range 2 {
			whole := NewResource(fastjson.MustParse(unreadBody))
			judge.Resource(whole) // what it remembers of others must not count
			st := judge.Resource(r).Signatures[0].Statuses[0]
			if diff := cmp.Diff(wantedStatus[want], st.Status); diff != "" {
				t.Errorf("in a set: -want +got: %s", diff)
			}
		}
		if !strings.Contains(condition, "field('") {
			checkRelated(t, aliases, condition, r, want)
		}
		if want != NoData {
			return
		}
		if text := bound.Explain(r, Environment{Aliases: aliases}).Text(); !strings.Contains(text, "unknown (") {
			t.Errorf("the explanation says nothing of what is unknown:\n%s", text)
		}
	}
	for way, alter := range ways {
		for name, condition := range unknown {
			t.Run(way+"/"+name, func(t *testing.T) { check(t, condition, NoData, alter) })
		}
		for name, test := range known {
			t.Run(way+"/"+name, func(t *testing.T) { check(t, test.condition, test.want, alter) })
		}
	}
}

var wantedStatus = map[string]Status{Compliant: StatusCompliant, NonCompliant: StatusNonCompliant, NoData: StatusUnknown}

// checkRelated judges a resource that needs a related one with a condition.
func checkRelated(t *testing.T, aliases *Aliases, condition string, related *Resource, want string) {
	t.Helper()
	const id = "/subscriptions/s/resourceGroups/g/providers/Contoso.Net/parents/p"
	r := NewResource(fastjson.MustParse(`{"id": "` + id + `", "name": "p", "type": "Contoso.Net/parents", "properties": {}}`))
	def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": `+leafOn("type", `"equals": "Contoso.Net/parents"`)+
		`, "then": {"effect": "auditIfNotExists", "details": {"type": "Contoso.Net/groups", "existenceCondition": `+condition+`}}}}`))
	if def == nil {
		t.Fatal(problems)
	}
	want = map[string]string{Compliant: NonCompliant, NonCompliant: Compliant, NoData: NoData}[want]
	bound := Bind(def, nil)
	if v := bound.Judge(r, Environment{Aliases: aliases, Related: Resources{related}}); v.Compliance != want {
		t.Errorf("related: got %q, want %q: %s", v.Compliance, want, condition)
	}
	set := NewSet(aliases, testClock)
	set.Add(bound)
	for _, f := range set.JudgeAll([]*Resource{r, related}, nil) {
		if f.Status != wantedStatus[want] {
			t.Errorf("related in a set: got %v, want %q", f.Status, want)
		}
	}
}

// TestUnread_evidence_names_the_path holds what explanations tell of what was not
// read, and that they tell no secret by the name of a key.
func TestUnread_evidence_names_the_path(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(unreadAliases)); err != nil {
		t.Fatal(err)
	}
	const c = "Contoso.Net/groups/a[*].b[*].c"
	tests := map[string]struct{ condition, path string }{
		"star_of_an_object": {`{"field": "tags", "containsKey": "q"}`, ""},
		"alias":             {`{"field": "Contoso.Net/groups/o.z", "equals": "A"}`, "properties.o.z"},
		"property":          {`{"value": "[field('Contoso.Net/groups/o').z]", "equals": "A"}`, "properties.o.z"},
		"try_get":           {`{"value": "[tryGet(field('Contoso.Net/groups/o'), 'z')]", "equals": "A"}`, "properties.o.z"},
		"item":              {`{"value": "[field('Contoso.Net/groups/a')[0].b[0].c.d]", "equals": "A"}`, "properties.a[0].b[0].c.d"},
		"member":            {`{"count": {"field": "` + c + `", "where": {"value": "[current().d]", "equals": "A"}}, "greater": 0}`, "properties.a[0].b[0].c.d"},
		"value_member":      {`{"count": {"value": "[field('Contoso.Net/groups/a')]", "name": "v", "where": {"value": "[current('v').q]", "equals": "A"}}, "greater": 0}`, "properties.a[0].q"},
		"computed":          {`{"value": "[field('Contoso.Net/groups/o')[field('Contoso.Net/groups/s')]]", "equals": "A"}`, ""},
	}
	for name, test := range tests {
		for way, gaps := range map[string][]Gap{
			"places": {{Path: "properties.o.z", Reason: "denied"}, {Path: "properties.o.hunter2", Reason: "denied"}, {Path: "properties.a[*].b[*].c.d", Reason: "denied"}, {Path: "properties.a[*].q", Reason: "denied"}, {Path: "tags[*]", Reason: "denied"}},
			"body":   {{Path: "", Reason: "denied"}},
		} {
			t.Run(name+"/"+way, func(t *testing.T) {
				def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": `+test.condition+`, "then": {"effect": "audit"}}}`))
				if def == nil {
					t.Fatal(problems)
				}
				r := NewResource(fastjson.MustParse(strings.Replace(unreadBody, `"o":`, `"adminPassword": "hunter2", "o":`, 1)))
				r.Gaps = gaps
				e := Bind(def, nil).Explain(r, Environment{Aliases: aliases})
				named := false
				for _, one := range e.Evidence {
					named = named || one.Path == test.path && one.Found.Text() == "unknown (denied)"
				}
				text := e.Text()
				if e.Verdict.Compliance != NoData || test.path != "" && !named {
					t.Errorf("%s, and no evidence that %s is unknown:\n%s", e.Verdict.Compliance, test.path, text)
				}
				if way == "body" && strings.Contains(text, "hunter2") {
					t.Errorf("the secret is told:\n%s", text)
				}
			})
		}
	}
}

// TestUnread_names_with_dots: the path a.b means a property of that name, too.
func TestUnread_names_with_dots(t *testing.T) {
	const o = "field('Contoso.Net/groups/o')"
	tests := map[string]struct{ o, gap, condition, want string }{
		"absent":            {`{}`, "properties.o.p.q", `{"value": "[` + o + `['p.q']]", "equals": 1}`, NoData},
		"absent_key":        {`{}`, "properties.o.p.q", `{"value": "[` + o + `]", "containsKey": "p.q"}`, NoData},
		"absent_and_tried":  {`{}`, "properties.o.p.q", `{"value": "[tryGet(` + o + `, 'p.q')]", "equals": 1}`, NoData},
		"by_its_alias":      {`{}`, "properties.o.p.q", `{"field": "Contoso.Net/groups/dotted", "equals": 1}`, NoData},
		"below_it":          {`{"p.q": {}}`, "properties.o.p.q.r", `{"value": "[` + o + `['p.q'].r]", "equals": 1}`, NoData},
		"of_three":          {`{}`, "properties.o.p.q.r", `{"value": "[` + o + `['p.q.r']]", "equals": 1}`, NoData},
		"not_read_itself":   {`{"p.q": 2}`, "properties.o.p.q", `{"value": "[` + o + `['p.q']]", "equals": 1}`, NoData},
		"another":           {`{}`, "properties.o.p.q", `{"value": "[tryGet(` + o + `, 'p.r')]", "equals": 1}`, Compliant},
		"in_brackets":       {`{}`, "properties.o['p.q']", `{"value": "[` + o + `['p.q']]", "equals": 1}`, NoData},
		"brackets_are_one":  {`{"p": {}}`, "properties.o['p.q']", `{"value": "[tryGet(` + o + `.p, 'q')]", "equals": 1}`, Compliant},
		"the_nested_counts": {`{"p": {}}`, "properties.o.p.q", `{"value": "[tryGet(` + o + `, 'p.q')]", "equals": 1}`, Compliant},
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"o": "properties.o", "dotted": "properties.o['p.q']"}}`)); err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := NewResource(fastjson.MustParse(`{"id": "/subscriptions/s/resourceGroups/g/providers/Contoso.Net/groups/a", "type": "Contoso.Net/groups", "properties": {"o": ` + test.o + `}}`))
			r.Gaps = []Gap{{Path: test.gap, Reason: "denied"}}
			def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": {"allOf": [`+leafOn("type", `"equals": "Contoso.Net/groups"`)+`, `+test.condition+`]}, "then": {"effect": "audit"}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			if v := Bind(def, nil).Judge(r, Environment{Aliases: aliases}); v.Compliance != test.want {
				t.Errorf("alone: got %q, want %q", v.Compliance, test.want)
			}
			set := NewSet(aliases, testClock)
			set.Add(Bind(def, nil))
			if st := set.Judge().Resource(r).Signatures[0].Statuses[0]; st.Status != wantedStatus[test.want] {
				t.Errorf("in a set: got %v, want %v", st.Status, test.want)
			}
		})
	}
}

// TestUnread_name_of_what_is_looked_for: an existence check whose name was not
// read says what of it was not.
func TestUnread_name_of_what_is_looked_for(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(unreadAliases)); err != nil {
		t.Fatal(err)
	}
	const found = "at least one related Contoso.Net/others"
	for name, test := range map[string]struct {
		details, path string
		reason        Outcome
		wanted        string
	}{
		"alias": {`"name": "[field('Contoso.Net/groups/o.z')]"`, "properties.o.z", becauseDenied, found},
		"value": {`"name": "[field('Contoso.Net/groups/o').z]"`, "properties.o.z", becauseDenied, found},
		"group": {`"resourceGroupName": "[resourceGroup().tags.q]"`, "resourceGroup().tags.q", becauseNotCollected, "known: it gives details.resourceGroupName"},
	} {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": `+leafOn("type", `"equals": "Contoso.Net/groups"`)+
				`, "then": {"effect": "auditIfNotExists", "details": {"type": "Contoso.Net/others", `+test.details+`}}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(unreadBody))
			r.Gaps = []Gap{{Path: "properties.o.z", Reason: "denied"}}
			r.Surroundings = unreadSurroundings{}
			want := []Evidence{{Path: test.path, Found: unreadValue(test.reason, ""), Wanted: test.wanted}}
			same := cmp.Comparer(func(a, b Value) bool { return a.Kind() == b.Kind() && a.String() == b.String() })
			e := Bind(def, nil).Explain(r, Environment{Aliases: aliases, Related: Resources{}})
			if diff := cmp.Diff(want, e.Evidence, same); diff != "" || e.Verdict.Compliance != NoData {
				t.Errorf("explained: %s, -want +got:\n%s", e.Verdict.Compliance, diff)
			}
			set := NewSet(aliases, testClock)
			set.Add(Bind(def, nil))
			judge := set.Judge()
			x := judge.Inspect(r)
			settlement := set.Settle([]*Judge{judge}, func(string, string) (bool, string) { return true, "" })
			judged := judge.Resource(r)
			settlement.Settler().Settle(&judged, "/subscriptions/s")
			if diff := cmp.Diff(want, x.Evidence(judged.Signatures[0], 0, settlement.Settler(), nil, "/subscriptions/s"), same); diff != "" {
				t.Errorf("in a set: -want +got:\n%s", diff)
			}
		})
	}
}

// unreadSurroundings are those of a resource of which they were not read.
type unreadSurroundings struct{}

func (unreadSurroundings) Context(string, *Resource) (Value, bool) { return Value{}, false }
