package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// VersionRow is a commit at which a resource, or what it was judged to be, became
// another.
type VersionRow struct {
	Commit     int64            `json:"commit"`
	Time       time.Time        `json:"time"`
	Actor      string           `json:"actor" doc:"id of a principal, or system"`
	Kind       string           `json:"kind" doc:"of the commit: import, judge, document"`
	Words      string           `json:"words" doc:"of the commit, for people"`
	Gone       bool             `json:"gone,omitempty" doc:"it was there no longer"`
	Properties []PropertyChange `json:"properties" doc:"what of its body became another, by path; the first version has all of it at no path"`
	More       int              `json:"more,omitempty" doc:"properties that are left out"`
	Checks     []CheckChange    `json:"checks" doc:"that were judged otherwise"`
}

// PropertyChange is a property that became another.
type PropertyChange struct {
	Path   string          `json:"path" doc:"such as properties.networkAcls.bypass; [name] or [n] for items of lists"`
	Before json.RawMessage `json:"before,omitempty" doc:"none if it was not there"`
	After  json.RawMessage `json:"after,omitempty" doc:"none if it is not there"`
}

// CheckChange is a check that was judged otherwise, beneath exemptions.
type CheckChange struct {
	RuleName
	Before posture.State  `json:"before,omitempty" doc:"none if there was no such check"`
	After  posture.State  `json:"after,omitempty" doc:"none if there is no such check"`
	Reason posture.Reason `json:"reason,omitempty" doc:"why it is unknown"`
	Cause  string         `json:"cause" doc:"estate: the resource, or what its rule looks for; rules: the rule became another; coverage: it became unknown or judged; clock"`
}

