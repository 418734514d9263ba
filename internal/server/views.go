package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// ViewRow is a page with its parameters under a name.
type ViewRow struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Page       string         `json:"page" doc:"such as recommendations"`
	Scope      string         `json:"scope" doc:"where it stands: who sees this scope sees a view that is shared"`
	Shared     bool           `json:"shared"`
	Own        bool           `json:"own" doc:"it is yours, so that you may change it"`
	Owner      string         `json:"owner" doc:"id of a principal"`
	Parameters map[string]any `json:"parameters" doc:"of the page, as it wants them"`
	Created    time.Time      `json:"created"`
	Changed    time.Time      `json:"changed"`
}

// NewView is a view as it is to be.
type NewView struct {
	ID         string         `json:"id,omitempty" doc:"of one of your views, to change it; without it there will be another one" maxLength:"100"`
	Name       string         `json:"name" minLength:"1" maxLength:"200"`
	Page       string         `json:"page" doc:"such as recommendations" minLength:"1" maxLength:"100"`
	Scope      string         `json:"scope,omitempty" doc:"/ without it" maxLength:"2000"`
	Shared     bool           `json:"shared,omitempty" doc:"with who sees the scope; else it is yours alone"`
	Parameters map[string]any `json:"parameters,omitempty" doc:"of the page; at most 16 KiB as JSON"`
}

type viewsInput struct {
	Page  string   `query:"page" doc:"only those of this page" maxLength:"100"`
	Scope []string `query:"scope,explode" doc:"only those that stand at these scopes or below" maxItems:"100"`
}

type viewsOutput struct{ Body Page[ViewRow] }

type viewInput struct {
	DryRun
	Body NewView
}

type viewOutput struct{ Body ViewRow }

type preferencesInput struct {
	DryRun
	Body map[string]any `doc:"a small object of any members; at most 16 KiB as JSON"`
}

type preferencesOutput struct {
	Body map[string]any
}

const (
	mostViews = 200      // of one principal
	mostSaved = 16 << 10 // bytes of parameters or preferences
)

func (s *Server) registerViews() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/views", id: "list-views", summary: "List your views and those that are shared at scopes that you see, by name", need: signedIn}, s.views)
	handle(s, route{method: http.MethodPost, path: "/api/v1/views", id: "keep-view", summary: "Keep a page with its parameters under a name, for yourself or shared at a scope", need: signedIn}, s.keepView)
	handle(s, route{method: http.MethodDelete, path: "/api/v1/views", id: "delete-view", summary: "Remove a view: your own, or a shared one where you manage access", need: signedIn, status: http.StatusNoContent}, s.removeView)
	handle(s, route{method: http.MethodGet, path: "/api/v1/preferences", id: "get-preferences", summary: "What you prefer: theme, density, columns", need: signedIn}, s.preferences)
	handle(s, route{method: http.MethodPut, path: "/api/v1/preferences", id: "set-preferences", summary: "Keep what you prefer, in the place of what was kept", need: signedIn}, s.setPreferences)
}

// viewsSeen gives the views that who asks may see.
func (s *Server) viewsSeen(ctx context.Context, c *caller) ([]ledger.SavedView, error) {
	all, err := s.Store.Views(ctx, c.Caller.Principal.ID)
	if err != nil {
		return nil, err
	}
	return all, s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		all = slices.DeleteFunc(all, func(v ledger.SavedView) bool {
			return v.Owner != c.Caller.Principal.ID && !c.Caller.May(access.See, v.Scope, scopes)
		})
		return nil
	})
}

func (s *Server) views(ctx context.Context, c *caller, in *viewsInput) (*viewsOutput, error) {
	if len(in.Scope) > 0 {
		if err := s.see(ctx, c, "", func(v *view) error { return v.lacks(in.Scope) }); err != nil {
			return nil, err
		}
	}
	all, err := s.viewsSeen(ctx, c)
	if err != nil {
		return nil, err
	}
	var rows []ViewRow
	err = s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		for _, v := range all {
			at := len(in.Scope) == 0 || slices.ContainsFunc(in.Scope, func(top string) bool { return scopes.Covers(top, v.Scope) })
			if at && (in.Page == "" || v.Page == in.Page) {
				rows = append(rows, viewRow(&v, c))
			}
		}
		return nil
	})
	return &viewsOutput{pageOf("views", rows)}, err
}

func viewRow(v *ledger.SavedView, c *caller) ViewRow {
	row := ViewRow{
		ID: v.ID, Name: v.Name, Page: v.Page, Scope: v.Scope, Shared: v.Shared, Own: v.Owner == c.Caller.Principal.ID, Owner: v.Owner, Created: v.Created, Changed: v.Changed,
	}
	_ = json.Unmarshal(v.Parameters, &row.Parameters) // it was written as one
	return row
}

