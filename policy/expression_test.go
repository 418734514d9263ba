package policy

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseExpressionErrors(t *testing.T) {
	tests := map[string]struct {
		text   string
		offset int
		want   string
	}{
		"no_brackets":        {`concat('a')`, 0, `not an expression: want [ at the start and ] at the end`},
		"escaped":            {`[[concat('a')]`, 0, `not an expression: want [ at the start and ] at the end`},
		"nothing":            {`[]`, 1, `expression ends, want a value`},
		"bare_word":          {`[hello]`, 1, `bare word "hello", want a function call, a number, or a string in single quotes`},
		"bare_function":      {`[utcnow]`, 1, `bare word "utcnow", want a function call, a number, or a string in single quotes; did you mean "utcNow()"?`},
		"unknown_function":   {`[concta('a')]`, 1, `unknown function "concta"; did you mean "concat"?`},
		"unknown_far":        {`[frobnicate('a')]`, 1, `unknown function "frobnicate"`},
		"refused":            {`[equals(resourceId('a'), 1)]`, 8, `function "resourceId" is not offered in policy rules`},
		"refused_list":       {`[listKeys('a')]`, 1, `function "listKeys" is not offered in policy rules`},
		"too_few":            {`[ replace('a', 'b')]`, 2, `replace: got 2 arguments, want 3`},
		"too_many":           {`[toLower('a', 'b')]`, 1, `toLower: got 2 arguments, want 1`},
		"range_of_arguments": {`[substring('a')]`, 1, `substring: got 1 argument, want 2 to 3`},
		"least":              {`[union()]`, 1, `union: got 0 arguments, want at least 1`},
		"utc_now_format":     {`[utcNow('d')]`, 1, `utcNow: got 1 argument, want 0`},
		"open_string":        {`[concat('a)]`, 8, `string is not closed, want '`},
		"double_quotes":      {`[concat("a")]`, 8, `unexpected "\"", want a value`},
		"open_call":          {`[concat('a']`, 11, `expression ends, want , or )`},
		"rest":               {`[concat('a') 'b']`, 13, `unexpected "'", want end of the expression`},
		"trailing_comma":     {`[concat('a',)]`, 12, `unexpected ")", want a value`},
		"no_property":        {`[policy().]`, 10, `expression ends, want a property name`},
		"no_index":           {`[policy()['a']`, 13, `expression ends, want ]`},
		"call_of_value":      {`[policy()('a')]`, 9, `only functions known by name can be called`},
		"unicode":            {`[é§]`, 1, `bare word "é", want a function call, a number, or a string in single quotes`},
		"too_deep":           {"[" + strings.Repeat("(", 66) + "1" + strings.Repeat(")", 66) + "]", 66, `expression is nested deeper than 64 levels`},
		"minus_too_deep":     {"[" + strings.Repeat("-", 90_000/2) + "x]", 66, `expression is nested deeper than 64 levels`},
		"too_long":           {"['" + strings.Repeat("x", maxExpressionLength) + "']", 0, `expression is longer than 81920 characters`},
		"many_arguments":     {"[concat(1" + strings.Repeat(", 1", 128) + ")]", 1, `concat: more than 128 arguments`},
		"many_properties":    {"[policy()" + strings.Repeat(".a", 129) + "]", 267, `more than 128 properties in a row`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			expr, err := ParseExpression(test.text)
			var got *ExpressionError
			if !errors.As(err, &got) || expr != nil {
				t.Fatalf("got %v, %v; want an *ExpressionError alone", expr, err)
			}
			if diff := cmp.Diff(test.want, got.Error()); diff != "" {
				t.Error(diff)
			}
			if got.Offset != test.offset {
				t.Errorf("offset %d, want %d", got.Offset, test.offset)
			}
		})
	}
}

func TestParseExpressionPrints(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"white_space":   {"[ CONCAT ( 'it''s' ,\n\t1.50 ) ]", `[concat('it''s', 1.5)]`},
		"brackets":      {`[(1)]`, `[1]`},
		"words":         {`[if(TRUE, Null, false())]`, `[if(true, null, false())]`},
		"properties":    {`[resourceGroup() . tags['a b'][concat('x')].c['d']]`, `[resourceGroup().tags['a b'][concat('x')].c.d]`},
		"minus":         {`[-field('a').b]`, `[sub(0, field('a').b)]`},
		"minus_number":  {`[- 5]`, `[-5]`},
		"large_integer": {`[123456789012345678901234567890]`, `[123456789012345680000000000000]`},
		"nested_64":     {"[" + strings.Repeat("not(", 64) + "true" + strings.Repeat(")", 64) + "]", "[" + strings.Repeat("not(", 64) + "true" + strings.Repeat(")", 64) + "]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			expr, err := ParseExpression(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, expr.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseText(t *testing.T) {
	tests := map[string]struct {
		text, literal string
		expression    bool
	}{
		"plain":       {"abc", "abc", false},
		"empty":       {"", "", false},
		"escaped":     {"[[a]", "[a]", false},
		"escaped_all": {"[[a]]", "[a]]", false},
		"open":        {"[a", "[a", false},
		"bracket":     {"[", "[", false},
		"expression":  {"[true]", "", true},
		"inside":      {"a[true]", "a[true]", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			literal, expr, err := parseText(test.text)
			if err != nil || literal != test.literal || (expr != nil) != test.expression {
				t.Errorf("got %q, %v, %v", literal, expr, err)
			}
		})
	}
}

