package report

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
)

// advice is what a recommendation says beyond its numbers: why, how to mend
// it, what that may break.
func (d *document) advice(r *assess.RuleResult) {
	if r.Recommendation == nil {
		d.leaf("p", class("quiet"), "An imported policy: it brings no words of advice. Its evidence stands with each check.")
		return
	}
	c := r.Recommendation
	if c.Why != "" {
		d.leaf("h3", nil, "Why it matters")
		d.leaf("p", nil, c.Why)
	}
	if m := c.Remediation; m.Steps+m.CLI()+m.Terraform+m.Bicep+m.CloudFormation != "" {
		d.leaf("h3", nil, "Remediation")
		if m.Steps != "" {
			d.leaf("p", nil, m.Steps)
		}
		for _, command := range m.Commands {
			d.command(command)
		}
		d.snippet("Terraform", m.Terraform)
		d.snippet("Bicep", m.Bicep)
		d.snippet("CloudFormation", m.CloudFormation)
	}
	if breaks := c.Remediation.Breaks; breaks != "" {
		d.in("p", class("breaks"), func() {
			d.mark("warning")
			d.in("span", nil, func() {
				d.leaf("b", nil, "What may break: ")
				d.text(breaks)
			})
		})
	}
}

var placeholder = regexp.MustCompile(`\{[A-Za-z]+\}`)

// command shows a command line. The script fills the placeholders with the
// names of a resource and leaves out those for others; until then they stand
// out as places to fill.
func (d *document) command(c catalog.Command) {
	d.in("figure", with{"class", "code command", "data-types?", strings.ToLower(strings.Join(c.Types, " "))}, func() {
		d.in("figcaption", nil, func() {
			d.text("CLI")
			if c.For != "" {
				d.text(": " + c.For + " ")
			}
			d.leaf("span", class("for"), "")
		})
		d.in("pre", with{"tabindex", "0"}, func() {
			d.in("code", nil, func() {
				for i, word := range strings.Split(strings.TrimSpace(c.Text), " ") {
					if i > 0 {
						d.text(" ")
					}
					d.in("span", nil, func() { d.commandWord(word) }) // lines break between words only
				}
			})
		})
	})
}

func (d *document) commandWord(word string) {
	at := 0
	for _, found := range placeholder.FindAllStringIndex(word, -1) {
		d.text(word[at:found[0]])
		name := word[found[0]:found[1]]
		d.leaf("var", with{"data-name", strings.Trim(name, "{}")}, name)
		at = found[1]
	}
	d.text(word[at:])
}

func (d *document) snippet(language, text string) {
	if text == "" {
		return
	}
	d.in("details", class("code"), func() {
		d.leaf("summary", nil, language)
		d.in("pre", with{"tabindex", "0"}, func() { d.leaf("code", nil, strings.TrimRight(text, "\n")) })
	})
}

// ruleFacts is the column beside the advice.
func (d *document) ruleFacts(r *assess.RuleResult, key string) {
	parts := ruleParts(r)
	d.bar(10, "Checks", parts)
	words := map[string]string{}
	for _, state := range barOrder {
		words[stateLooks[state].mark] = state.String()
	}
	d.legend(parts, func(p part) string { return checksAt("recommendation", key, "state", words[p.mark]) })
	for _, reason := range reasonOrder(r.Reasons) {
		d.in("p", class("note unknown"), func() {
			d.text(counted(r.Reasons[reason], "check") + " unknown, " + reason.String() + ": " + reasonWords[reason])
		})
	}
	if len(r.NotRead) > 0 {
		d.leaf("p", class("note unknown"), "Not all was read of "+notReadOf([]*assess.RuleResult{r}))
	}
	d.raw(`<div class="first need-js" hidden></div>`)
	d.in("dl", nil, func() {
		fact := func(name string, value func()) {
			d.leaf("dt", nil, name)
			d.in("dd", nil, value)
		}
		word := func(name, value string) {
			if value != "" {
				fact(name, func() { d.text(value) })
			}
		}
		word("Score gain", gainWords(r.Gain))
		if r.Control != "" {
			fact("Control", func() { d.leaf("a", with{"href", "#recommendations?control=" + hashValue(r.Control)}, r.Control) })
		}
		if refs := d.rules.controls(r); len(refs) > 0 {
			fact("Standards", func() { d.standards(refs) })
		}
		if c := r.Recommendation; c != nil {
			if len(c.Attack) > 0 {
				fact("ATT&CK", func() { d.attack(c.Attack) })
			}
			word("Effort", c.Effort)
			word("User impact", c.UserImpact)
			if len(c.Remediation.Fix) > 0 {
				fact("Change", func() { d.leaf("code", nil, string(c.Remediation.Fix)) })
			}
			if len(c.AzurePolicies) > 0 {
				fact("Azure Policy", func() { d.leaf("code", nil, strings.Join(c.AzurePolicies, ", ")) })
			}
		}
		fact("Id", func() { d.leaf("code", nil, r.ID) })
		if r.Recommendation == nil && r.ParametersHash != "" {
			fact("Parameters", func() { d.leaf("code", nil, r.ParametersHash) })
		}
	})
}

// standards lists controls by standard, each a way to it where the report
// tells about that standard.
func (d *document) standards(refs []catalog.StandardRef) {
	controls := map[string][]string{}
	for _, ref := range refs {
		controls[ref.Standard] = append(controls[ref.Standard], ref.Control)
	}
	for _, standard := range slices.Sorted(maps.Keys(controls)) {
		kind := "untold" // left out on paper
		if d.rules.tells(standard) {
			kind = ""
		}
		d.in("div", with{"class?", kind}, func() {
			d.text(standard + " ")
			for i, control := range controls[standard] {
				if i > 0 {
					d.text(", ")
				}
				if d.rules.tells(standard) {
					d.leaf("a", with{"href", anchorAt("control", standard+":"+control)}, control)
				} else {
					d.text(control)
				}
			}
		})
	}
}

// attack names techniques, with the published page of each: following it is
// the reader's own act, the report itself asks for nothing.
func (d *document) attack(techniques []catalog.Technique) {
	for i, t := range techniques {
		if i > 0 {
			d.text(", ")
		}
		d.leaf("a", with{"href", fmt.Sprintf("https://attack.mitre.org/techniques/%s/", strings.ReplaceAll(t.ID, ".", "/")), "rel", "noreferrer noopener", "target", "_blank"}, t.ID)
	}
}
