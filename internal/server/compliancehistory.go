package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

type complianceHistoryInput struct {
	Standard string   `path:"standard"`
	Scope    []string `query:"scope,explode" maxItems:"100" doc:"ids of scopes, any of them; everything that you see without it"`
	From     string   `query:"from" doc:"a day or an instant; thirty days before the end without it"`
	To       string   `query:"to" doc:"a day or an instant; now without it"`
	Limit    int      `query:"limit" default:"200" minimum:"1" maximum:"1000" doc:"points"`
	Cursor   string   `query:"cursor" doc:"of the page before" maxLength:"40"`
}

// ComplianceHistory is what became of the compliance with a standard.
type ComplianceHistory struct {
	Standard string            `json:"standard"`
	Title    string            `json:"title,omitempty" doc:"for people"`
	Points   []CompliancePoint `json:"points" doc:"the oldest first; the first of the first page is as of the begin of the range and has no causes"`
	Cursor   string            `json:"cursor,omitempty" doc:"of the next page, which may have few points or none; none for the last"`
	Hidden   int               `json:"hidden" doc:"scopes left out that you may not see"`
}

// CompliancePoint is compliance from a moment on, at which a control came to have
// another state.
type CompliancePoint struct {
	Commit        int64             `json:"commit" doc:"number of the commit; of what has just ended by itself, as long as no commit tells of it, that of the one before"`
	Time          time.Time         `json:"time"`
	Rate          *float64          `json:"rate" doc:"passed ÷ (passed + failed) controls, 0 to 1; null for none of both"`
	Passed        int               `json:"passed" doc:"controls"`
	Failed        int               `json:"failed" doc:"controls"`
	Unknown       int               `json:"unknown" doc:"controls"`
	Manual        int               `json:"manual" doc:"controls"`
	NotApplicable int               `json:"notApplicable" doc:"controls"`
	NotCovered    int               `json:"notCovered" doc:"controls"`
	Causes        []ComplianceCause `json:"causes" doc:"one after another, at most a hundred, those that did most; their points and the rest add up to the change since the point before, of the rate in percent with two decimals, 0 for none"`
	More          int               `json:"more,omitempty" doc:"causes that are left out"`
	Rest          float64           `json:"rest,omitempty" doc:"points of causes that are left out"`
}

// ComplianceCause is what one thing did to compliance.
type ComplianceCause struct {
	Kind     string        `json:"kind" doc:"estate, rules, exemption, attestation, coverage, scope, clock"`
	Object   string        `json:"object" doc:"what it came from: a resource type, a recommendation, an exemption; a unit that came or went; what an assignment or a definition is called"`
	Scope    string        `json:"scope,omitempty" doc:"id of the unit in which it was; none for anywhere"`
	Points   float64       `json:"points" doc:"percentage points of the rate, those of its controls together"`
	Controls []ControlStep `json:"controls" doc:"that came to have another state, in the order of the standard"`
	Words    string        `json:"words,omitempty" doc:"for people; none of a commit of which you do not see all"`
}

// ControlStep is a control that came to have another state, and what that did.
type ControlStep struct {
	ControlTurn
	Points float64 `json:"points" doc:"percentage points of the rate, rounded so that they add up"`
}

type complianceHistoryOutput struct{ Body ComplianceHistory }

// commitsOfReplay are looked through for a page at most.
const commitsOfReplay = 2000

func (s *Server) complianceHistory(ctx context.Context, c *caller, in *complianceHistoryInput) (*complianceHistoryOutput, error) {
	out := &complianceHistoryOutput{ComplianceHistory{Standard: in.Standard, Points: []CompliancePoint{}}}
	of := &askedStandard{server: s, name: in.Standard, scopes: in.Scope}
	if err := s.see(ctx, c, "", func(v *view) error {
		out.Body.Hidden, of.visible = v.hidden, v.visible
		return v.lacks(in.Scope)
	}); err != nil {
		return nil, err
	}
	from, to, err := s.moments(ctx, in.From, in.To)
	if err != nil {
		return nil, err
	}
	if err := of.isTold(ctx, from, to); err != nil {
		return nil, err
	}
	if in.Cursor != "" {
		if from, err = momentOf(in.Cursor); err != nil {
			return nil, err
		}
	}
	if from.Commit > to.Commit || from.At.After(to.At) {
		return out, nil
	}
	return out, of.page(ctx, in, from, to, commitsOfReplay, &out.Body)
}

