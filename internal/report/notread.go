package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// namedNotRead is how many of the types and scopes that were not read people are told
// by name; json has more of them.
const namedNotRead = 5

// typeWords names a type that was not read.
func typeWords(name string) string { return cmp.Or(name, "everything") }

// NotReadText names a type that was not read, with place and reason.
func NotReadText(f assess.FailedRead) string {
	return fmt.Sprintf("%s in %s (%s)", typeWords(f.Type), f.Scope, f.Reason)
}

// notRead tells what of whole types was not read.
func (p *page) notRead(c assess.Coverage) {
	shown := c.NotRead[:min(len(c.NotRead), namedNotRead)]
	for _, f := range shown {
		p.line("not read  %s", clean(NotReadText(f)))
	}
	if more := c.NotReadTotal - len(shown); more > 0 {
		p.line("%s", p.Paint(fmt.Sprintf("and %s more; --format json names up to 100", count(more)), Grey))
	}
}

// notReadOf lists types of which not all was read that rules are about.
func notReadOf(rules []*assess.RuleResult) string {
	const most = 3
	var types []string
	for _, r := range rules {
		for _, name := range r.NotRead {
			if !slices.Contains(types, typeWords(name)) {
				types = append(types, typeWords(name))
			}
		}
	}
	slices.Sort(types)
	text := strings.Join(types[:min(len(types), most)], ", ")
	if more := len(types) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
