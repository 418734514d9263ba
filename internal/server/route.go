package server

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// need is what a route wants of who asks.
type need uint8

const (
	anybody  need = iota // nothing
	signedIn             // to be somebody
	seeing               // to see something; the answer is cut down to that
	having               // the route's right at the scope that the request names
)

// route is one of the API.
type route struct {
	method, path, id, summary string
	need                      need
	right                     access.Right // of having
	status                    int          // of success; 0 for 200
	document                  int64        // the body is a document of so many bytes at most, whose problems its own reader tells
	slow                      bool         // it may take minutes
	live                      bool         // the answer is of more than the posture, so that its tag follows from its body
}

// DryRun is a parameter of every write.
type DryRun struct {
	DryRun bool `query:"dryRun" doc:"check everything and say what would be; nothing is written, and no secret given"`
}

// isDryRun reports whether nothing is to be written.
func (d DryRun) isDryRun() bool { return d.DryRun }

// checkDryRun refuses a dryRun that is empty, such as of a variable that is not set:
// whoever names it does not want to write.
func checkDryRun(ctx huma.Context) error {
	request, _ := humago.Unwrap(ctx)
	if query := request.URL.Query(); slices.Contains(query["dryRun"], "") {
		var p problems
		p.add("dryRun", "want true or false", "")
		return p.err()
	}
	return nil
}

// madeStatus is the status of an answer that would tell of something new.
func (d DryRun) madeStatus(status int) int {
	if d.DryRun {
		return http.StatusOK
	}
	return status
}

// targeted is an input that names the scope at which a right is wanted.
type targeted interface{ target() string }

// handle registers a route. Who may not what it needs does not come to work.
func handle[I, O any](s *Server, r route, work func(context.Context, *caller, *I) (*O, error)) {
	s.routes = append(s.routes, r)
	operation := huma.Operation{Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, DefaultStatus: r.status}
	if r.need != anybody {
		operation.Security = []map[string][]string{{"bearer": {}}, {"session": {}}}
	}
	if r.document > 0 {
		operation.MaxBodyBytes, operation.SkipValidateBody = r.document, true
	}
	if r.slow {
		operation.BodyReadTimeout = -1 // one that has passed would end the request
	}
	_, targets := any(new(I)).(targeted)
	operation.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		before := r // what is wrong with a request is for those who may send it
		if targets {
			before.need = min(r.need, signedIn)
		}
		if err := s.allow(before, callerOf(ctx.Context()), nil); err != nil {
			answerError(ctx, err)
			return
		}
		if r.method != http.MethodGet {
			if err := checkDryRun(ctx); err != nil {
				answerError(ctx, err)
				return
			}
		}
		if r.need == seeing && !r.live && s.unchanged(ctx) {
			return
		}
		if r.live && r.method == http.MethodGet {
			answerTagged(ctx, next)
			return
		}
		next(ctx)
	}}
	defer func() {
		made := s.api.OpenAPI().Paths[r.path].Post
		if _, tries := any(new(I)).(interface{ isDryRun() bool }); tries && (r.status == http.StatusCreated || r.status == http.StatusAccepted) {
			told := made.Responses[strconv.Itoa(r.status)]
			made.Responses["200"] = &huma.Response{Description: "Of a dry run: what would be made, without id and secret", Content: told.Content}
		}
	}()
	huma.Register(s.api, operation, func(ctx context.Context, in *I) (*O, error) {
		c := callerOf(ctx)
		if targets {
			if err := s.allow(r, c, in); err != nil {
				return nil, err
			}
		}
		out, err := work(ctx, c, in)
		if err == nil {
			if l, ok := any(out).(interface{ count() }); ok {
				l.count()
			}
			return out, nil
		}
		shown, internal := answerable(err)
		if internal && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, r.summary, "route", r.id, "error", err)
		}
		return nil, shown
	})
}

// allow refuses who may not what a route needs. What one may not see is not there.
func (s *Server) allow(r route, c *caller, in any) error {
	if r.need == anybody {
		return nil
	}
	if c == nil {
		return huma.ErrorWithHeaders(huma.Error401Unauthorized("who asks is not known: sign in, or send a token as Authorization: Bearer"), http.Header{
			"WWW-Authenticate": {"Bearer"},
		})
	}
	if r.need != having {
		return nil
	}
	scope := access.Top
	if t, ok := in.(targeted); ok {
		scope = t.target()
	}
	return s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		switch {
		case c.Caller.May(r.right, scope, scopes):
			return nil
		case c.Caller.May(access.See, scope, scopes) || scope == access.Top:
			return huma.Error403Forbidden("this needs the right to " + r.right.Words() + " at " + scope + ", which a role there or above gives")
		default:
			return huma.Error404NotFound("there is no scope " + scope)
		}
	})
}

