package assess

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Judgement is what an assessment found of every resource, without bodies and
// evidence: what a store keeps. Resources with equal verdicts share a tuple.
type Judgement struct {
	Result *Result

	rules     []JudgedRule
	resources []JudgedResource
	tuples    [][]Verdict
}

// JudgedRule names a rule.
type JudgedRule struct {
	ID             string
	Recommendation bool   // of the built-in catalogue, otherwise a policy
	ParametersHash string // of a policy's parameters
}

// JudgedResource is a resource and the number of the tuple of its verdicts.
type JudgedResource struct {
	Input, Line int // of its record: index among the inputs, and from 1; one record a line tells them apart
	Tuple       int
}

// Verdict is the judged state of one rule on one resource, beneath exemptions
// and attestations.
type Verdict struct {
	Rule   int // index in [Judgement.Rules]
	State  posture.State
	Reason posture.Reason // of unknown
}

// Judge assesses and keeps the verdicts of every resource, some fifty bytes
// each. Those of manual controls are not among them: they have no rule.
func Judge(ctx context.Context, o Options) (*Judgement, error) {
	run, err := newRun(&o)
	if err != nil {
		return nil, err
	}
	rd, err := run.read(ctx)
	if err != nil {
		return nil, err
	}
	if err := run.settle(ctx, rd); err != nil {
		return nil, err
	}
	result, err := run.sum(rd)
	if err != nil {
		return nil, err
	}
	j := &Judgement{Result: result}
	for i := range run.book.rules {
		r := &run.book.rules[i]
		j.rules = append(j.rules, JudgedRule{r.id, r.recommendation != nil, r.hash})
	}
	j.gather(run, rd)
	return j, nil
}

// Rules are all that were to be judged, met or not.
func (j *Judgement) Rules() []JudgedRule { return j.rules }

// Resources are those that count, of duplicates the one that won, in no order.
func (j *Judgement) Resources() []JudgedResource { return j.resources }

// Tuples are the different lists of verdicts, each in the order of the rules.
func (j *Judgement) Tuples() [][]Verdict { return j.tuples }

// gather finds the tuple of every record. A tuple follows from the signatures
// and from what places decide.
func (j *Judgement) gather(run *run, rd *reading) {
	j.resources = make([]JudgedResource, 0, rd.count())
	placer := newPlacer(run.book, run.known)
	met := run.book.set.SignaturesMet()
	placed := map[*placement]uint64{}
	numbers := map[string]int{}
	equal := map[string]int{}
	var key []byte
	rd.records(func(w *worker, r *record) bool {
		place := w.placeAt(r)
		if !run.shown(r, place, placer) {
			return true
		}
		at := placementOf(place, placer)
		if _, ok := placed[at]; !ok {
			placed[at] = uint64(len(placed))
		}
		signatures := w.of(r)
		key = binary.AppendUvarint(key[:0], placed[at])
		for _, n := range signatures {
			key = binary.AppendUvarint(key, uint64(n))
		}
		number, ok := numbers[string(key)]
		if !ok {
			number = j.tuple(equal, run.verdicts(met, signatures, at))
			numbers[string(key)] = number
		}
		j.resources = append(j.resources, JudgedResource{int(r.order >> 40), int(r.order & (1<<40 - 1)), number})
		return true
	})
}

// verdicts lists those of signatures at a place, in the order of the rules.
func (run *run) verdicts(met []*policy.Signature, signatures []int32, at *placement) []Verdict {
	var all []Verdict
	for _, n := range signatures {
		for _, st := range met[n].Statuses {
			rule := int(st.Rule)
			m := at.markOf(rule)
			if m != nil && m.outside {
				continue
			}
			state, reason, _ := m.stateOf(st)
			all = append(all, Verdict{rule, state, reason})
		}
	}
	slices.SortFunc(all, func(a, b Verdict) int { return cmp.Compare(a.Rule, b.Rule) })
	return all
}

// tuple gives the number of a list of verdicts; equal lists have one.
func (j *Judgement) tuple(numbers map[string]int, verdicts []Verdict) int {
	var key []byte
	for _, v := range verdicts {
		key = append(binary.AppendUvarint(key, uint64(v.Rule)), byte(v.State), byte(v.Reason))
	}
	number, ok := numbers[string(key)]
	if !ok {
		number = len(j.tuples)
		j.tuples = append(j.tuples, verdicts)
		numbers[string(key)] = number
	}
	return number
}
