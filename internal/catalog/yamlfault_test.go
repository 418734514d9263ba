package catalog

import "testing"

func TestParseStandard_tells_the_line_of_what_is_no_YAML(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"an_open_mapping":          {"title: X\nv: 1\ncontrols:\n- {id: A, title: b\n- {id: B}\n", "s.yaml:4: no YAML: did not find expected ',' or '}'"},
		"open_to_the_end":          {"title: X\ncontrols: [ {id: A\n", "s.yaml:2: no YAML: did not find expected ',' or '}'"},
		"a_list_in_line_one":       {"- a\nb: 1\n", "s.yaml:2: no YAML: did not find expected '-' indicator"},
		"less_indented":            {"a:\n  b: 1\n c: 2\n", "s.yaml:3: no YAML: did not find expected key"},
		"a_tab":                    {"a: 1\n\tb: 2\n", "s.yaml:2: no YAML: found a tab character that violates indentation"},
		"a_colon_too_many":         {"a: 1\nb: c: d\n", "s.yaml:2: no YAML: mapping values are not allowed in this context"},
		"an_open_quote":            {"a: 1\nb: 'x\nc: 2\n", "s.yaml:2: no YAML: found unexpected end of stream"},
		"an_unknown_anchor":        {"a: 1\nb: *x\n", "s.yaml:2: no YAML: unknown anchor 'x' referenced"},
		"a_control_character":      {"a: 1\nb: 2\nc: \x01\n", "s.yaml:3: no YAML: control characters are not allowed"},
		"a_fault_in_line_one":      {"a: \"\\q\"\n", "s.yaml:1: no YAML: found unknown escape character"},
		"a_brace_and_no_more":      {"{", "s.yaml:1: no YAML: did not find expected node content"},
		"no_text_but_an_empty":     {"", "s.yaml: the file is empty"},
		"the_mark_of_utf_16_alone": {"\xff\xfe", "s.yaml: the file is UTF-16, with nothing after its mark; want UTF-8"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, problems := ParseStandard("s.yaml", []byte(test.in))
			if len(problems) == 0 || problems[0].Error() != test.want {
				t.Errorf("got %v, want %s", problems, test.want)
			}
		})
	}
}
