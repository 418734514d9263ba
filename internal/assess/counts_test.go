package assess_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// recordedGoogle are the resources of the recorded projects. The policies
// beside them name no asset.
func recordedGoogle(t testing.TB) assess.Input {
	t.Helper()
	return content("recorded-gcp", shared(t, "estates/recorded-gcp/resources.jsonl.gz"))
}

// recordedAWS is what the recorded accounts hold in shapes that an inventory
// has: answers of AWS Config and Cloud Control. All others are answers of the
// services themselves, which a collector would have to turn into resources.
func recordedAWS(t testing.TB) assess.Input {
	t.Helper()
	var lines []string
	for _, name := range []string{"config/GetResourceConfigHistory", "config/SelectResourceConfig", "cloudcontrolapi/ListResources"} {
		for _, line := range strings.Split(strings.TrimSpace(string(shared(t, "estates/recorded-aws/"+name+".jsonl.gz"))), "\n") {
			var answer struct {
				Status int
				Data   json.RawMessage
			}
			if err := json.Unmarshal([]byte(line), &answer); err != nil {
				t.Fatal(err)
			}
			if answer.Status == 200 {
				lines = append(lines, string(answer.Data))
			}
		}
	}
	return text("recorded-aws", lines...)
}

// unreadable are resources of which the estate itself says that they could not
// be read.
var unreadable = map[string]bool{"//storage.googleapis.com/contoso-build-artifacts": true}

// TestGoldenCounts counts the states of each recommendation over the estates
// that no other golden file counts, and lets no check of any estate fail: a rule
// that cannot cope with what clouds really return is wrong.
func TestGoldenCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	var b strings.Builder
	met := map[string]bool{}
	for _, in := range []assess.Input{contosoEstate(t), recordedAzure(t), recordedGoogle(t), recordedAWS(t)} {
		result, checks := run(t, assess.Options{Inputs: []assess.Input{in}, BuiltIn: builtIn(t), Now: now, Workers: 2})
		for _, c := range checks {
			if c.State != posture.Unknown || c.Reason != posture.Failed {
				continue
			}
			if met[c.Resource] = true; !unreadable[c.Resource] {
				t.Errorf("%s: %s of %s: unknown (error): %s", in.Name, c.Rule, c.Resource, c.Detail)
			}
		}
		if in.Name != "contoso" {
			fmt.Fprintf(&b, "%s: %d resources\n", in.Name, result.Total)
			goldenRules(&b, result)
			b.WriteByte('\n')
		}
	}
	for resource := range unreadable {
		if !met[resource] {
			t.Errorf("%s can be read now; take it off the list", resource)
		}
	}
	golden(t, "counts.golden", b.String())
}

// TestEveryRecommendationIsJudged: none of ours is of a class that makes no
// checks.
func TestEveryRecommendationIsJudged(t *testing.T) {
	o := options(t, nil, `{"type":"machine","id":"m","properties":{"os":{"family":"linux"}}}`)
	var err error
	if o.BuiltIn, err = catalog.Load(); err != nil {
		t.Fatal(err)
	}
	result, _, err := assess.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range result.NotEvaluated {
		t.Errorf("%s makes no checks: %s", left.Policy, left.Why)
	}
}
