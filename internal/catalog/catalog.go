// Package catalog loads the built-in content: recommendations, standards and
// secure-score controls, which are data under catalog/ at the top of the
// module, checked against catalog/schema and embedded in the binary.
package catalog

import (
	"encoding/json"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Control is one secure-score control.
type Control struct {
	ID   string  // slug, such as restrict-unauthorized-network-access
	Name string  // as people know it: Restrict unauthorized network access
	GUID string  // of Microsoft's secureScoreControlDefinitions
	Max  float64 // points
}

// Recommendation is one built-in check with all that people need to act on it.
type Recommendation struct {
	ID          string // the file's name, unique over all clouds, never reused
	Title       string
	Cloud       posture.Cloud
	Service     string // the folder: storage, iam, …
	Severity    posture.Severity
	Control     string // Control.ID, "" = not scored
	Preview     bool
	Why         string
	UserImpact  string   // low, moderate, high
	Effort      string   // low, moderate, high
	Attack      []string // ATT&CK technique ids
	Remediation Remediation
	Standards   []StandardRef
	Types       []string // resource types that the rule names
	// Definition is a whole Azure Policy definition (name, properties with
	// displayName, mode, parameters, policyRule) made from the file; Applies,
	// when not nil, is a further condition of the language: where it is false
	// the check is notApplicable.
	Definition json.RawMessage
	Applies    json.RawMessage
	Cases      []Case
	File       string
}

// Remediation says how to mend it.
type Remediation struct {
	Steps          string
	CLI            string
	Terraform      string
	Bicep          string
	CloudFormation string
	Breaks         string
	Fix            json.RawMessage // {operation, field, value}: a machine-applicable change
}

// StandardRef links a recommendation to a control of a standard.
type StandardRef struct{ Standard, Control string }

// Case is one example beside a recommendation with the state it must give.
type Case struct {
	Name       string
	Resource   json.RawMessage
	Collected  bool              // false: the body was not wholly read
	Related    []json.RawMessage // other resources of the unit
	Complete   []string          // types known to be completely read; nil = every type in Related
	Parameters map[string]json.RawMessage
	Want       posture.State
	Reason     posture.Reason
}

// Standard is a tree of controls.
type Standard struct {
	ID, Title, Authority, Version string
	Clouds                        []posture.Cloud
	Nodes                         []Node
}

// Node is one group or control of a standard, parents before children.
type Node struct {
	ID, Title, Parent string
	Manual            bool
}
