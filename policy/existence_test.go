package policy

import (
	"testing"
	"time"
)

// TestExistence is section 15: where candidates stand, which of them the name
// and kind select, and what the condition makes of them.
func TestExistence(t *testing.T) {
	exists := func(details string) string { return `{"effect": "auditIfNotExists", "details": {` + details + `}}` }
	at := func(id, kind, extra string) string {
		return `{"id": "` + id + `", "type": "` + kind + `"` + extra + `}`
	}
	till := func(group, name, extra string) string {
		return at("/subscriptions/s1/resourceGroups/"+group+"/providers/Contoso.Shop/tills/"+name, "Contoso.Shop/tills", extra)
	}
	on, off := `, "properties": {"state": "on"}`, `, "properties": {"state": "off"}`
	shelf := func(of, name, level string) string {
		return at(shopGroup+"/providers/Contoso.Shop/stores/"+of+"/shelves/"+name, "Contoso.Shop/stores/shelves", `, "properties": {"level": "`+level+`"}`)
	}
	lock := func(of string) string {
		return at(of+"/providers/Microsoft.Authorization/locks/l", "Microsoft.Authorization/locks", `, "properties": {"level": "CanNotDelete"}`)
	}
	typed := leafOn("type", `"equals": "Contoso.Shop/stores"`)
	isOn := `"existenceCondition": ` + leafOn("state", `"equals": "on"`)
	tills := `"type": "Contoso.Shop/tills"`
	shelves := `"type": "contoso.shop/STORES/shelves"`
	sibling := func(name string) string {
		return `"type": "Contoso.Shop/stores", "name": "` + name + `", "existenceCondition": ` + leafOn("a", `"equals": 1`)
	}
	tests := map[string]judgedCase{
		"there":                 {then: exists(tills), related: []string{till("g1", "t1", "")}, want: Compliant},
		"group_in_another_case": {then: exists(tills), related: []string{till("G1", "t1", "")}, want: Compliant},
		"none":                  {then: exists(tills), want: NonCompliant},
		"another_type":          {then: exists(tills), related: []string{shelf("st1", "x", "1")}, want: NonCompliant},
		"another_group":         {then: exists(tills), related: []string{till("g2", "t1", "")}, want: NonCompliant},
		"group_begins_alike":    {then: exists(tills), related: []string{till("g11", "t1", "")}, want: NonCompliant},
		"named_group":           {then: exists(tills + `, "resourceGroupName": "G2"`), related: []string{till("g2", "t1", "")}, want: Compliant},
		"named_group_only":      {then: exists(tills + `, "resourceGroupName": "g2"`), related: []string{till("g1", "t1", "")}, want: NonCompliant},
		"computed_group":        {then: exists(tills + `, "resourceGroupName": "[replace(field('name'), 'st1', 'g2')]"`), related: []string{till("g2", "t1", "")}, want: Compliant},
		"subscription":          {then: exists(tills + `, "existenceScope": "Subscription"`), related: []string{till("g2", "t1", "")}, want: Compliant},
		"another_subscription":  {then: exists(tills + `, "existenceScope": "subscription"`), related: []string{at("/subscriptions/s2/resourceGroups/g1/providers/Contoso.Shop/tills/t", "Contoso.Shop/tills", "")}, want: NonCompliant},
		"other_if":              {cond: leafOn("a", `"exists": true`), then: exists(tills), want: ""},
		"unread":                {then: exists(tills), unread: "denied", want: "NoData denied"},
		"unread_but_there":      {then: exists(tills), related: []string{till("g1", "t1", "")}, unread: "denied", want: Compliant},
		"unread_if_false":       {cond: leafOn("a", `"exists": true`), then: exists(tills), unread: "denied", want: ""},
		"unread_and_if_unread":  {cond: leafOn("a", `"exists": false`), then: exists(tills), alter: partial, unread: "throttled", want: "NoData throttled partial"},
		"there_and_if_unread":   {cond: leafOn("a", `"exists": false`), then: exists(tills), related: []string{till("g1", "t1", "")}, alter: partial, want: "NoData partial"},
		"none_and_if_unread":    {cond: leafOn("a", `"exists": false`), then: exists(tills), alter: partial, want: "NoData partial"},
		"deploy":                {then: `{"effect": "deployIfNotExists", "details": {` + tills + `, "roleDefinitionIds": ["r"], "deployment": {}, "evaluationDelay": "AfterProvisioning"}}`, want: NonCompliant},

		"spared":                   {spares: true, cond: leafOn("a", `"exists": true`), then: exists(tills), want: Compliant},
		"spared_unread":            {spares: true, cond: leafOn("a", `"exists": true`), then: exists(tills), unread: "denied", want: Compliant},
		"not_spared":               {spares: true, cond: leafOn("a", `"exists": false`), then: exists(tills), want: NonCompliant},
		"not_spared_but_there":     {spares: true, cond: leafOn("a", `"exists": false`), then: exists(tills), related: []string{till("g1", "t1", "")}, want: Compliant},
		"not_spared_unread":        {spares: true, cond: leafOn("a", `"exists": false`), then: exists(tills), unread: "denied", want: "NoData denied"},
		"perhaps_spared":           {spares: true, cond: leafOn("a", `"exists": false`), then: exists(tills), alter: partial, want: "NoData partial"},
		"perhaps_spared_but_there": {spares: true, cond: leafOn("a", `"exists": false`), then: exists(tills), related: []string{till("g1", "t1", "")}, alter: partial, want: Compliant},
		"spared_of_another_type":   {spares: true, cond: leafOn("type", `"equals": "Contoso.Shop/tills"`), then: exists(tills), want: ""},
		"spared_of_another_name":   {spares: true, cond: `{"allOf": [` + typed + `, ` + leafOn("name", `"equals": "x"`) + `, ` + leafOn("a", `"exists": true`) + `]}`, then: exists(tills), want: ""},

		"condition_holds":         {then: exists(tills + "," + isOn), related: []string{till("g1", "t1", off), till("g1", "t2", on)}, want: Compliant},
		"condition_fails":         {then: exists(tills + "," + isOn), related: []string{till("g1", "t1", off)}, want: NonCompliant},
		"negated_none":            {then: exists(tills + `, "existenceCondition": {"not": ` + leafOn("state", `"equals": "off"`) + `}`), want: NonCompliant},
		"negated_some":            {then: exists(tills + `, "existenceCondition": {"not": ` + leafOn("state", `"equals": "off"`) + `}`), related: []string{till("g1", "t1", off), till("g1", "t2", on)}, want: Compliant},
		"condition_always":        {then: exists(tills + `, "existenceCondition": {"allOf": []}`), want: NonCompliant},
		"alias_of_the_candidate":  {then: exists(tills + `, "existenceCondition": ` + leafOn("a", `"exists": false`)), related: []string{till("g1", "t1", `, "properties": {"a": 1}`)}, want: Compliant},
		"field_reads_the_first":   {resource: store(`{"a": "on"}`), then: exists(tills + `, "existenceCondition": ` + leafOn("state", `"equals": "[field('a')]"`)), related: []string{till("g1", "t1", on)}, want: Compliant},
		"field_reads_the_first_2": {resource: store(`{"a": "off"}`), then: exists(tills + `, "existenceCondition": ` + leafOn("state", `"equals": "[field('a')]"`)), related: []string{till("g1", "t1", on)}, want: NonCompliant},
		"name_of_the_candidate":   {then: exists(tills + `, "existenceCondition": ` + leafOn("name", `"equals": "t1"`)), related: []string{till("g1", "t1", "")}, want: Compliant},
		"id_holds_the_first":      {then: exists(tills + `, "existenceCondition": ` + leafOn("id", `"contains": "[replace(field('name'), 'st', 't')]"`)), related: []string{till("g1", "t1", "")}, want: Compliant},
		"count_in_the_candidate":  {then: exists(tills + `, "existenceCondition": ` + countOf("foreign[*]", leafOn("foreign[*]", `"equals": "[field('name')]"`), `"equals": 1`)), related: []string{till("g1", "t1", `, "properties": {"list": ["x", "st1"]}`)}, want: Compliant},
		"condition_errs":          {then: exists(tills + `, "existenceCondition": ` + valueOf("[int(field('name'))]", `"equals": 1`)), related: []string{till("g1", "t1", "")}, want: "Error error"},
		"candidate_partly_read":   {then: exists(tills + "," + isOn), related: []string{till("g1", "t1", "")}, want: NonCompliant},

		"name":                  {then: exists(tills + `, "name": "T1"`), related: []string{till("g1", "t1", "")}, want: Compliant},
		"other_name":            {then: exists(tills + `, "name": "t2"`), related: []string{till("g1", "t1", "")}, want: NonCompliant},
		"computed_name":         {then: exists(tills + `, "name": "[concat('t', substring(field('name'), 2))]"`), related: []string{till("g1", "t1", "")}, want: Compliant},
		"computed_name_fails":   {then: exists(tills + `, "name": "[concat('t', int(field('name')))]"`), related: []string{till("g1", "t1", "")}, want: "Error error"},
		"name_and_condition":    {then: exists(tills + `, "name": "t1", ` + isOn), related: []string{till("g1", "t1", off), till("g1", "t2", on)}, want: NonCompliant},
		"kind":                  {then: exists(tills + `, "kind": "BIG"`), related: []string{till("g1", "t1", `, "kind": "big"`)}, want: Compliant},
		"other_kind":            {then: exists(tills + `, "kind": "big"`), related: []string{till("g1", "t1", `, "kind": "small"`), till("g1", "t2", "")}, want: NonCompliant},
		"unique_name":           {then: exists(tills + `, "name": "[concat('t-', uniqueString(field('id')))]"`), related: []string{till("g1", "t-abcdefghij234", "")}, want: Compliant},
		"unique_name_too_short": {then: exists(tills + `, "name": "[concat('t-', uniqueString(field('id')))]"`), related: []string{till("g1", "t-abcdefghij23", "")}, want: NonCompliant},
		"unique_name_digits":    {then: exists(tills + `, "name": "[concat('t-', uniqueString(field('id')))]"`), related: []string{till("g1", "t-abcdefghij019", "")}, want: NonCompliant},

		"computed_scope":            {then: exists(tills + `, "name": "t1", "existenceScope": "[if(equals(field('name'), 'st1'), 'subscription', 'resourceGroup')]"`), related: []string{till("g2", "t1", "")}, want: Compliant},
		"computed_scope_is_group":   {then: exists(tills + `, "existenceScope": "[if(equals(field('name'), 'st1'), 'resourceGroup', 'subscription')]"`), related: []string{till("g2", "t1", "")}, want: NonCompliant},
		"computed_scope_both_read":  {then: exists(tills + `, "existenceScope": "[if(equals(field('name'), 'st1'), 'subscription', 'x')]", "existenceCondition": ` + leafOn("state", `"equals": "[field('name')]"`)), related: []string{till("g2", "t1", `, "properties": {"state": "st1"}`)}, want: Compliant},
		"computed_scope_of_itself":  {then: exists(`"type": "Contoso.Shop/stores", "name": "[field('name')]", "existenceScope": "[concat('sub', replace(field('name'), 'st1', 'scription'))]"`), related: []string{at("/subscriptions/s1/resourceGroups/g2/providers/Contoso.Shop/stores/st1", "Contoso.Shop/stores", "")}, want: Compliant},
		"computed_scope_is_none":    {then: exists(tills + `, "existenceScope": "[replace(field('name'), 'st1', 'world')]"`), related: []string{till("g1", "t1", "")}, want: "Error error"},
		"scope_fails":               {then: exists(tills + `, "existenceScope": "[int('x')]"`), related: []string{till("g1", "t1", "")}, want: "Error error"},
		"scope_fails_none":          {then: exists(tills + `, "existenceScope": "[int(field('name'))]"`), want: "Error error"},
		"group_fails":               {then: exists(tills + `, "resourceGroupName": "[int(field('name'))]"`), related: []string{till("g1", "t1", "")}, want: "Error error"},
		"computed_kind":             {then: exists(tills + `, "kind": "[replace(field('name'), 'st1', 'BIG')]"`), related: []string{till("g1", "t1", `, "kind": "big"`)}, want: Compliant},
		"computed_kind_of_another":  {then: exists(tills + `, "kind": "[replace(field('name'), 'st1', 'big')]"`), related: []string{till("g1", "t1", `, "kind": "small"`)}, want: NonCompliant},
		"computed_kind_and_fails":   {then: exists(tills + `, "kind": "[replace(field('name'), 'st1', 'big')]", ` + isOn), related: []string{till("g1", "t1", `, "kind": "big", "properties": {"state": "off"}`), till("g1", "t2", `, "kind": "small", "properties": {"state": "on"}`)}, want: NonCompliant},
		"computed_kind_elsewhere":   {then: exists(tills + `, "existenceScope": "subscription", "kind": "[replace(field('name'), 'st1', 'big')]"`), related: []string{till("g2", "t1", `, "kind": "big"`)}, want: Compliant},
		"computed_kind_of_itself":   {resource: store(`{"a": 1}`), then: exists(sibling("[field('name')]") + `, "kind": "[field('name')]"`), want: NonCompliant},
		"computed_kind_is_missing":  {then: exists(tills + `, "kind": "[split(field('name'), '-')[4]]"`), related: []string{till("g1", "t1", "")}, want: "Error error"},
		"computed_name_is_a_number": {then: exists(tills + `, "name": "[length(field('name'))]"`), related: []string{till("g1", "3", "")}, want: "Error error"},

		"child":                   {then: exists(shelves), related: []string{shelf("ST1", "x", "1")}, want: Compliant},
		"child_of_another":        {then: exists(shelves), related: []string{shelf("st2", "x", "1"), shelf("st11", "x", "1")}, want: NonCompliant},
		"child_ignores_the_scope": {then: exists(shelves + `, "existenceScope": "subscription", "resourceGroupName": "g2"`), related: []string{shelf("st1", "x", "1")}, want: Compliant},
		"child_by_name":           {then: exists(shelves + `, "name": "X"`), related: []string{shelf("st1", "x", "1")}, want: Compliant},
		"child_by_full_name":      {then: exists(shelves + `, "name": "[concat(field('name'), '/x')]"`), related: []string{shelf("st1", "x", "1")}, want: Compliant},
		"child_by_wrong_name":     {then: exists(shelves + `, "name": "[concat(field('name'), '/y')]"`), related: []string{shelf("st1", "x", "1")}, want: NonCompliant},
		"child_of_any_name":       {then: exists(shelves + `, "name": "[concat(field('name'), '/?')]", "existenceCondition": ` + leafOn("level", `"equals": "2"`)), related: []string{shelf("st1", "x", "1"), shelf("st1", "y", "2")}, want: Compliant},
		"any_name_of_another":     {then: exists(shelves + `, "name": "other/?"`), related: []string{shelf("st1", "x", "1")}, want: NonCompliant},
		"any_name":                {then: exists(shelves + `, "name": "?"`), related: []string{shelf("st1", "x", "1")}, want: Compliant},

		"extension":              {then: exists(`"type": "Microsoft.Authorization/locks", "existenceCondition": ` + leafOn("lock", `"like": "CanNot*"`)), related: []string{lock(storeID)}, want: Compliant},
		"extension_of_the_group": {then: exists(`"type": "Microsoft.Authorization/locks"`), related: []string{lock(shopGroup)}, want: NonCompliant},
		"extension_of_another":   {then: exists(`"type": "Microsoft.Authorization/locks"`), related: []string{lock(storeID + "1")}, want: NonCompliant},
		"extension_by_its_id":    {then: exists(`"type": "Contoso.New/marks"`), related: []string{at(storeID+"/providers/Contoso.New/marks/m", "Contoso.New/marks", "")}, want: Compliant},

		"same_is_itself":       {resource: store(`{"a": 1}`), then: exists(sibling("[field('name')]")), want: Compliant},
		"same_is_itself_not":   {resource: store(`{"a": 2}`), then: exists(sibling("[field('fullName')]")), want: NonCompliant},
		"same_of_another_name": {resource: store(`{"a": 1}`), then: exists(sibling("st2")), want: NonCompliant},
	}
	for name, test := range tests {
		if test.cond == "" {
			test.cond = typed
		}
		test.related = append(test.related, test.itself(t))
		tests[name] = test
	}
	runJudged(t, tests)
}

