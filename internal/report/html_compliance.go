package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// compliance shows the standards as cards and, below, the tree of each.
func (d *document) compliance() {
	all := d.run.Result.Compliance
	if len(all) == 0 {
		d.leaf("p", class("empty"), "No standard was asked for, or none speaks about the clouds that were met.")
		return
	}
	d.leaf("p", class("lead"), "The rate is passed ÷ (passed + failed) controls. What is unknown, manual or not covered is in neither, and stands beside it.")
	d.in("div", class("cards"), func() {
		for i := range all {
			d.card(&all[i])
		}
	})
	for i := range all {
		d.standard(&all[i])
	}
}

func (d *document) card(c *compliance.Result) {
	d.in("a", with{"class", "panel card", "href", anchorAt("standard", c.Standard)}, func() {
		d.leaf("span", class("name"), d.run.standardTitle(c))
		d.rate(c)
		d.bar(8, "Controls", controlParts(c))
		d.in("span", class("caption"), func() { d.text(besideRate(c)) })
	})
}

// rate is the rate with what it is of, or the word none.
func (d *document) rate(c *compliance.Result) {
	d.in("span", class("rate"), func() {
		if !c.HasRate {
			d.leaf("b", class("quiet"), "none yet")
			d.leaf("span", class("of"), "no control passed or failed")
			return
		}
		d.leaf("b", nil, oneDecimal(c.Rate*100, c.Failed > 0))
		d.text(thin + "%")
		d.leaf("span", class("of"), fmt.Sprintf("%s of %s passed", count(c.Passed), count(c.Passed+c.Failed)))
	})
}

// besideRate names what is in neither part of the rate.
func besideRate(c *compliance.Result) string {
	var words []string
	for _, p := range []part{
		{controlLooks[compliance.Unknown], c.Unknown},
		{controlLooks[compliance.Manual], c.Manual},
		{controlLooks[compliance.NotApplicable], c.NotApplicable},
		{controlLooks[compliance.NotCovered], c.NotCovered},
	} {
		if p.n > 0 {
			words = append(words, count(p.n)+" "+strings.ToLower(p.word))
		}
	}
	if c.Exempt > 0 {
		words = append(words, exemptControlsText(c.Controls))
	}
	return strings.Join(words, " · ")
}

// exemptControlsText counts controls, whatever their state.
func exemptControlsText(c compliance.Controls) string {
	text := count(c.Exempt) + " with exempt checks"
	if c.Mitigated > 0 {
		text += " (" + count(c.Mitigated) + " with mitigated ones)"
	}
	return text
}

// standardLine is a standard in the overview.
func (d *document) standardLine(c *compliance.Result) {
	d.in("a", with{"class", "standard-line", "href", anchorAt("standard", c.Standard)}, func() {
		d.in("span", class("line"), func() {
			d.leaf("span", class("name"), d.run.standardTitle(c))
			d.in("span", class("n"), func() {
				if !c.HasRate {
					d.leaf("span", class("quiet"), "none yet")
					return
				}
				d.leaf("b", nil, percentText(c.Rate*100, c.Failed > 0))
				d.leaf("span", class("beside"), fmt.Sprintf(" %s of %s", count(c.Passed), count(c.Passed+c.Failed)))
			})
		})
		d.bar(6, "Controls", controlParts(c))
		d.leaf("span", class("caption"), besideRate(c))
	})
}

func controlParts(c *compliance.Result) []part {
	return []part{
		{controlLooks[compliance.Failed], c.Failed},
		{controlLooks[compliance.Unknown], c.Unknown},
		{controlLooks[compliance.Manual], c.Manual},
		{controlLooks[compliance.Passed], c.Passed},
		{controlLooks[compliance.NotApplicable], c.NotApplicable},
		{controlLooks[compliance.NotCovered], c.NotCovered},
	}
}

func (d *document) standard(c *compliance.Result) {
	d.in("details", with{"class", "standard panel flush", "id", anchor("standard", c.Standard), "data-open-in-print", ""}, func() {
		d.in("summary", class("group-head"), func() {
			d.leaf("b", nil, standardTitle(*c))
			d.leaf("span", class("id"), c.Standard)
			d.legend(controlParts(c), func(part) string { return "" })
		})
		d.raw(`<div class="row head node"><span>Control</span><span>State</span><span class="wide-only">Checks</span><span class="n">Unhealthy</span><span class="n">Unknown</span><span class="n">Healthy</span><span class="n">Other</span></div>`)
		d.nodes(c, childrenOf(c.Nodes), "", 0)
		if len(c.Nodes) == 0 {
			d.leaf("p", class("empty"), "This standard has no controls.")
		}
	})
}

// childrenOf lists nodes by parent. One whose parent is not there is a node of
// the top, as in the roll-up.
func childrenOf(nodes []compliance.NodeResult) map[string][]*compliance.NodeResult {
	met := map[string]bool{}
	children := map[string][]*compliance.NodeResult{}
	for i := range nodes {
		parent := nodes[i].Parent
		if !met[parent] {
			parent = ""
		}
		children[parent] = append(children[parent], &nodes[i])
		met[nodes[i].ID] = true
	}
	return children
}

