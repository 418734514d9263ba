package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckParameters(t *testing.T) {
	value := func(v Value) *Value { return &v }
	names := ArrayValue(StringValue("a"), StringValue("b"))
	declared := []Parameter{
		{Name: "Effect", Type: "string", Default: value(StringValue("Audit")), Allowed: []Value{StringValue("Audit"), StringValue("Deny")}},
		{Name: "List", Type: "Array", Default: value(ArrayValue()), Allowed: []Value{StringValue("a"), StringValue("b"), ArrayValue(IntValue(1))}},
		{Name: "Days", Type: "Integer", Default: value(IntValue(3))},
		{Name: "Share", Type: "FLOAT", Default: value(IntValue(3))},
		{Name: "On", Type: "Boolean", Default: value(BoolValue(true))},
		{Name: "Map", Type: "Object", Default: value(ObjectValue(nil, nil))},
	}
	tests := map[string]struct {
		given map[string]Value
		want  []string
	}{
		"defaults":          {nil, nil},
		"null_is_absent":    {map[string]Value{"effect": NullValue()}, nil},
		"any_case_of_name":  {map[string]Value{"EFFECT": StringValue("Deny")}, nil},
		"case_of_value":     {map[string]Value{"effect": StringValue("deny")}, []string{`value of parameter "Effect" is "deny"; want one of its allowedValues ["Audit","Deny"]`}},
		"kind":              {map[string]Value{"effect": IntValue(5)}, []string{`value of parameter "Effect" is 5; want type string`}},
		"elements":          {map[string]Value{"list": names}, nil},
		"whole_array":       {map[string]Value{"list": ArrayValue(IntValue(1))}, nil},
		"element_outside":   {map[string]Value{"list": ArrayValue(StringValue("a"), StringValue("A"))}, []string{`value of parameter "List" is ["a","A"]; want one of its allowedValues ["a","b",[1]]`}},
		"whole_float":       {map[string]Value{"days": FloatValue(2)}, nil},
		"broken_float":      {map[string]Value{"days": FloatValue(2.5)}, []string{`value of parameter "Days" is 2.5; want type Integer`}},
		"text_for_boolean":  {map[string]Value{"on": StringValue("true")}, []string{`value of parameter "On" is "true"; want type Boolean`}},
		"array_for_object":  {map[string]Value{"map": ArrayValue()}, []string{`value of parameter "Map" is []; want type Object`}},
		"unknown_name":      {map[string]Value{"efect": StringValue("Deny"), "zzz": IntValue(1)}, []string{`unknown parameter "efect"; did you mean "Effect"?`, `unknown parameter "zzz"`}},
		"text_for_a_number": {map[string]Value{"share": StringValue("1")}, []string{`value of parameter "Share" is "1"; want type FLOAT`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			resolved, problems := CheckParameters(declared, test.given)
			if diff := cmp.Diff(test.want, errorsOf(problems)); diff != "" {
				t.Error(diff)
			}
			if len(resolved) != len(declared) {
				t.Errorf("resolved %v; want a value for each parameter", resolved)
			}
		})
	}
}

func TestCheckParametersMissingAndBroken(t *testing.T) {
	broken := StringValue("x")
	declared := []Parameter{{Name: "One", Type: "String"}, {Name: "two", Type: "String"}, {Name: "Three", Type: "Array", Default: &broken}}
	resolved, problems := CheckParameters(declared, map[string]Value{"two": NullValue()})
	want := []string{`warning: default of parameter "Three" is "x"; want type Array`, `missing value of parameter "One", "two"`}
	if diff := cmp.Diff(want, errorsOf(problems)); diff != "" {
		t.Error(diff)
	}
	if len(resolved) != 1 || resolved["three"].Text() != "x" {
		t.Errorf("resolved %v; want only the default", resolved)
	}
	if problems.Err() == nil || len(problems.Warnings()) != 1 {
		t.Errorf("%v: want one error and one warning", problems)
	}
}
