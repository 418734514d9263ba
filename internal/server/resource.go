package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/policy"
)

// Which says which resource is meant.
type Which struct {
	ID     string `query:"id" required:"true" doc:"as the cloud writes it, or UNIT/REGION/TYPE/ID; it may be alone where there is one of the name" maxLength:"4000"`
	Type   string `query:"type" doc:"where the id alone does not tell: with unit and region" maxLength:"400"`
	Unit   string `query:"unit" doc:"id of the account or group of machines, where the id alone does not tell" maxLength:"400"`
	Region string `query:"region" doc:"where the id alone does not tell" maxLength:"100"`
}

func (w *Which) key() uint64 { return ledger.KeyOf(posture.IdentityOf(w.ID, w.Type, w.Unit, w.Region)) }

func (w *Which) missing() error { return huma.Error404NotFound("there is no resource " + w.ID) }

type resourceInput struct {
	Which
	At             string `query:"at" doc:"as of then: a day (its end, UTC) or an instant; now without it"`
	Recommendation string `query:"recommendation" doc:"only the checks of these recommendations, or of policies by the ids of their definitions; comma between them" maxLength:"4000"`
	Evidence       bool   `query:"evidence" default:"true" doc:"judge again what was judged, to show the values that decided it"`
}

// ResourceBody is everything that is told of one resource.
type ResourceBody struct {
	ResourceRow
	Checks  []ResourceCheck   `json:"checks" doc:"the worst state first, then the worst severity"`
	Body    json.RawMessage   `json:"body" doc:"what was read of it, without secrets"`
	Unread  []string          `json:"unread,omitempty" doc:"paths of the body that were not read"`
	History []ResourceVersion `json:"history" doc:"what was kept of it, the oldest first"`
	AsOf    AsOf              `json:"asOf"`
}

// ResourceCheck is a check of the resource.
type ResourceCheck struct {
	RuleRef
	Check
	Detail          string     `json:"detail,omitempty" doc:"in words, why the check is unknown"`
	Evidence        []Evidence `json:"evidence,omitempty" doc:"the values that decided the state that was judged"`
	EvidenceMissing string     `json:"evidenceMissing,omitempty" doc:"why there is no evidence"`
}

// Evidence is one value that a check was judged on.
type Evidence struct {
	Path     string `json:"path" doc:"where it stands in the resource, such as properties.minimumTlsVersion"`
	Found    any    `json:"found" doc:"the value; null with absent where there is none"`
	Absent   bool   `json:"absent,omitempty" doc:"the property is not there"`
	Wanted   string `json:"wanted" doc:"in words and values, such as equals true"`
	Resource string `json:"resource,omitempty" doc:"id of the related resource that the path is in; none for the check's own"`
	Hidden   bool   `json:"hidden,omitempty" doc:"it stands in a related resource that you may not see"`
}

// ResourceVersion is a commit at which the resource or its verdicts became
// others.
type ResourceVersion struct {
	Since   int64 `json:"since" doc:"number of the commit"`
	Until   int64 `json:"until,omitempty" doc:"number of the commit that ended it; none if it holds"`
	Changed bool  `json:"changed" doc:"the resource was another one"`
	Judged  bool  `json:"judged" doc:"it was judged otherwise"`
}

type resourceOutput struct{ Body ResourceBody }

type explainInput struct {
	Which
	At             string `query:"at" doc:"as of then: a day (its end, UTC) or an instant; now without it"`
	Recommendation string `query:"recommendation" required:"true" doc:"id of the recommendation, or id or name of the definition of a policy; STANDARD:CONTROL of a control that waits for a person, in the unit that id names" maxLength:"1000"`
}

type explainOutput struct {
	Body struct {
		Text        string          `json:"text" doc:"what bartizan explain prints: states, then every condition with the path it read, the value it found, and the outcome"`
		Explanation json.RawMessage `json:"explanation" doc:"the same as an object, as bartizan explain --format json prints it"`
		Hidden      int             `json:"hidden" doc:"related resources left out that you may not see"`
		AsOf        AsOf            `json:"asOf"`
	}
}

func (s *Server) registerResource() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/resource", id: "get-resource", summary: "One resource: facts, checks with evidence, body, history", need: seeing}, s.resource)
	handle(s, route{method: http.MethodGet, path: "/api/v1/resource/explain", id: "explain-check", summary: "How a recommendation came to its verdict on a resource, condition by condition", need: seeing}, s.explain)
	s.registerVersions()
}

