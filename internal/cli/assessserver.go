package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/baseline"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/client"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/score"
	"github.com/bartizan-dev/bartizan/internal/server"
	"github.com/bartizan-dev/bartizan/policy"
)

// judgedHere are the flags that say what is judged here, and by what: a server has
// judged.
var judgedHere = []string{
	"catalog", "initiative", "policy", "assignments", "parameters", "exemptions", "attestations", "hierarchy", "complete", "partial", "workers", "now",
}

// assessServer prints the posture that a server tells, as an assessment is printed.
func (a *app) assessServer(cmd *cobra.Command, s *asked, standards []string, only report.Filter, old *baseline.Baseline, out output, limits threshold) error {
	ctx := cmd.Context()
	builtIn, err := catalog.Load()
	if err != nil {
		return err
	}
	p := &serverPosture{asked: s, catalog: builtIn}
	if err := p.read(ctx, standards); err != nil {
		return err
	}
	if p.result.Total == 0 {
		return errors.New("the server has no resource that you may see there")
	}
	comparison, err := compare(old, assess.Options{Filter: assess.Filter{Scopes: s.scopes}}, &p.result, p.checks(ctx, report.Filter{}))
	if err != nil {
		return err
	}
	run := &report.Run{Result: &p.result, At: p.at(a.Now()), Version: version, Scopes: p.result.Scopes, Baseline: comparison, Scratch: newScratch}
	if out.checks() {
		run.Checks = p.checks(ctx, only)
	}
	if err := a.write(run.Only(only), out); err != nil {
		return err
	}
	return limits.check(&p.result, comparison)
}

// serverPosture is what a server tells, as the result of an assessment.
type serverPosture struct {
	*asked
	catalog *catalog.Catalog
	result  assess.Result
	asOf    server.AsOf
	told    []string // standards that were chosen
}

func (p *serverPosture) at(now time.Time) time.Time {
	if p.asOf.Time != nil {
		return *p.asOf.Time
	}
	return now
}

func (p *serverPosture) read(ctx context.Context, standards []string) error {
	compliance := func(ctx context.Context) error { return p.readCompliance(ctx, standards) }
	for _, read := range []func(context.Context) error{p.readResources, p.readRecommendations, compliance, p.readControls, p.readScore, p.readNotRead, p.readNotEvaluated, p.readFixes, p.readScopes} {
		if err := read(ctx); err != nil {
			return err
		}
	}
	return nil
}

// counting are the conditions of what counts the checks of manual controls: those of
// the standards that were chosen.
func (p *serverPosture) counting() url.Values {
	query := p.conditions()
	query["told"] = p.told
	return query
}

// readControls counts the unhealthy checks that no recommendation has.
func (p *serverPosture) readControls(ctx context.Context) error {
	query := p.counting()
	query.Set("state", posture.Unhealthy.String())
	query.Set("limit", "1")
	var list struct{ Total int }
	if err := p.get(ctx, "/api/v1/checks", query, &list); err != nil {
		return err
	}
	p.result.ControlsUnhealthy = list.Total
	for i := range p.result.Recommendations {
		p.result.ControlsUnhealthy -= p.result.Recommendations[i].Unhealthy
	}
	return nil
}

func (p *serverPosture) readScore(ctx context.Context) error {
	var of server.Score
	if err := p.get(ctx, "/api/v1/score", p.counting(), &of); err != nil {
		return err
	}
	p.asOf = of.AsOf
	r := &p.result
	r.Slice = of.Slice
	if of.Percent != nil {
		r.Score.HasScore, r.Score.Percent = true, *of.Percent
	}
	if of.Current != nil && of.Max != nil {
		r.Score.Current, r.Score.Max = *of.Current, *of.Max
	}
	for _, u := range of.Units {
		unit := score.Unit{Scope: u.Scope, Current: points(u.Current), Max: points(u.Max), Weight: u.Weight}
		if u.Percent != nil {
			unit.HasScore, unit.Percent = true, *u.Percent
		}
		unit.Controls = p.controls(u.Controls)
		r.Score.Units = append(r.Score.Units, unit)
	}
	return p.readCoverage(of.Coverage)
}

