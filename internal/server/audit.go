package server

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// AuditRow is who did what, to what.
type AuditRow struct {
	Number int64           `json:"number"`
	At     time.Time       `json:"at"`
	Actor  string          `json:"actor" doc:"id of a principal, system, or empty for nobody who is known"`
	Name   string          `json:"name" doc:"of the actor, then"`
	Action string          `json:"action" doc:"such as role.create or signIn.failed"`
	Object string          `json:"object"`
	Scope  string          `json:"scope"`
	Commit int64           `json:"commit,omitempty"`
	From   string          `json:"from,omitempty" doc:"address it came from"`
	Detail json.RawMessage `json:"detail,omitempty"`
}

type auditInput struct {
	Actor  string `query:"actor" doc:"id of a principal" maxLength:"200"`
	Action string `query:"action" doc:"one, or with a dot at its end all of an object: role." maxLength:"100"`
	Object string `query:"object" maxLength:"2000"`
	From   string `query:"from" doc:"a day or an instant"`
	To     string `query:"to" doc:"a day or an instant"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
	Cursor string `query:"cursor" maxLength:"30"`
}

type auditOutput struct {
	Body struct {
		Rows   []AuditRow `json:"rows" doc:"the newest first"`
		Total  int        `json:"total" doc:"exactly, over all pages"`
		Unit   string     `json:"unit"`
		Cursor string     `json:"cursor,omitempty"`
	}
}

func (s *Server) registerAudit() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/audit", id: "list-audit", summary: "Who did what, where you may see the audit log", need: seeing, live: true}, s.audit)
}

func (s *Server) audit(ctx context.Context, c *caller, in *auditInput) (*auditOutput, error) {
	f := ledger.AuditFilter{Actor: in.Actor, Action: in.Action, Object: in.Object}
	var p problems
	for at, to := range map[string]*time.Time{"from": &f.Since, "to": &f.Until} {
		text := in.From
		if at == "to" {
			text = in.To
		}
		if text == "" {
			continue
		}
		var err error
		if *to, err = parseInstant(text); err != nil {
			p.add(at, err.Error(), text)
		}
	}
	if in.Cursor != "" {
		var err error
		if f.Before, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || f.Before <= 0 {
			p.add("cursor", "want that of the page before", in.Cursor)
		}
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	may, err := s.auditedWhere(c)
	if err != nil {
		return nil, err
	}
	out := &auditOutput{}
	out.Body.Rows, out.Body.Unit = []AuditRow{}, "entries"
	all, err := s.Store.AuditCounts(ctx, f)
	if err != nil {
		return nil, err
	}
	for scope, n := range all {
		if may(cmp.Or(scope, access.Top)) {
			out.Body.Total += n
		}
	}
	for e, err := range s.Store.AuditLog(ctx, f) {
		if err != nil {
			return nil, err
		}
		if !may(cmp.Or(e.Scope, access.Top)) {
			continue
		}
		if len(out.Body.Rows) == in.Limit {
			out.Body.Cursor = strconv.FormatInt(out.Body.Rows[in.Limit-1].Number, 10)
			break
		}
		out.Body.Rows = append(out.Body.Rows, AuditRow{e.Number, e.At, e.Actor, e.Name, e.Action, e.Object, e.Scope, int64(e.Commit), e.From, e.Detail})
	}
	return out, nil
}

// auditedWhere tells at which scopes who asks may see the audit log.
func (s *Server) auditedWhere(c *caller) (may func(scope string) bool, err error) {
	if err := s.maySomewhere(c, access.SeeAudit); err != nil {
		return nil, err
	}
	err = s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		known := map[string]bool{}
		may = func(scope string) bool {
			yes, ok := known[scope]
			if !ok {
				yes = c.Caller.May(access.SeeAudit, scope, scopes)
				known[scope] = yes
			}
			return yes
		}
		return nil
	})
	return may, err
}