// itself is the resource under if as a related one.
func (c *judgedCase) itself(t *testing.T) string { return string(c.subject(t).Body.MarshalTo(nil)) }

// TestExistence_unseen: a related resource that could not be read at all leaves
// open just those checks that could have found it.
func TestExistence_unseen(t *testing.T) {
	exists := func(details string) string { return `{"effect": "auditIfNotExists", "details": {` + details + `}}` }
	in := func(group, path string) []string {
		return []string{"unseen /subscriptions/s1/resourceGroups/" + group + "/providers/" + path}
	}
	typed := leafOn("type", `"equals": "Contoso.Shop/stores"`)
	tills, shelves, locks := `"type": "Contoso.Shop/tills"`, `"type": "Contoso.Shop/stores/shelves"`, `"type": "Microsoft.Authorization/locks"`
	till := in("G1", "Contoso.Shop/tills/t1")
	shelf := in("g1", "Contoso.Shop/stores/st1/shelves/x")
	isOn := `, "existenceCondition": ` + leafOn("state", `"equals": "on"`)
	read := `{"id": "` + shopGroup + `/providers/Contoso.Shop/tills/t2", "type": "Contoso.Shop/tills", "kind": "big", "properties": {"state": "on"}}`
	readOff := `{"id": "` + shopGroup + `/providers/Contoso.Shop/tills/t2", "type": "Contoso.Shop/tills", "properties": {"state": "off"}}`
	unknown := "NoData denied"
	tests := map[string]judgedCase{
		"any":                {then: exists(tills), related: till, want: unknown},
		"another_group":      {then: exists(tills), related: in("g2", "Contoso.Shop/tills/t1"), want: NonCompliant},
		"named_group":        {then: exists(tills + `, "resourceGroupName": "g2"`), related: in("g2", "Contoso.Shop/tills/t1"), want: unknown},
		"subscription":       {then: exists(tills + `, "existenceScope": "subscription"`), related: in("g2", "Contoso.Shop/tills/t1"), want: unknown},
		"another_unit":       {then: exists(tills + `, "existenceScope": "subscription"`), related: []string{"unseen /subscriptions/s2/resourceGroups/g1/providers/Contoso.Shop/tills/t1"}, want: NonCompliant},
		"another_type":       {then: exists(tills), related: shelf, want: NonCompliant},
		"condition":          {then: exists(tills + isOn), related: till, want: unknown},
		"another_passes":     {then: exists(tills + isOn), related: append(in("g1", "Contoso.Shop/tills/t1"), read), want: Compliant},
		"another_fails":      {then: exists(tills + isOn), related: append(in("g1", "Contoso.Shop/tills/t1"), readOff), want: unknown},
		"name":               {then: exists(tills + `, "name": "T1"`), related: till, want: unknown},
		"another_name":       {then: exists(tills + `, "name": "t2"`), related: till, want: NonCompliant},
		"computed_name":      {then: exists(tills + `, "name": "[concat('t', substring(field('name'), 2))]"`), related: till, want: unknown},
		"computed_another":   {then: exists(tills + `, "name": "[concat('u', substring(field('name'), 2))]"`), related: till, want: NonCompliant},
		"unique_name":        {then: exists(tills + `, "name": "[concat('t-', uniqueString(field('id')))]"`), related: in("g1", "Contoso.Shop/tills/t-abcdefghij234"), want: unknown},
		"unique_another":     {then: exists(tills + `, "name": "[concat('t-', uniqueString(field('id')))]"`), related: till, want: NonCompliant},
		"kind":               {then: exists(tills + `, "kind": "big"`), related: till, want: unknown},
		"condition_on_name":  {then: exists(tills + `, "existenceCondition": ` + leafOn("name", `"equals": "t2"`)), related: till, want: NonCompliant},
		"condition_on_other": {then: exists(tills + `, "existenceCondition": ` + leafOn("location", `"equals": "x"`)), related: till, want: unknown},
		"condition_on_both":  {then: exists(tills + `, "existenceCondition": ` + leafOn("state", `"equals": "[field('name')]"`)), related: till, want: unknown},
		"an_array":           {then: exists(tills + `, "existenceCondition": ` + leafOn("foreign[*]", `"in": []`)), related: till, want: unknown},
		"child":              {then: exists(shelves), related: shelf, want: unknown},
		"child_of_another":   {then: exists(shelves), related: in("g1", "Contoso.Shop/stores/st11/shelves/x"), want: NonCompliant},
		"child_by_name":      {then: exists(shelves + `, "name": "[concat(field('name'), '/x')]"`), related: shelf, want: unknown},
		"child_other_name":   {then: exists(shelves + `, "name": "[concat(field('name'), '/y')]"`), related: shelf, want: NonCompliant},
		"child_of_any_name":  {then: exists(shelves + `, "name": "[concat(field('name'), '/?')]"`), related: shelf, want: unknown},
		"extension":          {then: exists(locks), related: []string{"unseen " + storeID + "/providers/Microsoft.Authorization/locks/l"}, want: unknown},
		"of_the_group":       {then: exists(locks), related: []string{"unseen " + shopGroup + "/providers/Microsoft.Authorization/locks/l"}, want: NonCompliant},

		"unnamed":               {then: exists(tills), related: in("g1", "Contoso.Shop/tills/?"), want: unknown},
		"unnamed_by_name":       {then: exists(tills + `, "name": "t2"`), related: in("g1", "Contoso.Shop/tills/?"), want: unknown},
		"unnamed_by_computed":   {then: exists(tills + `, "name": "[concat('u', substring(field('name'), 2))]"` + isOn), related: in("g1", "Contoso.Shop/tills/?"), want: unknown},
		"unnamed_and_another":   {then: exists(tills + `, "name": "[concat('t', substring(field('name'), 2))]"` + isOn), related: append(in("g1", "Contoso.Shop/tills/?"), readOff), want: unknown},
		"unnamed_and_found":     {then: exists(tills + `, "name": "[concat('t', replace(field('name'), 'st1', '2'))]"` + isOn), related: append(in("g1", "Contoso.Shop/tills/?"), read), want: Compliant},
		"unnamed_elsewhere":     {then: exists(tills + `, "name": "[concat('u', substring(field('name'), 2))]"`), related: in("g2", "Contoso.Shop/tills/?"), want: NonCompliant},
		"unnamed_child":         {then: exists(shelves + `, "name": "[concat(field('name'), '/y')]"`), related: in("g1", "Contoso.Shop/stores/st1/shelves/?"), want: unknown},
		"unnamed_condition":     {then: exists(tills + `, "existenceCondition": ` + leafOn("name", `"equals": "t2"`)), related: in("g1", "Contoso.Shop/tills/?"), want: unknown},
		"unnamed_late":          {then: exists(tills + `, "name": "t7", "existenceCondition": ` + leafOn("state", `"equals": "[field('name')]"`)), related: in("g1", "Contoso.Shop/tills/?"), want: unknown},
		"unnamed_type":          {then: exists(tills + `, "existenceCondition": ` + leafOn("type", `"equals": "x"`)), related: in("g1", "Contoso.Shop/tills/?"), want: NonCompliant},
		"unnamed_unique":        {then: exists(tills + `, "name": "[concat('t-', uniqueString(field('id')))]"`), related: in("g1", "Contoso.Shop/tills/?"), want: unknown},
		"unnamed_of_the_parent": {then: exists(shelves), related: in("g1", "Contoso.Shop/stores/st2/shelves/?"), want: NonCompliant},
	}
	for name, test := range tests {
		test.cond = typed
		tests[name] = test
	}
	runJudged(t, tests)
}

