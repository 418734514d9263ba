package policy

import "testing"

// TestTags is every spelling of a tag's name in section 4.
func TestTags(t *testing.T) {
	const resource = `{"type": "Contoso.Shop/stores", "tags": {
		"Env": "prod", "a.b-c": "dotted", "it's": "quoted", "a]b": "bracket", "with space": "s", "*": "star", "empty": ""}}`
	is := func(field, value string) string { return leafOn(field, `"equals": "`+value+`"`) }
	holds(t, resource, nil, map[string]string{
		"dotted":              is("tags.env", "PROD"),
		"dotted_with_dots":    is("tags.A.B-C", "dotted"),
		"bare":                is("tags[Env]", "prod"),
		"bare_dots":           is("tags[a.b-c]", "dotted"),
		"bare_to_last":        is("tags[a]b]", "bracket"),
		"bare_space":          is("TAGS[with space]", "s"),
		"quoted":              is("tags['env']", "prod"),
		"quoted_apostrophe":   is("tags['it''s']", "quoted"),
		"bare_apostrophe":     is("tags[it's]", "quoted"),
		"quoted_dots":         is("tags['a.b-c']", "dotted"),
		"quoted_brackets":     is("tags['a]b']", "bracket"),
		"star_is_a_path":      is("tags[*]", "star"),
		"star_is_one_null":    leafOn("tags[*]", `"exists": false`),
		"star_in_quotes":      is("tags['*']", "star"),
		"absent":              leafOn("tags.none", `"exists": false`),
		"empty_exists":        leafOn("tags.empty", `"exists": true`),
		"empty_equals_empty":  is("tags.empty", ""),
		"absent_equals_empty": is("tags.none", ""),
		"whole":               leafOn("tags", `"containsKey": "ENV"`),
		"whole_contains":      leafOn("tags", `"contains": "env"`),
		"function":            `{"value": "[field('tags[''it''''s'']')]", "equals": "quoted"}`,
		"function_of_object":  `{"value": "[field('tags').ENV]", "equals": "prod"}`,
		"function_brackets":   `{"value": "[field('tags')['a.b-c']]", "equals": "dotted"}`,
	}, "dotted", "dotted_with_dots", "bare", "bare_dots", "bare_to_last", "bare_space", "quoted", "quoted_apostrophe", "bare_apostrophe",
		"quoted_dots", "quoted_brackets", "star_is_one_null", "star_in_quotes", "absent", "empty_exists", "empty_equals_empty",
		"absent_equals_empty", "whole", "whole_contains", "function", "function_of_object", "function_brackets")
}

// TestSpecialFields is the table of section 4.
func TestSpecialFields(t *testing.T) {
	const child = `{"id": "` + storeID + `/shelves/sh1", "name": "sh1", "type": "contoso.shop/stores/SHELVES", "kind": "Tall",
		"location": "East US 2", "identity": {"type": "SystemAssigned", "principalId": "p"}, "sku": {"name": "S1"}, "properties": {}}`
	is := func(field, value string) string { return leafOn(field, `"equals": "`+value+`"`) }
	holds(t, child, nil, map[string]string{
		"type":                 is("type", "Contoso.Shop/stores/shelves"),
		"name":                 is("name", "SH1"),
		"full_name":            is("fullName", "st1/sh1"),
		"kind":                 is("kind", "tall"),
		"id":                   is("id", storeID+"/shelves/sh1"),
		"location":             is("location", "eastus2"),
		"location_spaces":      is("location", "EAST US 2"),
		"location_in":          leafOn("location", `"in": ["West US", "East US 2"]`),
		"location_in_plain":    leafOn("location", `"in": ["eastus2"]`),
		"location_not_in":      leafOn("location", `"notIn": ["eastus2"]`),
		"location_like":        leafOn("location", `"like": "east us*"`),
		"location_computed":    leafOn("location", `"equals": "[concat('East', ' ', 'US 2')]"`),
		"location_in_computed": leafOn("location", `"in": "[split('west us,east us 2', toLower(substring(',', 0)))]"`),
		"location_of_type":     leafOn("location", `"in": "[createArray(field('location'))]"`),
		"identity":             is("identity.type", "systemassigned"),
		"identity_path":        is("identity.principalId", "p"),
		"identity_object":      leafOn("identity", `"containsKey": "principalId"`),
		"api_version":          leafOn("apiVersion", `"exists": false`),
		"alias_of_ancestor":    leafOn("sku", `"exists": false`),
		"name_in_other_case":   is("FULLNAME", "st1/sh1"),
		"payload_no_field":     `{"value": "[field('kind')]", "equals": "Tall"}`,
	}, "type", "name", "full_name", "kind", "id", "location", "location_spaces", "location_in", "location_in_plain", "location_like",
		"location_computed", "location_in_computed", "location_of_type", "identity", "identity_path", "identity_object", "api_version",
		"alias_of_ancestor", "name_in_other_case", "payload_no_field")

	const bare = `{"name": "server/db", "type": "Contoso.Shop/stores", "apiVersion": "2021-01-01"}`
	t.Run("bare", func(t *testing.T) {
		holds(t, bare, nil, map[string]string{
			"name":         is("name", "db"),
			"full_name":    is("fullName", "server/db"),
			"no_kind":      leafOn("kind", `"exists": false`),
			"no_location":  leafOn("location", `"equals": ""`),
			"no_identity":  leafOn("identity.type", `"exists": false`),
			"no_tags":      leafOn("tags", `"exists": false`),
			"api_version":  is("apiVersion", "2021-01-01"),
			"empty_equals": `{"value": "[field('kind')]", "equals": ""}`,
			"empty_empty":  `{"value": "[empty(field('kind'))]", "equals": true}`,
			"empty_length": `{"value": "[length(field('kind'))]", "equals": 0}`,
			"empty_concat": `{"value": "[concat('a', field('kind'), 'b')]", "equals": "ab"}`,
		}, "name", "full_name", "no_kind", "no_location", "no_identity", "no_tags", "api_version", "empty_equals", "empty_empty", "empty_length", "empty_concat")
	})
}

