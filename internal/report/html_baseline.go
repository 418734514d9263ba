package report

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/baseline"
)

// sinceBaseline says what became of the checks of an earlier assessment, the
// worst of the new ones by name.
func (d *document) sinceBaseline() {
	c := d.run.Baseline
	if c == nil {
		return
	}
	d.in("section", class("panel baseline"), func() {
		d.in("h2", nil, func() {
			d.text("Since the baseline ")
			d.leaf("span", class("beside"), c.File)
		})
		d.in("p", class("legend"), func() {
			for _, x := range changesOf(c) {
				d.in("span", with{"class", "label", "title", x.about}, func() {
					d.leaf("b", nil, count(x.checks))
					d.text(" " + x.name)
				})
			}
		})
		if len(c.Worst) > 0 {
			d.newOnes(c)
		}
	})
}

func (d *document) newOnes(c *baseline.Comparison) {
	rules := rulesOf(d.run.Result)
	d.in("details", nil, func() {
		d.leaf("summary", class("caption"), fmt.Sprintf("The worst %s of %s", count(len(c.Worst)), counted(c.New, "new check")))
		d.in("ul", class("others"), func() {
			for i := range c.Worst {
				d.newOne(rules, &c.Worst[i])
			}
		})
	})
}

func (d *document) newOne(rules ruleTable, f *baseline.Finding) {
	r := rules[ruleKey{f.Rule, f.ParametersHash}]
	key := f.Rule
	if r.RuleResult != nil {
		key = d.rules.key(r.RuleResult)
	}
	d.in("li", nil, func() {
		d.in("a", with{"href", "#checks?row=" + hashValue(key) + "," + hashValue(f.Called())}, func() {
			d.in("span", class("label "+severityLooks[f.Severity].mark), func() { d.mark(severityLooks[f.Severity].mark) })
			d.leaf("span", class("say"), newTitle(rules, f))
			d.leaf("span", class("quiet say"), f.Called())
		})
	})
}