// controls are all of them: the server leaves those out that a unit has no resource in.
func (p *serverPosture) controls(told []server.ControlScore) (all []score.ControlScore) {
	for _, c := range p.catalog.Controls() {
		if !slices.ContainsFunc(told, func(one server.ControlScore) bool { return one.ID == c.ID }) {
			all = append(all, score.ControlScore{ID: c.ID, Name: c.Name})
		}
		for _, one := range told {
			if one.ID == c.ID {
				all = append(all, scoreOfControl(one))
			}
		}
	}
	for _, one := range told { // of another catalogue
		if _, known := p.catalog.Control(one.ID); !known {
			all = append(all, scoreOfControl(one))
		}
	}
	return all
}

// points are those that a server tells, 0 of a part of a unit.
func points(told *float64) float64 {
	if told == nil {
		return 0
	}
	return *told
}

func scoreOfControl(c server.ControlScore) score.ControlScore {
	return score.ControlScore{ID: c.ID, Name: c.Name, Max: points(c.Max), Current: points(c.Current), Healthy: c.Healthy, Unhealthy: c.Unhealthy, Unknown: c.Unknown}
}

// readNotRead reads which types were not read, or not all of them, that rules judge
// or look for.
func (p *serverPosture) readNotRead(ctx context.Context) error {
	var of server.NotReadAnswer
	if err := p.get(ctx, "/api/v1/coverage/not-read", p.conditions(), &of); err != nil {
		return err
	}
	named := func(name string) string { return strings.TrimPrefix(name, "*") } // "" is every type
	c := &p.result.Coverage
	c.NotReadTotal, c.NotJudged = of.Total, of.Judged
	for _, row := range of.Rows {
		c.NotRead = append(c.NotRead, assess.FailedRead{Type: named(row.Type), Scope: row.Scope, Reason: row.Reason})
	}
	for _, rule := range of.Rules {
		for i := range p.result.Recommendations {
			r := &p.result.Recommendations[i]
			if r.ID != cmp.Or(rule.Policy, rule.Recommendation) || r.ParametersHash != rule.ParametersHash {
				continue
			}
			for _, name := range rule.Types {
				r.NotRead = append(r.NotRead, named(name))
			}
		}
	}
	return nil
}

func (p *serverPosture) readNotEvaluated(ctx context.Context) error {
	var of struct {
		NotEvaluated []server.NotEvaluatedPolicy `json:"notEvaluated"`
		Lost         []server.LostPlace          `json:"lost"`
	}
	if err := p.get(ctx, "/api/v1/coverage", p.conditions(), &of); err != nil {
		return err
	}
	for _, l := range of.Lost {
		p.result.Problems = append(p.result.Problems, inventory.Problem{File: l.File, Line: l.Line, Reason: l.Reason})
	}
	if c := &p.result.Coverage; c.Rejected > len(of.Lost) && len(of.Lost) > 0 {
		p.result.Problems = append(p.result.Problems, inventory.Problem{Reason: fmt.Sprintf("and %s, only counted", several(c.Rejected-len(of.Lost), "more problem"))})
	}
	for _, n := range of.NotEvaluated {
		p.result.NotEvaluated = append(p.result.NotEvaluated, assess.NotEvaluated{Policy: n.Policy, Title: n.Title, Why: n.Why})
	}
	return nil
}

func (p *serverPosture) readCoverage(of *server.Coverage) error {
	c := &p.result.Coverage
	c.Judged, c.Unknown, c.Percent, c.Reasons = of.Judged, of.Unknown, 100, map[posture.Reason]int{}
	c.Rejected = of.Rejected
	c.Manual, c.Exempt, c.Mitigated = of.Manual, of.Exempt, of.Mitigated
	if of.Percent != nil {
		c.Percent = *of.Percent
	}
	for word, n := range of.Reasons {
		reason, err := posture.ParseReason(word)
		if err != nil {
			return fmt.Errorf("reading the server's answer: %w", err)
		}
		c.Reasons[reason] = n
		if unseen := of.Unseen[word]; unseen > 0 {
			if c.Unseen == nil {
				c.Unseen = map[posture.Reason]int{}
			}
			c.Unseen[reason] = unseen
		}
	}
	return nil
}

