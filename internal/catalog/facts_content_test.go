package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestFacts_hold_for_the_content: commands and flags are the tools' own, types
// and fields the providers' own. For Azure's fields see
// TestAliases_are_the_providers_own.
func TestFacts_hold_for_the_content(t *testing.T) {
	f := contentFacts(t)
	for _, r := range all(t, parseContent(t).Recommendations) {
		for _, p := range f.Check(r) {
			t.Errorf("catalog/%v", p)
		}
	}
	for name := range f.provider {
		if !f.named[name] {
			t.Errorf("catalog/facts: no recommendation names %s any more; refresh the lists", name)
		}
	}
	for _, one := range contentTypes(t) {
		if known := f.provider[one.name] != nil; cloudOf(one.name) != posture.Azure && f.named[one.name] && one.extends != known {
			t.Errorf("catalog/%s: x-extends is %v, but a schema of the provider for the type: %v", one.file, one.extends, known)
		}
	}
	f.pass[ofField].close(t)
	f.pass[ofCommand].close(t)
}

func TestFacts_Check(t *testing.T) {
	f := contentFacts(t)
	bucket := `{"properties": {"policyRule": {"if": {"allOf": [{"field": "type", "equals": "AWS::S3::Bucket"},
		{"field": "AWS::S3::Bucket/BucketNam", "exists": true}]}, "then": {"effect": "audit"}}}}`
	r := &Recommendation{
		ID: "x", File: "aws/s3/x.yaml", Cloud: posture.AWS, Attack: []Technique{{ID: "T1530"}, {ID: "T9999"}, {ID: "T1078.040"}}, Types: []string{"AWS::S3::Bucket", "AWS::No::Thing", "AWS::S3::Buckte"}, Definition: []byte(bucket),
		Remediation: Remediation{Commands: []Command{{Text: "aws s3api put-public-acces-block --bucket {name}\noci os bucket get"}}},
	}
	const unlisted = " is in no list of catalog/facts and has no schema in catalog/schema/types; refresh the lists as catalog/facts/README.md says, or describe it there"
	want := []string{
		"aws/s3/x.yaml: attack: T9999 is in no row of catalog/facts/attack.tsv; if attack.mitre.org has it, add it there with its name",
		"aws/s3/x.yaml: attack: T1078.040 is in no row of catalog/facts/attack.tsv; if attack.mitre.org has it, add it there with its name",
		"aws/s3/x.yaml: cli: aws s3api put-public-acces-block is no command of aws.tsv: either there is none, or the list wants a refresh, see catalog/facts/README.md",
		"aws/s3/x.yaml: cli: no facts about the tool oci",
		"aws/s3/x.yaml: type AWS::No::Thing" + unlisted,
		"aws/s3/x.yaml: type AWS::S3::Buckte" + unlisted + `; did you mean "AWS::S3::Bucket"?`,
		"aws/s3/x.yaml: field AWS::S3::Bucket/BucketNam is in no schema of the provider and in none of catalog/schema/types",
	}
	var got []string
	for _, p := range f.Check(r) {
		got = append(got, p.Error())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
