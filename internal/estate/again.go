package estate

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// again is what is judged again once other policies are assigned: some rules, in
// some units. Verdicts of all other rules stay.
type again struct {
	estate *Estate
	next   *judging
	rules  map[ledger.Evaluation]bool // that came, went, or are assigned elsewhere
	units  []unitAgain

	fresh  []ledger.Evaluation // of the rules that were met, those that had no number
	change *ledger.Change
	tuples []ledger.Tuple
}

// unitAgain is a unit with the verdicts of those rules.
type unitAgain struct {
	number      int32
	found       *judged             // nil: no resource has any
	evaluations []ledger.Evaluation // by rule of what was found, as it is kept
	numbers     []uint32            // the same, numbered
}

// take takes over what was found.
func (u *unitAgain) take(found *judged, by *judging) {
	u.found, u.evaluations = found, make([]ledger.Evaluation, len(found.rules))
	for i, r := range found.rules {
		u.evaluations[i] = by.evaluation(r)
	}
}

// judgeAgain judges what is touched once something else judges.
func (e *Estate) judgeAgain(ctx context.Context, next *judging) (*again, error) {
	rules, scopes := next.differences(e.judging)
	a := &again{estate: e, next: next, rules: rules}
	if len(rules) == 0 {
		return a, nil
	}
	stands := next.stands(rules)
	types, all := next.typesOf(rules)
	wanted := func(r assess.JudgedRule) bool { return !r.Recommendation && rules[next.evaluation(r)] }
	for _, unit := range e.unitsBeneath(scopes) {
		u := unitAgain{number: e.known.units.numbers[posture.Fold(unit)]}
		if stands && (all || e.known.has(u.number, types)) {
			found, err := e.judge(ctx, e.asItIs(unit, types, all), next, wanted)
			if err != nil {
				return nil, err
			}
			u.take(found, next)
		}
		a.units = append(a.units, u)
	}
	return a, nil
}

// judgeMoved judges the units as a whole that another tree puts where other policies
// are assigned, or other reads are about them. It counts the units that stand elsewhere
// then.
func (e *Estate) judgeMoved(ctx context.Context, next *tree) (a *again, moved int, err error) {
	a = &again{estate: e, next: e.judging, rules: map[ledger.Evaluation]bool{}}
	for n, unit := range e.known.units.texts {
		before, now := e.tree.above(unit), next.above(unit)
		if unit == "" || len(e.known.members[int32(n)]) == 0 || slices.Equal(before, now) || next.projectOf(unit) != unit {
			continue // of a project's number all goes to its id
		}
		moved++
		if !e.judging.assignsOtherwise(before, now) && !slices.ContainsFunc(e.reads, func(r ledger.Read) bool { return onlyOne(before, now, r.Record.Scope) }) {
			continue
		}
		change := e.asItIs(unit, nil, true)
		change.tree, change.scopes, change.reads = next, next.about(unit), readsOf(e.reads, next, unit)
		found, err := e.judge(ctx, change, e.judging, nil)
		if err != nil {
			return nil, 0, err
		}
		u := unitAgain{number: int32(n)}
		u.take(found, e.judging)
		a.units = append(a.units, u)
	}
	if len(a.units) > 0 {
		for known := range e.rules.numbers {
			a.rules[known] = true
		}
	}
	return a, moved, nil
}

// assignsOtherwise reports whether policies are assigned at a scope that only one of
// two lists has, or but for one.
func (j *judging) assignsOtherwise(before, now []string) bool {
	for _, p := range j.policies.Of(ledger.Assignment) {
		if onlyOne(before, now, p.Scope) || p.Assignment != nil && slices.ContainsFunc(p.Assignment.NotScopes, func(scope string) bool { return onlyOne(before, now, scope) }) {
			return true
		}
	}
	return false
}

// onlyOne reports whether just one of two lists of folded ids has a scope.
func onlyOne(one, other []string, scope string) bool {
	folded := posture.Fold(scope)
	return slices.Contains(one, folded) != slices.Contains(other, folded)
}

// asItIs is a unit as it is kept, of which some types are read, or all.
func (e *Estate) asItIs(unit string, types []string, all bool) *unitChange {
	u := &unitChange{unit: unit, head: e.head, at: e.options.Now(), reads: readsOf(e.reads, e.tree, unit), scopes: e.tree.about(unit), tree: e.tree}
	if !all && !readsMany(u) {
		u.types = append(slices.Clip(types), around...)
		slices.Sort(u.types)
		u.types = slices.Compact(u.types)
	}
	return u
}

// around are the types of what rules ask of the group and subscription that a
// resource is in.
var around = []string{"microsoft.resources/resourcegroups", "microsoft.resources/subscriptions", "microsoft.resources/subscriptions/resourcegroups"}

