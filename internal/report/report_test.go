package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	subscription = "/subscriptions/11111111-1111-1111-1111-111111111111"
	shop         = subscription + "/resourceGroups/rg-shop/providers/Microsoft.Storage/storageAccounts/shop"
)

var at = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// single is an estate of one unit in which every state and mark occurs.
func single() *Run {
	storage := &catalog.Recommendation{
		ID: "anonymous-blob-access-off", Title: "Storage accounts forbid anonymous blob access", Cloud: posture.Azure,
		Service: "storage", Severity: posture.High, Why: "One open container lets anyone read.",
		Remediation: catalog.Remediation{
			Steps: "Switch it off.", Commands: []catalog.Command{{Text: "az storage account update --name {name}"}}, Bicep: "param x bool",
			Breaks: "Anonymous links stop working.", Fix: json.RawMessage(`{"operation":"addOrReplace"}`),
		},
		Standards: []catalog.StandardRef{{Standard: "mcsb-v1", Control: "NS-2"}, {Standard: "cis-azure-3.0", Control: "4.17"}, {Standard: "mcsb-v1", Control: "NS-3"}},
	}
	rules := []assess.RuleResult{
		{
			ID: storage.ID, Title: storage.Title, Recommendation: storage, Cloud: posture.Azure, Severity: posture.High,
			Control: "Restrict unauthorized network access", Healthy: 73, Unhealthy: 5, Unknown: 2, Exempt: 1, Mitigated: 1, NotApplicable: 3,
			Reasons: map[posture.Reason]int{posture.NotCollected: 2}, Gain: 6.412345,
		},
		{ID: "access-reviewed", Title: "Access is reviewed every quarter", Recommendation: &catalog.Recommendation{}, Severity: posture.Low, Manual: 1},
		{ID: "all-good", Title: "Disks are encrypted", Recommendation: &catalog.Recommendation{}, Severity: posture.Medium, Healthy: 4},
		{ID: "no-such-thing", Title: "Vaults keep what is deleted", Recommendation: &catalog.Recommendation{}, Severity: posture.Medium},
		{ID: "/providers/Microsoft.Authorization/policyDefinitions/34c877ad", Title: "Public network access \x1b[31mshould be off", ParametersHash: "ab12", Unhealthy: 1},
	}
	return &Run{
		At: at, Version: "0.1.0",
		Scopes: []posture.Scope{
			{ID: "tenant-guid", Kind: posture.Tenant, Name: "Contoso"},
			{ID: "/providers/Microsoft.Management/managementGroups/shop", Parent: "tenant-guid", Kind: posture.Folder, Name: "Shop"},
			{ID: strings.ToUpper(subscription), Parent: "/providers/microsoft.management/managementgroups/SHOP", Kind: posture.Unit, Name: "shop-prod"},
		},
		Result: &assess.Result{
			Score: score.Score{
				Percent: 93.5, HasScore: true, Current: 3.74, Max: 4,
				Units: []score.Unit{{
					Scope: subscription, HasScore: true, Percent: 93.5, Current: 3.74, Max: 4, Weight: 78,
					Controls: []score.ControlScore{
						{ID: "restrict-unauthorized-network-access", Name: "Restrict unauthorized network access", Max: 4, Current: 3.74, Percentage: 0.935, Healthy: 73, Unhealthy: 5, Unknown: 2, Weight: 78},
						{ID: "enable-mfa", Name: "Enable MFA"},
					},
				}},
			},
			Coverage: assess.Coverage{
				Judged: 78, Unknown: 12, Rejected: 1, Percent: 86.66666, Manual: 1, Exempt: 2, Mitigated: 1,
				Reasons: map[posture.Reason]int{posture.NotCollected: 8, posture.Denied: 2, posture.Partial: 2},
			},
			Recommendations: rules,
			Compliance: []compliance.Result{{
				Standard: "mcsb-v1", Title: "Microsoft cloud security benchmark v1", Rate: 0.25, HasRate: true,
				Controls: compliance.Controls{Passed: 1, Failed: 3, Manual: 1, NotApplicable: 1, NotCovered: 40, Exempt: 2, Mitigated: 1},
				Nodes: []compliance.NodeResult{
					{ID: "NS", Title: "Network", Group: true, State: compliance.Failed, RollUp: compliance.OfControls, Beneath: compliance.Controls{Failed: 3, NotApplicable: 1, NotCovered: 1, Exempt: 2, Mitigated: 1}},
					{ID: "NS-2", Parent: "NS", State: compliance.Failed, RollUp: compliance.OfChecks, Tally: compliance.Tally{Healthy: 73, Unhealthy: 5, Unknown: 2, Exempt: 3, Mitigated: 2, NotApplicable: 3}},
					{ID: "NS-3", Parent: "NS", State: compliance.NotApplicable, RollUp: compliance.OfChecks, Tally: compliance.Tally{Exempt: 1}},
					{ID: "NS-9", Parent: "NS", State: compliance.NotCovered},
					{ID: "GS-1", Title: "Strategy", State: compliance.Manual, RollUp: compliance.OfMark},
				},
			}},
			Fixes:     []assess.Fix{{Rule: &rules[0], Gain: 6.41, Points: 0.26, Resources: 5}, {Rule: &rules[2], Gain: 0.01, Resources: 1}},
			Together:  6.42,
			Resources: map[posture.State]int{posture.Unhealthy: 5, posture.Unknown: 2, posture.Healthy: 73},
			Total:     80, Units: 1, Duplicates: 2,
			NotEvaluated: []assess.NotEvaluated{
				{Policy: "a", Why: "needs parameter effect"},
				{Policy: "b", Why: "needs parameter listOfLocations"},
				{Policy: "c", Why: "guest-config"},
			},
			Seen: []inventory.Seen{
				{File: "estate/azure.json", Format: "Azure Resource Manager, JSON array", Records: 81, Resources: 80, Rejected: 1},
				{File: "estate/config.json", Format: "AWS Config snapshot", Records: 9, Resources: 9, Unmapped: map[string]int{"AWS::X::A": 3, "AWS::X::B": 1, "AWS::X::C": 1, "AWS::X::D": 1, "AWS::X::E": 1, "AWS::X::F": 1, "AWS::X::G": 1}},
			},
			Problems: []inventory.Problem{{File: "estate/azure.json", Line: 17, Reason: "not JSON: unexpected end"}, {Reason: "and 5 more problems, only counted"}},
			Warnings: []string{"policy x: deprecated form"},
		},
		Checks: checks(
			posture.Check{
				Rule: storage.ID, Recommendation: true, Resource: shop, Type: "Microsoft.Storage/storageAccounts", Name: "shop",
				Location: "westeurope", Tags: map[string]string{"owner": "anna", "env": "prod"}, Cloud: posture.Azure, Unit: subscription,
				Scope: subscription + "/resourceGroups/rg-shop", State: posture.Unhealthy, Judged: posture.Unhealthy, Severity: posture.High,
				Evidence: []posture.Evidence{
					{Path: "properties.allowBlobPublicAccess", Found: true, Wanted: "equals false"},
					{Path: "properties.networkAcls", Found: map[string]any{"bypass": "None", "a": []any{1.5, nil}}, Wanted: "exists"},
					{Path: "properties.x", Absent: true, Wanted: "equals \"ü\""},
					{Path: "properties.days", Found: 30.0, Wanted: "greaterOrEquals 90", Resource: shop + "/providers/Contoso.Log/settings/a"},
				},
			},
			posture.Check{
				Rule: storage.ID, Recommendation: true, Resource: shop + "2", Type: "Microsoft.Storage/storageAccounts", Name: "=cmd|' /C calc'!A0",
				Cloud: posture.Azure, Unit: subscription, Scope: subscription, State: posture.Unknown, Judged: posture.Unknown,
				Reason: posture.NotCollected, Detail: "the body was not read", Severity: posture.High,
				References: []posture.Reference{{Assignment: "mcsb-v1", Member: "NS-2", Exempt: true, Category: "mitigated"}, {Assignment: "mcsb-v1", Member: "NS-3", Exempt: true, Category: "waiver"}},
			},
			posture.Check{
				Rule: "/providers/Microsoft.Authorization/policyDefinitions/34c877ad", ParametersHash: "ab12", Resource: "arn:aws-cn:s3:::logs",
				Type: "AWS::S3::Bucket", Name: "logs", Cloud: posture.AWS, Unit: "123456789012", Scope: "123456789012",
				State: posture.Exempt, Judged: posture.Unhealthy, Exempt: &posture.ExemptMark{Category: "mitigated", ExpiresOn: at.Add(time.Hour), Reason: "only the proxy gets there"},
				References: []posture.Reference{{Assignment: "a1", Member: "m", Exempt: true, Category: "mitigated"}, {Assignment: "a2"}},
			},
			posture.Check{
				Rule: "access-reviewed", Recommendation: true, Resource: "projects/p1", Type: "storage.googleapis.com/Bucket", Cloud: posture.GCP,
				Unit: "projects/p1", Scope: "projects/p1", State: posture.Manual, Judged: posture.Manual, Severity: posture.Low,
			},
			posture.Check{
				Rule: "access-reviewed", Recommendation: true, Resource: "machines/web/m1", Type: "machine", Cloud: posture.Machine,
				Unit: "machines/web", Scope: "machines/web", State: posture.Healthy, Judged: posture.Healthy, Attested: true, Severity: posture.Low,
			},
			posture.Check{
				Rule: "left-out-of-the-sums", Resource: "x", Cloud: posture.Machine, State: posture.NotApplicable, Judged: posture.NotApplicable,
			},
			posture.Check{
				Rule: "left-out-of-the-sums", Resource: "y", Cloud: posture.Machine, State: posture.Exempt, Judged: posture.NotApplicable,
				Exempt: &posture.ExemptMark{Category: "waiver"},
			},
		),
	}
}

