// Package catalog holds the built-in content: recommendations, standards,
// secure-score controls and the aliases that the rules use. It is data under
// catalog/ at the top of the module; docs/authoring.md tells how to add to it.
//
// There are two ways in. [Parse] is the authors' way: it reads the YAML files
// strictly and reports everything that is wrong with them at once. [Load] is
// the program's way: it opens the packed form of the same files, which is
// embedded in the binary, and decodes of it only what is asked for. A test
// keeps the packed form fresh; `go generate ./internal/catalog` writes it.
package catalog

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Control is one secure-score control.
type Control struct {
	ID          string  // slug, such as restrict-unauthorized-network-access
	Name        string  // as people know it: Restrict unauthorized network access
	GUID        string  // of Microsoft's secureScoreControlDefinitions
	Max         float64 // points
	Description string  // one sentence: what mending it achieves
}

// Entry is what a list of recommendations prints of one. It costs next to
// nothing to decode; [Catalog.Recommendation] has the rest.
type Entry struct {
	ID       string // the file's name, unique over all clouds, never reused
	Title    string
	Cloud    posture.Cloud
	Service  string // the folder: storage, iam, …
	Severity posture.Severity
	Control  string // Control.ID
	Preview  bool   // not scored
}

// Technique is one of MITRE ATT&CK. The name of a part has that of the whole before
// it, "Valid Accounts: Cloud Accounts"; "" where facts/attack.tsv does not have it.
type Technique struct{ ID, Name string }

// Recommendation is one built-in check with all that people need to act on it.
type Recommendation struct {
	ID          string // the file's name, unique over all clouds, never reused
	Title       string
	Cloud       posture.Cloud
	Service     string // the folder: storage, iam, …
	Severity    posture.Severity
	Control     string // Control.ID
	Preview     bool
	Why         string
	UserImpact  string // low, moderate, high
	Effort      string // low, moderate, high
	Attack      []Technique
	Remediation Remediation
	Standards   []StandardRef
	// AzurePolicies are the names (GUIDs) of Microsoft's built-in definitions
	// that check the same.
	AzurePolicies []string
	Types         []string // resource types that the rule names
	// Definition is a whole Azure Policy definition (name, properties with
	// displayName, mode, parameters, policyRule) made from the file; Applies,
	// when not nil, is a further condition of the language: where it is false
	// the check is notApplicable.
	Definition json.RawMessage
	Applies    json.RawMessage
	// Brief is the rule's, with its defaults; without types if a set has to bind
	// it at once. See [policy.Set.Defer].
	Brief policy.Brief
	File  string // path below catalog/

	// From Parse only; the packed form has neither.
	Cases []Case
	Texts []Text // of the remediation, applies, rule, title, why and attack, in this order
}

// AttackIDs are those of the techniques.
func (r *Recommendation) AttackIDs() []string {
	ids := make([]string, len(r.Attack))
	for i, t := range r.Attack {
		ids[i] = t.ID
	}
	return ids
}

// Text is a text of a file, without blanks around it, and where it begins.
type Text struct {
	Text         string
	Line, Column int
}

// Entry gives what a list prints.
func (r *Recommendation) Entry() Entry {
	return Entry{r.ID, r.Title, r.Cloud, r.Service, r.Severity, r.Control, r.Preview}
}

// Remediation says how to mend it. Every part but Steps and Breaks may be
// empty.
type Remediation struct {
	Steps          string
	Commands       []Command
	Terraform      string
	Bicep          string
	CloudFormation string
	Breaks         string
	Fix            json.RawMessage // {operation, field, value}: a machine-applicable change; nil if there is none
}

// StandardRef links a recommendation to a control of a standard.
type StandardRef struct{ Standard, Control string }

// Case is one example beside a recommendation with the state it must give.
// Resource and Related are complete: what the file left out (id, type, name)
// is filled in, so that related resources belong to the resource.
type Case struct {
	Name       string
	Resource   json.RawMessage
	Collected  bool              // false: the body was not wholly read
	Unread     []string          // paths of the body that were not read, such as iamPolicy
	Related    []json.RawMessage // other resources of the unit
	Complete   []string          // types known to be completely read; nil = every type in Related
	Parameters map[string]json.RawMessage
	Now        time.Time // the clock of the case; zero: any
	Want       posture.State
	Reason     posture.Reason // NoReason: any
	Line       int            // in the recommendation's file
}

// Standard is a tree of controls.
type Standard struct {
	ID, Title, Authority, Version string
	Clouds                        []posture.Cloud
	// Default says that compliance with it is told without being asked for,
	// where one of its clouds is met.
	Default bool
	Nodes   []Node
	Place   string // file:line of a user's own, for messages
}

// Node is one group or control of a standard, parents before children.
type Node struct {
	ID, Title, Parent string
	Manual            bool
	// Recommendations and Policies give evidence for a control of a user's own
	// standard, by name. For a built-in one the recommendations say it.
	Recommendations, Policies []string
	Place                     string // file:line of a user's own, for messages
}

// FirstBelow gives the id of the first node below one that has none below itself, ""
// for none.
func FirstBelow(nodes []Node, id string) string {
	first := ""
	for {
		at := slices.IndexFunc(nodes, func(n Node) bool { return n.Parent == id })
		if at < 0 {
			return first
		}
		first, id, nodes = nodes[at].ID, nodes[at].ID, nodes[at+1:] // parents stand before children
	}
}
