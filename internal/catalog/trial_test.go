package catalog

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// A body without properties, the judged one or a related one, was not wholly read, as in
// assess, and nothing that it lacks is absent.
func TestTrial_of_bodies_without_properties(t *testing.T) {
	c := parseContent(t)
	trial, err := NewTrial(c)
	if err != nil {
		t.Fatal(err)
	}
	recommendations := all(t, c.Recommendations)
	for id, one := range map[string]Case{
		"storage-blob-anonymous-access-off": {Resource: []byte(`{"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a","type":"Microsoft.Storage/storageAccounts","location":"westeurope"}`), Collected: true},
		"ec2-subnet-no-auto-public-ip":      {Resource: []byte(`{"id":"subnet-1","type":"AWS::EC2::Subnet"}`), Collected: true},
		"project-log-sink-all-entries": {
			Resource:  []byte(`{"id":"//cloudresourcemanager.googleapis.com/projects/p","type":"cloudresourcemanager.googleapis.com/Project","properties":{"projectId":"p","projectNumber":"1"}}`),
			Related:   []json.RawMessage{[]byte(`{"id":"//logging.googleapis.com/projects/p/sinks/s","type":"logging.googleapis.com/LogSink"}`)},
			Collected: true,
		},
	} {
		i := slices.IndexFunc(recommendations, func(r *Recommendation) bool { return r.ID == id })
		outcome, err := trial.Judge(recommendations[i], one)
		if err != nil {
			t.Fatal(err)
		}
		if outcome.State != posture.Unknown {
			t.Errorf("%s: got %v, want unknown\n%s", id, outcome.State, outcome.Explanation.Text())
		}
	}
}
