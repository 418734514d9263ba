package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/server"
)

// readCompliance reads the standards that are chosen, or those that the server tells
// without being asked.
func (p *serverPosture) readCompliance(ctx context.Context, chosen []string) error {
	ids, err := p.standards(ctx, chosen)
	if err != nil {
		return err
	}
	if len(chosen) > 0 {
		p.told = ids
	}
	for _, id := range ids {
		var found serverStandard
		err := p.get(ctx, "/api/v1/compliance/"+url.PathEscape(id), p.conditions(), &found)
		if err = namedWrongly(err, http.StatusNotFound); err != nil {
			return fmt.Errorf("--standard %s: %w", id, err)
		}
		p.result.Compliance = append(p.result.Compliance, p.complianceOf(&found))
	}
	return nil
}

// standards are the ids of those that are chosen: of none those that the server
// tells, of all those of the catalogue, and what else the server tells.
func (p *serverPosture) standards(ctx context.Context, chosen []string) ([]string, error) {
	ids := slices.Clone(chosen)
	if len(chosen) == 0 || slices.Contains(chosen, "all") {
		query := p.conditions()
		query.Del("scope") // as of files those of all that there is
		query.Set("all", "true")
		var list server.Page[server.StandardRow]
		if err := p.get(ctx, "/api/v1/compliance", query, &list); err != nil {
			return nil, err
		}
		ids = nil
		for _, row := range list.Rows {
			ids = append(ids, cmp.Or(row.Document, row.ID))
		}
	}
	if slices.Contains(chosen, "all") {
		standards, err := p.catalog.Standards()
		if err != nil {
			return nil, err
		}
		var all []string
		for _, s := range standards {
			all = append(all, s.ID)
		}
		for _, id := range slices.Concat(ids, chosen) {
			if id != "all" && !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
		return all, nil
	}
	return ids, nil
}

// rollUps are what states of nodes come from, by the server's words.
var rollUps = func() map[string]compliance.RollUp {
	all := map[string]compliance.RollUp{}
	for _, r := range []compliance.RollUp{compliance.OfNothing, compliance.OfChecks, compliance.OfControls, compliance.OfMark} {
		all[r.String()] = r
	}
	return all
}()

func (p *serverPosture) complianceOf(of *serverStandard) compliance.Result {
	r := compliance.Result{Standard: of.ID, Title: of.Title, Controls: compliance.Controls{
		Passed: of.Passed, Failed: of.Failed, Unknown: of.Unknown, Manual: of.Manual, NotApplicable: of.NotApplicable, NotCovered: of.NotCovered,
		Exempt: of.Exempt, Mitigated: of.Mitigated,
	}}
	if of.Rate != nil {
		r.HasRate, r.Rate = true, *of.Rate
	}
	for _, c := range of.Controls {
		n := compliance.NodeResult{ID: c.ID, Title: c.Title, Parent: c.Parent, Group: c.Group, State: c.State, RollUp: rollUps[c.RollUp], Tally: compliance.Tally{
			Healthy: c.Healthy, Unhealthy: c.Unhealthy, Unknown: c.Unknown, Manual: c.Manual, Exempt: c.Exempt, Mitigated: c.Mitigated, NotApplicable: c.NotApplicable,
		}}
		if c.Beneath != nil {
			n.Beneath = compliance.Controls(*c.Beneath)
		}
		for _, rule := range c.Rules {
			n.Rules = append(n.Rules, p.ruleNamed(rule))
		}
		for _, u := range c.NotEvaluated {
			n.Unevaluated = append(n.Unevaluated, compliance.Unevaluated{Rule: u.Policy, Why: u.Why})
		}
		r.Nodes = append(r.Nodes, n)
	}
	return r
}

// ruleNamed gives what the server calls by a recommendation's id, or by that of a
// policy with its parameters.
func (p *serverPosture) ruleNamed(name string) compliance.Rule {
	for i := range p.result.Recommendations {
		r := &p.result.Recommendations[i]
		if name == r.ID && r.Recommendation != nil || name == index.PolicyRule(r.ID, r.ParametersHash) {
			return compliance.Rule{ID: r.ID, ParametersHash: r.ParametersHash}
		}
	}
	return compliance.Rule{ID: name}
}
