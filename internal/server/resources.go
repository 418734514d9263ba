package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ResourceRow is a resource of the inventory.
type ResourceRow struct {
	ResourceRef
	Region   string            `json:"region,omitempty"`
	Location string            `json:"location,omitempty"`
	Kind     string            `json:"kind,omitempty"`
	SKU      string            `json:"sku,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	Partial  bool              `json:"partial,omitempty" doc:"its body was not read completely"`
	State    string            `json:"state,omitempty" doc:"over all its checks; none without a check"`
}

type resourcesInput struct {
	Where
	Paging
}

type resourcesOutput struct{ Body List[ResourceRow] }

var resourceColumns = []index.Column{index.ByState, index.ByName, index.ByType, index.ByUnit, index.ByLocation, index.ByCloud}

func (s *Server) registerResources() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/resources", id: "list-resources", summary: "List resources, the inventory", need: seeing}, s.resources)
	handle(s, route{method: http.MethodGet, path: "/api/v1/resource", id: "get-resource", summary: "One resource: facts, checks, body, history", need: seeing}, s.resource)
}

func rowOf(r *index.Resource) ResourceRow {
	row := ResourceRow{
		ResourceRef: refOf(r), Region: r.Region, Location: r.Facts.Location, Kind: r.Facts.Kind, SKU: r.Facts.SKU, Tags: r.Facts.Tags, Partial: r.Facts.Partial,
	}
	if r.State != 0 {
		row.State = r.State.String()
	}
	return row
}

func (s *Server) resources(ctx context.Context, c *caller, in *resourcesInput) (*resourcesOutput, error) {
	out := &resourcesOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) error {
		var p problems
		f := in.filter(v, &p)
		o := in.order(&p, resourceColumns, index.Order{By: index.ByState})
		facets := in.facets(&p, v, f, false, append(resourceFacets, checkFacets...))
		selected := v.x.Select(f)
		tally := selected.Tally()
		selected = selected.WithChecks()
		total := selected.Resources()
		after := in.place(&p, selected, false, o, total)
		if err := p.err(); err != nil {
			return err
		}
		rows := selected.Page(false, o, after, in.Limit)
		out.Body = List[ResourceRow]{
			Rows: []ResourceRow{}, Total: total, Unit: "resources", Facets: facets, Coverage: coverageOf(&tally), AsOf: v.asOf(),
			Cursor: in.next(selected, o, rows), Hidden: v.hidden, Query: resourcesQuery(&f, o),
		}
		for _, row := range rows {
			r, _ := v.x.Resource(row.Resource)
			out.Body.Rows = append(out.Body.Rows, rowOf(&r))
		}
		return nil
	})
}

type resourceInput struct {
	ID     string `query:"id" required:"true" doc:"as the cloud writes it"`
	Type   string `query:"type" doc:"where the id alone does not tell: with unit and region"`
	Unit   string `query:"unit"`
	Region string `query:"region"`
	At     string `query:"at"`
}

// ResourceBody is everything that is told of one resource.
type ResourceBody struct {
	ResourceRow
	Checks  []ResourceCheck   `json:"checks" doc:"the worst state first, then the worst severity"`
	Body    json.RawMessage   `json:"body" doc:"what was read of it, without secrets"`
	History []ResourceVersion `json:"history" doc:"what was kept of it, the oldest first"`
	AsOf    AsOf              `json:"asOf"`
}

// ResourceCheck is a check of the resource.
type ResourceCheck struct {
	RuleRef
	Check
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

func (s *Server) resource(ctx context.Context, c *caller, in *resourceInput) (*resourceOutput, error) {
	out := &resourceOutput{}
	var number uint32
	err := s.see(ctx, c, in.At, func(v *view) error {
		missing := huma.Error404NotFound("there is no resource " + in.ID)
		n, ok := v.x.Find(ledger.KeyOf(posture.IdentityOf(in.ID, in.Type, in.Unit, in.Region)))
		f := v.filter()
		if f.Resource = n; !ok || v.x.Select(f).Resources() == 0 {
			return missing
		}
		r, _ := v.x.Resource(n)
		number = n
		out.Body = ResourceBody{ResourceRow: rowOf(&r), Checks: []ResourceCheck{}, AsOf: v.asOf()}
		s.resourceChecks(v, n, out)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, s.kept(ctx, number, out)
}

func (s *Server) resourceChecks(v *view, n uint32, out *resourceOutput) {
	f := v.filter()
	f.Resource = n
	for _, row := range v.x.Select(f).Page(true, index.Order{By: index.ByState}, nil, len(v.x.Content().Rules)) {
		out.Body.Checks = append(out.Body.Checks, ResourceCheck{s.ruleRef(v.x, row.Rule), checkOf(row.Verdict)})
	}
}

// kept reads the body and the history of a resource.
func (s *Server) kept(ctx context.Context, n uint32, out *resourceOutput) error {
	versions, judged, err := s.Store.History(ctx, n)
	if err != nil {
		return fmt.Errorf("reading the history of a resource: %w", err)
	}
	at := ledger.Number(out.Body.AsOf.Commit)
	for _, version := range versions {
		if !version.Holds(at) {
			continue
		}
		bodies, err := s.Store.Bodies(ctx, []int64{version.Body})
		if err != nil {
			return fmt.Errorf("reading the body of a resource: %w", err)
		}
		out.Body.Body = bodies[0].Record
	}
	found := map[ledger.Number]*ResourceVersion{}
	note := func(i ledger.Interval) *ResourceVersion {
		if found[i.Since] == nil {
			found[i.Since] = &ResourceVersion{Since: int64(i.Since)}
		}
		return found[i.Since]
	}
	for _, version := range versions {
		note(version.Interval).Changed = true
	}
	for _, j := range judged {
		note(j.Interval).Judged = true
	}
	ends := map[ledger.Number]bool{}
	for _, version := range versions {
		ends[version.Until] = true
	}
	for since := range found {
		ends[since] = true
	}
	for since, version := range found {
		for end := range ends {
			if end > since && end != ledger.Open && (version.Until == 0 || int64(end) < version.Until) {
				version.Until = int64(end)
			}
		}
		out.Body.History = append(out.Body.History, *version)
	}
	slices.SortFunc(out.Body.History, func(a, b ResourceVersion) int { return cmp.Compare(a.Since, b.Since) })
	return nil
}
