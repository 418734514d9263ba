package estate

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Asked is a standard as it stands at a moment, and of which resources it is asked.
type Asked struct {
	Standard *catalog.Standard
	Evidence map[string][]int // as [Evidence.Of] gives it, by the rules of the moment
	Apart    []Apart
	Own      OwnReferences
	Gaps     []Gap
	Filter   index.Filter
}

// People is what people say of manual controls as of a moment.
type People interface {
	// Verdict is that of the check which STANDARD:CONTROL has in a unit, false for none.
	Verdict(control, unit string) (index.Verdict, bool)
	// Without is the same without a document that ended.
	Without(kind ledger.DocumentKind, id string) People
}

// Told knows what a history of compliance is asked about.
type Told interface {
	// Asked gives what is asked after a step, nil while there is no such standard.
	Asked(ctx context.Context, s *follow.Step) (*Asked, error)
	// People gives what people say after a step; before may be nil. Where they say
	// what they said, it gives that.
	People(ctx context.Context, s *follow.Step, before People) (People, error)
}

// ComplianceMove is what one step did to the outcome of a standard.
type ComplianceMove struct {
	Step   *follow.Step
	Result compliance.Result // after it
	Causes []ComplianceCause // none where the history begins
}

// Ended says what the step ended, and when; none for what a commit did.
func (m *ComplianceMove) Ended() (all []Ended) {
	for i := range m.Step.Ended {
		l := &m.Step.Ended[i].Laying
		all = append(all, Ended{kindOf(l), l.ID, m.Step.At.UTC()})
	}
	return all
}

// ComplianceCause is what one thing did to the outcome of a standard.
type ComplianceCause struct {
	Kind     ledger.CauseKind
	Object   string        // as in [ledger.Effect]; a unit that came or went
	Unit     string        // in which it was, "" for anywhere
	Controls []ControlTurn // in the order of the standard
	Points   float64       // of all of them
}

// ControlTurn is a control that came to have another state.
type ControlTurn struct {
	ID, Title   string
	Before, Now compliance.State // 0 where there is no such control
	// Points are percentage points of the rate: those of a move add up to the
	// difference of the rates, each in percent with two decimals, 0 without one.
	Points float64
}

// ComplianceHistory gives the outcome of a standard where a replay begins, and then
// each step by which the state of a control changed, with what did it. The index of a
// step is good until the next one.
func ComplianceHistory(ctx context.Context, told Told, replay iter.Seq2[*follow.Step, error]) iter.Seq2[ComplianceMove, error] {
	return func(yield func(ComplianceMove, error) bool) {
		w := &complianceWalk{told: told}
		for step, err := range replay {
			if err != nil {
				yield(ComplianceMove{}, err)
				return
			}
			move, did, err := w.take(ctx, step)
			if err != nil {
				yield(ComplianceMove{}, fmt.Errorf("history of compliance at commit %d: %w", step.Commit, err))
				return
			}
			if did && !yield(move, nil) {
				return
			}
		}
	}
}

// complianceCounts are what a standard's outcome follows from.
type complianceCounts struct {
	asked  *Asked
	rules  []index.Rule
	tally  []index.Tally // of all that is asked about, then of each part of [Asked.Apart]
	open   []OpenGap
	manual map[string]compliance.Tally // by STANDARD:CONTROL
}

func (c *complianceCounts) clone() *complianceCounts {
	other := *c
	other.tally = make([]index.Tally, len(c.tally))
	for i, t := range c.tally {
		other.tally[i] = t.Clone()
	}
	other.manual = maps.Clone(c.manual)
	return &other
}

func (c *complianceCounts) result() compliance.Result {
	if c.asked == nil {
		return compliance.Result{}
	}
	counted := []Counted{{c.asked.Evidence, &c.tally[0], c.asked.Own}}
	for i := range c.asked.Apart {
		counted = append(counted, Counted{c.asked.Apart[i].Evidence, &c.tally[i+1], c.asked.Own})
	}
	return RollUp(c.asked.Standard, c.rules, counted, c.open, func(control string) compliance.Tally { return c.manual[control] })
}

