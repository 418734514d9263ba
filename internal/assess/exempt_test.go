package assess_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// exemption makes exemptions in the short form, as the command line reads them.
func exemption(t testing.TB, texts ...string) []*policy.Exemption {
	t.Helper()
	var all []*policy.Exemption
	for _, s := range texts {
		e := short(t, s)
		category := "Waiver"
		if e["category"] != "" {
			category = e["category"]
		}
		all = append(all, &policy.Exemption{
			Scope: e["scope"], ReferenceIDs: []string{e["recommendation"]}, Category: category, ExpiresOn: e["expiresOn"],
		})
	}
	return all
}

// attestation makes attestations in the short form.
func attestation(t testing.TB, texts ...string) []*policy.Attestation {
	t.Helper()
	var all []*policy.Attestation
	for _, s := range texts {
		a := short(t, s)
		all = append(all, &policy.Attestation{
			Scope: a["scope"], ReferenceID: a["recommendation"], State: a["state"], ExpiresOn: a["expiresOn"], AssessmentDate: a["on"],
		})
	}
	return all
}

func short(t testing.TB, s string) map[string]string {
	t.Helper()
	fields := map[string]string{}
	if err := json.Unmarshal([]byte(s), &fields); err != nil {
		t.Fatal(err)
	}
	if fields["scope"] == "" {
		fields["scope"] = "/"
	}
	return fields
}

const assignments = "/providers/Microsoft.Authorization/policyAssignments/"

// exempting is an exemption as Azure writes it.
func exempting(scope, assignment, rest string) string {
	return `{"id":"` + scope + `/providers/Microsoft.Authorization/policyExemptions/e","name":"e","type":"Microsoft.Authorization/policyExemptions",
		"properties":{"policyAssignmentId":"` + assignment + `","exemptionCategory":"Waiver"` + rest + `}}`
}

func attesting(scope, assignment, rest string) string {
	return `{"id":"` + scope + `/providers/Microsoft.PolicyInsights/attestations/t","name":"t","type":"Microsoft.PolicyInsights/attestations",
		"properties":{"policyAssignmentId":"` + assignment + `"` + rest + `}}`
}

func TestExemptionsOfAssignments(t *testing.T) {
	one := account(groupA, "one", plain)
	oneID := groupA + "/providers/Microsoft.Storage/storageAccounts/one"
	x := assignment("x", unitA, "policySetDefinitions/set", "")
	y := assignment("y", groupA, "policyDefinitions/https", "")
	set := initiative("set", "", member("h", "https", "")+","+member("l", "logged", ""), "")
	ofX, ofY := unitA+assignments+"x", groupA+assignments+"y"
	bare, log := "https one unhealthy <x:h>", "logged one unknown notCollected <x:l>"
	exempt, logExempt := "https one exempt waiver over unhealthy <x:h exempt>", "logged one exempt waiver over unknown <x:l exempt>"
	tests := map[string]struct {
		documents []string
		want      []string
	}{
		"all_members":           {[]string{x, exempting(unitA, ofX, "")}, []string{exempt, logExempt}},
		"assignment_any_case":   {[]string{x, exempting(unitA, upper(ofX), "")}, []string{exempt, logExempt}},
		"one_member":            {[]string{x, exempting(groupA, ofX, `,"policyDefinitionReferenceIds":["H"]`)}, []string{exempt, log}},
		"on_a_resource":         {[]string{x, exempting(oneID, ofX, `,"policyDefinitionReferenceIds":["h"]`)}, []string{exempt, log}},
		"on_another_resource":   {[]string{x, exempting(oneID+"2", ofX, "")}, []string{bare, log}},
		"of_another_assignment": {[]string{x, exempting(unitA, ofY, "")}, []string{bare, log}},
		"expired":               {[]string{x, exempting(unitA, ofX, `,"expiresOn":"2026-11-22T12:00:00Z"`)}, []string{bare, log}},
		"expired_without_zone":  {[]string{x, exempting(unitA, ofX, `,"expiresOn":"2026-11-22T11:59:59.5"`)}, []string{bare, log}},
		"not_expired":           {[]string{x, exempting(unitA, ofX, `,"expiresOn":"2026-11-22T12:00:01"`)}, []string{exempt, logExempt}},
		"selected":              {[]string{x, exempting(unitA, ofX, `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceLocation","in":["westeurope"]}]}]`)}, []string{exempt, logExempt}},
		"not_selected":          {[]string{x, exempting(unitA, ofX, `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceLocation","notIn":["westeurope"]}]}]`)}, []string{bare, log}},
		"one_of_two_references": {[]string{x, y, exempting(unitA, ofX, "")}, []string{"https one unhealthy <x:h exempt> <y>", logExempt}},
		"the_other_reference":   {[]string{x, y, exempting(unitA, ofY, "")}, []string{"https one unhealthy <x:h> <y exempt>", log}},
		"both_references":       {[]string{x, y, exempting(groupA, ofX, ""), exempting(unitA, ofY, "")}, []string{"https one exempt waiver over unhealthy <x:h exempt> <y exempt>", logExempt}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, append([]string{https, logged, set}, test.documents...), one)
			want(t, o, test.want...)
		})
	}
}

