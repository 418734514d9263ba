package policy

import (
	"strings"
	"testing"
)

// TestApplicable is section 17.2, and the modes of section 16. Where a rule
// does not apply there is no result, not a good one.
func TestApplicable(t *testing.T) {
	typed := leafOn("type", `"equals": "Contoso.Shop/stores"`)
	kind, name := leafOn("kind", `"equals": "big"`), leafOn("name", `"like": "st*"`)
	property, location := leafOn("a", `"equals": 1`), leafOn("location", `"equals": "nowhere"`)
	all := func(list string) string { return `{"allOf": [` + list + `]}` }
	const (
		till         = `{"id": "` + shopGroup + `/providers/Contoso.Shop/tills/st9", "name": "st9", "type": "Contoso.Shop/tills", "properties": {}}`
		big          = `{"id": "` + storeID + `", "name": "st1", "kind": "Big", "type": "Contoso.Shop/stores", "properties": {}}`
		shelf        = `{"id": "` + storeID + `/shelves/x", "name": "x", "type": "Contoso.Shop/stores/shelves", "properties": {}}`
		placedShelf  = `{"id": "` + storeID + `/shelves/x", "name": "x", "type": "Contoso.Shop/stores/shelves", "location": "east", "properties": {}}`
		group        = `{"id": "` + shopGroup + `", "name": "g1", "type": "Microsoft.Resources/resourceGroups", "location": "east", "properties": {}}`
		subscription = `{"id": "/subscriptions/s1", "name": "s1", "type": "Microsoft.Resources/subscriptions", "properties": {}}`
		deployment   = `{"id": "` + shopGroup + `/providers/Microsoft.Resources/deployments/d", "name": "d", "type": "Microsoft.Resources/deployments", "properties": {}}`
		vm           = `{"id": "` + shopGroup + `/providers/Microsoft.Compute/virtualMachines/v", "name": "v", "type": "Microsoft.Compute/virtualMachines", "properties": {}}`
		identity     = `{"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "add", "field": "identity.type", "value": "SystemAssigned"}]}}`
		deploy       = `{"effect": "deployIfNotExists", "details": {"type": "Contoso.Shop/tills", "roleDefinitionIds": ["r"], "deployment": {"properties": {"parameters": {"l": {"value": "[field('location')]"}}}}}}`
	)
	ofType := func(kind string) string { return `{"type": "` + kind + `", "name": "n", "properties": {}}` }
	runJudged(t, map[string]judgedCase{
		"other_leaf_false":           {cond: all(typed + "," + property), want: Compliant},
		"other_type":                 {cond: all(typed + "," + property), resource: till, want: ""},
		"other_type_under_not":       {cond: `{"not": {"anyOf": [` + leafOn("type", `"notEquals": "Contoso.Shop/stores"`) + `, ` + property + `]}}`, resource: till, want: ""},
		"leaf_under_not":             {cond: `{"allOf": [` + typed + `, {"not": ` + leafOn("a", `"exists": false`) + `}]}`, want: Compliant},
		"only_type":                  {cond: typed, resource: till, want: ""},
		"only_kind":                  {cond: kind, want: Compliant},
		"only_kind_matches":          {cond: kind, resource: big, want: NonCompliant},
		"only_name":                  {cond: leafOn("name", `"equals": "zz"`), resource: till, want: Compliant},
		"type_and_kind":              {cond: all(typed + "," + kind), want: Compliant},
		"type_and_kind_other_type":   {cond: all(typed + "," + kind), resource: till, want: ""},
		"type_and_name":              {cond: all(typed + "," + leafOn("name", `"equals": "zz"`)), want: Compliant},
		"type_kind_and_others":       {cond: all(typed + "," + kind + "," + property), want: ""},
		"type_kind_and_others_match": {cond: all(typed + "," + kind + "," + property), resource: big, want: Compliant},
		"kind_and_others":            {cond: all(kind + "," + property), want: ""},
		"name_and_others":            {cond: all(name + "," + property), resource: till, want: Compliant},
		"only_others":                {cond: property, resource: till, want: Compliant},
		"nothing":                    {cond: all(""), resource: till, want: NonCompliant},
		"no_way":                     {cond: `{"anyOf": []}`, resource: till, want: ""},
		"count_is_another":           {cond: all(typed + "," + countOf("list[*]", "", `"greater": 0`)), want: Compliant},
		"value_of_type_is_another":   {cond: all(valueOf("[field('type')]", `"equals": "Contoso.Shop/stores"`)), resource: till, want: Compliant},
		"either_type":                {cond: `{"anyOf": [` + all(typed+","+property) + `, ` + leafOn("type", `"equals": "Contoso.Shop/tills"`) + `]}`, resource: till, want: NonCompliant},
		"exists_effect":              {cond: all(typed + "," + property), then: `{"effect": "auditIfNotExists", "details": {"type": "Contoso.Shop/tills"}}`, want: ""},

		"indexed":                   {cond: property, mode: "Indexed", want: Compliant},
		"indexed_in_any_case":       {cond: property, mode: "INDEXED", resource: group, want: ""},
		"indexed_child":             {cond: property, mode: "Indexed", resource: shelf, want: ""},
		"indexed_child_placed":      {cond: property, mode: "Indexed", resource: placedShelf, want: Compliant},
		"indexed_group":             {cond: property, mode: "Indexed", resource: group, want: ""},
		"indexed_subscription":      {cond: property, mode: "Indexed", resource: subscription, want: ""},
		"indexed_of_another_cloud":  {cond: leafOn("AWS::S3::Bucket/A", `"equals": 1`), mode: "Indexed", resource: `{"id": "arn:x", "name": "x", "type": "AWS::S3::Bucket", "properties": {"A": 1}}`, want: NonCompliant},
		"all_group":                 {cond: property, resource: group, want: Compliant},
		"all_subscription":          {cond: property, resource: subscription, want: Compliant},
		"group_by_its_long_type":    {cond: leafOn("type", `"equals": "Microsoft.Resources/subscriptions/resourceGroups"`), resource: group, want: NonCompliant},
		"group_is_not_another_type": {cond: leafOn("type", `"notEquals": "Microsoft.Resources/subscriptions/resourceGroups"`), resource: group, want: ""},
		"all_child":                 {cond: property, resource: shelf, want: Compliant},

		"never_resources":    {cond: all(""), resource: deployment, want: ""},
		"never_billing":      {cond: all(""), resource: ofType("Microsoft.Billing/accounts"), want: ""},
		"never_help":         {cond: all(""), resource: ofType("Microsoft.Help/x"), want: ""},
		"never_diagnostics":  {cond: all(""), resource: ofType("microsoft.diagnostics/x"), want: ""},
		"never_reservations": {cond: all(""), resource: ofType("Microsoft.Capacity/reservationOrders"), want: ""},
		"sometimes_capacity": {cond: all(""), resource: ofType("Microsoft.Capacity/other"), want: NonCompliant},

		"location_on_subscription":       {cond: location, resource: subscription, want: ""},
		"location_by_function":           {cond: valueOf("[field('Location')]", `"exists": true`), resource: subscription, want: ""},
		"location_counted":               {cond: countValues(`["[field('location')]"]`, "", "", `"equals": 1`), resource: subscription, want: ""},
		"location_in_a_where":            {cond: countValues(`[1]`, "", location, `"equals": 0`), resource: subscription, want: ""},
		"location_in_a_deployment":       {cond: leafOn("type", `"equals": "Microsoft.Resources/subscriptions"`), then: deploy, resource: subscription, want: ""},
		"location_on_a_group":            {cond: location, resource: group, want: Compliant},
		"identity_workflow":              {cond: all(""), then: identity, resource: vm, want: NonCompliant},
		"identity_without_workflow":      {cond: all(""), then: identity, want: ""},
		"unknown_type_of_partial_bodies": {cond: all(typed + "," + property), alter: partial, resource: till, want: ""},
		"unread_kind_may_apply":          {cond: all(kind + "," + property), alter: gaps(Gap{Path: "kind", Reason: "denied"}), resource: store(`{"a": 1}`), want: "NoData denied"},
		"unread_kind_does_not_matter":    {cond: all(kind + "," + property), alter: gaps(Gap{Path: "kind", Reason: "denied"}), want: Compliant},
	})
	// Data-plane modes are not judged in a set; alone only the type decides.
	c := judgedCase{cond: all(typed + "," + kind + "," + property), mode: "Microsoft.KeyVault.Data"}
	c.cond, c.resource = strings.ReplaceAll(c.cond, "Contoso.Shop", c.mode), strings.ReplaceAll(store(`{"a": 1}`), "Contoso.Shop", c.mode)
	if v := c.bound(t).Judge(c.subject(t), c.environment(t)); v.Compliance != Compliant {
		t.Errorf("data-plane mode: %q, want only the type to decide", v.Compliance)
	}
}

