package policy

import "testing"

func TestTemplate_ending(t *testing.T) {
	tests := map[string]string{
		"[field('name')]":                                "",
		"[concat(field('name'), '/Agent')]":              "/Agent",
		"[concat('a', concat(field('name'), '/x'))]":     "/x",
		"[concat('a', toLower(concat('b', '/x')))]":      "",
		"[concat(field('name'), 7)]":                     "",
		"[if(equals(field('kind'), 'a'), 'b/c', 'd/c')]": "",
	}
	for text, want := range tests {
		e, err := ParseExpression(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Template{Expr: e}).ending(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := (Template{Items: []Template{{Const: StringValue("a")}}}).ending(); got != "" {
		t.Errorf("an array: %q, want none", got)
	}
}
