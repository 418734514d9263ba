package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
)

// conditions are lists' conditions under which facets are counted.
var conditions = []string{"", "state=unhealthy&cloud=azure", "severity=!low&q=web", "reason=notCollected,denied", "resourceState=unknown", "control=none&type=!microsoft.storage/storageaccounts"}

// TestFacets: of every list that has facets, of every facet and value, the count is
// how many rows the list has with that value in the facet's place.
func TestFacets(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.imports(owner)
	lists, values := 0, 0
	for path, item := range r.server.api.OpenAPI().Paths {
		if item.Get == nil || !slices.ContainsFunc(item.Get.Parameters, func(p *huma.Param) bool { return p.Name == "facets" }) {
			continue
		}
		lists++
		for _, facet := range facets {
			for _, condition := range conditions {
				under, _ := url.ParseQuery(condition)
				under.Set("limit", "1")
				under.Set("facets", string(facet))
				told := get[struct{ Facets map[string][]index.FacetValue }](r, path+"?"+under.Encode(), owner).Facets[string(facet)]
				if condition == "" && len(told) == 0 && facet != index.ReasonFacet {
					t.Errorf("%s has no %s", path, facet)
				}
				for _, value := range told {
					values++
					under.Del("facets")
					under.Set(string(facet), value.Value)
					if got := total(r, path+"?"+under.Encode(), owner); got != value.Count {
						t.Errorf("%s under %q: %s %q counts %d, the list has %d", path, condition, facet, value.Value, value.Count, got)
					}
				}
			}
		}
	}
	if lists < 3 || values < 500 {
		t.Errorf("%d lists, %d values", lists, values)
	}
	if status, text := r.ask(http.MethodGet, "/api/v1/checks?facets=colour", owner, ""); status != http.StatusUnprocessableEntity {
		t.Error(fmt.Sprint(status), string(text))
	}
}
