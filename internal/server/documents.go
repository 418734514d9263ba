package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/score"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// Standing is what is told of a document besides what it says.
type Standing struct {
	Active bool  `json:"active" doc:"it holds; without it, it has expired"`
	Commit int64 `json:"commit" doc:"that wrote it"`
}

// ExemptionRow is an exemption.
type ExemptionRow struct {
	govern.Exemption
	Standing
}

// AttestationRow is an attestation.
type AttestationRow struct {
	govern.Attestation
	Standing
}

// DisablingRow is a recommendation that is disabled at a scope.
type DisablingRow struct {
	govern.Disabling
	Standing
}

// Written is what a change of a document came to, or would.
type Written struct {
	ID          string   `json:"id,omitempty" doc:"of the document; none of several"`
	Documents   int      `json:"documents,omitempty" doc:"how many, of several that came at once"`
	Commit      int64    `json:"commit,omitempty" doc:"none if nothing was written"`
	Checks      int      `json:"checks" doc:"that show otherwise, those of controls that wait for a person too, each once a unit"`
	Resources   int      `json:"resources" doc:"that they are of"`
	ScoreBefore *float64 `json:"scoreBefore" doc:"of where the document lies, as far as you see it: its scope, or the units of its resources"`
	ScoreAfter  *float64 `json:"scoreAfter"`
	Warnings    []string `json:"warnings,omitempty" doc:"what its author should look at, with line and column"`
	Undo        *Undo    `json:"undo,omitempty" doc:"the request that takes this back; none of several documents"`
}

// tell takes over what a preview says.
func (w *Written) tell(p *estate.Preview) {
	w.Checks, w.Resources, w.ScoreBefore, w.ScoreAfter = p.Checks, p.Resources, percentOf(&p.Before), percentOf(&p.After)
}

// Undo is a request that takes another one back.
type Undo struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body,omitempty"`
}

type documentsInput struct {
	At     string   `query:"at" doc:"as of then: a day (its end, UTC) or an instant; now without it"`
	Scope  []string `query:"scope,explode" doc:"ids of scopes: what lies there or below; any of them" maxItems:"100"`
	State  string   `query:"state" enum:"active,expired"`
	Limit  int      `query:"limit" default:"50" minimum:"1" maximum:"200"`
	Cursor string   `query:"cursor" doc:"of the page before" maxLength:"200"`
}

type documentInput struct {
	DryRun  bool   `query:"dryRun" doc:"only say what it would do"`
	RawBody []byte `contentType:"application/json"`
}

type removedInput struct {
	ID     string `query:"id" required:"true" maxLength:"400"`
	DryRun bool   `query:"dryRun" doc:"only say what it would do"`
}

type writtenOutput struct{ Body Written }

// documents are a noun whose rows are documents of one kind.
type documents[R any] struct {
	server *Server
	kind   ledger.DocumentKind
	row    func(govern.Document, Standing) R
}

func (s *Server) exemptions() documents[ExemptionRow] {
	return documents[ExemptionRow]{s, ledger.ExemptionOf, func(d govern.Document, st Standing) ExemptionRow { return ExemptionRow{*d.(*govern.Exemption), st} }}
}

func (s *Server) attestations() documents[AttestationRow] {
	return documents[AttestationRow]{s, ledger.AttestationOf, func(d govern.Document, st Standing) AttestationRow {
		return AttestationRow{*d.(*govern.Attestation), st}
	}}
}

func (s *Server) disablings() documents[DisablingRow] {
	return documents[DisablingRow]{s, ledger.Disabling, func(d govern.Document, st Standing) DisablingRow { return DisablingRow{*d.(*govern.Disabling), st} }}
}

func (s *Server) registerDocuments() {
	s.exemptions().register("grant an exemption, or change one: effective at once; also a policyExemption as Azure writes it", typeOf[govern.Exemption]())
	s.attestations().register("say how a manual check stands", typeOf[govern.Attestation]())
	s.disablings().register("disable a recommendation at a scope and below", typeOf[govern.Disabling]())
}

// noun is the last part of the path.
func (d documents[R]) noun() string { return string(d.kind) + "s" }

func (d documents[R]) path() string { return "/api/v1/" + d.noun() }

