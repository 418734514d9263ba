package server

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
)

// conditions are lists' conditions under which facets are counted.
var conditions = []string{"", "state=unhealthy&cloud=azure", "severity=!low&q=web", "reason=notCollected,denied", "resourceState=unknown", "control=none&type=!microsoft.storage/storageaccounts", "owner=none&standard=mcsb-v1", "type=unit&standard=MCSB-v1"}

// TestFacets: of every list that has facets, of every facet and value, the count is
// how many rows the list has with that value in the facet's place.
func TestFacets(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
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
	if status, text := r.ask(http.MethodGet, "/api/v1/checks?standard=none,mcsb-v1", owner, ""); status != http.StatusUnprocessableEntity {
		t.Error(status, string(text))
	}
	if status, text := r.ask(http.MethodGet, "/api/v1/checks?standard=nothing", owner, ""); status != http.StatusNotFound {
		t.Error(status, string(text))
	}
	all, some, rest := total(r, "/api/v1/checks", owner), total(r, "/api/v1/checks?standard=mcsb-v1", owner), total(r, "/api/v1/checks?standard=!mcsb-v1", owner)
	if some == 0 || some+rest != all {
		t.Errorf("%d checks, of a standard %d, of it not %d", all, some, rest)
	}
	if status, text := r.ask(http.MethodGet, "/api/v1/checks?facets=colour", owner, ""); status != http.StatusUnprocessableEntity {
		t.Error(status, string(text))
	}
}

// TestStandardsOfUnitChecks: the check that a manual control has in a unit is of the
// standard of the control.
func TestStandardsOfUnitChecks(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.imports(owner)
	const list = "/api/v1/checks?type=unit"
	of, all := map[string]int{}, rows(r, list, owner)
	for _, row := range all {
		standard, _, _ := strings.Cut(row["recommendation"].(string), ":")
		of[standard]++
	}
	own, cis := of["mcsb-v1"], of["cis-azure-3.0"]
	for condition, want := range map[string]int{"mcsb-v1": own, "!mcsb-v1": len(all) - own, "mcsb-v1,cis-azure-3.0": own + cis, "none": 0, "!none": len(all)} {
		if got := total(r, list+"&standard="+condition, owner); got != want {
			t.Errorf("standard=%s: %d checks on units, want %d", condition, got, want)
		}
	}
	if own == 0 || cis == 0 {
		t.Errorf("checks on units: %v", of)
	}
}

// TestCounts: HEAD of a list tells its total, and is described.
func TestCounts(t *testing.T) {
	r, owner := twoCompanies(t)
	heads := 0
	for path, item := range r.server.api.OpenAPI().Paths {
		if item.Head == nil {
			continue
		}
		heads++
		request := httptest.NewRequestWithContext(t.Context(), http.MethodHead, path, http.NoBody)
		request.Host = "127.0.0.1:7410"
		request.Header.Set("Authorization", "Bearer "+owner)
		answer := httptest.NewRecorder()
		r.server.ServeHTTP(answer, request)
		if want := strconv.Itoa(total(r, path, owner)); answer.Code != http.StatusOK || answer.Header().Get("X-Total-Count") != want {
			t.Errorf("HEAD %s: %d %v, want a total of %s", path, answer.Code, answer.Header(), want)
		}
	}
	if heads < 12 {
		t.Errorf("%d lists", heads)
	}
}

// TestOwners: who owns a resource is what its tag says, else that of its group, else
// that of its subscription.
func TestOwners(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	tagged := func(id, kind, tags string) string {
		return fmt.Sprintf(`{"id":%q,"name":"x","type":%q,"location":"westeurope","tags":{%s},"properties":{}}`, id, kind, tags) + "\n"
	}
	group := ownUnit + "/resourceGroups/"
	r.imported(owner, "", tagged(ownUnit, "Microsoft.Resources/subscriptions", `"Owner":"top"`)+tagged(group+"g", "Microsoft.Resources/resourceGroups", `"owner":"middle"`)+
		tagged(ownID, "Microsoft.Storage/storageAccounts", "")+tagged(ownID+"2", "Microsoft.Storage/storageAccounts", `"OWNER":"a, b"`)+
		tagged(group+"h/providers/Microsoft.Storage/storageAccounts/x", "Microsoft.Storage/storageAccounts", ""))
	for condition, want := range map[string]int{`top`: 2, `middle`: 2, `a\, b`: 1, `!top`: 3, `none`: 0, `top,middle`: 4} {
		if got := total(r, "/api/v1/resources?owner="+url.QueryEscape(condition), owner); got != want {
			t.Errorf("owner=%s: %d resources, want %d", condition, got, want)
		}
	}
	if rows := rows(r, "/api/v1/resources?owner=middle", owner); rows[0]["owner"] != "middle" {
		t.Errorf("%v", rows)
	}
	r.imported(owner, "", tagged(group+"g", "Microsoft.Resources/resourceGroups", `"owner":"other"`))
	if got := total(r, "/api/v1/resources?owner=other", owner); got != 2 {
		t.Errorf("after the group has another owner: %d resources, want 2", got)
	}
}

// TestSorts: pages of a list that is ordered by several columns hold all its rows in
// their order, and orders that cannot be are told.
func TestSorts(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.imports(owner)
	all := rows(r, "/api/v1/resources?sort=-type,location", owner)
	met := map[any]bool{}
	for i, row := range all {
		met[row["id"]] = true
		if i == 0 {
			continue
		}
		before := all[i-1]
		at := cmp.Or(cmp.Compare(strings.ToLower(row["type"].(string)), strings.ToLower(before["type"].(string))), -cmp.Compare(fmt.Sprint(row["location"]), fmt.Sprint(before["location"])))
		if at > 0 && row["location"] != nil && before["location"] != nil {
			t.Fatalf("%v comes behind %v", row, before)
		}
	}
	if len(met) < len(all)-5 { // ids of AWS may be there in several regions
		t.Errorf("%d rows, %d ids", len(all), len(met))
	}
	half := get[List[map[string]any]](r, "/api/v1/resources?sort=-type,location&seek=0.5&limit=1", owner)
	if half.Rows[0]["id"] != all[len(all)/2]["id"] {
		t.Errorf("in the middle stands %v, want %v", half.Rows[0]["id"], all[len(all)/2]["id"])
	}
	for _, sort := range []string{"name,type", "type,-type", "type,", "severity"} {
		if status, text := r.ask(http.MethodGet, "/api/v1/resources?sort="+sort, owner, ""); status != http.StatusUnprocessableEntity {
			t.Errorf("sort=%s: %d %s", sort, status, text)
		}
	}
}
