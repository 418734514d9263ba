package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// samples are requests, by route, that are good for who may see everything; an
// import is of nothing that would stay.
var samples = map[string]string{
	"get-openapi":             "",
	"get-docs":                "",
	"get-session":             "",
	"sign-out":                "",
	"list-recommendations":    "facets=unit,cloud&group=unit&open=!none",
	"list-checks":             "facets=unit,type&limit=200",
	"list-resources":          "facets=unit,type&limit=200",
	"get-resource":            "id=" + url.QueryEscape(ownID),
	"explain-check":           "recommendation=" + storageRule + "&id=" + url.QueryEscape(ownID),
	"list-versions":           "id=" + url.QueryEscape(ownID),
	"get-resource-difference": "before=1&id=" + url.QueryEscape(ownID),
	"list-scopes":             "",
	"get-score":               "",
	"get-score-history":       "scope=" + url.QueryEscape(ownUnit),
	"get-coverage":            "",
	"get-not-read":            "",
	"list-compliance":         "",
	"get-overview":            "",
	"search-all":              "q=m",
	"get-difference":          "by=check&before=2026-11-22T12:00:05Z",
	"list-reads":              "",
	"get-compliance":          "",
	"get-compliance-history":  "",
	"import-inventory":        "",
	"hear-events":             "",
	"list-audit":              "",
	"get-metrics":             "",

	"list-exemptions": "", "write-exemption": "dryRun=true", "delete-exemption": "id=none",
	"list-attestations": "state=active", "write-attestation": "dryRun=true", "delete-attestation": "id=none",
	"list-disablings": "scope=%2F", "write-disabling": "dryRun=true", "delete-disabling": "id=none",

	"list-views": "", "keep-view": "", "delete-view": "id=none", "get-preferences": "", "set-preferences": "",

	"list-jobs": "", "get-job": "id=none", "delete-job": "id=none",
	"create-export": "", "get-export": "list=resources&format=jsonl", "get-export-result": "id=none",
	"list-definitions": "", "write-definition": "dryRun=true", "delete-definition": "id=none", "get-definition": "id=" + url.QueryEscape(govern.PolicyID(ledger.Definition, ownUnit, "house")),
	"list-initiatives": "", "write-initiative": "dryRun=true", "delete-initiative": "id=none", "get-initiative": "id=" + url.QueryEscape(govern.PolicyID(ledger.Initiative, ownUnit, "house")),
	"list-assignments": "", "write-assignment": "dryRun=true", "delete-assignment": "id=none", "get-assignment": "id=" + url.QueryEscape(govern.PolicyID(ledger.Assignment, ownUnit, "house")),
	"list-standards": "", "write-standard": "dryRun=true&id=house&scope=" + url.QueryEscape(foreignUnit), "delete-standard": "id=none", "get-standard": "id=" + url.QueryEscape(govern.PolicyID(ledger.Standard, ownUnit, "house")),
	"list-aliases": "", "write-alias-table": "dryRun=true&id=house", "delete-alias-table": "id=none", "get-alias-table": "id=house",
	"run-query": "", "delete-query": "", "complete-query": "", "hover-query": "", "explain-query": "", "get-query-schema": "", "list-queries": "",
	"get-sign-on-settings": "", "set-sign-on-settings": "dryRun=true", "delete-sign-on-settings": "name=none",

	"list-users": "", "create-user": "", "delete-user": "id=nobody",
	"list-service-principals": "", "create-service-principal": "dryRun=true", "delete-service-principal": "id=nobody",
	"list-roles": "", "create-role": "", "delete-role": "id=none",
	"list-tokens": "", "create-token": "", "delete-token": "id=none",
}

