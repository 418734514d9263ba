package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMode: what other modes are for is in no inventory, and their rules find
// nothing but what is theirs.
func TestMode(t *testing.T) {
	const keyType = "Microsoft.KeyVault.Data/vaults/keys"
	tests := map[string]struct {
		mode, resourceType string
		want               string // effect and compliance
		warnings           []string
	}{
		"all":        {"ALL", "M.X/t", "Audit NonCompliant", nil},
		"absent":     {"", "M.X/t", "Audit NonCompliant", nil},
		"kubernetes": {"Microsoft.Kubernetes.Data", "M.X/t", "Audit ", []string{`mode "Microsoft.Kubernetes.Data" is for objects inside clusters, which are not evaluable here`}},
		"container":  {"microsoft.containerservice.data", keyType, "Audit ", []string{`mode "microsoft.containerservice.data" is for objects inside clusters, which are not evaluable here`}},
		"component":  {"microsoft.keyvault.data", keyType, "Audit NonCompliant", nil},
		"no_component": {"Microsoft.KeyVault.Data", "Microsoft.KeyVault/vaults", "Audit ", []string{
			`mode "Microsoft.KeyVault.Data" is for components of types Microsoft.KeyVault.Data/…; a resource of type "Microsoft.KeyVault/vaults" is not evaluable by it`,
		}},
		"network": {"Microsoft.Network.Data", "Microsoft.Network/virtualNetworks", "Audit ", []string{
			`mode "Microsoft.Network.Data" is for components of types Microsoft.Network.Data/…; a resource of type "Microsoft.Network/virtualNetworks" is not evaluable by it`,
		}},
		"unknown_component": {"M.Q.Data", "M.X/t", "Audit ", []string{`mode "M.Q.Data" is for components of types M.Q.Data/…; a resource of type "M.X/t" is not evaluable by it`}},
		"unknown":           {"Indxed", "M.X/t", "Audit NonCompliant", []string{`unknown mode "Indxed"; judged as All`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, problems := ParseDefinition("d", []byte(`{"mode": "`+test.mode+`", "policyRule": {"if": {"field": "type", "exists": true}, "then": {"effect": "audit"}}}`))
			if d == nil {
				t.Fatal(problems)
			}
			v := Bind(d, nil).Judge(parsed(t, `{"id": "/x", "name": "x", "type": "`+test.resourceType+`"}`), Environment{})
			if got := v.Effect + " " + v.Compliance; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if diff := cmp.Diff(test.warnings, v.Warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
}
