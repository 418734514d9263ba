package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// writeHTML writes one file that asks for nothing from anywhere. Score,
// recommendations and compliance stand in it as markup, which needs no script;
// the checks follow as packed pieces (html_chunk.go), which the script lists.
func writeHTML(w io.Writer, run *Run) error {
	d := newDocument(w, run)
	d.head()
	d.in("body", nil, func() {
		d.raw(assets().marks)
		d.in("div", class("page"), func() {
			d.topBar()
			d.rail()
			d.in("main", with{"id", "main", "tabindex", "-1"}, func() {
				d.view("overview", "Overview", d.overview)
				d.view("score", "Secure score", d.score)
				d.view("recommendations", "Recommendations", d.recommendations)
				d.view("checks", "Checks", d.checkList)
				d.view("compliance", "Regulatory compliance", d.compliance)
				d.view("input", "What was read", d.input)
				d.footer()
			})
		})
		d.index()
		d.err = d.checks()
		d.raw("<script>" + assets().script + "</script>\n")
	})
	d.raw("</html>\n")
	if d.err != nil {
		return d.err
	}
	return d.Flush()
}

// document is a report in the making.
type document struct {
	*markup
	run      *Run
	accounts accountTable
	rules    *ruleIndex
	err      error // of reading the checks
}

func newDocument(w io.Writer, run *Run) *document {
	return &document{markup: newMarkup(w), run: run, accounts: accountsOf(run.Scopes), rules: newRuleIndex(run.Result)}
}

func (d *document) head() {
	a := assets()
	d.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	d.start("meta", with{"http-equiv", "Content-Security-Policy", "content", a.policy})
	d.raw("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n")
	d.raw("<meta name=\"referrer\" content=\"no-referrer\">\n")
	d.start("meta", with{"name", "generator", "content", "bartizan " + d.run.Version})
	d.leaf("title", nil, "Security posture of "+d.subject()+", "+day(d.run.At))
	d.raw("\n<script>" + a.early + "</script>\n<style>" + a.style + "</style>\n</head>\n")
}

// view is one page of the report; without the script they follow each other.
func (d *document) view(id, title string, body func()) {
	d.in("section", with{"class", "view", "id", id, "aria-labelledby", id + "-title"}, func() {
		d.leaf("h1", with{"id", id + "-title", "tabindex", "-1"}, title)
		body()
	})
	d.raw("\n")
}

func (d *document) topBar() {
	d.raw(`<a class="skip" href="#main">Skip to the content</a>`)
	d.in("header", class("top"), func() {
		d.in("span", class("brand"), func() {
			d.raw(`<svg class="turret" aria-hidden="true"><use href="#m-turret"/></svg>Bartizan`)
		})
		d.in("span", class("fact scope"), func() {
			d.mark("tree")
			d.leaf("b", nil, d.subject())
			if units := counted(d.run.Result.Units, "unit"); units != d.subject() {
				d.leaf("span", class("quiet"), units)
			}
		})
		if !d.run.At.IsZero() {
			d.in("span", class("fact"), func() {
				d.mark("clock")
				d.leaf("time", with{"datetime", d.run.At.UTC().Format(time.RFC3339)}, d.run.At.UTC().Format("2 Jan 2006, 15:04 UTC"))
			})
		}
		d.raw(`<span class="tools"><button class="icon" id="print" title="Print" aria-label="Print"><svg class="mark"><use href="#m-printer"/></svg></button>` +
			`<button class="icon" id="colours" title="Light or dark" aria-label="Dark colours" aria-pressed="false"><svg class="mark"><use href="#m-theme"/></svg></button></span>`)
	})
}

func (d *document) rail() {
	r := d.run.Result
	pages := []struct{ id, word, beside string }{
		{"overview", "Overview", ""},
		{"score", "Secure score", ""},
		{"recommendations", "Recommendations", blank(len(r.Recommendations))},
		{"checks", "Checks", ""},
		{"compliance", "Compliance", blank(len(r.Compliance))},
		{"input", "What was read", blank(len(r.NotEvaluated) + len(r.Problems))},
	}
	d.in("nav", with{"class", "rail", "aria-label", "Parts of the report"}, func() {
		for _, p := range pages {
			d.in("a", with{"href", "#" + p.id, "data-view", p.id}, func() {
				d.text(p.word)
				if p.beside != "" {
					d.leaf("span", class("count"), p.beside)
				}
			})
		}
	})
}

func (d *document) footer() {
	d.in("footer", class("foot"), func() {
		d.text("bartizan " + d.run.Version)
		if !d.run.At.IsZero() {
			d.text(" · " + d.run.At.UTC().Format(time.RFC3339))
		}
		d.text(" · coverage " + coverageWords(d.run.Result.Coverage))
		d.leaf("span", class("keys"), "/ search · ↑ ↓ rows · Enter open · Esc close")
	})
}

// subject names what was assessed: the organisations, else the only unit, else
// how many units there are.
func (d *document) subject() string {
	tops := map[string]bool{}
	for _, u := range d.run.Result.Score.Units {
		if top := d.accounts.of(u.Scope).organization; top.Name != "" {
			tops[top.Name] = true
		}
	}
	names := sortedKeys(tops)
	switch units := d.run.Result.Score.Units; {
	case len(names) == 1:
		return names[0]
	case len(names) == 2:
		return names[0] + " and " + names[1]
	case len(names) > 2:
		return fmt.Sprintf("%s and %s", names[0], counted(len(names)-1, "other"))
	case len(units) == 1 && d.run.Result.Units == 1:
		return d.unitName(units[0].Scope)
	}
	return counted(d.run.Result.Units, "unit")
}

// unitName is what people call a unit.
func (d *document) unitName(unit string) string {
	a := d.accounts.of(unit)
	return cmp.Or(a.name, a.id, unit)
}

func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func day(t time.Time) string {
	if t.IsZero() {
		return "no date"
	}
	return t.UTC().Format("2 January 2006")
}

// tallied gives the parts of a bar in the order of all bars.
func tallied(number func(posture.State) int) []part {
	parts := make([]part, 0, len(barOrder))
	for _, state := range barOrder {
		parts = append(parts, part{stateLooks[state], number(state)})
	}
	return parts
}

func ruleParts(r *assess.RuleResult) []part { return tallied(r.Count) }
