package estate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestSetPolicy_at_a_management_group: what is assigned at a management group judges
// the management groups below it, as assess has it, whatever came first.
func TestSetPolicy_at_a_management_group(t *testing.T) {
	const top = "/providers/Microsoft.Management/managementGroups/top"
	node := func(name, parent string) string {
		return fmt.Sprintf(`{"id":"/providers/Microsoft.Management/managementGroups/%s","name":%q,"type":"Microsoft.Management/managementGroups","properties":{"displayName":%[2]q,"details":{"parent":{"id":"/providers/Microsoft.Management/managementGroups/%[3]s"}}}}`+"\n", name, name, parent)
	}
	text := node("top", "root") + node("child", "top") + node("beside", "root") +
		strings.Replace(subscription, `"properties":{`, `"properties":{"managementGroupAncestorsChain":[{"name":"child"},{"name":"top"},{"name":"root"}],`, 1)
	k := newKept(t)
	set := func() {
		t.Helper()
		tagged := fmt.Sprintf(`{"id":%q,"properties":{"mode":"All","policyRule":{"if":{"field":"tags['owner']","exists":false},"then":{"effect":"audit"}}}}`, definitionID("default", "tagged"))
		if _, err := k.sets(ledger.Definition, tagged); err != nil {
			t.Fatal(err)
		}
		if _, err := k.sets(ledger.Assignment, assignment(top, "x", definitionID("default", "tagged"), "")); err != nil {
			t.Fatal(err)
		}
	}
	k.imports(input("a.jsonl", text))
	set()
	const want = "0a1b2c3d-0000-4000-8000-00000000000a tagged unhealthy, child tagged unhealthy, top tagged unhealthy"
	check := func(when string) {
		t.Helper()
		if got := k.ofPolicies(); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
		if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
			t.Errorf("%s: -judged at once +kept:\n%s", when, diff)
		}
	}
	check("assigned after the import")
	k.imports(input("b.jsonl", strings.Replace(text, `"displayName":"child"`, `"displayName":"Child"`, 1)))
	check("imported again")
}
