package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/policy"
)

func TestInitiativeCoverage(t *testing.T) {
	var l policy.Library
	const definitions = "/providers/Microsoft.Authorization/policyDefinitions/"
	const anonymous = "4fa4b6c0-31ca-4c0d-b10d-24b96f62a751" // of storage-blob-anonymous-access-off
	for _, document := range []string{
		`{"id": "` + definitions + `known", "name": "known", "properties": {"displayName": "Known", "policyRule": {"if": {"field": "type", "equals": "a/b"}, "then": {"effect": "audit"}}}}`,
		`{"id": "` + definitions + `word", "name": "word", "properties": {"displayName": "A word", "policyRule": {"if": {"field": "type", "equals": "a/b"}, "then": {"effect": "manual"}}}}`,
		`{"id": "` + definitions + `choice", "name": "choice", "properties": {"displayName": "A choice", "parameters": {"effect": {"type": "String", "defaultValue": "Audit"}},
			"policyRule": {"if": {"field": "type", "equals": "a/b"}, "then": {"effect": "[parameters('effect')]"}}}}`,
		`{"id": "` + definitions + `pods", "name": "pods", "properties": {"displayName": "Pods", "mode": "Microsoft.Kubernetes.Data", "policyRule": {"if": {"field": "type", "equals": "a/b"}, "then": {"effect": "audit"}}}}`,
		`{"id": "` + definitions + `attested", "name": "attested", "properties": {"displayName": "Attested", "policyType": "Static", "policyRule": {"if": {"value": "false", "equals": "true"}, "then": {"effect": "audit"}}}}`,
		`{"name": "set", "properties": {"parameters": {"offByDefault": {"type": "String", "defaultValue": "disabled"}},
			"policyDefinitionGroups": [
			{"name": "G1", "category": "All", "displayName": "First"}, {"name": "G2", "category": "All"}, {"name": "G3"}, {"name": "G4"}, {"name": "Pods"}, {"name": "Off"}, {"name": "Partly off"}],
			"policyDefinitions": [
			{"policyDefinitionReferenceId": "one", "policyDefinitionId": "` + definitions + `known", "groupNames": ["G1", "g2"]},
			{"policyDefinitionReferenceId": "two", "policyDefinitionId": "` + definitions + anonymous + `", "groupNames": ["G2"]},
			{"policyDefinitionReferenceId": "three", "policyDefinitionId": "` + definitions + `word", "groupNames": ["G3"]},
			{"policyDefinitionReferenceId": "five", "policyDefinitionId": "` + definitions + `choice", "groupNames": ["Off", "Partly off"], "parameters": {"effect": {"value": "[parameters('offByDefault')]"}}},
			{"policyDefinitionReferenceId": "six", "policyDefinitionId": "` + definitions + anonymous + `", "groupNames": ["Off"], "parameters": {"effect": {"value": "Disabled"}}},
			{"policyDefinitionReferenceId": "seven", "policyDefinitionId": "` + definitions + `choice", "groupNames": ["Partly off"]},
			{"policyDefinitionReferenceId": "eight", "policyDefinitionId": "` + definitions + `pods", "groupNames": ["Pods", "Off"]},
			{"policyDefinitionReferenceId": "nine", "policyDefinitionId": "` + definitions + `word", "groupNames": ["Pods"]},
			{"policyDefinitionReferenceId": "ten", "policyDefinitionId": "` + definitions + `attested", "groupNames": ["G4"]},
			{"policyDefinitionReferenceId": "four", "policyDefinitionId": "` + definitions + `absent"}]}}`,
	} {
		if err := l.Add("set.json", []byte(document)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := parseContent(t).InitiativeCoverage(l.Initiatives[0], &l)
	if err != nil {
		t.Fatal(err)
	}
	want := []Covered{
		{Node: Node{ID: "All", Title: "All"}, Kind: Group},
		{Node: Node{ID: "G1", Title: "First", Parent: "All", Policies: []string{"known"}}, Kind: Automatic, Called: []string{"Known"}},
		{
			Node: Node{ID: "G2", Parent: "All", Policies: []string{"known", anonymous}}, Kind: Automatic,
			Recommendations: []string{"storage-blob-anonymous-access-off"}, Called: []string{"Known", "two"},
		},
		{Node: Node{ID: "G3", Policies: []string{"word"}}, Kind: ByHand, Called: []string{"A word"}},
		{Node: Node{ID: "G4", Policies: []string{"attested"}}, Kind: NotCovered, Called: []string{"Attested"}},
		{Node: Node{ID: "Pods", Policies: []string{"pods", "word"}}, Kind: Unjudged, Called: []string{"Pods", "A word"}},
		{Node: Node{ID: "Off", Policies: []string{"choice", anonymous, "pods"}}, Kind: Unjudged, Called: []string{"A choice", "six", "Pods"}},
		{Node: Node{ID: "Partly off", Policies: []string{"choice", "choice"}}, Kind: Automatic, Called: []string{"A choice", "A choice"}},
		{Node: Node{ID: "four", Policies: []string{"absent"}}, Kind: Unjudged, Called: []string{"four"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
