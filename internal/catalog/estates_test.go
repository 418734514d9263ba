package catalog

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestRecorded_resources_are_judged_without_errors runs the rules over real
// bodies that others recorded: no rule may fail on what clouds really return,
// and the states are what the bodies say.
func TestRecorded_resources_are_judged_without_errors(t *testing.T) {
	c := parseContent(t)
	aliases := aliasesOf(t, c)
	byType := map[string][]*Recommendation{}
	for _, r := range all(t, c.Recommendations) {
		for _, resourceType := range r.Types {
			byType[resourceType] = append(byType[resourceType], r)
		}
	}
	judged := map[string]map[posture.State]int{}
	j := judge{t, aliases}
	count := func(body json.RawMessage, resourceType string, unread ...string) {
		for _, r := range byType[resourceType] {
			one := Case{Resource: body, Collected: true, Unread: unread}
			if slices.ContainsFunc(r.Cases, func(c Case) bool { return c.Reason == posture.Failed }) {
				one.Reason = posture.Failed // it means to fail where something was not read
			}
			state, _, _ := j.state(r, one)
			if judged[r.ID] == nil {
				judged[r.ID] = map[posture.State]int{}
			}
			judged[r.ID][state]++
		}
	}
	eachLine(t, sharedFile(t, "estates", "recorded-azure", "resources.jsonl.gz"), func(line []byte) {
		var resource struct{ Type string }
		if err := json.Unmarshal(line, &resource); err != nil {
			t.Fatal(err)
		}
		for known := range byType {
			if strings.EqualFold(known, resource.Type) {
				count(line, known)
			}
		}
	})
	eachLine(t, sharedFile(t, "estates", "recorded-gcp", "resources.jsonl.gz"), func(line []byte) {
		var asset struct {
			Name, AssetType string
			Data            json.RawMessage
		}
		if err := json.Unmarshal(line, &asset); err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(map[string]any{"id": asset.Name, "type": asset.AssetType, "properties": asset.Data})
		if err != nil {
			t.Fatal(err)
		}
		count(body, asset.AssetType, "iamPolicy")
	})
	// Counted again by a script that knows nothing of the engine. All others are
	// only counted: internal/assess has golden files of them.
	want := map[string]map[posture.State]int{
		"nsg-no-internet-ssh":               {posture.Unhealthy: 2, posture.Healthy: 35},
		"storage-blob-anonymous-access-off": {posture.Unhealthy: 25, posture.Healthy: 1},
		"keyvault-resource-logs":            {posture.Unknown: 8},
		"appservice-min-tls12":              {posture.Unknown: 4, posture.NotApplicable: 3},
		"storage-bucket-not-public":         {posture.Unknown: 80},
		"sql-instance-no-open-networks":     {posture.Healthy: 65},
	}
	for id, states := range want {
		if diff := cmp.Diff(states, judged[id]); diff != "" {
			t.Errorf("%s: states (-want +got):\n%s", id, diff)
		}
	}
}

// eachLine gives the lines of a compressed file.
func eachLine(t *testing.T, file string, do func(line []byte)) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		do(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}