// add counts what became of manual controls.
func (c *complianceCounts) add(manual map[string]compliance.Tally) {
	for control, more := range manual {
		t := c.manual[control]
		t.Add(more)
		c.manual[control] = t
	}
}

// stage is what one cause does to the counts. It may be done several times.
type stage struct {
	cause ComplianceCause
	do    func(*complianceCounts)
}

// complianceWalk goes through history, step by step.
type complianceWalk struct {
	told    Told
	counts  *complianceCounts
	members []*index.Members // by tally
	people  People
	units   []string        // that have manual controls
	lives   map[string]bool // units with resources, folded
	result  compliance.Result
}

// take takes the walk over a step. It gives what that did to controls, if anything.
func (w *complianceWalk) take(ctx context.Context, s *follow.Step) (move ComplianceMove, did bool, err error) {
	if w.counts == nil {
		err := w.begin(ctx, s)
		return ComplianceMove{Step: s, Result: w.result}, true, err
	}
	stages, err := w.stages(ctx, s)
	if err != nil || len(stages) == 0 {
		return move, false, err
	}
	before, after := w.counts, w.counts.clone()
	for _, stage := range stages {
		stage.do(after)
	}
	was := w.result
	w.counts, w.result = after, after.result()
	if !differs(was.Nodes, w.result.Nodes) {
		return move, false, nil
	}
	move = ComplianceMove{Step: s, Result: w.result}
	for _, stage := range stages {
		stage.do(before)
		is := before.result()
		cause := stage.cause
		if cause.Controls = controlTurns(was, is); len(cause.Controls) > 0 {
			cause.Points = float64(printedRate(is.Passed, is.Failed)-printedRate(was.Passed, was.Failed)) / 100
			move.Causes = append(move.Causes, cause)
		}
		was = is
	}
	return move, true, nil
}

func (w *complianceWalk) begin(ctx context.Context, s *follow.Step) (err error) {
	w.lives = map[string]bool{}
	for _, unit := range s.Index.Select(index.Filter{}).UnitIDs() {
		w.lives[posture.Fold(unit)] = true
	}
	if w.people, err = w.told.People(ctx, s, nil); err != nil {
		return err
	}
	asked, err := w.told.Asked(ctx, s)
	if err != nil {
		return err
	}
	w.counts = w.anew(s.Index, asked)
	w.result = w.counts.result()
	return nil
}

// anew counts everything.
func (w *complianceWalk) anew(x *index.Index, asked *Asked) *complianceCounts {
	c := &complianceCounts{asked: asked, rules: x.Content().Rules, manual: map[string]compliance.Tally{}}
	if asked == nil {
		w.members, w.units = nil, nil
		return c
	}
	selected := x.Select(asked.Filter)
	c.tally, c.open = []index.Tally{selected.Tally()}, OpenGapsIn(asked.Gaps, selected)
	w.members = []*index.Members{x.Members(asked.Filter)}
	for _, of := range asked.Apart {
		f := asked.Filter
		f.Parts = of.Parts
		c.tally, w.members = append(c.tally, x.Select(f).Tally()), append(w.members, x.Members(f))
	}
	w.units = w.members[0].WholeUnitsOf(asked.Standard.Clouds)
	c.add(w.manual(asked, nil, nil, w.units, w.people))
	return c
}

