package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// overview answers in one look: how good, how sure, what first.
func (d *document) overview() {
	d.coverageStrip()
	d.sinceBaseline()
	d.in("div", class("grid"), func() {
		d.panel("wide", "Secure score", "", d.scorePanel)
		d.panel("narrow", "Unhealthy by severity", "checks", d.bySeverity)
		d.panel("wide", "Fix first", "worth most for the score", d.fixes)
		d.panel("narrow", "Compliance", "lowest first", d.lowest)
	})
}

func (d *document) panel(width, title, beside string, body func()) {
	d.in("section", class("panel "+width), func() {
		d.in("h2", nil, func() {
			d.text(title)
			if beside != "" {
				d.text(" ")
				d.leaf("span", class("beside"), beside)
			}
		})
		body()
	})
}

// coverageStrip says how far the answers go, before any of them, and the
// reasons for what has none.
func (d *document) coverageStrip() {
	c := d.run.Result.Coverage
	kind := "strip"
	if c.Unknown+c.NotReadTotal > 0 {
		kind += " gaps"
	}
	d.in("div", class(kind), func() {
		d.in("span", class("label"), func() {
			d.coverageRing(c.Percent)
			d.text("Coverage ")
			d.leaf("b", nil, coverageWords(c))
		})
		if all := c.Judged + c.Unknown; all > 0 {
			d.in("span", nil, func() {
				d.text(fmt.Sprintf("%s of %s judged", count(c.Judged), askedText(c)))
				if checks, _ := unknownChecks(c); checks > 0 {
					d.text(", ")
					d.leaf("a", with{"class", "door unknown", "href", checksAt("state", "unknown")}, count(checks)+" unknown")
				}
			})
		}
		if _, reasons := unknownChecks(c); len(reasons) > 0 {
			d.reasons(reasons)
		}
		d.outside(c)
	})
}

func (d *document) reasons(reasons map[posture.Reason]int) {
	d.in("span", class("reasons"), func() {
		for i, reason := range reasonOrder(reasons) {
			if i > 0 {
				d.text(" · ")
			}
			d.in("a", with{"href", checksAt("reason", reason.String()), "title", reasonWords[reason]}, func() {
				d.text(reason.String() + " " + count(reasons[reason]))
			})
		}
	})
}

// outside names what stands outside coverage.
func (d *document) outside(c assess.Coverage) {
	d.in("span", class("outside"), func() {
		if c.Manual > 0 {
			d.leaf("a", with{"class", "door manual", "href", checksAt("state", "manual")}, count(c.Manual)+" manual")
		}
		if c.Exempt > 0 {
			d.leaf("a", with{"class", "door exempt", "href", checksAt("state", "exempt")}, count(c.Exempt)+" exempt")
			if c.Mitigated > 0 {
				d.text(fmt.Sprintf(" (%s mitigated)", count(c.Mitigated)))
			}
		}
		if c.Rejected > 0 {
			d.leaf("a", with{"class", "door", "href", "#input"}, counted(c.Rejected, "place")+" of the input not read")
		}
		if n := c.UnseenCount(); n > 0 {
			d.leaf("a", with{"class", "door", "href", "#input"}, counted(n, "resource")+" not read")
		}
		if n := c.NotReadTotal; n > 0 {
			d.leaf("a", with{"class", "door unknown", "href", "#input"}, counted(n, "type")+" not read")
		}
	})
}

func reasonOrder(reasons map[posture.Reason]int) []posture.Reason {
	var order []posture.Reason
	for reason, n := range reasons {
		if n > 0 {
			order = append(order, reason)
		}
	}
	slices.SortFunc(order, func(a, b posture.Reason) int {
		return cmp.Or(cmp.Compare(reasons[b], reasons[a]), cmp.Compare(a, b))
	})
	return order
}

// scorePanel shows the dial and, beside it, what the estate is made of.
func (d *document) scorePanel() {
	r := d.run.Result
	d.in("div", class("score-panel"), func() {
		d.scoreDial()
		d.in("div", class("score-facts"), func() {
			d.scoreNote()
			parts := tallied(func(s posture.State) int { return r.Resources[s] })
			d.in("p", class("caption"), func() {
				d.leaf("b", nil, counted(r.Total, "resource"))
				d.text(" in " + counted(r.Units, "unit") + ", each with the first state that one of its checks has")
			})
			d.bar(12, "Resources", parts)
			d.legend(parts, func(part) string { return "" })
		})
	})
}

func (d *document) scoreDial() {
	s, c := d.run.Result.Score, d.run.Result.Coverage
	partial := isPartial(c)
	below := "of 100"
	if s.HasScore && s.Max > 0 {
		below = twoDecimals(s.Current) + " of " + short(s.Max, 2)
	}
	if partial {
		below = "partial"
	}
	label := "No secure score"
	if s.HasScore {
		label = "Secure score " + oneDecimal(s.Percent, s.Percent < 100) + " percent"
	}
	coverage := c.Percent
	if c.Judged+c.Unknown == 0 {
		coverage = 0
	}
	d.dial(s.Percent, s.HasScore, partial, coverage, below, label+", coverage "+coverageWords(c))
}

