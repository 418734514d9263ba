package assess_test

import (
	"fmt"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// public is unhealthy where a bucket is open to everyone.
var public = definition("public", `"if": {"allOf": [{"field": "type", "equals": "storage.googleapis.com/Bucket"},
	{"not": {"field": "storage.googleapis.com/Bucket/iamPolicy.bindings[*].members[*]", "notEquals": "allUsers"}}]}, "then": {"effect": "Audit"}`, "")

func asset(name, kind, rest string) string {
	return fmt.Sprintf(`{"name":"//%s","assetType":"%s"%s}`, name, kind, rest)
}

const (
	bucketType = "storage.googleapis.com/Bucket"
	openBucket = `,"iamPolicy":{"bindings":[{"role":"roles/storage.objectViewer","members":["allUsers"]}]}`
	shutBucket = `,"iamPolicy":{"bindings":[]}`
	inNumber   = `,"ancestors":["projects/42","folders/7","organizations/1"]`
)

// The two exports of one asset come in either order. Without its IAM policy a
// bucket is unknown, never healthy.
func TestHalvesOfAssets(t *testing.T) {
	data := asset("storage.googleapis.com/b", bucketType, `,"resource":{"data":{"name":"b"}}`+inNumber)
	policyOf := func(bindings string) string {
		return asset("storage.googleapis.com/b", bucketType, bindings+inNumber)
	}
	tests := map[string]struct {
		files [][]string
		want  string
	}{
		"resource_first":     {[][]string{{data}, {policyOf(openBucket)}}, "public b unhealthy"},
		"policy_first":       {[][]string{{policyOf(openBucket)}, {data}}, "public b unhealthy"},
		"nobody_has_a_role":  {[][]string{{data}, {policyOf(shutBucket)}}, "public b healthy"},
		"without_policy":     {[][]string{{data}}, "public b unknown notCollected"},
		"without_data":       {[][]string{{policyOf(openBucket)}}, "public b unhealthy"},
		"data_twice":         {[][]string{{data}, {data}, {policyOf(openBucket)}}, "public b unhealthy"},
		"data_twice_one_gap": {[][]string{{data, policyOf(openBucket)}, {data}}, "public b unhealthy"},
	}
	for name, test := range tests {
		for _, workers := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				o := options(t, []string{public})
				o.Inputs, o.Workers = nil, workers
				for i, lines := range test.files {
					o.Inputs = append(o.Inputs, text(string(rune('a'+i)), lines...))
				}
				want(t, o, test.want)
			})
		}
	}
}

// A project is one unit, whether a record names its number or its id, and in
// whatever order that becomes known.
func TestProjectsAreOneUnit(t *testing.T) {
	watched := definition("networked", `"if": {"field": "type", "equals": "storage.googleapis.com/Bucket"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "compute.googleapis.com/Network"}}`, "")
	bucket := asset("storage.googleapis.com/b", bucketType, `,"resource":{"data":{"name":"b"}}`+shutBucket+inNumber)
	network := asset("compute.googleapis.com/projects/web/global/networks/n", "compute.googleapis.com/Network", `,"resource":{"data":{"name":"n"}}`)
	project := asset("cloudresourcemanager.googleapis.com/projects/42", "cloudresourcemanager.googleapis.com/Project",
		`,"resource":{"data":{"projectId":"web","projectNumber":"42"}}`+inNumber)
	tests := map[string][]string{
		"project_first":  {project, bucket, network},
		"project_last":   {bucket, network, project},
		"project_middle": {network, project, bucket},
	}
	for name, lines := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{watched}, lines...)
			result, checks := run(t, o)
			if len(checks) != 1 || verdict(checks[0]) != "networked b healthy" || checks[0].Unit != "projects/web" {
				t.Errorf("got %v in %v, want the bucket healthy in projects/web", verdict(checks[0]), checks[0].Unit)
			}
			if result.Units != 1 {
				t.Errorf("%d units, want 1", result.Units)
			}
		})
	}
	// Without the network, what is said of the number is said of the project.
	o := options(t, []string{watched}, project, bucket, read("projects/42", "*", "true"))
	want(t, o, "networked b unhealthy")
	o = options(t, []string{watched}, project, bucket)
	o.Complete = []assess.Completeness{{Scope: "projects/42"}}
	want(t, o, "networked b unhealthy")
	o.Complete = []assess.Completeness{{Scope: "folders/7"}}
	want(t, o, "networked b unhealthy")
}
