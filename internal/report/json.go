package report

import (
	"encoding/json"
	"io"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// The types below are the published object, in the order in which it is
// written. Numbers that do not exist are null, never 0.
type (
	document struct {
		Score           scoreObject            `json:"score"`
		Coverage        coverageObject         `json:"coverage"`
		Recommendations []recommendationObject `json:"recommendations"`
		Compliance      []standardObject       `json:"compliance"`
		NotEvaluated    []notEvaluatedObject   `json:"notEvaluated"`
	}
	scoreObject struct {
		Percent *float64     `json:"percent"`
		Current *float64     `json:"current"` // points, of a single unit only
		Max     *float64     `json:"max"`
		Units   []unitObject `json:"units"`
	}
	unitObject struct {
		Scope    string          `json:"scope"`
		Percent  *float64        `json:"percent"`
		Current  float64         `json:"current"`
		Max      float64         `json:"max"`
		Weight   int             `json:"weight"`
		Controls []controlObject `json:"controls"`
	}
	controlObject struct {
		ID        string  `json:"id"`
		Name      string  `json:"name"`
		Max       float64 `json:"max"`
		Current   float64 `json:"current"`
		Healthy   int     `json:"healthy"`
		Unhealthy int     `json:"unhealthy"`
		Unknown   int     `json:"unknown"`
	}
	coverageObject struct {
		Judged  int            `json:"judged"`
		Unknown int            `json:"unknown"`
		Percent float64        `json:"percent"`
		Reasons map[string]int `json:"reasons"`
	}
	recommendationObject struct {
		ID            string  `json:"id"`
		Title         string  `json:"title"`
		Severity      string  `json:"severity"`
		Control       *string `json:"control"`
		Healthy       int     `json:"healthy"`
		Unhealthy     int     `json:"unhealthy"`
		Unknown       int     `json:"unknown"`
		Manual        int     `json:"manual"`
		Exempt        int     `json:"exempt"`
		NotApplicable int     `json:"notApplicable"`
		Gain          float64 `json:"gain"` // percentage points
	}
	standardObject struct {
		Standard string               `json:"standard"`
		Rate     *float64             `json:"rate"` // 0..1
		Controls []standardNodeObject `json:"controls"`
	}
	standardNodeObject struct {
		ID    string `json:"id"`
		State string `json:"state"`
	}
	notEvaluatedObject struct {
		Policy string `json:"policy"`
		Why    string `json:"why"`
	}
)

func writeJSON(w io.Writer, run *Run) error {
	r := run.Result
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document{
		Score:           scoreOf(r.Score),
		Coverage:        coverageOf(r.Coverage),
		Recommendations: list(r.Recommendations, recommendationOf),
		Compliance:      list(r.Compliance, standardOf),
		NotEvaluated: list(r.NotEvaluated, func(n assess.NotEvaluated) notEvaluatedObject {
			return notEvaluatedObject{n.Policy, n.Why}
		}),
	})
}

func scoreOf(s score.Score) scoreObject {
	o := scoreObject{Units: list(s.Units, unitOf)}
	if !s.HasScore {
		return o
	}
	o.Percent = number(s.Percent, 2)
	if s.Max > 0 {
		o.Current, o.Max = number(s.Current, 2), number(s.Max, 2)
	}
	return o
}

func unitOf(u score.Unit) unitObject {
	o := unitObject{u.Scope, nil, round(u.Current, 2), round(u.Max, 2), u.Weight, list(u.Controls, controlOf)}
	if u.HasScore {
		o.Percent = number(u.Percent, 2)
	}
	return o
}

func controlOf(c score.ControlScore) controlObject {
	return controlObject{c.ID, c.Name, round(c.Max, 2), round(c.Current, 2), c.Healthy, c.Unhealthy, c.Unknown}
}

func coverageOf(c assess.Coverage) coverageObject {
	reasons := make(map[string]int, len(c.Reasons))
	for reason, n := range c.Reasons {
		reasons[reason.String()] = n
	}
	return coverageObject{c.Judged, c.Unknown, share(c.Percent, c.Unknown, 2), reasons}
}

func recommendationOf(r assess.RuleResult) recommendationObject {
	o := recommendationObject{
		ID: r.ID, Title: r.Title, Severity: r.Severity.String(),
		Healthy: r.Healthy, Unhealthy: r.Unhealthy, Unknown: r.Unknown,
		Manual: r.Manual, Exempt: r.Exempt, NotApplicable: r.NotApplicable,
		Gain: round(r.Gain, 2),
	}
	if r.Control != "" {
		o.Control = &r.Control
	}
	return o
}

// standardOf lists controls only: a group's state is that of its controls.
func standardOf(c compliance.Result) standardObject {
	o := standardObject{Standard: c.Standard, Controls: []standardNodeObject{}}
	if c.HasRate {
		o.Rate = number(c.Rate, 4)
	}
	for _, node := range c.Nodes {
		if !node.Group {
			o.Controls = append(o.Controls, standardNodeObject{node.ID, node.State.String()})
		}
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
