package assess_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/compliance"
)

// A control with an item that could not be evaluated is not passed, unless the estate
// has nothing that the item is about.
func TestControlsThatWereNotEvaluated(t *testing.T) {
	storage := func(condition string) string {
		return `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, ` + condition + `]}, "then": {"effect": "[parameters('effect')]"}`
	}
	effect := func(name string) string {
		return `"effect": {"type": "String", "defaultValue": "` + name + `"}`
	}
	const unknown, known = `{"field": "Microsoft.Storage/storageAccounts/nosuch", "equals": 1}`, `{"field": "location", "equals": "mars"}`
	mode := func(d, mode string) string { return strings.Replace(d, `"mode": "All"`, `"mode": "`+mode+`"`, 1) }
	vault := func(d string) string {
		return strings.Replace(d, "Microsoft.Storage/storageAccounts\"}", "Microsoft.KeyVault/vaults\"}", 1)
	}
	bad := definition("bad", storage(unknown), effect("Audit"))
	assigned := func(scope, rest string) string { return assignment("x", scope, "policySetDefinitions/set", rest) }
	azure, bucket := account(groupA, "one", secure), aws("AWS::S3::Bucket", "b", firstAccount, "", true)
	tests := map[string]struct {
		bad      string // the definition of the second member, "" for none
		more     string // of the second member
		document string // an assignment
		lines    []string
		want     []string
	}{
		"unknown_alias": {bad, "", "", []string{azure}, []string{"both Unknown: bad unknown alias Microsoft.Storage/storageAccounts/nosuch", "alone Unknown: bad unknown alias Microsoft.Storage/storageAccounts/nosuch"}},
		"parameter": {
			definition("bad", storage(`{"field": "location", "equals": "[parameters('p')]"}`), `"p": {"type": "String"}, `+effect("Audit")), "", "",
			[]string{azure},
			[]string{"both Unknown: bad needs parameter p", "alone Unknown: bad needs parameter p"},
		},
		"data_plane":          {mode(definition("bad", storage(known), effect("Audit")), "Microsoft.KeyVault.Data"), "", "", []string{azure}, []string{"both Unknown: bad data-plane", "alone Unknown: bad data-plane"}},
		"not_there":           {"", "", "", []string{azure}, []string{"both Unknown: bad not in the catalog", "alone Unknown: bad not in the catalog"}},
		"not_there_elsewhere": {"", "", "", []string{bucket}, []string{"both Not applicable", "alone Not covered"}},
		"evaluated":           {definition("bad", storage(known), effect("Audit")), "", "", []string{azure}, []string{"both Passed", "alone Passed"}},
		"disabled":            {definition("bad", storage(unknown), effect("Disabled")), "", "", []string{azure}, []string{"both Passed", "alone Not covered"}},
		"disabled_member": {
			definition("bad", storage(unknown), effect("Audit")), `"parameters": {"effect": {"value": "Disabled"}}, `, "",
			[]string{azure},
			[]string{"both Passed", "alone Not covered"},
		},
		"disabled_and_not_there": {"", `"parameters": {"effect": {"value": "Disabled"}}, `, "", []string{azure}, []string{"both Passed", "alone Not covered"}},
		"of_microsoft":           {strings.Replace(bad, "Custom", "Static", 1), "", "", []string{azure}, []string{"both Passed", "alone Not covered"}},
		"nothing_it_is_about":    {vault(bad), "", "", []string{azure}, []string{"both Passed", "alone Not covered"}},
		"assigned":               {bad, "", assigned(unitA, ""), []string{azure}, []string{"both Unknown: bad unknown alias Microsoft.Storage/storageAccounts/nosuch", "alone Unknown: bad unknown alias Microsoft.Storage/storageAccounts/nosuch"}},
		"assigned_elsewhere":     {bad, "", assigned(unitB, ""), []string{azure}, []string{"both Not applicable", "alone Not covered"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			good := definition("good", storage(known), effect("Audit"))
			set := initiative("set", "", member("g", "good", `, "groupNames": ["both"]`)+","+
				member("b", "bad", `, `+test.more+`"groupNames": ["both", "alone"]`), `{"name": "both"}, {"name": "alone"}`)
			documents := []string{good, set}
			for _, d := range []string{test.bad, test.document} {
				if d != "" {
					documents = append(documents, d)
				}
			}
			o := options(t, documents, test.lines...)
			if test.document == "" {
				o.Initiatives = []string{"set"}
			}
			result, _ := run(t, o)
			var got []string
			for _, n := range result.Compliance[0].Nodes {
				line := n.ID + " " + n.State.String()
				for _, u := range n.Unevaluated {
					line += ": " + u.Rule[strings.LastIndexByte(u.Rule, '/')+1:] + " " + u.Why
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			c := result.Compliance[0].Controls
			if n := c.Passed + c.Failed + c.Unknown + c.Manual + c.NotApplicable + c.NotCovered; n != 2 {
				t.Errorf("%d controls, want 2", n)
			}
			if passed := result.Compliance[0].Nodes[0].State == compliance.Passed; result.Compliance[0].HasRate != passed {
				t.Errorf("has a rate: %v, want %v", result.Compliance[0].HasRate, passed)
			}
		})
	}
}
