package report

import "github.com/bartizan-dev/bartizan/internal/compliance"

// The types below are a standard's part of the published object.
type (
	standardObject struct {
		Standard string               `json:"standard"`
		Rate     *float64             `json:"rate"`   // 0..1
		Totals   controlCountsObject  `json:"totals"` // controls
		Controls []standardNodeObject `json:"controls"`
		Groups   []groupObject        `json:"groups"`
	}
	standardNodeObject struct {
		ID     string              `json:"id"`
		State  string              `json:"state"`
		Title  string              `json:"title"`
		Parent *string             `json:"parent"`
		RollUp string              `json:"rollUp"`
		Checks checkCountsObject   `json:"checks"`
		Exempt *exemptionsOfChecks `json:"exempt"`
		// What could not be evaluated, which leaves a control that has not failed
		// unknown.
		NotEvaluated []controlGapObject `json:"notEvaluated,omitempty"`
	}
	controlGapObject struct {
		Policy string `json:"policy"`
		Why    string `json:"why"`
	}
	groupObject struct {
		ID       string              `json:"id"`
		State    string              `json:"state"`
		Title    string              `json:"title"`
		Parent   *string             `json:"parent"`
		RollUp   string              `json:"rollUp"`
		Controls controlCountsObject `json:"controls"` // beneath, at any depth
	}
	checkCountsObject struct {
		Healthy       int `json:"healthy"`
		Unhealthy     int `json:"unhealthy"`
		Unknown       int `json:"unknown"`
		Manual        int `json:"manual"`
		Exempt        int `json:"exempt"`
		Mitigated     int `json:"mitigated"` // of exempt
		NotApplicable int `json:"notApplicable"`
	}
	controlCountsObject struct {
		Passed        int `json:"passed"`
		Failed        int `json:"failed"`
		Unknown       int `json:"unknown"`
		Manual        int `json:"manual"`
		NotApplicable int `json:"notApplicable"`
		NotCovered    int `json:"notCovered"`
		// Of all of these, those with an exempt check, and with a mitigated one.
		Exempt    int `json:"exempt"`
		Mitigated int `json:"mitigated"`
	}
	exemptionsOfChecks struct {
		Categories []string `json:"categories"`
		Wholly     bool     `json:"wholly"` // nothing that applies is not exempt
	}
)

// standardOf lists controls and groups apart: only controls count.
func standardOf(c compliance.Result) standardObject {
	o := standardObject{
		Standard: c.Standard, Totals: controlCountsObject(c.Controls), Controls: []standardNodeObject{}, Groups: []groupObject{},
	}
	if c.HasRate {
		o.Rate = number(c.Rate, 4)
	}
	for i := range c.Nodes {
		n := &c.Nodes[i]
		if n.Group {
			o.Groups = append(o.Groups, groupObject{
				n.ID, n.State.String(), n.Title, parentOf(n), n.RollUp.String(), controlCountsObject(n.Beneath),
			})
			continue
		}
		o.Controls = append(o.Controls, standardNodeObject{
			n.ID, n.State.String(), n.Title, parentOf(n), n.RollUp.String(), checkCountsOf(n.Tally), exemptionsOf(n), gapsOf(n),
		})
	}
	return o
}

func gapsOf(n *compliance.NodeResult) (gaps []controlGapObject) {
	for _, u := range n.Unevaluated {
		gaps = append(gaps, controlGapObject{u.Rule, u.Why})
	}
	return gaps
}

func parentOf(n *compliance.NodeResult) *string {
	if n.Parent == "" {
		return nil
	}
	return &n.Parent
}

func checkCountsOf(t compliance.Tally) checkCountsObject {
	return checkCountsObject{
		Healthy: t.Healthy, Unhealthy: t.Unhealthy, Unknown: t.Unknown, Manual: t.Manual,
		Exempt: t.Exempt, Mitigated: t.Mitigated, NotApplicable: t.NotApplicable,
	}
}

// exemptionsOf is the mark of a control with exempt checks.
func exemptionsOf(n *compliance.NodeResult) *exemptionsOfChecks {
	if n.Tally.Exempt == 0 {
		return nil
	}
	return &exemptionsOfChecks{exemptKinds(n.Tally), n.WhollyExempt()}
}

func exemptKinds(t compliance.Tally) []string {
	var kinds []string
	if t.Exempt > t.Mitigated {
		kinds = append(kinds, "waiver")
	}
	if t.Mitigated > 0 {
		kinds = append(kinds, "mitigated")
	}
	return kinds
}
