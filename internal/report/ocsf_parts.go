package report

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ocsfCloudOf says where the resource lives; a machine outside all clouds has
// no such place, and its finding not the profile that asks for one.
func ocsfCloudOf(r *row) *ocsfCloud {
	if r.Cloud == posture.Machine || r.Cloud == posture.NoCloud {
		return nil
	}
	c := &ocsfCloud{Provider: r.Cloud.String(), Region: r.Location, Partition: partition(r)}
	c.Account = ocsfAccount{UID: r.unit.id, Name: r.unit.name}
	switch r.Cloud {
	case posture.AWS:
		c.Account.TypeID, c.Account.Type = 10, "AWS Account"
	case posture.GCP:
		c.Account.TypeID, c.Account.Type = 11, "GCP Project"
	case posture.Azure:
		c.Account.TypeID, c.Account.Type = 13, "Azure Subscription"
	}
	if top, folder := r.unit.organization, r.unit.folder; top.ID != "" {
		c.Org = &ocsfOrg{UID: top.ID, Name: top.Name, OUUID: folder.ID, OUName: folder.Name}
	}
	return c
}

func ocsfComplianceOf(r *row, detail string) ocsfCompliance {
	c := ocsfCompliance{Control: r.Rule, StatusCode: status(r.Judged), StatusDetails: []string{detail}}
	c.StatusID, c.Status = ocsfVerdict(r.Judged)
	for _, ref := range r.rule.controls {
		c.Standards = append(c.Standards, ref.Standard)
		c.Requirements = append(c.Requirements, ref.Standard+": "+ref.Control)
	}
	slices.Sort(c.Standards)
	c.Standards = slices.Compact(c.Standards)
	slices.Sort(c.Requirements)
	return c
}

// ocsfAttacks tells techniques (T1530) from their parts (T1078.004), of which only the
// last part of the name is their own. The whole's name stands before it.
func ocsfAttacks(techniques []catalog.Technique) []ocsfAttack {
	var attacks []ocsfAttack
	for _, t := range techniques {
		a := ocsfAttack{Technique: &ocsfNamed{t.Name, t.ID}}
		if whole, _, part := strings.Cut(t.ID, "."); part {
			name, own, _ := strings.Cut(t.Name, ": ")
			a = ocsfAttack{Technique: &ocsfNamed{name, whole}, SubTechnique: &ocsfNamed{own, t.ID}}
		}
		attacks = append(attacks, a)
	}
	return attacks
}

// ocsfRemedyOf puts commands and templates where readers of Prowler's findings
// look for them.
func ocsfRemedyOf(r *row) *ocsfRemedy {
	how := r.rule.content.Remediation
	if how.Steps == "" {
		return nil
	}
	remedy := &ocsfRemedy{Desc: how.Steps}
	for _, text := range []string{how.CLIOf(r.Type), how.Terraform, how.Bicep, how.CloudFormation} {
		if text != "" {
			remedy.References = append(remedy.References, text)
		}
	}
	return remedy
}

func ocsfResourceOf(r *row) ocsfResource {
	resource := ocsfResource{UID: r.Resource, Name: r.Name, Type: r.Type, Region: r.Location, Partition: partition(r)}
	if name := service(r); name != "" {
		resource.Group = &ocsfName{name}
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		resource.Labels = append(resource.Labels, key+":"+r.Tags[key])
		resource.Tags = append(resource.Tags, ocsfTag{key, r.Tags[key]})
	}
	return resource
}

func ocsfUnmappedOf(r *row) ocsfUnmapped {
	u := ocsfUnmapped{
		State: r.State.String(), Judged: r.Judged.String(), Scope: r.Scope, Attested: r.Attested, Conflict: r.Conflict,
		Exempt: appendExempt(nil, r.Exempt), References: appendReferences(nil, r.Check), Evidence: json.RawMessage("[]"),
	}
	if reason := r.Reason.String(); reason != "" {
		u.Reason = &reason
	}
	if r.ParametersHash != "" {
		u.ParametersHash = &r.ParametersHash
	}
	// A value without a form in JSON is told in status_detail.
	if text, err := appendEvidence(nil, r.Evidence); err == nil {
		u.Evidence = text
	}
	return u
}