// An initiative shows the state under its own reference, whatever the check's.
func TestExemptReferencesInControls(t *testing.T) {
	set := initiative("set", "", member("h", "https", ""), "")
	o := options(t, []string{
		https, set, assignment("x", unitA, "policySetDefinitions/set", ""), assignment("y", groupA, "policyDefinitions/https", ""),
		exempting(unitA, unitA+assignments+"x", `,"policyDefinitionReferenceIds":[]`),
	}, account(groupA, "one", plain))
	result, _ := run(t, o)
	tally := result.Compliance[0].Nodes[0].Tally
	if tally.Exempt != 1 || tally.Unhealthy != 0 || result.Recommendations[0].Unhealthy != 1 {
		t.Errorf("control %+v, check %+v; want the control exempt and the check unhealthy", tally, result.Recommendations[0])
	}
}

func TestShortExemptions(t *testing.T) {
	one := account(groupA, "one", plain)
	tests := map[string]struct{ exemption, want string }{
		"by_id":             {`{"recommendation":"` + idOf + `HTTPS"}`, "https one exempt waiver over unhealthy"},
		"by_name":           {`{"recommendation":"HTTPS"}`, "https one exempt waiver over unhealthy"},
		"by_title":          {`{"recommendation":"title of https"}`, "https one exempt waiver over unhealthy"},
		"of_another_rule":   {`{"recommendation":"logged"}`, "https one unhealthy"},
		"mitigated":         {`{"recommendation":"https","category":"Mitigated"}`, "https one exempt mitigated over unhealthy"},
		"in_scope":          {`{"recommendation":"https","scope":"` + top + `"}`, "https one exempt waiver over unhealthy"},
		"in_another_scope":  {`{"recommendation":"https","scope":"` + unitB + `"}`, "https one unhealthy"},
		"until_later":       {`{"recommendation":"https","expiresOn":"2026-11-23"}`, "https one exempt waiver over unhealthy"},
		"until_today":       {`{"recommendation":"https","expiresOn":"2026-11-22"}`, "https one exempt waiver over unhealthy"},
		"until_midnight":    {`{"recommendation":"https","expiresOn":"2026-11-22T00:00:00Z"}`, "https one unhealthy"},
		"until_yesterday":   {`{"recommendation":"https","expiresOn":"2026-11-21"}`, "https one unhealthy"},
		"until_nonsense":    {`{"recommendation":"https","expiresOn":"soon"}`, "https one unhealthy"},
		"of_a_control_only": {`{"recommendation":"set:N-1"}`, "https one unhealthy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https}, hierarchy, one)
			o.Exemptions = exemption(t, test.exemption)
			want(t, o, test.want)
		})
	}
	t.Run("by_control_of_an_initiative", func(t *testing.T) {
		set := initiative("set", "", member("h", "https", `,"groupNames":["N-1"]`), `{"name":"N-1"}`)
		o := options(t, []string{https, set, assignment("x", unitA, "policySetDefinitions/set", "")}, one)
		o.Exemptions = exemption(t, `{"recommendation":"SET:n-1"}`)
		want(t, o, "https one exempt waiver over unhealthy <x:h exempt>")
	})
	t.Run("counted_apart", func(t *testing.T) {
		o := options(t, []string{https}, one, account(groupA, "two", secure))
		o.Exemptions = exemption(t, `{"recommendation":"https","category":"Mitigated"}`)
		result, _ := run(t, o)
		if c := result.Coverage; c.Exempt != 2 || c.Mitigated != 2 || c.Judged != 0 || c.Percent != 100 {
			t.Errorf("coverage %+v, want two exempt and mitigated", c)
		}
	})
}

