package operator

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPatternsThatAskFindWhatRegexpFinds: searching piece by piece, with what
// an expression looks back at, changes nothing.
func TestPatternsThatAskFindWhatRegexpFinds(t *testing.T) {
	texts := []string{"", "a", "aaa", "ab ab\nab", "xaby-ab", "äöa bö", "a\xffb\xff", "foo.bar(foo)", "\n\n"}
	for _, text := range []string{
		`a`, `a*`, `b*`, ``, `^a`, `(?m)^a|$`, `\b`, `\Ba`, `\bab\b`, `(a)(b)?`, `(?i:A)b|\by`, `.`, `(?s:.)`, `[^a]+`, `a|ab`,
		`(?P<x>a)|(o)`, `\b\Qfoo`, `(?:a{2}){1,2}`, `\A.|o`, `a\z`, `ö*`,
	} {
		re := regexp.MustCompile(text)
		p, err := CompilePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		p.patience, p.size = 0, func() int { return stepsUntilAsked + 1 } // nothing is quick
		for _, s := range texts {
			asked := 0
			ask := func() { asked++ }
			if p.Matches(s, ask) != re.MatchString(s) {
				t.Errorf("%q in %q: found %t", text, s, !re.MatchString(s))
			}
			if diff := cmp.Diff(re.FindStringSubmatchIndex(s), p.First(s, ask)); diff != "" {
				t.Errorf("%q in %q: first (-want +got):\n%s", text, s, diff)
			}
			if s != "" && asked < 2 {
				t.Errorf("%q in %q: asked %d times", text, s, asked)
			}
			for _, most := range []int{-1, 0, 1, 2} {
				if diff := cmp.Diff(re.FindAllStringSubmatchIndex(s, most), p.All(s, most, ask)); diff != "" {
					t.Errorf("%q in %q: the first %d (-want +got):\n%s", text, s, most, diff)
				}
			}
			if diff := cmp.Diff(re.ReplaceAllString(s, "<$0$1>"), p.ReplaceAll(s, "<$0$1>", ask)); diff != "" {
				t.Errorf("%q in %q: replaced (-want +got):\n%s", text, s, diff)
			}
		}
	}
}

// TestPatternsKnowHowMuchTheyAre: what is repeated counts as often.
func TestPatternsKnowHowMuchTheyAre(t *testing.T) {
	for text, want := range map[string]int{`abc`: 3, `a{500}`: 500, `(ab{30}){20}`: 600, `(x{3,30}y)*`: 30, `(\w{999}[a-z]){1,1}`: 999} {
		p, err := CompilePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		if size := p.size(); size < want || size > 20*want {
			t.Errorf("%s: %d instructions; want about %d", text, size, want)
		}
	}
}
