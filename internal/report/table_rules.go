package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// recommendationSection shows what is wrong, built-in recommendations before
// imported policies, each the worst first as the result has them.
func recommendationSection(p *page, run *Run) {
	rules := run.Result.Recommendations
	split := len(rules)
	for i, r := range rules {
		if r.Recommendation == nil {
			split = i
			break
		}
	}
	ruleList(p, "Recommendations", "recommendation", rules[:split])
	if split < len(rules) {
		ruleList(p, "Policies", "policy", rules[split:])
	}
}

// ruleList shows the rules that ask for something; of the others there is a
// count.
func ruleList(p *page, name, noun string, rules []assess.RuleResult) {
	var open []assess.RuleResult
	var healthyInPart, notRead []*assess.RuleResult
	healthy, idle := 0, 0
	for i := range rules {
		switch r := &rules[i]; {
		case r.Unhealthy+r.Unknown+r.Manual+r.Exempt > 0:
			open = append(open, *r)
		case r.Healthy > 0 && len(r.NotRead) > 0:
			healthyInPart = append(healthyInPart, r)
		case r.Healthy > 0:
			healthy++
		case len(r.NotRead) > 0:
			notRead = append(notRead, r)
		default:
			idle++
		}
	}
	p.heading(name, "numbers are checks, one a resource; gain in percentage points of the score")
	shown := p.shown(len(open))
	p.grid(ruleGrid(open[:shown]))
	p.more(len(open), shown, noun)
	part := func(words string, some []*assess.RuleResult) {
		if len(some) > 0 {
			p.line("%s: %s; not read: %s", words, counted(len(some), noun), clean(notReadOf(some)))
		}
	}
	part("healthy as far as was read", healthyInPart)
	part("nothing read that they apply to", notRead)
	if healthy > 0 {
		p.line("%s", p.Paint(fmt.Sprintf("healthy wherever they apply: %s", counted(healthy, noun)), Grey))
	}
	if idle > 0 {
		p.line("%s", p.Paint(fmt.Sprintf("nothing here that they apply to: %s", counted(idle, noun)), Grey))
	}
	if len(rules) == 0 {
		p.line("none")
	}
}

func ruleGrid(rules []assess.RuleResult) *Grid {
	g := &Grid{Columns: []Column{
		{Title: "severity"},
		{Title: "title", Flexible: true},
		{Title: "unhealthy", Right: true},
		{Title: "healthy", Right: true, Optional: true},
		{Title: "unknown", Right: true, Optional: true},
		{Title: "manual", Right: true, Optional: true},
		{Title: "exempt", Right: true, Optional: true},
		{Title: "gain", Right: true, Optional: true},
		{Title: "id", Flexible: true, Spare: true},
	}}
	for _, r := range rules {
		unhealthy := Cell{blank(r.Unhealthy), SeverityInk(r.Severity)}
		g.Add(Cell{r.Severity.String(), SeverityInk(r.Severity)}, Cell{Text: r.Title}, unhealthy,
			Cell{Text: blank(r.Healthy)}, Cell{Text: blank(r.Unknown)}, Cell{Text: blank(r.Manual)},
			Cell{Text: blank(r.Exempt)}, Cell{Text: gainText(r.Gain)}, Cell{last(r.ID), Grey})
	}
	return g
}

// fixesSection shows what to do first, and what all of it gives jointly,
// because single gains do not add up.
func fixesSection(p *page, run *Run) {
	fixes := run.Result.Fixes
	if len(fixes) == 0 {
		return
	}
	p.heading("Worth most", "gain in percentage points; gains do not add up")
	g := Grid{Columns: []Column{
		{Title: "gain", Right: true},
		{Title: "points", Right: true, Optional: true},
		{Title: "severity"},
		{Title: "fix", Flexible: true},
		{Title: "resources", Right: true},
	}}
	for _, f := range fixes {
		points := ""
		if f.Points > 0 {
			points = short(f.Points, 2)
		}
		g.Add(Cell{gainText(f.Gain), Good}, Cell{Text: points}, Cell{f.Rule.Severity.String(), SeverityInk(f.Rule.Severity)},
			Cell{Text: f.Rule.Title}, Cell{Text: count(f.Resources)})
	}
	p.grid(&g)
	if len(fixes) > 1 && run.Result.Together > 0 {
		p.line("together %s", p.Paint(gainText(run.Result.Together), Good))
	}
}

// notEvaluatedSection counts the policies that make no checks by what they
// lack.
func notEvaluatedSection(p *page, run *Run) {
	if len(run.Result.NotEvaluated) == 0 {
		return
	}
	p.heading("Not evaluated", counted(len(run.Result.NotEvaluated), "policy")+" made no checks; --format json names each")
	g := Grid{Columns: []Column{{Title: "policies", Right: true}, {Title: "why", Flexible: true}}}
	reasons := byReason(run.Result.NotEvaluated)
	shown := p.shown(len(reasons))
	for _, r := range reasons[:shown] {
		g.Add(Cell{Text: count(r.policies)}, Cell{Text: r.why})
	}
	p.grid(&g)
	p.more(len(reasons), shown, "reason")
}

type whyCount struct {
	why      string
	policies int
}

// byReason counts by the kind of reason, the most frequent first.
func byReason(policies []assess.NotEvaluated) []whyCount {
	at := map[string]int{}
	var counts []whyCount
	for _, n := range policies {
		why := whyKind(n.Why)
		i, ok := at[why]
		if !ok {
			i = len(counts)
			at[why] = i
			counts = append(counts, whyCount{why: why})
		}
		counts[i].policies++
	}
	slices.SortFunc(counts, func(a, b whyCount) int {
		return cmp.Or(cmp.Compare(b.policies, a.policies), cmp.Compare(a.why, b.why))
	})
	return counts
}

// whyKind leaves the name of what is missing out of a reason, because
// hundreds of policies lack something different each.
func whyKind(why string) string {
	for _, kind := range []string{"needs parameter ", "unknown alias ", "refused: "} {
		if strings.HasPrefix(why, kind) {
			return strings.Trim(kind, ": ")
		}
	}
	return why
}