// several is an estate of two units with a low coverage.
func several() *Run {
	return &Run{
		At: at, Checks: checks(), Style: Style{Width: 72, Unicode: true, Colour: true, Rows: 1},
		Result: &assess.Result{
			Score: score.Score{Percent: 41.236, HasScore: true, Units: []score.Unit{
				{Scope: "123456789012", HasScore: true, Percent: 41.24, Current: 4.12, Max: 10, Weight: 100},
				{Scope: "projects/idle"},
			}},
			Coverage:        assess.Coverage{Judged: 4, Unknown: 6, Percent: 40, Reasons: map[posture.Reason]int{posture.NotCollected: 6}},
			Recommendations: []assess.RuleResult{{ID: "b", Title: "日本語の題名 that is far too long for a narrow terminal", Recommendation: &catalog.Recommendation{}, Severity: posture.Critical, Unhealthy: 1200}, {ID: "c", Recommendation: &catalog.Recommendation{}, Unknown: 6}},
			Compliance:      []compliance.Result{{Standard: "own", Title: "House rules"}, {Standard: "other", Title: "House rules"}},
			Total:           1206, Units: 2,
		},
		Written: []string{"out/report.json", "out/verdicts.jsonl"},
	}
}

func empty() *Run {
	return &Run{Result: &assess.Result{Coverage: assess.Coverage{Percent: 100}}, Checks: checks()}
}