func (p *serverPosture) readRecommendations(ctx context.Context) error {
	query := p.conditions()
	query.Set("sort", "severity")
	query.Set("all", "true")
	rows, err := allOf[server.RecommendationRow](ctx, p.asked, "/api/v1/recommendations", query)
	if err != nil {
		return err
	}
	r := &p.result
	for _, row := range rows {
		r.Recommendations = append(r.Recommendations, p.rule(&row))
	}
	slices.SortStableFunc(r.Recommendations, func(a, b assess.RuleResult) int {
		switch builtIn := a.Recommendation != nil; {
		case builtIn != (b.Recommendation != nil) && builtIn:
			return -1
		case builtIn != (b.Recommendation != nil):
			return 1
		}
		return cmp.Or(
			cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Unhealthy, a.Unhealthy),
			strings.Compare(a.ID, b.ID), strings.Compare(a.ParametersHash, b.ParametersHash),
		)
	})
	return nil
}

func (p *serverPosture) rule(row *server.RecommendationRow) assess.RuleResult {
	rule := assess.RuleResult{
		ID: row.ID, Title: row.Title, Cloud: row.Cloud, Severity: row.Severity, Healthy: row.Healthy, Unhealthy: row.Unhealthy, Unknown: row.Unknown,
		Manual: row.Manual, Exempt: row.Exempt, NotApplicable: row.NotApplicable, Mitigated: row.Mitigated, Gain: row.Gain,
		ParametersHash: row.Parameters,
	}
	if row.Policy {
		rule.Cloud = posture.Azure // as an assessment has it
	} else if known, err := p.catalog.Recommendation(row.ID); err == nil {
		rule.Recommendation = known
	}
	if control, ok := p.catalog.Control(row.Control); ok {
		rule.Control = control.Name
	}
	return rule
}

func (p *serverPosture) readFixes(ctx context.Context) error {
	var of server.Overview
	if err := p.get(ctx, "/api/v1/overview", p.conditions(), &of); err != nil {
		return err
	}
	p.result.Together = of.FixFirst.Together
	for _, row := range of.FixFirst.Rows {
		rule := p.rule(&row.RecommendationRow)
		p.result.Fixes = append(p.result.Fixes, assess.Fix{Rule: &rule, Gain: row.Gain, Points: row.Points, Resources: row.Resources})
	}
	return nil
}

func (p *serverPosture) readResources(ctx context.Context) error {
	query := p.conditions()
	query.Set("facets", "resourceState,unit")
	query.Set("limit", "1")
	var of server.List[json.RawMessage]
	if err := p.get(ctx, "/api/v1/resources", query, &of); err != nil {
		return err
	}
	r := &p.result
	r.Total, r.Selected, r.Resources = of.Total, of.Total, map[posture.State]int{}
	for _, value := range of.Facets["resourceState"] {
		state, err := posture.ParseState(value.Value)
		if err != nil {
			return fmt.Errorf("reading the server's answer: %w", err)
		}
		r.Resources[state] = value.Count
	}
	for _, value := range of.Facets["unit"] {
		if value.Value != "none" { // which is what stands above units
			r.Units++
		}
	}
	return nil
}

func (p *serverPosture) readScopes(ctx context.Context) error {
	query := url.Values{}
	if p.asked.at != "" {
		query.Set("at", p.asked.at)
	}
	var of server.Page[server.ScopeRow]
	own := map[string]bool{}
	if err := p.get(ctx, "/api/v1/scopes", query, &of); err != nil {
		return err
	}
	for _, row := range of.Rows {
		if row.Kind == posture.Root.String() || row.ID == "/" {
			own[row.ID] = true // the server's own nodes are nobody's organisation
		}
	}
	for _, row := range of.Rows {
		if own[row.ID] {
			continue
		}
		if own[row.Parent] {
			row.Parent = ""
		}
		p.result.Scopes = append(p.result.Scopes, posture.Scope{ID: row.ID, Parent: row.Parent, Name: row.Name, Kind: posture.ParseScopeKind(row.Kind), Cloud: row.Cloud})
	}
	return nil
}

// checks gives the single checks, with what the inventory says of their resources, by
// exports. What a check was judged on is not among it: explain tells.
func (p *serverPosture) checks(ctx context.Context, only report.Filter) assess.Checks {
	return func(yield func(*posture.Check, error) bool) {
		resources := map[string]*exportedResource{}
		for row, err := range exported[exportedResource](ctx, p.asked, "resources", p.conditions()) {
			if err != nil {
				yield(nil, err)
				return
			}
			resources[row.key()] = row
		}
		query := p.counting()
		if len(only.States) > 0 {
			query.Set("state", wordsOf(only.States))
		}
		if len(only.Severities) > 0 {
			query.Set("severity", wordsOf(only.Severities))
		}
		query.Set("sort", "recommendation")
		for row, err := range exported[exportedCheck](ctx, p.asked, "checks", query) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(row.check(resources), nil) {
				return
			}
		}
	}
}

