package index

import (
	"cmp"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Rule is what the index has to know of a recommendation, or of a policy with one
// set of parameters.
type Rule struct {
	ID       string // of a policy [PolicyRule]
	Policy   string // id of the policy's definition, "" for a recommendation
	Severity posture.Severity
	Control  string // of the secure score, "" for none
	Scored   bool   // counts in the secure score
}

// PolicyRule is the id of the rule that a policy is with one set of parameters,
// given by their hash: a resource has one check of a rule at most.
func PolicyRule(policy, parameters string) string { return policy + "#" + parameters }

// isAny reports whether the rule is meant by one of some ids: its own, or that of
// its policy, which means it with whatever parameters.
func (r *Rule) isAny(ids []string) bool {
	return slices.Contains(ids, r.ID) || r.Policy != "" && slices.Contains(ids, r.Policy)
}

// Content is what judged: rules, the ways in which they are assigned, and the score's
// controls.
type Content struct {
	Rules      []Rule
	References []Reference
	Controls   []score.Control
}

// And gives the content with the rules of another one that it does not have: both
// judge, while verdicts of the one give way to those of the other. They are assigned as
// by the content.
func (c Content) And(other Content) Content {
	known := make(map[string]bool, len(c.Rules))
	for _, r := range c.Rules {
		known[r.ID] = true
	}
	c.Rules = slices.Clip(c.Rules)
	for _, r := range other.Rules {
		if !known[r.ID] {
			c.Rules = append(c.Rules, r)
		}
	}
	return c
}

// evaluated names what an evaluation is of.
type evaluated struct{ Rule, Parameters string }

// rules tell of every evaluation which rule it is of.
type rules struct {
	content  Content
	byID     map[string]int
	rank     []int       // by rule: its place in the order of ByRule
	worst    []int       // rules in the order of BySeverity, those of one by ByRule
	names    []evaluated // by number of an evaluation
	of_      []int32     // by number of an evaluation: among the rules, -1 for one that there is no more
	controls map[string]int
}

func newRules(c Content) *rules {
	r := &rules{content: c, byID: map[string]int{}, controls: map[string]int{}, names: []evaluated{{}}, of_: []int32{-1}}
	for i, rule := range c.Rules {
		r.byID[rule.ID] = i
	}
	for i, control := range c.Controls {
		r.controls[control.ID] = i
	}
	order := make([]int, len(c.Rules))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return Key{Text: c.Rules[a].ID}.compare(Key{Text: c.Rules[b].ID}) })
	r.rank = make([]int, len(c.Rules))
	for rank, i := range order {
		r.rank[i] = rank
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(rankOfSeverity(c.Rules[a].Severity), rankOfSeverity(c.Rules[b].Severity))
	})
	r.worst = order
	return r
}

// learn takes in evaluations. Those of a rule that the content does not have
// stay unknown.
func (r *rules) learn(evaluations []ledger.Evaluation) {
	for _, e := range evaluations {
		for len(r.of_) <= int(e.Number) {
			r.names, r.of_ = append(r.names, evaluated{}), append(r.of_, -1)
		}
		r.names[e.Number] = evaluated{e.Rule, e.Parameters}
		r.of_[e.Number] = r.find(r.names[e.Number])
	}
}

// find gives the place of what an evaluation is of among the content's rules, -1
// for none.
func (r *rules) find(e evaluated) int32 {
	if i, ok := r.byID[e.Rule]; ok {
		return int32(i)
	}
	if i, ok := r.byID[PolicyRule(e.Rule, e.Parameters)]; ok {
		return int32(i)
	}
	return -1
}

// recall takes in the evaluations that other rules know.
func (r *rules) recall(names []evaluated) {
	r.names, r.of_ = names, make([]int32, len(names))
	for n, e := range names {
		r.of_[n] = r.find(e)
	}
}

// Rule gives a rule of the content by its id.
func (x *Index) Rule(id string) (Rule, bool) {
	n, ok := x.rules.byID[id]
	if !ok {
		return Rule{}, false
	}
	return x.rules.content.Rules[n], true
}

// RuleOf gives the rule of an evaluation, nil if the content does not have it.
func (x *Index) RuleOf(evaluation uint32) *Rule { return x.rules.of(evaluation) }

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
