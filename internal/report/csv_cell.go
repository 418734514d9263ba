package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// findingID names a check so that it has the same name in the next run.
func findingID(r *row) string {
	var h xxhash.Digest
	h.Reset()
	of, rule := r.Identity(), posture.Fold(r.Rule)
	parts := []string{rule, r.ParametersHash, of.ID}
	if of.Type != "" {
		parts = append(parts, of.Unit, of.Region, of.Type)
	}
	for _, part := range parts {
		h.WriteString(part)
		h.Write([]byte{0})
	}
	return fmt.Sprintf("bartizan-%s-%s-%016x", r.Cloud, last(rule), h.Sum64())
}

func checkType(r *row) string {
	if r.Recommendation {
		return "recommendation"
	}
	return "policy"
}

// status maps to the three words that the readers of this format know. What
// nobody could judge is for a person to look at.
func status(s posture.State) string {
	switch s {
	case posture.Healthy:
		return "PASS"
	case posture.Unhealthy:
		return "FAIL"
	}
	return "MANUAL"
}

func muted(r *row) string {
	if r.State == posture.Exempt {
		return "True"
	}
	return "False"
}

// statusExtended says in a sentence what STATUS rests on.
func statusExtended(r *row) string {
	var parts []string
	switch {
	case r.Judged == posture.Unknown:
		parts = append(parts, "unknown: "+r.Reason.String())
	case r.Judged == posture.Manual:
		parts = append(parts, "needs an attestation")
	case r.Attested:
		parts = append(parts, "attested as "+r.Judged.String())
	default:
		parts = append(parts, r.Judged.String())
	}
	if r.Conflict {
		parts = append(parts, "in conflict with another policy")
	}
	if r.Detail != "" {
		parts = append(parts, r.Detail)
	}
	for _, e := range r.Evidence {
		where := ""
		if e.Resource != "" {
			where = " in " + e.Resource
		}
		parts = append(parts, e.Path+where+" is "+found(e)+", wanted: "+e.Wanted)
	}
	parts = append(parts, r.Messages()...)
	if r.Exempt != nil {
		parts = append(parts, exemptText(r))
	} else {
		parts = append(parts, exemptIn(r)...)
	}
	return strings.Join(parts, "; ")
}

// exemptText names the kind of an exemption, its end and its reason.
func exemptText(r *row) string {
	if r.Exempt == nil {
		return "exempt"
	}
	text := "exempt (" + r.Exempt.Category + ")"
	if !r.Exempt.ExpiresOn.IsZero() {
		text += " until " + r.Exempt.ExpiresOn.UTC().Format(time.RFC3339)
	}
	if r.Exempt.Reason != "" {
		text += ": " + r.Exempt.Reason
	}
	return text
}

// exemptIn names where a check is exempt that is not exempt as such: in controls
// of standards, under some of its assignments.
func exemptIn(r *row) []string {
	var parts []string
	for _, ref := range r.References {
		if !ref.Exempt {
			continue
		}
		text := "exempt"
		if ref.Category != "" {
			text += " (" + ref.Category + ")"
		}
		if text += " in " + ref.Assignment; ref.Member != "" {
			text += ":" + ref.Member
		}
		parts = append(parts, text)
	}
	return parts
}

// found gives the value that was found, as JSON.
func found(e posture.Evidence) string {
	if e.Absent {
		return "absent"
	}
	text, err := appendValue(nil, e.Found)
	if err != nil {
		return "a value that has no JSON form"
	}
	return string(text)
}

func details(r *row) string {
	if len(r.Evidence) == 0 {
		return ""
	}
	text, err := appendEvidence(nil, r.Evidence)
	if err != nil {
		return ""
	}
	return string(text)
}

// service names the service: the catalogue's folder, else what the type says.
func service(r *row) string {
	if r.rule.content.Service != "" {
		return r.rule.content.Service
	}
	switch r.Cloud {
	case posture.Azure: // Microsoft.Storage/storageAccounts
		namespace, _, _ := strings.Cut(r.Type, "/")
		return strings.ToLower(strings.TrimPrefix(namespace, "Microsoft."))
	case posture.AWS: // AWS::S3::Bucket
		if parts := strings.Split(r.Type, "::"); len(parts) == 3 {
			return strings.ToLower(parts[1])
		}
	case posture.GCP: // storage.googleapis.com/Bucket
		host, _, _ := strings.Cut(r.Type, ".")
		return host
	}
	return strings.ToLower(r.Type)
}

// partition is the second part of an ARN: aws, aws-cn, aws-us-gov.
func partition(r *row) string {
	if parts := strings.SplitN(r.Resource, ":", 3); len(parts) == 3 && parts[0] == "arn" {
		return parts[1]
	}
	return ""
}

func nativeCode(r *row) string {
	if r.rule.content.Remediation.Bicep != "" {
		return r.rule.content.Remediation.Bicep
	}
	return r.rule.content.Remediation.CloudFormation
}

// standards lists the controls that a check gives evidence for:
// "cis-azure-3.0: 4.17 | mcsb-v1: NS-2, NS-3".
func standards(r *row) string {
	controls := map[string][]string{}
	for _, ref := range r.rule.controls {
		controls[ref.Standard] = append(controls[ref.Standard], ref.Control)
	}
	parts := make([]string, 0, len(controls))
	for _, standard := range slices.Sorted(maps.Keys(controls)) {
		parts = append(parts, standard+": "+strings.Join(controls[standard], ", "))
	}
	return strings.Join(parts, " | ")
}

// pairs lists tags by key: "env=prod | owner=anna".
func pairs(tags map[string]string) string {
	parts := make([]string, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		parts = append(parts, key+"="+tags[key])
	}
	return strings.Join(parts, " | ")
}

// last gives what follows the last slash of an id.
func last(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