// view is what somebody sees of one moment.
type view struct {
	x       *index.Index
	visible []string // nil is all
	nodes   *access.Visible
	today   func(scope string) bool // of a past moment: whether a scope is there and seen now
	hidden  int
	at      time.Time // asked for; zero for now
	commit  ledger.Number
}

// filter begins a filter with what is seen.
func (v *view) filter() index.Filter { return index.Filter{Visible: v.visible} }

// see lends the posture of a moment, as far as who asks may see it: rights are
// those of today.
func (s *Server) see(ctx context.Context, c *caller, at string, call func(*view) error) error {
	v := view{}
	if err := s.Follower.Read(func(now *index.Index) error {
		visible := c.Caller.Visible(tree(now))
		if visible.None() {
			return huma.Error403Forbidden("no role lets you see anything here; who owns the server can give one")
		}
		t := tree(now)
		v.nodes, v.hidden = visible, visible.Hidden
		v.today = func(scope string) bool { return t.RootOf(scope) != "" && visible.Of(scope) != access.Outside }
		if !visible.All() {
			v.visible = visible.Tops
		}
		if at == "" {
			v.x, v.commit = now, now.Commit()
			return call(&v)
		}
		return nil
	}); err != nil || at == "" {
		return err
	}
	when, err := parseInstant(at)
	if err != nil {
		return huma.Error422UnprocessableEntity("the parameter at", err)
	}
	if when.After(s.Now()) {
		return huma.Error422UnprocessableEntity("the parameter at is in the future: " + at)
	}
	n, err := s.Store.At(ctx, when)
	if err != nil {
		return err
	}
	if err := s.isKept(ctx, n, at); err != nil {
		return err
	}
	v.at, v.commit = when, n
	return s.Follower.ReadAt(ctx, n, when, func(x *index.Index) error {
		v.x, v.nodes = x, c.Caller.Visible(tree(x))
		return call(&v)
	})
}

// has reports whether who asks may ask about a scope: it is there, then or now, and seen
// in part at least. Tags and / mean whatever is seen.
func (v *view) has(scope string) bool {
	if scope == access.Top || strings.HasPrefix(scope, "tag:") {
		return true
	}
	if _, node := tree(v.x).Scope(scope); node {
		return v.nodes.Of(scope) != access.Outside
	}
	if !v.at.IsZero() && v.today(scope) {
		return true // it came later
	}
	f := v.filter()
	f.Scopes = []string{scope}
	return v.x.Select(f).Resources() > 0
}

// lacks refuses scopes that are not there, or not seen: in the same words.
func (v *view) lacks(scopes []string) error {
	for _, scope := range scopes {
		if !v.has(scope) {
			return noScope(scope)
		}
	}
	return nil
}

func noScope(scope string) error { return huma.Error404NotFound("there is no scope " + scope) }

// isKept refuses what was before history begins, as of a commit: with the oldest one
// that is kept, which at first is the first one. At is what was asked for.
func (s *Server) isKept(ctx context.Context, n ledger.Number, at string) error {
	oldest, err := s.Store.Oldest(ctx)
	if oldest = max(oldest, 1); err != nil || n >= oldest {
		return err
	}
	begin, err := s.commit(ctx, oldest)
	if err != nil {
		return err
	}
	return huma.NewError(http.StatusGone, "what was at "+at+" is not kept; history begins at "+begin.At.UTC().Format(time.RFC3339)+", with commit "+strconv.FormatInt(int64(oldest), 10))
}

// parseInstant reads an instant of RFC 3339, or a day, which means its end.
func parseInstant(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Millisecond), nil
	}
	if at, err := time.Parse("2006-01-02T15:04Z07:00", text); err == nil {
		return at.UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, &huma.ErrorDetail{Message: "want a day such as 2026-09-30 or an instant such as 2026-09-30T23:59:00Z", Location: "query.at", Value: text}
	}
	return at.UTC(), nil
}
