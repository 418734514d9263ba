package assess_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An assignment's message is the one for the member, else the one for all.
func TestMessagesOfAssignments(t *testing.T) {
	set := initiative("set", "", member("tls", "https", "")+","+member("other", "https", "")+`,`+member("last", "https", ""), "")
	o := options(t, []string{https, set}, account(groupA, "one", plain))
	o.Assignments = assigned(t, assignment("x", unitA, "policySetDefinitions/set", `,"nonComplianceMessages":[
		{"message":"for TLS","policyDefinitionReferenceId":"TLS"},{"message":"for all"},{"message":"for the last","policyDefinitionReferenceId":"last"}]`))
	_, checks := run(t, o)
	got := map[string]string{}
	for _, c := range checks {
		for _, r := range c.References {
			got[r.Member] = r.Message
		}
	}
	if diff := cmp.Diff(map[string]string{"tls": "for TLS", "other": "for all", "last": "for the last"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(checks) != 1 {
		t.Fatalf("%d checks, want one", len(checks))
	}
	if diff := cmp.Diff([]string{"for TLS", "for all", "for the last"}, checks[0].Messages()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
