package index

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Rule is what the index has to know of a recommendation or policy.
type Rule struct {
	ID       string
	Severity posture.Severity
	Control  string // of the secure score, "" for none
	Scored   bool   // counts in the secure score
}

// Content is what judged: rules and the score's controls.
type Content struct {
	Rules    []Rule
	Controls []score.Control
}

// rules tell of every evaluation which rule it is of.
type rules struct {
	content  Content
	byID     map[string]int
	of_      []int32 // by number of an evaluation: among the rules, -1 for one that there is no more
	order    []int32 // by rule: its place by severity, the worst first, then id
	controls map[string]int
}

func newRules(c Content) *rules {
	r := &rules{content: c, byID: map[string]int{}, controls: map[string]int{}, of_: []int32{-1}}
	order := make([]int, len(c.Rules))
	for i, rule := range c.Rules {
		r.byID[rule.ID] = i
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &c.Rules[a], &c.Rules[b]
		if x.Severity != y.Severity {
			return int(y.Severity) - int(x.Severity)
		}
		return compare(x.ID, y.ID)
	})
	r.order = make([]int32, len(c.Rules))
	for place, i := range order {
		r.order[i] = int32(place)
	}
	for i, control := range c.Controls {
		r.controls[control.ID] = i
	}
	return r
}

// learn takes in evaluations. Those of a rule that the content does not have
// stay unknown.
func (r *rules) learn(evaluations []ledger.Evaluation) {
	for _, e := range evaluations {
		for len(r.of_) <= int(e.Number) {
			r.of_ = append(r.of_, -1)
		}
		if i, ok := r.byID[e.Rule]; ok {
			r.of_[e.Number] = int32(i)
		}
	}
}

// number gives the place of an evaluation's rule among the content's, -1 if it
// has none.
func (r *rules) number(evaluation uint32) int {
	if int(evaluation) >= len(r.of_) {
		return -1
	}
	return int(r.of_[evaluation])
}

// of gives the rule of an evaluation, nil if the content does not have it.
func (r *rules) of(evaluation uint32) *Rule {
	n := r.number(evaluation)
	if n < 0 {
		return nil
	}
	return &r.content.Rules[n]
}