// readsMany reports whether other resources of a unit than those of the types that
// a rule names may say something: what was not read of one counts for its type, and
// projects of Google have several names.
func readsMany(u *unitChange) bool {
	return posture.CloudOfUnit(u.unit) == posture.GCP || slices.ContainsFunc(u.reads, func(r posture.ReadRecord) bool {
		return slices.ContainsFunc(r.Gaps, func(g posture.Gap) bool { return g.ID != "" })
	})
}

// number gives the rules that were met their numbers.
func (a *again) number(give func([]ledger.Evaluation) error) error {
	numbers := map[ledger.Evaluation]uint32{}
	a.fresh = nil
	for i := range a.units {
		u := &a.units[i]
		for _, rule := range u.met() {
			e := u.evaluations[rule]
			number, known := a.estate.rules.numbers[e]
			if _, met := numbers[e]; !known && !met {
				a.fresh = append(a.fresh, e)
			}
			numbers[e] = number
		}
	}
	slices.SortFunc(a.fresh, func(x, y ledger.Evaluation) int {
		return cmp.Or(compareText(x.Rule, y.Rule), compareText(x.Parameters, y.Parameters), slices.Compare(x.Definition[:], y.Definition[:]))
	})
	if err := give(a.fresh); err != nil {
		return err
	}
	for _, f := range a.fresh {
		number := f.Number
		f.Number = 0
		numbers[f] = number
	}
	for i := range a.units {
		u := &a.units[i]
		u.numbers = make([]uint32, len(u.evaluations))
		for rule, e := range u.evaluations {
			u.numbers[rule] = numbers[e]
		}
	}
	return nil
}

// met lists the rules that some resource has a verdict of.
func (u *unitAgain) met() (rules []int) {
	if u.found == nil {
		return nil
	}
	met := make([]bool, len(u.found.rules))
	for _, tuple := range u.found.tuples {
		for _, v := range tuple {
			met[v.Rule] = true
		}
	}
	for rule := range met {
		if met[rule] {
			rules = append(rules, rule)
		}
	}
	return rules
}

// settle works out which verdicts resources have then: what they have without the
// rules, and what these say. Give numbers lists of verdicts.
func (a *again) settle(n ledger.Number, x *index.Index, give func([][]ledger.Verdict) ([]int64, error)) error {
	known := a.estate.known
	concerned := a.concerned()
	lists := [][]ledger.Verdict{}
	equal := map[string]int{}
	memo := map[[3]int64]int{} // unit, tuple so far, tuple found
	type row struct {
		resource uint32
		list     int
	}
	var rows []row
	for i, u := range a.units {
		for _, number := range known.members[u.number] {
			r := &known.resources[number]
			found := -1
			if u.found != nil {
				if at, ok := u.found.of[r.key]; ok {
					found = at
				}
			}
			key := [3]int64{int64(i), r.tuple, int64(found)}
			list, ok := memo[key]
			if !ok {
				verdicts := joined(x.Judged(number), concerned, &u, found)
				list = -1
				if verdicts != nil {
					list = numbered(equal, &lists, *verdicts)
				}
				memo[key] = list
			}
			if list >= 0 {
				rows = append(rows, row{number, list})
			}
		}
	}
	numbers, err := give(lists)
	if err != nil {
		return err
	}
	a.tuples = nil
	for i, number := range numbers {
		a.tuples = append(a.tuples, ledger.Tuple{Number: number, Verdicts: lists[i]})
	}
	a.change = &ledger.Change{Commit: ledger.Commit{Number: n}}
	slices.SortFunc(rows, func(p, q row) int { return cmp.Compare(p.resource, q.resource) })
	for _, r := range rows {
		if numbers[r.list] != known.resources[r.resource].tuple {
			a.change.Judged = append(a.change.Judged, ledger.Judged{Resource: r.resource, Interval: ledger.Interval{Since: n, Until: ledger.Open}, Tuple: numbers[r.list]})
		}
	}
	return nil
}

// check is what evaluations of one rule with one set of parameters make, whatever
// version of it judged.
type check struct{ rule, parameters string }

// concerned gives the checks that are judged again, by number of each evaluation that
// made them. Versions that are not among the rules are among these too: of one that
// another catalogue judged, by other aliases, nothing else tells any more.
func (a *again) concerned() map[uint32]check {
	judged := map[check]bool{}
	for e := range a.rules {
		judged[check{e.Rule, e.Parameters}] = true
	}
	numbers := map[uint32]check{}
	for e, number := range a.estate.rules.numbers {
		if of := (check{e.Rule, e.Parameters}); judged[of] {
			numbers[number] = of
		}
	}
	return numbers
}

// joined gives what a resource has without the rules concerned and with what was
// found; nil if that is what it has.
func joined(before []index.Verdict, concerned map[uint32]check, by *unitAgain, found int) *[]ledger.Verdict {
	all := []ledger.Verdict{}
	for _, v := range before {
		if _, goes := concerned[v.Evaluation]; !goes {
			all = append(all, ledger.Verdict{Evaluation: v.Evaluation, State: v.Judged, Reason: v.Reason})
		}
	}
	changed := len(all) < len(before)
	if found >= 0 {
		for _, v := range by.found.tuples[found] {
			all = append(all, ledger.Verdict{Evaluation: by.numbers[v.Rule], State: v.State, Reason: v.Reason})
			changed = true
		}
	}
	if !changed {
		return nil
	}
	slices.SortFunc(all, func(p, q ledger.Verdict) int { return cmp.Compare(p.Evaluation, q.Evaluation) })
	return &all
}