type versionsInput struct {
	Which
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"rows of a page"`
	Cursor string `query:"cursor" doc:"of the page before" maxLength:"20"`
}

type versionsOutput struct {
	Body struct {
		Rows   []VersionRow `json:"rows" doc:"the newest first"`
		Total  int          `json:"total"`
		Unit   string       `json:"unit"`
		Cursor string       `json:"cursor,omitempty" doc:"of the next page; none for the last"`
	}
}

type bodyDifferenceInput struct {
	Which
	Before string `query:"before" required:"true" doc:"number of a commit, a day (its end, UTC) or an instant" maxLength:"40"`
	After  string `query:"after" doc:"the same; now without it" maxLength:"40"`
}

type bodyDifferenceOutput struct {
	Body struct {
		Before     AsOf             `json:"before"`
		After      AsOf             `json:"after"`
		Properties []PropertyChange `json:"properties" doc:"by path; at no path where it was not there at one of the two"`
		Checks     []CheckChange    `json:"checks" doc:"that are judged otherwise"`
	}
}

func (s *Server) registerVersions() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/resource/versions", id: "list-versions", summary: "The history of a resource: what changed of its body and its verdicts, when, by whom", need: seeing}, s.versions)
	handle(s, route{method: http.MethodGet, path: "/api/v1/resource/difference", id: "get-resource-difference", summary: "What differs of a resource between two times, by property path", need: seeing}, s.bodyDifference)
}

// known finds the number of a resource that is or was there, if who asks may see
// where it is or was: of one that was in several units the last that he may see, in
// the unit that is said if one is.
func (v *view) known(w *Which) (uint32, error) {
	had := v.had(w)
	if len(had) == 0 {
		r, err := v.seen(w)
		return r.Number, err
	}
	sees := v.seeing()
	for _, n := range had {
		if n != 0 && sees(cmp.Or(v.x.PlaceOf(n), w.ID)) { // what stands above units is a scope itself
			return n, nil
		}
	}
	return 0, w.missing()
}

// seeing tells of scopes, and of resources by their ids, whether they are at or
// below what who asks may see.
func (v *view) seeing() func(scope string) bool {
	if v.visible == nil {
		return func(string) bool { return true }
	}
	t, visible := tree(v.x), v.visible
	return func(scope string) bool {
		return slices.ContainsFunc(visible, func(top string) bool { return t.Covers(top, scope) })
	}
}

// past is what is kept of one resource, over time.
type past struct {
	server   *Server
	versions []ledger.Version
	judged   []ledger.Judged
	rules    map[uint32]ledger.Evaluation
	tuples   map[int64][]ledger.Verdict
}

func (s *Server) past(ctx context.Context, n uint32) (*past, error) {
	p := &past{server: s, rules: map[uint32]ledger.Evaluation{}, tuples: map[int64][]ledger.Verdict{}}
	var err error
	if p.versions, p.judged, err = s.Store.History(ctx, n); err != nil {
		return nil, fmt.Errorf("reading the history of a resource: %w", err)
	}
	evaluations, err := s.Store.Evaluations(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range evaluations {
		p.rules[e.Number] = e
	}
	var numbers []int64
	for _, j := range p.judged {
		numbers = append(numbers, j.Tuple)
	}
	slices.Sort(numbers)
	tuples, err := s.Store.TuplesOf(ctx, slices.Compact(numbers))
	for _, t := range tuples {
		p.tuples[t.Number] = t.Verdicts
	}
	return p, err
}

// turns are the commits at which something became another, the newest first.
func (p *past) turns() []ledger.Number {
	var all []ledger.Number
	note := func(i ledger.Interval) {
		if all = append(all, i.Since); i.Until != ledger.Open {
			all = append(all, i.Until)
		}
	}
	for _, v := range p.versions {
		note(v.Interval)
	}
	for _, j := range p.judged {
		note(j.Interval)
	}
	slices.SortFunc(all, func(a, b ledger.Number) int { return cmp.Compare(b, a) })
	return slices.Compact(all)
}

// verdicts are those that held at a commit, by id of the rule among those of an
// index.
func (p *past) verdicts(at ledger.Number) map[string]ledger.Verdict {
	found := map[string]ledger.Verdict{}
	for _, j := range p.judged {
		if !j.Holds(at) {
			continue
		}
		for _, v := range p.tuples[j.Tuple] {
			found[ruleOf(p.rules[v.Evaluation])] = v
		}
	}
	return found
}

// ruleOf is the id of what an evaluation is of among the rules of an index.
func ruleOf(e ledger.Evaluation) string {
	if _, _, ok := govern.SplitPolicyID(ledger.Definition, e.Rule); ok {
		return index.PolicyRule(e.Rule, e.Parameters)
	}
	return e.Rule
}

func (p *past) checks(before, after ledger.Number, kind ledger.Kind) []CheckChange {
	old, now := p.verdicts(before), p.verdicts(after)
	changes := []CheckChange{}
	for rule, v := range now {
		was, ok := old[rule]
		if ok && was.State == v.State && was.Reason == v.Reason {
			continue
		}
		changes = append(changes, CheckChange{nameOf(rule), was.State, v.State, v.Reason, causeOf(ok, was, v, kind, len(old) > 0)})
	}
	for rule, was := range old {
		if _, ok := now[rule]; ok {
			continue
		}
		cause := ledger.Estate
		if len(now) > 0 {
			cause = ledger.Rules
		}
		changes = append(changes, CheckChange{RuleName: nameOf(rule), Before: was.State, Cause: cause.String()})
	}
	slices.SortFunc(changes, func(a, b CheckChange) int { return cmp.Compare(a.rule(), b.rule()) })
	return changes
}

// causeOf says why a verdict became another.
func causeOf(was bool, before, after ledger.Verdict, kind ledger.Kind, judgedBefore bool) string {
	switch {
	case was && before.Evaluation != after.Evaluation, !was && judgedBefore:
		return ledger.Rules.String()
	case was && (before.State == posture.Unknown || after.State == posture.Unknown):
		return ledger.Coverage.String()
	case kind == ledger.Judge:
		return ledger.Clock.String()
	}
	return ledger.Estate.String()
}

// record gives the body that was kept at a commit, nil if the resource was not
// there.
func (p *past) body(ctx context.Context, at ledger.Number) (json.RawMessage, error) {
	record, err := p.server.recordAt(ctx, p.versions, at)
	if err != nil {
		return nil, err
	}
	body, _, err := inventory.BodyOf(record)
	return body, err
}

func (p *past) properties(ctx context.Context, before, after ledger.Number) ([]PropertyChange, error) {
	old, err := p.body(ctx, before)
	if err != nil {
		return nil, err
	}
	now, err := p.body(ctx, after)
	if err != nil {
		return nil, err
	}
	differences, err := inventory.Differences(old, now)
	changes := []PropertyChange{}
	for _, d := range differences {
		changes = append(changes, PropertyChange{d.Path, d.Before, d.After})
	}
	return changes, err
}

// there reports whether the resource was there at a commit.
func (p *past) there(at ledger.Number) bool {
	return slices.ContainsFunc(p.versions, func(v ledger.Version) bool { return v.Holds(at) })
}

// mostProperties is how many changed properties of a version are told in a list of
// versions.
const mostProperties = 100

func (s *Server) versions(ctx context.Context, c *caller, in *versionsInput) (*versionsOutput, error) {
	n, err := s.knownResource(ctx, c, &in.Which)
	if err != nil {
		return nil, err
	}
	p, err := s.past(ctx, n)
	if err != nil {
		return nil, err
	}
	turns := p.turns()
	out := &versionsOutput{}
	out.Body.Rows, out.Body.Total, out.Body.Unit = []VersionRow{}, len(turns), "versions"
	if in.Cursor != "" {
		before, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil {
			var p problems
			p.add("cursor", "want that of the page before", in.Cursor)
			return nil, p.err()
		}
		turns = slices.DeleteFunc(turns, func(n ledger.Number) bool { return int64(n) >= before })
	}
	if len(turns) > in.Limit {
		turns = turns[:in.Limit]
		out.Body.Cursor = strconv.FormatInt(int64(turns[in.Limit-1]), 10)
	}
	for _, at := range turns {
		row, err := p.row(ctx, at)
		if err != nil {
			return nil, err
		}
		out.Body.Rows = append(out.Body.Rows, row)
	}
	return out, nil
}

func (p *past) row(ctx context.Context, at ledger.Number) (VersionRow, error) {
	row := VersionRow{Commit: int64(at), Gone: !p.there(at)}
	kind := ledger.NoKind
	commits, err := p.server.Store.Commits(ctx, at-1, at)
	if err != nil {
		return row, err
	}
	if len(commits) > 0 { // commits are kept longer than what they changed
		row.Time, row.Actor, row.Kind, row.Words, kind = commits[0].At, commits[0].Actor, commits[0].Kind.String(), commits[0].Words, commits[0].Kind
	}
	row.Checks = p.checks(at-1, at, kind)
	if row.Properties, err = p.properties(ctx, at-1, at); err != nil {
		return row, err
	}
	if more := len(row.Properties) - mostProperties; more > 0 {
		row.Properties, row.More = row.Properties[:mostProperties], more
	}
	return row, nil
}

func (s *Server) knownResource(ctx context.Context, c *caller, w *Which) (n uint32, err error) {
	err = s.see(ctx, c, "", func(v *view) error {
		n, err = v.known(w)
		return err
	})
	return n, err
}

func (s *Server) bodyDifference(ctx context.Context, c *caller, in *bodyDifferenceInput) (*bodyDifferenceOutput, error) {
	n, err := s.knownResource(ctx, c, &in.Which)
	if err != nil {
		return nil, err
	}
	out := &bodyDifferenceOutput{}
	b := &out.Body
	var wrong problems
	var before, after ledger.Number
	if before, b.Before, err = s.moment(ctx, &wrong, "before", in.Before); err != nil {
		return nil, err
	}
	if after, b.After, err = s.moment(ctx, &wrong, "after", in.After); err != nil {
		return nil, err
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	p, err := s.past(ctx, n)
	if err != nil {
		return nil, err
	}
	if b.Properties, err = p.properties(ctx, before, after); err != nil {
		return nil, err
	}
	b.Checks = p.checks(before, after, ledger.NoKind)
	return out, nil
}

// moment reads the number of a commit, a day or an instant; "" is now. What is no
// longer kept is gone.
func (s *Server) moment(ctx context.Context, p *problems, at, text string) (n ledger.Number, of AsOf, err error) {
	head := s.Follower.Head()
	number, failed := strconv.ParseInt(text, 10, 64)
	switch {
	case text == "":
		n = head
	case failed == nil:
		if n = ledger.Number(number); n < 1 || n > head {
			p.add(at, fmt.Sprintf("want a commit from 1 to %d", head), text)
			return 0, of, nil
		}
	default:
		when, err := parseInstant(text)
		switch {
		case err != nil:
			p.add(at, "want the number of a commit, a day such as 2026-09-30 or an instant such as 2026-09-30T23:59:00Z", text)
			return 0, of, nil
		case when.After(s.Now()):
			p.add(at, "is in the future", text)
			return 0, of, nil
		}
		if n, err = s.Store.At(ctx, when); err != nil {
			return 0, of, err
		}
		of.Time = &when
	}
	of.Commit = int64(n)
	return n, of, s.isKept(ctx, n, text)
}