// moments are those of a range of time. Where nobody says when it begins, that is not
// before what is kept.
func (s *Server) moments(ctx context.Context, from, to string) (first, last follow.Moment, err error) {
	now := s.Now()
	last.At = now
	if to != "" {
		if last.At, err = parseInstant(to); err != nil {
			return first, last, huma.Error422UnprocessableEntity("the parameter to", err)
		}
		if last.At.After(now) {
			last.At = now
		}
	}
	first.At = last.At.Add(-usualRange)
	if from != "" {
		if first.At, err = parseInstant(from); err != nil {
			return first, last, huma.Error422UnprocessableEntity("the parameter from", err)
		}
	}
	if first.At.After(last.At) {
		return first, last, huma.Error422UnprocessableEntity("the range of time", &huma.ErrorDetail{Message: "want a begin that is not behind the end", Location: "query.from", Value: from})
	}
	oldest, err := s.Store.Oldest(ctx)
	if err != nil {
		return first, last, err
	}
	if first.Commit, err = s.Store.At(ctx, first.At); err != nil {
		return first, last, err
	}
	if last.Commit, err = s.Store.At(ctx, last.At); err != nil {
		return first, last, err
	}
	if err := s.isKept(ctx, last.Commit, cmp.Or(to, from)); err != nil {
		return first, last, err
	}
	if from != "" {
		return first, last, s.isKept(ctx, first.Commit, from)
	}
	if first.Commit < oldest {
		c, err := s.commit(ctx, oldest)
		return follow.Moment{Commit: oldest, At: c.At}, last, err
	}
	return first, last, nil
}

// cursorOf names a moment.
func cursorOf(m follow.Moment) string { return fmt.Sprintf("%d.%d", m.Commit, m.At.UnixMilli()) }

func momentOf(cursor string) (follow.Moment, error) {
	var n, ms int64
	if _, err := fmt.Sscanf(cursor, "%d.%d", &n, &ms); err != nil || n < 0 || cursor != fmt.Sprintf("%d.%d", n, ms) {
		return follow.Moment{}, huma.Error422UnprocessableEntity("the cursor is not of a page of this list", &huma.ErrorDetail{Location: "query.cursor", Value: cursor})
	}
	return follow.Moment{Commit: ledger.Number(n), At: time.UnixMilli(ms).UTC()}, nil
}

// askedStandard is a standard that somebody asks for by its name. It implements
// [estate.Told].
type askedStandard struct {
	server  *Server
	name    string
	scopes  []string
	visible []string // today; nil is all
	title   string   // once it was met
	id      string
	ends    map[estate.Ended]ledger.Number // once something ended
}

// isTold says that there is none unless it is told at one of the ends of the range, and
// which one is meant.
func (a *askedStandard) isTold(ctx context.Context, ends ...follow.Moment) error {
	id := ""
	for _, end := range ends {
		kept, err := a.server.Store.Scopes(ctx, end.Commit)
		if err != nil {
			return err
		}
		scopes := access.NewTree(nil)
		for _, s := range kept {
			scopes.Set(s.Scope)
		}
		told, err := a.server.toldStandards(ctx, &sight{commit: end.Commit, at: end.At, visible: a.visible, scopes: scopes})
		if err != nil {
			return err
		}
		switch t, err := named(told, a.name, a.scopes, scopes); {
		case err != nil:
			return err
		case t != nil:
			id = t.id
		}
	}
	if id == "" {
		return noStandard(a.name)
	}
	a.name = id
	return nil
}

func (a *askedStandard) sight(s *follow.Step) *sight {
	return &sight{commit: s.Commit, at: s.At, visible: a.visible, rules: s.Index.Content().Rules, scopes: tree(s.Index)}
}

// Asked implements [estate.Told].
func (a *askedStandard) Asked(ctx context.Context, s *follow.Step) (*estate.Asked, error) {
	told, err := a.server.toldStandards(ctx, a.sight(s))
	if err != nil {
		return nil, err
	}
	t, err := named(told, a.name, a.scopes, tree(s.Index))
	if t == nil {
		return nil, err
	}
	a.id, a.title = t.standard.ID, t.standard.Title
	return &estate.Asked{Standard: t.standard, Evidence: t.evidence, Apart: t.apart, Own: t.own, Gaps: t.gaps, Filter: index.Filter{Visible: a.visible, Scopes: a.scopes, Parts: t.parts}}, nil
}

