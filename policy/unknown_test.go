package policy

import (
	"testing"
)

func gaps(list ...Gap) func(*Resource) { return func(r *Resource) { r.Gaps = list } }

func partial(r *Resource) { r.Partial = true }

// TestUnread: what was not read makes a verdict unknown where it could change
// it, with the reason that is nearest, and nowhere else.
func TestUnread(t *testing.T) {
	a, b := leafOn("a", `"equals": 1`), leafOn("b", `"equals": 2`)
	and := func(x, y string) string { return `{"allOf": [` + x + `, ` + y + `]}` }
	or := func(x, y string) string { return `{"anyOf": [` + x + `, ` + y + `]}` }
	not := func(x string) string { return `{"not": ` + x + `}` }
	denied := gaps(Gap{Path: "properties.a", Reason: "denied"})
	onRules := gaps(Gap{Path: "properties.rules", Reason: "throttled"})
	runJudged(t, map[string]judgedCase{
		"absent":                  {cond: a, resource: store(`{}`), alter: partial, want: "NoData partial"},
		"absent_negated":          {cond: leafOn("a", `"notEquals": 1`), alter: partial, want: "NoData partial"},
		"exists":                  {cond: leafOn("a", `"exists": true`), alter: partial, want: "NoData partial"},
		"found":                   {cond: a, resource: store(`{"a": 1}`), alter: partial, want: NonCompliant},
		"found_other":             {cond: a, resource: store(`{"a": 2}`), alter: partial, want: Compliant},
		"found_null":              {cond: a, resource: store(`{"a": null}`), alter: partial, want: Compliant},
		"no_need":                 {cond: and(a, b), resource: store(`{"b": 3}`), alter: partial, want: Compliant},
		"no_need_any":             {cond: or(a, b), resource: store(`{"b": 2}`), alter: partial, want: NonCompliant},
		"needed":                  {cond: and(a, b), resource: store(`{"b": 2}`), alter: partial, want: "NoData partial"},
		"needed_any":              {cond: or(a, b), resource: store(`{"b": 3}`), alter: partial, want: "NoData partial"},
		"not":                     {cond: not(a), alter: partial, want: "NoData partial"},
		"not_not":                 {cond: not(not(and(a, b))), resource: store(`{"b": 2}`), alter: partial, want: "NoData partial"},
		"excluded_middle":         {cond: or(a, not(a)), alter: partial, want: "NoData partial"},
		"denied":                  {cond: a, alter: denied, want: "NoData denied"},
		"denied_above":            {cond: leafOn("deep", `"equals": 1`), alter: gaps(Gap{Path: "properties.o", Reason: "denied"}), want: "NoData denied"},
		"denied_below":            {cond: leafOn("rules", `"exists": true`), alter: gaps(Gap{Path: "properties.rules[*].properties.name", Reason: "denied"}), want: "NoData denied"},
		"denied_beside":           {cond: b, alter: denied, want: Compliant},
		"denied_longer_name":      {cond: a, alter: gaps(Gap{Path: "properties.ab", Reason: "denied"}), want: Compliant},
		"denied_other_case":       {cond: a, alter: gaps(Gap{Path: "Properties.A", Reason: "denied"}), want: "NoData denied"},
		"whole_body":              {cond: a, alter: gaps(Gap{Path: "", Reason: "throttled"}), want: "NoData throttled"},
		"nearest_gap":             {cond: a, alter: gaps(Gap{Path: "", Reason: "throttled"}, Gap{Path: "properties.a", Reason: "denied"}, Gap{Path: "properties", Reason: "error"}), want: "NoData denied"},
		"gap_of_a_partial_body":   {cond: a, alter: func(r *Resource) { partial(r); denied(r) }, want: "NoData denied"},
		"beside_in_a_partial":     {cond: b, alter: func(r *Resource) { partial(r); denied(r) }, want: "NoData partial"},
		"word_not_known":          {cond: a, alter: gaps(Gap{Path: "properties.a", Reason: "odd"}), want: "NoData partial"},
		"not_collected":           {cond: a, alter: gaps(Gap{Path: "properties.a", Reason: "notCollected"}), want: "NoData notCollected"},
		"failed_to_read":          {cond: a, alter: gaps(Gap{Path: "properties.a", Reason: "error"}), want: "Error error"},
		"two_reasons":             {cond: and(a, b), alter: gaps(Gap{Path: "properties.a", Reason: "denied"}, Gap{Path: "properties.b", Reason: "throttled"}), want: "NoData denied throttled"},
		"one_reason_matters":      {cond: and(a, or(b, leafOn("kind", `"exists": false`))), alter: gaps(Gap{Path: "properties.a", Reason: "denied"}, Gap{Path: "properties.b", Reason: "throttled"}), want: "NoData denied"},
		"location":                {cond: leafOn("location", `"equals": "x"`), resource: `{"type": "Contoso.Shop/stores", "properties": {}}`, alter: gaps(Gap{Path: "location", Reason: "denied"}), want: "NoData denied"},
		"location_there":          {cond: leafOn("location", `"equals": "x"`), alter: gaps(Gap{Path: "location", Reason: "denied"}), want: "NoData denied"},
		"location_there_in_part":  {cond: leafOn("location", `"equals": "x"`), alter: partial, want: Compliant},
		"location_not_in":         {cond: leafOn("location", `"notIn": ["x"]`), alter: gaps(Gap{Path: "location", Reason: "denied"}), want: "NoData denied"},
		"location_computed":       {cond: `{"value": "[field('location')]", "equals": "x"}`, alter: gaps(Gap{Path: "location", Reason: "denied"}), want: "NoData denied"},
		"tag":                     {cond: leafOn("tags.env", `"exists": true`), alter: gaps(Gap{Path: "tags", Reason: "denied"}), want: "NoData denied"},
		"name_is_known":           {cond: leafOn("name", `"equals": "x"`), alter: partial, want: Compliant},
		"foreign_alias_is_null":   {cond: leafOn("foreign", `"exists": true`), alter: partial, want: Compliant},
		"star_of_no_array":        {cond: leafOn("list[*]", `"equals": 1`), alter: partial, want: "NoData partial"},
		"star_of_an_array":        {cond: leafOn("list[*]", `"equals": 1`), resource: store(`{"list": [1]}`), alter: partial, want: NonCompliant},
		"star_of_empty":           {cond: leafOn("list[*]", `"equals": 1`), resource: store(`{"list": []}`), alter: partial, want: NonCompliant},
		"star_below":              {cond: leafOn("other[*].n", `"equals": 1`), resource: store(`{"other": [{"n": 1}, {}]}`), alter: partial, want: "NoData partial"},
		"star_below_decided":      {cond: leafOn("other[*].n", `"equals": 1`), resource: store(`{"other": [{"n": 2}, {}]}`), alter: partial, want: Compliant},
		"count_of_no_array":       {cond: countOf("list[*]", "", `"greater": 0`), alter: partial, want: "NoData partial"},
		"count_at_least_none":     {cond: countOf("list[*]", "", `"greaterOrEquals": 0`), alter: partial, want: NonCompliant},
		"count_less_than_none":    {cond: countOf("list[*]", "", `"less": 0`), alter: partial, want: Compliant},
		"count_exists":            {cond: countOf("list[*]", "", `"exists": true`), alter: partial, want: NonCompliant},
		"count_huge":              {cond: countOf("list[*]", "", `"equals": 100000`), alter: partial, want: "NoData partial"},
		"count_like":              {cond: countOf("list[*]", "", `"like": "0*"`), alter: partial, want: "NoData partial"},
		"count_where":             {cond: countOf("other[*]", leafOn("other[*].n", `"equals": 1`), `"greater": 0`), resource: store(`{"other": [{}]}`), alter: partial, want: "NoData partial"},
		"count_where_enough":      {cond: countOf("other[*]", leafOn("other[*].n", `"equals": 1`), `"greater": 0`), resource: store(`{"other": [{}, {"n": 1}]}`), alter: partial, want: NonCompliant},
		"count_where_too_few":     {cond: countOf("other[*]", leafOn("other[*].n", `"equals": 1`), `"greater": 1`), resource: store(`{"other": [{}, {"n": 2}]}`), alter: partial, want: Compliant},
		"count_in_a_range":        {cond: countOf("other[*]", leafOn("other[*].n", `"equals": 1`), `"in": [1, 2]`), resource: store(`{"other": [{"n": 1}, {}]}`), alter: partial, want: NonCompliant},
		"count_inner_absent":      {cond: countOf("rules[*].ports[*]", "", `"greater": 0`), resource: store(`{"rules": [{"properties": {"ports": [1]}}, {"properties": {}}]}`), alter: partial, want: NonCompliant},
		"count_inner_open":        {cond: countOf("rules[*].ports[*]", "", `"equals": 1`), resource: store(`{"rules": [{"properties": {"ports": [1]}}, {"properties": {}}]}`), alter: partial, want: "NoData partial"},
		"count_throttled":         {cond: countOf("rules[*]", "", `"equals": 0`), alter: onRules, want: "NoData throttled"},
		"value_of_field":          {cond: valueOf("[field('a')]", `"equals": 1`), alter: denied, want: "NoData denied"},
		"value_untouched_branch":  {cond: valueOf("[if(equals(field('b'), 2), 1, field('a'))]", `"equals": 1`), resource: store(`{"b": 2}`), alter: denied, want: NonCompliant},
		"value_count_of_field":    {cond: countValues(`"[field('rules')]"`, "", "", `"greater": 0`), alter: onRules, want: "NoData throttled"},
		"right_side":              {cond: leafOn("b", `"equals": "[field('a')]"`), alter: denied, want: "NoData denied"},
		"computed_name":           {cond: leafOn("[if(equals(field('a'), 1), 'a', 'b')]", `"exists": true`), alter: denied, want: "NoData denied"},
		"group_not_known":         {cond: leafOn("a", `"equals": "[resourceGroup().location]"`), alter: func(r *Resource) { r.Surroundings = unknownAround{} }, want: "NoData notCollected"},
		"group_unneeded":          {cond: and(b, leafOn("a", `"equals": "[resourceGroup().location]"`)), alter: func(r *Resource) { r.Surroundings = unknownAround{} }, want: Compliant},
		"no_group":                {cond: leafOn("a", `"notEquals": "[resourceGroup().location]"`), want: "Error error"},
		"type_decides_first":      {cond: and(leafOn("type", `"equals": "Contoso.Shop/tills"`), a), alter: partial, want: ""},
		"kind_decides_if_applies": {cond: and(leafOn("type", `"equals": "Contoso.Shop/stores"`), and(leafOn("kind", `"equals": "x"`), a)), resource: store(`{"a": 1}`), alter: partial, want: "NoData partial"},
	})
}