func (s *Server) keepView(ctx context.Context, c *caller, in *viewInput) (*viewOutput, error) {
	b := &in.Body
	parameters, err := smallObject("body.parameters", b.Parameters)
	if err != nil {
		return nil, err
	}
	v := ledger.SavedView{
		ID: b.ID, Owner: c.Caller.Principal.ID, Name: strings.TrimSpace(b.Name), Page: b.Page, Scope: cmp.Or(b.Scope, access.Top), Shared: b.Shared,
		Parameters: parameters, Created: s.Now().UTC().Truncate(time.Millisecond),
	}
	v.Changed = v.Created
	before, err := s.ownView(ctx, c, v.ID)
	if err != nil {
		return nil, err
	}
	if v.ID == "" {
		if v.ID, err = access.NewID(s.Accounts.Random); err != nil {
			return nil, err
		}
	} else {
		v.Created = before.Created
	}
	if b.Shared && !s.may(c, access.See, v.Scope) {
		return nil, huma.Error404NotFound("there is no scope " + v.Scope)
	}
	if in.DryRun.DryRun {
		if b.ID == "" {
			err = s.roomForView(ctx, c)
		}
		v.ID = b.ID
		return &viewOutput{viewRow(&v, c)}, err
	}
	var told []ledger.AuditEntry
	if b.Shared || before.Shared {
		told = append(told, s.tells(c, "view.write", &v, map[string]any{"name": v.Name, "page": v.Page, "shared": v.Shared}))
	}
	if err := s.Store.PutView(ctx, v, mostViews, told...); err != nil {
		return nil, err
	}
	return &viewOutput{viewRow(&v, c)}, nil
}

// roomForView refuses who has as many views as one may have.
func (s *Server) roomForView(ctx context.Context, c *caller) error {
	all, err := s.Store.Views(ctx, c.Caller.Principal.ID)
	own := 0
	for _, v := range all {
		if v.Owner == c.Caller.Principal.ID {
			own++
		}
	}
	if err == nil && own >= mostViews {
		err = access.Errorf(access.Invalid, "views: one has at most %d; remove one before", mostViews)
	}
	return err
}

// ownView gives one of the caller's own views; the zero one for "".
func (s *Server) ownView(ctx context.Context, c *caller, id string) (ledger.SavedView, error) {
	if id == "" {
		return ledger.SavedView{}, nil
	}
	all, err := s.viewsSeen(ctx, c)
	if err != nil {
		return ledger.SavedView{}, err
	}
	at := slices.IndexFunc(all, func(v ledger.SavedView) bool { return v.ID == id })
	switch {
	case at < 0:
		return ledger.SavedView{}, huma.Error404NotFound("there is no view " + id)
	case all[at].Owner != c.Caller.Principal.ID:
		return ledger.SavedView{}, huma.Error403Forbidden("the view is another's; keep one of your own with the same parameters")
	}
	return all[at], nil
}

// tells is the entry of the audit log about a view.
func (s *Server) tells(c *caller, action string, v *ledger.SavedView, detail map[string]any) ledger.AuditEntry {
	return s.entry(c, action, v.ID, v.Scope, detail)
}

// entry is one of the audit log about what is no commit.
func (s *Server) entry(c *caller, action, object, scope string, detail map[string]any) ledger.AuditEntry {
	text, _ := json.Marshal(detail) // of texts and truths there is no error
	by := c.by()
	return ledger.AuditEntry{At: s.Now(), Actor: by.ID, Name: by.Name, From: by.From, Action: action, Object: object, Scope: scope, Detail: text}
}

func (s *Server) removeView(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
	all, err := s.viewsSeen(ctx, c)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(v ledger.SavedView) bool { return v.ID == in.ID })
	if at < 0 {
		return nil, huma.Error404NotFound("there is no view " + in.ID)
	}
	v := &all[at]
	if v.Owner != c.Caller.Principal.ID && !s.may(c, access.ManageAccess, v.Scope) {
		return nil, huma.Error403Forbidden("removing another's view needs the right to " + access.ManageAccess.Words() + " at " + v.Scope)
	}
	if in.DryRun.DryRun {
		return nil, nil
	}
	var told []ledger.AuditEntry
	if v.Shared {
		told = append(told, s.tells(c, "view.remove", v, map[string]any{"name": v.Name}))
	}
	return nil, s.Store.RemoveView(ctx, v.ID, told...)
}

// smallObject writes an object as JSON, and refuses one that is large.
func smallObject(at string, of map[string]any) ([]byte, error) {
	if of == nil {
		of = map[string]any{}
	}
	text, err := json.Marshal(of)
	if err != nil {
		return nil, err
	}
	if len(text) > mostSaved {
		return nil, huma.Error422UnprocessableEntity("this is too large to be kept", &huma.ErrorDetail{
			Location: at, Message: fmt.Sprintf("want at most %d bytes as JSON, not %d", mostSaved, len(text)),
		})
	}
	return text, nil
}

func (s *Server) preferences(ctx context.Context, c *caller, _ *struct{}) (*preferencesOutput, error) {
	out := &preferencesOutput{Body: map[string]any{}}
	text, err := s.Store.Preferences(ctx, c.Caller.Principal.ID)
	if err == nil && text != nil {
		err = json.Unmarshal(text, &out.Body)
	}
	return out, err
}

func (s *Server) setPreferences(ctx context.Context, c *caller, in *preferencesInput) (*preferencesOutput, error) {
	text, err := smallObject("body", in.Body)
	if err != nil || in.DryRun.DryRun {
		return &preferencesOutput{in.Body}, err
	}
	own := c.Caller.Principal.ID
	return &preferencesOutput{in.Body}, s.Store.SetPreferences(ctx, own, text, s.Now(), s.entry(c, "preferences.write", own, access.Top, map[string]any{"bytes": len(text)}))
}
