package server

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// TestDifferenceOfManualControls: a difference counts and lists the checks that differ
// between the lists of checks of the two times, those of manual controls too.
func TestDifferenceOfManualControls(t *testing.T) {
	r, owner := twoCompanies(t)
	then := url.QueryEscape(r.now.Format(time.RFC3339))
	r.now = r.now.Add(time.Hour)
	r.writes(http.MethodPost, "/api/v1/attestations", owner, fmt.Sprintf(`{"scope":%q,"recommendation":"mcsb-v1:IR-1","state":"healthy","text":"looked"}`, foreignUnit))
	r.writes(http.MethodPost, "/api/v1/exemptions", owner, fmt.Sprintf(`{"scope":%q,"category":"waiver","reason":"x"}`, ownUnit))
	differs := func(scope string) (checks map[string]string, resources map[string]bool) {
		was, checks, resources := map[string]string{}, map[string]string{}, map[string]bool{}
		key := func(row map[string]any) string {
			return fmt.Sprint(row["recommendation"], " ", row["resource"].(map[string]any)["id"])
		}
		for _, row := range rows(r, "/api/v1/checks?at="+then+scope, owner) {
			was[key(row)] = row["state"].(string)
		}
		for _, row := range rows(r, "/api/v1/checks?"+scope, owner) {
			if at := key(row); was[at] != row["state"] {
				checks[at] = fmt.Sprint(was[at], " ", row["state"])
				resources[row["resource"].(map[string]any)["id"].(string)] = true
			}
		}
		return checks, resources
	}
	for name, scope := range map[string]string{"all": "", "own": "&scope=" + url.QueryEscape(ownUnit), "foreign": "&scope=" + url.QueryEscape(foreignUnit)} {
		t.Run(name, func(t *testing.T) {
			want, resources := differs(scope)
			type body struct {
				Sum    DifferenceSum
				Rows   []DifferenceRow
				Total  int
				Cursor string
			}
			asked := func(by string, limit int) (all body) {
				for cursor := ""; ; {
					page := get[body](r, fmt.Sprintf("/api/v1/difference?before=%s%s&by=%s&limit=%d&cursor=%s", then, scope, by, limit, url.QueryEscape(cursor)), owner)
					all.Sum, all.Total, all.Rows = page.Sum, page.Total, append(all.Rows, page.Rows...)
					if cursor = page.Cursor; cursor == "" {
						return all
					}
				}
			}
			for _, limit := range []int{7, 50, 200} {
				got := map[string]string{}
				by := asked("check", limit)
				for _, row := range by.Rows {
					got[fmt.Sprint(row.Recommendation, " ", row.Resource.ID)] = fmt.Sprint(row.Before, " ", row.After)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) || by.Total != len(want) || by.Sum.Checks != len(want) || len(by.Rows) != len(want) || len(want) == 0 {
					t.Errorf("%d at a time: %d rows, total %d, sum %+v; want %d: %.500v, want %.500v", limit, len(by.Rows), by.Total, by.Sum, len(want), got, want)
				}
				checks := 0
				by = asked("resource", limit)
				for _, row := range by.Rows {
					if checks += row.Checks; !resources[row.Resource.ID] || row.Change != "changed" {
						t.Errorf("a row of %+v", row.Resource)
					}
				}
				if checks != len(want) || by.Total != len(resources) || len(by.Rows) != len(resources) || by.Sum.Changed != len(resources) {
					t.Errorf("%d resources at a time: %d rows with %d checks, total %d, sum %+v", limit, len(by.Rows), checks, by.Total, by.Sum)
				}
			}
			checks := 0
			by := asked("recommendation", 200)
			for _, row := range by.Rows {
				checks += row.Checks
			}
			if checks != len(want) || by.Sum.Recommendations != len(by.Rows) {
				t.Errorf("by recommendation: %d checks, want %d", checks, len(want))
			}
		})
	}
}
