package report

import (
	"cmp"
	"io"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// The types below are what the published object is made of. Numbers that do not
// exist are null, never 0.
type (
	scoreObject struct {
		Percent *float64     `json:"percent"`
		Current *float64     `json:"current"` // points, of a single unit only
		Max     *float64     `json:"max"`
		Units   []unitObject `json:"units"`
	}
	unitObject struct {
		Scope    string          `json:"scope"`
		Percent  *float64        `json:"percent"`
		Current  *float64        `json:"current"` // null without a score, and in a slice
		Max      *float64        `json:"max"`
		Weight   int             `json:"weight"`
		Controls []controlObject `json:"controls"`
	}
	controlObject struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Max       *float64 `json:"max"` // null in a slice
		Current   *float64 `json:"current"`
		Healthy   int      `json:"healthy"`
		Unhealthy int      `json:"unhealthy"`
		Unknown   int      `json:"unknown"`
	}
	coverageObject struct {
		Judged  int            `json:"judged"`
		Unknown int            `json:"unknown"`
		Percent *float64       `json:"percent"` // null where nothing was judged
		Reasons map[string]int `json:"reasons"`
		// Checks outside coverage, and what of the input could not be read.
		Manual    int `json:"manual"`
		Exempt    int `json:"exempt"`
		Mitigated int `json:"mitigated"`
		Rejected  int `json:"rejected"`
		Unseen    int `json:"unseen"`
		// Types of which not all was read, in none of the counts.
		NotRead      []notReadObject `json:"notRead,omitempty"`
		NotReadTotal int             `json:"notReadTotal,omitempty"`
	}
	notReadObject struct {
		Type   string `json:"type"` // "*" for every type
		Scope  string `json:"scope"`
		Reason string `json:"reason"`
	}
	recommendationObject struct {
		ID string `json:"id"`
		// What tells it from others of the same id.
		ParametersHash string  `json:"parametersHash,omitempty"`
		Title          string  `json:"title"`
		Severity       string  `json:"severity"`
		Control        *string `json:"control"`
		Healthy        int     `json:"healthy"`
		Unhealthy      int     `json:"unhealthy"`
		Unknown        int     `json:"unknown"`
		Manual         int     `json:"manual"`
		Exempt         int     `json:"exempt"`
		Mitigated      int     `json:"mitigated"` // of exempt
		NotApplicable  int     `json:"notApplicable"`
		Gain           float64 `json:"gain"` // percentage points
		// Types that it judges of which not all was read.
		NotRead []string `json:"notRead,omitempty"`
	}
	notEvaluatedObject struct {
		Policy string `json:"policy"`
		Why    string `json:"why"`
	}
	inputObject struct {
		File      string `json:"file"`
		Format    string `json:"format"`
		Records   int    `json:"records"`
		Resources int    `json:"resources"`
		Rejected  int    `json:"rejected"`
	}
	problemObject struct {
		File   string `json:"file"`
		Line   *int   `json:"line"` // null where the whole file is meant
		Reason string `json:"reason"`
		Notice bool   `json:"notice"`
	}
)

func writeJSON(w io.Writer, run *Run) error {
	r := run.Result
	o := newObjectWriter(w)
	o.member("score", scoreOf(r.Score, r.Slice))
	o.member("coverage", coverageOf(r.Coverage))
	sets := map[string]int{} // of parameters, by id
	for i := range r.Recommendations {
		sets[r.Recommendations[i].ID]++
	}
	listMember(o, "recommendations", r.Recommendations, func(rule assess.RuleResult) recommendationObject {
		told := recommendationOf(rule)
		if sets[rule.ID] > 1 {
			told.ParametersHash = rule.ParametersHash
		}
		return told
	})
	listMember(o, "compliance", r.Compliance, standardOf)
	listMember(o, "notEvaluated", r.NotEvaluated, func(n assess.NotEvaluated) notEvaluatedObject {
		return notEvaluatedObject{n.Policy, n.Why}
	})
	listMember(o, "inputs", r.Seen, inputOf)
	listMember(o, "problems", slices.Concat(r.Problems, noticesOf(r.Warnings)), problemOf)
	o.member("duplicates", r.Duplicates)
	if run.Baseline != nil {
		o.member("baseline", baselineOf(run.Baseline))
	}
	return o.end()
}

