package contoso

const (
	kindRegistry = "Microsoft.ContainerRegistry/registries"
	kindCluster  = "Microsoft.ContainerService/managedClusters"
)

func (e *estate) addContainers() {
	e.addRegistry(buildSystem, "crcontosobuild", "Premium", true)
	e.addRegistry(webshop, "crcontososhop", "Premium", false) // made for a partner in a hurry
	e.addRegistry(webshopDev, "crcontosodev", "Basic", false)
	e.addCluster(webshop, "aks-webshop-prod", "1.33.4", "vnet-prod-weu", "snet-aks", true)
	e.addCluster(playground, "aks-playground", "1.27.9", "vnet-dev-neu", "snet-playground", false)
}

func (e *estate) addRegistry(p place, name, tier string, good bool) {
	e.put(p, kindRegistry, name, object{{"sku", object{{"name", tier}, {"tier", tier}}}}, object{
		{"provisioningState", "Succeeded"},
		{"loginServer", name + ".azurecr.io"},
		{"adminUserEnabled", !good},
		{"anonymousPullEnabled", !good},
		{"publicNetworkAccess", choose(good, "Disabled", "Enabled")},
		{"networkRuleSet", object{{"defaultAction", choose(good, "Deny", "Allow")}, {"ipRules", list{}}}},
		{"encryption", object{{"status", "disabled"}}},
		{"policies", object{
			{"quarantinePolicy", object{{"status", "disabled"}}},
			{"trustPolicy", object{{"type", "Notary"}, {"status", choose(good, "enabled", "disabled")}}},
			{"exportPolicy", object{{"status", choose(good, "disabled", "enabled")}}},
			{"azureADAuthenticationAsArmPolicy", object{{"status", choose(good, "disabled", "enabled")}}},
		}},
		{"zoneRedundancy", choose(good, "Enabled", "Disabled")},
		{"privateEndpointConnections", endpointConnections(p.id(kindRegistry, name))},
	})
}

func (e *estate) addCluster(p place, name, version, vnetName, subnet string, good bool) {
	access := object{{"enablePrivateCluster", false}}
	if good {
		access = access.with(member{"authorizedIPRanges", words("203.0.113.0/28")})
	}
	e.put(p, kindCluster, name, object{
		{"sku", object{{"name", "Base"}, {"tier", choose(good, "Standard", "Free")}}},
		{"identity", identity(name, "system")},
	}, object{
		{"provisioningState", "Succeeded"},
		{"kubernetesVersion", version},
		{"currentKubernetesVersion", version},
		{"dnsPrefix", name},
		{"fqdn", name + ".hcp." + p.region + ".azmk8s.io"},
		{"nodeResourceGroup", "MC_" + p.group + "_" + name},
		{"enableRBAC", good},
		{"disableLocalAccounts", good},
		{"aadProfile", when(good, object{{"managed", true}, {"enableAzureRBAC", true}, {"tenantID", tenant}})},
		{"apiServerAccessProfile", access},
		{"networkProfile", object{{"networkPlugin", choose(good, "azure", "kubenet")}, {"networkPolicy", when(good, "cilium")}, {"loadBalancerSku", "standard"}}},
		{"addonProfiles", object{
			{"azurepolicy", object{{"enabled", good}}},
			{"omsagent", object{{"enabled", good}}},
			{"httpApplicationRouting", object{{"enabled", !good}}},
		}},
		{"securityProfile", when(good, object{
			{"defender", object{
				{"logAnalyticsWorkspaceResourceId", coreServices.id(kindWorkspace, "log-contoso")},
				{"securityMonitoring", object{{"enabled", true}}},
			}},
			{"workloadIdentity", object{{"enabled", true}}},
			{"imageCleaner", object{{"enabled", true}, {"intervalHours", 48}}},
		})},
		{"oidcIssuerProfile", object{{"enabled", good}}},
		{"autoUpgradeProfile", object{{"upgradeChannel", choose(good, "patch", "none")}, {"nodeOSUpgradeChannel", choose(good, "NodeImage", "Unmanaged")}}},
		{"identityProfile", when(good, object{{"kubeletidentity", object{
			{"resourceId", webshop.id("Microsoft.ManagedIdentity/userAssignedIdentities", "id-aks-kubelet")},
			{"objectId", guid("identity/id-aks-kubelet")},
		}}})},
		{"agentPoolProfiles", list{object{
			{"name", "system"},
			{"count", 3},
			{"mode", "System"},
			{"vmSize", "Standard_D4s_v5"},
			{"osType", "Linux"},
			{"osSKU", choose(good, "AzureLinux", "Ubuntu")},
			{"orchestratorVersion", version},
			{"vnetSubnetID", subnetID(vnetName, subnet)},
			{"enableEncryptionAtHost", good},
			{"enableNodePublicIP", !good},
		}}},
	})
}