// manual gives what becomes of manual controls where other people say something, of
// other units.
func (w *complianceWalk) manual(asked *Asked, before []string, said People, units []string, say People) map[string]compliance.Tally {
	if said == say && slices.Equal(before, units) {
		return nil
	}
	turned := map[string]compliance.Tally{}
	for _, n := range asked.Standard.Nodes {
		if !n.Manual {
			continue
		}
		control := asked.Standard.ID + ":" + n.ID
		tally := func(units []string, people People) compliance.Tally {
			return ManualTally(units, func(unit string) (index.Verdict, bool) { return people.Verdict(control, unit) })
		}
		if more := tally(units, say).Minus(tally(before, said)); more != (compliance.Tally{}) {
			turned[control] = more
		}
	}
	return turned
}

// stages gives what a step does to the counts, cause by cause.
func (w *complianceWalk) stages(ctx context.Context, s *follow.Step) (stages []stage, err error) {
	c := s.Change
	if c == nil {
		return w.endings(s), nil
	}
	judges := slices.ContainsFunc(c.Documents, func(d ledger.DocumentVersion) bool { return !d.Kind.Lies() })
	said := w.people
	if len(c.Documents)+len(c.Scopes) > 0 {
		if w.people, err = w.told.People(ctx, s, said); err != nil {
			return nil, err
		}
	}
	if judges || len(c.Scopes) > 0 {
		asked, err := w.told.Asked(ctx, s)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(w.counts.rules, s.Index.Content().Rules) || !reflect.DeepEqual(w.counts.asked, asked) {
			counts := w.anew(s.Index, asked)
			w.look(s)
			return []stage{{ComplianceCause{Kind: usualCause(c.Commit), Object: c.Commit.Object}, func(c *complianceCounts) { *c = *counts.clone() }}}, nil
		}
	}
	if w.counts.asked == nil {
		w.look(s)
		return nil, nil
	}
	turns := w.turned(func(m *index.Members) []index.Relaid {
		if len(c.Scopes) > 0 {
			return m.LookAll()
		}
		return m.Look(s.Touched)
	})
	before := w.units
	if len(s.Touched)+len(c.Scopes) > 0 {
		w.units = w.members[0].WholeUnitsOf(w.counts.asked.Standard.Clouds)
	}
	switch {
	case len(c.Scopes) > 0:
		stages = w.moves(s, turns, before, said)
	case c.Commit.Kind == ledger.Import:
		stages = w.imports(s, turns, before)
	case c.Commit.Kind == ledger.Judge:
		stages = judgings(s.Index, turns)
	default:
		stages = w.whole(s.Index, ComplianceCause{Kind: usualCause(c.Commit), Object: c.Commit.Object}, turns, before, said)
	}
	disables := slices.ContainsFunc(c.Documents, func(d ledger.DocumentVersion) bool { return d.Kind == ledger.Disabling })
	if disables || len(s.Touched)+len(c.Scopes) > 0 {
		stages = w.openings(s, stages)
	}
	w.look(s)
	return stages, nil
}

// look notes whether the unit of an import has resources.
func (w *complianceWalk) look(s *follow.Step) {
	if s.Change.Commit.Kind == ledger.Import {
		w.lives[posture.Fold(s.Change.Commit.Object)] = s.Index.Lives(s.Change.Commit.Object)
	}
}

// turned is a resource of which other verdicts count than before in one tally.
type turned struct {
	index.Relaid
	tally int
}

// turned gives those that looking at members finds.
func (w *complianceWalk) turned(look func(*index.Members) []index.Relaid) (turns []turned) {
	for i, m := range w.members {
		for _, r := range look(m) {
			turns = append(turns, turned{r, i})
		}
	}
	return turns
}

// count counts turns, each as many resources as take it.
func (c *complianceCounts) count(x *index.Index, turns []turned) {
	for _, r := range turns {
		c.tally[r.tally].Count(x, x.Shown(r.Before), -1)
		c.tally[r.tally].Count(x, x.Shown(r.Now), 1)
	}
}

// whole takes it that one thing did all.
func (w *complianceWalk) whole(x *index.Index, cause ComplianceCause, turns []turned, before []string, said People) []stage {
	manual := w.manual(w.counts.asked, before, said, w.units, w.people)
	if len(turns)+len(manual) == 0 {
		return nil
	}
	return []stage{{cause, func(c *complianceCounts) {
		c.count(x, turns)
		c.add(manual)
	}}}
}