// unknownAround was not read.
type unknownAround struct{}

func (unknownAround) Context(string, *Resource) (Value, bool) { return Value{}, false }

// TestFailedExpressions is section 11.4: a leaf that fails is false, and what
// would differ were it true is an error, never Compliant.
func TestFailedExpressions(t *testing.T) {
	bad := valueOf("[int(field('name'))]", `"equals": 1`)
	no, yes := leafOn("a", `"exists": true`), leafOn("a", `"exists": false`)
	runJudged(t, map[string]judgedCase{
		"left":              {cond: bad, want: "Error error"},
		"left_negated":      {cond: valueOf("[int(field('name'))]", `"notEquals": 1`), want: "Error error"},
		"right":             {cond: leafOn("a", `"notEquals": "[int(field('name'))]"`), want: "Error error"},
		"right_exists":      {cond: leafOn("a", `"exists": "[int(field('name'))]"`), want: "Error error"},
		"not":               {cond: `{"not": ` + bad + `}`, want: "Error error"},
		"all_of_false":      {cond: `{"allOf": [` + bad + `, ` + no + `]}`, want: Compliant},
		"all_of_true":       {cond: `{"allOf": [` + yes + `, ` + bad + `]}`, want: "Error error"},
		"any_of_true":       {cond: `{"anyOf": [` + bad + `, ` + yes + `]}`, want: NonCompliant},
		"any_of_false":      {cond: `{"anyOf": [` + no + `, ` + bad + `]}`, want: "Error error"},
		"not_any_of":        {cond: `{"not": {"anyOf": [` + bad + `, ` + yes + `]}}`, want: Compliant},
		"with_unread":       {cond: `{"anyOf": [` + bad + `, ` + no + `]}`, alter: partial, want: "NoData error partial"},
		"missing_left":      {cond: valueOf("[field('tags').none.x]", `"exists": false`), want: Compliant},
		"missing_left_not":  {cond: `{"not": ` + valueOf("[field('tags').none.x]", `"exists": true`) + `}`, want: NonCompliant},
		"missing_right":     {cond: leafOn("name", `"notEquals": "[json('{}').none]"`), want: "Error error"},
		"missing_in_right":  {cond: leafOn("name", `"notIn": ["a", "[json('{}').none]"]`), want: "Error error"},
		"missing_in_left":   {cond: `{"value": {"a": "[json('{}').none]"}, "containsKey": "b"}`, want: "Error error"},
		"beyond_the_end":    {cond: leafOn("name", `"notEquals": "[split(field('name'), '-')[5]]"`), want: "Error error"},
		"right_of_value":    {cond: valueOf("[field('name')]", `"notEquals": "[json('{}').none]"`), want: "Error error"},
		"right_of_count":    {cond: countOf("list[*]", "", `"notEquals": "[json('{}').none]"`), want: "Error error"},
		"missing_unneeded":  {cond: `{"allOf": [` + leafOn("name", `"notEquals": "[json('{}').none]"`) + `, ` + no + `]}`, want: Compliant},
		"missing_member":    {cond: leafOn("name", `"notEquals": "[policy().none]"`), want: "Error error"},
		"missing_counted":   {cond: countValues(`"[json('{}').none]"`, "", "", `"greater": 0`), want: "Error error"},
		"missing_name":      {cond: leafOn("[json('{}').none]", `"exists": false`), want: "Error error"},
		"missing_argument":  {cond: valueOf("[toLower(json('{}').none)]", `"notEquals": "x"`), want: "Error error"},
		"missing_coalesced": {cond: valueOf("[coalesce(json('{}').none, 'x')]", `"equals": "x"`), want: NonCompliant},
		"missing_empty":     {cond: valueOf("[empty(json('{}').none)]", `"equals": true`), want: NonCompliant},
		"missing_equals":    {cond: valueOf("[equals(json('{}').none, '')]", `"equals": true`), want: NonCompliant},
		"lazy_if":           {cond: valueOf("[if(equals(field('kind'), ''), 0, int(field('kind')))]", `"equals": 0`), want: NonCompliant},
		"out_of_range":      {cond: valueOf("[split(field('name'), ',')[7]]", `"notEquals": "x"`), want: Compliant},
		"constant_failure":  {cond: valueOf("[int('x')]", `"equals": 1`), want: "Error error"},
		"unneeded_branch":   {cond: `{"allOf": [` + leafOn("type", `"equals": "Contoso.Shop/tills"`) + `, ` + bad + `]}`, want: ""},
	})
}