// bodies are those of samples that are sent with one. What they ask for is not
// there, so that nothing comes of them.
var bodies = map[string]string{
	"import-inventory":         `{"bartizan":"read","scope":"` + ownUnit + `","type":"*","complete":true}`,
	"set-sign-on-settings":     `{"name":"x","issuer":"ftp://x","clientId":"x"}`,
	"create-user":              `{"name":"x","password":"short"}`,
	"create-service-principal": `{"name":"robot","role":"reader","scope":"` + foreignUnit + `"}`,
	"create-role":              `{"principal":"nobody","role":"reader","scope":"` + foreignUnit + `"}`,
	"keep-view":                `{"name":"x","page":"overview","shared":true,"scope":"` + foreignUnit + `"}`,
	"create-export":            `{"list":"resources","format":"csv"}`,
	"set-preferences":          `{"theme":"dark"}`,
	"write-exemption":          `{"resources":[{"id":"` + foreignID + `"}],"category":"waiver","reason":"x"}`,
	"write-attestation":        `{"scope":"` + foreignUnit + `","recommendation":"` + manualRule + `","state":"healthy","text":"x"}`,
	"write-disabling":          `{"scope":"` + foreignUnit + `","recommendation":"` + storageRule + `","reason":"x"}`,
	"write-definition":         definition(foreignUnit, "house", "audit"),
	"write-initiative":         `{"id":"` + govern.PolicyID(ledger.Initiative, foreignUnit, "house") + `","properties":{"policyDefinitions":[{"policyDefinitionId":"` + govern.PolicyID(ledger.Definition, foreignUnit, "house") + `"}]}}`,
	"write-assignment":         assigning(foreignUnit, "house", govern.PolicyID(ledger.Initiative, foreignUnit, "house"), ""),
	"write-standard":           `{"title":"House of ` + foreignUnit + `","authority":"us","version":"1","clouds":["azure"],"controls":[{"id":"H-1","title":"HTTPS","policies":["` + govern.PolicyID(ledger.Definition, foreignUnit, "house") + `"]}]}`,
	"write-alias-table":        `{"Microsoft.House/rooms":{"doors":"properties.doors"}}`,
	"run-query":                `{"query":"union resources, resourcecontainers, authorizationresources, securityresources, policyresources | project id, name, tags"}`,
	"complete-query":           `{"query":"res","offset":3}`,
	"hover-query":              `{"query":"resources","offset":3}`,
	"explain-query":            `{"query":"resources | take 1"}`,
	"create-token":             `{"name":"x","role":"owner","scope":"` + foreignUnit + `","expires":"30d"}`,
}

const (
	ownUnit     = "/subscriptions/11111111-1111-1111-1111-111111111111"
	foreignUnit = "/subscriptions/22222222-2222-2222-2222-222222222222"
	ownID       = ownUnit + "/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/mine"
	storageRule = "storage-secure-transfer"
	manualRule  = "subscription-emergency-access-tested"
	foreignID   = foreignUnit + "/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/theirs"
)