func checks(list ...posture.Check) assess.Checks {
	return func(yield func(*posture.Check, error) bool) {
		for i := range list {
			if !yield(&list[i], nil) {
				return
			}
		}
	}
}

func TestFormats(t *testing.T) {
	runs := map[string]*Run{"single": single(), "several": several(), "empty": empty()}
	for name, run := range runs {
		for _, format := range Formats {
			t.Run(name+"_"+format.Name, func(t *testing.T) {
				var out bytes.Buffer
				if err := format.Write(&out, run); err != nil {
					t.Fatal(err)
				}
				text := out.Bytes()
				if format.Name == "html" {
					text = legible(text)
				}
				golden(t, filepath.Join("testdata", name+"."+format.File), text)
			})
		}
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestJSONLinesAreJSON holds the lines put together by hand against a parser.
// TestListsAreComplete: only where rows are limited is anything left out, but for
// what the inputs did not give: problems, notes and inputs without anything in them.
func TestListsAreComplete(t *testing.T) {
	tests := map[string]struct {
		rows                                 int
		inputs, problems, warnings, ellipses int
	}{
		"file":     {0, 30, 20, 40, 3},
		"terminal": {15, 15, 20, 10, 6},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := empty()
			unmapped := map[string]int{}
			format := ""
			for i := range 40 {
				if i == 20 {
					format = inventory.NothingRecognised
				}
				run.Result.Seen = append(run.Result.Seen, inventory.Seen{File: fmt.Sprintf("input-%d", i), Format: format, Unmapped: unmapped})
				run.Result.Problems = append(run.Result.Problems, inventory.Problem{File: "x", Line: i + 1, Reason: "broken", Notice: i < 15})
				run.Result.Warnings = append(run.Result.Warnings, "deprecated")
				unmapped[fmt.Sprintf("AWS::X::%d", i)] = 1
			}
			run.Style = Style{Rows: test.rows}
			var out strings.Builder
			if err := Formats[0].Write(&out, run); err != nil {
				t.Fatal(err)
			}
			text := out.String()
			got := []int{strings.Count(text, "  input-"), strings.Count(text, ": broken"), strings.Count(text, "warning deprecated"), strings.Count(text, "and ")}
			if diff := cmp.Diff([]int{test.inputs, test.problems, test.warnings, test.ellipses}, got); diff != "" {
				t.Errorf("inputs, problems, warnings, ellipses (-want +got):\n%s\n%s", diff, text)
			}
			if !strings.Contains(text, "note x:1: broken") || !strings.Contains(text, "problem x:16: broken") || !strings.Contains(text, "and 15 more problems;") || !strings.Contains(text, "and 5 more notes;") {
				t.Errorf("a notice is no problem:\n%s", text)
			}
		})
	}
}