func (d documents[R]) register(what string, body reflect.Type) {
	s, word := d.server, string(d.kind)
	handle(s, route{method: http.MethodGet, path: d.path(), id: "list-" + d.noun(), summary: "List " + d.noun() + ", the latest first", need: seeing}, d.list)
	handle(s, route{
		method: http.MethodPost, path: d.path(), id: "write-" + word, summary: strings.ToUpper(what[:1]) + what[1:], need: signedIn, document: govern.MaxSize,
	}, d.write)
	handle(s, route{method: http.MethodDelete, path: d.path(), id: "delete-" + word, summary: "Withdraw one of the " + d.noun(), need: signedIn}, d.remove)
	// Who sends a document that is not one is told all that is wrong with it, by govern.
	s.api.OpenAPI().Paths[d.path()].Post.RequestBody.Content["application/json"].Schema = s.api.OpenAPI().Components.Schemas.Schema(body, true, word)
}

func (d documents[R]) list(ctx context.Context, c *caller, in *documentsInput) (*Listed[R], error) {
	out := &Listed[R]{}
	return out, d.server.see(ctx, c, in.At, func(v *view) (err error) {
		out.Body, err = d.of(ctx, v, in)
		return err
	})
}

func (d documents[R]) of(ctx context.Context, v *view, in *documentsInput) (List[R], error) {
	list := List[R]{Rows: []R{}, Unit: d.noun(), AsOf: v.asOf(), Hidden: v.hidden}
	if err := v.lacks(in.Scope); err != nil {
		return list, err
	}
	kept, err := d.server.Store.Documents(ctx, v.commit, d.kind)
	if err != nil {
		return list, err
	}
	if d.kind == ledger.ExemptionOf {
		list.Query = exemptionsQuery(in.State)
	}
	at, after, begun := v.at, in.Cursor, in.Cursor == ""
	if at.IsZero() {
		at = d.server.Now()
	}
	versions := govern.Versions(kept)
	for _, version := range slices.Backward(versions) {
		active := govern.Holds(version.Document, at)
		if in.State != "" && active != (in.State == "active") || !v.shows(version.Document, in.Scope) {
			continue
		}
		list.Total++
		switch last := len(list.Rows); {
		case !begun:
			begun = version.Name() == after
		case last < in.Limit:
			list.Rows = append(list.Rows, d.row(version.Document, Standing{active, int64(version.Since)}))
			after = version.Name()
		default:
			list.Cursor = after
		}
	}
	if !begun {
		var p problems
		p.add("cursor", "want that of the page before; what was its last row is no longer there", in.Cursor)
		return list, p.err()
	}
	return list, nil
}

// shows leaves of a document what is seen of it, and reports whether there is
// something, at or below one of some scopes. What lies above all that is seen is
// not shown.
func (v *view) shows(d govern.Document, scopes []string) bool {
	place := d.Where()
	if place.Scope != "" {
		return v.sees(place.Scope, scopes)
	}
	place.Resources = slices.DeleteFunc(place.Resources, func(r govern.Resource) bool {
		scope, _ := scopeOf(v.x, &r)
		return !v.sees(scope, scopes)
	})
	return len(place.Resources) > 0
}

// scopeOf gives the narrowest scope of a resource, "/" of one that is not known,
// and whether it is there now.
func scopeOf(x *index.Index, r *govern.Resource) (scope string, there bool) {
	n, ok := x.Find(r.Key())
	if !ok {
		return access.Top, false
	}
	_, there = x.Resource(n)
	return cmp.Or(x.PlaceOf(n), access.Top), there
}

// documentID is the form of ids that the server gives. Others are not taken, so
// that nobody learns from an id that is taken which ones there are.
var documentID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func (d documents[R]) write(ctx context.Context, c *caller, in *documentInput) (*writtenOutput, error) {
	s := d.server
	if err := s.maySomewhere(c, access.Govern); err != nil {
		return nil, err
	}
	document, err := govern.Parse(d.kind, in.RawBody)
	if err != nil {
		return nil, err
	}
	if err := s.checkDocument(c, document); err != nil {
		return nil, err
	}
	if err := s.see(ctx, c, "", func(v *view) error { return estate.NameWholly(v.x.Select(v.filter()), document) }); err != nil {
		return nil, err
	}
	if err := s.mayLay(c, document, true); err != nil {
		return nil, err
	}
	warnings, err := s.Estate.CheckReferences(document, func(p *govern.Policy) bool { return s.mayNamePolicy(c, p, document) })
	if err != nil {
		return nil, err
	}
	id := document.Name()
	if id == "" {
		if id, err = access.NewID(s.Accounts.Random); err != nil {
			return nil, err
		}
	}
	out, err := d.change(ctx, c, id, document, in.DryRun)
	if err == nil {
		out.Body.Warnings = append(warnings, out.Body.Warnings...)
	}
	return out, err
}

