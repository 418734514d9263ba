package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// DifferenceBody is what differs between two times.
type DifferenceBody struct {
	Before     AsOf             `json:"before"`
	After      AsOf             `json:"after"`
	Score      ScoreTurn        `json:"score"`
	Compliance []ComplianceTurn `json:"compliance" doc:"standards of which a control has another state"`
	Sum        DifferenceSum    `json:"sum" doc:"of what the filter leaves"`
	Rows       []DifferenceRow  `json:"rows" doc:"by recommendation: those with most checks first; by resource and by check: by unit and type, then units, of which checks of manual controls differ"`
	Total      int              `json:"total" doc:"rows, over all pages"`
	Unit       string           `json:"unit" doc:"what a row is and the total counts: recommendations, resources, checks"`
	Cursor     string           `json:"cursor,omitempty" doc:"of the next page; none for the last"`
	Hidden     int              `json:"hidden" doc:"scopes left out that you may not see"`
}

// ScoreTurn is what became of the score of the scopes of the filter.
type ScoreTurn struct {
	Before *float64    `json:"before" doc:"0 to 100; null where nothing with points was judged"`
	After  *float64    `json:"after" doc:"0 to 100; null where nothing with points is judged"`
	Causes []UnitCause `json:"causes" doc:"summed up by unit and cause, the largest first, at most a hundred; those of one unit, with what is left out, add up to the change of that unit's score, and not to that of several"`
	More   int         `json:"more,omitempty" doc:"causes that are left out"`
}

// ComplianceTurn is what became of a standard.
type ComplianceTurn struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Before   *float64      `json:"before" doc:"rate, 0 to 1; null without a passed or failed control, and where it was not told"`
	After    *float64      `json:"after" doc:"rate, 0 to 1; null without a passed or failed control, and where it is not told"`
	Controls []ControlTurn `json:"controls" doc:"that have another state; groups are not among them"`
}

// ControlTurn is what became of a control.
type ControlTurn struct {
	ID     string           `json:"id"`
	Title  string           `json:"title"`
	Before compliance.State `json:"before,omitempty" doc:"none: it was not there, or the standard was not told"`
	After  compliance.State `json:"after,omitempty" doc:"none: it is not there, or the standard is not told"`
}

// DifferenceSum is a difference in numbers.
type DifferenceSum struct {
	Came            int `json:"came" doc:"resources that were not there before"`
	Went            int `json:"went" doc:"resources that are there no longer"`
	Changed         int `json:"changed" doc:"other resources with a check that differs, and units with one of a manual control"`
	Checks          int `json:"checks" doc:"that came, went, or have another state or reason"`
	Recommendations int `json:"recommendations" doc:"with such a check"`
}

// DifferenceRow is a recommendation, a resource or a check of which something
// differs.
type DifferenceRow struct {
	RuleName
	Title       string           `json:"title,omitempty" doc:"of the recommendation or policy; none by resource"`
	Severity    posture.Severity `json:"severity,omitempty" doc:"of the recommendation or policy; none by resource"`
	Resource    *ResourceRef     `json:"resource,omitempty" doc:"none by recommendation"`
	Change      string           `json:"change,omitempty" doc:"of a resource: came, went, changed"`
	Before      posture.State    `json:"before,omitempty" doc:"of a check; none if it was not there"`
	After       posture.State    `json:"after,omitempty" doc:"of a check; none if it is not there"`
	Reason      posture.Reason   `json:"reason,omitempty" doc:"of a check: why it is unknown"`
	Checks      int              `json:"checks" doc:"that differ"`
	Transitions []Transition     `json:"transitions,omitempty" doc:"those checks by what they were and are, the most first"`
}

// tells fills in what judged: as it is, or as it was where it judges no longer.
func (r *DifferenceRow) tells(s *Server, rule string, before, after *index.Index) {
	of := after
	if _, judges := after.Rule(rule); !judges {
		of = before
	}
	ref := s.ruleRef(of, rule)
	r.RuleName, r.Title, r.Severity = ref.RuleName, ref.Title, ref.Severity
}

// Transition counts checks that were one thing and are another.
type Transition struct {
	Before posture.State `json:"before,omitempty" doc:"none: there was no such check"`
	After  posture.State `json:"after,omitempty" doc:"none: there is no such check"`
	Checks int           `json:"checks"`
}

