package server

import (
	"context"
	"net/http"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ResourceRow is a resource of the inventory.
type ResourceRow struct {
	ResourceRef
	number  uint32
	Kind    string            `json:"kind,omitempty"`
	SKU     string            `json:"sku,omitempty"`
	Owner   string            `json:"owner,omitempty" doc:"what the tag owner says: its own, else that of its resource group, else of its unit"`
	Tags    map[string]string `json:"tags,omitempty"`
	Partial bool              `json:"partial,omitempty" doc:"its body was not read completely"`
	State   posture.State     `json:"state" doc:"over all its checks: notApplicable without any"`
	Stale   *StaleMark        `json:"stale,omitempty" doc:"a later read of its type there failed and did not have it: what is known of it is older"`
	InGroup
}

type resourcesInput struct {
	Where
	Paging
	Grouping
}

type resourcesOutput = Listed[ResourceRow]

var resourceColumns = []index.Column{index.ByState, index.ByName, index.ByType, index.ByUnit, index.ByLocation, index.ByCloud}

func (s *Server) registerResources() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/resources", id: "list-resources", summary: "List resources, the inventory", need: seeing}, s.resources)
}

func rowOf(r *index.Resource) ResourceRow {
	return ResourceRow{ResourceRef: refOf(r), number: r.Number, Kind: r.Facts.Kind, SKU: r.Facts.SKU, Tags: r.Facts.Tags, Partial: r.Facts.Partial, State: r.State}
}

func (s *Server) resources(ctx context.Context, c *caller, in *resourcesInput) (*resourcesOutput, error) {
	out := &resourcesOutput{}
	var commit ledger.Number
	if err := s.see(ctx, c, in.At, func(v *view) (err error) {
		commit = v.commit
		out.Body, err = s.resourcesOf(ctx, v, in)
		return err
	}); err != nil {
		return nil, err
	}
	return out, s.markAll(ctx, commit, &out.Body)
}

func (s *Server) resourcesOf(ctx context.Context, v *view, in *resourcesInput) (List[ResourceRow], error) {
	var p problems
	f := in.filter(v, &p)
	if err := s.narrow(ctx, v, &in.Where, &f, &p); err != nil {
		return List[ResourceRow]{}, err
	}
	group, err := s.grouping(ctx, v, &in.Where, &in.Grouping, &f, &p)
	if err != nil {
		return List[ResourceRow]{}, err
	}
	o := in.orders(&p, resourceColumns, index.Order{By: index.ByState})
	facets := in.facets(&p, v, f, index.Resources)
	all := v.x.Select(f)
	tally, selected := all.Tally(), all.WithChecks()
	total := selected.Resources()
	if group != nil {
		group.all, selected = all.Groups(index.Resources, &group.by), all
	}
	rows, next := in.page(&p, group, f, selected, false, o, total)
	if err := p.err(); err != nil {
		return List[ResourceRow]{}, err
	}
	list := List[ResourceRow]{
		Rows: []ResourceRow{}, Total: total, Unit: "resources", Facets: facets, Coverage: coverageOf(&tally), AsOf: v.asOf(),
		Cursor: next, Hidden: v.hidden, Query: resourcesQuery(&f, o),
	}
	if group != nil {
		list.Groups = s.groupRows(v, group, nil)
	}
	for _, row := range rows {
		r, _ := v.x.Resource(row.Resource)
		line := rowOf(&r)
		line.Owner, line.InGroup = v.x.OwnerOf(row.Resource), row.in
		list.Rows = append(list.Rows, line)
	}
	return list, nil
}
