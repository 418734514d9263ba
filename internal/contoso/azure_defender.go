package contoso

const kindWatcher = "Microsoft.Network/networkWatchers"

// plans are the Defender plans that the demo knows.
var plans = []string{
	"VirtualMachines", "SqlServers", "AppServices", "StorageAccounts", "SqlServerVirtualMachines",
	"KeyVaults", "Arm", "OpenSourceRelationalDatabases", "Containers", "CosmosDbs", "CloudPosture", "Api",
}

// paid says which plans each subscription pays for; the others are free.
var paid = map[string][]string{
	production.id:   plans,
	corporate.id:    {"VirtualMachines", "SqlServers", "StorageAccounts", "KeyVaults", "Arm", "OpenSourceRelationalDatabases"},
	connectivity.id: {"VirtualMachines", "Arm", "CloudPosture"},
	management.id:   {"VirtualMachines", "KeyVaults", "Arm", "Containers"},
	development.id:  {"VirtualMachines", "Arm"},
}

// addDefender adds plans, contacts and automatic provisioning of each
// subscription. Development has no contact at all.
func (e *estate) addDefender() {
	for _, s := range subscriptions {
		for _, plan := range plans {
			e.addPlan(s, plan)
		}
		if s.id != development.id {
			e.addContact(s)
		}
	}
}

func (e *estate) addPlan(s subscription, plan string) {
	on := false
	for _, p := range paid[s.id] {
		on = on || p == plan
	}
	subPlan, extensions := "", list{}
	switch {
	case on && plan == "VirtualMachines":
		subPlan = choose(s.id == production.id, "P2", "P1")
		extensions = append(extensions, object{{"name", "AgentlessVmScanning"}, {"isEnabled", choose(s.id == production.id, "True", "False")}})
	case on && plan == "StorageAccounts":
		subPlan = choose(s.id == production.id, "DefenderForStorageV2", "PerTransaction")
		for _, name := range []string{"OnUploadMalwareScanning", "SensitiveDataDiscovery"} {
			extensions = append(extensions, object{{"name", name}, {"isEnabled", choose(s.id == production.id, "True", "False")}})
		}
	}
	e.child(s.scope(), "Microsoft.Security/pricings", plan, object{
		{"pricingTier", choose(on, "Standard", "Free")},
		{"subPlan", text(subPlan)},
		{"freeTrialRemainingTime", "PT0S"},
		{"extensions", when(len(extensions) > 0, extensions)},
	})
}

func (e *estate) addContact(s subscription) {
	good := s.id != corporate.id
	roles := words("Owner")
	if !good {
		roles = words()
	}
	e.child(s.scope(), "Microsoft.Security/securityContacts", "default", object{
		{"emails", choose(good, "security@contoso.com", "")},
		{"phone", ""},
		{"isEnabled", good},
		{"alertNotifications", object{{"state", choose(good, "On", "Off")}, {"minimalSeverity", "High"}}},
		{"notificationsByRole", object{{"state", choose(good, "On", "Off")}, {"roles", roles}}},
		{"notificationsSources", when(good, list{
			object{{"sourceType", "Alert"}, {"minimalSeverity", choose(s.id == production.id, "Medium", "High")}},
			object{{"sourceType", "AttackPath"}, {"minimalRiskLevel", "Critical"}},
		})},
	})
}

// flowRow is one flow log of a network or a network security group.
type flowRow struct {
	sub     subscription
	name    string
	target  string
	days    int
	enabled bool
}

// addNetworkWatchers adds a watcher for each region in use and its flow logs.
func (e *estate) addNetworkWatchers() {
	for _, s := range subscriptions {
		p := watcherPlace(s)
		e.put(p, kindWatcher, "NetworkWatcher_"+p.region, nil, object{{"provisioningState", "Succeeded"}})
	}
	for _, f := range []flowRow{
		{connectivity, "fl-vnet-hub", hubNetwork.id(kindVNet, "vnet-hub-weu"), 90, true},
		{production, "fl-vnet-prod", prodNetwork.id(kindVNet, "vnet-prod-weu"), 90, true},
		{production, "fl-nsg-payments", prodNetwork.id(kindNSG, "nsg-payments"), 365, true},
		{corporate, "fl-vnet-data", dataNetwork.id(kindVNet, "vnet-data-weu"), 7, true},
		{development, "fl-nsg-dev", devNetwork.id(kindNSG, "nsg-dev"), 0, false},
	} {
		e.addFlowLog(f)
	}
}

// watcherPlace is the resource group that Azure itself makes for watchers.
func watcherPlace(s subscription) place {
	return place{sub: s, group: "NetworkWatcherRG", region: choose(s.id == development.id, "northeurope", "westeurope")}
}

func (e *estate) addFlowLog(f flowRow) {
	p := watcherPlace(f.sub)
	e.put(p, kindWatcher+"/flowLogs", "NetworkWatcher_"+p.region+"/"+f.name, nil, object{
		{"provisioningState", "Succeeded"},
		{"targetResourceId", f.target},
		{"storageId", coreServices.id(kindStorage, "stcontosologs")},
		{"enabled", f.enabled},
		{"retentionPolicy", object{{"enabled", f.days > 0}, {"days", f.days}}},
		{"format", object{{"type", "JSON"}, {"version", 2}}},
		{"flowAnalyticsConfiguration", object{{"networkWatcherFlowAnalyticsConfiguration", object{
			{"enabled", f.days >= 90},
			{"workspaceResourceId", when(f.days >= 90, coreServices.id(kindWorkspace, "log-contoso"))},
		}}}},
	})
}
