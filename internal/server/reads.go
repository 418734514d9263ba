package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ReadRow is how far a type was read in a scope.
type ReadRow struct {
	Scope     string         `json:"scope"`
	Type      string         `json:"type" doc:"a resource type; * for all of which nothing more is told"`
	Complete  bool           `json:"complete" doc:"everything of the type in the scope was read, but for the gaps; never of a resource group, which says nothing of its unit"`
	StartedAt *time.Time     `json:"startedAt,omitempty" doc:"when the last read began; as of a moment none where a read has said the same again since: that makes no commit, and nothing tells whether it had come by then"`
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

type readsOutput = Listed[ReadRow]

// mostGaps is how many gaps of a read are told.
const mostGaps = 100

func (s *Server) registerReads() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/reads", id: "list-reads", summary: "How far each type was read in each scope, since when what is known is stale, and why", need: seeing, live: true}, s.reads)
}

func (s *Server) reads(ctx context.Context, c *caller, in *readsInput) (*readsOutput, error) {
	var v view
	var meant func(*ledger.Read) bool
	if err := s.see(ctx, c, in.At, func(seen *view) (err error) {
		v = *seen
		meant, err = in.meant(seen)
		return err
	}); err != nil {
		return nil, err
	}
	list, err := s.readsOf(ctx, &v, in, meant)
	return &readsOutput{Body: list}, err
}

// readsOf gives a page of reads that are meant. Of the view it needs the moment only.
func (s *Server) readsOf(ctx context.Context, v *view, in *readsInput, meant func(*ledger.Read) bool) (List[ReadRow], error) {
	list := List[ReadRow]{Rows: []ReadRow{}, Unit: "reads", AsOf: v.asOf(), Hidden: v.hidden}
	after, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err != nil {
		var p problems
		p.add("cursor", "want that of the page before", in.Cursor)
		return list, p.err()
	}
	kept, err := s.Store.Reads(ctx, v.commit)
	if err != nil {
		return list, err
	}
	kept = slices.DeleteFunc(kept, func(r ledger.Read) bool { return !meant(&r) })
	slices.SortFunc(kept, func(a, b ledger.Read) int { return cmp.Compare(keyOfRead(&a), keyOfRead(&b)) })
	list.Total = len(kept)
	begin := 0
	if in.Cursor != "" {
		begin, _ = slices.BinarySearchFunc(kept, string(after), func(r ledger.Read, key string) int { return cmp.Compare(keyOfRead(&r), key+"\x00") })
	}
	end := min(begin+in.Limit, len(kept))
	for n := range kept[begin:end] {
		list.Rows = append(list.Rows, readRow(&kept[begin+n], list.AsOf))
	}
	if end < len(kept) {
		list.Cursor = base64.RawURLEncoding.EncodeToString([]byte(keyOfRead(&kept[end-1])))
	}
	return list, nil
}

// meant tells of reads whether they are seen and meet the conditions.
func (in *readsInput) meant(v *view) (func(*ledger.Read) bool, error) {
	var p problems
	p.lacks(v, in.Scope)
	types := choose(&p, "type", strings.ToLower(in.Type), asIs)
	stale, gap := reasonsOf(&p, "stale", in.Stale), reasonsOf(&p, "gap", in.Gap)
	sees, t, known := v.seeing(), tree(v.x), map[string]bool{}
	shown := func(scope string) bool {
		yes, ok := known[scope]
		if !ok {
			yes = sees(scope) && (len(in.Scope) == 0 || slices.ContainsFunc(in.Scope, func(top string) bool { return t.Covers(top, scope) }))
			known[scope] = yes
		}
		return yes
	}
	return func(r *ledger.Read) bool {
		of := &r.Record
		switch {
		case !shown(of.Scope), in.Complete != "" && estate.HasAll(of) != (in.Complete == "true"):
			return false
		case len(types.Values) > 0 && slices.Contains(types.Values, strings.ToLower(of.Type)) == types.Not:
			return false
		}
		return (stale == nil || stale(r.Stale)) && (gap == nil || slices.ContainsFunc(of.Gaps, func(g posture.Gap) bool { return gap(g.Reason) }))
	}, p.err()
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

func readRow(r *ledger.Read, asOf AsOf) ReadRow {
	of := &r.Record
	row := ReadRow{Scope: of.Scope, Type: of.Type, Complete: estate.HasAll(of), Stale: r.Stale, Gaps: []ReadGap{}, GapsTotal: len(of.Gaps)}
	if !of.StartedAt.IsZero() && (asOf.Time == nil || !r.Renewed()) {
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
