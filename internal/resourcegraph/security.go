package resourcegraph

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// The types of securityresources that are computed.
const (
	assessmentType        = "microsoft.security/assessments"
	scoreType             = "microsoft.security/securescores"
	scoreControlType      = "microsoft.security/securescores/securescorecontrols"
	standardType          = "microsoft.security/regulatorycompliancestandards"
	standardControlType   = "microsoft.security/regulatorycompliancestandards/regulatorycompliancecontrols"
	controlAssessmentType = "microsoft.security/regulatorycompliancestandards/regulatorycompliancecontrols/regulatorycomplianceassessments"
)

// A kind is a type of rows that are computed for a table.
type kind struct {
	typ  string
	rows func(ctx context.Context, e *Estate, want *wanted) iter.Seq2[*data.Batch, error]
}

// computedTable has rows of the inputs, and behind them those of its kinds.
type computedTable struct {
	inventoryTable
	kinds []kind
}

// Scan gives what the inputs have, then computes the kinds that may be wanted,
// each only when it is its turn.
func (t *computedTable) Scan(ctx context.Context, want kql.Request) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		more := true
		pass := func(b *data.Batch, err error) bool {
			more = yield(b, err) && err == nil
			return more
		}
		t.inventoryTable.Scan(ctx, want)(pass)
		w := newWanted(want)
		if slices.ContainsFunc(t.kinds, func(k kind) bool { return w.admits(k.typ) && t.estate.comesOfResources(k.typ) }) {
			t.estate.asksAll(t.name, want.Where)
		}
		for _, k := range t.kinds {
			if more && w.admits(k.typ) {
				k.rows(ctx, t.estate, w)(pass)
			}
		}
	}
}

var securityKinds = []kind{
	{assessmentType, assessmentRows},
	{scoreType, few(scoreRows)},
	{scoreControlType, few(scoreControlRows)},
	{standardType, few(standardRows)},
	{standardControlType, few(standardControlRows)},
	{controlAssessmentType, few(controlAssessmentRows)},
}

// few makes a kind of rows that are told from an assessment's sums, without its checks.
func few(each func(e *Estate, a *assessed, s *rowSink)) func(context.Context, *Estate, *wanted) iter.Seq2[*data.Batch, error] {
	return func(ctx context.Context, e *Estate, want *wanted) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			a, err := e.source.assessed(ctx, false)
			if err == nil && a.sum != nil {
				a.result, err = a.sum()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			s := want.sink(func(b *data.Batch) bool { return yield(b, nil) })
			each(e, a, s)
			s.flush()
		}
	}
}

// assessmentRows has a row for every check.
func assessmentRows(ctx context.Context, e *Estate, want *wanted) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		a, err := e.source.assessed(ctx, want.reads("bartizan", "evidence") || want.reads("bartizan", "detail"))
		if err != nil {
			yield(nil, err)
			return
		}
		t := &assessmentTeller{assessed: a, estate: e, want: want, rules: map[ruleKey]*ruleWords{}, tenants: map[string]string{}, states: map[stateKey]*data.Node{}, texts: newSharedTexts()}
		t.needs()
		a.rowsOfChecks(ctx, want, func(s *rowSink, c *posture.Check, kept *standing) { s.add(t.row(c, kept)) })(yield)
	}
}

// unitRow begins a row that is about a unit.
func (a *assessed) unitRow(unit, path, typ string) *row {
	return &row{
		id: unit + path, name: lastSegment(path), typ: typ,
		tenant: a.tenant(unit), subscription: lastSegment(unit),
	}
}

// tenant is the Entra tenant, or the organisation, that a scope stands in.
func (a *assessed) tenant(scope string) string {
	return tenantOf(a.tree.Ancestors(scope), a.tree.Scope)
}

func tenantOf(above []string, scope func(string) (posture.Scope, bool)) string {
	for _, id := range above {
		if s, ok := scope(id); ok && s.Kind == posture.Tenant {
			return id
		}
	}
	return ""
}

// providers are the words that Defender for Cloud has for the clouds.
var environments = map[posture.Cloud]string{posture.Azure: "Azure", posture.AWS: "AWS", posture.GCP: "GCP", posture.Machine: "OnPremise"}

// providerPath is what stands behind a scope's id in the ids of Defender's objects.
func providerPath(parts ...string) string {
	return "/providers/Microsoft.Security/" + strings.Join(parts, "/")
}
