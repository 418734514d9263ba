package policy

import (
	"slices"
	"strings"
)

// documentKind says what a value in a file is.
type documentKind uint8

const (
	otherDocument documentKind = iota
	ruleDocument
	parameterDocument
	memberDocument
	versionDocument
	listDocument
	definitionDocument
	initiativeDocument
	assignmentDocument
	exemptionDocument
	attestationDocument
	providerDocument
	aliasDocument
)

// String names the kind for a message.
func (k documentKind) String() string {
	return [...]string{
		"no document of Azure Policy", "only the rule of a definition", "only the parameters of a definition",
		"only the members of an initiative", "an older version of a definition", "list",
		"definition", "initiative", "assignment", "exemption", "attestation", "provider", "alias table",
	}[k]
}

// kindsByType are the kinds whose resource type says what they are.
var kindsByType = []struct {
	resourceType string
	kind         documentKind
}{
	{"/microsoft.authorization/policydefinitions/", definitionDocument},
	{"/microsoft.authorization/policysetdefinitions/", initiativeDocument},
	{"/microsoft.authorization/policyassignments/", assignmentDocument},
	{"/microsoft.authorization/policyexemptions/", exemptionDocument},
	{"/microsoft.policyinsights/attestations/", attestationDocument},
}

// typeStart begins each of them.
const typeStart = "/microsoft."

// kindOf finds out what a value is: by its type, its id, or, if these name no
// resource type, what it has. Many resources have what documents of ours have.
func kindOf(n *Node) documentKind {
	if n.Kind == Array {
		return listDocument
	}
	inner := n.object("properties")
	if inner == nil {
		inner = n
	}
	if kind := kindByID("/" + n.text("type") + "/"); kind != otherDocument {
		return kind
	}
	if strings.Contains(n.text("type"), "/") {
		return otherDocument
	}
	if kind := kindByID(n.text("id")); kind != otherDocument {
		return kind
	}
	if typeOfID(n.text("id")) != "" {
		return otherDocument
	}
	has := func(key string) bool { return inner.Get(key) != nil }
	switch {
	case has("policyRule"):
		return definitionDocument
	case has("policyDefinitions"):
		return initiativeDocument
	case has("policyAssignmentId") && has("exemptionCategory"):
		return exemptionDocument
	case has("policyAssignmentId") && has("complianceState"):
		return attestationDocument
	case has("policyDefinitionId") && has("scope"):
		return assignmentDocument
	}
	return kindByShape(n)
}

// kindByID finds the kind in an id, the last type in it counting.
func kindByID(id string) documentKind {
	kind, last := otherDocument, -1
	if len(id) < 3 {
		return kind
	}
	id = strings.ToLower(id)
	for at := strings.LastIndex(id, typeStart); at >= 0 && kind == otherDocument; at = strings.LastIndex(id[:at], typeStart) {
		for _, k := range kindsByType {
			if strings.HasPrefix(id[at:], k.resourceType) {
				kind, last = k.kind, at
			}
		}
	}
	if kind != otherDocument && strings.Contains(id[last+1:], "/versions/") {
		return versionDocument
	}
	return kind
}

// kindByShape sorts what is no document of its own.
func kindByShape(n *Node) documentKind {
	switch {
	case n.Get("namespace") != nil && n.array("resourceTypes") != nil:
		return providerDocument
	case n.array("value") != nil:
		return listDocument
	case n.Get("if") != nil && n.Get("then") != nil:
		return ruleDocument
	case n.text("policyDefinitionId") != "":
		return memberDocument
	case isAliasTable(n):
		return aliasDocument
	case isParameters(n):
		return parameterDocument
	case isUnfinished(n):
		return definitionDocument
	}
	return otherDocument
}

// definitionKeys are the properties of a definition, and wrapperKeys those of the
// object around them.
var (
	definitionKeys = []string{
		"displayName", "description", "policyType", "mode", "metadata", "parameters", "policyRule", "version", "versions",
		"externalEvaluationEnforcementSettings",
	}
	wrapperKeys = []string{"id", "name", "type", "properties", "systemData", "apiVersion"}
)

// isUnfinished reports whether an object without policyRule is meant to be a
// definition: its properties are those of a definition, or nearly, and say so.
// Of other documents, such as schemas, templates and blueprints, many have some
// of these keys; they have others too, or other things behind them.
func isUnfinished(n *Node) bool {
	inner := n.object("properties")
	if inner == nil {
		inner = n
	}
	said := 0
	for i := range inner.Members {
		m := &inner.Members[i]
		key := definitionKeyOf(m.Key)
		switch {
		case key == "policyRule":
			if m.Value.Get("if") == nil && m.Value.Get("then") == nil {
				return false
			}
			said += 2
		case key == "displayName", key == "mode", key == "policyType":
			if m.Value.Kind != String {
				return false
			}
			said++
		case key == "parameters":
			if m.Value.Kind != Object || len(m.Value.Members) > 0 && !isParameters(m.Value) {
				return false
			}
			said++
		case key == "metadata":
			if m.Value.Kind != Object {
				return false
			}
		case key != "", strings.EqualFold(m.Key, "if"), strings.EqualFold(m.Key, "then"):
		case inner == n && isOneOf(m.Key, wrapperKeys):
		default:
			return false
		}
	}
	return said > 1 || said == 1 && inner != n
}

// definitionKeyOf is the property of a definition that a key is or nearly is, ""
// if it is none.
func definitionKeyOf(key string) string {
	for _, known := range definitionKeys {
		if strings.EqualFold(key, known) {
			return known
		}
	}
	return nearest(key, slices.Values(definitionKeys))
}

func isOneOf(key string, known []string) bool {
	return slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, key) })
}

// isParameters reports whether an object declares parameters.
func isParameters(n *Node) bool {
	for i := range n.Members {
		if n.Members[i].Value.text("type") == "" {
			return false
		}
	}
	return len(n.Members) > 0
}