// TestSiblings: related resources of the same type share the parent.
func TestSiblings(t *testing.T) {
	child := func(of string, level int) string {
		return `{"id": "` + shopGroup + `/providers/Contoso.Shop/stores/` + of + `/shelves/default", "type": "Contoso.Shop/stores/shelves", "properties": {"level": ` + string(rune('0'+level)) + `}}`
	}
	mark := func(of string) string {
		return `{"id": "` + of + `/providers/Contoso.New/marks/m", "type": "Contoso.New/marks", "properties": {}}`
	}
	tests := map[string]struct {
		subject, other, kind, condition, want string
	}{
		"child_itself":      {child("st1", 1), child("st2", 2), "Contoso.Shop/stores/shelves", leafOn("level", `"equals": 1`), Compliant},
		"child_of_another":  {child("st1", 1), child("st2", 2), "Contoso.Shop/stores/shelves", leafOn("level", `"equals": 2`), NonCompliant},
		"extension_itself":  {mark(storeID), mark(storeID + "2"), "Contoso.New/marks", leafOn("id", `"contains": "st1/"`), Compliant},
		"extension_another": {mark(storeID), mark(storeID + "2"), "Contoso.New/marks", leafOn("id", `"contains": "st12/"`), NonCompliant},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{
				cond: leafOn("type", `"exists": true`), resource: test.subject, related: []string{test.subject, test.other},
				then: `{"effect": "auditIfNotExists", "details": {"type": "` + test.kind + `", "name": "[field('name')]", "existenceCondition": ` + test.condition + `}}`,
			}
			if v := c.bound(t).Judge(c.subject(t), c.environment(t)); v.Compliance != test.want {
				t.Errorf("%s, want %s; warnings %q", v.Compliance, test.want, v.Warnings)
			}
		})
	}
}