// had gives the numbers of the resource that is meant, the newest first: of one that was
// in several units those in the unit that is said, if one is.
func (v *view) had(w *Which) []uint32 {
	all := v.x.Had(w.key())
	if w.Unit == "" || len(all) < 2 {
		return all
	}
	return slices.DeleteFunc(all, func(n uint32) bool { return posture.Fold(v.x.UnitOf(n)) != posture.Fold(w.Unit) })
}

// seen finds the resource that is meant, if it is there and who asks sees it.
func (v *view) seen(w *Which) (index.Resource, error) {
	f := v.filter()
	if had := v.had(w); len(had) > 0 {
		if f.Resource = had[0]; had[0] != 0 && v.x.Select(f).Resources() > 0 {
			r, _ := v.x.Resource(had[0])
			return r, nil
		}
	}
	r, problem := estate.TheOne(v.x.Select(v.filter()), &govern.Resource{ID: w.ID, Type: w.Type, Unit: w.Unit, Region: w.Region})
	switch {
	case problem != "":
		return index.Resource{}, huma.Error422UnprocessableEntity("the resource", &huma.ErrorDetail{Message: problem, Location: "query.id", Value: w.ID})
	case r == nil:
		return index.Resource{}, w.missing()
	}
	return *r, nil
}

func (s *Server) resource(ctx context.Context, c *caller, in *resourceInput) (*resourceOutput, error) {
	out := &resourceOutput{}
	var i *estate.Inspection
	var sees func(scope string) bool
	err := s.see(ctx, c, in.At, func(v *view) error {
		r, err := v.seen(&in.Which)
		if err != nil {
			return err
		}
		sees = v.seeing()
		var p problems
		chosen := choose(&p, "recommendation", in.Recommendation, ruleID)
		out.Body = ResourceBody{ResourceRow: rowOf(&r), Checks: []ResourceCheck{}, AsOf: v.asOf()}
		if err := s.resourceChecks(ctx, v, r.Number, chosen, out); err != nil {
			return err
		}
		i, err = s.inspection(ctx, v, &r, slices.ContainsFunc(out.Body.Checks, func(c ResourceCheck) bool { return c.Policy != "" }))
		return err
	})
	if err == nil {
		err = s.markStale(ctx, i.Commit, &out.Body.ResourceRow)
	}
	if err != nil {
		return nil, err
	}
	if err := s.kept(ctx, i, out); err != nil || !in.Evidence {
		return out, err
	}
	s.addEvidence(ctx, i, out.Body.Checks)
	for _, check := range out.Body.Checks {
		for n, e := range check.Evidence {
			// What is related stands in the same unit, of which not all need be seen.
			if e.Resource != "" && !sees(e.Resource) && !sees(i.Resource.Unit) {
				check.Evidence[n] = Evidence{Path: e.Path, Wanted: e.Wanted, Hidden: true}
			}
		}
	}
	return out, nil
}

// inspection prepares judging a resource again, by policies too if that is said; its
// record is still to be read.
func (s *Server) inspection(ctx context.Context, v *view, r *index.Resource, policies bool) (i *estate.Inspection, err error) {
	i = &estate.Inspection{
		Store: s.Store, Catalog: s.Catalog, Judges: s.Estate.Judges(), Commit: v.commit, At: v.at, Scopes: v.x.Scopes(),
		Resource: ledger.Resource{Number: r.Number, ID: r.ID, Type: r.Type, Name: r.Name, Cloud: r.Cloud, Unit: r.Unit, Group: r.Group, Region: r.Region},
	}
	if i.At.IsZero() {
		i.At = s.Now()
	}
	if policies {
		i.Documents, err = s.documentsAt(ctx, v, judgingKinds...)
	}
	return i, err
}

func (s *Server) resourceChecks(ctx context.Context, v *view, n uint32, chosen index.Choice[string], out *resourceOutput) error {
	layers := s.layers(v)
	f := v.filter()
	f.Resource, f.Checks.Rules = n, chosen
	for _, row := range v.x.Select(f).Page(true, []index.Order{{By: index.ByState}}, nil, len(v.x.Content().Rules)) {
		check, err := layers.check(ctx, &row)
		if err != nil {
			return err
		}
		out.Body.Checks = append(out.Body.Checks, ResourceCheck{RuleRef: s.ruleRef(v.x, row.Rule), Check: check})
	}
	return nil
}

