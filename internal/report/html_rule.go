package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// recommendations lists what is wrong, worst first, then what could not be
// told, then what is well; imported policies after the built-in ones.
func (d *document) recommendations() {
	rules := d.run.Result.Recommendations
	unhealthy := 0
	for i := range rules {
		unhealthy += rules[i].Unhealthy
	}
	d.in("p", class("lead"), func() {
		d.text(rulesWords(rules) + ", ")
		d.doorOfRules(checksAt("state", "unhealthy"), count(unhealthy))
		d.text(" unhealthy " + plural(unhealthy, "check"))
	})
	d.raw(`<form class="bar-tools need-js" role="search" id="rules-form"><label class="find"><svg class="mark" aria-hidden="true"><use href="#m-search"/></svg>` +
		`<input id="rules-search" type="search" placeholder="Find in titles, controls and ids" aria-label="Find recommendations" autocomplete="off"><kbd>/</kbd></label>` +
		`<span class="chips" id="rules-chips"></span><span class="found" role="status" id="rules-found"></span></form>`)
	if len(rules) == 0 {
		d.leaf("p", class("empty"), "No recommendation applies to what was read, or none was chosen.")
		return
	}
	for _, g := range ruleGroups(rules) {
		d.ruleGroup(&g)
	}
	d.raw(`<p class="empty" id="rules-none" hidden></p>`)
}

// rulesWords counts what is built in and what is imported.
func rulesWords(rules []assess.RuleResult) string {
	imported := 0
	for i := range rules {
		imported += btoi(rules[i].Recommendation == nil)
	}
	words := counted(len(rules)-imported, "recommendation")
	if imported > 0 {
		words += " and " + counted(imported, "policy")
	}
	return words
}

// ruleGroup is a piece of the list of recommendations.
type ruleGroup struct {
	look   look
	title  string
	noun   string
	rules  []*assess.RuleResult
	folded bool // well, idle or not read: one line until it is opened
}

func ruleGroups(rules []assess.RuleResult) []ruleGroup {
	var groups []ruleGroup
	for _, imported := range []bool{false, true} {
		add := func(title string, l look, folded bool, fits func(*assess.RuleResult) bool) {
			g := ruleGroup{look: l, title: title, noun: "recommendation", folded: folded}
			for i := range rules {
				if (rules[i].Recommendation == nil) == imported && fits(&rules[i]) {
					g.rules = append(g.rules, &rules[i])
				}
			}
			slices.SortStableFunc(g.rules, func(a, b *assess.RuleResult) int { return cmp.Compare(b.Gain, a.Gain) })
			if imported {
				g.title, g.noun = "Policies: "+g.title, "policy"
			}
			if len(g.rules) > 0 {
				groups = append(groups, g)
			}
		}
		for severity := posture.Critical; ; severity-- {
			l := severityLooks[severity]
			add(l.word, l, false, func(r *assess.RuleResult) bool { return r.Severity == severity && r.Unhealthy > 0 })
			if severity == posture.NotRated {
				break
			}
		}
		add("Could not be judged", stateLooks[posture.Unknown], false, func(r *assess.RuleResult) bool { return r.Unhealthy == 0 && r.Unknown > 0 })
		add("Manual or exempt", stateLooks[posture.Manual], false, func(r *assess.RuleResult) bool {
			return r.Unhealthy+r.Unknown == 0 && r.Manual+r.Exempt > 0
		})
		nothingOpen := func(r *assess.RuleResult) bool { return r.Unhealthy+r.Unknown+r.Manual+r.Exempt == 0 }
		add("Nothing read that they apply to", stateLooks[posture.Unknown], true, func(r *assess.RuleResult) bool {
			return nothingOpen(r) && r.Healthy == 0 && len(r.NotRead) > 0
		})
		add("Healthy as far as was read", stateLooks[posture.Healthy], true, func(r *assess.RuleResult) bool {
			return nothingOpen(r) && r.Healthy > 0 && len(r.NotRead) > 0
		})
		add("Healthy wherever they apply", stateLooks[posture.Healthy], true, func(r *assess.RuleResult) bool {
			return nothingOpen(r) && r.Healthy > 0 && len(r.NotRead) == 0
		})
		add("Nothing here that they apply to", stateLooks[posture.NotApplicable], true, func(r *assess.RuleResult) bool {
			return nothingOpen(r) && r.Healthy == 0 && len(r.NotRead) == 0
		})
	}
	return groups
}