// TestScopesAsSubjects: subscriptions and resource groups under if.
func TestScopesAsSubjects(t *testing.T) {
	const (
		subscription = `{"id": "/subscriptions/s1", "name": "s1", "type": "Microsoft.Resources/subscriptions", "properties": {}}`
		group        = `{"id": "` + shopGroup + `", "name": "g1", "type": "Microsoft.Resources/subscriptions/resourceGroups", "properties": {}}`
		pricing      = `{"id": "/subscriptions/s1/providers/Microsoft.Security/pricings/VirtualMachines", "type": "Microsoft.Security/pricings", "properties": {}}`
		other        = `{"id": "/subscriptions/s2/providers/Microsoft.Security/pricings/VirtualMachines", "type": "Microsoft.Security/pricings", "properties": {}}`
		till         = `{"id": "` + shopGroup + `/providers/Contoso.Shop/tills/t", "type": "Contoso.Shop/tills", "properties": {}}`
		onTill       = `{"id": "` + shopGroup + `/providers/Contoso.Shop/tills/t/providers/Microsoft.Security/pricings/VirtualMachines", "type": "Microsoft.Security/pricings", "properties": {}}`
		onOther      = `{"id": "/subscriptions/s2/resourceGroups/g/providers/Contoso.Shop/tills/t/providers/Microsoft.Security/pricings/VirtualMachines", "type": "Microsoft.Security/pricings", "properties": {}}`
		tillOnTill   = `{"id": "` + shopGroup + `/providers/Contoso.Shop/stores/st1/providers/Contoso.Shop/tills/t", "type": "Contoso.Shop/tills", "properties": {}}`
		role         = `{"id": "/subscriptions/s1/providers/Microsoft.Authorization/roleAssignments/r", "type": "Microsoft.Authorization/roleAssignments", "properties": {}}`
	)
	rule := func(kind, more string) string {
		return `{"effect": "auditIfNotExists", "details": {"type": "` + kind + `"` + more + `}}`
	}
	always := leafOn("type", `"exists": true`)
	only := leafOn("type", `"equals": "Microsoft.Resources/subscriptions"`) // so that nothing else looks for the candidates
	runJudged(t, map[string]judgedCase{
		"pricing":                {cond: always, resource: subscription, related: []string{pricing}, then: rule("Microsoft.Security/pricings", `, "name": "virtualmachines"`), want: Compliant},
		"pricing_of_another":     {cond: always, resource: subscription, related: []string{other}, then: rule("Microsoft.Security/pricings", `, "name": "VirtualMachines"`), want: NonCompliant},
		"pricing_beside_others":  {cond: only, resource: subscription, related: []string{onOther, pricing, onTill}, then: rule("Microsoft.Security/pricings", `, "name": "VirtualMachines"`), want: Compliant},
		"pricing_of_a_resource":  {cond: only, resource: subscription, related: []string{onTill, onOther}, then: rule("Microsoft.Security/pricings", `, "name": "VirtualMachines"`), want: NonCompliant},
		"on_it_or_in_its_group":  {cond: always, resource: till, related: []string{onTill, pricing}, then: rule("Microsoft.Security/pricings", ""), want: Compliant},
		"anywhere_beside_nested": {cond: only, resource: subscription, related: []string{till, tillOnTill}, then: rule("Contoso.Shop/tills", ""), want: Compliant},
		"group_beside_nested":    {cond: always, resource: group, related: []string{tillOnTill, till}, then: rule("Contoso.Shop/tills", ""), want: Compliant},
		"nested_of_the_group":    {cond: always, resource: group, related: []string{tillOnTill}, then: rule("Contoso.Shop/tills", ""), want: NonCompliant},
		"computed_name_on_it":    {cond: only, resource: subscription, related: []string{role}, then: rule("Microsoft.Authorization/roleAssignments", `, "name": "[replace(field('name'), 's1', 'r')]"`), want: Compliant},
		"anywhere_in_it":         {cond: always, resource: subscription, related: []string{till}, then: rule("Contoso.Shop/tills", ""), want: Compliant},
		"groups_of_it":           {cond: always, resource: subscription, related: []string{group}, then: rule("Microsoft.Resources/subscriptions/resourceGroups", `, "name": "G1"`), want: Compliant},
		"extension_of_it":        {cond: always, resource: subscription, related: []string{role}, then: rule("Microsoft.Authorization/roleAssignments", ""), want: Compliant},
		"in_the_group":           {cond: always, resource: group, related: []string{till}, then: rule("Contoso.Shop/tills", ""), want: Compliant},
		"extension_of_the_group": {cond: always, resource: group, related: []string{role}, then: rule("Microsoft.Authorization/roleAssignments", ""), want: NonCompliant},
	})
}