func scoreOf(s score.Score, slice bool) scoreObject {
	o := scoreObject{Units: list(s.Units, func(u score.Unit) unitObject { return unitOf(u, slice) })}
	if !s.HasScore {
		return o
	}
	o.Percent = number(s.Percent, 2)
	if s.Max > 0 {
		o.Current, o.Max = number(s.Current, 2), number(s.Max, 2)
	}
	return o
}

func unitOf(u score.Unit, slice bool) unitObject {
	o := unitObject{Scope: u.Scope, Weight: u.Weight, Controls: list(u.Controls, func(c score.ControlScore) controlObject { return controlOf(c, slice) })}
	if u.HasScore {
		o.Percent = number(u.Percent, 2)
	}
	if u.HasScore && !slice {
		o.Current, o.Max = number(u.Current, 2), number(u.Max, 2)
	}
	return o
}

func controlOf(c score.ControlScore, slice bool) controlObject {
	o := controlObject{ID: c.ID, Name: c.Name, Healthy: c.Healthy, Unhealthy: c.Unhealthy, Unknown: c.Unknown}
	if !slice {
		o.Max, o.Current = number(c.Max, 2), number(c.Current, 2)
	}
	return o
}

func coverageOf(c assess.Coverage) coverageObject {
	o := coverageObject{
		Judged: c.Judged, Unknown: c.Unknown, Reasons: make(map[string]int, len(c.Reasons)),
		Manual: c.Manual, Exempt: c.Exempt, Mitigated: c.Mitigated, Rejected: c.Rejected, Unseen: c.UnseenCount(),
		NotReadTotal: c.NotReadTotal,
	}
	for _, f := range c.NotRead {
		o.NotRead = append(o.NotRead, notReadObject{cmp.Or(f.Type, everyType), f.Scope, f.Reason.String()})
	}
	for reason, n := range c.Reasons {
		o.Reasons[reason.String()] = n
	}
	if c.Judged+c.Unknown > 0 {
		percent := share(c.Percent, c.Unknown, 2)
		o.Percent = &percent
	}
	return o
}

// everyType stands for all types of which no read record says more.
const everyType = "*"

func inputOf(s inventory.Seen) inputObject {
	return inputObject{s.File, s.Format, s.Records, s.Resources, s.Rejected}
}

// noticesOf makes of warnings, which are about no place of the input, what
// nothing was lost by.
func noticesOf(warnings []string) []inventory.Problem {
	var all []inventory.Problem
	for _, w := range warnings {
		all = append(all, inventory.Problem{Reason: w, Notice: true})
	}
	return all
}

func problemOf(p inventory.Problem) problemObject {
	o := problemObject{File: p.File, Reason: p.Reason, Notice: p.Notice}
	if p.Line > 0 {
		o.Line = &p.Line
	}
	return o
}

func recommendationOf(r assess.RuleResult) recommendationObject {
	o := recommendationObject{
		ID: r.ID, Title: r.Title, Severity: r.Severity.String(),
		Healthy: r.Healthy, Unhealthy: r.Unhealthy, Unknown: r.Unknown,
		Manual: r.Manual, Exempt: r.Exempt, Mitigated: r.Mitigated, NotApplicable: r.NotApplicable,
		Gain: round(r.Gain, 2),
	}
	for _, name := range r.NotRead {
		o.NotRead = append(o.NotRead, cmp.Or(name, everyType))
	}
	if r.Control != "" {
		o.Control = &r.Control
	}
	return o
}

func number(x float64, decimals int) *float64 {
	x = round(x, decimals)
	return &x
}

// list maps a slice to one that is never nil, so that JSON shows [] and not
// null.
func list[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}
