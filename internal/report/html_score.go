package report

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/score"
)

// mostOpenUnits is for how many units the controls are listed unit by unit: a
// thousand of them would be most of the file, and nobody reads them there.
const mostOpenUnits = 200

// score shows the arithmetic: controls with their points, or units with
// theirs.
func (d *document) score() {
	s := d.run.Result.Score
	d.in("div", class("panel score-head"), func() {
		d.scoreDial()
		d.in("div", nil, func() {
			d.scoreNote()
			d.leaf("p", class("caption"), "A control earns its points by the share of its resources that are healthy. A resource is unhealthy in it if any of its checks is. What is unknown, exempt or in preview neither earns nor costs.")
		})
	})
	switch len(s.Units) {
	case 0:
		d.leaf("p", class("empty"), "No unit was met, so there is nothing to score.")
	case 1:
		d.in("div", class("panel flush"), func() { d.controls(s.Units[0].Controls) })
	default:
		d.units(s.Units)
		d.leaf("h2", class("section"), "Controls over all units")
		d.leaf("p", class("caption"), "Numbers are resources. Points exist for one unit only.")
		d.in("div", class("panel flush"), func() { d.controls(controlsOf(s.Units)) })
	}
}

func (d *document) units(units []score.Unit) {
	d.leaf("h2", class("section"), counted(len(units), "unit"))
	d.in("div", with{"class", "panel flush", "role", "group"}, func() {
		d.in("div", class("row head units"), func() { d.cells("Unit", "Score", "Points", "of", "Weight") })
		for i := range units {
			d.unit(&units[i], len(units) <= mostOpenUnits)
		}
	})
	d.leaf("p", class("caption"), "Weight is the number of judged checks that score; the whole is the mean by weight.")
}

// cells writes the heads of a row; all but the first are numbers.
func (d *document) cells(words ...string) {
	for i, word := range words {
		kind := ""
		if i > 0 {
			kind = "n"
		}
		d.leaf("span", with{"class?", kind}, word)
	}
}

func (d *document) unit(u *score.Unit, withControls bool) {
	line := func() {
		d.in("span", class("unit-name"), func() {
			d.leaf("b", nil, d.unitName(u.Scope))
			d.leaf("span", class("id"), u.Scope)
		})
		if !u.HasScore {
			d.leaf("span", class("n quiet"), "none")
			d.leaf("span", class("caption none"), "nothing to judge")
			return
		}
		d.leaf("b", class("n"), percentText(u.Percent, u.Percent < 100))
		if d.run.Result.Slice {
			d.cells("")
			d.cells("")
		} else {
			d.leaf("span", class("n"), twoDecimals(u.Current))
			d.leaf("span", class("n"), short(u.Max, 2))
		}
		d.leaf("span", class("n"), count(u.Weight))
	}
	if !withControls || !u.HasScore {
		d.in("div", class("row units"), line)
		return
	}
	d.in("details", nil, func() {
		d.in("summary", class("row units"), line)
		d.in("div", class("inset"), func() { d.controls(u.Controls) })
	})
}

// controls lists what has something to judge; of the others there is a count.
func (d *document) controls(all []score.ControlScore) {
	withPoints := !d.run.Result.Slice
	idle := 0
	d.in("div", class("scroll"), func() {
		d.in("table", class("controls"), func() {
			d.raw("<thead><tr><th>Control</th>")
			if withPoints {
				d.raw(`<th class="n">Points</th><th class="n">of</th>`)
			}
			d.raw(`<th>Earned</th><th class="n">Unhealthy</th><th class="n">Unknown</th><th class="n">Healthy</th></tr></thead><tbody>`)
			for i := range all {
				if c := &all[i]; c.Healthy+c.Unhealthy+c.Unknown > 0 {
					d.control(c, withPoints)
				} else {
					idle++
				}
			}
			d.raw("</tbody>")
		})
	})
	if idle > 0 {
		d.leaf("p", class("caption inset"), counted(idle, "control")+" with nothing to judge here, not counted")
	}
}

func (d *document) control(c *score.ControlScore, withPoints bool) {
	counts := c.Healthy+c.Unhealthy > 0
	number := func(kind, text string) { d.leaf("td", class("n "+kind), text) }
	d.in("tr", nil, func() {
		d.in("td", nil, func() { d.leaf("a", with{"href", "#recommendations?control=" + hashValue(c.Name)}, c.Name) })
		switch {
		case withPoints && c.Max == 0: // of several units
			number("quiet", "–")
			number("quiet", "–")
		case withPoints:
			number("strong", twoDecimals(c.Current))
			number("", short(c.Max, 2))
		}
		d.in("td", class("earned"), func() {
			if !counts {
				d.leaf("span", class("quiet"), "nothing judged")
				return
			}
			d.share("accent", c.Healthy, c.Healthy+c.Unhealthy)
			d.text(fmt.Sprintf("%.0f%s%%", shareDown(c.Healthy, c.Healthy+c.Unhealthy), thin))
		})
		number(zero(c.Unhealthy), count(c.Unhealthy))
		number(zero(c.Unknown)+" unknown", count(c.Unknown))
		number(zero(c.Healthy), count(c.Healthy))
	})
}

// shareDown gives a whole percentage that is 100 for all only.
func shareDown(n, all int) float64 { return float64(100 * n / all) }

func zero(n int) string {
	if n == 0 {
		return "zero"
	}
	return ""
}

// controlsOf adds up the resources of a control over all units, in the order
// in which controls are met. It gives no points: units have none in common.
func controlsOf(units []score.Unit) []score.ControlScore {
	at := map[string]int{}
	var sums []score.ControlScore
	for _, u := range units {
		for _, c := range u.Controls {
			i, ok := at[c.ID]
			if !ok {
				i = len(sums)
				at[c.ID] = i
				sums = append(sums, score.ControlScore{ID: c.ID, Name: c.Name})
			}
			sums[i].Healthy += c.Healthy
			sums[i].Unhealthy += c.Unhealthy
			sums[i].Unknown += c.Unknown
		}
	}
	return sums
}