// endings are what the clock ended, one document after another.
func (w *complianceWalk) endings(s *follow.Step) (stages []stage) {
	for _, ended := range s.Ended {
		kind := kindOf(&ended.Laying)
		said := w.people
		w.people = said.Without(kind, ended.Laying.ID)
		if w.counts.asked == nil {
			continue
		}
		turns := w.turned(func(m *index.Members) []index.Relaid {
			return slices.DeleteFunc(slices.Clone(ended.Relaid), func(r index.Relaid) bool { return !m.Has(r.Resource) })
		})
		stages = append(stages, w.whole(s.Index, ComplianceCause{Kind: causeOf(kind), Object: ended.Laying.ID}, turns, w.units, said)...)
	}
	if w.counts.asked != nil {
		w.turned(func(m *index.Members) []index.Relaid { return m.Look(s.Touched) })
	}
	return stages
}

// kindOf is the kind of the document that a laying is of.
func kindOf(l *index.Laying) ledger.DocumentKind {
	switch l.Mark {
	case index.NoMark:
		return ledger.Disabling
	case index.Attested:
		return ledger.AttestationOf
	}
	return ledger.ExemptionOf
}

// moves are units that came, went or stand elsewhere as scopes changed.
func (w *complianceWalk) moves(s *follow.Step, turns []turned, before []string, said People) (stages []stage) {
	x, of := s.Index, map[string][]turned{}
	for _, r := range turns {
		unit := x.UnitOf(r.Resource)
		of[unit] = append(of[unit], r)
	}
	units := slices.Concat(slices.Collect(maps.Keys(of)), before, w.units)
	slices.Sort(units)
	for _, unit := range slices.Compact(units) {
		cause := ComplianceCause{Kind: ledger.Scope, Object: cmp.Or(unit, s.Change.Commit.Object), Unit: unit} // above units there is none
		turns, manual := of[unit], w.manual(w.counts.asked, only(unit, before), said, only(unit, w.units), w.people)
		if len(turns)+len(manual) == 0 {
			continue
		}
		stages = append(stages, stage{cause, func(c *complianceCounts) {
			c.count(x, turns)
			c.add(manual)
		}})
	}
	return stages
}

// only gives a unit if it is one of some.
func only(unit string, units []string) []string {
	if slices.Contains(units, unit) {
		return []string{unit}
	}
	return nil
}

// imports are what an import did to its unit: first what happened to resources, by
// type, then what became known or unknown, as the effects on its score are told.
func (w *complianceWalk) imports(s *follow.Step, turns []turned, before []string) (stages []stage) {
	x, unit := s.Index, s.Change.Commit.Object
	kinds := map[string]map[turned]int{}
	for _, r := range turns {
		kind := x.TypeOf(r.Resource)
		if kinds[kind] == nil {
			kinds[kind] = map[turned]int{}
		}
		r.Resource = 0 // all that turn so are one
		kinds[kind][r]++
	}
	names := slices.Sorted(maps.Keys(kinds))
	estate := func(kind string) func(*complianceCounts) {
		return func(c *complianceCounts) {
			for t, n := range kinds[kind] {
				c.tally[t.tally].Count(x, x.Shown(t.Before), -n)
				c.tally[t.tally].Count(x, between(x.Shown(t.Before), x.Shown(t.Now)), n)
			}
		}
	}
	manual := w.manual(w.counts.asked, before, w.people, w.units, w.people)
	scope := func(c *complianceCounts) { c.add(manual) }
	cause := func(kind ledger.CauseKind, object string) ComplianceCause {
		return ComplianceCause{Kind: kind, Object: object, Unit: unit}
	}
	if unit != "" && w.lives[posture.Fold(unit)] != x.Lives(unit) {
		stages = append(stages, stage{cause(ledger.Scope, unit), func(c *complianceCounts) {
			for _, kind := range names {
				estate(kind)(c)
			}
			scope(c)
		}})
	} else {
		for _, kind := range names {
			stages = append(stages, stage{cause(ledger.Estate, kind), estate(kind)})
		}
		if len(manual) > 0 { // it came by what is asked about, such as a tag
			stages = append(stages, stage{cause(ledger.Scope, unit), scope})
		}
	}
	for _, kind := range names {
		stages = append(stages, stage{cause(ledger.Coverage, kind), func(c *complianceCounts) {
			for t, n := range kinds[kind] {
				c.tally[t.tally].Count(x, between(x.Shown(t.Before), x.Shown(t.Now)), -n)
				c.tally[t.tally].Count(x, x.Shown(t.Now), n)
			}
		}})
	}
	return stages
}

