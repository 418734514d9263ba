package policy

import (
	"slices"
	"strings"
)

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
	switch {
	case strings.EqualFold(d.PolicyType, "Static"):
		return ClassStatic
	case isCluster(d.Mode):
		return ClassKubernetes
	case isDataPlane(d.Mode):
		return ClassDataPlane
	case d.Rule == nil:
		return ClassConfig
	}
	if d.Rule.readsCaller() {
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
	effect := d.Rule.Effect
	if !isLiteral(effect) {
		effect = effect.fold(defaults(d.Parameters))
	}
	var b Bound
	b.setEffect(effect)
	return b.family
}

// defaults are the values of parameters that nobody gave any.
type defaults []Parameter

func (defaults) ofPolicy(string) (Value, bool) { return Value{}, false }

func (d defaults) parameter(name string) (Value, bool) {
	lower := strings.ToLower(name)
	for _, p := range slices.Backward(d) {
		if p.Default != nil && strings.ToLower(p.Name) == lower {
			return *p.Default, true
		}
	}
	return Value{}, false
}

// readsCaller reports whether the condition asks who made the request.
// It is found out when the rule is read; others than read rules are looked at.
func (r *Rule) readsCaller() bool {
	if r.caller != Unclear {
		return r.caller == Yes
	}
	found := false
	visitTemplates(r.If, func(t Template) {
		if !found && t.Expr != nil && t.Expr.root.any(mayReadCaller) {
			text := strings.ToLower(t.Expr.String())
			found = strings.Contains(text, "requestcontext().identity") || strings.Contains(text, "claims()")
		}
	})
	return found
}

// mayReadCaller is true of every term but those without which no expression
// reads the caller: most need not be written as text then.
func mayReadCaller(t *term) bool {
	switch t.kind {
	case callTerm:
		return t.function.name == "requestContext" || t.function.name == "claims"
	case propertyTerm:
		return strings.Contains(t.name, "()")
	case literalTerm:
		return t.value.kind >= Array || strings.Contains(t.value.str, "()")
	}
	return false
}
