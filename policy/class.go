package policy

import "strings"

// Class says what a definition needs to be judged.
type Class uint8

// The classes. Those but ClassConfig, ClassRelated and ClassManual cannot be
// judged from an inventory.
const (
	ClassConfig             Class = iota // the resource alone
	ClassRelated                         // and related resources
	ClassManual                          // a person's attestation
	ClassStatic                          // Microsoft attests it; the rule never matches
	ClassGuestConfiguration              // results of machine configuration
	ClassDefenderResults                 // results of Defender for Cloud
	ClassKubernetes                      // objects inside clusters
	ClassDataPlane                       // components behind a data plane
	ClassRequest                         // the caller of a request
)

var classNames = [...]string{
	"config", "related", "manual", "static", "guest-configuration",
	"defender-results", "kubernetes", "data-plane", "request",
}

// String gives the class's word.
func (c Class) String() string { return classNames[c] }

// Class finds out what d needs to be judged.
func (d *Definition) Class() Class {
	mode := strings.ToLower(d.Mode)
	switch {
	case strings.EqualFold(d.PolicyType, "Static"):
		return ClassStatic
	case mode == "microsoft.kubernetes.data", mode == "microsoft.containerservice.data":
		return ClassKubernetes
	case isDataPlane(mode):
		return ClassDataPlane
	case d.Rule == nil:
		return ClassConfig
	}
	if d.readsCaller() {
		return ClassRequest
	}
	return d.classOfEffect()
}

func (d *Definition) classOfEffect() Class {
	looksFor := ""
	if d.Rule.Details != nil && d.Rule.Details.Type != nil {
		looksFor = strings.ToLower(d.Rule.Details.Type.Const.Text())
	}
	switch {
	case looksFor == "microsoft.guestconfiguration/guestconfigurationassignments":
		return ClassGuestConfiguration
	case looksFor == "microsoft.security/assessments", looksFor == "microsoft.security/complianceresults",
		looksFor == "microsoft.security/assessments/subassessments":
		return ClassDefenderResults
	case looksFor != "":
		return ClassRelated
	case d.effectFamily() == familyManual:
		return ClassManual
	}
	return ClassConfig
}

// effectFamily is the family of the effect that d has by default.
func (d *Definition) effectFamily() family {
	return Bind(d, nil).family
}

// readsCaller reports whether the condition asks who made the request.
func (d *Definition) readsCaller() bool {
	found := false
	visitTemplates(d.Rule.If, func(t Template) {
		if t.Expr != nil {
			text := strings.ToLower(t.Expr.String())
			found = found || strings.Contains(text, "requestcontext().identity") || strings.Contains(text, "claims()")
		}
	})
	return found
}
