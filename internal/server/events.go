package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/index"
)

// beat is how often a stream of events says that it is alive.
const beat = 20 * time.Second

// Event says that lists changed.
type Event struct {
	Commit int64    `json:"commit"`
	Lists  []string `json:"lists" doc:"that changed"`
	Rows   int      `json:"rows" doc:"resources, of those that you see"`
}

func (s *Server) registerEvents(mux *http.ServeMux) {
	r := route{method: http.MethodGet, path: "/api/v1/events", id: "hear-events", summary: "What changes, as server-sent events", need: seeing}
	s.routes = append(s.routes, r)
	s.api.OpenAPI().AddOperation(&huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, Security: []map[string][]string{{"bearer": {}}, {"session": {}}},
		Responses: map[string]*huma.Response{"200": {Description: "Events until the connection ends.", Content: map[string]*huma.MediaType{
			"text/event-stream": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[Event](), true, "Event")},
		}}},
	})
	mux.HandleFunc("GET "+r.path, func(w http.ResponseWriter, request *http.Request) {
		if err := s.hear(w, request); err != nil {
			s.fail(w, request, r, err)
		}
	})
}

// hear writes events until the connection ends. An error comes before the first
// byte.
func (s *Server) hear(w http.ResponseWriter, r *http.Request) error {
	ctx, c := r.Context(), callerOf(r.Context())
	if err := s.allow(route{need: signedIn}, c, nil); err != nil {
		return err
	}
	events, stop := s.Follower.Hear()
	defer stop()
	if err := s.see(ctx, c, "", func(*view) error { return nil }); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	_, _ = fmt.Fprint(w, ": listening\n\n")
	_ = out.Flush()
	alive := time.NewTicker(beat)
	defer alive.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.stopping:
			return nil
		case <-alive.C:
			// A session that was ended, or lost its roles, hears nothing any more.
			if secret, _ := secretOf(r); !s.stillGood(r, secret) {
				return nil
			}
			_, _ = fmt.Fprint(w, ": alive\n\n")
		case e := <-events:
			rows := 0
			if err := s.see(ctx, c, "", func(v *view) error {
				rows = v.x.Select(v.filter()).Among(e.Resources)
				return nil
			}); err != nil {
				return nil
			}
			if rows == 0 && !e.Clock {
				continue
			}
			lists := []string{"recommendations", "checks", "resources", "score", "compliance"}
			if e.Clock {
				lists = append(lists, "exemptions", "attestations", "disablings")
			}
			text, err := json.Marshal(Event{int64(e.Commit), lists, rows})
			if err != nil {
				return nil
			}
			_, _ = fmt.Fprintf(w, "event: changed\nid: %d\ndata: %s\n\n", e.Commit, text)
		}
		if out.Flush() != nil {
			return nil
		}
	}
}

func (s *Server) stillGood(r *http.Request, secret string) bool {
	credential, err := s.Accounts.Authenticate(r.Context(), secret)
	if err != nil {
		return false
	}
	good := false
	_ = s.Follower.Read(func(x *index.Index) error {
		good = !credential.Caller.Visible(tree(x)).None()
		return nil
	})
	return good
}
