package resourcegraph

import (
	"context"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// assessed is the estate with its verdicts.
type assessed struct {
	result *assess.Result
	tree   *inventory.Tree
	checks assess.Checks
	titles map[ruleKey]*assess.RuleResult
	twice  map[string]bool // ids of rules that are judged with several sets of parameters
	full   fullNames
	// sum gives the result with its sums, where that costs much; nil: result has them.
	sum func() (*assess.Result, error)
	// direct tells checks to one who makes rows of them, where checks are not read
	// from inputs; it may leave out those of which no row is wanted.
	// dear says that each costs much.
	dear   bool
	direct func(ctx context.Context, want *wanted, take func(*posture.Check, *standing) bool) error

	// controlled gives by STANDARD:CONTROL, in lower case, the rules that give evidence
	// for it; nil: the options say it.
	controlled func() map[string][]string
	// references gives those of a check where it does not have them itself.
	references func(*posture.Check) []posture.Reference

	// One reading tells checks at a time; the others wait.
	mu      sync.Mutex
	changed *sync.Cond
	busy    bool
	waiting int
}

// ruleKey tells rules apart.
type ruleKey struct{ id, hash string }

// assessments holds what was assessed: with evidence, or bare.
type assessments struct {
	mu         sync.Mutex
	bare, full *assessed
}

// assessed assesses when it is asked first. Evidence costs more, and is there
// for all once it was wanted.
func (in inputs) assessed(ctx context.Context, evidence bool) (*assessed, error) {
	e := in.Estate
	e.verdicts.mu.Lock()
	defer e.verdicts.mu.Unlock()
	if e.verdicts.full != nil {
		return e.verdicts.full, nil
	}
	if !evidence && e.verdicts.bare != nil {
		return e.verdicts.bare, nil
	}
	a, err := e.assess(ctx, evidence)
	if err != nil {
		return nil, err
	}
	if evidence {
		e.verdicts.full = a
	} else {
		e.verdicts.bare = a
	}
	return a, nil
}

// assess runs an assessment. Its checks can be told after ctx has ended.
func (e *Estate) assess(ctx context.Context, evidence bool) (*assessed, error) {
	o := e.options
	o.Evidence, o.Bare, o.ByUnit = evidence, !evidence, true
	lasting, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := context.AfterFunc(ctx, stop)
	defer ended()
	result, checks, err := assess.Run(lasting, o)
	if err != nil {
		stop()
		return nil, err
	}
	for _, p := range result.Problems {
		e.problem(p)
	}
	if e.rejected != nil {
		result.Coverage.Rejected = *e.rejected
	}
	a := &assessed{result: result, checks: checks, tree: &inventory.Tree{}, titles: map[ruleKey]*assess.RuleResult{}, twice: map[string]bool{}}
	a.changed = sync.NewCond(&a.mu)
	for _, s := range result.Scopes {
		a.tree.Add(s)
	}
	a.full = newFullNames(a.tree)
	met := map[string]bool{}
	for i := range result.Recommendations {
		r := &result.Recommendations[i]
		a.titles[ruleKey{r.ID, r.ParametersHash}] = r
		a.twice[r.ID] = a.twice[r.ID] || met[r.ID]
		met[r.ID] = true
	}
	return a, nil
}

// begin waits until no other reading tells checks. end lets the next one.
func (a *assessed) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting++
	a.changed.Broadcast()
	for a.busy {
		a.changed.Wait()
	}
	a.waiting--
	a.busy = true
}

func (a *assessed) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = false
	a.changed.Broadcast()
}

// tell hands all checks to take until it wants no more. Whoever is told may ask
// for checks himself before he has taken all: what he has not taken is kept then.
func (a *assessed) tell(ctx context.Context, take func(*posture.Check) bool) error {
	a.begin()
	defer a.end()
	for c, err := range a.checks {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if !take(c) {
			return nil
		}
	}
	return nil
}

// resourceOf is the id of the resource that a check is on, as the tables have
// it: a manual control is on the container that the unit is.
func (a *assessed) resourceOf(c *posture.Check) string {
	if c.Type == assess.ManualType {
		return a.full.of(c.Resource)
	}
	return c.Resource
}