func (d documents[R]) remove(ctx context.Context, c *caller, in *removedInput) (*writtenOutput, error) {
	return d.change(ctx, c, strings.ToLower(in.ID), nil, in.DryRun)
}

// change writes a document or, without one, removes it.
func (d documents[R]) change(ctx context.Context, c *caller, id string, document govern.Document, dryRun bool) (*writtenOutput, error) {
	met := map[string]bool{}
	return d.server.govern(ctx, func() (*writtenOutput, error) {
		before, err := d.standing(c, id, document == nil)
		if err != nil {
			return nil, err
		}
		var text []byte
		if before != nil {
			if text, err = govern.Text(before); err != nil {
				return nil, err
			}
		}
		if met[string(text)] = true; len(met) > 1 { // another server changed it meanwhile
			return nil, huma.Error409Conflict("somebody else has changed the " + d.kind.Words() + " meanwhile; try again")
		}
		return d.putIn(ctx, c, id, before, document, dryRun)
	})
}

// govern makes a change to what lies over verdicts or judges, one at a time. Where another
// server committed meanwhile it is made anew, on what there is then.
func (s *Server) govern(ctx context.Context, change func() (*writtenOutput, error)) (out *writtenOutput, err error) {
	s.governing.Lock()
	defer s.governing.Unlock()
	for range mostMoves {
		fresh, err := s.refresh(ctx)
		if err != nil {
			return nil, err
		}
		if out, err = change(); !errors.Is(err, estate.ErrMoved) || !fresh {
			return out, err
		}
	}
	return nil, estate.ErrMoved
}

// putIn writes a document in place of another, or removes that.
func (d documents[R]) putIn(ctx context.Context, c *caller, id string, before, document govern.Document, dryRun bool) (*writtenOutput, error) {
	s := d.server
	out := &writtenOutput{Written{ID: id}}
	if err := s.preview(ctx, c, &out.Body, d.kind, before, document); err != nil {
		return nil, err
	}
	if _, is := document.(*govern.Attestation); is && before == nil && out.Body.Checks == 0 && govern.Holds(document, s.Now()) {
		out.Body.Warnings = append(out.Body.Warnings, "recommendation: it changes no check: none there waits for a person, or it stands so already; a control of a standard waits in a subscription, account, project or group of machines as a whole")
	}
	if dryRun {
		return out, nil
	}
	commit, err := ledger.Commit{}, error(nil)
	if document == nil {
		commit, err = s.Estate.RemoveDocument(ctx, c.by(), d.kind, id)
	} else {
		var text []byte
		if text, err = govern.Text(document); err == nil {
			commit, err = s.Estate.SetDocument(ctx, c.by(), d.kind, id, text)
		}
	}
	if err != nil {
		return nil, err
	}
	if out.Body.Commit = int64(commit.Number); commit.Number == 0 { // it said that already
		return out, nil
	}
	if out.Body.Undo, err = d.undo(id, before); err != nil {
		return nil, err
	}
	return out, s.Follower.CatchUp(ctx)
}

// standing gives the document that there is under an id, nil for none. One that
// who asks does not see is not there.
func (d documents[R]) standing(c *caller, id string, needed bool) (govern.Document, error) {
	missing := huma.Error404NotFound("there is no " + string(d.kind) + " " + id)
	before, ok := d.server.Estate.Document(d.kind, id)
	switch {
	case !ok && needed:
		return nil, missing
	case !ok:
		return nil, nil
	}
	err := d.server.mayLay(c, before, false)
	var status huma.StatusError
	if errors.As(err, &status) && status.GetStatus() == http.StatusNotFound {
		return nil, missing
	}
	return before, err
}

func (d documents[R]) undo(id string, before govern.Document) (*Undo, error) {
	if before == nil {
		return &Undo{Method: http.MethodDelete, Path: d.path() + "?id=" + url.QueryEscape(id)}, nil
	}
	text, err := govern.Text(before)
	return &Undo{Method: http.MethodPost, Path: d.path(), Body: text}, err
}

