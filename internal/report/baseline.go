package report

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/baseline"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// severities in the order in which people read them.
var severities = [...]posture.Severity{posture.Critical, posture.High, posture.Medium, posture.Low, posture.NotRated}

// change is one line about what became of the checks of a baseline.
type change struct {
	name   string
	checks int
	about  string
}

// changesOf lists what there is to say, in the order of what matters. What has
// no answer any more is never among the fixed.
func changesOf(c *baseline.Comparison) []change {
	var parts []string
	for _, s := range severities {
		if n := c.NewBySeverity[s]; n > 0 {
			parts = append(parts, count(n)+" "+s.String())
		}
	}
	all := []change{
		{"new", c.New, strings.Join(parts, ", ")},
		{"fixed", c.Fixed, "healthy now"},
		{"still there", c.StillThere, "unhealthy both times"},
		{"unknown now", c.BecameUnknown, "no answer this time, so not fixed"},
		{"exempt now", c.BecameExempt, "accepted, not fixed"},
		{"no longer judged", c.NoLongerJudged, "the rule, its parameters or the resource are outside of what was judged"},
		{"gone", c.Gone, "the resource is not in the input"},
	}
	shown := all[:3]
	for _, x := range all[3:] {
		if x.checks > 0 {
			shown = append(shown, x)
		}
	}
	return shown
}

// newTitle gives the words for a new finding.
func newTitle(rules ruleTable, f *baseline.Finding) string {
	if r, ok := rules[ruleKey{f.Rule, f.ParametersHash}]; ok {
		return r.Title
	}
	return f.Rule
}

func baselineSection(p *page, run *Run) {
	c := run.Baseline
	if c == nil {
		return
	}
	p.heading("Since the baseline", clean(c.File))
	for _, x := range changesOf(c) {
		text := fmt.Sprintf("%-16s  %s", x.name, counted(x.checks, "check"))
		if x.checks > 0 {
			text += ": " + x.about
		}
		p.line("%s", text)
	}
	g := Grid{Columns: []Column{{Title: "severity"}, {Title: "new", Flexible: true}, {Title: "resource", Flexible: true}}}
	rules := rulesOf(run.Result)
	shown := p.shown(len(c.Worst))
	for i := range c.Worst[:shown] {
		f := &c.Worst[i]
		g.Add(Cell{f.Severity.String(), SeverityInk(f.Severity)}, Cell{Text: newTitle(rules, f)}, Cell{Text: f.Called()})
	}
	p.grid(&g)
	if c.New > shown {
		p.line("%s", p.Paint("and "+counted(c.New-shown, "more new check"), Grey))
	}
}

type (
	baselineObject struct {
		File           string         `json:"file"`
		New            int            `json:"new"`
		NewBySeverity  map[string]int `json:"newBySeverity"`
		Fixed          int            `json:"fixed"`
		StillThere     int            `json:"stillThere"`
		BecameUnknown  int            `json:"becameUnknown"`
		BecameExempt   int            `json:"becameExempt"`
		NoLongerJudged int            `json:"noLongerJudged"`
		Gone           int            `json:"gone"`
		Worst          []newObject    `json:"worst"`
	}
	newObject struct {
		Recommendation string `json:"recommendation,omitempty"`
		Policy         string `json:"policy,omitempty"`
		ParametersHash string `json:"parametersHash,omitempty"`
		Resource       string `json:"resource"`
		Qualified      string `json:"qualified,omitempty"` // where the id says too little
		Severity       string `json:"severity"`
	}
)

func baselineOf(c *baseline.Comparison) baselineObject {
	o := baselineObject{
		File: c.File, New: c.New, NewBySeverity: map[string]int{},
		Fixed: c.Fixed, StillThere: c.StillThere, BecameUnknown: c.BecameUnknown, BecameExempt: c.BecameExempt,
		NoLongerJudged: c.NoLongerJudged, Gone: c.Gone,
	}
	for _, s := range severities {
		o.NewBySeverity[s.String()] = c.NewBySeverity[s]
	}
	o.Worst = list(c.Worst, func(f baseline.Finding) newObject {
		n := newObject{ParametersHash: f.ParametersHash, Resource: f.Resource, Qualified: f.Qualified, Severity: f.Severity.String()}
		if n.Policy = f.Rule; f.Recommendation {
			n.Recommendation, n.Policy = f.Rule, ""
		}
		return n
	})
	return o
}
