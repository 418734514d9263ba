package assess_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
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

// failsOnPurpose are checks that fail because the demo says that something
// could not be read, by rule and resource.
var failsOnPurpose = map[string]bool{
	"storage-bucket-not-public //storage.googleapis.com/contoso-build-artifacts": true,
}

// TestGoldenCounts counts the states of each recommendation over the estates
// that no other golden file counts, and lets no check of any estate fail: a
// rule that cannot cope with what clouds really return is wrong.
func TestGoldenCounts(t *testing.T) {
	var b strings.Builder
	met := map[string]bool{}
	for _, in := range []assess.Input{contosoEstate(t), recordedAzure(t), recordedGoogle(t), recordedAWS(t)} {
		result, checks := run(t, assess.Options{Inputs: []assess.Input{in}, BuiltIn: builtIn(t), Now: now, Workers: 2})
		for _, c := range checks {
			if c.State != posture.Unknown || c.Reason != posture.Failed {
				continue
			}
			key := c.Rule + " " + c.Resource
			if met[key] = true; !failsOnPurpose[key] {
				t.Errorf("%s: %s: unknown (error): %s", in.Name, key, c.Detail)
			}
		}
		if in.Name != "contoso" {
			fmt.Fprintf(&b, "%s: %d resources\n", in.Name, result.Total)
			goldenRules(&b, result)
			b.WriteByte('\n')
		}
	}
	for key := range failsOnPurpose {
		if !met[key] {
			t.Errorf("%s does not fail any more; take it off failsOnPurpose", key)
		}
	}
	golden(t, "counts.golden", b.String())
}
