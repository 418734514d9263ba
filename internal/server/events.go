package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// beat is how often a stream of events says that it is alive.
const beat = 20 * time.Second

// Event says that lists changed, as far as who listens sees them. Of what changed
// elsewhere nothing is said.
type Event struct {
	Commit int64    `json:"commit" doc:"as of which they are read anew: at least asOf.commit of the answer"`
	Lists  []string `json:"lists" doc:"that changed"`
	Rows   int      `json:"rows" doc:"resources that came, went or are judged otherwise, and units of which a check that waits for a person is another, of those that you see"`
}

func (s *Server) registerEvents(mux *http.ServeMux) {
	r := route{method: http.MethodGet, path: "/api/v1/events", id: "hear-events", summary: "What changes, as server-sent events", need: seeing}
	s.routes = append(s.routes, r)
	responses := s.problems(map[string]string{"default": "Error"})
	responses["200"] = &huma.Response{Description: "Events until the connection ends, or you may no longer hear them.", Content: map[string]*huma.MediaType{
		"text/event-stream": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[Event](), true, "Event")},
	}}
	s.api.OpenAPI().AddOperation(&huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, Security: []map[string][]string{{"bearer": {}}, {"session": {}}},
		Responses: responses,
	})
	mux.HandleFunc("GET "+r.path, func(w http.ResponseWriter, request *http.Request) {
		if err := s.hear(w, request); err != nil {
			s.fail(w, request, r, err)
		}
	})
}

// hear writes events until the connection ends, or who listens may no longer. An
// error comes before the first byte.
func (s *Server) hear(w http.ResponseWriter, r *http.Request) error {
	ctx, c := r.Context(), callerOf(r.Context())
	if err := s.allow(route{need: signedIn}, c, nil); err != nil {
		return err
	}
	var p problems
	if p.unknown(r.URL.Query(), nil); p.err() != nil {
		return p.err()
	}
	events, stop := s.Follower.Hear()
	defer stop()
	revoked := s.revoked.rung()
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
		told := Event{}
		select {
		case <-ctx.Done():
			return nil
		case <-s.stopping:
			return nil
		case <-revoked:
			revoked = s.revoked.rung()
			if s.stillSees(r) == nil {
				return nil
			}
			continue
		case <-alive.C:
			if s.stillSees(r) == nil {
				return nil
			}
			_, _ = fmt.Fprint(w, ": alive\n\n")
		case e := <-events:
			// By the rights of this moment.
			c := s.stillSees(r)
			if c == nil || s.see(ctx, c, "", func(v *view) (err error) { told, err = s.eventOf(ctx, v, &e); return err }) != nil {
				return nil
			}
			if len(told.Lists) == 0 {
				continue
			}
			text, err := json.Marshal(told)
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

// stillSees gives who has the secret of a request by now; nil if it is good no
// longer, or gives nothing to see.
func (s *Server) stillSees(r *http.Request) *caller {
	secret, _ := secretOf(r)
	credential, err := s.Accounts.Authenticate(r.Context(), secret)
	if err != nil {
		return nil
	}
	c := &caller{credential, addressOf(r.Context())}
	if s.see(r.Context(), c, "", func(*view) error { return nil }) != nil {
		return nil
	}
	return c
}

// eventOf is what is seen of an event; without lists nothing is.
func (s *Server) eventOf(ctx context.Context, v *view, e *follow.Event) (Event, error) {
	told := Event{Commit: int64(e.Commit), Rows: v.among(e.Resources)}
	changed := map[string]bool{}
	if told.Rows > 0 {
		for _, list := range []string{"recommendations", "checks", "resources", "score", "compliance"} {
			changed[list] = true
		}
	}
	sees := v.seeing()
	people := false // what the checks of manual controls follow from may be other
	changed["reads"] = slices.ContainsFunc(e.Reads, func(r ledger.Read) bool { return sees(r.Record.Scope) })
	if slices.ContainsFunc(e.Losses, func(l ledger.Loss) bool { return v.mayBeOf(l.Scope, nil) }) {
		changed["score"] = true // its coverage
	}
	for i := range e.Documents {
		people = v.changedBy(&e.Documents[i], changed) || people
	}
	if e.Clock {
		kept, err := s.documentsOf(ctx, v.commit, ledger.Laid...)
		if err != nil {
			return told, err
		}
		for i := range kept {
			for _, d := range govern.Versions(kept[i : i+1]) {
				if ends := d.Ends(); ends.After(e.From) && !ends.After(e.To) {
					people = v.changedBy(&kept[i], changed) || people
				}
			}
		}
	}
	if people {
		units, err := s.unitsTurned(ctx, v, e)
		if err != nil {
			return told, err
		}
		if len(units) > 0 {
			changed["checks"], changed["compliance"] = true, true
		}
		told.Rows += len(units)
	}
	for _, list := range slices.Sorted(maps.Keys(changed)) {
		if changed[list] {
			told.Lists = append(told.Lists, list)
		}
	}
	return told, nil
}

// changedBy notes the lists that are others by a document, as far as it is seen, and
// reports whether checks of manual controls may be, too.
func (v *view) changedBy(d *ledger.DocumentVersion, changed map[string]bool) (people bool) {
	switch {
	case d.Kind.Lies():
		for _, version := range govern.Versions([]ledger.DocumentVersion{*d}) {
			shown, means := v.shows(version.Document, nil), govern.MayMeanControl(version)
			if shown {
				changed[d.Kind.Plural()] = true
				changed["compliance"] = changed["compliance"] || means
			}
			scope := version.Where().Scope
			people = people || means && (shown || scope != "" && v.touches(scope)) // from above, unseen
		}
	case govern.IsPolicy(d.Kind):
		within, _, _ := govern.SplitPolicyID(d.Kind, d.ID)
		scope := cmp.Or(d.Scope, within, access.Top)
		if v.sees(scope, nil) {
			changed[d.Kind.Plural()] = true
		}
		chooses := d.Kind == ledger.Assignment || d.Kind == ledger.Standard // what is measured by which standard
		people = chooses && v.touches(scope)
		changed["compliance"] = changed["compliance"] || people
	}
	return people
}

// touches reports whether what is seen lies at, below or above a scope.
func (v *view) touches(scope string) bool {
	t := tree(v.x)
	return v.sees(scope, nil) || slices.ContainsFunc(v.visible, func(top string) bool { return t.Covers(scope, top) })
}

// among counts those of some resources that are seen, or were until they went.
func (v *view) among(resources []uint32) int {
	rows, sees, known := v.x.Select(v.filter()).Among(resources), v.seeing(), map[string]bool{}
	for _, n := range resources {
		if v.x.Here(n) {
			continue
		}
		place := v.x.PlaceOf(n)
		seen, asked := known[place]
		if !asked {
			seen = sees(place)
			known[place] = seen
		}
		if seen {
			rows++
		}
	}
	return rows
}

// bell tells many at once that something happened.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
}

// rung is closed when the bell rings next.
func (b *bell) rung() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