// deepest ends a tree in which an id stands twice, above and below itself.
const deepest = 20

// nodes writes the tree. Groups fold; those that ask for something are open.
func (d *document) nodes(c *compliance.Result, children map[string][]*compliance.NodeResult, parent string, depth int) {
	for _, n := range children[parent] {
		if n.ID == parent { // named "", it would be its own child for ever
			continue
		}
		rules := d.rules.listed(n.Rules)
		leaf := len(children[n.ID]) == 0 || n.ID == "" || depth > deepest
		if leaf && len(rules) == 0 {
			d.in("div", with{"class", "row node", "id", anchor("control", c.Standard+":"+n.ID)}, func() { d.node(c, n, depth) })
			continue
		}
		attributes := with{"class", "branch"}
		if !leaf && (n.State == compliance.Failed || n.State == compliance.Unknown) {
			attributes = append(attributes, "open", "")
		}
		d.in("details", attributes, func() {
			kind := "row node"
			if n.Group {
				kind += " group-row"
			}
			d.in("summary", with{"class", kind, "id", anchor("control", c.Standard+":"+n.ID)}, func() { d.node(c, n, depth) })
			d.rulesOf(rules, depth)
			if !leaf {
				d.nodes(c, children, n.ID, depth+1)
			}
		})
	}
}

// rulesOf lists what gives evidence for a control, each a way to it.
func (d *document) rulesOf(rules []*assess.RuleResult, depth int) {
	if len(rules) == 0 {
		return
	}
	d.in("ul", class(fmt.Sprintf("evidence-of depth-%d", min(depth, 4))), func() {
		for _, r := range rules {
			d.in("li", nil, func() {
				d.in("a", with{"href", anchorAt("rule", d.rules.key(r))}, func() {
					l := severityLooks[r.Severity]
					d.in("span", with{"class", "label " + l.mark, "title", l.word}, func() { d.mark(l.mark) })
					d.text(cmp.Or(r.Title, last(r.ID)))
				})
			})
		}
	})
}

// node writes one row. A control's numbers are checks; a group has none of
// its own, because one check may count in several of its controls.
func (d *document) node(c *compliance.Result, n *compliance.NodeResult, depth int) {
	d.in("span", class(fmt.Sprintf("title depth-%d", min(depth, 4))), func() {
		d.leaf("span", class("number"), n.ID)
		title := n.Title
		if title == n.ID {
			title = ""
		}
		d.leaf("span", nil, title)
	})
	d.labelled(controlLooks[n.State])
	if n.Group {
		return
	}
	t := n.Tally
	numbers := map[posture.State]int{
		posture.Healthy: t.Healthy, posture.Unhealthy: t.Unhealthy, posture.Unknown: t.Unknown,
		posture.Manual: t.Manual, posture.Exempt: t.Exempt, posture.NotApplicable: t.NotApplicable,
	}
	parts := tallied(func(s posture.State) int { return numbers[s] })
	if t == (compliance.Tally{}) {
		because := nothingBecause[n.State]
		if len(n.Unevaluated) > 0 {
			because = notEvaluatedText(n)
		}
		d.leaf("span", class("caption span-rest"), because)
		return
	}
	d.in("span", class("wide-only"), func() { d.bar(8, "Checks", parts) })
	for _, state := range []posture.State{posture.Unhealthy, posture.Unknown, posture.Healthy} {
		d.in("span", class("n "+zero(numbers[state])), func() { d.shutDoor(c.Standard+":"+n.ID, state, numbers[state]) })
	}
	d.in("span", class("rest"), func() {
		if len(n.Unevaluated) > 0 {
			d.leaf("span", class("caption"), notEvaluatedText(n))
		}
		for _, state := range []posture.State{posture.Manual, posture.Exempt} {
			if numbers[state] > 0 {
				d.in("span", class("label "+stateLooks[state].mark), func() {
					d.mark(stateLooks[state].mark)
					d.shutDoor(c.Standard+":"+n.ID, state, numbers[state])
					if state == posture.Exempt && t.Mitigated > 0 {
						d.text(" (" + count(t.Mitigated) + " mitigated)")
					}
				})
			}
		}
	})
}

// notEvaluatedText says what of a control could not be evaluated; a list of many is
// in the json format.
func notEvaluatedText(n *compliance.NodeResult) string {
	first := n.Unevaluated[0]
	if more := len(n.Unevaluated) - 1; more > 0 {
		return counted(len(n.Unevaluated), "rule") + " not evaluated, such as " + first.Rule + ": " + first.Why
	}
	return "not evaluated: " + first.Rule + ": " + first.Why
}

var nothingBecause = map[compliance.State]string{
	compliance.NotCovered:    "nothing gives evidence yet",
	compliance.NotApplicable: "nothing here to judge",
	compliance.Manual:        "to attest",
}

// shutDoor writes a number that the script makes a door of once it has counted
// the same: of an initiative that is assigned to a part of the estate, the checks
// of its rules may be more than those of a control.
func (d *document) shutDoor(control string, state posture.State, n int) {
	if n == 0 {
		d.leaf("span", class("number"), "0")
		return
	}
	d.leaf("span", with{"class", "number", "data-control", control, "data-state", state.String()}, count(n))
}