// judgings are what was judged by another catalogue, one rule after another.
func judgings(x *index.Index, turns []turned) (stages []stage) {
	type judged struct {
		index.Shown
		tally int
	}
	of := map[string]map[judged]int{} // by rule: how many checks there are more
	note := func(tally int, verdicts []index.Shown, by int) {
		for _, v := range verdicts {
			rule := x.RuleOf(v.Evaluation)
			if rule == nil {
				continue
			}
			id := cmp.Or(rule.Policy, rule.ID)
			if of[id] == nil {
				of[id] = map[judged]int{}
			}
			of[id][judged{v, tally}] += by
		}
	}
	for _, r := range turns {
		note(r.tally, x.Shown(r.Before), -1)
		note(r.tally, x.Shown(r.Now), 1)
	}
	for _, id := range slices.Sorted(maps.Keys(of)) {
		stages = append(stages, stage{ComplianceCause{Kind: ledger.Rules, Object: id}, func(c *complianceCounts) {
			for v, by := range of[id] {
				c.tally[v.tally].Count(x, []index.Shown{v.Shown}, by)
			}
		}})
	}
	return stages
}

// printedRate is a rate in hundredths of a percent, as people see it; 0 for none.
func printedRate(passed, failed int) int64 {
	if passed+failed == 0 {
		return 0
	}
	return hundredths(100 * (float64(passed) / float64(passed+failed)))
}

// differs reports whether a control has another state.
func differs(was, is []compliance.NodeResult) bool {
	if len(was) != len(is) {
		return true
	}
	for i := range was {
		if was[i].ID != is[i].ID || was[i].Group != is[i].Group || !was[i].Group && was[i].State != is[i].State {
			return true
		}
	}
	return false
}

// controlTurns gives the controls that have another state, those that went last. They
// turn one after another, and each has what that did to the rate.
func controlTurns(was, is compliance.Result) (turns []ControlTurn) {
	old := map[string]compliance.State{}
	for _, n := range was.Nodes {
		if !n.Group {
			old[n.ID] = n.State
		}
	}
	for _, n := range is.Nodes {
		if n.Group {
			continue
		}
		if before := old[n.ID]; before != n.State {
			turns = append(turns, ControlTurn{ID: n.ID, Title: n.Title, Before: before, Now: n.State})
		}
		delete(old, n.ID)
	}
	for _, n := range was.Nodes {
		if before, went := old[n.ID]; went && !n.Group {
			turns = append(turns, ControlTurn{ID: n.ID, Title: n.Title, Before: before})
		}
	}
	passed, failed := was.Passed, was.Failed
	for i := range turns {
		t := &turns[i]
		before := printedRate(passed, failed)
		for state, by := range map[compliance.State]int{t.Before: -1, t.Now: 1} {
			switch state {
			case compliance.Passed:
				passed += by
			case compliance.Failed:
				failed += by
			}
		}
		t.Points = float64(printedRate(passed, failed)-before) / 100
	}
	return turns
}
