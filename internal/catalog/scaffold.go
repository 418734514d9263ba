package catalog

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// unfilled marks what an author still has to write; Parse refuses it.
const unfilled = "FILL IN"

// Draft says what a new recommendation is to look like.
type Draft struct {
	Path string // <cloud>/<service>/<id>
	Type string // of the resources, such as AWS::S3::Bucket
	// Related is the type of the resources that have to exist, "" where the
	// resource's own properties decide.
	Related string
}

// File is the path of the draft below the catalogue folder.
func (d Draft) File() string { return d.Path + ".yaml" }

// check says what is wrong with a draft, "" for nothing.
func (d Draft) check() string {
	parts := strings.Split(d.Path, "/")
	if len(parts) != 3 {
		return fmt.Sprintf("%q: want CLOUD/SERVICE/ID, such as azure/storage/storage-secure-transfer", d.Path)
	}
	cloud, err := posture.ParseCloud(parts[0])
	switch {
	case err != nil || cloud == posture.NoCloud || parts[0] != strings.ToLower(parts[0]):
		return fmt.Sprintf("%q: cloud %q: want azure, aws, gcp or machine", d.Path, parts[0])
	case !slugPattern.MatchString(parts[1]) || !slugPattern.MatchString(parts[2]):
		return fmt.Sprintf("%q: want the service and the id in lower-case words joined by hyphens", d.Path)
	}
	for _, t := range []string{d.Type, d.Related} {
		if t != "" && t != "machine" && !strings.ContainsAny(t, "/:") {
			return fmt.Sprintf("type %q: want the provider's name of a type, such as Microsoft.Web/sites, AWS::SQS::Queue or storage.googleapis.com/Bucket", t)
		}
		if strings.HasPrefix(strings.ToUpper(t), "AWS::") && cloudOf(t) != posture.AWS {
			return fmt.Sprintf("type %q: want it as the provider spells it, such as AWS::SQS::Queue", t)
		}
		if got := cloudOf(t); t != "" && got != cloud {
			return fmt.Sprintf("type %q: is of %v, want one of %v", t, got, cloud)
		}
	}
	return ""
}

// Scaffold writes the file of a new recommendation: all that it needs, with
// marks where the author's words and values go. It judges its own cases, so
// that the author changes one thing after the other.
func Scaffold(d Draft) ([]byte, error) {
	if wrong := d.check(); wrong != "" {
		return nil, fmt.Errorf("%s", wrong)
	}
	cloud, _, _ := strings.Cut(d.Path, "/")
	if d.Type == "" {
		d.Type = map[string]string{"azure": "Microsoft.Example/things", "aws": "AWS::Example::Thing", "gcp": "example.googleapis.com/Thing", "machine": "machine"}[cloud]
	}
	text := head
	if d.Related == "" {
		text += ownProperty
	} else {
		text += relatedResource
	}
	return []byte(strings.NewReplacer("$TYPE", d.Type, "$RELATED", d.Related, "$SCHEMA", "$schema").Replace(text)), nil
}

const head = `# yaml-language-server: $SCHEMA=../../schema/recommendation.schema.json
# docs/authoring.md explains each field; bartizan catalog test FILE checks all of it.
title: "FILL IN the wanted world in one line, such as: S3 buckets block public access"
severity: FILL IN critical, high, medium or low
control: FILL IN the name of a control in controls.yaml
why: >-
  FILL IN who can do what, concretely, because of this: two or three sentences, not the title again.
userImpact: FILL IN low, moderate or high
effort: FILL IN low, moderate or high
attack: [FILL IN techniques of facts/attack.tsv]
standards: [FILL IN STANDARD:CONTROL of the files in standards]
remediation:
  steps: >-
    FILL IN what to do in the console.
  cli: "FILL IN one command with {placeholders}"
  breaks: FILL IN what stops working, or "Nothing" and the price.
`

const ownProperty = `policyRule:
  if:                                 # selects what is wrong
    allOf:
    - {field: type, equals: $TYPE}
    - {field: $TYPE/enabled, notEquals: true}
  then: {effect: audit}
cases:                                # bodies as the provider returns them
- {name: on, resource: {properties: {enabled: true}}, want: healthy}
- {name: off, resource: {properties: {enabled: false}}, want: unhealthy}
- {name: unset_means_the_provider_default, resource: {properties: {other: 1}}, want: unhealthy}
- {name: body_not_collected, collected: false, want: unknown}
`

const relatedResource = `policyRule:
  if: {field: type, equals: $TYPE}
  then:
    effect: auditIfNotExists          # unhealthy unless a related resource passes
    details:
      type: $RELATED
      existenceCondition: {field: $RELATED/enabled, equals: true}
cases:                                # bodies as the provider returns them
- name: one_of_several_is_enabled
  resource: {properties: {other: 1}}
  related:
  - {type: $RELATED, name: one, properties: {enabled: false}}
  - {type: $RELATED, name: two, properties: {enabled: true}}
  want: healthy
- name: none_is_enabled
  resource: {properties: {other: 1}}
  related:
  - {type: $RELATED, name: one, properties: {enabled: false}}
  want: unhealthy
- name: there_is_none
  resource: {properties: {other: 1}}
  complete: [$RELATED]
  want: unhealthy
- name: related_not_read
  resource: {properties: {other: 1}}
  want: unknown
  reason: notCollected
`
