package server

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

type openAPIOutput struct{ Body any }

func (s *Server) registerOpenAPI() {
	handle(s, route{method: http.MethodGet, path: "/api/openapi.json", id: "get-openapi", summary: "The description of this API (OpenAPI 3.1)", need: signedIn},
		func(context.Context, *caller, *struct{}) (*openAPIOutput, error) {
			return &openAPIOutput{s.api.OpenAPI()}, nil
		})
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func queryParameters(names ...string) []*huma.Param {
	var all []*huma.Param
	for _, name := range names {
		all = append(all, &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: huma.TypeString}})
	}
	return all
}

// problems describes answers with some statuses as problems.
func (s *Server) problems(statuses map[string]string) map[string]*huma.Response {
	all := map[string]*huma.Response{}
	for status, words := range statuses {
		all[status] = &huma.Response{Description: words, Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[huma.ErrorModel](), true, "ErrorModel")},
		}}
	}
	return all
}

// fail answers with an error of a route that is no operation of huma's.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, of route, err error) {
	shown, internal := answerable(err)
	if internal && r.Context().Err() == nil {
		s.Log.ErrorContext(r.Context(), of.summary, "route", of.id, "error", err)
	}
	writeError(w, shown)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
