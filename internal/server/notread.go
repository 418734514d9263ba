package server

import (
	"cmp"
	"context"
	"net/http"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// NotReadRow is a type of which not all was read in a scope.
type NotReadRow struct {
	Type   string         `json:"type" doc:"in lower case; * for every type of which no read record says more"`
	Scope  string         `json:"scope" doc:"id, or that of a resource below which it stands"`
	Reason posture.Reason `json:"reason"`
}

// NotReadRule is a recommendation or policy that judges types of which not all was
// read.
type NotReadRule struct {
	RuleName
	Types []string `json:"types" doc:"in lower case; * for every type"`
}

// NotReadAnswer is what was not read.
type NotReadAnswer struct {
	Rows   []NotReadRow  `json:"rows" doc:"the first hundred"`
	Total  int           `json:"total" doc:"types and scopes"`
	Judged int           `json:"judged" doc:"of the total: of types that recommendations or policies judge there, so that checks are missing"`
	Rules  []NotReadRule `json:"rules" doc:"that judge one of the types"`
	AsOf   AsOf          `json:"asOf"`
	Hidden int           `json:"hidden"`
}

type notReadOutput struct{ Body NotReadAnswer }

func (s *Server) registerNotRead() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/coverage/not-read", id: "get-not-read", summary: "Types that are judged or looked for, and of which not all was read: checks that are in no number", need: seeing, live: true}, s.notRead)
}

// notRead tells what assess tells beside its coverage, of what is kept.
func (s *Server) notRead(ctx context.Context, c *caller, in *ScoreInput) (*notReadOutput, error) {
	out := &notReadOutput{}
	b := &out.Body
	var of *sight
	var scopes []posture.Scope
	if err := s.see(ctx, c, in.At, func(v *view) error {
		of, scopes, b.AsOf, b.Hidden = s.sight(v), v.x.Scopes(), v.asOf(), v.hidden
		return v.lacks(in.Scope)
	}); err != nil {
		return nil, err
	}
	o, err := s.notReadOptions(ctx, of)
	if err != nil {
		return nil, err
	}
	o.Hierarchy, o.Filter.Scopes = scopes, in.Scope
	kept, err := s.Store.Reads(ctx, of.commit)
	if err != nil {
		return nil, err
	}
	records := make([]posture.ReadRecord, len(kept))
	for i := range kept {
		records[i] = kept[i].Record
	}
	found, err := assess.FindNotRead(o, records, assess.ReadQuestion{Shows: of.sees, Below: func() []string { return seenBelow(of, scopes) }})
	if err != nil {
		return nil, err
	}
	b.Rows, b.Rules, b.Total, b.Judged = []NotReadRow{}, []NotReadRule{}, found.Total, found.Judged
	for _, f := range found.Failed {
		b.Rows = append(b.Rows, NotReadRow{cmp.Or(f.Type, "*"), f.Scope, f.Reason})
	}
	for _, r := range found.Rules {
		rule := NotReadRule{RuleName: RuleName{Policy: r.ID, ParametersHash: r.ParametersHash}}
		if r.Recommendation != nil {
			rule.Recommendation, rule.Policy = r.ID, ""
		}
		for _, name := range r.NotRead {
			rule.Types = append(rule.Types, cmp.Or(name, "*"))
		}
		b.Rules = append(b.Rules, rule)
	}
	return out, nil
}

// notReadOptions are what judges. What is exempt or disabled as a whole wants no read.
func (s *Server) notReadOptions(ctx context.Context, of *sight) (assess.Options, error) {
	documents, err := s.documentsOf(ctx, of.commit, judgingKinds...)
	if err != nil {
		return assess.Options{}, err
	}
	o, err := s.Estate.Judges().Options(documents, of.at)
	if err != nil {
		return o, err
	}
	laid, err := s.documentsOf(ctx, of.commit, ledger.ExemptionOf, ledger.Disabling)
	if err != nil {
		return o, err
	}
	for _, d := range govern.Versions(laid) {
		exemption, isExemption := d.Document.(*govern.Exemption)
		place := d.Where()
		if place.Scope == "" || isExemption && exemption.Selector != nil || !govern.Holds(d.Document, of.at) {
			continue
		}
		e := &policy.Exemption{Scope: place.Scope, ReferenceIDs: d.Rules(), Category: "Waiver"}
		if isExemption {
			e.ResourceSelectors = exemption.Selecting()
		}
		if isExemption && exemption.Assignment != "" {
			e.AssignmentID, e.ReferenceIDs = exemption.Assignment, exemption.Members
		} else if len(e.ReferenceIDs) == 0 {
			for i := range of.rules {
				e.ReferenceIDs = append(e.ReferenceIDs, cmp.Or(of.rules[i].Policy, of.rules[i].ID))
			}
		}
		o.Exemptions = append(o.Exemptions, e)
	}
	return o, nil
}

// seenBelow are the scopes that are seen below one that is not.
func seenBelow(of *sight, scopes []posture.Scope) (below []string) {
	for _, s := range scopes {
		if of.sees(s.ID) && !of.sees(s.Parent) {
			below = append(below, s.ID)
		}
	}
	return below
}
