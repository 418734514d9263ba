package server

import (
	"context"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// CheckReference is one way in which a policy is assigned where a resource is.
type CheckReference struct {
	Assignment string `json:"assignment" doc:"id"`
	Reference  string `json:"reference,omitempty" doc:"of an initiative that is assigned: its member"`
	Exempt     bool   `json:"exempt" doc:"the check is exempt under it"`
	Category   string `json:"category,omitempty" doc:"of a reference that is exempt: waiver or mitigated"`
	Message    string `json:"message,omitempty" doc:"what the assignment says of what is unhealthy; of no other check"`
}

// policyReference is one way in which a rule is assigned.
type policyReference struct {
	of   *assess.AssignedReference
	rule int // among those that are assigned
}

// policyReferences are the ways in which policies are assigned, by rule.
func (s *Server) policyReferences(ctx context.Context, v *view) (map[string][]policyReference, error) {
	b, err := s.bookOf(ctx, v.commit)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.references != nil {
		return b.references, nil
	}
	documents, err := b.read(ctx, s.Store, v.commit, judgingKinds...)
	if err != nil {
		return nil, err
	}
	assigned, err := s.Estate.Judges().Assigned(documents)
	if err != nil {
		return nil, err
	}
	b.references = map[string][]policyReference{}
	for i := range assigned.References {
		of := &assigned.References[i]
		for _, n := range of.Rules {
			if r := &assigned.Rules[n]; !r.Recommendation {
				id := index.PolicyRule(r.ID, r.ParametersHash)
				b.references[id] = append(b.references[id], policyReference{of, n})
			}
		}
	}
	return b.references, nil
}

// referencesOf gives the references by which a policy judges a resource, each as the
// check stands under it.
func (s *Server) referencesOf(ctx context.Context, v *view, rule string, r *index.Resource, check *Check) (all []CheckReference, err error) {
	references, err := s.policyReferences(ctx, v)
	if err != nil {
		return nil, err
	}
	t := tree(v.x)
	place := &policy.Place{
		Within: func(scope string) bool {
			return posture.Within(r.ID, scope) || t.Covers(scope, r.ID) || r.Unit != "" && t.Covers(scope, r.Unit)
		},
		Type: r.Type, Location: r.Facts.Location, NoGroup: r.Group == "" && posture.IsARM(r.ID),
	}
	for _, ref := range references[rule] {
		if ref.of.At(place) == ref.rule {
			told := CheckReference{Assignment: ref.of.Assignment.ID, Reference: ref.of.Member}
			told.Exempt, told.Category = check.under(told.Assignment, told.Reference)
			if check.Judged == posture.Unhealthy {
				told.Message = ref.of.Message()
			}
			all = append(all, told)
		}
	}
	return all, nil
}