// TestMissingParameters: without a value in if nothing matches, in an existence
// condition the leaf is false, each with a warning.
func TestMissingParameters(t *testing.T) {
	const declared = `{"p": {"type": "String"}, "q": {"type": "String", "defaultValue": "x"}}`
	exists := func(name, condition string) string {
		return `{"effect": "auditIfNotExists", "details": {"type": "Contoso.Shop/tills", "name": "` + name + `", "existenceCondition": ` + condition + `}}`
	}
	till := `{"id": "` + shopGroup + `/providers/Contoso.Shop/tills/t1", "type": "Contoso.Shop/tills", "properties": {"state": "on"}}`
	always := leafOn("name", `"exists": true`)
	uses := leafOn("state", `"equals": "[parameters('p')]"`)
	tests := map[string]struct {
		test     judgedCase
		effect   string
		warnings int
	}{
		"in_if":             {judgedCase{cond: `{"anyOf": [` + always + `, ` + leafOn("a", `"equals": "[parameters('P')]"`) + `]}`}, "", 1},
		"given":             {judgedCase{cond: leafOn("a", `"notEquals": "[parameters('p')]"`), given: `{"P": "x"}`}, "Audit", 0},
		"given_null":        {judgedCase{cond: leafOn("a", `"notEquals": "[parameters('p')]"`), given: `{"p": null}`}, "", 1},
		"default_and_null":  {judgedCase{cond: valueOf("[parameters('q')]", `"equals": "x"`), given: `{"q": null}`}, "Audit", 0},
		"in_effect":         {judgedCase{cond: always, then: `{"effect": "[parameters('p')]"}`}, "", 1},
		"in_details":        {judgedCase{cond: always, then: exists("[parameters('p')]", always)}, "", 1},
		"in_existence":      {judgedCase{cond: always, then: exists("t1", uses), related: []string{till}}, "AuditIfNotExists", 2},
		"in_existence_no":   {judgedCase{cond: always, then: exists("t1", `{"not": `+uses+`}`), related: []string{till}}, "", 2},
		"in_existence_need": {judgedCase{cond: always, then: exists("t1", `{"anyOf": [`+always+`, `+uses+`]}`), related: []string{till}}, "", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.test.parameters = declared
			v := test.test.bound(t).Judge(test.test.subject(t), test.test.environment(t))
			if v.Effect != test.effect || len(v.Warnings) != test.warnings {
				t.Errorf("effect %q, warnings %q; want %q and %d", v.Effect, v.Warnings, test.effect, test.warnings)
			}
		})
	}
}