func TestAttestations(t *testing.T) {
	byAssignment := assignment("x", unitA, "policyDefinitions/attest", "")
	ofX := unitA + assignments + "x"
	healthy, unhealthy, manual := " healthy attested", " unhealthy attested", " manual"
	tests := map[string]struct {
		azure, short []string
		want         string
	}{
		"none":             {nil, nil, manual},
		"compliant":        {[]string{attesting(unitA, ofX, `,"complianceState":"Compliant"`)}, nil, healthy},
		"non_compliant":    {[]string{attesting(unitA, upper(ofX), `,"complianceState":"NonCompliant"`)}, nil, unhealthy},
		"of_another":       {[]string{attesting(unitA, ofX+"2", `,"complianceState":"Compliant"`)}, nil, manual},
		"elsewhere":        {[]string{attesting(unitB, ofX, `,"complianceState":"Compliant"`)}, nil, manual},
		"expired":          {[]string{attesting(unitA, ofX, `,"complianceState":"Compliant","expiresOn":"2026-11-22T11:00:00Z"`)}, nil, manual},
		"until_today":      {[]string{attesting(unitA, ofX, `,"complianceState":"Compliant","expiresOn":"2026-11-22"`)}, nil, healthy},
		"until_yesterday":  {[]string{attesting(unitA, ofX, `,"complianceState":"Compliant","expiresOn":"2026-11-21"`)}, nil, manual},
		"short":            {nil, []string{`{"recommendation":"attest","state":"Compliant"}`}, healthy},
		"short_other_rule": {nil, []string{`{"recommendation":"https","state":"Compliant"}`}, manual},
		"short_expired":    {nil, []string{`{"recommendation":"attest","state":"Compliant","expiresOn":"2026-11-01"}`}, manual},
		"newest_counts":    {nil, []string{`{"recommendation":"attest","state":"NonCompliant","on":"2026-11-02"}`, `{"recommendation":"attest","state":"Compliant","on":"2026-11-01"}`}, unhealthy},
		"newest_valid": {
			nil,
			[]string{`{"recommendation":"attest","state":"NonCompliant","on":"2026-11-02","expiresOn":"2026-11-03"}`, `{"recommendation":"attest","state":"Compliant","on":"2026-11-01"}`},
			healthy,
		},
		"newest_leaves_it_open": {nil, []string{`{"recommendation":"attest","state":"Compliant","on":"2026-11-01"}`, `{"recommendation":"attest","state":"Unknown","on":"2026-11-02"}`}, manual},
		"of_one_time_the_last":  {nil, []string{`{"recommendation":"attest","state":"Compliant"}`, `{"recommendation":"attest","state":"NonCompliant"}`}, unhealthy},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, append([]string{attest, byAssignment}, test.azure...), subscription(unitA))
			o.Attestations = attestation(t, test.short...)
			want(t, o, "attest 00000000-0000-0000-0000-00000000000a"+test.want+" <x>")
		})
	}
	t.Run("nothing_but_manual_is_attested", func(t *testing.T) {
		o := options(t, []string{https}, account(groupA, "one", plain))
		o.Attestations = attestation(t, `{"recommendation":"https","state":"Compliant"}`)
		want(t, o, "https one unhealthy")
	})
	t.Run("attested_and_exempt", func(t *testing.T) {
		o := options(t, []string{attest}, subscription(unitA))
		o.Attestations = attestation(t, `{"recommendation":"attest","state":"NonCompliant"}`)
		o.Exemptions = exemption(t, `{"recommendation":"attest"}`)
		want(t, o, "attest 00000000-0000-0000-0000-00000000000a exempt waiver over unhealthy attested")
	})
}

