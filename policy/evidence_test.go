package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"
)

// TestEvidence_of_what_could_not_be_told holds that an unknown verdict names
// what was not read, or why an expression failed.
func TestEvidence_of_what_could_not_be_told(t *testing.T) {
	tests := map[string]struct {
		condition, gap string
		want           []Evidence
	}{
		"not_read_by_an_expression": {
			`{"value": "[field('Contoso.Net/groups/tls')]", "equals": "1.0"}`, "properties.tls",
			[]Evidence{{Path: "properties.tls", Found: unreadValue(becauseDenied, ""), Wanted: `notEquals "1.0"`}},
		},
		"right_is_missing": {
			`{"field": "name", "notEquals": "[split(field('name'), '-')[5]]"}`, "",
			[]Evidence{{Path: "expression", Found: StringValue("what to compare with is missing, want a value (in [split(field('name'), '-')[5]])"), Wanted: "name equals split(field('name'), '-')[5]"}},
		},
		"item_is_missing": {
			`{"field": "name", "in": ["a", "[split(field('name'), '-')[5]]"]}`, "",
			[]Evidence{{Path: "expression", Found: StringValue("[split(field('name'), '-')[5]] is missing, want a value"), Wanted: "name notIn [a, [split(field('name'), '-')[5]]]"}},
		},
		"group_not_read": {
			`{"not": {"field": "name", "equals": "[resourceGroup().location]"}}`, "",
			[]Evidence{{Path: "resourceGroup().location", Found: unreadValue(becauseNotCollected, ""), Wanted: "name equals resourceGroup().location"}},
		},
		"whole_group_not_read": {
			`{"field": "name", "in": "[createArray(resourceGroup())]"}`, "",
			[]Evidence{{Path: "resourceGroup()", Found: unreadValue(becauseNotCollected, ""), Wanted: "name notIn createArray(resourceGroup())"}},
		},
		"expression_fails": {
			`{"value": "[int(field('name'))]", "equals": 3}`, "",
			[]Evidence{
				{Path: "expression", Found: StringValue(`int: argument 1: got "one", want a number or a text that is one (in [int(field('name'))])`), Wanted: "int(field('name')) notEquals 3"},
				{Path: "name", Found: StringValue("one"), Wanted: "int(field('name')) notEquals 3"},
			},
		},
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"tls": "properties.tls"}}`)); err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": `+test.condition+`, "then": {"effect": "audit"}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(`{"name": "one", "type": "Contoso.Net/groups", "properties": {}}`))
			if strings.Contains(name, "group") {
				r.Surroundings = unknownAround{}
			}
			if test.gap != "" {
				r.Gaps = []Gap{{Path: test.gap, Reason: "denied"}}
			}
			e := Bind(def, nil).Explain(r, Environment{Aliases: aliases})
			same := cmp.Comparer(func(a, b Value) bool { return a.Kind() == b.Kind() && a.String() == b.String() })
			if diff := cmp.Diff(test.want, e.Evidence, same); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestEvidence_of_what_was_computed holds that evidence of an expression is
// true: what is at the path is what was read there, and what the rule wants is
// said of what it computed.
func TestEvidence_of_what_was_computed(t *testing.T) {
	tests := map[string]struct {
		condition string
		want      []Evidence
	}{
		"a_field_alone":    {`{"value": "[field('Contoso.Net/groups/tls')]", "equals": "1.0"}`, []Evidence{{Path: "properties.tls", Found: StringValue("1.0"), Wanted: `notEquals "1.0"`}}},
		"an_absent_field":  {`{"value": "[field('Contoso.Net/groups/none')]", "equals": ""}`, []Evidence{{Path: "properties.none", Wanted: `notEquals ""`}}},
		"two_fields":       {`{"value": "[field('location')]", "notEquals": "[field('Contoso.Net/groups/tls')]"}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `equals "1.0"`}}},
		"fields_compared":  {`{"field": "location", "notEquals": "[field('Contoso.Net/groups/tls')]"}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `equals "1.0"`}}},
		"a_date":           {`{"value": "[addDays(field('Contoso.Net/groups/made'), 90)]", "less": "[utcNow()]"}`, []Evidence{{Path: "properties.made", Found: StringValue("2026-01-01T00:00:00Z"), Wanted: `addDays(field('Contoso.Net/groups/made'), 90) greaterOrEquals "2026-11-28T00:00:00.0000000Z" (it is "2026-04-01T00:00:00Z")`}}},
		"around":           {`{"value": "[resourceGroup().location]", "notEquals": "[field('location')]"}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `resourceGroup().location equals "eastus" (it is "westus")`}}},
		"nothing_but_that": {`{"value": "[resourceGroup().location]", "equals": "westus"}`, []Evidence{{Path: "value", Found: StringValue("westus"), Wanted: `resourceGroup().location notEquals "westus"`}}},
		"several": {`{"value": "[concat(field('location'), '-', field('Contoso.Net/groups/tls'), field('location'))]", "like": "eastus*"}`, []Evidence{
			{Path: "location", Found: StringValue("eastus"), Wanted: `concat(field('location'), '-', field('Contoso.Net/groups/tls'), field('location')) notLike "eastus*" (it is "eastus-1.0eastus")`},
			{Path: "properties.tls", Found: StringValue("1.0"), Wanted: `concat(field('location'), '-', field('Contoso.Net/groups/tls'), field('location')) notLike "eastus*" (it is "eastus-1.0eastus")`},
		}},
		"under_not":     {`{"not": {"value": "[length(field('location'))]", "greater": 10}}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `length(field('location')) greater 10 (it is 6)`}}},
		"missing":       {`{"not": {"value": "[split(field('location'), '/')[3]]", "equals": "q"}}`, []Evidence{{Path: "location", Found: StringValue("eastus"), Wanted: `split(field('location'), '/')[3] equals "q" (it is missing)`}}},
		"a_constant":    {`{"not": {"value": "[length(createArray(1))]", "equals": 2}}`, []Evidence{{Path: "value", Found: IntValue(1), Wanted: `length(createArray(1)) equals 2`}}},
		"a_parameter":   {`{"allOf": [{"field": "type", "equals": "Contoso.Net/groups"}, {"value": "[parameters('on')]", "equals": true}]}`, []Evidence{{Path: "value", Found: BoolValue(true), Wanted: `parameters('on') notEquals true`}}},
		"another_type":  {`{"field": "Contoso.Net/others/other", "notEquals": "x"}`, []Evidence{{Path: "Contoso.Net/others/other", Wanted: `equals "x"`}}},
		"no_conditions": {`{"allOf": []}`, []Evidence{{Path: "value", Found: BoolValue(true), Wanted: `allOf of no conditions equals false`}}},
		"a_type":        {`{"allOf": [{"field": "type", "equals": "Contoso.Net/groups"}, {"allOf": []}]}`, nil},
		"secret":        {`{"value": "[concat(field('tags.password'), 'x')]", "like": "*x"}`, []Evidence{{Path: "tags['password']", Found: StringValue(masked), Wanted: `concat(field('tags.password'), 'x') notLike "*x"`}}},
		"what_decides_first": {`{"count": {"value": ["x", "3"], "where": {"value": "[int(current())]", "equals": 3}}, "greater": 0}`, []Evidence{
			{Path: `number of ["x","3"] that match`, Found: StringValue("1 to 2"), Wanted: "lessOrEquals 0"},
			{Path: "current()", Found: StringValue("3"), Wanted: "int(current()) notEquals 3 (it is 3)"},
			{Path: "expression", Found: StringValue(`int: argument 1: got "x", want a number or a text that is one (in [int(current())])`), Wanted: "int(current()) notEquals 3"},
			{Path: "current()", Found: StringValue("x"), Wanted: "int(current()) notEquals 3"},
			{Path: "expression", Found: StringValue(`int: argument 1: got "x", want a number or a text that is one (in [int(current())])`), Wanted: "lessOrEquals 0"},
		}},
		"a_value_count": {`{"count": {"value": "[split(field('location'), 's')]"}, "greater": 1}`, []Evidence{{Path: "number of split(field('location'), 's')", Found: IntValue(3), Wanted: "lessOrEquals 1"}}},
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"tls": "properties.tls", "made": "properties.made"}, "Contoso.Net/others": {"other": "x"}}`)); err != nil {
		t.Fatal(err)
	}
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"none": "properties.none"}}`)); err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"parameters": {"on": {"type": "Boolean", "defaultValue": true}}, "policyRule": {"if": `+test.condition+`, "then": {"effect": "audit"}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(`{"name": "one", "type": "Contoso.Net/groups", "location": "eastus", "tags": {"password": "Tr0ub4dor-3"}, "properties": {"tls": "1.0", "made": "2026-01-01T00:00:00Z"}}`))
			r.Surroundings = caseContext{values: map[string]Value{"resourceGroup": ObjectValue([]string{"location"}, []Value{StringValue("westus")})}}
			e := Bind(def, nil).Explain(r, Environment{Aliases: aliases, Now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)})
			same := cmp.Comparer(func(a, b Value) bool { return a.Kind() == b.Kind() && a.String() == b.String() })
			if diff := cmp.Diff(test.want, e.Evidence, same); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestEvidence_of_what_is_around: where a group was not read, evidence says so,
// on whichever side of a comparison it stands.
func TestEvidence_of_what_is_around(t *testing.T) {
	tests := map[string]struct{ condition, want string }{
		"left": {
			`{"value": "[resourceGroup().managedBy]", "notContains": "q"}`,
			`resourceGroup().managedBy: unknown (notCollected), resourceGroup().managedBy contains "q"`,
		},
		"right": {
			`{"field": "location", "notEquals": "[resourceGroup().location]"}`,
			`resourceGroup().location: unknown (notCollected), location equals resourceGroup().location`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": `+test.condition+`, "then": {"effect": "audit"}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(`{"name": "one", "type": "Contoso.Net/groups", "location": "eastus", "properties": {}}`))
			r.Surroundings = unknownAround{}
			var got []string
			for _, e := range Bind(def, nil).Explain(r, Environment{Aliases: NewAliases()}).Evidence {
				got = append(got, e.Path+": "+e.Found.Text()+", "+e.Wanted)
			}
			if diff := cmp.Diff([]string{test.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestEvidence_of_existence holds that evidence of a check names all that was
// looked for: name, kind, and where.
func TestEvidence_of_existence(t *testing.T) {
	of := func(kind, more string) string { return `"type": "` + kind + `"` + more }
	tests := map[string]struct{ details, want string }{
		"anything":     {of("A/b", ""), `at least one in its resource group`},
		"named":        {of("A/b", `, "name": "x"`), `at least one named "x" in its resource group`},
		"of_a_kind":    {of("A/b", `, "kind": "k"`), `at least one of kind "k" in its resource group`},
		"in_a_group":   {of("A/b", `, "resourceGroupName": "[concat('other', '-rg')]"`), `at least one in resource group "other-rg"`},
		"subscription": {of("A/b", `, "existenceScope": "Subscription", "kind": "k"`), `at least one of kind "k" in its subscription`},
		"below":        {of("Contoso.Net/groups/parts", ""), `at least one below it`},
		"on_it":        {of("Microsoft.Authorization/locks", `, "existenceCondition": {"field": "name", "equals": "l"}`), `at least one on it with name equals l`},
		"unique":       {of("A/b", `, "name": "[concat('a-', uniqueString('q'))]"`), `at least one named [concat('a-', uniqueString('q'))] in its resource group`},
		"its_own_type": {of("Contoso.Net/groups", `, "name": "other"`), `at least one named "other" in its resource group`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": {"field": "type", "equals": "Contoso.Net/groups"}, "then": {"effect": "auditIfNotExists", "details": {`+test.details+`}}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(`{"id": "/subscriptions/s/resourceGroups/g/providers/Contoso.Net/groups/one", "name": "one", "type": "Contoso.Net/groups", "properties": {}}`))
			e := Bind(def, nil).Explain(r, Environment{Aliases: NewAliases(), Related: Resources(nil)})
			if len(e.Evidence) != 1 || e.Evidence[0].Wanted != test.want {
				t.Errorf("got %v, want %s", e.Evidence, test.want)
			}
			if text := e.Text(); strings.ContainsAny(text, "\x01\x02") {
				t.Errorf("marks in %q", text)
			}
		})
	}
}

// TestEvidence_of_much: long values are cut, and what takes them to evidence does
// not grow with the square of their length: then this would take minutes.
func TestEvidence_of_much(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"o": "properties.o", "t": "properties.t"}}`)); err != nil {
		t.Fatal(err)
	}
	def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": {"allOf": [{"field": "Contoso.Net/groups/o", "exists": true}, {"field": "Contoso.Net/groups/t", "exists": true}]}, "then": {"effect": "audit"}}}`))
	if def == nil {
		t.Fatal(problems)
	}
	var members strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&members, `,"k%d":"v"`, i)
	}
	object, text := "{"+members.String()[1:]+"}", strings.Repeat("ä", maxFound)
	r := NewResource(fastjson.MustParse(`{"name": "one", "type": "Contoso.Net/groups", "properties": {"o": ` + object + `, "t": "` + text + `"}}`))
	start := time.Now()
	got := Bind(def, nil).Explain(r, Environment{Aliases: aliases}).Evidence
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	want := []string{object[:maxFound] + fmt.Sprintf("… (%d bytes)", len(object)), text[:maxFound] + fmt.Sprintf("… (%d bytes)", len(text))}
	for i := range want {
		if got[i].Found.Text() != want[i] {
			t.Errorf("got %s, want %s", got[i].Found, want[i])
		}
	}
}