func storageAccount(id string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"type":"Microsoft.Storage/storageAccounts","location":"westeurope","kind":"StorageV2","properties":{"supportsHttpsTrafficOnly":false}}`, id, id[strings.LastIndexByte(id, '/')+1:])
}

// definition wants storage accounts to take HTTPS only.
func definition(scope, name, effect string) string {
	return fmt.Sprintf(`{"id":%q,"properties":{"displayName":"HTTPS of the house","metadata":{"severity":"low"},"parameters":{"wanted":{"type":"String","defaultValue":"true"}},"policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Storage/storageAccounts"},{"field":"Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly","notEquals":"[parameters('wanted')]"}]},"then":{"effect":%q}}}}`,
		govern.PolicyID(ledger.Definition, scope, name), effect)
}

func assigning(scope, name, what, more string) string {
	return fmt.Sprintf(`{"id":%q,"properties":{"scope":%q,"policyDefinitionId":%q%s}}`, govern.PolicyID(ledger.Assignment, scope, name), scope, what, more)
}

// twoCompanies is a server with two roots, of one resource each.
func twoCompanies(t *testing.T) (*running, string) {
	t.Helper()
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	for root, id := range map[string]string{"own": ownID, "foreign": foreignID} {
		if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root="+root, owner, storageAccount(id)+"\n"); status != http.StatusOK {
			t.Fatalf("import: %d %s", status, text)
		}
	}
	return r, owner
}

// TestRights: every route, by whoever asks, answers what it has to: nobody known
// is told to sign in, who has no role sees nothing, and nobody hears a word of a
// root in which he has no role.
func TestRights(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r, owner := twoCompanies(t)
	for _, unit := range []string{ownUnit, foreignUnit} { // for lists to be cut down
		for noun, body := range map[string]string{
			"exemptions": bodies["write-exemption"], "attestations": bodies["write-attestation"], "disablings": bodies["write-disabling"],
		} {
			if unit == ownUnit {
				body = strings.NewReplacer(foreignID, ownID, foreignUnit, ownUnit).Replace(body)
			}
			if status, text := r.ask(http.MethodPost, "/api/v1/"+noun, owner, body); status != http.StatusOK {
				t.Fatalf("%s: %d %s", noun, status, text)
			}
		}
	}
	for _, noun := range []string{"definition", "initiative", "assignment", "standard"} {
		for _, unit := range []string{ownUnit, foreignUnit} {
			scope := ""
			if noun == "standard" {
				scope = "?id=house&scope=" + url.QueryEscape(unit)
			}
			if status, text := r.ask(http.MethodPost, "/api/v1/"+noun+"s"+scope, owner, strings.ReplaceAll(bodies["write-"+noun], foreignUnit, unit)); status != http.StatusOK {
				t.Fatalf("%s: %d %s", noun, status, text)
			}
		}
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/aliases?id=house", owner, bodies["write-alias-table"]); status != http.StatusOK {
		t.Fatalf("aliases: %d %s", status, text)
	}
	type asker struct {
		name, token string
		role        access.Role
		scope       string
	}
	askers := []asker{{name: "nobody"}, {name: "without a role", token: r.token("without", 0, "")}}
	for _, role := range access.Roles {
		for _, scope := range []string{"/", "own", ownUnit, ownUnit + "/resourceGroups/g"} {
			name := role.String() + " at " + scope
			askers = append(askers, asker{name, r.token(fmt.Sprint("user", len(askers)), role, scope), role, scope})
		}
	}
	for _, route := range r.server.routes {
		query, ok := samples[route.id]
		if !ok && route.need != anybody {
			t.Errorf("%s has no sample here", route.id)
			continue
		}
		if route.need == anybody || route.id == "hear-events" || route.id == "sign-out" {
			continue
		}
		target := strings.NewReplacer("{standard}", "mcsb-v1", "{id}", "none").Replace(route.path) + "?" + query
		for _, a := range askers {
			status, text := r.ask(route.method, target, a.token, bodies[route.id])
			if want := wantedStatus(route, a.role, a.scope); !slices.Contains(want, status) {
				t.Errorf("%s by %s: %d, want %v: %s", route.id, a.name, status, want, text)
			}
			told := strings.NewReplacer(foreignID, "", foreignUnit, "").Replace(string(text)) // what was asked for may be repeated
			if asked := strings.Contains(bodies[route.id], foreignUnit); a.scope != "/" && strings.Contains(string(text), "22222222-") && (!asked || strings.Contains(told, "22222222-")) {
				t.Errorf("%s by %s tells of another root: %s", route.id, a.name, text)
			}
			if a.scope == "/" && route.id == "list-resources" && !strings.Contains(string(text), foreignID) {
				t.Errorf("%s by %s does not tell of all: %s", route.id, a.name, text)
			}
		}
	}
}

func wantedStatus(r route, role access.Role, scope string) []int {
	ok := []int{http.StatusOK, http.StatusNoContent}
	switch {
	case r.id == "list-service-principals" && !role.Gives(access.ManageAccess):
		return []int{http.StatusUnauthorized, http.StatusForbidden}
	case role == 0 && r.need == seeing:
		return []int{http.StatusUnauthorized, http.StatusForbidden}
	case role == 0 && r.need == signedIn && strings.HasPrefix(r.id, "list-") || role == 0 && (r.id == "get-session" || r.id == "get-openapi" || r.id == "get-docs"):
		return append(ok, http.StatusUnauthorized)
	case r.id == "import-inventory":
		if !role.Gives(access.Run) {
			return []int{http.StatusForbidden, http.StatusUnauthorized}
		}
		return append(ok, http.StatusUnprocessableEntity) // several roots: one has to be named
	case r.id == "get-metrics":
		switch {
		case role == 0:
			return []int{http.StatusUnauthorized, http.StatusForbidden}
		case scope != "/":
			return []int{http.StatusForbidden}
		}
		return ok
	case r.right == access.Administer && r.need == having:
		switch {
		case role == 0:
			return []int{http.StatusUnauthorized, http.StatusForbidden}
		case !role.Gives(access.Administer) || scope != "/":
			return []int{http.StatusForbidden}
		}
		return append(ok, http.StatusUnprocessableEntity, http.StatusNotFound) // nothing comes of the sample
	case r.id == "create-role":
		if scope == "/" && role.Gives(access.ManageAccess) {
			return []int{http.StatusNotFound} // no such principal
		}
		return []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}
	case r.id == "create-service-principal":
		if scope == "/" && role.Gives(access.ManageAccess) {
			return ok
		}
		return []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}
	case r.id == "create-token":
		if scope == "/" && role == access.Owner {
			return []int{http.StatusCreated}
		}
		return []int{http.StatusUnauthorized, http.StatusForbidden}
	case r.id == "keep-view": // shared where only who sees all may
		if role == 0 || scope != "/" {
			return []int{http.StatusNotFound, http.StatusUnauthorized}
		}
		return ok
	case r.id == "get-job", r.id == "get-export-result":
		return []int{http.StatusNotFound, http.StatusUnauthorized}
	case r.id == "create-export":
		if role == 0 {
			return []int{http.StatusForbidden, http.StatusUnauthorized}
		}
		return []int{http.StatusAccepted}
	case strings.HasSuffix(r.id, "-preferences"):
		return append(ok, http.StatusUnauthorized)
	case strings.HasPrefix(r.id, "write-"):
		switch {
		case role == 0:
			return []int{http.StatusUnauthorized, http.StatusForbidden}
		case !role.Gives(access.Govern):
			return []int{http.StatusForbidden}
		case scope != "/":
			return []int{http.StatusNotFound}
		}
		return ok
	case strings.HasPrefix(r.id, "delete-"):
		return []int{http.StatusNotFound, http.StatusUnauthorized}
	case slices.Contains([]string{"get-definition", "get-initiative", "get-assignment", "get-standard"}, r.id) && strings.Contains(scope, "resourceGroups"):
		return []int{http.StatusNotFound} // it is kept above
	case r.id == "get-alias-table" && scope != "/":
		return []int{http.StatusNotFound} // it is kept above all
	case r.id == "list-audit" && !role.Gives(access.SeeAudit):
		return []int{http.StatusForbidden}
	case r.id == "get-score-history" && strings.Contains(scope, "resourceGroups"):
		return []int{http.StatusNotFound}
	}
	return ok
}

// TestImportRights: who may import at one unit writes nothing elsewhere, and
// hears nothing of it.
func TestImportRights(t *testing.T) {
	r, owner := twoCompanies(t)
	mine := r.token("contributor", access.Contributor, ownUnit)
	changed := strings.ReplaceAll(storageAccount(ownID)+"\n"+storageAccount(foreignID), "westeurope", "northeurope")
	status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", mine, changed)
	if status != http.StatusOK || !strings.Contains(string(text), `"changed":1`) || !strings.Contains(string(text), `"rejected":[{`) {
		t.Errorf("import: %d %s", status, text)
	}
	for id, location := range map[string]string{ownID: "northeurope", foreignID: "westeurope"} {
		if one := get[map[string]any](r, "/api/v1/resource?id="+url.QueryEscape(id), owner); one["location"] != location {
			t.Errorf("%s is in %v, want %s", id, one["location"], location)
		}
	}
	gone := `{"bartizan":"read","scope":"` + foreignUnit + `","type":"*","complete":true}`
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", mine, gone); status != http.StatusOK || !strings.Contains(string(text), `"deleted":0`) ||
		!strings.Contains(string(text), "1 read records of "+foreignUnit) {
		t.Errorf("a complete read of another's unit: %d %s", status, text)
	}
	tells := map[string]string{} // by root that is asked for
	for _, root := range []string{"new", "foreign", "Foreign", foreignUnit} {
		status, text := r.ask(http.MethodPost, "/api/v1/inventory?root="+url.QueryEscape(root), mine, storageAccount(ownID))
		if tells[root] = strings.ReplaceAll(string(text), root, "ROOT"); status != http.StatusNotFound || tells[root] != tells["new"] {
			t.Errorf("root %s: %d %s", root, status, text)
		}
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory", mine, changed); status != http.StatusOK {
		t.Errorf("without a root: %d %s", status, text)
	}
	early := r.token("early", access.Contributor, "/subscriptions/33333333-3333-3333-3333-333333333333")
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory", early, changed); status != http.StatusUnprocessableEntity || strings.Contains(string(text), "own") {
		t.Errorf("of a unit that nobody knows yet: %d %s", status, text)
	}
	if jobs, _ := json.Marshal(get[map[string]any](r, "/api/v1/jobs", mine)); strings.Contains(string(jobs), "foreign") {
		t.Errorf("jobs: %s", jobs)
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/resource?id="+url.QueryEscape(foreignID), mine, ""); status != http.StatusNotFound {
		t.Errorf("another's resource: %d, want 404", status)
	}
}

// TestProtection: only the server's own names are answered, and pages of others
// do not act in a browser's name.
func TestProtection(t *testing.T) {
	r := newRunning(t)
	tests := map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"own":            {func(*http.Request) {}, http.StatusUnauthorized},
		"another_host":   {func(q *http.Request) { q.Host = "evil.example" }, http.StatusMisdirectedRequest},
		"another_origin": {func(q *http.Request) { q.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		"another_site":   {func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		"own_origin":     {func(q *http.Request) { q.Header.Set("Origin", "http://127.0.0.1:7410") }, http.StatusUnauthorized},
		"bad_token":      {func(q *http.Request) { q.Header.Set("Authorization", "Bearer bzt_nonsense") }, http.StatusUnauthorized},
		"long_address":   {func(q *http.Request) { q.URL.RawQuery = strings.Repeat("a", 20<<10) }, http.StatusRequestURITooLong},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, header := r.post("/api/v1/inventory", test.change)
			if status != test.want {
				t.Errorf("%d, want %d", status, test.want)
			}
			if header.Get("Content-Security-Policy") == "" || header.Get("X-Request-Id") == "" || header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("headers: %v", header)
			}
		})
	}
}

// TestImportRightsOfGroup: who may import at a resource group alone writes there,
// what is new and what is known, and nothing beside it.
func TestImportRightsOfGroup(t *testing.T) {
	r, owner := twoCompanies(t)
	group := ownUnit + "/resourceGroups/g"
	beside := strings.Replace(ownID, "resourceGroups/g/", "resourceGroups/h/", 1)
	r.imported(owner, "root=own", storageAccount(beside))
	mine := r.token("contributor", access.Contributor, group)
	record := fmt.Sprintf(`{"id":%q,"name":"g","type":"Microsoft.Resources/resourceGroups","location":"westeurope","tags":{"owner":"anna"},"properties":{}}`, group)
	changed := strings.ReplaceAll(strings.Join([]string{storageAccount(ownID), storageAccount(ownID + "2"), record, storageAccount(beside), storageAccount(beside + "2"), storageAccount(foreignID)}, "\n"), "westeurope", "northeurope")
	is := r.imported(mine, "", changed)
	if is.New != 2 || is.Changed != 1 || is.Unchanged != 0 || is.Read != 3 || len(is.Rejected) != 2 {
		t.Errorf("%+v, want two new ones and one changed; two records of the unit and one of the other are not for it", is)
	}
	if is := r.imported(mine, "", changed); is.Unchanged != 3 || is.Read != 3 || len(is.Rejected) != 2 {
		t.Errorf("again: %+v, want the same three as they were", is)
	}
	for id, location := range map[string]string{ownID: "northeurope", beside: "westeurope", foreignID: "westeurope"} {
		if one := get[map[string]any](r, "/api/v1/resource?id="+url.QueryEscape(id), owner); one["location"] != location {
			t.Errorf("%s is in %v, want %s", id, one["location"], location)
		}
	}
	if is := r.imported(mine, "", `{"bartizan":"read","scope":"`+group+`","type":"*","complete":true}`+"\n"+`{"bartizan":"read","scope":"`+ownUnit+`","type":"*","complete":true}`); len(is.Reads) != 1 || len(is.Rejected) != 1 {
		t.Errorf("reads: %+v, want that of the group alone", is)
	}
	unknown := strings.ReplaceAll(group, "1111", "4444")
	elsewhere := r.token("early", access.Contributor, unknown)
	r.ask(http.MethodPost, "/api/v1/inventory?root=own", elsewhere, storageAccount(unknown+"/providers/Microsoft.Storage/storageAccounts/x"))
	if got := total(r, "/api/v1/resources", owner); got != 5 {
		t.Errorf("%d resources, want 5: of a group whose unit is not known nothing", got)
	}
}
