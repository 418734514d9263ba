package assess_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
	"github.com/bartizan-dev/bartizan/policy"
)

var update = flag.Bool("update", false, "write the golden files")

// now is the clock of all tests.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	unitA  = "/subscriptions/00000000-0000-0000-0000-00000000000a"
	unitB  = "/subscriptions/00000000-0000-0000-0000-00000000000b"
	groupA = unitA + "/resourceGroups/app"
	top    = "/providers/Microsoft.Management/managementGroups/top"
)

// aliases is an alias table for the types of these tests.
const aliases = `{
"Microsoft.Storage/storageAccounts": {"supportsHttpsTrafficOnly": "properties.supportsHttpsTrafficOnly", "minimumTlsVersion": "properties.minimumTlsVersion"},
"Microsoft.Insights/diagnosticSettings": {"workspaceId": "properties.workspaceId"},
"Microsoft.Network/networkWatchers": {"enabled": "properties.enabled"}
}`

// https is unhealthy where a storage account takes plain HTTP.
var https = definition("https", `"if": {"allOf": [
	{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
	{"field": "Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly", "notEquals": true}]},
	"then": {"effect": "[parameters('effect')]"}`,
	`"effect": {"type": "String", "defaultValue": "Audit", "allowedValues": ["Audit", "Deny", "Disabled"]}`)

