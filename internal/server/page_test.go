package server

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
)

var (
	pageID   = regexp.MustCompile(` id="([^"]*)"`)
	pageLink = regexp.MustCompile(` href="#([^"]*)"`)
	pageURL  = regexp.MustCompile(`(?:src|href|action|url)\s*[=(]\s*"?(?:https?:)?//`)
)

// TestDocsPage: every route stands on the page, its links lead somewhere, and
// nothing on it runs or comes from elsewhere.
func TestDocsPage(t *testing.T) {
	r := newRunning(t)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/docs", nil)
	request.Host = "127.0.0.1:7410"
	request.Header.Set("Authorization", "Bearer "+r.token("anna", access.Reader, "/"))
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	text := answer.Body.String()
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", answer.Code, answer.Header())
	}
	ids := map[string]int{}
	for _, found := range pageID.FindAllStringSubmatch(text, -1) {
		ids[found[1]]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %s is there %d times", id, n)
		}
	}
	links := pageLink.FindAllStringSubmatch(text, -1)
	for _, found := range links {
		if ids[found[1]] == 0 {
			t.Errorf("a link leads to #%s, which is not there", found[1])
		}
	}
	if len(links) < 20 {
		t.Errorf("%d links", len(links))
	}
	for _, route := range r.server.routes {
		if ids[route.id] == 0 && route.id != "get-docs" && route.id != "get-metrics" {
			t.Errorf("%s %s (%s) is not on the page", route.method, route.path, route.id)
		}
	}
	nonce := regexp.MustCompile(`style-src 'nonce-([A-Z0-9]+)'`).FindStringSubmatch(answer.Header().Get("Content-Security-Policy"))
	if nonce == nil || strings.Count(text, "<style nonce=\""+nonce[1]+"\">") != 1 || !strings.Contains(answer.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("policy %q", answer.Header().Get("Content-Security-Policy"))
	}
	if strings.Contains(text, "<script") || strings.Contains(text, " style=\"") || strings.Contains(text, " on") && regexp.MustCompile(`<[^>]* on[a-z]+=`).MatchString(text) || pageURL.MatchString(text) {
		t.Error("something on the page runs, or comes from elsewhere")
	}
}

// TestPage_escapes: no text becomes a tag.
func TestPage_escapes(t *testing.T) {
	evil := `"><script>alert(1)</script>`
	api := &huma.OpenAPI{
		OpenAPI: "3.1.0", Info: &huma.Info{Title: evil, Version: evil}, Components: &huma.Components{Schemas: huma.NewMapRegistry("#/", huma.DefaultSchemaNamer)},
		Paths: map[string]*huma.PathItem{"/api/v1/" + evil: {Get: &huma.Operation{
			OperationID: evil, Summary: evil, Description: evil,
			Parameters:  []*huma.Param{{Name: evil, In: evil, Description: evil, Schema: &huma.Schema{Type: evil, Enum: []any{evil}}}},
			RequestBody: &huma.RequestBody{Description: evil, Content: map[string]*huma.MediaType{evil: {Schema: &huma.Schema{Ref: evil}}}},
			Responses: map[string]*huma.Response{evil: {Description: evil, Content: map[string]*huma.MediaType{evil: {
				Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{evil: {Type: evil, Description: evil}}},
			}}}},
		}}},
	}
	p := page{api: api}
	p.write("nonce", "")
	if strings.Contains(p.String(), "<script") {
		t.Error(p.String())
	}
}

// TestNotRouted: what no route answers is told as a problem, of other methods with
// those that are answered.
func TestNotRouted(t *testing.T) {
	r := newRunning(t)
	for target, want := range map[string]struct {
		method string
		status int
		allow  string
	}{
		"/api/v1/nothing":   {http.MethodGet, http.StatusNotFound, ""},
		"/api":              {http.MethodPost, http.StatusNotFound, ""},
		"/nothing":          {http.MethodGet, http.StatusNotFound, ""},
		"/api/v1/checks":    {http.MethodPatch, http.StatusMethodNotAllowed, "GET, HEAD"},
		"/api/v1/inventory": {http.MethodGet, http.StatusMethodNotAllowed, "POST"},
	} {
		request := httptest.NewRequestWithContext(t.Context(), want.method, target, http.NoBody)
		request.Host = "127.0.0.1:7410"
		answer := httptest.NewRecorder()
		r.server.ServeHTTP(answer, request)
		said := got[huma.ErrorModel](t, answer.Body.Bytes())
		if answer.Code != want.status || said.Status != want.status || said.Detail == "" || answer.Header().Get("Content-Type") != "application/problem+json" || answer.Header().Get("Allow") != want.allow {
			t.Errorf("%s %s: %d %v %s", want.method, target, answer.Code, answer.Header(), answer.Body)
		}
	}
}

// TestErrorsDescribed: every route says what an error of it looks like.
func TestErrorsDescribed(t *testing.T) {
	r := newRunning(t)
	for path, item := range r.server.api.OpenAPI().Paths {
		for _, o := range operationsOf(item) {
			wrong := 0
			for status, response := range o.Responses {
				if status >= "4" && len(response.Content) > 0 {
					wrong++
				}
			}
			if wrong == 0 {
				t.Errorf("%s of %s describes no error", o.OperationID, path)
			}
		}
	}
	for path, statuses := range map[string]string{signOnPath + "/{provider}": "404 429 502", signOnPath + "/{provider}/call-back": "401 404", "/{root}/oauth2/v2.0/token": "400 401 429 503"} {
		o := operationsOf(r.server.api.OpenAPI().Paths[path])[0]
		for _, status := range strings.Fields(statuses) {
			if o.Responses[status] == nil {
				t.Errorf("%s does not describe %s", path, status)
			}
		}
	}
}