// People implements [estate.Told].
func (a *askedStandard) People(ctx context.Context, s *follow.Step, before estate.People) (estate.People, error) {
	if before != nil && len(s.Change.Scopes) == 0 {
		changed := slices.DeleteFunc(slices.Clone(s.Change.Documents), func(d ledger.DocumentVersion) bool { return !d.Kind.Lies() })
		if !slices.ContainsFunc(govern.Versions(changed), govern.MayMeanControl) {
			return before, nil
		}
	}
	return a.server.saidAt(ctx, a.sight(s))
}

// page fills in the points after a moment, up to and with another, or so many commits.
func (a *askedStandard) page(ctx context.Context, in *complianceHistoryInput, from, to follow.Moment, most ledger.Number, page *ComplianceHistory) error {
	end := to
	if to.Commit > from.Commit+most {
		c, err := a.server.commit(ctx, from.Commit+most)
		if err != nil {
			return err
		}
		end = follow.Moment{Commit: c.Number, At: c.At}
	}
	for move, err := range estate.ComplianceHistory(ctx, a, a.server.Follower.Replay(ctx, from, end)) {
		switch {
		case err != nil:
			return err
		case len(move.Causes) == 0 && (in.Cursor != "" || len(move.Result.Nodes) == 0): // it was told, or there is nothing to tell
			continue
		}
		point := a.point(&move)
		if point.Commit, err = a.commitOf(ctx, &move); err != nil {
			return err
		}
		page.Points = append(page.Points, point)
		if len(page.Points) == in.Limit {
			end = move.Step.Moment
			break
		}
	}
	page.Standard, page.Title = cmp.Or(a.id, page.Standard), a.title
	if end != to {
		page.Cursor = cursorOf(end)
	}
	return nil
}

// commitOf is the number of the commit that tells of a move: what the clock ended has
// one at its instant, or a later one where others came before somebody looked.
func (a *askedStandard) commitOf(ctx context.Context, m *estate.ComplianceMove) (n int64, err error) {
	ended := m.Ended()
	if len(ended) > 0 && a.ends == nil {
		if a.ends, err = estate.EndsOf(ctx, a.server.Store, m.Step.At); err != nil {
			return 0, err
		}
	}
	for _, e := range ended {
		if by, told := a.ends[e]; told {
			return int64(by), nil
		}
	}
	return int64(m.Step.Commit), nil
}

func (a *askedStandard) point(m *estate.ComplianceMove) CompliancePoint {
	row := standardRow(m.Result)
	p := CompliancePoint{
		Time: m.Step.At.UTC(), Rate: row.Rate, Passed: row.Passed, Failed: row.Failed, Unknown: row.Unknown, Manual: row.Manual,
		NotApplicable: row.NotApplicable, NotCovered: row.NotCovered, Causes: []ComplianceCause{},
	}
	told, rest, more := mostCausing(m.Causes, func(c estate.ComplianceCause) (exact, points float64) { return c.Points, c.Points })
	p.Rest, p.More = rest, more
	seen := len(told) > 0 && a.seesAllOf(m.Step)
	for i := range told {
		cause := ComplianceCause{Kind: told[i].Kind.String(), Object: told[i].Object, Scope: told[i].Unit, Points: told[i].Points}
		if seen {
			cause.Words = wordsOf(m.Step, told[i].Kind)
		}
		for _, t := range told[i].Controls {
			cause.Controls = append(cause.Controls, ControlStep{ControlTurn{t.ID, t.Title, t.Before, t.Now}, t.Points})
		}
		p.Causes = append(p.Causes, cause)
	}
	return p
}

// wordsOf says for people what a step was.
func wordsOf(s *follow.Step, kind ledger.CauseKind) string {
	if s.Change == nil {
		return kind.String() + " ended"
	}
	return s.Change.Commit.Words
}

// seesAllOf reports whether who asks sees all that a step touched.
func (a *askedStandard) seesAllOf(s *follow.Step) bool {
	if a.visible == nil {
		return true
	}
	known := map[string]bool{}
	sees := func(scope string) bool {
		yes, met := known[scope]
		if !met {
			yes = covered(tree(s.Index), a.visible, scope)
			known[scope] = yes
		}
		return yes
	}
	for _, n := range s.Touched {
		if !sees(cmp.Or(s.Index.PlaceOf(n), s.Index.Known(n).ID)) {
			return false
		}
	}
	for i := range s.Ended {
		if l := &s.Ended[i].Laying; l.Scope != "" && !sees(l.Scope) {
			return false
		}
	}
	return s.Change == nil || !slices.ContainsFunc(s.Change.Documents, func(d ledger.DocumentVersion) bool { return d.Scope != "" && !sees(d.Scope) })
}