// What a field's computed name is made of is of the resource under if, and is not
// compared: evidence tells what stands at the name.
func TestEvidenceOfComputedNames(t *testing.T) {
	const r, n = "/subscriptions/s/resourceGroups/g/providers/A.B/c/r", "/subscriptions/s/resourceGroups/g/providers/A.B/d/n"
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"A.B/c":{"a":"properties.a","b":"properties.b","l[*].k":"properties.l[*].k","l[*]":"properties.l[*]"},"A.B/d":{"a":"properties.a"}}`)); err != nil {
		t.Fatal(err)
	}
	alone := func(leaf string) string {
		return `{"if":{"allOf":[{"field":"type","equals":"A.B/c"},` + leaf + `]},"then":{"effect":"audit"}}`
	}
	related := `{"if":{"field":"type","equals":"A.B/c"},"then":{"effect":"auditIfNotExists","details":{"type":"A.B/d","existenceCondition":
		{"field":"[if(equals(field('A.B/c/b'),'R-B'),'A.B/d/a','tags.env')]","equals":"zz"}}}}`
	tests := map[string]struct {
		rule, body string
		gaps       []Gap
		want       []string
	}{
		"alone":       {alone(`{"field":"[if(equals(field('A.B/c/b'),'R-B'),'A.B/c/a','tags.env')]","equals":"R-A"}`), `{"a":"R-A","b":"R-B"}`, nil, []string{`properties.a "R-A" notEquals "R-A"`}},
		"empty_array": {alone(`{"field":"[concat('A.B/c/l[*].',field('A.B/c/b'))]","equals":"x"}`), `{"b":"k","l":[]}`, nil, []string{`properties.l [] some [*].k notEquals "x"`}},
		"unread":      {alone(`{"field":"[concat('A.B/c/',field('A.B/c/b'))]","equals":"x"}`), `{}`, []Gap{{Path: "properties.b", Reason: "denied"}}, []string{`properties.b "unknown (denied)" known: it gives the name of the field`}},
		"related":     {related, `{"a":"R-A","b":"R-B"}`, nil, []string{`related A.B/d 1`, `properties.a "N-A" equals "zz" of n`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"policyRule":`+test.rule+`}`))
			if def == nil {
				t.Fatal(problems)
			}
			body := func(text string) *fastjson.Value { return fastjson.MustParse(text) }
			self := &Resource{ID: r, Type: "A.B/c", Name: "r", FullName: "r", Body: body(`{"id":"` + r + `","type":"A.B/c","properties":` + test.body + `}`), Gaps: test.gaps}
			other := &Resource{ID: n, Type: "A.B/d", Name: "n", FullName: "n", Body: body(`{"id":"` + n + `","type":"A.B/d","properties":{"a":"N-A"}}`)}
			explained := Bind(def, nil).Explain(self, Environment{Aliases: aliases, Related: others{other}})
			var got []string
			for _, e := range explained.Evidence {
				text := fmt.Sprintf("%s %s", e.Path, e.Found)
				if !strings.HasPrefix(e.Path, "related ") {
					text += " " + e.Wanted
				}
				if e.Resource != "" {
					text += " of " + e.Resource[strings.LastIndexByte(e.Resource, '/')+1:]
				}
				got = append(got, text)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// others are all the related resources that there are.
type others []*Resource

func (o others) Candidates(*Resource, Query) (found []*Resource, complete bool, reason string) {
	return o, true, ""
}

// Evidence is in the order and the words of its rule, whatever other rules of the set
// have parts in common with it.
func TestEvidence_is_of_one_rule(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"tls": "properties.tls", "open": "properties.open"}}`)); err != nil {
		t.Fatal(err)
	}
	const (
		tls, open = `{"field": "Contoso.Net/groups/tls", "equals": "tls1_2"}`, `{"field": "Contoso.Net/groups/open", "exists": "false"}`
		spelt     = `{"field": "contoso.net/groups/TLS", "equals": "TLS1_2"}`
	)
	rules := map[string]string{
		"all":       `{"if": {"allOf": [` + tls + `, ` + open + `]}, "then": {"effect": "audit"}}`,
		"any":       `{"if": {"not": {"anyOf": [{"not": ` + tls + `}, {"allOf": [{"field": "name", "equals": "z"}, ` + open + `]}]}}, "then": {"effect": "audit"}}`,
		"existence": `{"if": {"field": "type", "equals": "Contoso.Net/groups"}, "then": {"effect": "auditIfNotExists", "details": {"type": "Contoso.Net/groups", "name": "[field('name')]", "existenceCondition": {"allOf": [` + tls + `, ` + open + `]}}}}`,
	}
	others := []string{`{"if": {"allOf": [` + open + `, ` + spelt + `]}, "then": {"effect": "audit"}}`, `{"if": {"anyOf": [` + open + `, {"not": ` + spelt + `}]}, "then": {"effect": "audit"}}`}
	bound := func(rule string) *Bound {
		def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": `+rule+`}`))
		if def == nil {
			t.Fatal(problems)
		}
		return Bind(def, nil)
	}
	evidence := func(rules ...string) (all []string) {
		set := NewSet(aliases, time.Time{})
		for _, rule := range rules {
			set.Add(bound(rule))
		}
		judge := set.Judge()
		r := NewResource(fastjson.MustParse(`{"id": "/subscriptions/1/resourceGroups/g/providers/Contoso.Net/groups/one", "name": "one", "type": "Contoso.Net/groups", "properties": {"tls": "TLS1_2"}}`))
		judged := judge.Resource(r)
		settler := set.Settle([]*Judge{judge}, func(string, string) (bool, string) { return true, "" }).Settler()
		settler.Settle(&judged, "/subscriptions/1")
		x := judge.Inspect(r)
		for _, n := range judged.Signatures {
			for at, status := range n.Statuses {
				if int(status.Rule) != len(rules)-1 {
					continue
				}
				for _, e := range x.Evidence(n, at, settler, nil, "/subscriptions/1") {
					all = append(all, fmt.Sprintf("%s %s %s", e.Path, e.Found, e.Wanted))
				}
			}
		}
		return all
	}
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			alone := evidence(rule)
			if diff := cmp.Diff(alone, evidence(append(others, rule)...)); len(alone) < 2 || diff != "" {
				t.Errorf("%q alone; beside others (-want +got):\n%s", alone, diff)
			}
		})
	}
}

