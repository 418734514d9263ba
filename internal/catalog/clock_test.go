package catalog

import (
	"strings"
	"testing"
)

// TestInstants_are_compared_in_one_form holds rules that read the clock to the
// form of docs/authoring.md: as texts, an instant of another zone, or with other
// digits of a second, would come before or after where it belongs.
func TestInstants_are_compared_in_one_form(t *testing.T) {
	const form = "[dateTimeAdd(utcNow(), 'PT0S', 'u')]"
	rules := 0
	for _, r := range parseContent(t).recommendations {
		rule := string(r.Definition)
		uses := strings.Count(rule, "utcNow()")
		if uses == 0 {
			continue
		}
		rules++
		if strings.Count(rule, form) != uses || strings.Count(rule, ", 'PT0S', 'u')]") != 2*uses {
			t.Errorf("%s: the rule compares with utcNow() in its own way, want %s, and so on the other side", r.File, form)
		}
	}
	if rules == 0 {
		t.Error("no rule reads the clock, want those about ages")
	}
}
