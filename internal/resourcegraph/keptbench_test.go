package resourcegraph_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// bodiless is a store whose bodies are all alike, so that what is measured is what
// comes before.
type bodiless struct{ x *index.Index }

func (b bodiless) RecordsOf(_ context.Context, _ ledger.Number, resources []uint32) ([][]byte, error) {
	records := make([][]byte, len(resources))
	for i, n := range resources {
		r, _ := b.x.Resource(n)
		records[i] = fmt.Appendf(nil, `{"id":%q,"name":%q,"type":%q,"location":"westeurope","tags":{"a":"b"},"properties":{"x":true}}`, r.ID, r.Name, r.Type)
	}
	return records, nil
}

func (bodiless) Losses(context.Context, ledger.Number) ([]ledger.Loss, error) { return nil, nil }
func (bodiless) Reads(context.Context, ledger.Number) ([]ledger.Read, error)  { return nil, nil }

func (bodiless) UnitBodies(context.Context, ledger.Number, string, ...string) iter.Seq2[ledger.ResourceBody, error] {
	return func(func(ledger.ResourceBody, error) bool) {}
}

// large is an estate of n resources with three verdicts each, in units of 1000.
func large(b *testing.B, n int) (*index.Index, resourcegraph.Kept) {
	c := builtIn(b)
	judges, err := estate.NewJudges(c)
	if err != nil {
		b.Fatal(err)
	}
	content, err := judges.Content(nil)
	if err != nil {
		b.Fatal(err)
	}
	l := index.NewLoader(content)
	contents := index.Contents{Facts: map[int64]ledger.Facts{1: {Location: "westeurope"}}}
	for i := range 3 {
		contents.Evaluations = append(contents.Evaluations, ledger.Evaluation{Number: uint32(i + 1), Rule: content.Rules[i].ID})
	}
	for i := range 27 {
		t := ledger.Tuple{Number: int64(i + 1)}
		for e, at := 1, i; e <= 3; e, at = e+1, at/3 {
			t.Verdicts = append(t.Verdicts, ledger.Verdict{Evaluation: uint32(e), State: posture.States[at%3]})
		}
		contents.Tuples = append(contents.Tuples, t)
	}
	l.Scopes([]posture.Scope{{ID: "root", Parent: "/", Kind: posture.Root}})
	if err := l.Contents(contents); err != nil {
		b.Fatal(err)
	}
	for i := 1; i <= n; i++ {
		unit := fmt.Sprintf("/subscriptions/%08d-0000-0000-0000-000000000000", i/1000)
		r := ledger.Resource{Number: uint32(i), Type: fmt.Sprintf("Microsoft.Things/kind%d", i%1000/5), Name: fmt.Sprintf("thing-%07d", i), Cloud: posture.Azure, Unit: unit}
		if i%1000 == 0 {
			l.Scopes([]posture.Scope{{ID: unit, Parent: "root", Kind: posture.Unit, Cloud: posture.Azure}})
		}
		r.Group = fmt.Sprintf("%s/resourceGroups/group-%d", unit, i%20)
		r.ID = r.Group + "/providers/" + r.Type + "/" + r.Name
		r.Key = ledger.KeyOf(r.Identity())
		l.Resource(&r)
		l.Version(ledger.Version{Resource: r.Number, Facts: 1})
		l.Judged(ledger.Judged{Resource: r.Number, Tuple: int64(i%27 + 1)})
	}
	x := l.Index(1, nil)
	k := ungoverned(b, c, content.Rules)
	k.Find, k.Store, k.Shows = x.Find, bodiless{x}, func(string) bool { return true }
	return x, k
}

// BenchmarkKept asks estates of two sizes: what names a type and wants few rows
// should cost the same.
func BenchmarkKept(b *testing.B) {
	queries := []struct{ name, text string }{
		{"type_take", "resources | where type == 'microsoft.things/kind7' | take 100"},
		{"take", "resources | take 100"},
		{"id", "resources | where id =~ '/subscriptions/00000003-0000-0000-0000-000000000000/resourceGroups/group-1/providers/Microsoft.Things/kind0/thing-0003001'"},
		{"unit_checks", "securityresources | where type == 'microsoft.security/assessments' and subscriptionId == '00000003-0000-0000-0000-000000000000' | summarize count() by tostring(properties.bartizan.state)"},
		{"count_by_type", "resources | summarize count() by type"},
		{"checks_by_state", "securityresources | where type == 'microsoft.security/assessments' | summarize count() by tostring(properties.status.code)"},
		{"unhealthy_of_rule", "securityresources | where type == 'microsoft.security/assessments' and name == 'none' and properties.status.code == 'Unhealthy' | count"},
		{"scores", "securityresources | where type == 'microsoft.security/securescores' | count"},
	}
	for _, n := range []int{10_000, 1_000_000} {
		if n > 10_000 && testing.Short() {
			continue
		}
		x, k := large(b, n)
		for _, query := range queries {
			b.Run(fmt.Sprintf("%s/%d", query.name, n), func(b *testing.B) {
				for b.Loop() {
					k.Excerpt = x.Select(index.Filter{}).Excerpt()
					q, err := kql.Prepare(query.text, resourcegraph.NewKept(k), kql.Options{Now: now})
					if err != nil {
						b.Fatal(err)
					}
					for _, err := range q.Run(context.Background()).Batches() {
						if err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}