// TestSparingUnmatched_evidence: where if decides by itself, what it read is told,
// and nothing of related resources that nobody looked for.
func TestSparingUnmatched_evidence(t *testing.T) {
	notTrue, typed := leafOn("a", `"notEquals": true`), leafOn("type", `"equals": "Contoso.Shop/stores"`)
	then := `{"effect": "auditIfNotExists", "details": {"type": "Contoso.Shop/tills", "existenceCondition": {"allOf": [` +
		valueOf("[field('a')]", `"exists": false`) + `, ` + leafOn("state", `"equals": "on"`) + `]}}}`
	till := `{"id": "` + shopGroup + `/providers/Contoso.Shop/tills/t", "type": "Contoso.Shop/tills", "properties": {"state": "on"}}`
	tests := map[string]struct {
		cond, resource string
		related        []string
		want           []string
	}{
		"spared":         {notTrue, store(`{"a": true}`), nil, []string{"properties.a: equals true"}},
		"by_itself":      {notTrue, store(`{"a": false}`), nil, []string{"properties.a: equals true"}},
		"by_the_related": {notTrue, store(`{}`), []string{till}, []string{"properties.a: equals true", "related Contoso.Shop/tills: "}},
		"without_hope":   {typed, store(`{"a": false}`), nil, []string{"properties.a: exists false"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			aliases := NewAliases()
			if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
				t.Fatal(err)
			}
			c := judgedCase{cond: test.cond, then: then, resource: test.resource, related: test.related, spares: true}
			rule, r, related := c.bound(t), c.subject(t), c.candidates(t)
			paths := func(told []Evidence) (all []string) {
				for _, e := range told {
					wanted, _, _ := strings.Cut(e.Wanted, "at least")
					all = append(all, e.Path+": "+wanted)
				}
				return all
			}
			explained := rule.Explain(r, Environment{Aliases: aliases, Related: partly{related, "denied"}}).Evidence
			if diff := cmp.Diff(test.want, paths(explained)); diff != "" {
				t.Errorf("explained (-want +got):\n%s", diff)
			}
			_, inspected := inSet(aliases, rule, r, related, "denied")
			if diff := cmp.Diff(test.want, paths(inspected)); diff != "" {
				t.Errorf("inspected (-want +got):\n%s", diff)
			}
		})
	}
}
