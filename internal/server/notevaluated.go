package server

import (
	"context"
	"slices"

	"github.com/bartizan-dev/bartizan/policy"
)

// NotEvaluatedPolicy is a policy that is assigned and makes no checks.
type NotEvaluatedPolicy struct {
	Policy string `json:"policy" doc:"id of its definition"`
	Title  string `json:"title"`
	Why    string `json:"why" doc:"what it lacks; disabled"`
}

// notEvaluated lists the policies that make no checks of those that are assigned to
// what is seen.
func (s *Server) notEvaluated(ctx context.Context, of *sight) (all []NotEvaluatedPolicy, err error) {
	documents, err := s.documentsOf(ctx, of.commit, judgingKinds...)
	if err != nil {
		return nil, err
	}
	assigned, err := s.Estate.Judges().Assigned(documents)
	if err != nil {
		return nil, err
	}
	for _, n := range assigned.NotEvaluated {
		if slices.ContainsFunc(n.Assignments, func(a *policy.Assignment) bool { return of.touches(a.Scope) }) {
			all = append(all, NotEvaluatedPolicy{n.Policy, n.Title, n.Why})
		}
	}
	return all, nil
}
