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
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Inspected is what an inspection asks of where things are kept.
type Inspected interface {
	ReadsOf(ctx context.Context, n ledger.Number, scopes []string) ([]ledger.Read, error)
	UnitBodies(ctx context.Context, n ledger.Number, unit string, types ...string) iter.Seq2[ledger.ResourceBody, error]
}

// Inspection is one resource as of a commit, to be judged again by a few
// recommendations for the sake of what they found. Its work is bounded by what
// those look for in the resource's unit, not by the unit.
type Inspection struct {
	Store    Inspected
	Catalog  *catalog.Catalog
	Commit   ledger.Number
	At       time.Time       // as of which is judged what rules say of dates
	Scopes   []posture.Scope // the tree, as of the commit
	Resource ledger.Resource
	Record   []byte // the resource's
}

// Checks gives the checks of some recommendations on the resource with their
// evidence; of one that is not judged there is none.
func (i *Inspection) Checks(ctx context.Context, recommendations ...string) ([]posture.Check, error) {
	if len(recommendations) == 0 {
		return nil, nil // without a choice all would be judged
	}
	o, err := i.options(ctx, recommendations)
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

// Explain tells how one recommendation comes to its verdict on the resource.
func (i *Inspection) Explain(ctx context.Context, recommendation string) (*assess.Explanation, error) {
	o, err := i.options(ctx, []string{recommendation})
	if err != nil {
		return nil, err
	}
	r := &i.Resource
	return assess.Explain(ctx, o, posture.Qualified(r.ID, r.Type, r.Unit, r.Region), recommendation)
}

// options are of an assessment of what the recommendations need: the resource,
// what stands around it, and what they look for in its unit.
func (i *Inspection) options(ctx context.Context, recommendations []string) (o assess.Options, err error) {
	o = assess.Options{Policies: recommendations, Partial: true, BuiltIn: i.Catalog, Now: i.At, Workers: 1}
	t, unit := &tree{scopes: map[string]posture.Scope{}}, i.Resource.Unit
	for _, scope := range i.Scopes {
		t.set(scope)
	}
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
	text = append(append(text, i.Record...), '\n')
	types, err := i.types(recommendations)
	if err != nil {
		return o, err
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

// around are the types of what functions of rules return, and of what tells under
// which names a unit is known.
var around = map[posture.Cloud][]string{
	posture.Azure: {"Microsoft.Resources/subscriptions/resourceGroups", "Microsoft.Resources/resourceGroups", "Microsoft.Resources/subscriptions"},
	posture.GCP:   {"cloudresourcemanager.googleapis.com/Project"},
}

// types lists those of the resources that recommendations need besides the one
// that they judge.
func (i *Inspection) types(recommendations []string) ([]string, error) {
	types := append([]string{"none"}, around[i.Resource.Cloud]...) // without any, all would be meant
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
