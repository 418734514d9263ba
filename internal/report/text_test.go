package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

func TestClean(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain":          {"vm-1", "vm-1"},
		"letters":        {"Zürich 日本", "Zürich 日本"},
		"escape":         {"a\x1b[31mb", "a\uFFFD[31mb"},
		"second_control": {"a\u009bb", "a\uFFFDb"},
		"lines_and_tabs": {"a\nb\tc", "a b c"},
		"turns_text":     {"a\u202eb", "a\uFFFDb"},
		"not_utf8":       {"a\xffb", "a\uFFFDb"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, clean(test.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHarmlessCell(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"empty":      {"", ""},
		"plain":      {"a=b", "a=b"},
		"equals":     {"=1+1", "'=1+1"},
		"at":         {"@SUM(A1)", "'@SUM(A1)"},
		"tab":        {"\t=1", "'\t=1"},
		"full_width": {"＝1+1", "'＝1+1"},
		"wide_plus":  {"＋1", "'＋1"},
		"wide_minus": {"－1", "'－1"},
		"wide_at":    {"＠A1", "'＠A1"},
		"wide_plain": {"ａ＝", "ａ＝"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, harmless(test.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCut(t *testing.T) {
	tests := map[string]struct {
		style   Style
		in      string
		columns int
		want    string
	}{
		"fits":              {Style{}, "abc", 3, "abc"},
		"ascii":             {Style{}, "abcdef", 5, "ab..."},
		"unicode":           {Style{Unicode: true}, "abcdef", 5, "abcd…"},
		"wide_letters":      {Style{Unicode: true}, "日本語", 5, "日本…"},
		"wide_is_not_split": {Style{Unicode: true}, "日本語", 4, "日…"},
		"marks_take_none":   {Style{Unicode: true}, "e\u0301e\u0301", 2, "e\u0301e\u0301"},
		"no_blank_before":   {Style{Unicode: true}, "ab cd", 4, "ab…"},
		"no_room":           {Style{}, "abcdef", 2, "ab"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.style.cut(test.in, test.columns)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	tests := map[string]struct{ got, want string }{
		"thousands":            {count(1234567), "1,234,567"},
		"no_comma":             {count(999), "999"},
		"negative":             {count(-1000), "-1,000"},
		"one":                  {counted(1, "policy"), "1 policy"},
		"plural_of_y":          {counted(2, "policy"), "2 policies"},
		"not_quite_complete":   {short(share(99.99, 1, 1), 1), "99.9"},
		"complete":             {short(share(100, 0, 1), 1), "100"},
		"small_gain_is_a_gain": {gainText(0.01), "<0.1"},
		"no_gain":              {gainText(0), ""},
		"half_to_even":         {short(0.125, 2), "0.12"},
		"reasons_by_frequency": {reasonsText(map[posture.Reason]int{posture.Denied: 1, posture.Stale: 3, posture.Failed: 0, posture.Partial: 1}), "3 stale, 1 denied, 1 partial"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestByReason(t *testing.T) {
	got := byReason([]assess.NotEvaluated{
		{Why: "static"},
		{Why: "unknown alias Microsoft.X/y"},
		{Why: "unknown alias Microsoft.X/z"},
		{Why: "needs parameter a"},
		{Why: "refused: unknown property"},
		{Why: "refused: no rule"},
	})
	want := []whyCount{{"refused", 2}, {"unknown alias", 2}, {"needs parameter", 1}, {"static", 1}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(whyCount{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestScopeLoop: a hierarchy file may say that two scopes are above each other.
func TestScopeLoop(t *testing.T) {
	table := accountsOf([]posture.Scope{{ID: "a", Parent: "b"}, {ID: "b", Parent: "a", Name: "B"}})
	if got := table.of("a").folder.Name; got != "B" {
		t.Errorf("folder %q, want B", got)
	}
}