func TestFunctionsAreDescribed(t *testing.T) {
	infos := Functions()
	if !slices.IsSortedFunc(infos, func(a, b FunctionInfo) int { return compareFold(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
	for _, info := range infos {
		f := functions[strings.ToLower(info.Name)]
		if info.Description == "" || !strings.HasSuffix(info.Description, ".") || !strings.HasPrefix(info.Signature, info.Name+"(") {
			t.Errorf("%s: got %+v", info.Name, info)
		}
		if f.call == nil && f.special == nil || f.most >= 0 && f.most < f.least {
			t.Errorf("%s: %d to %d arguments, call %t, special %t", info.Name, f.least, f.most, f.call != nil, f.special != nil)
		}
		if strings.Contains(info.Signature, "…") != (f.most < 0) {
			t.Errorf("%s: %s but at most %d arguments", info.Name, info.Signature, f.most)
		}
	}
	for _, word := range refused {
		if functions[strings.ToLower(word)] != nil {
			t.Errorf("%s is both offered and refused", word)
		}
	}
}

func TestCallFunctionRefuses(t *testing.T) {
	tests := map[string]struct {
		name string
		args []Value
		want string
	}{
		"unknown":   {"leng", nil, `unknown function "leng"; did you mean "length"?`},
		"resource":  {"field", []Value{StringValue("a")}, `field: needs a resource, want a function of its arguments alone`},
		"count":     {"TOLOWER", nil, `toLower: got 0 arguments, want 1`},
		"kind":      {"toLower", []Value{IntValue(1)}, `toLower: argument 1: got integer, want a string`},
		"missing":   {"concat", []Value{StringValue(""), {}}, `concat: argument 2 is missing`},
		"too_large": {"replace", []Value{StringValue(strings.Repeat("a", 100_000)), StringValue("a"), StringValue("bb")}, `replace: result is too large: text of more than 131072 characters`},
		"too_huge":  {"replace", []Value{StringValue(strings.Repeat("a", 100_000)), StringValue("a"), StringValue(strings.Repeat("b", 100_000))}, `replace: result is too large`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := CallFunction(test.name, test.args)
			if err == nil {
				t.Fatalf("got %s, want an error", v)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResultLimits(t *testing.T) {
	deep := ArrayValue()
	for range maxResultDepth {
		deep = ArrayValue(deep)
	}
	wide := make([]Value, maxResultNodes)
	for name, args := range map[string][]Value{"depth": {deep}, "nodes": {ArrayValue(wide...)}} {
		t.Run(name, func(t *testing.T) {
			if _, err := CallFunction("array", args); !errors.Is(err, errTooLarge) {
				t.Errorf("got %v, want %v", err, errTooLarge)
			}
		})
	}
	if _, err := CallFunction("array", []Value{ArrayValue(wide[1:]...)}); err != nil {
		t.Errorf("within the limit: %v", err)
	}
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		`[concat('a', field('b'), 1.5)]`, `[if(equals(parameters('p'), 'x'), -current('m').a[0], null)]`,
		`[format('{0:N2}{{}}', 12)]`, `[addDays(utcNow(), -30)]`, `[split('a,b', createArray(',', ''))]`, `[[a]`, `[`,
		`[substring('😀', 1)]`, `[json('{"a":[1,2]}').a[1]]`, `[uniqueString(guid('a'))]`, `[dateTimeAdd(utcNow(), 'P1D', 'o')]`,
	} {
		f.Add(seed)
	}
	s := fakeScope{fields: map[string]Value{"b": IntValue(5)}, parameters: map[string]Value{"p": StringValue("x")}}
	f.Fuzz(func(t *testing.T, text string) {
		expr, err := ParseExpression(text)
		if (expr == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of them", expr, err)
		}
		if err != nil {
			return
		}
		template := Template{Expr: expr}
		v, err := template.eval(s)
		if err != nil && v.kind != Missing {
			t.Fatalf("got both %s and %v", v, err)
		}
		printed := expr.String()
		again, err2 := ParseExpression(printed)
		if err2 != nil {
			t.Fatalf("%s: %v", printed, err2)
		}
		if again.String() != printed {
			t.Fatalf("%s prints as %s", printed, again)
		}
		w, err2 := template.fold(s).eval(s)
		if (err == nil) != (err2 == nil) || string(v.appendKey(nil)) != string(w.appendKey(nil)) {
			t.Fatalf("plain %s, %v; folded %s, %v", v, err, w, err2)
		}
	})
}
