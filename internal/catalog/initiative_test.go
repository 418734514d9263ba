package catalog

import (
	"maps"
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
		{Node: Node{ID: "Partly off", Policies: []string{"choice"}}, Kind: Automatic, Called: []string{"A choice"}},
		{Node: Node{ID: "four", Policies: []string{"absent"}}, Kind: Unjudged, Called: []string{"four"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNeverEvaluable: a control whose policies can never be evaluated is unknown, as in
// an assessment, and no policy is named twice.
func TestNeverEvaluable(t *testing.T) {
	const definitions = "/providers/Microsoft.Authorization/policyDefinitions/"
	definition := func(name, parameters, field, effect string) string {
		return `{"id": "` + definitions + name + `", "name": "` + name + `", "properties": {"displayName": "Title of ` + name + `", "parameters": {` + parameters + `},
			"policyRule": {"if": {"field": "` + field + `", "equals": "x"}, "then": {"effect": "` + effect + `"}}}}`
	}
	const list = `"list": {"type": "Array"}`
	documents := []string{
		definition("fine", "", "location", "audit"),
		definition("lacks", list, "location", "audit"), definition("lacks-manual", list, "location", "manual"),
		definition("nowhere", "", "Microsoft.Storage/storageAccounts/noSuchField", "audit"),
		definition("off", "", "location", "Disabled"),
		definition("choice", `"effect": {"type": "String", "defaultValue": "Disabled"}`, "location", "[parameters('effect')]"),
		`{"id": "/providers/Microsoft.Authorization/policySetDefinitions/Set", "name": "set", "properties": {"parameters": {"all": {"type": "Array"}, "on": {"type": "String", "defaultValue": "Disabled"}}, "policyDefinitions": [
			{"policyDefinitionReferenceId": "1", "policyDefinitionId": "` + definitions + `fine", "groupNames": ["Twice", "Partly"]},
			{"policyDefinitionReferenceId": "2", "policyDefinitionId": "` + definitions + `FINE", "groupNames": ["twice"]},
			{"policyDefinitionReferenceId": "3", "policyDefinitionId": "` + definitions + `lacks", "groupNames": ["Lacking", "Partly"]},
			{"policyDefinitionReferenceId": "4", "policyDefinitionId": "` + definitions + `lacks-manual", "groupNames": ["Lacking"]},
			{"policyDefinitionReferenceId": "5", "policyDefinitionId": "` + definitions + `nowhere", "groupNames": ["Nowhere"]},
			{"policyDefinitionReferenceId": "6", "policyDefinitionId": "` + definitions + `off", "groupNames": ["Off"]},
			{"policyDefinitionReferenceId": "7", "policyDefinitionId": "` + definitions + `lacks", "groupNames": ["By assignment"], "parameters": {"list": {"value": "[parameters('all')]"}}},
			{"policyDefinitionReferenceId": "8", "policyDefinitionId": "` + definitions + `choice", "groupNames": ["On by assignment"], "parameters": {"effect": {"value": "[parameters('on')]"}}},
			{"policyDefinitionReferenceId": "9", "policyDefinitionId": "` + definitions + `lacks", "groupNames": ["By member"], "parameters": {"list": {"value": ["x"]}}},
			{"policyDefinitionReferenceId": "10", "policyDefinitionId": "` + definitions + `absent", "groupNames": ["Absent"]},
			{"policyDefinitionReferenceId": "11", "policyDefinitionId": "` + definitions + `absent", "groupNames": ["Absent"]}],
			"policyDefinitionGroups": [{"name": "Twice"}, {"name": "Partly"}, {"name": "Lacking"}, {"name": "Nowhere"}, {"name": "Off"}, {"name": "By assignment"}, {"name": "On by assignment"}, {"name": "By member"}, {"name": "Absent"}]}}`,
	}
	alone := map[string]Kind{
		"Twice": Automatic, "Partly": Automatic, "Lacking": Unjudged, "Nowhere": Unjudged, "Off": NotCovered, "By assignment": Unjudged,
		"On by assignment": NotCovered, "By member": Automatic, "Absent": Unjudged,
	}
	assigned := maps.Clone(alone)
	assigned["By assignment"], assigned["On by assignment"] = Automatic, Automatic
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		assignment string
		want       map[string]Kind
	}{
		"alone":         {"", alone},
		"assigned":      {`"all": {"value": ["x"]}, "on": {"value": "Audit"}`, assigned},
		"not_as_it_may": {`"all": {"value": "x"}, "on": {"value": "Audit"}`, alone},
	} {
		t.Run(name, func(t *testing.T) {
			var l policy.Library
			all := documents
			if test.assignment != "" {
				all = append(all, `{"name": "a", "type": "Microsoft.Authorization/policyAssignments", "properties": {"scope": "/subscriptions/1", "parameters": {`+test.assignment+`},
					"policyDefinitionId": "/providers/microsoft.authorization/policysetdefinitions/set"}}`)
			}
			for _, document := range all {
				if err := l.Add("set.json", []byte(document)).Err(); err != nil {
					t.Fatal(err)
				}
			}
			nodes, err := c.InitiativeCoverage(l.Initiatives[0], &l)
			if err != nil {
				t.Fatal(err)
			}
			own := &Standard{ID: "own", Nodes: []Node{
				{ID: "fine", Policies: []string{"FINE"}},
				{ID: "lacks", Policies: []string{definitions + "Lacks"}},
				{ID: "title", Policies: []string{"title of lacks-manual"}},
				{ID: "off", Policies: []string{"off"}},
				{ID: "choice", Policies: []string{"choice"}},
				{ID: "nowhere", Policies: []string{"nowhere"}},
				{ID: "both", Policies: []string{"off", "nowhere"}},
				{ID: "absent", Policies: []string{"absent"}},
				{ID: "attested", Manual: true, Policies: []string{"lacks"}},
			}}
			covered, err := c.Coverage(own, &l)
			if err != nil {
				t.Fatal(err)
			}
			wantOwn := map[string]Kind{
				"fine": Automatic, "lacks": test.want["By assignment"], "title": Unjudged, "off": NotCovered, "choice": test.want["On by assignment"], "nowhere": Unjudged, "both": Unjudged,
				"absent": Unjudged, "attested": ByHand,
			}
			for _, n := range covered {
				if n.Kind != wantOwn[n.ID] {
					t.Errorf("own standard: %s is %s, want %s", n.ID, n.Kind, wantOwn[n.ID])
				}
			}
			got := map[string]Kind{}
			for _, n := range nodes {
				got[n.ID] = n.Kind
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for n, want := range map[int][2][]string{0: {{"fine"}, {"Title of fine"}}, 8: {{"absent"}, {"10", "11"}}} {
				if diff := cmp.Diff(want, [2][]string{nodes[n].Policies, nodes[n].Called}); diff != "" {
					t.Errorf("%s names (-want +got):\n%s", nodes[n].ID, diff)
				}
			}
		})
	}
}
