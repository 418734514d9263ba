package builtin

import (
	"encoding/json"
	"strings"
)

// Fill gives a value to every parameter that has no default: by policy name,
// then by parameter name. Policies that need none are left out.
func Fill(all []Definition) map[string]map[string]any {
	filled := map[string]map[string]any{}
	for _, d := range all {
		for name, p := range d.Parameters {
			if p.Default != nil {
				continue
			}
			if filled[d.Name] == nil {
				filled[d.Name] = map[string]any{}
			}
			filled[d.Name][name] = p.value(name)
		}
	}
	return filled
}

// value is the first allowed value, else one that suits the type, the strong
// type or the name.
func (p Parameter) value(name string) any {
	kind := strings.ToLower(p.Type)
	if len(p.Allowed) > 0 {
		var first any
		if err := json.Unmarshal(p.Allowed[0], &first); err == nil {
			if kind == "array" {
				return []any{first}
			}
			return first
		}
	}
	switch kind {
	case "boolean":
		return true
	case "integer", "float":
		return 10
	case "datetime":
		return "2026-12-31T00:00:00.0000000Z"
	case "object":
		return map[string]any{}
	case "array":
		return p.list(name)
	}
	return p.text(name)
}

const scope = "/subscriptions/11111111-2222-4333-8444-555555555555"

// lists holds what array parameters get, by strong type or lower-cased name.
var lists = map[string][]any{
	"location":             {"westeurope", "northeurope"},
	"resourcetypes":        {"Microsoft.Compute/virtualMachines", "Microsoft.Storage/storageAccounts"},
	"storageskus":          {"Standard_LRS", "Standard_ZRS"},
	"vmskus":               {"Standard_D2s_v5", "Standard_D4s_v5"},
	"dhgroup":              {"DHGroup14", "ECP384"},
	"ikeencryption":        {"AES256", "GCMAES256"},
	"ikeintegrity":         {"SHA256", "SHA384"},
	"ipsecencryption":      {"AES256", "GCMAES256"},
	"ipsecintegrity":       {"SHA256", "GCMAES256"},
	"pfsgroup":             {"PFS14", "ECP384"},
	"approvedextensions":   {"AzureMonitorLinuxAgent", "AzureMonitorWindowsAgent"},
	"allowedrepoowners":    {"contoso"},
	"inclusiontagvalue":    {"prod"},
	"inclusiontagvalues":   {"prod"},
	"exclusiontagvalues":   {"sandbox"},
	"allowedtenants":       {"66666666-7777-4888-9999-000000000000"},
	"listofallowedtenants": {"66666666-7777-4888-9999-000000000000"},
	"admingroupobjectids":  {"66666666-7777-4888-9999-000000000000"},
}

func (p Parameter) list(name string) []any {
	for _, key := range []string{p.Meta.StrongType, name} {
		if values, ok := lists[strings.ToLower(key)]; ok {
			return values
		}
	}
	return []any{p.text(name)}
}

// texts holds what string parameters get, by strong type or lower-cased name.
var texts = map[string]string{
	"location":                   "westeurope",
	"vaultlocation":              "westeurope",
	"existingresourcegroups":     "rg-shared",
	"resourcegroupname":          "rg-shared",
	"omsworkspace":               resourceID("Microsoft.OperationalInsights/workspaces"),
	"loganalyticsworkspaceid":    resourceID("Microsoft.OperationalInsights/workspaces"),
	"workspaceresourceid":        resourceID("Microsoft.OperationalInsights/workspaces"),
	"workspaceid":                "66666666-7777-4888-9999-000000000000",
	"dcrresourceid":              resourceID("Microsoft.Insights/dataCollectionRules"),
	"dceresourceid":              resourceID("Microsoft.Insights/dataCollectionEndpoints"),
	"storageaccount":             resourceID("Microsoft.Storage/storageAccounts"),
	"storageid":                  resourceID("Microsoft.Storage/storageAccounts"),
	"backuppolicyid":             resourceID("Microsoft.RecoveryServices/vaults/backupPolicies"),
	"virtualnetworkid":           resourceID("Microsoft.Network/virtualNetworks"),
	"virtualnetworkgatewayid":    resourceID("Microsoft.Network/virtualNetworkGateways"),
	"esulicenseresourceid":       resourceID("Microsoft.HybridCompute/licenses"),
	"tagname":                    "environment",
	"inclusiontagname":           "environment",
	"exclusiontagname":           "environment",
	"tagvalue":                   "prod",
	"repositoryurl":              "https://git.contoso.example/platform/config",
	"bucketurl":                  "https://bucket.contoso.example",
	"networkwatchername":         "NetworkWatcher_westeurope",
	"resourceprovidername":       "Microsoft.Compute",
	"privateendpointgroupid":     "account",
	"groupid":                    "account",
	"eventhubname":               "central",
	"fleet-subscription-id":      "11111111-2222-4333-8444-555555555555",
	"targetcustomproviderid":     resourceID("Microsoft.CustomProviders/resourceProviders"),
	"targetmanagedapplicationid": resourceID("Microsoft.Solutions/applications"),
}

func (p Parameter) text(name string) string {
	for _, key := range []string{p.Meta.StrongType, name} {
		if value, ok := texts[strings.ToLower(key)]; ok {
			return value
		}
	}
	if strings.Contains(p.Meta.StrongType, "/") {
		return resourceID(p.Meta.StrongType)
	}
	if lower := strings.ToLower(name); strings.HasSuffix(lower, "resourceid") {
		return resourceID("Microsoft.Resources/resources")
	}
	return "central"
}

// resourceID makes an id of a type; each of its levels is named "central".
func resourceID(resourceType string) string {
	namespace, kinds, _ := strings.Cut(resourceType, "/")
	id := scope + "/resourceGroups/rg-management/providers/" + namespace
	for kind := range strings.SplitSeq(kinds, "/") {
		id += "/" + kind + "/central"
	}
	return id
}