// preview says what a change would do to what who asks sees.
func (s *Server) preview(ctx context.Context, c *caller, out *Written, kind ledger.DocumentKind, before, document govern.Document) error {
	of := s.seenBy(c)
	for _, d := range []govern.Document{before, document} {
		if d != nil {
			of.Scopes = append(of.Scopes, s.Estate.Scopes(d)...)
		}
	}
	p, err := s.Estate.PreviewDocument(ctx, kind, out.ID, document, of)
	if err != nil {
		return err
	}
	out.tell(p)
	out.Warnings = append(out.Warnings, p.Warnings...)
	return s.previewManual(ctx, c, out, before, document)
}

// seenBy is a filter that leaves what somebody sees.
func (s *Server) seenBy(c *caller) (of index.Filter) {
	_ = s.Follower.Read(func(x *index.Index) error {
		if visible := c.Caller.Visible(tree(x)); !visible.All() {
			of.Visible = visible.Tops
		}
		return nil
	})
	return of
}

func percentOf(s *score.Score) *float64 {
	if !s.HasScore {
		return nil
	}
	return &s.Percent
}

// checkDocument refuses an id that the server did not give, and recommendations
// that there are not.
func (s *Server) checkDocument(c *caller, d govern.Document) error {
	var wrong govern.Problems
	exemption, _ := d.(*govern.Exemption)
	if id := d.Name(); id != "" && !documentID.MatchString(id) && (exemption == nil || !exemption.IsAzures()) {
		wrong = append(wrong, govern.Problem{Path: "id", Want: "leave it out, and the server gives one; or give that of one which the server made"})
	}
	var known []string
	for _, id := range d.Rules() {
		if s.content[id] != nil || s.mayName(c, id, d) || s.isManualControl(c, id, d) {
			continue
		}
		if known == nil {
			for id := range s.content {
				known = append(known, id)
			}
			slices.Sort(known)
		}
		wrong = append(wrong, govern.Problem{Path: "recommendations", Want: "there is no recommendation " + id + spelling.Meant(id, known)})
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// mayName reports whether an id is that of a definition that a document may name.
func (s *Server) mayName(c *caller, id string, d govern.Document) bool {
	p, ok := s.Estate.Policies().Find(ledger.Definition, id)
	return ok && s.mayNamePolicy(c, p, d)
}

// mayNamePolicy reports whether who asks sees a policy document, or it is kept above
// what another one is about.
func (s *Server) mayNamePolicy(c *caller, p *govern.Policy, d govern.Document) (may bool) {
	_ = s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		may = c.Caller.May(access.See, p.Scope, scopes) || d.Where().Scope != "" && scopes.Covers(p.Scope, d.Where().Scope)
		return nil
	})
	return may
}

// mayLay refuses who may not govern where a document lies. A new one has to lie
// where there is something.
func (s *Server) mayLay(c *caller, d govern.Document, isNew bool) error {
	place := d.Where()
	if place.Scope != "" {
		return s.mayKeep(c, place.Scope, isNew)
	}
	return s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		for i := range place.Resources {
			r := &place.Resources[i]
			scope, there := scopeOf(x, r)
			if err := mayGovern(c, scopes, scope, there || !isNew, "resource "+r.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func mayGovern(c *caller, scopes *access.Tree, scope string, known bool, what string) error {
	switch {
	case !known, !c.Caller.May(access.See, scope, scopes):
		return huma.Error404NotFound("there is no " + what)
	case !c.Caller.May(access.Govern, scope, scopes):
		return huma.Error403Forbidden("this needs the right to " + access.Govern.Words() + " at " + scope + ", which a role there or above gives")
	}
	return nil
}

// RunClock writes what ends by itself, when it does, until the context ends. It
// gives the error that stopped it, nil for the context.
func (s *Server) RunClock(ctx context.Context) error {
	events, stop := s.Follower.Hear() // which lays anew at the same instants
	defer stop()
	for {
		switch err := s.tick(ctx); {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, estate.ErrMoved):
			continue
		case err != nil:
			return err
		}
		for clock := false; !clock; {
			select {
			case <-ctx.Done():
				return nil
			case e := <-events:
				clock = e.Clock
			}
		}
	}
}

func (s *Server) tick(ctx context.Context) error {
	_, err := s.refresh(ctx)
	if err == nil {
		_, err = s.Estate.Tick(ctx)
	}
	return err
}

// refresh takes in what other processes changed, unless an import is under way,
// which has done so when it began; then it is not fresh.
func (s *Server) refresh(ctx context.Context) (fresh bool, err error) {
	if !s.importing.TryLock() {
		return false, nil
	}
	defer s.importing.Unlock()
	return true, s.Estate.Refresh(ctx)
}
