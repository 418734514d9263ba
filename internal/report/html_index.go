package report

import (
	"encoding/json"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ruleIndex numbers the rules: the page's checks name them by number.
type ruleIndex struct {
	result  *assess.Result
	numbers map[ruleKey]int
	several map[string]int  // rules of one id, with different parameters
	told    map[string]bool // standards whose compliance is told
	within  map[ruleKey][]catalog.StandardRef
}

func newRuleIndex(r *assess.Result) *ruleIndex {
	x := &ruleIndex{r, make(map[ruleKey]int, len(r.Recommendations)), map[string]int{}, map[string]bool{}, controlsByRule(r)}
	for i := range r.Recommendations {
		x.numbers[ruleKey{r.Recommendations[i].ID, r.Recommendations[i].ParametersHash}] = i
		x.several[r.Recommendations[i].ID]++
	}
	for _, c := range r.Compliance {
		x.told[c.Standard] = true
	}
	return x
}

func (x *ruleIndex) controls(r *assess.RuleResult) []catalog.StandardRef {
	return x.within[ruleKey{r.ID, r.ParametersHash}]
}

// listed gives those of some rules that the report lists, worst first.
func (x *ruleIndex) listed(rules []compliance.Rule) []*assess.RuleResult {
	var numbers []int
	for _, rule := range rules {
		// Beyond the rules are those that only checks name.
		if n, ok := x.numbers[ruleKey{rule.ID, rule.ParametersHash}]; ok && n < len(x.result.Recommendations) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	found := make([]*assess.RuleResult, len(numbers))
	for i, n := range numbers {
		found[i] = &x.result.Recommendations[n]
	}
	return found
}

func (x *ruleIndex) number(r *assess.RuleResult) int {
	return x.numbers[ruleKey{r.ID, r.ParametersHash}]
}

// key is what addresses name a rule by: its id, with the parameters where
// several have it.
func (x *ruleIndex) key(r *assess.RuleResult) string {
	if x.several[r.ID] > 1 {
		return r.ID + "~" + r.ParametersHash
	}
	return r.ID
}

func (x *ruleIndex) tells(standard string) bool { return x.told[standard] }

// of numbers the rule of a check. One that the result does not list, such as a
// manual control's, gets the next number.
func (x *ruleIndex) of(c *posture.Check) (number int, fresh bool) {
	key := ruleKey{c.Rule, c.ParametersHash}
	number, ok := x.numbers[key]
	if !ok {
		number = len(x.numbers)
		x.numbers[key] = number
	}
	return number, !ok
}

// The index is what the script needs to know of rules, units and standards; the
// page's markup has the rest. Lists instead of objects keep it small.
type (
	indexObject struct {
		Rules     []indexRule       `json:"rules"`
		Units     map[string]string `json:"units"` // names
		Standards []indexStandard   `json:"standards"`
		Expected  int               `json:"expected"` // checks that the sums are of, notApplicable ones apart
	}
	indexRule struct {
		Key      string      `json:"key"`
		Title    string      `json:"title"`
		Severity int         `json:"severity"`
		Control  string      `json:"control,omitempty"` // of the secure score
		In       [][2]string `json:"in,omitempty"`      // standards and their controls
		Imported bool        `json:"imported,omitempty"`
	}
	indexStandard struct {
		ID       string            `json:"id"`
		Title    string            `json:"title"`
		Controls map[string]string `json:"controls"` // titles
	}
)

// index writes what the script needs beside the checks. Things are known by
// what is harmless of their ids, in the checks and in addresses too.
func (d *document) index() {
	r := d.run.Result
	c := r.Coverage
	x := indexObject{Units: map[string]string{}, Expected: c.Judged + c.Unknown - c.Rejected - c.UnseenCount() + c.Manual + c.Exempt}
	x.Rules = list(r.Recommendations, d.indexRule)
	for _, u := range r.Score.Units {
		if name := d.unitName(u.Scope); name != u.Scope {
			x.Units[Harmless(u.Scope)] = Harmless(name)
		}
	}
	for _, s := range r.Compliance {
		entry := indexStandard{Harmless(s.Standard), Harmless(d.run.standardTitle(&s)), map[string]string{}}
		for _, n := range s.Nodes {
			if !n.Group && n.Title != "" {
				entry.Controls[Harmless(n.ID)] = Harmless(n.Title)
			}
		}
		x.Standards = append(x.Standards, entry)
	}
	// Marshal escapes <, > and &, so that no name can end the script.
	text, err := json.Marshal(x)
	if err != nil {
		d.err = err
		return
	}
	d.raw(`<script type="application/json" id="index">`)
	d.Write(text)
	d.raw("</script>\n")
}

func (d *document) indexRule(r assess.RuleResult) indexRule {
	entry := indexRule{Key: Harmless(d.rules.key(&r)), Title: Harmless(r.Title), Severity: int(r.Severity), Control: Harmless(r.Control), Imported: r.Recommendation == nil}
	for _, ref := range d.rules.controls(&r) {
		entry.In = append(entry.In, [2]string{Harmless(ref.Standard), Harmless(ref.Control)})
	}
	return entry
}