// TestOnlyWhere: a further condition of applicability.
func TestOnlyWhere(t *testing.T) {
	tests := map[string]struct {
		where, want string
		alter       func(*Resource)
	}{
		"holds":   {leafOn("b", `"exists": false`), NonCompliant, nil},
		"not":     {leafOn("b", `"exists": true`), "", nil},
		"unread":  {leafOn("b", `"exists": true`), "NoData denied", gaps(Gap{Path: "properties.b", Reason: "denied"})},
		"no_name": {leafOn("nosuch", `"exists": true`), "Error error", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			where, problems := ParseCondition("where.json", []byte(test.where))
			if problems.Err() != nil {
				t.Fatal(problems)
			}
			c := judgedCase{cond: leafOn("a", `"exists": false`), alter: test.alter}
			v := c.bound(t).OnlyWhere(where).Judge(c.subject(t), c.environment(t))
			if got := verdictWord(v); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestInapplicable: where the type alone decides, the explanation says why.
func TestInapplicable(t *testing.T) {
	const identity = `{"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "add", "field": "identity.type", "value": "SystemAssigned"}]}}`
	tests := map[string]struct{ then, want string }{
		"identity": {identity, "not applicable: a modify of identity.type applies to virtual machines and scale sets only"},
		"audit":    {`{"effect": "audit"}`, NonCompliant},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{cond: leafOn("type", `"equals": "Contoso.Shop/stores"`), then: test.then}
			e := c.bound(t).Explain(c.subject(t), c.environment(t))
			if words := e.verdictWords(); words != test.want || e.Changes != nil {
				t.Errorf("got %q, would change %v, want %q and nothing changed", words, e.Changes, test.want)
			}
		})
	}
}