// addEvidence judges the resource again by the rules of its checks. What it finds
// is evidence only where the state that comes out is the one that is kept.
func (s *Server) addEvidence(ctx context.Context, i *estate.Inspection, checks []ResourceCheck) {
	var rules []string
	for _, check := range checks {
		if check.Policy != "" || s.content[check.Recommendation] != nil {
			rules = append(rules, check.rule())
		}
	}
	found := map[string]*posture.Check{}
	again, err := i.Checks(ctx, rules...)
	if err != nil {
		s.Log.WarnContext(ctx, "evidence", "resource", i.Resource.ID, "error", err)
	}
	for n := range again {
		found[ruleChecked(&again[n])] = &again[n]
	}
	for n := range checks {
		switch of := found[checks[n].rule()]; {
		case err != nil:
			checks[n].EvidenceMissing = "the resource could not be judged again; the server's log says why"
		case of == nil:
			checks[n].EvidenceMissing = "what judges today no longer judges this resource by this rule"
		default:
			checks[n].take(of)
		}
	}
}

// ruleChecked is the id of what judged among the rules of an index.
func ruleChecked(c *posture.Check) string {
	if c.Recommendation {
		return c.Rule
	}
	return index.PolicyRule(c.Rule, c.ParametersHash)
}

// take takes over what judging again found, if it came out as what is kept.
func (c *ResourceCheck) take(found *posture.Check) {
	kept := cmp.Or(c.Judged, c.State)
	switch {
	case found.Judged == posture.Manual: // what a person says has no evidence
		return
	case found.Judged != kept || found.Reason != c.Reason:
		c.EvidenceMissing = fmt.Sprintf("judged again, this comes out as %s, not as %s: the rule, the clock, or what it looks for has changed since", stated(found.Judged, found.Reason), stated(kept, c.Reason))
		return
	}
	c.Detail = found.Detail
	for _, e := range found.Evidence {
		c.Evidence = append(c.Evidence, Evidence{e.Path, e.Found, e.Absent, e.Wanted, e.Resource, false})
	}
}

func stated(state posture.State, reason posture.Reason) string {
	if state == posture.Unknown && reason != posture.NoReason {
		return state.String() + " (" + reason.String() + ")"
	}
	return state.String()
}

// kept reads the body and the history of a resource.
func (s *Server) kept(ctx context.Context, i *estate.Inspection, out *resourceOutput) error {
	versions, judged, err := s.Store.History(ctx, i.Resource.Number)
	if err != nil {
		return fmt.Errorf("reading the history of a resource: %w", err)
	}
	if i.Record, err = s.recordAt(ctx, versions, i.Commit); err != nil {
		return err
	}
	out.Body.History = intervalsOf(versions, judged)
	out.Body.Body, out.Body.Unread, err = inventory.BodyOf(i.Record)
	return err
}

// recordAt reads what a resource was at a commit, nil for nothing.
func (s *Server) recordAt(ctx context.Context, versions []ledger.Version, at ledger.Number) ([]byte, error) {
	for _, version := range versions {
		if version.Holds(at) {
			bodies, err := s.Store.Bodies(ctx, []int64{version.Body})
			if err != nil {
				return nil, fmt.Errorf("reading the body of a resource: %w", err)
			}
			return bodies[0].Record, nil
		}
	}
	return nil, nil
}

// intervalsOf cuts the history of a resource where anything of it changed.
func intervalsOf(versions []ledger.Version, judged []ledger.Judged) (all []ResourceVersion) {
	found, ends := map[ledger.Number]*ResourceVersion{}, map[ledger.Number]bool{}
	note := func(i ledger.Interval) *ResourceVersion {
		if found[i.Since] == nil {
			found[i.Since] = &ResourceVersion{Since: int64(i.Since)}
		}
		ends[i.Since] = true
		return found[i.Since]
	}
	for _, version := range versions {
		note(version.Interval).Changed = true
		ends[version.Until] = true
	}
	for _, j := range judged {
		note(j.Interval).Judged = true
	}
	for since, version := range found {
		for end := range ends {
			if end > since && end != ledger.Open && (version.Until == 0 || int64(end) < version.Until) {
				version.Until = int64(end)
			}
		}
		all = append(all, *version)
	}
	slices.SortFunc(all, func(a, b ResourceVersion) int { return cmp.Compare(a.Since, b.Since) })
	return all
}