// TestComputedFields: the name is computed, then read like any other.
func TestComputedFields(t *testing.T) {
	runJudged(t, map[string]judgedCase{
		"tag":             {cond: leafOn("[concat('tags[', parameters('t'), ']')]", `"equals": "p"`), parameters: `{"t": {"type": "String", "defaultValue": "Env"}}`, resource: `{"type": "Contoso.Shop/stores", "tags": {"env": "p"}}`, want: NonCompliant},
		"by_the_resource": {cond: leafOn("[if(equals(field('kind'), 'x'), 'a', 'b')]", `"equals": 1`), resource: `{"type": "Contoso.Shop/stores", "kind": "X", "properties": {"a": 1, "b": 2}}`, want: NonCompliant},
		"the_other":       {cond: leafOn("[if(equals(field('kind'), 'x'), 'a', 'b')]", `"equals": 1`), resource: `{"type": "Contoso.Shop/stores", "properties": {"a": 1, "b": 2}}`, want: Compliant},
		"star":            {cond: leafOn("[concat('list', '[*]', toLower(''))]", `"equals": 1`), resource: store(`{"list": [1, 1]}`), want: NonCompliant},
		"special":         {cond: leafOn("[if(true(), concat('loca', field('x')), 'a')]", `"exists": true`), want: ""},
		"location":        {cond: leafOn("[concat('loca', replace(field('name'), 'st1', 'tion'))]", `"equals": "eastus"`), want: NonCompliant},
		"location_spaces": {cond: leafOn("[concat('loca', replace(field('name'), 'st1', 'tion'))]", `"equals": "East US"`), want: NonCompliant},
		"location_in":     {cond: leafOn("[concat('loca', replace(field('name'), 'st1', 'tion'))]", `"notIn": ["west us", "EAST US"]`), want: Compliant},
		"type":            {cond: leafOn("[concat('ty', replace(field('name'), 'st1', 'pe'))]", `"equals": "contoso.shop/stores"`), want: NonCompliant},
		"no_text":         {cond: leafOn("[length(field('name'))]", `"exists": false`), want: ErrorState + " error"},
		"unknown_alias":   {cond: leafOn("[concat('no', 'such', field('kind'))]", `"exists": false`), want: ErrorState + " error"},
		"foreign_alias":   {cond: leafOn("[concat('foreign', field('kind'))]", `"exists": false`), want: NonCompliant},
	})
}

// TestKindElsewhere is section 25: outside Azure the kind is null, however little of
// a body was read.
func TestKindElsewhere(t *testing.T) {
	bare := func(r *Resource) { r.Partial = true }
	bucket := func(body string) string { return `{"id": "b", "name": "b", "type": "AWS::S3::Bucket"` + body + `}` }
	runJudged(t, map[string]judgedCase{
		"in":          {cond: leafOn("kind", `"in": ["a"]`), resource: bucket(""), alter: bare, want: Compliant},
		"not_in":      {cond: leafOn("kind", `"notIn": ["a"]`), resource: bucket(""), alter: bare, want: NonCompliant},
		"of_its_body": {cond: leafOn("Kind", `"equals": "a"`), resource: bucket(`, "kind": "a"`), want: Compliant},
		"as_a_value":  {cond: valueOf("[field('kind')]", `"equals": ""`), resource: bucket(""), alter: bare, want: NonCompliant},
		"of_google":   {cond: leafOn("kind", `"exists": true`), resource: `{"name": "x", "type": "storage.googleapis.com/Bucket"}`, alter: bare, want: Compliant},
		"of_machines": {cond: leafOn("kind", `"exists": true`), resource: `{"name": "x", "type": "machine"}`, alter: bare, want: Compliant},
		"of_azure":    {cond: leafOn("kind", `"in": ["a"]`), resource: store(`{}`), alter: bare, want: "NoData partial"},
	})
}

