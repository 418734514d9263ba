package govern_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestParsePolicies: several documents in one text are read as each would be alone, and
// what is wrong or doubtful stands where it is in the text.
func TestParsePolicies(t *testing.T) {
	one := func(name, more string) string {
		return `{"name":"` + name + `","properties":{"policyRule":{"if":{"field":"type","equals":"a/b"},"then":{"effect":"audit"}}` + more + `}}`
	}
	const wrong = `{"name":"w",
 "properties":{"policyRule":{"if":{"field":"type","equal":"a/b"},"then":{"effect":"audit"}}}}`
	a, b := one("a", ""), one("b", `,"colour":"ü"`)
	tests := map[string]struct {
		kind ledger.DocumentKind
		text string
		id   string
		want string // names with where they begin, or what is wrong
	}{
		"one":                 {ledger.Definition, "\n" + a, "", "a 0:0"},
		"one_called":          {ledger.Definition, a, "x", "x 0:0"},
		"lines":               {ledger.Definition, a + "\n" + b + "\n", "", "a 1:1, b 2:1"},
		"a_mark_first":        {ledger.Definition, "\xef\xbb\xbf" + a + "\n" + b + "\n", "", "a 1:1, b 2:1"},
		"an_array":            {ledger.Definition, "[" + b + ",\n " + a + "]", "", "b 1:2, a 2:2"},
		"array_of_one":        {ledger.Definition, " [" + a + "]", "", "a 1:3"},
		"array_of_one_called": {ledger.Definition, "[" + a + "]", "x", "x 1:2"},
		"an_answer":           {ledger.Definition, `{"nextLink":"x","value":[` + b + `,` + a + `]}`, "", fmt.Sprintf("b 1:26, a 1:%d", 27+len([]rune(b)))},
		"none":                {ledger.Definition, "[]", "", "want at least one definition"},
		"an_id_for_two":       {ledger.Definition, a + b, "x", "id: want none, as there are 2 documents"},
		"wrong_ones":          {ledger.Definition, a + "\n" + wrong + wrong, "", "3:"},
		"wrong_in_array":      {ledger.Definition, "[" + a + "," + strings.ReplaceAll(wrong, "\n", "") + "]", "", fmt.Sprintf("1:%d: ", 3+len(a)+strings.Index(wrong, `"equal"`)-1)},
		"of_no_name":          {ledger.Definition, a + "\n" + strings.Replace(a, `"name":"a",`, "", 1), "", "2:1: name: want a name"},
		"broken":              {ledger.Definition, a + "\n{", "", "unexpected"},
		"something_behind":    {ledger.Definition, a + "\n}", "", "unexpected"},
		"of_standards":        {ledger.Standard, "[]", "", "1:1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ps, err := govern.ParsePolicies(test.kind, govern.Home{ID: test.id, Scope: "/"}, []byte(test.text))
			var got []string
			for _, p := range ps {
				if err == nil {
					got = append(got, fmt.Sprintf("%s %d:%d", p.Name, p.At.Line, p.At.Column))
				}
			}
			switch {
			case err != nil && !strings.Contains(err.Error(), test.want):
				t.Errorf("%v, want %s", err, test.want)
			case err == nil && strings.Join(got, ", ") != test.want:
				t.Errorf("%s, want %s", got, test.want)
			}
			if test.want == "3:" && strings.Count(err.Error(), "equal") != 4 {
				t.Errorf("not all that is wrong: %v", err)
			}
		})
	}
}

// TestWarnings: of many documents not all warnings are told, but how many there are.
func TestWarnings(t *testing.T) {
	doubtful := func(n int) *govern.Policy {
		p := &govern.Policy{}
		for i := range n {
			p.Warnings = append(p.Warnings, policy.Problem{Pos: policy.Position{Line: 1, Column: i + 1}, Warning: true, Text: "x"})
		}
		return p
	}
	for _, test := range []struct {
		of   []*govern.Policy
		n    int
		last string
	}{
		{[]*govern.Policy{doubtful(0), doubtful(0)}, 0, ""},
		{[]*govern.Policy{doubtful(150)}, 150, "1:150: warning: x"},
		{[]*govern.Policy{doubtful(40), doubtful(60)}, 100, "1:60: warning: x"},
		{[]*govern.Policy{doubtful(90), doubtful(60), doubtful(1)}, 101, "and 51 more"},
	} {
		told := govern.Warnings(test.of)
		if len(told) != test.n || test.n > 0 && told[test.n-1] != test.last {
			t.Errorf("%d warnings, want %d; the last of %q, want %q", len(told), test.n, told, test.last)
		}
	}
}
