package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ScopeRow is a node of the tree.
type ScopeRow struct {
	ID        string        `json:"id"`
	Parent    string        `json:"parent,omitempty"`
	Name      string        `json:"name,omitempty"`
	Kind      string        `json:"kind" doc:"root, tenant, folder, unit, group"`
	Cloud     posture.Cloud `json:"cloud,omitempty"`
	Path      bool          `json:"path,omitempty" doc:"it only leads to what you may see: nothing of itself is told"`
	Resources *int          `json:"resources,omitempty" doc:"at and below it"`
}

type scopesInput struct {
	At string `query:"at"`
}

type scopesOutput struct {
	Body struct {
		Rows   []ScopeRow `json:"rows" doc:"by id"`
		Total  int        `json:"total"`
		Unit   string     `json:"unit"`
		AsOf   AsOf       `json:"asOf"`
		Hidden int        `json:"hidden" doc:"scopes left out that you may not see"`
	}
}

func (s *Server) registerScopes() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/scopes", id: "list-scopes", summary: "The tree of scopes, as far as you see it", need: seeing}, s.scopes)
}

func (s *Server) scopes(ctx context.Context, c *caller, in *scopesInput) (*scopesOutput, error) {
	out := &scopesOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) error {
		visible := c.Caller.Visible(tree(v.x))
		b := &out.Body
		b.Rows, b.Unit, b.AsOf, b.Hidden = []ScopeRow{}, "scopes", v.asOf(), v.hidden
		for _, scope := range v.x.Scopes() {
			row := ScopeRow{ID: scope.ID, Parent: scope.Parent, Name: scope.Name, Kind: scope.Kind.String(), Cloud: scope.Cloud}
			switch visible.Of(scope.ID) {
			case access.Outside:
				continue
			case access.Way:
				row.Path = true
			case access.Whole:
				f := v.filter()
				f.Scopes = []string{scope.ID}
				count := v.x.Select(f).Resources()
				row.Resources = &count
			}
			b.Rows = append(b.Rows, row)
		}
		slices.SortFunc(b.Rows, func(a, b ScopeRow) int { return cmp.Compare(a.ID, b.ID) })
		b.Total = len(b.Rows)
		return nil
	})
}
