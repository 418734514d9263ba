package policy

import "testing"

// policy() knows the definition's own id, and of assignments only what is the same in
// all of them: nothing. A hash of it is still a name of so many letters.
func TestKnowingID(t *testing.T) {
	tests := map[string]struct {
		condition, then string
		assigned        bool
		want            Status
	}{
		"own_id":              {`{"value": "[policy().definitionId]", "equals": "/d/mine"}`, "", false, StatusNonCompliant},
		"own_id_assigned":     {`{"value": "[policy()['definitionId']]", "equals": "/d/mine"}`, "", true, StatusNonCompliant},
		"no_assignment":       {`{"value": "[policy().assignmentId]", "equals": ""}`, "", false, StatusNonCompliant},
		"some_assignment":     {`{"value": "[policy().assignmentId]", "equals": ""}`, "", true, StatusUnknown},
		"some_reference":      {`{"value": "[length(policy().definitionReferenceId)]", "greater": 3}`, "", true, StatusUnknown},
		"beside_what_decides": {`{"anyOf": [{"field": "name", "equals": "one"}, {"value": "[policy().assignmentId]", "equals": ""}]}`, "", true, StatusNonCompliant},
		"hash": {
			`{"field": "name", "equals": "one"}`,
			`"details": {"type": "Contoso.Net/groups", "name": "[concat('g', uniqueString(policy().assignmentId))]"}`, true, StatusCompliant,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			effect := `"effect": "audit"`
			if test.then != "" {
				effect = `"effect": "auditIfNotExists", ` + test.then
			}
			d, problems := ParseDefinition("rule.json", []byte(`{"id": "/d/mine", "name": "mine", "properties": {"policyRule": {"if": {"allOf": [{"field": "type", "equals": "Contoso.Net/groups"}, `+test.condition+`]}, "then": {`+effect+`}}}}`))
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			set := NewSet(nil, testClock)
			if test.assigned {
				set.Assigned()
			}
			set.Add(Bind(d, nil, KnowingID))
			var estate Resources
			for _, name := range []string{"one", "gabcdefghijklm"} {
				r := parsed(t, `{"id": "/subscriptions/1/resourceGroups/g/providers/Contoso.Net/groups/`+name+`", "name": "`+name+`", "type": "Contoso.Net/groups", "properties": {}}`)
				r.Unit = "/subscriptions/1"
				estate = append(estate, r)
			}
			for _, f := range set.JudgeAll(estate, func(string, string) (bool, string) { return true, "" }) {
				if f.Resource.Name == "one" && f.Status != test.want {
					t.Errorf("got %s, want %s", f.Status, test.want)
				}
			}
		})
	}
}
