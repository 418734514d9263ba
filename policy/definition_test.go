package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// errorsOf gives one line a problem.
func errorsOf(problems Problems) []string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Error())
	}
	return lines
}

// TestRefusedConditions has a condition in line 2 of a definition.
func TestRefusedConditions(t *testing.T) {
	tests := map[string]struct {
		cond string
		want []string
	}{
		"all_of_no_array":     {`{"allOf": {}}`, []string{`2:11: "allOf" is an object; want an array of conditions`}},
		"any_of_null":         {`{"ANYOF": null}`, []string{`2:11: "ANYOF" is null; want an array of conditions`}},
		"not_an_array":        {`{"not": []}`, []string{`2:9: "not" is an array; want one condition, an object`}},
		"condition_no_object": {`[]`, []string{`2:1: condition is an array; want an object`}},
		"inner_no_object":     {`{"allOf": ["x"]}`, []string{`2:12: condition is a string; want an object`}},
		"key_beside_any_of":   {`{"anyOf": [], "field": "type"}`, []string{`2:15: "field" beside "anyOf"; want "anyOf" alone in its object`}},
		"key_before_not":      {`{"equals": 1, "not": {"field": "type", "exists": true}}`, []string{`2:2: "equals" beside "not"; want "not" alone in its object`}},
		"two_logical":         {`{"allOf": [], "anyOf": []}`, []string{`2:15: "anyOf" beside "allOf"; want "allOf" alone in its object`}},
		"unknown_operator":    {`{"field": "type", "equls": "x"}`, []string{`2:19: unknown operator "equls"; did you mean "equals"?`}},
		"far_operator":        {`{"field": "type", "zzzzzzzz": "x"}`, []string{`2:19: unknown operator "zzzzzzzz"`}},
		"unknown_key":         {`{"field": "type", "equals": "x", "vaule": 1}`, []string{`2:34: unknown key "vaule" in a condition; did you mean "value"?`}},
		"misspelt_logical":    {`{"alOf": []}`, []string{`2:2: unknown key "alOf" in a condition; did you mean "allOf"?`}},
		"two_operators":       {`{"field": "type", "equals": "x", "like": "y"}`, []string{`2:34: operator "like" beside "equals"; want one operator`}},
		"no_operator":         {`{"field": "type"}`, []string{`2:1: condition without operator; want one beside "field", such as "equals"`}},
		"no_left":             {`{"equals": "x"}`, []string{`2:1: condition without left-hand side; want "field", "value" or "count" beside "equals"`}},
		"two_left":            {`{"field": "type", "value": 1, "equals": "x"}`, []string{`2:19: "value" beside "field"; want one of "field", "value", "count"`}},
		"empty":               {`{}`, []string{`2:1: empty condition; want "field", "value" or "count" with an operator, or "allOf", "anyOf" or "not"`}},
		"field_no_string":     {`{"field": 5, "equals": "x"}`, []string{`2:11: field is a number; want a name in quotes`}},
		"count_no_object":     {`{"count": "a[*]", "equals": 1}`, []string{`2:11: count is a string; want an object with "field" or "value"`}},
		"count_both":          {`{"count": {"field": "a[*]", "value": []}, "equals": 1}`, []string{`2:11: count with both "field" and "value"; want one of them`}},
		"count_neither":       {`{"count": {"where": {"value": 1, "equals": 1}}, "equals": 1}`, []string{`2:11: count without "field" and "value"; want one of them`}},
		"count_name_field":    {`{"count": {"field": "a[*]", "name": "n"}, "equals": 1}`, []string{`2:29: name beside the field of a count; want it only beside "value"`}},
		"count_name_kind":     {`{"count": {"value": [], "name": 1}, "equals": 1}`, []string{`2:33: name of a count is a number; want a string`}},
		"count_unknown_key":   {`{"count": {"value": [], "were": {}}, "equals": 1}`, []string{`2:25: unknown key "were" in count; did you mean "where"?`}},
		"count_where":         {`{"count": {"value": [], "where": []}, "equals": 1}`, []string{`2:34: condition is an array; want an object`}},
		"repeated_key":        {`{"field": "type", "equals": "x", "Equals": "y"}`, []string{`2:34: key "Equals" again; "equals" is in line 2 already`, `2:34: operator "Equals" beside "equals"; want one operator`}},
		"repeated_inside":     {`{"value": {"a": 1, "A": 2}, "equals": 1}`, []string{`2:20: key "A" again; "a" is in line 2 already`}},
		"unknown_function":    {`{"value": "[paramters('x')]", "equals": 1}`, []string{`2:13: expression: unknown function "paramters"; did you mean "parameters"?`}},
		"not_offered":         {`{"value": ["[resourceId('x')]"], "equals": 1}`, []string{`2:14: expression: `}},
		"bare_word":           {`{"value": 1, "equals": "[foo]"}`, []string{`2:26: expression: bare word "foo"`}},
		"all_at_once": {"{\"allOf\": [\n{\"field\": \"type\", \"equls\": 1},\n{\"not\": 1}]}", []string{
			`3:19: unknown operator "equls"; did you mean "equals"?`, `4:9: "not" is a number; want one condition, an object`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text := "{\"policyRule\": {\"if\":\n" + test.cond + ", \"then\": {\"effect\": \"audit\"}}}"
			d, problems := ParseDefinition("p.json", []byte(text))
			if d != nil {
				t.Error("definition is not refused")
			}
			got := errorsOf(problems)
			for i := range min(len(got), len(test.want)) {
				if want := "p.json:" + test.want[i]; strings.HasPrefix(got[i], want) && strings.Contains(test.want[i], "expression") {
					got[i] = want // the rest is the expression parser's
				}
			}
			var want []string
			for _, line := range test.want {
				want = append(want, "p.json:"+line)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestThen has a then object in line 2; want is "" where it is accepted.
func TestThen(t *testing.T) {
	exists := `{"effect": "auditIfNotExists", "details": {"type": "a/b", "existenceCondition": %s}}`
	modify := `{"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": %s}}`
	tests := map[string]struct{ then, want string }{
		"no_object":            {`[]`, `2:1: "then" is an array; want an object with "effect"`},
		"no_effect":            {`{}`, `2:1: "then" without "effect"; want the name of an effect`},
		"effect_kind":          {`{"effect": 1}`, `2:12: effect is a number; want a string`},
		"unknown_effect":       {`{"effect": "audti"}`, `2:12: unknown effect "audti"; did you mean "Audit"?`},
		"effect_expression":    {`{"effect": "[oops]"}`, `2:14: expression: bare word "oops"`},
		"bare_modify":          {`{"effect": "modify"}`, ""},
		"bare_append":          {`{"effect": "APPEND", "details": null}`, ""},
		"audit_with_details":   {`{"effect": "audit", "details": {"x": 1, "operations": 5}, "y": 2}`, ""},
		"data_plane":           {`{"effect": "enforceRegoPolicy", "details": {"policy": "x"}}`, ""},
		"modify_no_operations": {`{"effect": "modify", "details": {"roleDefinitionIds": []}}`, `2:33: details of modify without "operations"; want an array of at least one`},
		"modify_empty":         {fmt.Sprintf(modify, `[]`), `2:76: operations of modify is empty; want at least one`},
		"modify_no_array":      {fmt.Sprintf(modify, `{}`), `2:76: operations of modify is an object; want an array of at least one`},
		"modify_no_roles":      {`{"effect": "modify", "details": {"operations": [{"operation": "add", "field": "tags.a", "value": 1}]}}`, `2:33: details of modify without "roleDefinitionIds"; want an array of role ids`},
		"modify_operation":     {fmt.Sprintf(modify, `[{"operation": "replace", "field": "tags.a", "value": 1}]`), `2:91: unknown operation "replace"; want one of add, addOrReplace, remove`},
		"modify_no_operation":  {fmt.Sprintf(modify, `[{"field": "tags.a", "value": 1}]`), `2:77: operation without "operation"; want one of add, addOrReplace, remove`},
		"modify_no_field":      {fmt.Sprintf(modify, `[{"operation": "ADD", "value": 1}]`), `2:77: operation without "field"; want what to change`},
		"modify_no_value":      {fmt.Sprintf(modify, `[{"operation": "addorreplace", "field": "tags.a"}]`), `2:77: operation addOrReplace without "value"; want what to write`},
		"modify_remove":        {fmt.Sprintf(modify, `[{"operation": "Remove", "field": "tags.a"}]`), ""},
		"append_empty":         {`{"effect": "append", "details": []}`, `2:33: details of append is empty; want at least one object with "field" and "value"`},
		"append_no_value":      {`{"effect": "append", "details": [{"field": "tags.a"}]}`, `2:34: item of append without "value"; want what to add`},
		"append_no_field":      {`{"effect": "append", "details": {"value": 1}}`, `2:33: item of append without "field"; want what to change`},
		"append_null":          {`{"effect": "append", "details": [{"field": "tags.a", "value": null}]}`, ""},
		"exists_no_details":    {`{"effect": "deployIfNotExists"}`, `2:1: effect "deployIfNotExists" without details; want an object with "type"`},
		"exists_array":         {`{"effect": "deployIfNotExists", "details": []}`, `2:44: details of effect "deployIfNotExists" is an array; want an object with "type"`},
		"exists_no_type":       {`{"effect": "auditIfNotExists", "details": {"name": "x"}}`, `2:43: details without "type"; want the type of the related resource`},
		"exists_type_kind":     {`{"effect": "auditIfNotExists", "details": {"Type": 1}}`, `2:52: type in details is a number; want the type of the related resource in quotes`},
		"exists_condition":     {fmt.Sprintf(exists, `{"field": "x"}`), `2:81: condition without operator; want one beside "field", such as "equals"`},
		"exists_repeated":      {fmt.Sprintf(exists, `{"field": "x", "equals": 1}, "TYPE": "c"`), `2:110: key "TYPE" again; "type" is in line 2 already`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text := "{\"properties\": {\"policyRule\": {\"if\": {\"field\": \"type\", \"equals\": \"x\"}, \"then\":\n" + test.then + "}}}"
			d, problems := ParseDefinition("p.json", []byte(text))
			got := strings.Join(errorsOf(problems), "\n")
			if test.want != "" {
				test.want = "p.json:" + test.want
			}
			if strings.Contains(test.want, "expression") && strings.HasPrefix(got, test.want) {
				got = test.want
			}
			if (d != nil) != (test.want == "") {
				t.Errorf("refused is %v", d == nil)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestParametrisedEffect checks details by what the effect's parameter says.
func TestParametrisedEffect(t *testing.T) {
	tests := map[string]struct {
		declaration, details string
		refused              bool
		warnings             int
	}{
		"default_exists_no_details":  {`{"type": "String", "defaultValue": "AuditIfNotExists"}`, `null`, true, 0},
		"default_exists_no_type":     {`{"type": "String", "defaultValue": "AuditIfNotExists"}`, `{}`, true, 0},
		"allowed_exists_no_type":     {`{"type": "String", "allowedValues": ["Audit", "AuditIfNotExists"]}`, `{}`, true, 0},
		"allowed_exists_no_details":  {`{"type": "String", "allowedValues": ["Audit", "AuditIfNotExists"]}`, `null`, false, 0},
		"unknown_existence_is_read":  {`{"type": "String"}`, `{"type": "a/b", "existenceCondition": {"field": "x"}}`, true, 0},
		"audit_needs_nothing":        {`{"type": "String", "defaultValue": "Audit"}`, `{"existenceCondition": 1}`, false, 0},
		"deployment_only_warned":     {`{"type": "String", "defaultValue": "DeployIfNotExists"}`, `{"type": "a/b", "deployment": {"properties": {"template": {"x": "[reference('y')]"}, "parameters": {"p": {"value": "[reference('y')]"}}}}}`, false, 1},
		"default_modify_empty":       {`{"type": "String", "defaultValue": "Modify"}`, `{"roleDefinitionIds": [], "operations": []}`, true, 0},
		"allowed_modify_only_warned": {`{"type": "String", "defaultValue": "Audit", "allowedValues": ["Audit", "Modify"]}`, `{"roleDefinitionIds": [], "operations": []}`, false, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprintf(`{"parameters": {"E": %s}, "policyRule": {"if": {"field": "type", "exists": true},
				"then": {"effect": "[parameters('e')]", "details": %s}}}`, test.declaration, test.details)
			d, problems := ParseDefinition("p.json", []byte(text))
			if (d == nil) != test.refused || len(problems.Warnings()) != test.warnings {
				t.Errorf("refused is %v, problems %v; want %v with %d warnings", d == nil, problems, test.refused, test.warnings)
			}
		})
	}
}

func TestRefusedDefinitions(t *testing.T) {
	const rule = `"policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": "audit"}}`
	tests := map[string]struct{ in, want string }{
		"no_json":          {`{`, `p.json:1:2: unexpected end of file; want a property name in double quotes`},
		"no_object":        {`[]`, `p.json:1:1: definition is an array; want an object`},
		"no_rule":          {`{"properties": {}}`, `p.json:1:16: definition without "policyRule"; want an object with "if" and "then"`},
		"rule_kind":        {`{"policyRule": "x"}`, `p.json:1:16: policyRule is a string; want an object with "if" and "then"`},
		"properties_kind":  {`{"properties": 1}`, `p.json:1:16: properties of definition is a number; want an object`},
		"no_then":          {`{"policyRule": {"if": {"allOf": []}}}`, `p.json:1:16: policyRule without "then"; want an object with "effect"`},
		"no_if":            {`{"policyRule": {"then": {"effect": "audit"}}}`, `p.json:1:16: policyRule without "if"; want a condition there`},
		"two_rules":        {`{` + rule + `, ` + rule + `}`, `p.json:1:88: definition has "policyRule" twice`},
		"declaration_kind": {`{"parameters": {"a": "x"}, ` + rule + `}`, `p.json:1:22: parameter "a" is a string; want an object with "type"`},
		"repeated_name":    {`{"parameters": {"ab": {"type": "String"}, "AB": {"type": "String"}}, ` + rule + `}`, `p.json:1:43: key "AB" again; "ab" is in line 1 already`},
		"repeated_type":    {`{"parameters": {"a": {"type": "String", "Type": "Array"}}, ` + rule + `}`, `p.json:1:41: key "Type" again; "type" is in line 1 already`},
		"parameters_kind":  {`{"parameters": [], ` + rule + `}`, `p.json:1:16: parameters is an array; want an object with one declaration a name`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, problems := ParseDefinition("p.json", []byte(test.in))
			if d != nil {
				t.Error("definition is not refused")
			}
			if diff := cmp.Diff([]string{test.want}, errorsOf(problems)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLimitsOfRules(t *testing.T) {
	repeat := func(what string, n int) string { return strings.TrimSuffix(strings.Repeat(what+",", n), ",") }
	leaf, fieldCount := `{"field": "type", "exists": true}`, `{"count": {"field": "A[*]"}, "equals": 1}`
	valueCount := `{"count": {"value": []}, "equals": 1}`
	call := `{"value": "[concat('a)(', string(1))]", "equals": 1}`
	tests := map[string]struct{ most, over string }{
		"leaves":       {repeat(leaf, 4096), repeat(leaf, 4097)},
		"field_counts": {repeat(fieldCount, 5), repeat(fieldCount, 5) + "," + strings.ToLower(fieldCount)},
		"value_counts": {repeat(valueCount, 10), repeat(valueCount, 11)},
		"functions":    {repeat(call, 1024), repeat(call, 1025)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			const text = `{"policyRule": {"if": {"allOf": [%s]}, "then": {"effect": "audit"}}}`
			if _, problems := ParseDefinition("", fmt.Appendf(nil, text, test.most)); problems != nil {
				t.Errorf("refused at the limit: %v", problems)
			}
			if d, problems := ParseDefinition("", fmt.Appendf(nil, text, test.over)); d != nil || len(problems) != 1 {
				t.Errorf("above the limit: %v; want one problem", problems)
			}
		})
	}
}

func TestParsedDefinition(t *testing.T) {
	const text = `{"id": "/providers/Microsoft.Authorization/policyDefinitions/n1", "policyRule": 5, "Properties": {
		"DisplayName": "Title", "mode": "Indexed", "metadata": {"version": "1.2.0-preview", "category": "C", "securityCenter": {"severity": "High"}},
		"parameters": {"P": {"type": "string", "defaultValue": "[[x", "allowedValues": ["[[x"], "metadata": {"strongType": "location"}}},
		"policyRule": {"IF": {"not": {"count": {"value": ["[[a]", "b"], "where": {"value": "[current()]", "In": ["[parameters('p')]", 1]}}, "less": 2}},
			"then": {"effect": "modify", "details": {"roleDefinitionIds": ["r"], "conflictEffect": "deny",
				"operations": [{"operation": "ADDORREPLACE", "field": "tags.x", "value": "[concat('a', 'b')]", "condition": "c"}]}}}}}`
	d, problems := ParseDefinition("dir/p.json", []byte(text))
	if problems != nil {
		t.Fatal(problems)
	}
	got := *d
	got.Parameters, got.Rule = nil, nil
	want := Definition{
		ID: "/providers/Microsoft.Authorization/policyDefinitions/n1", Name: "n1", DisplayName: "Title",
		PolicyType: "BuiltIn", Mode: "Indexed", Version: "1.2.0-preview", Category: "C", Severity: "High",
		Preview: true, File: "dir/p.json", Pos: Position{1, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p := d.Parameters[0]; p.Name != "P" || p.Default.Text() != "[[x" || p.StrongType != "location" || len(p.Allowed) != 1 {
		t.Errorf("parameter %+v; want the default as it is written", p)
	}
	count := d.Rule.If.Children[0].Count
	if got := count.Value.Const.String(); got != `["[a]","b"]` {
		t.Errorf("value of count %s; want the doubled bracket gone", got)
	}
	right := count.Where.Right
	if count.Where.Operator != In || len(right.Items) != 2 || right.Items[0].Expr == nil || right.Items[1].Const.Int() != 1 {
		t.Errorf("right side %+v; want an expression and 1", right)
	}
	op := d.Rule.Details.Operations[0]
	if op.Operation != "addOrReplace" || op.Field.Const.Text() != "tags.x" || op.Value.Expr == nil || op.Condition.Text != "c" {
		t.Errorf("operation %+v", op)
	}
}

func FuzzDefinition(f *testing.F) {
	for _, seed := range []string{
		`{"properties": {"parameters": {"e": {"type": "String", "defaultValue": "Audit"}}, "policyRule": {"if": {"allOf": [
			{"field": "type", "equals": "x"}, {"count": {"field": "a[*]", "where": {"value": "[current()]", "like": "*"}}, "greater": 0}]},
			"then": {"effect": "[parameters('e')]", "details": {"type": "a/b", "existenceCondition": {"not": {"value": [1], "in": []}}}}}}}`,
		`{"policyRule": {"if": {"anyOf": []}, "then": {"effect": "append", "details": [{"field": "a", "value": "[concat('b')]"}]}}}`,
		`{"policyRule": {"if": {"equls": 1}, "then": {"effect": "modify", "details": {"operations": [1]}}}}`, `{"properties": null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problems := ParseDefinition("f", data)
		if (d == nil) != (problems.Err() != nil) {
			t.Fatalf("definition %v with problems %v", d, problems)
		}
		if d == nil {
			return
		}
		if d.Rule.If == nil || d.Rule.Then() == nil {
			t.Fatalf("%q: rule is not whole", data)
		}
		Lint(&Library{Definitions: []*Definition{d}, Aliases: NewAliases()})
	})
}