// TestSet_is_broken_by_unknown_aliases_in_expressions: a name that is nowhere
// breaks the rule wherever it stands, also where the rest could do without.
func TestSet_is_broken_by_unknown_aliases_in_expressions(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"M.X/t":{"a":"properties.a"}}`)); err != nil {
		t.Fatal(err)
	}
	for name, condition := range map[string]string{
		"a_value":        `{"value":"[length(field('M.X/t/zzz'))]","equals":0}`,
		"folded_away":    `{"anyOf":[{"field":"type","exists":true},{"value":"[field('M.X/t/zzz')]","exists":true}]}`,
		"the_right_side": `{"anyOf":[{"field":"type","exists":true},{"field":"M.X/t/a","equals":"[field('M.X/t/zzz')]"}]}`,
		"a_count":        `{"count":{"value":"[field('M.X/t/zzz')]","name":"x"},"greater":0}`,
		"in_a_count":     `{"count":{"value":[1],"name":"x","where":{"value":"[field('M.X/t/zzz')]","equals":1}},"greater":0}`,
	} {
		t.Run(name, func(t *testing.T) {
			text := `{"name":"n","properties":{"mode":"All","policyRule":{"if":{"allOf":[{"field":"type","equals":"M.X/t"},` + condition + `]},"then":{"effect":"audit"}}}}`
			definition, problems := ParseDefinition("", []byte(text))
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			set := NewSet(aliases, testClock)
			if got, want := set.Broken(set.Add(Bind(definition, nil))), "unknown alias M.X/t/zzz"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestSet_judges_types_with_known_aliases: a rule that reads a name that is
// nowhere for one of its types is judged on the others.
func TestSet_judges_types_with_known_aliases(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"M.X/t":{"a":"properties.a"}}`)); err != nil {
		t.Fatal(err)
	}
	of := func(name, field string) string {
		return `{"allOf":[{"field":"type","equals":"M.X/` + name + `"},{"not":{"value":"[field('M.X/` + name + `/` + field + `')]","equals":1}}]}`
	}
	for name, test := range map[string]struct{ parts, broken string }{
		"one_of_two":  {of("t", "a") + "," + of("u", "b"), ""},
		"all_of_them": {of("t", "zzz") + "," + of("u", "b"), "unknown alias M.X/t/zzz, M.X/u/b"},
	} {
		t.Run(name, func(t *testing.T) {
			text := `{"name":"n","properties":{"mode":"All","policyRule":{"if":{"allOf":[{"field":"type","in":["M.X/t","M.X/u"]},{"anyOf":[` + test.parts + `]}]},"then":{"effect":"audit"}}}}`
			definition, problems := ParseDefinition("", []byte(text))
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			set := NewSet(aliases, testClock)
			if got := set.Broken(set.Add(Bind(definition, nil))); got != test.broken {
				t.Fatalf("broken: %q, want %q", got, test.broken)
			}
			var resources []*Resource
			for _, kind := range []string{"t", "u"} {
				r, err := ParseResource([]byte(`{"id":"/subscriptions/s/resourceGroups/g/providers/M.X/` + kind + `/n","name":"n","type":"M.X/` + kind + `","properties":{"a":2}}`))
				if err != nil {
					t.Fatal(err)
				}
				resources = append(resources, r)
			}
			if found := set.JudgeAll(resources, nil); test.broken == "" && (len(found) != 1 || found[0].Resource != resources[0]) {
				t.Errorf("found %+v, want one of the first type", found)
			}
		})
	}
}

