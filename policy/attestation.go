package policy

import "cmp"

var complianceStates = []string{"Compliant", "NonCompliant", "Unknown"}

// ParseAttestation reads one attestation, with or without the wrapper that has
// its id, name and properties. Its scope is what the id says. The attestation
// is nil exactly if some problem is more than a warning.
func ParseAttestation(file string, data []byte) (*Attestation, Problems) {
	return parse(file, data, attestationFromNode)
}

// attestationFromNode reads an attestation that is already a tree.
func attestationFromNode(file string, n *Node) (*Attestation, Problems) {
	r := &docReader{file: file}
	outer, inner, ok := r.envelope(n, "attestation")
	if !ok {
		return finish[Attestation](r, nil)
	}
	a := &Attestation{
		ID: outer.text("id"), File: file, Pos: n.Pos,
		AssignmentID:   inner.text("policyAssignmentId"),
		ReferenceID:    inner.text("policyDefinitionReferenceId"),
		State:          "Unknown",
		ExpiresOn:      r.instant(inner, "expiresOn"),
		AssessmentDate: cmp.Or(r.instant(inner, "assessmentDate"), r.instant(inner, "lastComplianceStateChangeAt")),
		Owner:          inner.text("owner"),
		Comments:       inner.text("comments"),
	}
	a.Name = nameOf(a.ID, outer.text("name"), file)
	a.Scope = r.scopeOf(n, a.ID, "Microsoft.PolicyInsights/attestations", "attestation")
	if a.AssignmentID == "" {
		r.refuse(inner.Pos, "attestation without \"policyAssignmentId\"; want the id of an assignment")
	}
	if known, ok := complianceState(inner.text("complianceState")); ok {
		a.State = known
	} else if state := r.word(inner, "complianceState", complianceStates); state != "" {
		a.State = state
	}
	return finish(r, a)
}
