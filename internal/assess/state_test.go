package assess_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// estate has one resource of every state.
var estate = []string{
	account(groupA, "good", secure),
	account(groupA, "bad", plain),
	account(groupA, "unset", `,"properties":{}`),
	account(groupA, "bodiless", ""),
	subscription(unitA),
	`{"id":"` + groupA + `/providers/Contoso.Other/things/x","name":"x","type":"Contoso.Other/things","properties":{}}`,
}

func TestStates(t *testing.T) {
	o := options(t, []string{https, attest}, estate...)
	result, checks := run(t, o)
	expected := []string{
		"attest 00000000-0000-0000-0000-00000000000a manual",
		"https bad unhealthy",
		"https bodiless unknown partial",
		"https good healthy",
		"https unset unhealthy",
	}
	if diff := cmp.Diff(expected, lines(checks)); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	coverage := assess.Coverage{Judged: 3, Unknown: 1, Percent: 75, Reasons: map[posture.Reason]int{posture.Partial: 1}, Manual: 1}
	if diff := cmp.Diff(coverage, result.Coverage); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	rolled := map[posture.State]int{
		posture.Unhealthy: 2, posture.Unknown: 1, posture.Healthy: 1, posture.Manual: 1, posture.NotApplicable: 1,
	}
	if diff := cmp.Diff(rolled, result.Resources); diff != "" || result.Total != 6 || result.Units != 1 {
		t.Errorf("%d resources in %d units (-want +got):\n%s", result.Total, result.Units, diff)
	}
}

