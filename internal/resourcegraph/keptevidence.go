package resourcegraph

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Evidence is not kept: it is found by judging the kept bodies again, with what
// of the catalogue the query reaches. Units are judged together up to so many
// resources, because each judging begins with making the rules ready.
const judgedAtOnce = 20_000

// rejudging is units that are judged again.
type rejudging struct {
	*reach
	units   []string
	size    int               // resources of the units, reached or not
	numbers map[uint64]uint32 // of the reached resources, by key
	order   []uint32          // the reached resources
	rules   map[string]bool   // the reached rules
	types   map[string]bool   // of the reached resources, in lower case
	told    map[uint32]bool   // resources of which all is told
	take    func(*posture.Check, *standing) bool
}

func (r *reach) rejudging(take func(*posture.Check, *standing) bool) *rejudging {
	return &rejudging{reach: r, numbers: map[uint64]uint32{}, rules: map[string]bool{}, types: map[string]bool{}, told: map[uint32]bool{}, take: take}
}

// tellWithEvidence hands over the reached checks, and reports whether more are
// wanted.
func (k *kept) tellWithEvidence(ctx context.Context, r *reach, take func(*posture.Check, *standing) bool) (more bool, err error) {
	left := -1 // rows that are wanted, if that is known
	if r.want.exact && r.want.Limit > 0 {
		left = r.want.Limit
	}
	again := r.rejudging(take)
	for _, u := range k.sizes() {
		if r.inUnit != nil && !r.inUnit(u.Unit) {
			continue
		}
		if left = again.add(&u, left); again.size < judgedAtOnce && left != 0 {
			continue
		}
		if more, err := again.tell(ctx); !more || err != nil {
			return more, err
		}
		if again = r.rejudging(take); left == 0 {
			break
		}
	}
	return again.tell(ctx)
}

// add takes in what is reached of a unit, up to so many rows unless that is below
// zero. It gives how many are left then.
func (j *rejudging) add(u *index.UnitSize, left int) int {
	reached := false
	inUnit := func(unit string) bool { return unit == u.Unit }
	for n := range j.kept.Excerpt.Resources(j.ofType, inUnit) {
		if left == 0 {
			break
		}
		if !j.any(n) {
			continue
		}
		of, ok := j.resource(n)
		if !ok || !j.addResource(&of, &left) {
			continue
		}
		j.order = append(j.order, n)
		j.numbers[ledger.KeyOf(posture.IdentityOf(of.ID, of.Type, of.Unit, of.Region))] = n
		j.types[strings.ToLower(of.Type)] = true
		reached = true
	}
	if reached {
		j.units, j.size = append(j.units, u.Unit), j.size+u.Size
	}
	return left
}

// addResource takes in the reached rules of a resource, and reports whether there
// are any.
func (j *rejudging) addResource(of *index.Resource, left *int) bool {
	any := false
	for _, v := range j.kept.Excerpt.Verdicts(of.Number) {
		rule, reached := j.verdict(v)
		if !reached {
			continue
		}
		any = true
		j.rules[rule.ID] = true
		if *left > 0 {
			*left--
		}
	}
	return any
}

// tell judges the units, and hands over the reached checks.
func (j *rejudging) tell(ctx context.Context) (more bool, err error) {
	if len(j.units) == 0 {
		return true, nil
	}
	_, checks, err := assess.Run(ctx, j.options(ctx))
	if err != nil {
		return false, err
	}
	of, found := uint32(0), map[string]posture.Check{}
	for c, err := range checks {
		if err != nil {
			return false, err
		}
		n := j.numbers[ledger.KeyOf(c.Identity())] // 0 is none
		if n != of {
			if !j.tellOne(of, found) {
				return false, nil
			}
			of = n
			clear(found)
		}
		found[ruleOf(c)] = *c
	}
	if !j.tellOne(of, found) {
		return false, nil
	}
	for _, n := range j.order {
		if !j.tellOne(n, nil) {
			return false, nil
		}
	}
	return true, nil
}

// options are those of judging the units as they are kept.
func (j *rejudging) options(ctx context.Context) assess.Options {
	k := j.kept
	o := assess.Options{
		Partial:   true, // but for what read records call complete
		Hierarchy: k.hierarchy(), BuiltIn: k.Catalog, Now: k.Now, Workers: k.Workers, Evidence: true,
	}
	for _, unit := range j.units {
		open := func() (io.ReadCloser, error) {
			return estate.UnitStream(ctx, k.Store, k.Excerpt.Commit(), unit, k.Excerpt.Scopes(), func(*ledger.ResourceBody) { k.bodies.Add(1) }), nil
		}
		o.Inputs = append(o.Inputs, assess.Input{Name: unit, Open: open})
	}
	switch policies := slices.ContainsFunc(k.Excerpt.Content().Rules, func(r index.Rule) bool { return r.Policy != "" && j.rules[r.ID] }); {
	case policies:
		if l, err := k.laws(); err == nil { // there are no rules of policies without
			o.Library, o.Assignments = l.Documents.Assigned(func(*policy.Assignment) bool { return true })
			o.Aliases = l.Aliases
		}
		o.Only = func(r assess.JudgedRule) bool {
			if r.Recommendation {
				return j.rules[r.ID]
			}
			return j.rules[index.PolicyRule(r.ID, r.ParametersHash)]
		}
	case len(j.rules) < len(k.Excerpt.Content().Rules):
		o.Policies = slices.Sorted(maps.Keys(j.rules))
	}
	if len(j.types) < fewTypes {
		o.Filter.ResourceTypes = slices.Sorted(maps.Keys(j.types))
	}
	return o
}

// fewTypes is below how many types the others are not judged.
const fewTypes = 50

// tellOne hands over the reached checks of a resource, once, with the evidence of
// those that were found to be what is kept.
func (j *rejudging) tellOne(n uint32, found map[string]posture.Check) bool {
	if n == 0 || j.told[n] {
		return true
	}
	j.told[n] = true
	of := j.kept.Excerpt.Resource(n)
	return j.tellResource(&of, func(c *posture.Check, s *standing) {
		switch f, met := found[ruleOf(c)]; {
		case !met && !c.Recommendation:
			s.missing = "judged again, the policy made no check on the resource"
		case !met:
			s.missing = "judged again, the recommendation made no check on the resource"
		case f.Judged == posture.Manual: // what a person says has no evidence
		case f.Judged != c.Judged:
			s.missing = "judged again, the check was found to be " + f.Judged.String()
		default:
			c.Evidence, c.Detail = f.Evidence, f.Detail
		}
	}, j.take)
}
