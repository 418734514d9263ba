package assess_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// A type that was not read is told with the rules that would judge it, or if only
// looked for without; what no rule is about is not.
func TestTypesNotRead(t *testing.T) {
	const storage, store = "Microsoft.Storage/storageAccounts", "microsoft.storage/storageaccounts"
	const insight = "microsoft.insights/diagnosticsettings"
	a := account(groupA, "a", secure)
	denied := read(unitA, "*", "true", gap("denied", storage))
	inA := store + " in " + unitA + " denied"
	tagged := definition("tagged", `"if": {"field": "tags.owner", "exists": false}, "then": {"effect": "audit"}`, "")
	assigned := func(scope, more string) func(*assess.Options) {
		return func(o *assess.Options) {
			text := assignment("one", scope, "policyDefinitions/https", more)
			o.Library = library(t, https, text)
			o.Assignments = o.Library.Assignments
		}
	}
	scoped := func(scopes ...string) func(*assess.Options) {
		return func(o *assess.Options) { o.Filter.Scopes = scopes }
	}
	typed := func(types ...string) func(*assess.Options) {
		return func(o *assess.Options) { o.Filter.ResourceTypes = types }
	}
	tests := map[string]struct {
		rules  []string
		lines  []string
		alter  func(*assess.Options)
		want   []string
		judged int
		marks  string // rule and types
	}{
		"read":                   {[]string{https}, []string{a, read(unitA, "*", "true")}, nil, nil, 0, "[]"},
		"no_record":              {[]string{https}, []string{subscription(unitA)}, nil, nil, 0, "[]"},
		"denied":                 {[]string{https}, []string{subscription(unitA), denied}, nil, []string{inA}, 1, "[https [" + store + "]]"},
		"in_part":                {[]string{https}, []string{a, read(unitA, storage, "false")}, nil, []string{store + " in " + unitA + " partial"}, 1, "[https [" + store + "]]"},
		"read_later":             {[]string{https}, []string{a, read(unitA, storage, "false", earlier), read(unitA, storage, "true", later)}, nil, nil, 0, "[]"},
		"where_nothing_is":       {[]string{https}, []string{a, read(unitB, storage, "true", `,"throttled":[{}]`)}, nil, []string{store + " in " + unitB + " throttled"}, 1, "[https [" + store + "]]"},
		"above":                  {[]string{https}, []string{a, hierarchy, read(top, storage, "true", `,"error":[{}]`)}, nil, []string{store + " in " + top + " error"}, 1, "[https [" + store + "]]"},
		"judged_by_none":         {[]string{https}, []string{a, read(unitA, "*", "true", gap("denied", "A.B/c"))}, nil, nil, 0, "[]"},
		"of_another_cloud":       {[]string{tagged}, []string{a, read(unitA, "*", "true", gap("denied", "AWS::S3::Bucket"))}, nil, nil, 0, "[]"},
		"everything":             {[]string{https}, []string{a, read(unitA, "*", "false")}, nil, []string{" in " + unitA + " partial"}, 1, "[https []]"},
		"everything_else":        {[]string{https}, []string{a, read(unitA, "*", "false"), read(unitA, storage, "true")}, nil, nil, 0, "[]"},
		"everything_of_another":  {[]string{https}, []string{a, read("111122223333", "*", "false")}, nil, nil, 0, "[]"},
		"everything_by_any":      {[]string{tagged}, []string{a, read(unitA, "*", "false")}, nil, []string{" in " + unitA + " partial"}, 1, "[tagged []]"},
		"by_a_rule_of_any":       {[]string{tagged}, []string{a, read(unitA, "*", "true", gap("denied", "A.B/c"))}, nil, []string{"a.b/c in " + unitA + " denied"}, 1, "[tagged [a.b/c]]"},
		"looked_for":             {[]string{logged}, []string{a, read(unitA, "*", "true", gap("denied", settings))}, nil, []string{insight + " in " + unitA + " denied"}, 0, "[]"},
		"below_a_resource":       {[]string{logged}, []string{a, read(unitA, settings, "true", `,"denied":[{"id":"`+groupA+`/providers/Microsoft.Storage/storageAccounts/a"}]`)}, nil, []string{insight + " in " + groupA + "/providers/Microsoft.Storage/storageAccounts/a denied"}, 0, "[]"},
		"only_manual":            {[]string{attest}, []string{a, read(unitA, "Microsoft.Resources/subscriptions", "true", `,"denied":[{}]`)}, nil, nil, 0, "[]"},
		"not_chosen":             {[]string{https, logged, tagged}, []string{a, read(unitA, "*", "true", gap("denied", settings))}, func(o *assess.Options) { o.Policies = []string{"https"} }, nil, 0, "[]"},
		"type_of_the_filter":     {[]string{https}, []string{subscription(unitA), denied}, typed(upper(storage)), []string{inA}, 1, "[https [" + store + "]]"},
		"another_type":           {[]string{https}, []string{subscription(unitA), denied}, typed("Microsoft.Resources/subscriptions"), nil, 0, "[]"},
		"looked_for_by_the_type": {[]string{logged}, []string{a, read(unitA, "*", "true", gap("denied", settings))}, typed(storage), []string{insight + " in " + unitA + " denied"}, 0, "[]"},
		"looked_for_by_others":   {[]string{logged, https}, []string{a, read(unitA, "*", "true", gap("denied", settings))}, typed("Microsoft.Web/sites"), nil, 0, "[]"},
		"everything_of_the_type": {[]string{tagged}, []string{a, read(unitA, "*", "false"), read(unitA, storage, "true")}, typed(storage), nil, 0, "[]"},
		"in_the_scope":           {[]string{https}, []string{a, denied}, scoped(groupA), []string{inA}, 1, "[https [" + store + "]]"},
		"in_another_scope":       {[]string{https}, []string{a, denied}, scoped(unitB), nil, 0, "[]"},
		"in_the_scope_above":     {[]string{https}, []string{a, hierarchy, denied}, scoped(top), []string{inA}, 1, "[https [" + store + "]]"},
		"scope_is_a_resource":    {[]string{https}, []string{a, denied}, scoped(groupA + "/providers/A.B/c/d"), nil, 0, "[]"},
		"scope_is_one_of_it":     {[]string{https}, []string{a, denied}, scoped(groupA + "/providers/" + storage + "/a"), []string{inA}, 1, "[https [" + store + "]]"},
		"perhaps_with_the_tag":   {[]string{https}, []string{a, denied}, scoped("tag:a=b"), []string{inA}, 1, "[https [" + store + "]]"},
		"assigned_there":         {[]string{https}, []string{a, denied}, assigned(unitA, ""), []string{inA}, 1, "[https [" + store + "]]"},
		"assigned_above":         {[]string{https}, []string{a, hierarchy, denied}, assigned(top, ""), []string{inA}, 1, "[https [" + store + "]]"},
		"assigned_to_a_part":     {[]string{https}, []string{a, denied}, assigned(groupA, ""), []string{inA}, 1, "[https [" + store + "]]"},
		"assigned_elsewhere":     {[]string{https}, []string{a, denied}, assigned(unitB, ""), nil, 0, "[]"},
		"assigned_but_for_it":    {[]string{https}, []string{a, hierarchy, denied}, assigned(top, `, "notScopes": ["`+unitA+`"]`), nil, 0, "[]"},
		"exempt":                 {[]string{https}, []string{a, denied}, func(o *assess.Options) { o.Exemptions = exemption(t, `{"recommendation":"https","scope":"`+unitA+`"}`) }, nil, 0, "[]"},
		"exempt_in_part": {[]string{https}, []string{a, denied}, func(o *assess.Options) {
			o.Exemptions = exemption(t, `{"recommendation":"https","scope":"`+groupA+`"}`)
		}, []string{inA}, 1, "[https [" + store + "]]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, test.rules, test.lines...)
			if test.alter != nil {
				test.alter(&o)
			}
			result, _ := run(t, o)
			c := result.Coverage
			var got []string
			for _, f := range c.NotRead {
				got = append(got, fmt.Sprintf("%s in %s %s", f.Type, f.Scope, f.Reason))
			}
			if diff := cmp.Diff(test.want, got); diff != "" || c.NotReadTotal != len(test.want) || c.NotJudged != test.judged {
				t.Errorf("%d not read, %d of them judged, want %d judged (-want +got):\n%s", c.NotReadTotal, c.NotJudged, test.judged, diff)
			}
			marks := []string{}
			for _, r := range result.Recommendations {
				if r.NotRead != nil {
					marks = append(marks, fmt.Sprint(r.ID[strings.LastIndexByte(r.ID, '/')+1:], " ", r.NotRead))
				}
			}
			if got := fmt.Sprint(marks); got != test.marks {
				t.Errorf("rules of types not read: %s, want %s", got, test.marks)
			}
		})
	}
}
