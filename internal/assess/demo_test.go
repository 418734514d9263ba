package assess_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// contosoEstate is the demo estate as one input.
func contosoEstate(t testing.TB) assess.Input {
	t.Helper()
	var b bytes.Buffer
	if err := contoso.Estate(&b); err != nil {
		t.Fatal(err)
	}
	return content("contoso", b.Bytes())
}

// contosoFiles is the demo estate as the providers' tools export it.
func contosoFiles(t testing.TB) []assess.Input {
	t.Helper()
	var inputs []assess.Input
	for _, f := range contoso.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, content(f.Path, b.Bytes()))
	}
	return inputs
}

// states gives the verdict on each rule and resource.
func states(checks []*posture.Check) map[string]string {
	all := map[string]string{}
	for _, c := range checks {
		all[c.Rule+" "+strings.ToLower(c.Resource)] = c.State.String() + " " + c.Reason.String() + " in " + c.Unit
	}
	return all
}

// The demo's files give the same verdicts as the demo's estate, in whatever
// order they are read.
func TestContosoFilesGiveTheSameVerdicts(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	o := assess.Options{Inputs: []assess.Input{contosoEstate(t)}, BuiltIn: builtIn(t), Now: now, Workers: 1, Bare: true}
	whole, checks := run(t, o)
	expected := states(checks)
	inputs := contosoFiles(t)
	orders := map[string][]assess.Input{"as_written": slices.Clone(inputs)}
	slices.Reverse(inputs)
	orders["reversed"] = slices.Clone(inputs)
	for i := range inputs {
		orders["first_"+inputs[i].Name] = append([]assess.Input{inputs[i]}, slices.Delete(slices.Clone(inputs), i, i+1)...)
	}
	for _, name := range slices.Sorted(maps.Keys(orders)) {
		t.Run(name, func(t *testing.T) {
			o.Inputs = orders[name]
			result, checks := run(t, o)
			if diff := cmp.Diff(expected, states(checks)); diff != "" {
				t.Errorf("verdicts of the estate and of its files (-estate +files):\n%s", diff)
			}
			if diff := cmp.Diff(whole.Score, result.Score); diff != "" || whole.Total != result.Total {
				t.Errorf("%d and %d resources; score (-estate +files):\n%s", whole.Total, result.Total, diff)
			}
			if diff := cmp.Diff(whole.Resources, result.Resources); diff != "" {
				t.Errorf("resources (-estate +files):\n%s", diff)
			}
		})
	}
}

// The demo shows every recommendation at work, on something good and mostly on
// something bad, and what is unknown there is so on purpose: docs/demo.md says
// where. A new recommendation comes with resources for it in internal/contoso.
func TestContosoShowsEveryRecommendation(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	const idle, good, bad = "it judges nothing there", "it finds nothing bad there", "it finds nothing good there"
	expected := map[string]string{
		// Good everywhere, so that some controls of each standard pass.
		"appservice-managed-identity":                  good,
		"cloudtrail-log-file-validation":               good,
		"compute-network-no-legacy":                    good,
		"defender-plan-resource-manager":               good,
		"defender-plan-servers":                        good,
		"efs-encryption-at-rest":                       good,
		"functionapp-managed-identity":                 good,
		"iam-server-certificate-valid":                 good,
		"postgresql-flexible-server-enforce-ssl":       good,
		"sql-instance-postgres-log-connections-flag":   good,
		"sql-instance-sqlserver-external-scripts-flag": good,
		"sqlserver-min-tls12":                          good,
		"subscription-emergency-access-tested":         idle, // it is manual
		// Forgotten, muted, and sent to a topic that nobody confirmed.
		"cloudwatch-alarm-nacl-changes":           bad,
		"cloudwatch-alarm-security-group-changes": bad,
		"cloudwatch-alarm-vpc-changes":            bad,
		// The policies of the build project's buckets could not be read.
		"storage-bucket-not-public":                "1 error",
		"storage-bucket-log-retention-policy-lock": "1 error",
	}
	result, _ := run(t, assess.Options{Inputs: []assess.Input{contosoEstate(t)}, BuiltIn: builtIn(t), Now: now, Workers: 2})
	found, seen := map[string]string{}, map[string]bool{}
	for _, r := range result.Recommendations {
		seen[r.ID] = true
		switch failed := r.Reasons[posture.Failed]; {
		case r.Healthy+r.Unhealthy == 0:
			found[r.ID] = idle
		case r.Unhealthy == 0:
			found[r.ID] = good
		case r.Healthy == 0:
			found[r.ID] = bad
		case failed > 0:
			found[r.ID] = fmt.Sprintf("%d error", failed)
		}
	}
	for _, n := range result.NotEvaluated {
		if id := n.Policy; !seen[id] {
			found[id] = idle
		}
	}
	if diff := cmp.Diff(expected, found); diff != "" {
		t.Errorf("recommendations in the demo (-expected +found):\n%s", diff)
	}
}