func wordsOf[T fmt.Stringer](all []T) string {
	words := make([]string, len(all))
	for i, one := range all {
		words[i] = one.String()
	}
	return strings.Join(words, ",")
}

// exportedResource is a row of an export of resources.
type exportedResource struct {
	ID, Type, Unit, Region, Location string
	Tags                             map[string]string
}

func (r *exportedResource) key() string {
	return r.ID + "\x00" + r.Type + "\x00" + r.Unit
}

// exportedCheck is a row of an export of checks.
type exportedCheck struct {
	server.RuleName
	Severity posture.Severity
	ID       string        `json:"resource.id"`
	Name     string        `json:"resource.name"`
	Type     string        `json:"resource.type"`
	Cloud    posture.Cloud `json:"resource.cloud"`
	Unit     string        `json:"resource.unit"`
	Group    string        `json:"resource.group"`
	server.Check
	References []server.CheckReference
}

func (c *exportedCheck) check(resources map[string]*exportedResource) *posture.Check {
	of := &posture.Check{
		Rule: cmp.Or(c.Policy, c.Recommendation), Recommendation: c.Policy == "", ParametersHash: c.ParametersHash, Resource: c.ID, Type: c.Type, Name: c.Name, Cloud: c.Cloud, Unit: c.Unit, Scope: c.Unit,
		State: c.State, Judged: c.Judged, Reason: c.Reason, Attested: c.Attested, Severity: c.Severity,
	}
	if c.Group != "" {
		of.Scope = c.Group
	}
	if own := policy.GroupOf(c.ID); strings.EqualFold(own, c.Group) && own != "" {
		of.Scope = own // as the resource has it, whatever others of the group do
	}
	if c.Type == assess.ManualType {
		of.Name = c.Unit
	}
	of.Exempt = c.Mark()
	if c.Attestation != nil {
		of.Detail = c.Attestation.Text
	}
	for _, ref := range c.References {
		of.References = append(of.References, posture.Reference{Assignment: ref.Assignment, Member: ref.Reference, Exempt: ref.Exempt, Category: ref.Category, Message: ref.Message})
	}
	if r := resources[c.ID+"\x00"+c.Type+"\x00"+c.Unit]; r != nil {
		of.Location, of.Tags = r.Location, r.Tags
		if of.Location == "" {
			of.Location = r.Region
		}
	}
	return of
}

// exported yields the rows of a list of any length, by a job of the server.
func exported[R any](ctx context.Context, s *asked, list string, query url.Values) iter.Seq2[*R, error] {
	return func(yield func(*R, error) bool) {
		body, err := s.export(ctx, list, query)
		if err != nil {
			yield(nil, err)
			return
		}
		defer body.Close() // nothing was written
		lines := bufio.NewReaderSize(body, 1<<16)
		for {
			line, err := lines.ReadBytes('\n')
			switch {
			case errors.Is(err, io.EOF):
				err = errors.New("the export ended before its end; the connection broke, or the server was stopped")
			case err == nil && strings.HasPrefix(string(line), `{"bartizan":"export"`):
				return
			}
			row := new(R)
			if err == nil {
				err = json.Unmarshal(line, row)
			}
			if err != nil {
				yield(nil, fmt.Errorf("reading the server's answer: %w", err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// export makes an export and gives its result.
func (s *asked) export(ctx context.Context, list string, query url.Values) (io.ReadCloser, error) {
	var j server.JobRow
	ask := client.Request{Method: http.MethodPost, Path: "/api/v1/exports", Body: server.NewExport{List: list, Format: "jsonl", Query: query.Encode()}}
	if err := s.Do(ctx, ask, &j); err != nil {
		return nil, misused(err)
	}
	for wait := 50 * time.Millisecond; !j.State.Ended(); wait = min(2*wait, 2*time.Second) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		if err := s.Do(ctx, client.Request{Path: "/api/v1/job", Query: url.Values{"id": {j.ID}}}, &j); err != nil {
			return nil, err
		}
	}
	if j.State != ledger.JobDone || j.Result == nil {
		return nil, fmt.Errorf("export of %s: it is %s: %s", list, j.State, j.Message)
	}
	return s.Open(ctx, client.Request{Path: "/api/v1/exports/result", Query: url.Values{"id": {j.ID}}, Accept: j.Result.Type})
}