func (s *Server) explain(ctx context.Context, c *caller, in *explainInput) (*explainOutput, error) {
	out := &explainOutput{}
	var i *estate.Inspection
	shown, rule := map[string]Check{}, ""
	var sees func(scope string) bool
	control := false
	err := s.see(ctx, c, in.At, func(v *view) error {
		var err error
		if control, err = s.explainControl(ctx, v, in.ID, in.Recommendation, out); control || err != nil {
			return err
		}
		r, err := v.seen(&in.Which)
		if err != nil {
			return err
		}
		sees = v.seeing()
		if rule, err = s.ruleMeant(v, &r, in.Recommendation); err != nil {
			return err
		}
		layers := s.layers(v)
		f := v.filter()
		f.Resource, f.Checks.Rules = r.Number, index.Any(rule)
		for _, row := range v.x.Select(f).Page(true, []index.Order{{By: index.ByState}}, nil, len(v.x.Content().Rules)) {
			if shown[row.Rule], err = layers.check(ctx, &row); err != nil {
				return err
			}
		}
		isPolicy := nameOf(index.PolicyRule(rule, "")).Policy != ""
		if isPolicy && len(shown) == 0 || !isPolicy && s.content[rule] == nil { // of a policy elsewhere nothing is told
			return huma.Error404NotFound("there is no recommendation " + in.Recommendation + ", and no policy of that id or name that judges the resource")
		}
		i, err = s.inspection(ctx, v, &r, isPolicy)
		out.Body.AsOf = v.asOf()
		return err
	})
	if err != nil || control {
		return out, err
	}
	versions, _, err := s.Store.History(ctx, i.Resource.Number)
	if err != nil {
		return nil, fmt.Errorf("reading the history of a resource: %w", err)
	}
	if i.Record, err = s.recordAt(ctx, versions, i.Commit); err != nil {
		return nil, err
	}
	e, err := i.Explain(ctx, rule)
	var not *assess.NotExplainedError
	if errors.As(err, &not) {
		return nil, huma.Error422UnprocessableEntity(in.Recommendation + " is not evaluated: " + not.Why)
	}
	if err != nil {
		return nil, err
	}
	for n := range e.Checks {
		if c, ok := shown[ruleChecked(&e.Checks[n])]; ok {
			c.lay(&e.Checks[n])
		}
	}
	if !sees(i.Resource.Unit) {
		out.Body.Hidden = leaveOut(e, sees)
	}
	told := report.Explained{Explanation: e}
	out.Body.Text = strings.TrimRight(told.Text(), "\n")
	out.Body.Explanation, err = json.Marshal(told)
	return out, err
}

// ruleMeant gives the recommendation or policy that is meant where a resource is
// judged: by its id, a policy by its name too.
func (s *Server) ruleMeant(v *view, r *index.Resource, text string) (string, error) {
	if s.content[text] != nil || strings.Contains(text, "/") {
		return govern.RuleID(text), nil
	}
	f := v.filter()
	f.Resource = r.Number
	var ids []string
	for _, row := range v.x.Select(f).Page(true, []index.Order{{By: index.ByState}}, nil, len(v.x.Content().Rules)) {
		id := nameOf(row.Rule).Policy
		if _, name, ok := govern.SplitPolicyID(ledger.Definition, id); ok && strings.EqualFold(name, text) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	switch len(ids) {
	case 0:
		return text, nil
	case 1:
		return ids[0], nil
	}
	slices.Sort(ids)
	problem := "several policies of that name judge the resource; want the id of one: " + strings.Join(ids, ", ")
	return "", huma.Error422UnprocessableEntity("the recommendation", &huma.ErrorDetail{Message: problem, Location: "query.recommendation", Value: text})
}

// leaveOut leaves out of an explanation the related resources that are not seen,
// and counts them.
func leaveOut(e *assess.Explanation, sees func(scope string) bool) (hidden int) {
	if e.Related != nil {
		before := len(e.Related.Candidates)
		e.Related.Candidates = slices.DeleteFunc(e.Related.Candidates, func(c policy.CandidateTrace) bool { return !sees(c.ID) })
		hidden = before - len(e.Related.Candidates)
	}
	e.Evidence = slices.DeleteFunc(e.Evidence, func(of policy.Evidence) bool { return of.Resource != "" && !sees(of.Resource) })
	for n := range e.Checks {
		e.Checks[n].Evidence = slices.DeleteFunc(e.Checks[n].Evidence, func(of posture.Evidence) bool { return of.Resource != "" && !sees(of.Resource) })
	}
	return hidden
}