type differenceInput struct {
	Before         string   `query:"before" required:"true" doc:"a day (its end, UTC) or an instant" maxLength:"40"`
	After          string   `query:"after" doc:"a day (its end, UTC) or an instant; now without it" maxLength:"40"`
	By             string   `query:"by" enum:"recommendation,resource,check" default:"recommendation" doc:"what a row is"`
	Scope          []string `query:"scope,explode" doc:"ids of scopes; any of them" maxItems:"100"`
	Cloud          string   `query:"cloud" doc:"azure, aws, gcp, machine, comma between them; a \"!\" in front of it all is \"not\""`
	Type           string   `query:"type" doc:"resource types, comma between them"`
	Location       string   `query:"location" doc:"locations, comma between them"`
	Tag            []string `query:"tag,explode" doc:"key=value, or key; all of them" maxItems:"20"`
	Text           string   `query:"q" doc:"a text within the name or id of resources" maxLength:"200"`
	State          string   `query:"state" doc:"states that checks had before or have after, comma between them"`
	Severity       string   `query:"severity" doc:"severities of recommendations and policies, comma between them"`
	Control        string   `query:"control" doc:"ids of secure-score controls, comma between them"`
	Recommendation string   `query:"recommendation" doc:"ids of recommendations, or of policies' definitions, comma between them"`
	Limit          int      `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"rows of a page"`
	Cursor         string   `query:"cursor" doc:"of the page before" maxLength:"4000"`
}

type differenceOutput struct{ Body DifferenceBody }

// causesOfDifference is how many causes a difference tells.
const causesOfDifference = 100

func (s *Server) registerDifference() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/difference", id: "get-difference", summary: "What differs between two times: checks, score with causes, compliance", need: seeing, live: true}, s.difference)
}

// where are the conditions of a difference as those of lists.
func (in *differenceInput) where() *Where {
	return &Where{
		Scope: in.Scope, Cloud: in.Cloud, Type: in.Type, Location: in.Location, Tag: in.Tag, Text: in.Text, State: in.State, Severity: in.Severity,
		Control: in.Control, Recommendation: in.Recommendation,
	}
}

func (s *Server) difference(ctx context.Context, c *caller, in *differenceInput) (*differenceOutput, error) {
	out := &differenceOutput{}
	units := map[string]bool{}
	// What was before is lent without a lock, so it comes first.
	err := s.see(ctx, c, in.Before, func(before *view) error {
		return s.see(ctx, c, in.After, func(after *view) error {
			if before.commit > after.commit {
				var p problems
				p.add("before", "want a time that is not behind after", in.Before)
				return p.err()
			}
			return s.differ(ctx, before, after, in, &out.Body, units)
		})
	})
	if err != nil {
		return nil, err
	}
	b := &out.Body
	b.Score.Causes, b.Score.More, err = s.causesBetween(ctx, ledger.Number(b.Before.Commit), ledger.Number(b.After.Commit), units)
	return out, err
}

// differ fills in what follows from the postures of the two times, and which units,
// folded, the answer is about.
func (s *Server) differ(ctx context.Context, before, after *view, in *differenceInput, b *DifferenceBody, units map[string]bool) error {
	var p problems
	for _, scope := range in.Scope {
		if !before.has(scope) && !after.has(scope) {
			return noScope(scope)
		}
	}
	old, new := in.where().filter(before, &p), in.where().filter(after, &p)
	cursor, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err != nil {
		p.add("cursor", "want that of the page before", in.Cursor)
	}
	if err := p.err(); err != nil {
		return err
	}
	b.Before, b.After, b.Hidden = before.asOf(), after.asOf(), after.hidden
	between := index.Between{Before: before.x.Select(old), Now: after.x.Select(new)}
	for _, side := range []struct {
		v *view
		s *index.Selection
	}{{before, between.Before}, {after, between.Now}} {
		for unit := range side.v.wholeUnits(side.s) {
			units[unit] = true
		}
	}
	b.Score.Before, b.Score.After = s.percentOf(before, old), s.percentOf(after, new)
	if b.Compliance, err = s.complianceTurns(ctx, before, after, unchecked(old), unchecked(new)); err != nil {
		return err
	}
	c := index.Compare(before.x, after.x)
	turned, err := s.unitTurns(ctx, before, after, old, new)
	if err != nil {
		return err
	}
	sum := c.Sum(between)
	addUnits(&sum, turned)
	b.Sum = DifferenceSum{sum.Came, sum.Went, sum.Changed, sum.Checks, len(sum.Rules)}
	switch in.By {
	case "resource":
		err = s.resourceTurns(after.x, c, between, turned, in, string(cursor), b)
	case "check":
		err = s.checkTurns(before.x, after.x, c, between, turned, in, string(cursor), b)
	default:
		err = s.ruleTurns(before.x, after.x, sum, in, string(cursor), b)
	}
	return err
}

