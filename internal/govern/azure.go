package govern

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// scopeValidations are the words of assignmentScopeValidation.
var scopeValidations = []string{"Default", "DoNotValidate"}

// isAzures reports whether a document is an exemption as Azure writes it.
func isAzures(value any) bool {
	o, _ := value.(map[string]any)
	_, wrapped := o["properties"].(map[string]any)
	_, bare := o["policyAssignmentId"]
	return wrapped || bare
}

// parseAzures reads an exemption as Azure writes it, by the reader of assess. What is
// not kept of it, such as metadata, says nothing of checks.
func parseAzures(text []byte, value any) (Document, error) {
	read, problems := policy.ParseExemption("", text)
	wrong := problemsOf(problems)
	o, _ := value.(map[string]any)
	if inner, ok := o["properties"].(map[string]any); ok {
		o = inner
	}
	validation := object{has: o, met: map[string]bool{}, problems: &wrong}
	validate := validation.optional("assignmentScopeValidation", scopeValidations...)
	if len(wrong) > 0 {
		return nil, wrong
	}
	e := &Exemption{
		ID: AzuresID(read.ID), DisplayName: read.DisplayName, Place: Place{Scope: read.Scope}, Assignment: read.AssignmentID, Members: read.ReferenceIDs,
		Category: strings.ToLower(read.Category), Reason: read.Description, AssignmentScopeValidation: validate,
	}
	if e.isAzures() == "" {
		return nil, Problems{{Path: "id", Want: "want SCOPE/providers/Microsoft.Authorization/policyExemptions/NAME, the name without slashes"}}
	}
	if len(e.Members) == 0 {
		e.Members = nil // as in assess
	}
	if at, ok := policy.ParseExpiry(read.ExpiresOn); ok {
		at = at.UTC().Truncate(time.Millisecond)
		e.ExpiresOn = &at
	}
	for _, s := range read.ResourceSelectors {
		e.ResourceSelectors = append(e.ResourceSelectors, selectorOf(&s))
	}
	kept, err := Text(e)
	if err != nil {
		return nil, err
	}
	if again, err := Parse(e.Kind(), kept); err != nil { // by what bounds all that is kept
		return again, err
	}
	return e, nil
}

// AzuresID is the id of an exemption of Azure's as it is kept.
func AzuresID(id string) string { return strings.ToLower(id) }

// isAzures gives the scope that the id of an exemption of Azure's says, "" where it is
// another one.
func (e *Exemption) isAzures() string {
	const within = "/providers/microsoft.authorization/policyexemptions/"
	at := strings.LastIndex(e.ID, within)
	if at <= 0 || strings.Contains(e.ID[at+len(within):], "/") || len(e.ID) == at+len(within) {
		return ""
	}
	return e.ID[:at]
}

// IsAzures reports whether an exemption is called as Azure calls those at its scope: who
// may write there may know which there are.
func (e *Exemption) IsAzures() bool {
	scope := e.isAzures()
	return scope != "" && posture.Fold(scope) == posture.Fold(e.Scope)
}

// readReferences reads what an exemption of references has.
func (e *Exemption) readReferences(o *object) {
	e.Assignment, e.Members = o.text("assignment", MaxID), o.texts("members", MaxWords)
	e.AssignmentScopeValidation = o.optional("assignmentScopeValidation", scopeValidations...)
	switch {
	case e.Assignment == "" && len(e.Members) > 0:
		o.wrong("members", "want the assignment too, whose initiative has them")
	case e.Assignment == "" && e.AssignmentScopeValidation != "":
		o.wrong("assignmentScopeValidation", "want the assignment too")
	case e.Assignment != "" && len(e.Recommendations) > 0:
		o.wrong("recommendations", "want either an assignment or recommendations, not both")
	}
	value, ok := o.value("resourceSelectors")
	if !ok {
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		o.wrong("resourceSelectors", err.Error())
		return
	}
	selectors, problems := policy.ParseResourceSelectors("", text)
	for _, p := range problemsOf(problems) {
		o.wrong("resourceSelectors", p.Want)
	}
	for i := range selectors {
		e.ResourceSelectors = append(e.ResourceSelectors, selectorOf(&selectors[i]))
	}
}

// optional is one of some words, "" where it is not there.
func (o *object) optional(property string, words ...string) string {
	before := len(*o.problems)
	text := o.text(property, MaxName)
	for _, word := range words {
		if strings.EqualFold(text, word) {
			return word
		}
	}
	if text != "" && len(*o.problems) == before {
		o.wrong(property, fmt.Sprintf("want %s, not %q", strings.Join(words, " or "), text))
	}
	return ""
}

func selectorOf(s *policy.ResourceSelector) ResourceSelector {
	own := ResourceSelector{Name: s.Name}
	for _, one := range s.Selectors {
		own.Selectors = append(own.Selectors, AdmittingValues(one))
	}
	return own
}

// Selecting are the resource selectors as assignments have them.
func (e *Exemption) Selecting() (all []policy.ResourceSelector) {
	for _, s := range e.ResourceSelectors {
		one := policy.ResourceSelector{Name: s.Name}
		for _, values := range s.Selectors {
			one.Selectors = append(one.Selectors, policy.Selector(values))
		}
		all = append(all, one)
	}
	return all
}

// IsOf reports whether an exemption is of a reference: a member of an assignment, "" of
// a definition that is assigned alone.
func (e *Exemption) IsOf(assignment, member string) bool {
	if !strings.EqualFold(e.Assignment, assignment) {
		return false
	}
	for _, m := range e.Members {
		if strings.EqualFold(m, member) {
			return true
		}
	}
	return len(e.Members) == 0
}

// IsGeneral reports whether an exemption is of all that there is at its place.
func (e *Exemption) IsGeneral() bool {
	return e.Recommendations == nil && e.Assignment == "" && e.Selector == nil && len(e.ResourceSelectors) == 0
}