func (d *document) ruleGroup(g *ruleGroup) {
	unhealthy := 0
	for _, r := range g.rules {
		unhealthy += r.Unhealthy
	}
	words := counted(len(g.rules), g.noun)
	if unhealthy > 0 {
		words += " · " + counted(unhealthy, "unhealthy check")
	}
	head := func() {
		d.in("h2", nil, func() {
			d.in("span", class("label "+g.look.mark), func() {
				d.mark(g.look.mark)
				d.text(g.title)
			})
			d.leaf("span", class("beside"), words)
		})
		d.raw(`<span class="cloud-cell">Cloud</span><span class="n">Unhealthy</span><span class="n">Unknown</span><span class="wide-only">Checks</span><span class="n">Score gain</span>`)
	}
	list := func() {
		for _, r := range g.rules {
			d.rule(r)
		}
	}
	if g.folded {
		d.in("details", class("group panel flush folded"), func() {
			d.in("summary", class("row rule group-line"), head)
			list()
		})
		return
	}
	d.in("section", class("group panel flush"), func() {
		d.in("div", class("row rule group-line"), head)
		list()
	})
}

func (d *document) rule(r *assess.RuleResult) {
	key := d.rules.key(r)
	attributes := with{
		"class", "rule", "id", anchor("rule", key), "data-rule", fmt.Sprint(d.rules.number(r)),
		"data-find", strings.ToLower(Harmless(r.Title + " " + r.ID + " " + r.Control)),
		"data-severity", r.Severity.String(), "data-cloud", r.Cloud.String(), "data-control", r.Control,
	}
	if r.Unhealthy > 0 && r.Severity >= posture.High && r.Recommendation != nil { // all of them would be a book
		attributes = append(attributes, "data-open-in-print", "")
	}
	d.in("details", attributes, func() {
		d.in("summary", class("row rule"), func() {
			d.labelled(severityLooks[r.Severity])
			d.in("span", class("title"), func() {
				d.leaf("b", nil, cmp.Or(r.Title, last(r.ID)))
				if r.Recommendation != nil && r.Recommendation.Preview {
					d.leaf("span", with{"class", "tag", "title", "in preview: not scored"}, "Preview")
				}
			})
			d.cloud(r.Cloud)
			d.in("span", class("n strong "+zero(r.Unhealthy)), func() { d.door(checksAt("recommendation", key, "state", "unhealthy"), count(r.Unhealthy)) })
			d.in("span", class("n unknown "+zero(r.Unknown)), func() { d.door(checksAt("recommendation", key, "state", "unknown"), count(r.Unknown)) })
			d.in("span", class("wide-only"), func() { d.bar(8, "Checks", ruleParts(r)) })
			d.in("span", class("n gain"), func() {
				if text := gainText(r.Gain); text != "" {
					d.leaf("b", nil, text)
					d.text(" pp")
				}
			})
		})
		d.in("div", class("rule-body"), func() {
			d.in("div", class("advice"), func() { d.advice(r) })
			d.in("div", class("facts"), func() { d.ruleFacts(r, key) })
		})
	})
}

func (d *document) cloud(c posture.Cloud) {
	d.in("span", class("cloud-cell"), func() {
		if word := cloudWords[c]; word != "" {
			d.leaf("span", class("cloud"), word)
		}
	})
}
