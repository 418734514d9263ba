package catalog

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestRecorded_resources_are_judged_without_errors runs the rules over real
// bodies that others recorded: no rule may fail on what clouds really return,
// and the states are what the bodies say.
func TestRecorded_resources_are_judged_without_errors(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	c := parseContent(t)
	trial, err := NewTrial(c)
	if err != nil {
		t.Fatal(err)
	}
	byType := map[string][]*Recommendation{}
	for _, r := range all(t, c.Recommendations) {
		for _, resourceType := range r.Types {
			byType[resourceType] = append(byType[resourceType], r)
		}
	}
	judged := map[string]map[posture.State]int{}
	count := func(body json.RawMessage, resourceType string, unread ...string) {
		for _, r := range byType[resourceType] {
			outcome, err := trial.Judge(r, Case{Resource: body, Collected: true, Unread: unread, Complete: []string{}})
			if err != nil {
				t.Fatalf("%s on %s: %v", r.ID, body, err)
			}
			if len(outcome.Warnings) > 0 && outcome.State != posture.Unknown {
				t.Errorf("%s on %s: %v, and yet %v", r.ID, body, outcome.Warnings, outcome.State)
			}
			if judged[r.ID] == nil {
				judged[r.ID] = map[posture.State]int{}
			}
			judged[r.ID][outcome.State]++
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
		if asset.AssetType == "bigquery.googleapis.com/Dataset" {
			count(body, asset.AssetType) // all have their access, the same list
			return
		}
		count(body, asset.AssetType, "iamPolicy")
	})
	// Some were counted again by a script that knows nothing of the engine.
	want := map[string]map[posture.State]int{
		"nsg-no-internet-ssh":                                     {posture.Unhealthy: 2, posture.Healthy: 35},
		"storage-blob-anonymous-access-off":                       {posture.Unhealthy: 25, posture.Healthy: 1},
		"keyvault-resource-logs":                                  {posture.Unknown: 8},
		"appservice-min-tls12":                                    {posture.Unknown: 4, posture.NotApplicable: 3},
		"apikeys-age-90d":                                         {posture.Unhealthy: 2, posture.Unknown: 1, posture.Healthy: 3},
		"apikeys-api-restrictions":                                {posture.Unhealthy: 3, posture.Healthy: 3},
		"bigquery-dataset-cmk-encryption":                         {posture.Unhealthy: 54, posture.Healthy: 6},
		"bigquery-dataset-not-public":                             {posture.Unhealthy: 2, posture.Healthy: 58},
		"bigquery-table-cmk-encryption":                           {posture.Unhealthy: 28, posture.Healthy: 9, posture.NotApplicable: 12},
		"compute-firewall-no-all-ports-ingress":                   {posture.Unhealthy: 2, posture.Healthy: 18},
		"compute-firewall-no-internet-rdp":                        {posture.Unhealthy: 2, posture.Healthy: 18},
		"compute-firewall-no-internet-ssh":                        {posture.Unhealthy: 3, posture.Healthy: 17},
		"compute-instance-block-project-wide-ssh-keys-disabled":   {posture.Unknown: 16},
		"compute-instance-confidential-computing":                 {posture.Unhealthy: 16},
		"compute-instance-encryption-csek":                        {posture.Unhealthy: 16},
		"compute-instance-no-default-sa-full-scope":               {posture.Unhealthy: 1, posture.Healthy: 15},
		"compute-instance-no-external-ip":                         {posture.Unhealthy: 11, posture.Healthy: 5},
		"compute-instance-no-ip-forwarding":                       {posture.Unhealthy: 1, posture.Healthy: 15},
		"compute-instance-own-service-account":                    {posture.Unhealthy: 7, posture.Healthy: 9},
		"compute-instance-serial-port-off":                        {posture.Unknown: 16},
		"compute-instance-shielded-vm":                            {posture.Unhealthy: 10, posture.Healthy: 6},
		"compute-loadbalancer-logging":                            {posture.Unhealthy: 8, posture.NotApplicable: 9},
		"compute-network-dns-logging":                             {posture.Unknown: 49},
		"compute-network-no-default":                              {posture.Unhealthy: 1, posture.Healthy: 48},
		"compute-network-no-legacy":                               {posture.Healthy: 49},
		"compute-subnet-flow-logs":                                {posture.Unhealthy: 127, posture.NotApplicable: 4},
		"dns-zone-dnssec-on":                                      {posture.Unhealthy: 14, posture.Healthy: 3, posture.NotApplicable: 6},
		"iam-no-project-level-sa-user":                            {posture.Unknown: 61},
		"iam-sa-no-administrative-privileges":                     {posture.Unknown: 73, posture.NotApplicable: 2},
		"kms-key-not-public":                                      {posture.Unknown: 67},
		"project-data-access-audit-logs":                          {posture.Unknown: 61},
		"project-log-sink-all-entries":                            {posture.Unknown: 61},
		"sql-instance-automated-backups":                          {posture.Unhealthy: 39, posture.Healthy: 24, posture.NotApplicable: 2},
		"sql-instance-mysql-local-infile-flag":                    {posture.Unhealthy: 36, posture.NotApplicable: 29},
		"sql-instance-no-public-ipv4":                             {posture.Unhealthy: 58, posture.Healthy: 7},
		"sql-instance-postgres-log-connections-flag":              {posture.Unhealthy: 24, posture.Healthy: 1, posture.NotApplicable: 40},
		"sql-instance-postgres-log-disconnections-flag":           {posture.Unhealthy: 25, posture.NotApplicable: 40},
		"sql-instance-sqlserver-cross-db-ownership-chaining-flag": {posture.Healthy: 4, posture.NotApplicable: 61},
		"sql-instance-sqlserver-external-scripts-flag":            {posture.Healthy: 4, posture.NotApplicable: 61},
		"sql-instance-tls-required":                               {posture.Unhealthy: 60, posture.Healthy: 5},
		"storage-bucket-log-retention-policy-lock":                {posture.Unknown: 80},
		"storage-bucket-uniform-bucket-level-access":              {posture.Unhealthy: 50, posture.Healthy: 30},
		"storage-bucket-not-public":                               {posture.Unknown: 80},
		"sql-instance-no-open-networks":                           {posture.Healthy: 65},
	}
	for id := range want {
		if diff := cmp.Diff(want[id], judged[id]); diff != "" {
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