// TestSet_judges_nothing_by_what_is_broken: a check that looks for what cannot be
// told is none, whatever other rules of the set look for.
func TestSet_judges_nothing_by_what_is_broken(t *testing.T) {
	bound := func(details string) *Bound {
		definition, problems := ParseDefinition("", []byte(`{"name":"n","properties":{"mode":"All","policyRule":{"if":{"field":"type","equals":"M.X/t"},"then":{"effect":"auditIfNotExists","details":{`+details+`}}}}}`))
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return Bind(definition, nil)
	}
	r, err := ParseResource([]byte(`{"id":"/subscriptions/s/resourceGroups/g/providers/M.X/t/n","name":"n","type":"M.X/t","properties":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ details, broken string }{
		"type_is_computed":  {`"type":"[concat('M.X/', int('a'))]"`, "the related type is computed"},
		"name_is_a_number":  {`"type":"M.X/u","name":"[length('s')]"`, "details.name is integer, want a text"},
		"kind_is_a_number":  {`"type":"M.X/u","kind":"[length('s')]"`, "details.kind is integer, want a text"},
		"group_is_a_number": {`"type":"M.X/u","resourceGroupName":"[length('s')]"`, "details.resourceGroupName is integer, want a text"},
		"scope_is_a_number": {`"type":"M.X/u","existenceScope":"[length('s')]"`, "details.existenceScope is integer, want a text"},
	} {
		t.Run(name, func(t *testing.T) {
			set := NewSet(NewAliases(), testClock)
			other := set.Add(bound(`"type":"M.X/u","kind":"k"`))
			number := set.Add(bound(test.details))
			if got := set.Broken(number); got != test.broken {
				t.Errorf("broken: %q, want %q", got, test.broken)
			}
			for _, f := range set.JudgeAll([]*Resource{r}, nil) {
				if f.Rule != other {
					t.Errorf("found %+v, want a finding of the other rule alone", f)
				}
			}
		})
	}
}
