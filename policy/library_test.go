package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const smallRule = `"policyRule": {"if": {"field": "type", "equals": "x"}, "then": {"effect": "audit"}}`

// counts is what a library has after reading a file.
type counts struct{ definitions, initiatives, assignments, exemptions, attestations, aliases, refused int }

func countsOf(l *Library) counts {
	c := counts{len(l.Definitions), len(l.Initiatives), len(l.Assignments), len(l.Exemptions), len(l.Attestations), 0, l.Refused}
	if l.Aliases != nil {
		c.aliases = l.Aliases.Len()
	}
	return c
}

func TestLibraryShapes(t *testing.T) {
	const (
		flat       = `{"id": "/providers/Microsoft.Authorization/policyDefinitions/d1", "displayName": "D", "policyType": "BuiltIn", ` + smallRule + `}`
		wrapped    = `{"name": "d2", "properties": {` + smallRule + `}}`
		set        = `{"id": "/providers/Microsoft.Authorization/policySetDefinitions/s1", "policyDefinitions": []}`
		assignment = `{"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/a", "policyDefinitionId": "/d", "scope": "/subscriptions/s"}`
		exemption  = `{"type": "Microsoft.Authorization/policyExemptions", "id": "/subscriptions/s/providers/Microsoft.Authorization/policyExemptions/e", "properties": {"policyAssignmentId": "/a", "exemptionCategory": "Waiver"}}`
		attested   = `{"id": "/subscriptions/s/providers/Microsoft.PolicyInsights/attestations/t", "properties": {"policyAssignmentId": "/a", "complianceState": "Compliant"}}`
	)
	tests := map[string]struct {
		in       string
		want     counts
		problems []string
	}{
		"flat_definition":    {flat, counts{definitions: 1}, nil},
		"wrapped_definition": {"\xef\xbb\xbf \n" + wrapped + "\n", counts{definitions: 1}, nil},
		"array_of_all":       {"[" + strings.Join([]string{flat, wrapped, set, assignment, exemption, attested}, ",\n") + "]", counts{2, 1, 1, 1, 1, 0, 0}, nil},
		"value":              {`{"value": [` + flat + `,` + set + `]}`, counts{definitions: 1, initiatives: 1}, nil},
		"json_lines":         {strings.Join([]string{flat, "", set, assignment + "\r", exemption}, "\n"), counts{definitions: 1, initiatives: 1, assignments: 1, exemptions: 1}, nil},
		"broken_line":        {flat + "\n{\"a\": }\n" + wrapped, counts{definitions: 2, refused: 1}, []string{`f:2:7: unexpected '}'; want a JSON value`}},
		"refused_line":       {flat + "\n{\"policyRule\": {}}", counts{definitions: 1, refused: 1}, []string{`f:2:16: policyRule without "if"; want a condition there`, `f:2:16: policyRule without "then"; want an object with "effect"`}},
		"repeated_id":        {flat + "\n" + strings.ToUpper(flat[:63]) + flat[63:], counts{definitions: 1}, []string{`f:2:1: warning: definition "/PROVIDERS/MICROSOFT.AUTHORIZATION/POLICYDEFINITIONS/D1" left out; the one in f:1 has the same id`}},
		"alias_dump":         {`{"M.X/t": {"a": "properties.a", "M.X/other": "b"}}`, counts{aliases: 2}, nil},
		"alias_table":        {`{"M.X/t/a": {"path": "properties.a", "type": "M.X/t"}, "b": [{"path": "b"}]}`, counts{aliases: 2}, nil},
		"providers":          {`[{"namespace": "M.X", "resourceTypes": [{"resourceType": "t", "aliases": [{"name": "M.X/t/a", "defaultPath": "p"}]}]}]`, counts{aliases: 1}, nil},
		"broken_dump":        {"{\"M.X/t\": {\"a\": \"properties.a\",\n\"b\": 1}}", counts{aliases: 1, refused: 1}, []string{`f:2:6: unexpected '1'; want the path of alias "b" in quotes`}},
		"rule_alone":         {`{"if": {}, "then": {}}`, counts{}, []string{`f:1:1: warning: left out: only the rule of a definition`}},
		"parameters_alone":   {`{"effect": {"type": "String"}}`, counts{}, []string{`f:1:1: warning: left out: only the parameters of a definition`}},
		"members_alone":      {`[{"policyDefinitionId": "/d"}]`, counts{}, []string{`f:1:2: warning: left out: only the members of an initiative`}},
		"older_version":      {`{"id": "/providers/Microsoft.Authorization/policyDefinitions/d1/versions/1.0.0", ` + smallRule + `}`, counts{}, []string{`f:1:1: warning: left out: an older version of a definition`}},
		"something_else":     {"[1,\n{\"id\": \"/subscriptions/s\"}, {}]", counts{}, []string{`f:1:2: warning: left out: no document of Azure Policy`, `f: warning: 2 more values left out`}},
		"definition_no_rule": {`{"type": "Microsoft.Authorization/policyDefinitions", "properties": {}}`, counts{refused: 1}, []string{`f:1:69: definition without "policyRule"; want an object with "if" and "then"`}},
		"misspelt_rule":      {`{"properties": {"policyRul": {"if": {}, "then": {}}}}`, counts{refused: 1}, []string{`f:1:17: definition without "policyRule", but with "policyRul"; did you mean "policyRule"?`}},
		"misspelt_rule_flat": {`{"displayName": "d", "policyrules": {"if": {}}}`, counts{refused: 1}, []string{`f:1:22: definition without "policyRule", but with "policyrules"; did you mean "policyRule"?`}},
		"titled_no_rule":     {`{"properties": {"displayName": "no rule"}}`, counts{refused: 1}, []string{`f:1:16: definition without "policyRule"; want an object with "if" and "then"`}},
		"rule_not_wrapped":   {`{"properties": {"mode": "All", "parameters": {}, "if": {}, "then": {}}}`, counts{refused: 1}, []string{`f:1:16: definition without "policyRule"; want "if" and "then" in it`}},
		"a_schema":           {`{"$schema": "x", "properties": {"displayName": {"type": "string"}, "mode": {"type": "string"}}}`, counts{}, []string{`f:1:1: warning: left out: no document of Azure Policy`}},
		"a_blueprint":        {`{"properties": {"displayName": "b", "description": "x", "targetScope": "subscription", "parameters": {}}}`, counts{}, []string{`f:1:1: warning: left out: no document of Azure Policy`}},
		"a_template":         {`{"$schema": "x", "contentVersion": "1", "parameters": {}, "resources": []}`, counts{}, []string{`f:1:1: warning: left out: no document of Azure Policy`}},
		"a_resource":         {`{"id": "/subscriptions/s", "type": "a/b", "properties": {"displayName": "b", "state": "on"}}`, counts{}, []string{`f:1:1: warning: left out: no document of Azure Policy`}},
		"a_management_group": {`{"id": "/providers/Microsoft.Management/managementGroups/top", "type": "Microsoft.Management/managementGroups", "name": "top", "properties": {"displayName": "Top"}}`, counts{}, []string{`f:1:1: warning: left out: no document of Azure Policy`}},
		"a_group_by_its_id":  {`{"id": "/providers/Microsoft.Management/managementGroups/top", "properties": {"displayName": "Top"}}`, counts{}, []string{`f:1:1: warning: left out: no document of Azure Policy`}},
		"a_policy_state":     {`{"type": "Microsoft.PolicyInsights/policyStates", "properties": {"policyAssignmentId": "/a", "complianceState": "NonCompliant"}}`, counts{}, []string{`f:1:1: warning: left out: no document of Azure Policy`}},
		"type_before_id":     {`{"id": "/providers/Microsoft.Authorization/policyDefinitions/d1", "type": "Microsoft.Security/standards", "properties": {"displayName": "d"}}`, counts{}, []string{`f:1:1: warning: left out: no document of Azure Policy`}},
		"keys_nearly_known": {`{"properties": {"displayNme": "d", "paramters": {}, "metadta": {}, "owner": 1, ` + smallRule + `}}`, counts{definitions: 1}, []string{
			`f:1:17: warning: unknown key "displayNme" in the definition, which is ignored; did you mean "displayName"?`,
			`f:1:36: warning: unknown key "paramters" in the definition, which is ignored; did you mean "parameters"?`,
			`f:1:53: warning: unknown key "metadta" in the definition, which is ignored; did you mean "metadata"?`,
		}},
		"alias_table_with_notes":   {`{"M.X/t/a": {"comment": "x", "path": "properties.a", "type": "M.X/t", "mask": true}, "b": {"path": "b", "type": "M.X/t", "added": "2026"}}`, counts{aliases: 2}, nil},
		"alias_table_notes_alone":  {`{"M.X/t/a": {"path": "properties.a", "comment": "x"}}`, counts{aliases: 1}, nil},
		"dump_with_an_alias_path":  {`{"M.X/t": {"path": "properties.path", "a": "properties.a"}}`, counts{aliases: 2}, nil},
		"dump_with_an_alias_path2": {`{"M.X/t": {"comment": "properties.comment", "size": "properties.size"}}`, counts{aliases: 2}, nil},
		"empty":                    {"", counts{refused: 1}, []string{`f:1:1: unexpected end of file; want a JSON value`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var l Library
			problems := l.Add("f", []byte(test.in))
			if diff := cmp.Diff(test.problems, errorsOf(problems)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.want, countsOf(&l), cmp.AllowUnexported(counts{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLibraryLookup(t *testing.T) {
	var l Library
	for file, text := range map[string]string{
		"a.json":       `{"id": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/One", "properties": {` + smallRule + `}}`,
		"dir/Two.json": `{` + smallRule + `}`,
		"set.json":     `{"policyDefinitions": []}`,
	} {
		if problems := l.Add(file, []byte(text)); problems != nil {
			t.Fatal(problems)
		}
	}
	tests := map[string]struct{ id, want string }{
		"id":               {"/SUBSCRIPTIONS/s/providers/microsoft.authorization/policydefinitions/one", "One"},
		"name":             {"ONE", "One"},
		"other_scope":      {"/subscriptions/other/providers/Microsoft.Authorization/policyDefinitions/One", ""},
		"name_of_file":     {"two", "Two"},
		"id_of_bare_file":  {"/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/Two", "Two"},
		"nothing":          {"three", ""},
		"initiatives_name": {"set", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, ok := l.Definition(test.id)
			if ok != (test.want != "") || ok && d.Name != test.want {
				t.Errorf("%v, %v; want %q", d, ok, test.want)
			}
		})
	}
	if s, ok := l.Initiative("SET"); !ok || s.Name != "set" {
		t.Errorf("initiative %v, %v; want set", s, ok)
	}
}