// A resource takes the first state, in the order of the roll-up, that any of
// its checks has.
func TestInventoryRollUp(t *testing.T) {
	// Two rules on one account: the state of the first is that of the body,
	// the second is manual.
	manual := definition("byhand", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "Manual"}`, "")
	waived := exemption(t, `{"recommendation": "https"}`)
	tests := map[string]struct {
		policies []string
		body     string
		exempt   bool
		want     posture.State
	}{
		"unhealthy_before_manual": {[]string{https, manual}, plain, false, posture.Unhealthy},
		"unknown_before_manual":   {[]string{https, manual}, "", false, posture.Unknown},
		"healthy_before_manual":   {[]string{https, manual}, secure, false, posture.Healthy},
		"manual_before_exempt":    {[]string{https, manual}, plain, true, posture.Manual},
		"exempt":                  {[]string{https}, plain, true, posture.Exempt},
		"unknown_before_healthy":  {[]string{https, logged}, secure, false, posture.Unknown},
		"unhealthy_first":         {[]string{https, logged}, plain, false, posture.Unhealthy},
		"without_any_check":       {[]string{attest}, plain, false, posture.NotApplicable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, test.policies, account(groupA, "a", test.body))
			if test.exempt {
				o.Exemptions = waived
			}
			result, _ := run(t, o)
			if diff := cmp.Diff(map[posture.State]int{test.want: 1}, result.Resources); diff != "" {
				t.Errorf("resources (-want +got):\n%s", diff)
			}
		})
	}
}

// What read records say of parts of bodies is unknown with their reason.
func TestGapsOfBodies(t *testing.T) {
	id := groupA + "/providers/Microsoft.Storage/storageAccounts/a"
	record := func(list, gap string) string {
		return `{"bartizan":"read","scope":"` + unitA + `","type":"*","complete":true,"` + list + `":[` + gap + `]}`
	}
	tests := map[string]struct {
		record, body, want string
	}{
		"body_of_an_id":        {record("denied", `{"id":"`+id+`","action":"read"}`), `,"properties":{}`, "https a unknown denied"},
		"id_in_another_case":   {record("denied", `{"id":"`+upper(id)+`"}`), `,"properties":{}`, "https a unknown denied"},
		"path_of_an_id":        {record("throttled", `{"id":"`+id+`","path":"properties.supportsHttpsTrafficOnly"}`), `,"properties":{}`, "https a unknown throttled"},
		"path_above":           {record("error", `{"id":"`+id+`","path":"properties"}`), `,"properties":{}`, "https a unknown error"},
		"another_path":         {record("denied", `{"id":"`+id+`","path":"properties.keys"}`), `,"properties":{}`, "https a unhealthy"},
		"path_of_a_type":       {record("denied", `{"type":"microsoft.storage/storageaccounts","path":"properties"}`), `,"properties":{}`, "https a unknown denied"},
		"path_of_another_type": {record("denied", `{"type":"Microsoft.Web/sites","path":"properties"}`), `,"properties":{}`, "https a unhealthy"},
		"what_stands_in_a_gap": {record("denied", `{"id":"`+id+`","path":"properties"}`), plain, "https a unknown denied"},
		"a_type":               {record("denied", `{"type":"microsoft.storage/storageAccounts","action":"read"}`), `,"properties":{}`, "https a unknown denied"},
		"another_type":         {record("denied", `{"type":"Microsoft.Web/sites"}`), `,"properties":{}`, "https a unhealthy"},
		"every_type":           {record("throttled", `{"action":"read"}`), `,"properties":{}`, "https a unknown throttled"},
		"every_type_by_star":   {record("error", `{"type":"*"}`), `,"properties":{}`, "https a unknown error"},
		"a_type_and_a_value":   {record("denied", `{"type":"Microsoft.Storage/storageAccounts"}`), secure, "https a healthy"},
		"type_of_the_record": {
			read(unitA, "Microsoft.Storage/storageAccounts", "true", `,"throttled":[{"action":"read"}]`), `,"properties":{}`, "https a unknown throttled",
		},
		"type_of_another_record": {read(unitA, "Microsoft.Web/sites", "true", `,"throttled":[{"action":"read"}]`), `,"properties":{}`, "https a unhealthy"},
		"a_type_in_another_unit": {read(unitB, "*", "true", gap("denied", "Microsoft.Storage/storageAccounts")), `,"properties":{}`, "https a unhealthy"},
		"a_type_in_the_group":    {read(groupA, "*", "true", gap("denied", "Microsoft.Storage/storageAccounts")), `,"properties":{}`, "https a unknown denied"},
		"record_of_another_unit": {
			`{"bartizan":"read","scope":"` + unitB + `","type":"*","complete":true,"denied":[{"type":"Microsoft.Storage/storageAccounts","path":"properties"}]}`,
			`,"properties":{}`, "https a unhealthy",
		},
		"record_of_the_group": {
			`{"bartizan":"read","scope":"` + groupA + `","type":"Microsoft.Storage/storageAccounts","complete":true,"denied":[{"path":"properties"}]}`,
			`,"properties":{}`, "https a unknown denied",
		},
		"record_of_another_group": {
			`{"bartizan":"read","scope":"` + unitA + `/resourceGroups/ap","type":"Microsoft.Storage/storageAccounts","complete":true,"denied":[{"path":"properties"}]}`,
			`,"properties":{}`, "https a unhealthy",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			resource := account(groupA, "a", test.body)
			want(t, options(t, []string{https}, test.record, resource), test.want)
			// A record that comes behind its resources makes a second reading.
			want(t, options(t, []string{https}, resource, test.record), test.want)
		})
	}
}

// A gap of everything below a management group needs the tree, which may come
// last of all.
func TestGapsBelowManagementGroups(t *testing.T) {
	record := `{"bartizan":"read","scope":"` + top + `","type":"Microsoft.Storage/storageAccounts","complete":true,"denied":[{"path":"properties"}]}`
	scope := `{"id":"` + unitA + `","parent":"` + top + `","kind":"subscription","name":"a"}`
	resource := account(groupA, "a", `,"properties":{}`)
	for name, order := range map[string][]string{
		"tree_first":  {scope, record, resource},
		"tree_last":   {record, resource, scope},
		"record_last": {scope, resource, record},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{https}, order...), "https a unknown denied")
		})
	}
}

// A path in the words of an asset's own shape, and one that nobody understands,
// keep a check from being healthy or unhealthy; also where the record is about
// another type.
func TestGapsOfOddPaths(t *testing.T) {
	id := groupA + "/providers/Microsoft.Storage/storageAccounts/a"
	for _, path := range []string{"$.properties.supportsHttpsTrafficOnly", "properties.*", "*", "resource.properties.x", "supportsHttpsTrafficOnly"} {
		for _, of := range []string{"*", "Microsoft.Web/sites"} {
			record := `{"bartizan":"read","scope":"` + unitA + `","type":"` + of + `","denied":[{"id":"` + id + `","path":"` + path + `"}]}`
			want(t, options(t, []string{https}, record, account(groupA, "a", `,"properties":{}`)), "https a unknown denied")
		}
	}
}