// unchecked leaves the conditions on checks out of a filter.
func unchecked(f index.Filter) index.Filter {
	f.Checks = index.CheckFilter{}
	return f
}

func (s *Server) percentOf(v *view, f index.Filter) *float64 {
	if found, _ := s.gains.scoreOf(v, f); found.HasScore {
		return &found.Percent
	}
	return nil
}

func (s *Server) complianceTurns(ctx context.Context, before, after *view, old, new index.Filter) ([]ComplianceTurn, error) {
	was, err := s.outcomes(ctx, before, old)
	if err != nil {
		return nil, err
	}
	is, err := s.outcomes(ctx, after, new)
	if err != nil {
		return nil, err
	}
	turns := []ComplianceTurn{}
	note := func(a, b outcome) { // one of the two may be none
		title := cmp.Or(b.result.Title, a.result.Title)
		turn := ComplianceTurn{ID: cmp.Or(b.result.Standard, a.result.Standard), Title: title, Before: standardRow(a.result).Rate, After: standardRow(b.result).Rate}
		if turn.Controls = controlTurns(a.result.Nodes, b.result.Nodes); (a.met || b.met) && len(turn.Controls) > 0 {
			turns = append(turns, turn)
		}
	}
	for _, b := range is {
		at := slices.IndexFunc(was, func(a outcome) bool { return a.told.id == b.told.id })
		if at < 0 {
			note(outcome{}, b)
			continue
		}
		note(was[at], b)
		was = slices.Delete(was, at, at+1)
	}
	for _, a := range was {
		note(a, outcome{})
	}
	return turns, nil
}

// controlTurns gives the controls that have another state, those that went last.
func controlTurns(was, is []compliance.NodeResult) []ControlTurn {
	turns := []ControlTurn{}
	old := map[string]compliance.State{}
	for _, n := range was {
		if !n.Group {
			old[n.ID] = n.State
		}
	}
	for _, n := range is {
		if before := old[n.ID]; before != n.State && !n.Group {
			turns = append(turns, ControlTurn{n.ID, n.Title, before, n.State})
		}
		delete(old, n.ID)
	}
	for _, n := range was {
		if before, went := old[n.ID]; went {
			turns = append(turns, ControlTurn{n.ID, n.Title, before, 0})
		}
	}
	return turns
}

// causesBetween sums up what the commits between two did to the scores of some
// units, given folded.
func (s *Server) causesBetween(ctx context.Context, from, to ledger.Number, units map[string]bool) ([]UnitCause, int, error) {
	effects, err := s.Store.Effects(ctx, from, to)
	if err != nil {
		return nil, 0, err
	}
	at, causes := map[UnitCause]int{}, []UnitCause{}
	for _, e := range effects {
		if !units[posture.Fold(e.Unit)] || e.Points == 0 {
			continue
		}
		key := UnitCause{Scope: e.Unit, Kind: e.Cause.String(), Object: e.Object}
		n, ok := at[key]
		if !ok {
			n = len(causes)
			at[key] = n
			causes = append(causes, key)
		}
		causes[n].Points = rounded(causes[n].Points + e.Points)
	}
	causes, more := largest(causes, causesOfDifference)
	return causes, more, nil
}

func transitionsOf(counts map[[2]posture.State]int) (all []Transition) {
	for states, count := range counts {
		all = append(all, Transition{states[0], states[1], count})
	}
	slices.SortFunc(all, func(a, b Transition) int {
		return cmp.Or(cmp.Compare(b.Checks, a.Checks), cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After))
	})
	return all
}