// logged wants a diagnostic setting of each storage account.
var logged = definition("logged", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
	"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings"}}`, "")

// attest is a manual check of each subscription.
var attest = definition("attest", `"if": {"field": "type", "equals": "Microsoft.Resources/subscriptions"},
	"then": {"effect": "Manual"}`, "")

// definition makes a policy definition with an id.
func definition(name, rule, parameters string) string {
	return fmt.Sprintf(`{"id": "/providers/Microsoft.Authorization/policyDefinitions/%s", "name": "%s",
		"type": "Microsoft.Authorization/policyDefinitions",
		"properties": {"displayName": "Title of %s", "policyType": "Custom", "mode": "All", "version": "1.2.3",
		"metadata": {"version": "1.2.3", "severity": "High"}, "parameters": {%s}, "policyRule": {%s}}}`, name, name, name, parameters, rule)
}

func account(group, name, properties string) string {
	return fmt.Sprintf(`{"id":"%s/providers/Microsoft.Storage/storageAccounts/%s","name":"%s","type":"Microsoft.Storage/storageAccounts","location":"westeurope"%s}`,
		group, name, name, properties)
}

// open and closed are the ends of account bodies.
const (
	plain  = `,"properties":{"supportsHttpsTrafficOnly":false}`
	secure = `,"properties":{"supportsHttpsTrafficOnly":true}`
)

func setting(of string) string {
	return fmt.Sprintf(`{"id":"%s/providers/Microsoft.Storage/storageAccounts/%s/providers/Microsoft.Insights/diagnosticSettings/log","name":"log","type":"Microsoft.Insights/diagnosticSettings","properties":{"workspaceId":"w"}}`, groupA, of)
}

func subscription(id string) string {
	return fmt.Sprintf(`{"id":"%s","name":"%s","type":"Microsoft.Resources/subscriptions","properties":{"state":"Enabled"}}`, id, id[strings.LastIndexByte(id, '/')+1:])
}

// text makes an input of lines.
func text(name string, lines ...string) assess.Input {
	content := strings.Join(lines, "\n") + "\n"
	return assess.Input{
		Name: name, Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
}

// library reads policy documents, and the aliases above.
func library(t testing.TB, documents ...string) *policy.Library {
	t.Helper()
	var l policy.Library
	for i, d := range append([]string{aliases}, documents...) {
		if err := l.Add(fmt.Sprintf("policy%d.json", i), []byte(d)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	return &l
}

// options assess lines by policies.
func options(t testing.TB, policies []string, lines ...string) assess.Options {
	t.Helper()
	return assess.Options{Inputs: []assess.Input{text("in.jsonl", lines...)}, Library: library(t, policies...), Now: now, Workers: 1}
}

func run(t testing.TB, o assess.Options) (*assess.Result, []*posture.Check) {
	t.Helper()
	o.Evidence = true
	result, checks, err := assess.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	var all []*posture.Check
	for c, err := range checks {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	sums(t, result, all)
	if o.BuiltIn != nil && !result.Slice {
		scores(t, result, all, o.BuiltIn)
	}
	return result, all
}

// sums holds a result to its checks: the counts of both must be the same, as
// the result counts groups of resources and the checks are judged one by one.
func sums(t testing.TB, result *assess.Result, checks []*posture.Check) {
	t.Helper()
	resources := 0
	for _, n := range result.Resources {
		resources += n
	}
	if resources != result.Total {
		t.Errorf("states add up to %d of %d resources", resources, result.Total)
	}
	var got assess.Coverage
	got.Reasons = map[posture.Reason]int{}
	for _, c := range checks {
		switch c.State {
		case posture.Healthy, posture.Unhealthy:
			got.Judged++
		case posture.Unknown:
			got.Unknown++
			got.Reasons[c.Reason]++
		case posture.Manual:
			got.Manual++
		case posture.Exempt:
			got.Exempt++
			if c.Exempt.Category == "mitigated" {
				got.Mitigated++
			}
		}
	}
	want := result.Coverage
	// Neither what was rejected nor what could not be read has checks to be told.
	want.Percent, want.Rejected, want.Unseen = 0, 0, nil
	want.NotRead, want.NotReadTotal, want.NotJudged = nil, 0, 0
	want.Unknown -= result.Coverage.Rejected + result.Coverage.UnseenCount()
	want.Reasons = maps.Clone(want.Reasons)
	want.Reasons[posture.Failed] -= result.Coverage.Rejected
	for reason, n := range result.Coverage.Unseen {
		want.Reasons[reason] -= n
	}
	maps.DeleteFunc(want.Reasons, func(_ posture.Reason, n int) bool { return n == 0 })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("coverage by sum and by check (-sum +checks):\n%s", diff)
	}
}

// scores holds the score, which is computed over groups of resources, to one
// computed from the checks, resource by resource.
func scores(t testing.TB, result *assess.Result, checks []*posture.Check, c *catalog.Catalog) {
	t.Helper()
	var controls []score.Control
	for _, control := range c.Controls() {
		controls = append(controls, score.Control{ID: control.ID, Name: control.Name, Max: control.Max})
	}
	numbers := map[string]int{}
	var recommendations []score.Recommendation
	for _, e := range c.Entries() {
		if e.Control != "" && !e.Preview {
			numbers[e.ID] = len(recommendations)
			recommendations = append(recommendations, score.Recommendation{ID: e.ID, Controls: []string{e.Control}, Severity: e.Severity})
		}
	}
	all, err := c.Recommendations()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range result.Recommendations { // built-in policies that the catalogue links
		const root = "/providers/microsoft.authorization/policydefinitions/"
		name, builtIn := strings.CutPrefix(strings.ToLower(r.ID), root)
		at := slices.IndexFunc(all, func(of *catalog.Recommendation) bool { return slices.Contains(of.AzurePolicies, name) })
		if r.Recommendation == nil && builtIn && at >= 0 && all[at].Control != "" && !all[at].Preview {
			numbers[r.ID+r.ParametersHash] = len(recommendations)
			recommendations = append(recommendations, score.Recommendation{ID: r.ID, Controls: []string{all[at].Control}, Severity: r.Severity})
		}
	}
	resources := map[string]*score.Group{}
	for _, check := range checks {
		n, scored := numbers[check.Rule]
		if !scored {
			n, scored = numbers[check.Rule+check.ParametersHash]
		}
		if !scored || check.State == posture.Exempt || check.Unit == "" {
			continue
		}
		if resources[check.Resource] == nil {
			resources[check.Resource] = &score.Group{Unit: check.Unit, Count: 1}
		}
		g := resources[check.Resource]
		g.Checks = append(g.Checks, score.Check{Recommendation: n, State: check.State})
	}
	var groups []score.Group
	for _, g := range resources {
		groups = append(groups, *g)
	}
	if diff := cmp.Diff(result.Score, score.Compute(controls, recommendations, groups)); diff != "" {
		t.Errorf("score by groups and by resources (-groups +resources):\n%s", diff)
	}
}

// verdict writes a check on one line: rule, resource, state and what else holds.
func verdict(c *posture.Check) string {
	rule := c.Rule[strings.LastIndexByte(c.Rule, '/')+1:]
	line := fmt.Sprintf("%s %s %s", rule, c.Name, c.State)
	if c.State == posture.Unknown {
		line += " " + c.Reason.String()
	}
	if c.Exempt != nil {
		line += fmt.Sprintf(" %s over %s", c.Exempt.Category, c.Judged)
	}
	if c.Attested {
		line += " attested"
	}
	for _, r := range c.References {
		line += " <" + r.Assignment[strings.LastIndexByte(r.Assignment, '/')+1:]
		if r.Member != "" {
			line += ":" + r.Member
		}
		if r.Exempt {
			line += " exempt"
		}
		line += ">"
	}
	return line
}

func verdicts(t testing.TB, o assess.Options) []string {
	t.Helper()
	_, checks := run(t, o)
	return lines(checks)
}

func lines(checks []*posture.Check) []string {
	var all []string
	for _, c := range checks {
		all = append(all, verdict(c))
	}
	slices.Sort(all)
	return all
}

// want compares verdicts.
func want(t testing.TB, o assess.Options, expected ...string) {
	t.Helper()
	slices.Sort(expected)
	if diff := cmp.Diff(expected, verdicts(t, o)); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

// builtIn loads the built-in catalogue.
func builtIn(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var loaded = sync.OnceValues(catalog.Load)

// shared reads a file of the shared test data beside the module, decompressed.
// The test is skipped where the data is absent.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "shared", filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("shared test data is absent: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() // read only
	var in io.Reader = bufio.NewReader(file)
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			t.Fatal(err)
		}
	}
	data, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// content makes an input of bytes.
func content(name string, data []byte) assess.Input {
	return assess.Input{
		Name: name, Size: int64(len(data)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
}
