package policy

import (
	"errors"
	"slices"
	"testing"
)

func TestProblemText(t *testing.T) {
	tests := map[string]struct {
		in   Problem
		want string
	}{
		"whole":      {Problem{File: "policy.json", Pos: Position{7, 12}, Text: `unknown operator "equls"`, Suggestion: "equals"}, `policy.json:7:12: unknown operator "equls"; did you mean "equals"?`},
		"no_file":    {Problem{Pos: Position{7, 12}, Text: "x"}, "7:12: x"},
		"no_place":   {Problem{File: "f", Text: "x"}, "f: x"},
		"bare":       {Problem{Text: "x"}, "x"},
		"is_warning": {Problem{File: "f", Warning: true, Text: "x"}, "f: warning: x"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.in.Error(); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestProblemsAreErrors(t *testing.T) {
	warning, refusal := Problem{Text: "a", Warning: true}, Problem{Text: "b"}
	all := Problems{warning, refusal}
	if got := all.Error(); got != "warning: a\nb" {
		t.Errorf("%q; want one problem a line", got)
	}
	if err := all.Err(); err == nil || err.Error() != "b" {
		t.Errorf("Err is %v; want only the refusal", err)
	}
	if err := all.Warnings().Err(); err != nil {
		t.Errorf("Err of warnings is %v; want nil", err)
	}
	var first Problem
	if !errors.As(all, &first) || first != warning {
		t.Errorf("errors.As finds %v; want the first problem", first)
	}
	if !errors.Is(all, refusal) {
		t.Error("errors.Is does not find the second problem")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"equals", "notEquals", "like", "in", "exists", "less", "lessOrEquals"}
	tests := map[string]struct{ in, want string }{
		"left_out":       {"equls", "equals"},
		"swapped":        {"lkie", "like"},
		"swapped_late":   {"exitss", "exists"},
		"added":          {"inn", "in"},
		"case_is_no_bar": {"NOTEQUAL", "notEquals"},
		"replaced":       {"lass", "less"},
		"too_far":        {"matches", ""},
		"empty":          {"", ""},
		"whole_word":     {"abc", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := nearest(test.in, slices.Values(names)); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
