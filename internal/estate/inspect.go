package estate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Inspected is what an inspection asks of where things are kept.
type Inspected interface {
	ReadsOf(ctx context.Context, n ledger.Number, scopes []string) ([]ledger.Read, error)
	UnitBodies(ctx context.Context, n ledger.Number, unit string, types ...string) iter.Seq2[ledger.ResourceBody, error]
}

// Inspection is one resource as of a commit, to be judged again by a few rules for
// the sake of what they found. Its work is bounded by what those look for in the
// resource's unit, not by the unit.
type Inspection struct {
	Store    Inspected
	Catalog  *catalog.Catalog
	Commit   ledger.Number
	At       time.Time       // as of which is judged what rules say of dates
	Scopes   []posture.Scope // the tree, as of the commit
	Resource ledger.Resource
	Record   []byte // the resource's

	// Judges and Documents, as of the commit, say which policies are assigned; where
	// no policy is asked about, neither is needed.
	Judges    *Judges
	Documents []ledger.DocumentVersion
}

// Checks gives the checks of some rules on the resource with their evidence, by
// their ids among those of a posture index; of one that is not judged there is
// none.
func (i *Inspection) Checks(ctx context.Context, rules ...string) ([]posture.Check, error) {
	if len(rules) == 0 {
		return nil, nil // without a choice all would be judged
	}
	o, err := i.options(ctx, rules)
	if err != nil {
		return nil, err
	}
	o.Evidence, o.Filter.ResourceTypes = true, []string{i.Resource.Type}
	_, checks, err := assess.Run(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("inspecting %s: %w", i.Resource.ID, err)
	}
	var own []posture.Check
	for check, err := range checks {
		if err != nil {
			return nil, fmt.Errorf("inspecting %s: %w", i.Resource.ID, err)
		}
		if check.Identity() == i.Resource.Identity() {
			own = append(own, *check)
		}
	}
	return own, nil
}

// Explain tells how one recommendation, or a policy by the id of its definition,
// comes to its verdict on the resource.
func (i *Inspection) Explain(ctx context.Context, rule string) (*assess.Explanation, error) {
	o, err := i.options(ctx, []string{rule})
	if err != nil {
		return nil, err
	}
	r := &i.Resource
	return assess.Explain(ctx, o, posture.Qualified(r.ID, r.Type, r.Unit, r.Region), rule)
}

// options are of an assessment of what the rules need: the resource, what stands
// around it, and what they look for in its unit.
func (i *Inspection) options(ctx context.Context, rules []string) (o assess.Options, err error) {
	t, unit := &tree{scopes: map[string]posture.Scope{}}, i.Resource.Unit
	for _, scope := range i.Scopes {
		t.set(scope)
	}
	o = assess.Options{Policies: rules, BuiltIn: i.Catalog, Now: i.At}
	by, err := i.assigned(rules)
	if err != nil {
		return o, err
	}
	if by != nil {
		o = by.options(unit, t, i.At)
		o.Only = func(r assess.JudgedRule) bool { return isOf(r, rules) }
	}
	o.Partial, o.Workers = true, 1
	above := t.above(unit)
	var about []string
	for folded, scope := range t.scopes {
		// A Google project has a second name below the one it is known by.
		if slices.Contains(above, folded) || posture.Within(scope.ID, unit) || posture.Fold(scope.Parent) == posture.Fold(unit) {
			about = append(about, scope.ID)
			o.Hierarchy = append(o.Hierarchy, scope)
		}
	}
	reads, err := i.Store.ReadsOf(ctx, i.Commit, about)
	if err != nil {
		return o, err
	}
	var text []byte
	for n := range reads {
		text = append(inventory.AppendRead(text, &reads[n].Record), '\n')
	}
	text, _ = appendListed(text, recordsOf(reads), unit)
	text = append(append(text, i.Record...), '\n')
	types, err := i.types(rules)
	if err != nil {
		return o, err
	}
	if by != nil {
		types = append(types, by.targetsOf(rules)...)
	}
	for r, err := range i.Store.UnitBodies(ctx, i.Commit, unit, types...) {
		if err != nil {
			return o, err
		}
		if r.Resource.Number != i.Resource.Number {
			text = append(append(text, r.Record...), '\n')
		}
	}
	o.Inputs = []assess.Input{{Name: unit, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}}
	return o, nil
}

// aroundIn are the types of what functions of rules return, and of what tells under
// which names a unit is known.
var aroundIn = map[posture.Cloud][]string{
	posture.Azure: around,
	posture.GCP:   {"cloudresourcemanager.googleapis.com/Project"},
}

// assigned gives what judges, nil if none of the rules is a policy.
func (i *Inspection) assigned(rules []string) (*judging, error) {
	if !slices.ContainsFunc(rules, func(id string) bool { return strings.Contains(strings.ToLower(id), "/policydefinitions/") }) {
		return nil, nil
	}
	return i.Judges.by(i.Documents)
}

// isOf reports whether a rule is one of some that are named by their ids among those
// of a posture index, or a policy by that of its definition.
func isOf(r assess.JudgedRule, ids []string) bool {
	return slices.Contains(ids, r.ID) || !r.Recommendation && slices.Contains(ids, index.PolicyRule(r.ID, r.ParametersHash))
}

// targetsOf lists the types that policies look for.
func (j *judging) targetsOf(rules []string) (types []string) {
	for n := range j.assigned.Rules {
		if r := &j.assigned.Rules[n]; r.Target != "" && isOf(r.JudgedRule, rules) {
			types = append(types, r.Target)
		}
	}
	return types
}

// types lists those of the resources that recommendations need besides the one
// that they judge.
func (i *Inspection) types(recommendations []string) ([]string, error) {
	types := append([]string{"none"}, aroundIn[i.Resource.Cloud]...) // without any, all would be meant
	all, err := i.Catalog.Recommendations()
	if err != nil {
		return nil, err
	}
	chosen := map[string]bool{}
	for _, id := range recommendations {
		chosen[strings.ToLower(id)] = true
	}
	for _, r := range all {
		if !chosen[strings.ToLower(r.ID)] {
			continue
		}
		target := r.Brief.Target
		if target == "" {
			bound, err := r.Bind(nil)
			if err != nil {
				return nil, err
			}
			target = bound.TargetType()
		}
		if target != "" {
			types = append(types, target)
		}
	}
	return types, nil
}