// scoreNote says what the number does not.
func (d *document) scoreNote() {
	r := d.run.Result
	note := func(words string) { d.leaf("p", class("note"), words) }
	if !r.Score.HasScore {
		note("No score: no unit has a judged check that belongs to a control with points.")
	}
	if isPartial(r.Coverage) {
		note("Partial: less than half of the checks got an answer, so the score may be far from the truth.")
	}
	if r.Slice {
		note("A slice: over the chosen resources alone, without points.")
	}
	if len(r.Score.Units) > 1 && r.Score.HasScore {
		note("Each unit counts by its judged checks. Several units have no points in common.")
	}
}

func isPartial(c assess.Coverage) bool { return c.Judged+c.Unknown > 0 && c.Percent < partialBelow }

// bySeverity counts what is unhealthy, the worst first.
func (d *document) bySeverity() {
	total := d.run.Result.ControlsUnhealthy
	numbers, most := map[posture.Severity]int{posture.NotRated: total}, total
	for _, r := range d.run.Result.Recommendations {
		numbers[r.Severity] += r.Unhealthy
		total += r.Unhealthy
		most = max(most, numbers[r.Severity])
	}
	d.in("div", class("severities"), func() {
		for severity := posture.Critical; ; severity-- {
			l := severityLooks[severity]
			if severity > posture.NotRated || numbers[severity] > 0 {
				d.labelled(l)
				d.share(l.mark, numbers[severity], most)
				d.door(checksAt("state", "unhealthy", "severity", severity.String()), count(numbers[severity]))
			}
			if severity == posture.NotRated {
				break
			}
		}
	})
	d.in("p", class("panel-foot"), func() {
		if total == 0 {
			c := d.run.Result.Coverage
			d.text(fmt.Sprintf("Nothing unhealthy. %s judged; %s could not be.", counted(c.Judged, "check"), count(c.Unknown)))
			return
		}
		d.door(checksAt("state", "unhealthy"), count(total))
		d.text(" unhealthy " + plural(total, "check") + " on ")
		n := d.run.Result.Resources[posture.Unhealthy]
		d.leaf("b", nil, count(n))
		d.text(" " + plural(n, "resource"))
	})
}

// share draws one number against the largest of its list.
func (d *document) share(name string, n, most int) {
	width := 0.0
	if n > 0 {
		width = max(2, 100*float64(n)/float64(most))
	}
	fmt.Fprintf(d, `<svg class="share" height="6" aria-hidden="true"><rect class="track" width="100%%" height="6" rx="3"/><rect class="s-%s" width="%.2f%%" height="6" rx="3"/></svg>`, name, width)
}

// fixes lists what is worth most, singly and together.
func (d *document) fixes() {
	fixes, together := d.run.Result.Fixes, d.run.Result.Together
	if len(fixes) == 0 {
		d.leaf("p", class("empty"), "No fix would raise the score.")
		return
	}
	d.in("div", class("fixes"), func() {
		for _, f := range fixes {
			d.labelled(severityLooks[f.Rule.Severity])
			d.leaf("a", with{"class", "title", "href", anchorAt("rule", d.rules.key(f.Rule))}, f.Rule.Title)
			d.door(checksAt("recommendation", d.rules.key(f.Rule), "state", "unhealthy"), counted(f.Resources, "resource"))
			d.in("span", class("gain"), func() {
				d.leaf("b", nil, gainText(f.Gain))
				d.text(" pp")
			})
		}
	})
	if len(fixes) > 1 && together > 0 {
		d.in("p", class("panel-foot"), func() {
			d.text("Together ")
			d.leaf("b", nil, gainWords(together))
			if d.run.Result.Score.HasScore {
				d.text(" → " + percentText(d.run.Result.Score.Percent+together, false))
			}
			d.text("; single gains do not add up")
		})
	}
}

// lowest lists the standards, those with the lowest rate first and those
// without one last.
func (d *document) lowest() {
	all := slices.Clone(d.run.Result.Compliance)
	slices.SortStableFunc(all, func(a, b compliance.Result) int {
		if a.HasRate != b.HasRate {
			return cmp.Compare(1, 2*btoi(a.HasRate))
		}
		return cmp.Compare(a.Rate, b.Rate)
	})
	if len(all) == 0 {
		d.leaf("p", class("empty"), "No standard was asked for.")
		return
	}
	d.in("div", class("lowest"), func() {
		for i := range all {
			if i == 6 {
				d.leaf("a", with{"href", "#compliance"}, "All "+counted(len(all), "standard"))
				break
			}
			d.standardLine(&all[i])
		}
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