// A control of a standard that is marked manual has one check in every unit of
// the standard's clouds, until somebody attests it.
func TestManualControls(t *testing.T) {
	control := "mcsb-v1:GS-1"
	line := func(unit, rest string) string { return control + " " + unit + " " + rest }
	tests := map[string]struct {
		attested, exempt []string
		scopes           []string
		want             []string
	}{
		"manual":       {nil, nil, nil, []string{line(unitA, "manual"), line("111122223333", "manual")}},
		"attested":     {[]string{`{"recommendation":"` + control + `","scope":"` + unitA + `","state":"Compliant"}`}, nil, nil, []string{line(unitA, "healthy attested"), line("111122223333", "manual")}},
		"attested_bad": {[]string{`{"recommendation":"` + control + `","state":"Non-compliant"}`}, nil, nil, []string{line(unitA, "unhealthy attested"), line("111122223333", "unhealthy attested")}},
		"newest": {
			[]string{`{"recommendation":"` + control + `","state":"Compliant","on":"2026-11-02"}`, `{"recommendation":"` + control + `","state":"NonCompliant","on":"2026-11-01"}`},
			nil, nil,
			[]string{line(unitA, "healthy attested"), line("111122223333", "healthy attested")},
		},
		"exempt":  {nil, []string{`{"recommendation":"` + control + `","scope":"` + unitA + `"}`}, nil, []string{line(unitA, "exempt waiver over manual"), line("111122223333", "manual")}},
		"in_unit": {nil, nil, []string{unitA}, []string{line(unitA, "manual")}},
		"in_part": {nil, nil, []string{groupA}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, nil, account(groupA, "one", plain), `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`)
			o.Library, o.BuiltIn = nil, builtIn(t)
			o.Attestations, o.Exemptions, o.Filter.Scopes = attestation(t, test.attested...), exemption(t, test.exempt...), test.scopes
			result, checks := run(t, o)
			for _, n := range result.Compliance[0].Nodes {
				if n.ID == "GS-1" && n.Tally.Manual+n.Tally.Healthy+n.Tally.Unhealthy+n.Tally.Exempt != len(test.want) {
					t.Errorf("control %+v, want %d checks", n.Tally, len(test.want))
				}
			}
			var got []string
			for _, c := range checks {
				if c.Rule == control {
					got = append(got, verdict(c))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

// Of two exemptions with one id the first counts, and the second is told, in
// whichever files they are.
func TestRepeatedExemptions(t *testing.T) {
	one := account(groupA, "one", plain)
	x := assignment("x", unitA, "policyDefinitions/https", "")
	id := unitA + "/providers/Microsoft.Authorization/policyExemptions/e"
	first, second := exempting(unitA, unitA+assignments+"x", ""), exempting(groupA, unitA+assignments+"x", "")
	second = strings.Replace(second, `"id":"`+groupA, `"id":"`+unitA, 1)
	second = strings.Replace(second, "Waiver", "Mitigated", 1)
	warnings := func(o assess.Options) string {
		result, _ := run(t, o)
		return strings.Join(result.Warnings, "\n")
	}
	t.Run("in_one_library", func(t *testing.T) {
		o := options(t, []string{https, x, first, second}, one)
		want(t, o, "https one exempt waiver over unhealthy <x exempt>")
		if got := warnings(o); !strings.Contains(got, `exemption "`+id+`" left out; the one in `) {
			t.Errorf("warnings %q", got)
		}
	})
	t.Run("in_a_file_of_its_own", func(t *testing.T) {
		o := options(t, []string{https, x, second}, one)
		e, problems := policy.ParseExemption("exemptions.json", []byte(first))
		if e == nil {
			t.Fatal(problems)
		}
		o.Exemptions = []*policy.Exemption{e}
		want(t, o, "https one exempt waiver over unhealthy <x exempt>")
		if got := warnings(o); !strings.Contains(got, `exemption "e" (`) || !strings.Contains(got, ") is left out: another one has the same id") {
			t.Errorf("warnings %q", got)
		}
	})
	t.Run("without_ids", func(t *testing.T) {
		o := options(t, []string{https}, one)
		o.Exemptions = exemption(t, `{"recommendation":"none"}`, `{"recommendation":"https"}`)
		want(t, o, "https one exempt waiver over unhealthy")
	})
}

// A control that is marked manual is attested by itself: what else gives evidence for
// it, in this standard or another, is attested by its own name.
func TestAttestationOfAControl(t *testing.T) {
	subscription := `{"id":"` + unitA + `","type":"Microsoft.Resources/subscriptions","name":"a","properties":{"state":"Enabled"}}`
	const tested = "subscription-emergency-access-tested"
	for of, healthy := range map[string]string{"mcsb-v1:PA-5": "mcsb-v1:PA-5", "MCSB-v2:pa-5": "mcsb-v2:PA-5", tested: tested} {
		t.Run(of, func(t *testing.T) {
			o := options(t, nil, subscription)
			o.Library, o.BuiltIn, o.Policies, o.Standards = nil, builtIn(t), []string{tested}, []string{"mcsb-v1", "mcsb-v2"}
			o.Attestations = attestation(t, `{"recommendation":"`+of+`","state":"Compliant"}`)
			result, checks := run(t, o)
			got := map[string]posture.State{}
			for _, c := range checks {
				got[c.Rule] = c.State
			}
			for _, rule := range []string{"mcsb-v1:PA-5", "mcsb-v2:PA-5", tested} {
				want := posture.Manual
				if rule == healthy {
					want = posture.Healthy
				}
				if got[rule] != want {
					t.Errorf("%s: %s, want %s", rule, got[rule], want)
				}
			}
			for _, w := range result.Warnings {
				t.Errorf("warned: %s", w)
			}
		})
	}
}

// Of attestations of several assignments none speaks for the others: what one of them
// says is not compliant is unhealthy, whichever stands last.
func TestAttestationsOfAssignments(t *testing.T) {
	manual := definition("man", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "manual"}`, "")
	set := initiative("set", "", member("m", "man", ""), "")
	x, y := assignment("x", unitA, "policySetDefinitions/set", ""), assignment("y", groupA, "policySetDefinitions/set", "")
	one := groupA + "/providers/Microsoft.Storage/storageAccounts/one"
	of := func(assignment, state, more string) string {
		return attesting(one, assignment, `,"policyDefinitionReferenceId":"m","complianceState":"`+state+`"`+more)
	}
	const inX, inY = unitA + assignments + "x", groupA + assignments + "y"
	for name, test := range map[string]struct {
		said []string
		want string
	}{
		"one":            {[]string{of(inX, "Compliant", "")}, "healthy"},
		"bad_first":      {[]string{of(inX, "NonCompliant", ""), of(inY, "Compliant", "")}, "unhealthy"},
		"bad_last":       {[]string{of(inX, "Compliant", ""), of(inY, "NonCompliant", "")}, "unhealthy"},
		"open_beside":    {[]string{of(inX, "Compliant", ""), of(inY, "Unknown", "")}, "manual"},
		"open_and_bad":   {[]string{of(inX, "Unknown", ""), of(inY, "NonCompliant", "")}, "unhealthy"},
		"newer_of_one":   {[]string{of(inX, "NonCompliant", `,"assessmentDate":"2026-01-01T00:00:00Z"`), of(inX, "Compliant", `,"assessmentDate":"2026-02-01T00:00:00Z"`), of(inY, "Compliant", "")}, "healthy"},
		"changed_before": {[]string{of(inX, "Compliant", `,"lastComplianceStateChangeAt":"2026-02-01T00:00:00Z"`), of(inX, "NonCompliant", `,"lastComplianceStateChangeAt":"2026-01-01T00:00:00Z"`)}, "healthy"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{manual, set}, account(groupA, "one", plain))
			o.Assignments = assigned(t, x, y)
			for i, text := range test.said {
				text = strings.ReplaceAll(text, "/attestations/t", fmt.Sprint("/attestations/t", i))
				a, problems := policy.ParseAttestation("attestations", []byte(text))
				if a == nil {
					t.Fatal(problems)
				}
				o.Attestations = append(o.Attestations, a)
			}
			result, checks := run(t, o)
			if len(checks) != 1 || checks[0].State.String() != test.want {
				t.Errorf("%d checks, the first %s, want one that is %s", len(checks), checks[0].State, test.want)
			}
			if told := strings.Join(result.Warnings, "\n"); name == "open_beside" && !strings.Contains(told, `or attestation "t1" (attestations:1:1), which says Unknown, leaves it open`) {
				t.Errorf("warnings %q name none that leaves it open", told)
			}
		})
	}
}