func (s *Server) ruleTurns(before, now *index.Index, sum index.Sum, in *differenceInput, after string, b *DifferenceBody) error {
	rows := make([]DifferenceRow, 0, len(sum.Rules))
	for id, of := range sum.Rules {
		row := DifferenceRow{Checks: of.Checks, Transitions: transitionsOf(of.Transitions)}
		row.tells(s, id, before, now)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b DifferenceRow) int {
		return cmp.Or(cmp.Compare(b.Checks, a.Checks), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.rule(), b.rule()))
	})
	begin := 0
	if after != "" {
		begin = 1 + slices.IndexFunc(rows, func(r DifferenceRow) bool { return r.rule() == after })
		if begin == 0 {
			return lostCursor(in.Cursor)
		}
	}
	end := min(begin+in.Limit, len(rows))
	b.Rows, b.Total, b.Unit = rows[begin:end], len(rows), "recommendations"
	if end < len(rows) {
		b.Cursor = base64.RawURLEncoding.EncodeToString([]byte(rows[end-1].rule()))
	}
	return nil
}

func lostCursor(text string) error {
	var p problems
	p.add("cursor", "want that of a page of this list; the row that it named is no longer in it", text)
	return p.err()
}

func (s *Server) resourceTurns(x *index.Index, c *index.Comparison, between index.Between, units []unitTurn, in *differenceInput, cursor string, b *DifferenceBody) error {
	b.Rows, b.Total, b.Unit = []DifferenceRow{}, b.Sum.Came+b.Sum.Went+b.Sum.Changed, "resources"
	if unit, _, ok := unitPlace(cursor); ok {
		b.addUnitRows(units, unit, in.Limit)
		return nil
	}
	after, _, err := turnPlace(in, cursor)
	if err != nil {
		return err
	}
	page := c.Resources(between, after, in.Limit)
	for _, r := range page {
		known := x.Known(r.Resource)
		ref := refOf(&known)
		counts := map[[2]posture.State]int{}
		for _, t := range r.Turns {
			counts[[2]posture.State{t.Before.State, t.Now.State}]++
		}
		b.Rows = append(b.Rows, DifferenceRow{Resource: &ref, Change: changeOf(&r), Checks: len(r.Turns), Transitions: transitionsOf(counts)})
	}
	if len(page) == in.Limit {
		b.Cursor = turnCursor(page[in.Limit-1].Resource, "")
		return nil
	}
	b.addUnitRows(units, "", in.Limit)
	return nil
}

func changeOf(r *index.Turned) string {
	switch {
	case r.Came:
		return "came"
	case r.Went:
		return "went"
	}
	return "changed"
}

func (s *Server) checkTurns(before, x *index.Index, c *index.Comparison, between index.Between, units []unitTurn, in *differenceInput, cursor string, b *DifferenceBody) error {
	b.Rows, b.Total, b.Unit = []DifferenceRow{}, b.Sum.Checks, "checks"
	if unit, control, ok := unitPlace(cursor); ok {
		b.addUnitChecks(units, unit, control, in.Limit)
		return nil
	}
	last, rule, err := turnPlace(in, cursor)
	if err != nil {
		return err
	}
	after := last
	if rule != "" { // that resource may have more
		after = last - 1
	}
	for {
		page := c.Resources(between, after, in.Limit)
		for _, r := range page {
			after = r.Resource
			known := x.Known(r.Resource)
			ref := refOf(&known)
			for _, t := range r.Turns {
				if r.Resource == last && t.Rule <= rule {
					continue
				}
				if len(b.Rows) == in.Limit {
					from := b.Rows[in.Limit-1]
					b.Cursor = turnCursor(last, from.rule())
					return nil
				}
				last, rule = r.Resource, t.Rule
				row := DifferenceRow{Resource: &ref, Change: changeOf(&r), Before: t.Before.State, After: t.Now.State, Reason: t.Now.Reason, Checks: 1}
				row.tells(s, t.Rule, before, x)
				b.Rows = append(b.Rows, row)
			}
		}
		if len(page) < in.Limit {
			break
		}
	}
	b.addUnitChecks(units, "", "", in.Limit)
	return nil
}

// turnPlace reads where a page begins: behind a resource, or behind one of its
// checks.
func turnPlace(in *differenceInput, cursor string) (resource uint32, rule string, err error) {
	if cursor == "" {
		return 0, "", nil
	}
	number, rule, _ := strings.Cut(cursor, " ")
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return 0, "", lostCursor(in.Cursor)
	}
	return uint32(n), rule, nil
}

func turnCursor(resource uint32, rule string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.TrimSpace(fmt.Sprint(resource, " ", rule))))
}
