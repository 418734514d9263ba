package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/baseline"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

func markdownOf(t *testing.T, run *Run) string {
	t.Helper()
	var out bytes.Buffer
	if err := writeMarkdown(&out, run); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestMarkdownFits: whatever the estate, the text fits a comment and says what
// it leaves out.
func TestMarkdownFits(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	wide := func(letter string) *Run {
		run, long := empty(), strings.Repeat(letter, 10_000)
		var list []posture.Check
		for i := range 500 {
			id := fmt.Sprintf("rule-%d", i)
			run.Result.Recommendations = append(run.Result.Recommendations, assess.RuleResult{
				ID: id, Title: long, Severity: posture.High, Unhealthy: 500,
				Recommendation: &catalog.Recommendation{Why: strings.Repeat(letter, 300)},
			})
			for range 20 {
				list = append(list, posture.Check{
					Rule: id, Resource: long, State: posture.Unhealthy, Judged: posture.Unhealthy,
					Evidence: []posture.Evidence{{Path: long, Found: long, Wanted: letter}},
				})
			}
		}
		run.Checks = checks(list...)
		run.Baseline = &baseline.Comparison{New: 1000}
		for range 50 {
			run.Baseline.Worst = append(run.Baseline.Worst, baseline.Finding{Rule: long, Resource: long})
			run.Result.NotEvaluated = append(run.Result.NotEvaluated, assess.NotEvaluated{Policy: long, Title: long, Why: long})
		}
		return run
	}
	runs := map[string]*Run{"hostile": hostile(), "demo": demo(t)}
	for _, letter := range []string{"a", "&", "|", "`", "@", "界", "\u0301", "\n"} {
		runs[fmt.Sprintf("wide_%q", letter)] = wide(letter)
	}
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			text := markdownOf(t, run)
			if len(text) > markdownMost {
				t.Errorf("%d bytes, want at most %d", len(text), markdownMost)
			}
			if strings.Count(text, "<details>") != strings.Count(text, "</details>") {
				t.Error("details that do not end")
			}
			if strings.HasPrefix(name, "wide") {
				for _, want := range []string{"Left out for want of room: ", " new checks", " recommendations", "details of "} {
					if !strings.Contains(text, want) {
						t.Errorf("nothing says %q", want)
					}
				}
			}
		})
	}
}

// TestMarkdownNotEvaluated: the policies that make no checks are named with why, as many
// as there is room for, and how many more there are.
func TestMarkdownNotEvaluated(t *testing.T) {
	run := empty()
	for i := range 30 {
		run.Result.NotEvaluated = append(run.Result.NotEvaluated, assess.NotEvaluated{Policy: fmt.Sprintf("custom/p-%d", i), Title: "Loc*s*", Why: "member m1 of <set>: needs parameter locs"})
	}
	run.Result.NotEvaluated[1].Title = ""
	text := markdownOf(t, run)
	for _, want := range []string{
		"<summary>30 policies not evaluated</summary>\n\n- Loc\\*s\\* `custom/p-0`: member m1 of &lt;set&gt;: needs parameter locs\n- `custom/p-1`: member",
		"`custom/p-19`", "\n- and 10 more\n\n</details>\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q in %s", want, text)
		}
	}
	if strings.Contains(text, "custom/p-20") {
		t.Error("more than are named of problems")
	}

	s := sheet{most: 100}
	s.fold("policies", []string{strings.Repeat("a", 30), strings.Repeat("b", 30)}, 5)
	if text := s.text.String(); !strings.Contains(text, "- aaa") || strings.Contains(text, "- bbb") || !strings.Contains(text, "- and 4 more\n") || len(s.gaps) > 0 {
		t.Errorf("where one has room: %s, left out %v", text, s.gaps)
	}
	s.fold("policies", []string{"a"}, 1)
	if len(s.gaps) != 1 || strings.Count(s.text.String(), "<details>") != 1 {
		t.Errorf("where none has room: %s, left out %v", s.text.String(), s.gaps)
	}
}

var (
	codeSpan = regexp.MustCompile("(?:^|[^`])(`|``|````)[^`](?:.*?[^`])?(`|``|````)(?:[^`]|$)")
	tag      = regexp.MustCompile(`<(/?[a-z!][^ >]*)`)
)

// TestMarkdownHarmless: nothing that somebody called a resource becomes markup,
// a link, or a notice to a person.
func TestMarkdownHarmless(t *testing.T) {
	run := hostile()
	run.Baseline = &baseline.Comparison{File: "old", New: len(nasty)}
	for _, name := range nasty {
		run.Baseline.Worst = append(run.Baseline.Worst, baseline.Finding{Rule: name, Resource: name})
	}
	for line := range strings.Lines(markdownOf(t, run)) {
		bare := codeSpan.ReplaceAllString(line, " ")
		for _, found := range tag.FindAllStringSubmatch(bare, -1) {
			switch found[1] {
			case "details", "summary", "/details", "/summary", "sub", "/sub":
			default:
				t.Errorf("markup %s in %s", found[0], line)
			}
		}
		forbidden := []string{"@somebody", "#12"}
		if !strings.Contains(line, "<summary>") { // which is HTML already
			forbidden = append(forbidden, "](", "**bold", "://")
		}
		for _, bad := range forbidden {
			if strings.Contains(strings.ReplaceAll(bare, `\]`, ""), bad) {
				t.Errorf("%s in %s", bad, line)
			}
		}
		if cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); strings.HasPrefix(line, "|") && cells != 4 && cells != 5 && cells != 8 && cells != 10 {
			t.Errorf("a row with %d bars: %s", cells, line)
		}
	}
}

func TestMarkdownCode(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain":    {"a b", "`a b`"},
		"backtick": {"a`b", "`` a`b ``"},
		"edges":    {"`a", "`` `a ``"},
		"run":      {"a``b", "``` a``b ```"},
		"lines":    {"a\nb", "`a b`"},
		"empty":    {"", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := markdownCode(test.in); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestBrief: what counts are letters, also those of no width.
func TestBrief(t *testing.T) {
	for _, letter := range []string{"a", "界", "\u0301"} {
		if got, want := brief(strings.Repeat(letter, briefly+1)), strings.Repeat(letter, briefly)+"…"; got != want {
			t.Errorf("%q: got %d bytes, want %d", letter, len(got), len(want))
		}
		if whole := strings.Repeat(letter, briefly); brief(whole) != whole {
			t.Errorf("%q: cut although it fits", letter)
		}
	}
}

// TestBaseline shows a comparison in the formats that have one.
func TestBaseline(t *testing.T) {
	run := single()
	run.Baseline = &baseline.Comparison{
		File: "old.jsonl.gz", New: 3, NewBySeverity: [...]int{posture.NotRated: 1, posture.High: 2, posture.Critical: 0},
		StillThere: 4, Fixed: 2, BecameUnknown: 1, BecameExempt: 1, NoLongerJudged: 5, Gone: 1,
		Worst: []baseline.Finding{
			{Rule: "anonymous-blob-access-off", Recommendation: true, Resource: shop, Severity: posture.High},
			{Rule: "/providers/Microsoft.Authorization/policyDefinitions/34c877ad", ParametersHash: "ab12", Resource: "arn:aws-cn:s3:::logs"},
		},
	}
	formats, err := Parse([]string{"table,json,md"})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range formats {
		t.Run(format.Name, func(t *testing.T) {
			var out bytes.Buffer
			if err := format.Write(&out, run); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "baseline."+format.File), out.Bytes())
		})
	}
}
