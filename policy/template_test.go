package policy

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func expression(t testing.TB, text string) Template {
	t.Helper()
	literal, expr, err := parseText(text)
	if err != nil {
		t.Fatal(err)
	}
	if expr == nil {
		return Template{Const: StringValue(literal)}
	}
	return Template{Expr: expr}
}

func TestTemplateFold(t *testing.T) {
	s := fakeScope{parameters: map[string]Value{
		"effect": StringValue("audit"),
		"list":   ArrayValue(StringValue("a"), StringValue("b")),
		"on":     BoolValue(true),
	}}
	tests := map[string]struct{ text, want string }{
		"parameter":           {`[parameters('Effect')]`, `"audit"`},
		"around_a_parameter":  {`[concat(toUpper(parameters('effect')), '!')]`, `"AUDIT!"`},
		"inside_of_a_field":   {`[field(concat('tags.', parameters('effect')))]`, `[=field('tags.audit')]`},
		"branch_taken":        {`[if(parameters('on'), field('a'), div(1, 0))]`, `[=field('a')]`},
		"branch_not_taken":    {`[if(parameters('effect'), field('a'), field('b'))]`, `[=field('b')]`},
		"failing_part":        {`[concat(int('x'), parameters('effect'))]`, `[=concat(int('x'), 'audit')]`},
		"unknown_parameter":   {`[toLower(parameters('no'))]`, `[=toLower(parameters('no'))]`},
		"item":                {`[parameters('list')[1]]`, `"b"`},
		"no_item":             {`[parameters('list')[2]]`, `[=json('["a","b"]')[2]]`},
		"clock":               {`[addDays(utcNow(), add(1, 1))]`, `[=addDays(utcNow(), 2)]`},
		"context":             {`[resourceGroup().tags[parameters('effect')]]`, `[=resourceGroup().tags['audit']]`},
		"computed_property":   {`[field('x')[concat('a', '')]]`, `[=field('x')['a']]`},
		"unique_stays":        {`[concat('a', uniqueString(parameters('effect')))]`, `[=concat('a', uniqueString('audit'))]`},
		"current_stays":       {`[current()]`, `[=current()]`},
		"array_of_parameters": {`[intersection(parameters('list'), createArray('b', 'c'))]`, `["b"]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folded := expression(t, test.text).fold(s)
			if diff := cmp.Diff(test.want, string(folded.appendKey(nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTemplateOfManyParts(t *testing.T) {
	failure := errors.New("not read")
	s := fakeScope{
		fields:     map[string]Value{"name": StringValue("vm")},
		parameters: map[string]Value{"p": IntValue(7)},
		failing:    failure,
	}
	members := func(items ...Template) Template {
		return Template{Members: []TemplateMember{
			{Key: "plain", Value: Template{Const: BoolValue(true)}},
			{Key: "list", Value: Template{Items: items}},
		}}
	}
	known := members(expression(t, "[parameters('p')]"), expression(t, "[createObject().none]"))
	if got := known.fold(s); got.isConst() {
		t.Errorf("got %s, want it to stay, for a part has no value", got.appendKey(nil))
	}
	if got := string(members(expression(t, "[parameters('p')]")).fold(s).appendKey(nil)); got != `{"plain":true,"list":[7]}` {
		t.Errorf("folded to %s", got)
	}
	v, err := members(expression(t, "[field('name')]"), expression(t, "[parameters('p')]")).eval(s)
	if err != nil || v.String() != `{"plain":true,"list":["vm",7]}` {
		t.Errorf("got %s, %v", v, err)
	}
	if _, err := members(expression(t, "[field('name')]"), expression(t, "[createObject().none]")).eval(s); !errors.Is(err, errMissingPart) {
		t.Errorf("got %v, want that a part is missing", err)
	}
	if _, err := members(expression(t, "[concat('a', field('fails'))]")).eval(s); !errors.Is(err, failure) {
		t.Errorf("got %v, want the scope's error", err)
	}
}

func TestTemplateUses(t *testing.T) {
	template := Template{Items: []Template{
		expression(t, `[concat(field('type'), field('type'), field('tags.a'), current('x').b, current())]`),
		{Members: []TemplateMember{{Key: "k", Value: expression(t, `[field(concat('tags.', resourceGroup().name))]`)}}},
		expression(t, `[addDays(utcNow(), length(uniqueString(subscription().id)))]`),
	}}
	want := uses{
		fields: []string{"type", "tags.a"}, computed: true, currents: []string{"x", ""},
		contexts: []string{"resourceGroup", "subscription"}, now: true, unique: true,
	}
	if diff := cmp.Diff(want, template.uses(), cmp.AllowUnexported(uses{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(uses{}, (Template{Const: StringValue("field('a')")}).uses(), cmp.AllowUnexported(uses{})); diff != "" {
		t.Error(diff)
	}
}

func TestUniquePattern(t *testing.T) {
	s := fakeScope{fields: map[string]Value{"name": StringValue("VM1")}}
	pattern, ok := expression(t, `[concat(toLower(field('name')), '-', uniqueString(field('name')), '/x')]`).uniquePattern(s)
	if !ok {
		t.Fatal("no pattern")
	}
	for text, want := range map[string]bool{
		"vm1-abcdefghij234/x": true,
		"VM1-ABCDEFGHIJ567/X": true,
		"vm1-abcdefghij189/x": false, // 1, 8 and 9 are not in the alphabet
		"vm1-abcdefghij23/x":  false,
		"vm2-abcdefghij234/x": false,
		"vm1-abcdefghij234/y": false,
	} {
		if got := matchUnique(pattern, text); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
	id, ok := expression(t, `[guid(field('name'), 'a')]`).uniquePattern(s)
	if !ok || !matchUnique(id, "0e0dcb2e-20fc-4b1f-9d63-1DB2C0FB1C0A") || matchUnique(id, "0e0dcb2e-20fc-4b1f-9d63-1db2c0fb1c0g") {
		t.Errorf("guid: pattern %q, %t", id, ok)
	}
	if _, ok := expression(t, `[concat('a', field('name'))]`).uniquePattern(s); ok {
		t.Error("a pattern of a template without a unique part")
	}
}

func TestUniqueStringsHaveTheirShape(t *testing.T) {
	unique := func(function string, args ...string) string {
		values := make([]Value, len(args))
		for i, arg := range args {
			values[i] = StringValue(arg)
		}
		v, err := CallFunction(function, values)
		if err != nil {
			t.Fatal(err)
		}
		return v.Text()
	}
	a := unique("uniqueString", "ab", "c")
	if a != unique("uniqueString", "ab", "c") || a == unique("uniqueString", "a", "bc") {
		t.Errorf("%s does not depend on its arguments alone", a)
	}
	if !matchUnique(strings.Repeat(string(rune(uniqueMark)), 13), a) || a != strings.ToLower(a) {
		t.Errorf("got %q, want 13 of a-z and 2-7", a)
	}
	if g := unique("guid", "a"); len(g) != guidLength || g[14] != '5' || g[8] != '-' {
		t.Errorf("got %q, want a GUID", g)
	}
}