// TestAliases is section 5.
func TestAliasesOfTypes(t *testing.T) {
	tills := `{"id": "` + shopGroup + `/providers/Contoso.Shop/tills/t1", "type": "Contoso.Shop/tills", "properties": {"a": 1, "list": [1], "general": 2}}`
	version := func(v string) func(*Resource) { return func(r *Resource) { r.APIVersion = v } }
	runJudged(t, map[string]judgedCase{
		"of_the_type":             {cond: leafOn("foreign", `"equals": 1`), resource: tills, want: NonCompliant},
		"of_another_type":         {cond: leafOn("a", `"equals": 1`), resource: tills, want: Compliant},
		"of_another_type_is_null": {cond: leafOn("a", `"notEquals": 1`), resource: tills, want: NonCompliant},
		"star_of_another_type":    {cond: leafOn("list[*]", `"exists": false`), resource: tills, want: NonCompliant},
		"count_of_another_type":   {cond: `{"count": {"field": "list[*]"}, "equals": 0}`, resource: tills, want: NonCompliant},
		"of_every_type":           {cond: leafOn("general", `"equals": 2`), resource: tills, want: NonCompliant},
		"name_ignores_case":       {cond: leafOn("GENERAL", `"equals": 2`), resource: tills, want: NonCompliant},
		"key_ignores_case":        {cond: leafOn("deep", `"equals": 3`), resource: `{"type": "CONTOSO.SHOP/STORES", "Properties": {"O": {"DEEP": 3}}}`, want: NonCompliant},
		"exact_key_wins":          {cond: leafOn("a", `"equals": 1`), resource: store(`{"A": 2, "a": 1}`), want: NonCompliant},
		"step_into_a_scalar":      {cond: leafOn("deep", `"exists": false`), resource: store(`{"o": "x"}`), want: NonCompliant},
		"step_into_null":          {cond: leafOn("deep", `"exists": false`), resource: store(`{"o": null}`), want: NonCompliant},
		"outside_properties":      {cond: leafOn("sku", `"equals": "s1"`), resource: `{"type": "Contoso.Shop/stores", "sku": {"name": "S1"}}`, want: NonCompliant},
		"inner_one_counts":        {cond: leafOn("a", `"equals": 1`), resource: `{"type": "Contoso.Shop/stores", "a": 2, "properties": {"a": 1}}`, want: NonCompliant},
		"default_path":            {cond: leafOn("versioned", `"equals": 1`), resource: store(`{"new": 1, "old": 2}`), want: NonCompliant},
		"null_is_absent":          {cond: leafOn("a", `"exists": false`), resource: store(`{"a": null}`), want: NonCompliant},
		"unknown":                 {cond: leafOn("nosuch", `"exists": false`), want: ""},
		"unknown_under_not":       {cond: `{"not": ` + leafOn("nosuch", `"exists": true`) + `}`, want: ""},
		"unknown_unneeded":        {cond: `{"anyOf": [` + leafOn("a", `"exists": false`) + `, ` + leafOn("nosuch", `"exists": true`) + `]}`, want: ""},
		"unknown_in_a_count":      {cond: `{"count": {"field": "list[*]", "where": ` + leafOn("nosuch", `"exists": false`) + `}, "equals": 0}`, want: ""},
		"unknown_counted":         {cond: `{"count": {"field": "nosuch[*]"}, "equals": 0}`, want: ""},
		"unknown_in_field":        {cond: `{"value": "[field('nosuch')]", "equals": ""}`, want: ""},
		"unknown_payload_path":    {cond: leafOn("properties.a", `"exists": false`), want: ""},
		"unknown_index":           {cond: leafOn("list[0]", `"exists": false`), want: ""},
	})
	// A set judges by the newest version, so these are judged alone.
	for name, test := range map[string]judgedCase{
		"listed_version":  {alter: version("2020-01-01"), want: Compliant},
		"other_version":   {alter: version("2022-01-01"), want: NonCompliant},
		"without_version": {want: NonCompliant},
	} {
		t.Run(name, func(t *testing.T) {
			test.cond, test.resource = leafOn("versioned", `"equals": 1`), store(`{"new": 1, "old": 2}`)
			if got := test.bound(t).Judge(test.subject(t), test.environment(t)).Compliance; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
