package server

import (
	"context"
	"net/http"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// CheckRow is a check.
type CheckRow struct {
	Recommendation string           `json:"recommendation"`
	Title          string           `json:"title"`
	Severity       posture.Severity `json:"severity"`
	Resource       ResourceRef      `json:"resource"`
	Check
}

// Check is what one recommendation says of a resource.
type Check struct {
	State     posture.State  `json:"state"`
	Judged    posture.State  `json:"judged" doc:"beneath an exemption"`
	Reason    posture.Reason `json:"reason,omitempty" doc:"why it is unknown"`
	Attested  bool           `json:"attested,omitempty"`
	Mitigated bool           `json:"mitigated,omitempty" doc:"of an exempt check: not waived but mitigated"`
}

// ResourceRef names a resource.
type ResourceRef struct {
	ID    string        `json:"id"`
	Name  string        `json:"name"`
	Type  string        `json:"type"`
	Cloud posture.Cloud `json:"cloud"`
	Unit  string        `json:"unit" doc:"id of the subscription, account, project or group of machines"`
	Group string        `json:"group,omitempty" doc:"id of the resource group"`
}

func refOf(r *index.Resource) ResourceRef {
	return ResourceRef{r.ID, r.Name, r.Type, r.Cloud, r.Unit, r.Group}
}

func checkOf(v index.Verdict) Check {
	return Check{v.State, v.Judged, v.Reason, v.Mark == index.Attested, v.Mark == index.Mitigated && v.State == posture.Exempt}
}

type checksInput struct {
	Where
	Paging
}

type checksOutput struct{ Body List[CheckRow] }

var (
	checkColumns = []index.Column{
		index.BySeverity, index.ByState, index.ByRule, index.ByName, index.ByType, index.ByUnit, index.ByLocation, index.ByCloud,
	}
	checkFacets    = []index.Facet{index.StateFacet, index.SeverityFacet, index.ControlFacet, index.RuleFacet, index.ReasonFacet}
	resourceFacets = []index.Facet{index.CloudFacet, index.TypeFacet, index.UnitFacet, index.LocationFacet, index.ResourceStateFacet}
)

func (s *Server) registerChecks() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/checks", id: "list-checks", summary: "List checks", need: seeing}, s.checks)
}

func (s *Server) checks(ctx context.Context, c *caller, in *checksInput) (*checksOutput, error) {
	out := &checksOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) (err error) {
		out.Body, err = s.checksOf(v, in)
		return err
	})
}

func (s *Server) checksOf(v *view, in *checksInput) (List[CheckRow], error) {
	var p problems
	f := in.filter(v, &p)
	o := in.order(&p, checkColumns, index.Order{By: index.BySeverity})
	facets := in.facets(&p, v, f, true, append(checkFacets, resourceFacets...))
	selected := v.x.Select(f)
	tally := selected.Tally()
	total := tally.All.Total()
	after := in.place(&p, selected, true, o, total)
	if err := p.err(); err != nil {
		return List[CheckRow]{}, err
	}
	rows := selected.Page(true, o, after, in.Limit)
	list := List[CheckRow]{
		Rows: []CheckRow{}, Total: total, Unit: "checks", Facets: facets, Coverage: coverageOf(&tally), AsOf: v.asOf(),
		Cursor: in.next(selected, o, rows), Hidden: v.hidden, Query: checksQuery(&f, o),
	}
	for _, row := range rows {
		resource, _ := v.x.Resource(row.Resource)
		r := CheckRow{Recommendation: row.Rule, Resource: refOf(&resource), Check: checkOf(row.Verdict)}
		if rec := s.content[row.Rule]; rec != nil {
			r.Title, r.Severity = rec.Title, rec.Severity
		}
		list.Rows = append(list.Rows, r)
	}
	return list, nil
}