// TestSurroundings is the part of section 12.1 that reads what is around a
// resource.
func TestSurroundings(t *testing.T) {
	known := func(r *Resource) {
		r.ID = shopGroup + "/providers/Contoso.Shop/stores/st1"
		r.Surroundings = surroundings{}
	}
	tests := map[string]judgedCase{
		"managed_by_null":        {cond: valueOf("[resourceGroup().managedBy]", `"equals": ""`), alter: known, want: NonCompliant},
		"managed_by_not":         {cond: valueOf("[resourceGroup().managedBy]", `"exists": true`), alter: known, want: Compliant},
		"no_tag":                 {cond: valueOf("[resourceGroup().tags.none]", `"exists": false`), alter: known, want: Compliant},
		"no_tag_is_empty":        {cond: valueOf("[empty(resourceGroup().tags.none)]", `"equals": true`), alter: known, want: NonCompliant},
		"group_name":             {cond: valueOf("[ResourceGroup().NAME]", `"equals": "G1"`), alter: known, want: NonCompliant},
		"subscription_id":        {cond: valueOf("[subscription().id]", `"equals": "/subscriptions/s1"`), alter: known, want: NonCompliant},
		"api_version":            {cond: valueOf("[requestContext().apiVersion]", `"greaterOrEquals": "2019-08-01"`), alter: known, want: NonCompliant},
		"no_identity":            {cond: valueOf("[requestContext().identity.idtyp]", `"notEquals": "x"`), alter: known, want: Compliant},
		"no_claims":              {cond: valueOf("[claims()]", `"exists": false`), alter: known, want: Compliant},
		"no_surroundings":        {cond: valueOf("[resourceGroup()]", `"exists": false`), want: Compliant},
		"policy_parts_are_empty": {cond: valueOf("[policy().assignmentId]", `"equals": ""`), want: NonCompliant},
		"now":                    {cond: valueOf("[utcNow()]", `"equals": "2026-11-22T00:00:00.0000000Z"`), want: NonCompliant},
		"in_thirty_days":         {cond: valueOf("[addDays(utcNow(), 30)]", `"equals": "2026-12-22T00:00:00Z"`), want: NonCompliant},
		"expired":                {cond: leafOn("a", `"less": "[addDays(utcNow(), -90)]"`), resource: store(`{"a": "2026-01-01T00:00:00Z"}`), want: NonCompliant},
		"not_expired":            {cond: leafOn("a", `"less": "[addDays(utcNow(), -90)]"`), resource: store(`{"a": "2026-10-01T00:00:00Z"}`), want: Compliant},
	}
	runJudged(t, tests)

	c := judgedCase{cond: valueOf("[concat(policy().DefinitionId, policy().assignmentId, utcNow())]", `"equals": "d2001-02-03T04:05:06.5000000Z"`)}
	env := c.environment(t)
	env.Policy = ObjectValue([]string{"definitionid"}, []Value{StringValue("d")})
	env.Now = time.Date(2001, 2, 3, 4, 5, 6, 500_000_000, time.UTC)
	if v := c.bound(t).Judge(c.subject(t), env); v.Compliance != NonCompliant {
		t.Errorf("policy() and utcNow(): %+v", v)
	}
}