// TestSlice: a slice has no points, which are not 0.
func TestSlice(t *testing.T) {
	run := single()
	run.Result.Slice, run.Result.Score.Max, run.Result.Score.Current = true, 0, 0
	for _, format := range Formats[:2] {
		var out bytes.Buffer
		if err := format.Write(&out, run); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join("testdata", "slice."+format.File), out.Bytes())
	}
}

// TestSetsOfParametersAreToldApart: rows of one id say which set of its parameters
// they are of, the others do not.
func TestSetsOfParametersAreToldApart(t *testing.T) {
	var out bytes.Buffer
	run := &Run{Result: &assess.Result{Recommendations: []assess.RuleResult{
		{ID: "house", ParametersHash: "ab12"}, {ID: "house", ParametersHash: "cd34"}, {ID: "shop", ParametersHash: "ef56"},
	}}, Checks: checks()}
	if err := writeJSON(&out, run); err != nil {
		t.Fatal(err)
	}
	var told struct {
		Recommendations []struct {
			ID             string
			ParametersHash *string
		}
	}
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range told.Recommendations {
		if r.ParametersHash == nil {
			got = append(got, r.ID)
			continue
		}
		got = append(got, r.ID+" "+*r.ParametersHash)
	}
	if diff := cmp.Diff([]string{"house ab12", "house cd34", "shop"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestJSONLinesAreJSON(t *testing.T) {
	var out bytes.Buffer
	if err := writeJSONLines(&out, single()); err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	if len(lines) != 7 {
		t.Fatalf("%d lines, want all 7 checks", len(lines))
	}
	for _, line := range lines {
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestCSVColumns(t *testing.T) {
	var out bytes.Buffer
	if err := writeCSV(&out, single()); err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(&out)
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows[0]) != 44 {
		t.Errorf("%d columns, want 44", len(rows[0]))
	}
	if len(rows) != 6 {
		t.Errorf("%d rows, want the titles and the 5 checks that apply", len(rows))
	}
}

func TestWriteErrors(t *testing.T) {
	broken := errors.New("disk full")
	unreadable := single()
	unreadable.Checks = func(yield func(*posture.Check, error) bool) { yield(nil, broken) }
	for _, format := range Formats {
		t.Run(format.Name, func(t *testing.T) {
			if err := format.Write(failing{broken}, single()); !errors.Is(err, broken) {
				t.Errorf("writer fails: got %v, want its error", err)
			}
			if err := format.Write(&bytes.Buffer{}, unreadable); format.Checks && !errors.Is(err, broken) {
				t.Errorf("checks fail: got %v, want their error", err)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestParse(t *testing.T) {
	tests := map[string]struct {
		in   []string
		want []string
		err  string
	}{
		"none":         {nil, nil, ""},
		"comma_list":   {[]string{"json, csv"}, []string{"json", "csv"}, ""},
		"repeated":     {[]string{"json", "JSON,table"}, []string{"json", "table"}, ""},
		"unknown_name": {[]string{"json,xml"}, nil, `format "xml": want table, json, jsonl, csv, ocsf, sarif, junit, md, html`},
		"empty_name":   {[]string{""}, nil, `format "": want table, json, jsonl, csv, ocsf, sarif, junit, md, html`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			formats, err := Parse(test.in)
			var got []string
			for _, f := range formats {
				got = append(got, f.Name)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.err, text); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// A control that a person attests has its own title.
func TestRulesOfManualControls(t *testing.T) {
	table := rulesOf(&assess.Result{Compliance: []compliance.Result{{Standard: "mcsb-v1", Nodes: []compliance.NodeResult{
		{ID: "IR", Title: "Incident response", Group: true}, {ID: "IR-1", Title: "Preparation: update the plan"},
	}}}})
	if got := table.of(&posture.Check{Rule: "mcsb-v1:IR-1"}).Title; got != "Preparation: update the plan" {
		t.Errorf("title %q", got)
	}
}

// The controls of a check are those that its recommendation names, and those of
// initiatives and standards of one's own that name it.
func TestControlsOfRules(t *testing.T) {
	recommendation := &catalog.Recommendation{ID: "a", Standards: []catalog.StandardRef{{Standard: "mcsb-v1", Control: "NS-2"}}}
	table := rulesOf(&assess.Result{
		Recommendations: []assess.RuleResult{{ID: "a", ParametersHash: "1", Recommendation: recommendation}, {ID: "p", ParametersHash: "2"}},
		Compliance: []compliance.Result{
			{Standard: "mcsb-v1", Nodes: []compliance.NodeResult{{ID: "NS-2", Title: "Networks", Rules: []compliance.Rule{{ID: "a", ParametersHash: "1"}}}}},
			{Standard: "house", Nodes: []compliance.NodeResult{
				{ID: "H-1", Title: "Doors", Rules: []compliance.Rule{{ID: "a", ParametersHash: "1"}, {ID: "p", ParametersHash: "2"}}},
				{ID: "H-2", Title: "Fire drill"},
			}},
		},
	})
	for key, want := range map[ruleKey]string{
		{"a", "1"}:        "house: H-1 | mcsb-v1: NS-2",
		{"p", "2"}:        "house: H-1",
		{"p", "3"}:        "",
		{"house:H-2", ""}: "house: H-2",
	} {
		if got := standards(&row{rule: table.of(&posture.Check{Rule: key.id, ParametersHash: key.parametersHash})}); got != want {
			t.Errorf("%v: got %q, want %q", key, got, want)
		}
	}
}
