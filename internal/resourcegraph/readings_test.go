package resourcegraph_test

import (
	"context"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// A query reads and assesses what it needs and no more: one reading is that of
// the table, two are those of an assessment of the demo, one is that of the checks.
func TestReadings(t *testing.T) {
	tests := map[string]struct {
		query string
		want  int64
	}{
		"resources_are_never_assessed":      {"resources | where type == 'machine' | count", 1},
		"nor_are_containers":                {"resourcecontainers | count", 1},
		"nor_what_the_inputs_have":          {"securityresources | where type == 'microsoft.security/pricings' | count", 1},
		"nor_policies_without_a_library":    {"policyresources | count", 1},
		"a_limit_that_the_inputs_meet":      {"securityresources | take 3", 1},
		"scores_need_no_checks":             {"securityresources | where type == 'microsoft.security/securescores' | count", 3},
		"nor_do_standards":                  {"securityresources | where type startswith 'microsoft.security/regulatory' | count", 3},
		"checks_are_read_again":             {"securityresources | where type == 'microsoft.security/assessments' | count", 4},
		"an_assessment_serves_all_of_them":  {"securityresources | summarize count() by type", 4},
		"tables_that_nothing_fills_too":     {"aksresources | count", 1},
		"a_query_without_a_table_for_print": {"print 1", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o, read := demo(t)
			if ask(t, resourcegraph.New(o), test.query); read.Load() > test.want {
				t.Errorf("%d readings, want at most %d", read.Load(), test.want)
			}
		})
	}
}

// Evidence is computed where it is asked for, which the near misses of failed
// existence checks show: they take a reading of their own.
func TestEvidenceCosts(t *testing.T) {
	count := func(query string) int64 {
		o, read := demo(t)
		ask(t, resourcegraph.New(o), query)
		return read.Load()
	}
	const all = "securityresources | where type == 'microsoft.security/assessments' | summarize count() by tostring(properties."
	without, with := count(all+"status.code)"), count(all+"bartizan.evidence[0].path)")
	if with <= without {
		t.Errorf("%d readings with evidence, %d without; want fewer", with, without)
	}
}

// A scan may go on while another one of the same goroutine begins.
func TestScansInScans(t *testing.T) {
	o, _ := demo(t)
	e := resourcegraph.New(o)
	table, _ := e.Table("securityresources")
	outer := 0
	for b, err := range table.Scan(context.Background(), kql.Request{Columns: []int{0}}) {
		if err != nil {
			t.Fatal(err)
		}
		if outer == 0 {
			inner := 0
			for b, err := range table.Scan(context.Background(), kql.Request{Columns: []int{0}}) {
				if err != nil {
					t.Fatal(err)
				}
				inner += b.Len
			}
			if inner < 2000 {
				t.Errorf("%d rows inside", inner)
			}
		}
		outer += b.Len
	}
	if outer < 2000 {
		t.Errorf("%d rows outside", outer)
	}
}

// A reader that leaves, and one whose time is over, end what they began.
func TestLeaving(t *testing.T) {
	o, _ := demo(t)
	e := resourcegraph.New(o)
	table, _ := e.Table("securityresources")
	for range table.Scan(context.Background(), kql.Request{Columns: []int{0}}) {
		break
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var last error
	for _, err := range table.Scan(ctx, kql.Request{Columns: []int{0}}) {
		last = err
	}
	if last == nil {
		t.Error("no error where the context had ended")
	}
	if rows := ask(t, e, "securityresources | where type == 'microsoft.security/assessments' | count"); rows[0] == "[0]" {
		t.Error("nothing is told afterwards")
	}
}
