package assess

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Explanation is how a rule came to its verdict on one resource, with the
// checks that assess makes of the two: none where the rule is not judged there,
// several where assignments give it several sets of parameters. The first check is
// the one that is explained.
type Explanation struct {
	*policy.Explanation
	Checks []posture.Check
}

// Explain tells how one rule, a recommendation or a policy of the library,
// came to its verdict on one resource. It reads the inputs twice: to learn what
// there is, and to fetch the bodies that matter.
func Explain(ctx context.Context, o Options, resource, rule string) (*Explanation, error) {
	bound, err := explainedRule(o, rule)
	if err != nil {
		return nil, err
	}
	run, err := statesRun(o, rule, bound)
	if err != nil {
		return nil, err
	}
	rd, err := run.survey(ctx)
	if err != nil {
		return nil, err
	}
	x := &explainer{run: run, rule: bound, bodies: bodies{run: run, wants: map[string]bool{}}}
	x.want(bound.bound)
	for _, number := range run.book.variantsOf(bound) {
		x.want(run.book.whole(number))
	}
	x.finder.Name = resource
	if err := run.collect(ctx, x); err != nil {
		return nil, err
	}
	if x.finder.found, err = x.finder.Find("in the input"); err != nil {
		return nil, err
	}
	run.apart = run.gapsMet(rd)
	return x.explain()
}

// NotExplainedError says why there is nothing to explain of a rule.
type NotExplainedError struct{ Rule, Why string }

// Error says it.
func (e *NotExplainedError) Error() string {
	return "explain " + e.Rule + ": not evaluated: " + e.Why
}

// explainedRule finds the rule, with its own parameters if it can be judged with
// them, or else with those that some assignment or initiative gives it.
func explainedRule(o Options, name string) (*rule, error) {
	book, err := newRuleBook(bareOptions(o, name))
	if err != nil {
		return nil, err
	}
	switch {
	case len(book.rules) > 1:
		ids := make([]string, len(book.rules))
		for i := range ids {
			ids[i] = book.rules[i].id
		}
		return nil, fmt.Errorf("explain: %d rules are named %q; give the id of one of them:\n%s", len(ids), name, strings.Join(ids, "\n"))
	case len(book.notEvaluated) > 0:
		if found, err := givenRule(o, name); found != nil || err != nil {
			return found, err
		}
		return nil, &NotExplainedError{name, book.notEvaluated[0].Why}
	case len(book.rules) == 0:
		return nil, fmt.Errorf("explain: no rule %q", name)
	}
	found := book.rules[0]
	found.bound = book.whole(0)
	return &found, nil
}

// bareOptions choose one rule, without what would give it other parameters.
func bareOptions(o Options, name string) *Options {
	o.Policies, o.Initiatives = []string{name}, nil
	o.Standards, o.OwnStandards, o.OwnInitiatives = nil, nil, nil
	o.Assignments = nil
	if o.Library != nil {
		bare := *o.Library
		bare.Assignments = nil
		o.Library = &bare
	}
	return &o
}

// givenRule finds a policy with the parameters that some assignment, or initiative
// that is chosen, gives it, nil if it cannot be judged with those of any.
func givenRule(o Options, name string) (*rule, error) {
	named := definitionsNamed(o.Library, name)
	if len(named) != 1 {
		return nil, nil
	}
	chooseExplained(&o, name)
	book, err := newRuleBook(&o)
	if err != nil {
		return nil, err
	}
	for i := range book.rules {
		if r := book.rules[i]; r.recommendation == nil && r.bound.Definition == named[0] && book.set.Broken(i) == "" {
			return &r, nil
		}
	}
	return nil, nil
}

// chooseExplained judges the one rule, where nothing else is chosen.
func chooseExplained(o *Options, name string) {
	if len(o.Policies)+len(o.Initiatives) == 0 {
		o.Policies = []string{name}
	}
}

// statesRun prepares the assessment that the states are taken from: of the one
// rule, or of all where it may be in conflict with others.
func statesRun(o Options, name string, explained *rule) (*run, error) {
	o.Filter = Filter{}
	if len(explained.bound.Writes()) > 0 {
		if all, err := newRun(&o); err != nil || len(all.book.variantsOf(explained)) > 0 {
			return all, err
		}
	}
	chooseExplained(&o, name)
	return newRun(&o)
}

// variantsOf gives the rules that are the one explained: its definition with
// any parameters.
func (b *ruleBook) variantsOf(explained *rule) []int {
	var found []int
	for i := range b.rules {
		r := &b.rules[i]
		if explained.recommendation != nil && r.id == explained.id || explained.recommendation == nil && r.bound.Definition == explained.bound.Definition {
			found = append(found, i)
		}
	}
	return found
}

