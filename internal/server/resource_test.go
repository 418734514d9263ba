package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestResource_tells_why: a check comes with the values that decided it, now and
// as of then, and with the whole trace for who asks; history says what changed.
func TestResource_tells_why(t *testing.T) {
	r, owner := twoCompanies(t)
	then := r.now
	fixed := strings.Replace(storageAccount(ownID), `"supportsHttpsTrafficOnly":false`, `"supportsHttpsTrafficOnly":true`, 1)
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", owner, fixed); status != http.StatusOK {
		t.Fatalf("import: %d %s", status, text)
	}
	path := "?id=" + url.QueryEscape(ownID)
	evidence := func(more string) string {
		one := get[ResourceBody](r, "/api/v1/resource"+path+"&recommendation="+storageRule+more, owner)
		if len(one.Checks) != 1 {
			t.Fatalf("checks %+v, want that of %s alone", one.Checks, storageRule)
		}
		c := one.Checks[0]
		return fmt.Sprintf("%s %+v %s", c.State, c.Evidence, c.EvidenceMissing)
	}
	for more, want := range map[string]string{
		"": "healthy [{Path:properties.supportsHttpsTrafficOnly Found:true Absent:false Wanted:equals true Resource: Hidden:false}] ",
		"&at=" + url.QueryEscape(then.Format("2006-01-02T15:04:05Z")): "unhealthy [{Path:properties.supportsHttpsTrafficOnly Found:false Absent:false Wanted:equals true Resource: Hidden:false}] ",
		"&evidence=false": "healthy [] ",
	} {
		if got := evidence(more); got != want {
			t.Errorf("evidence%s: %s, want %s", more, got, want)
		}
	}
	told := get[struct{ Text string }](r, "/api/v1/resource/explain"+path+"&recommendation="+storageRule, owner)
	if !strings.HasPrefix(told.Text, "state: healthy\n") || !strings.Contains(told.Text, "supportsHttpsTrafficOnly") {
		t.Errorf("explain: %s", told.Text)
	}
	history := get[struct{ Rows []VersionRow }](r, "/api/v1/resource/versions"+path, owner)
	if len(history.Rows) != 2 {
		t.Fatalf("history %+v, want two versions", history.Rows)
	}
	newest := history.Rows[0]
	if got := fmt.Sprintf("%s %s>%s", newest.Properties[0].Path, newest.Properties[0].Before, newest.Properties[0].After); len(newest.Properties) != 1 || got != "properties.supportsHttpsTrafficOnly false>true" || newest.Kind != "import" || newest.Actor == "" {
		t.Errorf("newest version %+v", newest)
	}
	if !slices.Contains(newest.Checks, CheckChange{RuleName{Recommendation: storageRule}, posture.Unhealthy, posture.Healthy, posture.NoReason, "estate"}) {
		t.Errorf("verdicts of the newest version %+v", newest.Checks)
	}
	first := history.Rows[1]
	if len(first.Properties) != 1 || first.Properties[0].Before != nil || !slices.ContainsFunc(first.Checks, func(c CheckChange) bool { return c.Recommendation == storageRule && c.Before == 0 }) {
		t.Errorf("first version %+v", first)
	}
	between := get[struct {
		Properties []PropertyChange
		Checks     []CheckChange
	}](r, fmt.Sprintf("/api/v1/resource/difference%s&before=%d", path, first.Commit), owner)
	if diff := cmp.Diff(newest.Properties, between.Properties); diff != "" || len(between.Checks) != len(newest.Checks) {
		t.Errorf("difference of the two %+v (-versions +difference):\n%s", between, diff)
	}
	page := get[struct {
		Rows   []VersionRow
		Cursor string
	}](r, "/api/v1/resource/versions"+path+"&limit=1", owner)
	rest := get[struct{ Rows []VersionRow }](r, "/api/v1/resource/versions"+path+"&limit=1&cursor="+page.Cursor, owner)
	if diff := cmp.Diff(history.Rows, append(page.Rows, rest.Rows...)); diff != "" {
		t.Errorf("page by page (-all +pages):\n%s", diff)
	}
}

// TestResource_that_is_gone: its history stays, for who may see where it was.
func TestResource_that_is_gone(t *testing.T) {
	r, owner := twoCompanies(t)
	gone := `{"bartizan":"read","scope":"` + ownUnit + `","type":"*","complete":true}` + "\n"
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", owner, gone); status != http.StatusOK || !strings.Contains(string(text), `"deleted":1`) {
		t.Fatalf("import: %d %s", status, text)
	}
	path := "/api/v1/resource/versions?id=" + url.QueryEscape(ownID)
	history := get[struct{ Rows []VersionRow }](r, path, r.token("own", access.Reader, "own"))
	if len(history.Rows) != 2 || !history.Rows[0].Gone || history.Rows[1].Gone {
		t.Errorf("history %+v, want that it went", history.Rows)
	}
	if status, text := r.ask(http.MethodGet, path, r.token("foreign", access.Reader, "foreign"), ""); status != http.StatusNotFound {
		t.Errorf("for a reader of another root: %d %s, want 404", status, text)
	}
}

// TestResourceCheck_take: what comes out otherwise than it is kept is no evidence.
func TestResourceCheck_take(t *testing.T) {
	found := func(state posture.State) *posture.Check {
		return &posture.Check{Judged: state, Evidence: []posture.Evidence{{Path: "a"}}}
	}
	tests := map[string]struct {
		kept    Check
		found   posture.State
		pieces  int
		missing bool
	}{
		"same":                   {Check{State: posture.Unhealthy, Judged: posture.Unhealthy}, posture.Unhealthy, 1, false},
		"beneath_an_exemption":   {Check{State: posture.Exempt, Judged: posture.Unhealthy}, posture.Unhealthy, 1, false},
		"another":                {Check{State: posture.Healthy, Judged: posture.Healthy}, posture.Unhealthy, 0, true},
		"attested":               {Check{State: posture.Healthy, Judged: posture.Healthy, Attested: true}, posture.Manual, 0, false},
		"another_under_a_waiver": {Check{State: posture.Exempt, Judged: posture.Healthy}, posture.Unhealthy, 0, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := ResourceCheck{Check: test.kept}
			c.take(found(test.found))
			if len(c.Evidence) != test.pieces || (c.EvidenceMissing != "") != test.missing {
				t.Errorf("%d pieces, missing %q", len(c.Evidence), c.EvidenceMissing)
			}
		})
	}
}

// TestLeaveOut: who sees a group of a unit hears nothing of related resources in
// other groups.
func TestLeaveOut(t *testing.T) {
	const own, other = "/subscriptions/s/resourceGroups/own/x", "/subscriptions/s/resourceGroups/other/x"
	e := &assess.Explanation{Explanation: &policy.Explanation{
		Related:  &policy.RelatedTrace{Candidates: []policy.CandidateTrace{{ID: own}, {ID: other}}},
		Evidence: []policy.Evidence{{Path: "related"}, {Path: "a", Resource: other}},
	}}
	hidden := leaveOut(e, func(scope string) bool { return strings.Contains(scope, "/own/") })
	if hidden != 1 || len(e.Related.Candidates) != 1 || e.Related.Candidates[0].ID != own || len(e.Evidence) != 1 {
		t.Errorf("%d hidden, left %+v and %+v", hidden, e.Related.Candidates, e.Evidence)
	}
}