// numbered gives the place of a list among lists, to which it is added if it is not
// there.
func numbered(places map[string]int, lists *[][]ledger.Verdict, list []ledger.Verdict) int {
	var key []byte
	for _, v := range list {
		key = append(binary.AppendUvarint(key, uint64(v.Evaluation)), byte(v.State), byte(v.Reason))
	}
	at, ok := places[string(key)]
	if !ok {
		at = len(*lists)
		*lists = append(*lists, list)
		places[string(key)] = at
	}
	return at
}

// write writes what was judged.
func (a *again) write(ctx context.Context, tx ledger.Tx, x *index.Index) error {
	if err := a.number(func(fresh []ledger.Evaluation) error { return tx.Evaluations(ctx, fresh) }); err != nil {
		return err
	}
	if err := a.settle(tx.Number(), x, func(lists [][]ledger.Verdict) ([]int64, error) { return tx.Tuples(ctx, lists) }); err != nil {
		return err
	}
	return tx.SetVerdicts(ctx, a.change.Judged)
}

func (a *again) contents() index.Contents {
	return index.Contents{Evaluations: a.fresh, Tuples: a.tuples}
}

// apply takes it into the index, and gives the resources that are judged otherwise, or
// stand otherwise under exemptions.
func (a *again) apply(x *index.Index) ([]uint32, error) {
	relayed := relaid(x.SetContent(a.next.content.And(x.Content())))
	touched, err := x.Apply(a.change, a.contents())
	x.SetContent(a.next.content)
	touched = slices.Concat(touched, relayed)
	slices.Sort(touched)
	return slices.Compact(touched), err
}

// learn takes what was committed as known.
func (a *again) learn() {
	for _, j := range a.change.Judged {
		a.estate.known.resources[j.Resource].tuple = j.Tuple
	}
	for _, e := range a.fresh {
		a.estate.rules.learn(e)
	}
}

// triedTuples is where the numbers of tuples begin that are only tried: higher than
// any that a store gives.
const triedTuples = int64(1) << 60

// previewAgain says what it would do.
func (e *Estate) previewAgain(ctx context.Context, a *again, of index.Filter) (*Preview, error) {
	x, err := e.posture(ctx)
	if err != nil {
		return nil, err
	}
	as, _ := e.over.layings()
	defer x.SetLayings(as)
	now := overOf(e.over.documents, e.now())
	layings, _ := now.layings()
	x.SetLayings(layings)
	last := uint32(max(len(e.rules.numbers), x.Evaluations()))
	if err := a.number(func(fresh []ledger.Evaluation) error {
		for i := range fresh {
			fresh[i].Number = last + 1 + uint32(i)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if err := a.settle(e.head+1, x, func(lists [][]ledger.Verdict) ([]int64, error) {
		numbers := make([]int64, len(lists))
		for i := range numbers {
			numbers[i] = triedTuples + int64(i)
		}
		return numbers, nil
	}); err != nil {
		return nil, err
	}
	p := &Preview{Before: x.Select(of).Score()}
	before := map[uint32]uint32{}
	for _, j := range a.change.Judged {
		before[j.Resource] = x.Laid(j.Resource)
	}
	checks := a.checks()
	err = x.Try(a.next.content, a.change, a.contents(), func(relaid []index.Relaid) {
		for _, r := range relaid {
			if _, judged := before[r.Resource]; !judged {
				before[r.Resource] = r.Before
			}
		}
		for n, was := range before {
			if d := differences(numberedBy(checks, x.Tuple(was)), numberedBy(checks, x.Tuple(x.Laid(n)))); d > 0 {
				p.Resources, p.Checks = p.Resources+1, p.Checks+d
			}
		}
		p.After = x.Select(of).Score()
	})
	return p, err
}

// checks numbers the checks that are judged again, by number of an evaluation.
func (a *again) checks() map[uint32]uint32 {
	of := a.concerned()
	for _, e := range a.fresh {
		of[e.Number] = check{e.Rule, e.Parameters}
	}
	first, numbers := map[check]uint32{}, map[uint32]uint32{}
	for number, check := range of {
		if first[check] == 0 {
			first[check] = number
		}
		numbers[number] = first[check]
	}
	return numbers
}

// numberedBy gives verdicts with other numbers of their evaluations, where there are
// any.
func numberedBy(numbers map[uint32]uint32, verdicts []index.Verdict) []index.Verdict {
	verdicts = slices.Clone(verdicts)
	for i := range verdicts {
		if n, ok := numbers[verdicts[i].Evaluation]; ok {
			verdicts[i].Evaluation = n
		}
	}
	return verdicts
}
