package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ReadRow is how far a type was read in a scope.
type ReadRow struct {
	Scope     string         `json:"scope"`
	Type      string         `json:"type" doc:"a resource type; * for all of which nothing more is told"`
	Complete  bool           `json:"complete" doc:"everything of the type in the scope was read, but for the gaps"`
	StartedAt *time.Time     `json:"startedAt,omitempty" doc:"when the last read began, if it told"`
	Stale     posture.Reason `json:"stale,omitempty" doc:"why a later read did not replace what was known; none while the last read was complete"`
	Since     *time.Time     `json:"staleSince,omitempty" doc:"when that began"`
	Gaps      []ReadGap      `json:"gaps" doc:"what could not be read; at most a hundred"`
	GapsTotal int            `json:"gapsTotal" doc:"gaps"`
}

// ReadGap is something that could not be read.
type ReadGap struct {
	Reason posture.Reason `json:"reason"`
	ID     string         `json:"id,omitempty" doc:"of one resource; all of the type without it"`
	Type   string         `json:"type,omitempty"`
	Path   string         `json:"path,omitempty" doc:"in the body; the whole body without it"`
	Action string         `json:"action,omitempty" doc:"the right that was missing, such as s3:GetBucketPolicy"`
}

type readsInput struct {
	At       string   `query:"at" doc:"as of then: a day (its end, UTC) or an instant; now without it"`
	Scope    []string `query:"scope,explode" doc:"ids of scopes: what was read there or below; any of them" maxItems:"100"`
	Type     string   `query:"type" doc:"resource types, comma between them; a \"!\" in front of it all is \"not\""`
	Complete string   `query:"complete" enum:"true,false" doc:"only those that are complete, or that are not"`
	Stale    string   `query:"stale" doc:"reasons for which a later read did not replace what was known, comma between them; * for any"`
	Gap      string   `query:"gap" doc:"reasons of gaps, comma between them; * for any"`
	Limit    int      `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"rows of a page"`
	Cursor   string   `query:"cursor" doc:"of the page before" maxLength:"4000"`
}

type readsOutput struct{ Body List[ReadRow] }

// mostGaps is how many gaps of a read are told.
const mostGaps = 100

func (s *Server) registerReads() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/reads", id: "list-reads", summary: "How far each type was read in each scope, since when what is known is stale, and why", need: seeing, live: true}, s.reads)
}

func (s *Server) reads(ctx context.Context, c *caller, in *readsInput) (*readsOutput, error) {
	var p problems
	types := choose(&p, "type", strings.ToLower(in.Type), asIs)
	stale, gap := reasonsOf(&p, "stale", in.Stale), reasonsOf(&p, "gap", in.Gap)
	after, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err != nil {
		p.add("cursor", "want that of the page before", in.Cursor)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	out := &readsOutput{List[ReadRow]{Rows: []ReadRow{}, Unit: "reads"}}
	var shown func(scope string) bool
	if err := s.see(ctx, c, in.At, func(v *view) error {
		sees, t := v.seeing(), tree(v.x)
		shown = func(scope string) bool {
			return sees(scope) && (len(in.Scope) == 0 || slices.ContainsFunc(in.Scope, func(top string) bool { return t.Covers(top, scope) }))
		}
		out.Body.AsOf, out.Body.Hidden = v.asOf(), v.hidden
		return nil
	}); err != nil {
		return nil, err
	}
	kept, err := s.Store.Reads(ctx, ledger.Number(out.Body.AsOf.Commit))
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	kept = slices.DeleteFunc(kept, func(r ledger.Read) bool {
		of := &r.Record
		yes, ok := known[of.Scope]
		if !ok {
			yes = shown(of.Scope)
			known[of.Scope] = yes
		}
		switch {
		case !yes, in.Complete != "" && of.Complete != (in.Complete == "true"), len(types.Values) > 0 && slices.Contains(types.Values, strings.ToLower(of.Type)) == types.Not:
			return true
		case stale != nil && !stale(r.Stale), gap != nil && !slices.ContainsFunc(of.Gaps, func(g posture.Gap) bool { return gap(g.Reason) }):
			return true
		}
		return false
	})
	slices.SortFunc(kept, func(a, b ledger.Read) int { return cmp.Compare(keyOfRead(&a), keyOfRead(&b)) })
	out.Body.Total = len(kept)
	begin := 0
	if in.Cursor != "" {
		begin, _ = slices.BinarySearchFunc(kept, string(after), func(r ledger.Read, key string) int { return cmp.Compare(keyOfRead(&r), key+"\x00") })
	}
	for _, r := range kept[begin:min(begin+in.Limit, len(kept))] {
		out.Body.Rows = append(out.Body.Rows, readRow(&r))
		out.Body.Cursor = base64.RawURLEncoding.EncodeToString([]byte(keyOfRead(&r)))
	}
	if begin+in.Limit >= len(kept) {
		out.Body.Cursor = ""
	}
	return out, nil
}

// keyOfRead orders reads by scope and type.
func keyOfRead(r *ledger.Read) string {
	return posture.Fold(r.Record.Scope) + "\x00" + strings.ToLower(r.Record.Type)
}

// reasonsOf reads a condition on a reason, nil for none.
func reasonsOf(p *problems, at, text string) func(posture.Reason) bool {
	switch text {
	case "":
		return nil
	case "*":
		return func(r posture.Reason) bool { return r != posture.NoReason }
	}
	c := choose(p, at, text, posture.ParseReason)
	return func(r posture.Reason) bool { return slices.Contains(c.Values, r) != c.Not }
}

func readRow(r *ledger.Read) ReadRow {
	of := &r.Record
	row := ReadRow{Scope: of.Scope, Type: of.Type, Complete: of.Complete, Stale: r.Stale, Gaps: []ReadGap{}, GapsTotal: len(of.Gaps)}
	if !of.StartedAt.IsZero() {
		row.StartedAt = &of.StartedAt
	}
	if !r.StaleSince.IsZero() {
		row.Since = &r.StaleSince
	}
	for _, g := range of.Gaps[:min(len(of.Gaps), mostGaps)] {
		row.Gaps = append(row.Gaps, ReadGap{g.Reason, g.ID, g.Type, g.Path, g.Action})
	}
	return row
}
