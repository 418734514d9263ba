package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// explained is what the server answers to who asks how a check came about.
type explained struct {
	Text        string
	Explanation struct {
		State      string
		References []struct {
			Exempt   bool
			Category string
		}
	}
}

// TestExplain_policy: a policy whose parameters come from where it is assigned is
// explained with them, and an exempt check of it is exempt in all references.
func TestExplain_policy(t *testing.T) {
	r, _ := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	id := govern.PolicyID(ledger.Definition, ownUnit, "house")
	needs := strings.Replace(definition(ownUnit, "house", "audit"), `,"defaultValue":"true"`, "", 1)
	if needs == definition(ownUnit, "house", "audit") {
		t.Fatal("the definition has no default to take out: " + needs)
	}
	r.writes(http.MethodPost, "/api/v1/definitions", admin, needs)
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "strict", id, `,"parameters":{"wanted":{"value":"true"}}`))
	path := "/api/v1/resource/explain?id=" + url.QueryEscape(ownID) + "&recommendation=" + url.QueryEscape(id)
	told := get[explained](r, path, admin)
	if e := told.Explanation; e.State != "unhealthy" || len(e.References) != 1 || e.References[0].Exempt || !strings.Contains(told.Text, `"true"`) {
		t.Errorf("explained: %+v", told)
	}
	r.writes(http.MethodPost, "/api/v1/exemptions", admin, `{"scope":"`+ownUnit+`","recommendations":["`+id+`"],"category":"waiver","reason":"x"}`)
	told = get[explained](r, path, admin)
	if e := told.Explanation; e.State != "exempt" || len(e.References) != 1 || !e.References[0].Exempt || e.References[0].Category != "waiver" {
		t.Errorf("explained when exempt: %+v", told)
	}
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "lax", id, `,"parameters":{"wanted":{"value":"false"}}`))
	if text := get[explained](r, path, admin).Text; strings.Count(text, "state: ") != 2 || strings.Count(text, "with parameters ") != 1 {
		t.Errorf("explained with two sets of parameters: %s", text)
	}
}
