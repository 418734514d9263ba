package catalog

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestParse_always(t *testing.T) {
	tests := map[string]struct {
		fields string
		want   []string
	}{
		"one_place":        {"[lock]", nil},
		"used_nowhere":     {"[lock, key]", []string{`always.yaml:3:33: field "key": no recommendation reads it`}},
		"twice":            {"[lock, Lock]", []string{`always.yaml:3:33: field "Lock": is there twice`}},
		"a_list_as_such":   {`["keys[*]"]`, []string{`always.yaml:3:27: field "keys[*]": want what each element has, such as keys[*].name`}},
		"with_a_condition": {`[{field: lock, where: {field: Microsoft.House/doors/colour, exists: true}}]`, nil},
		"nullable":         {`[{field: lock, nullable: true}]`, nil},
		"not_nullable":     {`[{field: lock, nullable: false}]`, []string{`always.yaml:3:51: nullable: got false, want true`}},
		"of_another_type": {
			`[{field: lock, where: {not: {field: Microsoft.House/windows/colour, exists: true}}}]`,
			[]string{`always.yaml:3:62: field "Microsoft.House/windows/colour": want one of Microsoft.House/doors`},
		},
		"no_condition": {
			`[{field: lock, where: {field: Microsoft.House/doors/colour, exsts: true}}]`,
			[]string{`always.yaml:3:48: field "lock": where: unknown operator "exsts"; did you mean "exists"?`},
		},
		"an_expression": {
			`[{field: lock, where: {field: Microsoft.House/doors/colour, equals: "[field('name')]"}}]`,
			[]string{`always.yaml:3:48: field "lock": where has an expression; want fields and plain values`},
		},
		"below_some_other": {`["keys[*].owner"]`, []string{`always.yaml:3:27: field "keys[*].owner": no recommendation reads it`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := edited(t, door)
			files["always.yaml"] = &fstest.MapFile{Data: []byte("# yaml-language-server: $schema=schema/always.schema.json\n" +
				"always:\n  Microsoft.House/doors: " + test.fields + "\n")}
			_, problems := Parse(files)
			if diff := cmp.Diff(test.want, lines(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// An alias that only such a condition reads is no leftover.
func TestParse_always_uses_aliases(t *testing.T) {
	files := edited(t, "aliases.yaml", "    lock: properties.lock\n", "    colour: properties.colour\n    lock: properties.lock\n")
	if _, problems := Parse(files); len(problems) != 1 {
		t.Fatalf("without the condition: got %d problems, want that nobody uses the alias: %v", len(problems), lines(problems))
	}
	files["always.yaml"] = &fstest.MapFile{Data: []byte("# yaml-language-server: $schema=schema/always.schema.json\n" +
		"always:\n  Microsoft.House/doors: [{field: lock, where: {field: Microsoft.House/doors/colour, exists: true}}]\n")}
	if _, problems := Parse(files); len(problems) != 0 {
		t.Errorf("with the condition: got problems: %v", lines(problems))
	}
}