// survey reads the inputs once. The verdicts do not count, as some may have
// come before what they rest on; what was learnt on the way does.
func (run *run) survey(ctx context.Context) (*reading, error) {
	run.surveys = true
	rd, err := run.pass(ctx, "reading")
	if err != nil {
		return nil, err
	}
	run.winners = rd.winners()
	run.numberUnits(rd)
	run.complete = run.completeness(rd)
	run.again = true
	return rd, nil
}

// explainer fetches one resource with what may be related to it, and judges it.
type explainer struct {
	run    *run
	rule   *rule // that is explained
	finder finder
	bodies bodies
}

func (x *explainer) want(b *policy.Bound) {
	if t := b.TargetType(); t != "" {
		x.bodies.wants[policy.FoldType(t)] = true
	}
}

// explain judges, apart from gaps of what belongs to the one resource.
func (x *explainer) explain() (*Explanation, error) {
	run, found := x.run, x.finder.found
	run.complete.apart = run.apart[hashIdentity(identityOf(found.resource))]
	var told []toldCheck
	x.tell(func(number int, c *posture.Check, conflicts []policy.Evidence) {
		told = append(told, toldCheck{number, *c, conflicts})
	})
	x.explainTold(told)
	env := policy.Environment{Aliases: run.book.set.Aliases(), Now: run.options.Now}
	if x.rule.bound.TargetType() != "" {
		env.Related = &x.bodies
	}
	e := &Explanation{Explanation: x.rule.bound.Explain(found.resource, env)}
	for _, t := range told {
		e.Checks = append(e.Checks, t.check)
		e.Evidence = append(e.Evidence, t.conflicts...)
		if t.check.ParametersHash == x.rule.hash {
			e.Verdict.Compliance = complianceOf(&t.check, e.Verdict.Compliance)
		}
	}
	return e, nil
}

// complianceOf is Azure's word for a check by what others say of it, or else that of
// its rule alone.
func complianceOf(c *posture.Check, alone string) string {
	switch {
	case c.Conflict:
		return policy.Conflicting
	case c.Attested && c.Judged == posture.Healthy:
		return policy.Compliant
	case c.Attested && c.Judged == posture.Unhealthy:
		return policy.NonCompliant
	}
	return alone
}

// toldCheck is a check of the rule that is explained, with some parameters.
type toldCheck struct {
	rule      int // number of
	check     posture.Check
	conflicts []policy.Evidence
}

// explainTold sees to it that the first check is of the rule that is explained: with
// the parameters that it was found with, if those are judged, or else with others.
func (x *explainer) explainTold(told []toldCheck) {
	if len(told) == 0 {
		return
	}
	if i := slices.IndexFunc(told, func(t toldCheck) bool { return t.check.ParametersHash == x.rule.hash }); i > 0 {
		own := told[i]
		copy(told[1:], told[:i])
		told[0] = own
	}
	if n := told[0].rule; told[0].check.ParametersHash != x.rule.hash {
		other := x.run.book.rules[n]
		other.bound = x.run.book.whole(n)
		x.rule = &other
	}
}

// tell gives the checks of the rule on the resource, as jsonl has them.
func (x *explainer) tell(yield func(int, *posture.Check, []policy.Evidence)) {
	run, found := x.run, x.finder.found
	judge := run.book.set.Judge()
	for _, c := range x.bodies.kept {
		if identityOf(c) != identityOf(found.resource) {
			judge.Resource(c)
		}
	}
	for _, c := range run.candidates {
		judge.Unseen(c)
	}
	judged := judge.Resource(found.resource)
	run.settlement = run.book.set.Settle([]*policy.Judge{judge}, run.complete.of)
	t := &teller{worker: run.newReading().newWorker(), settler: run.settlement.Settler()}
	t.settler.Note().Settle(&judged, found.check.Unit)
	t.near = x.closest(t.settler)
	t.clashes = conflicts{run: run}
	t.clashes.on(found.resource, judged.Signatures, placementOf(found.place, t.placer))
	inspection := t.judge.Inspect(found.resource)
	numbers := run.book.variantsOf(x.rule)
	for _, n := range judged.Signatures {
		run.views(n, placementOf(found.place, t.placer), func(v view) {
			if !slices.Contains(numbers, v.rule) {
				return
			}
			c := found.check
			t.complete(&c, &v, n, inspection)
			yield(v.rule, &c, t.clashes.of(v.rule))
		})
	}
}

// closest is the related resource that came closest to passing, of those that
// were fetched.
func (x *explainer) closest(st *policy.Settler) *policy.Closest {
	near := x.run.settlement.Closest(st)
	for _, c := range slices.Concat(x.bodies.kept, x.run.candidates) {
		near.Offer(c)
	}
	return near
}
