package contoso

const (
	kindWorkspace  = "Microsoft.OperationalInsights/workspaces"
	kindDiagnostic = "Microsoft.Insights/diagnosticSettings"
	kindRecovery   = "Microsoft.RecoveryServices/vaults"
	kindAutomation = "Microsoft.Automation/automationAccounts"

	kindActionGroup = "Microsoft.Insights/actionGroups"
)

// alertRow is one alert on the activity log of a subscription, on one
// operation, or on kinds of notices of Service Health. It tells an action
// group, or nobody.
type alertRow struct {
	sub             subscription
	name, operation string
	tells           string
	enabled         bool
}

const (
	serviceHealth = "ServiceHealth"
	maintenance   = "Maintenance" // those notices of Service Health alone
)

var alertRows = []alertRow{
	{production, "alert-policy-assignment-written", "Microsoft.Authorization/policyAssignments/write", onCall, true},
	{production, "alert-policy-assignment-deleted", "Microsoft.Authorization/policyAssignments/delete", onCall, true},
	{production, "alert-nsg-written", "Microsoft.Network/networkSecurityGroups/write", onCall, true},
	{production, "alert-nsg-deleted", "Microsoft.Network/networkSecurityGroups/delete", onCall, true},
	{production, "alert-public-ip-written", "Microsoft.Network/publicIPAddresses/write", onCall, true},
	{production, "alert-sql-firewall-written", "Microsoft.Sql/servers/firewallRules/write", onCall, true},
	{production, "alert-sql-firewall-deleted", "Microsoft.Sql/servers/firewallRules/delete", onCall, true},
	{production, "alert-security-solution-deleted", "Microsoft.Security/securitySolutions/delete", security, true},
	{production, "alert-service-health", serviceHealth, onCall, true},
	{corporate, "alert-policy-assignment-written", "Microsoft.Authorization/policyAssignments/write", security, true},
	{corporate, "alert-nsg-written", "Microsoft.Network/networkSecurityGroups/write", security, false},
	// Made in a hurry before an audit: it shows in the portal and calls nobody.
	{corporate, "alert-sql-firewall-written", "Microsoft.Sql/servers/firewallRules/write", "", true},
	{corporate, "alert-planned-maintenance", maintenance, security, true},
	{connectivity, "alert-nsg-written", "Microsoft.Network/networkSecurityGroups/write", security, true},
	{connectivity, "alert-public-ip-written", "Microsoft.Network/publicIPAddresses/write", security, true},
	{connectivity, "alert-public-ip-deleted", "Microsoft.Network/publicIPAddresses/delete", security, true},
	{management, "alert-security-solution-written", "Microsoft.Security/securitySolutions/write", security, true},
	{management, "alert-service-health", serviceHealth, security, true},
}

// The action groups: of the security team, and of whoever is on call for what
// runs in production.
const (
	security = "ag-security"
	onCall   = "ag-production-oncall"
)

func actionGroupID(name string) string {
	at := coreServices
	if name == onCall {
		at = prodNetwork
	}
	return at.id(kindActionGroup, name)
}

// condition gives the events of which an alert tells.
func (a alertRow) condition() object {
	equals := func(field, value string) object { return object{{"field", field}, {"equals", value}} }
	switch a.operation {
	case serviceHealth:
		return object{{"allOf", list{equals("category", serviceHealth)}}}
	case maintenance:
		return object{{"allOf", list{equals("category", serviceHealth), equals("properties.incidentType", maintenance)}}}
	}
	return object{{"allOf", list{equals("category", "Administrative"), equals("operationName", a.operation)}}}
}

// monitored names the resources with diagnostic settings.
var monitored = []struct {
	at         place
	kind, name string
	categories []string
	storage    bool // kept in a storage account as well
}{
	{payments, kindVault, "kv-payments-prod", []string{"AuditEvent"}, true},
	{webshop, kindVault, "kv-webshop-prod", []string{"AuditEvent"}, false},
	{coreServices, kindVault, "kv-core-services", []string{"AuditEvent"}, false},
	{webshop, kindSite, "app-shop-front", []string{"AppServiceHTTPLogs", "AppServiceConsoleLogs"}, false},
	{payments, kindSite, "app-payment-gateway", []string{"AppServiceHTTPLogs", "AppServiceAuditLogs"}, false},
	{payments, kindEventHubs, "evhns-payments", []string{"OperationalLogs"}, false},
	{payments, kindBus, "sb-payments", []string{"OperationalLogs"}, false},
	{webshop, kindCluster, "aks-webshop-prod", []string{"kube-audit", "guard"}, false},
	{webshop, kindAppGateway, "agw-webshop", []string{"ApplicationGatewayAccessLog", "ApplicationGatewayFirewallLog"}, false},
	{hubNetwork, kindFirewall, "afw-hub", []string{"AZFWNetworkRule", "AZFWThreatIntel"}, false},
	{prodNetwork, kindNSG, "nsg-web", []string{"NetworkSecurityGroupEvent"}, false},
	// The logs of this one go to a workspace that was deleted in the spring.
	{webshop, kindBus, "sb-orders", []string{"OperationalLogs"}, false},
}

func (e *estate) addMonitoring() {
	e.addWorkspace(coreServices, "log-contoso", 365, false)
	e.addWorkspace(devNetwork, "log-dev", 30, true)
	e.addActionGroup(coreServices, security, "security", "security@contoso.com")
	e.addActionGroup(prodNetwork, onCall, "oncall", "oncall@contoso.com")
	e.addActionGroup(webshopDev, "ag-launch", "launch", "") // those of the launch have left
	for _, a := range alertRows {
		e.addAlert(a)
	}
	for _, s := range subscriptions[:4] {
		e.addActivityExport(s)
	}
	for _, m := range monitored {
		workspace := "log-contoso"
		if m.name == "sb-orders" {
			workspace = "log-old"
		}
		e.addDiagnostics(m.at.id(m.kind, m.name), workspace, m.categories, m.storage)
	}
	e.addRecovery(coreServices, "rsv-core", true)
	e.addRecovery(webshopDev, "rsv-dev", false)
	e.addAutomation()
}

func (e *estate) addWorkspace(p place, name string, days int, public bool) {
	e.put(p, kindWorkspace, name, nil, object{
		{"provisioningState", "Succeeded"},
		{"customerId", guid("workspace/" + name)},
		{"sku", object{{"name", "PerGB2018"}}},
		{"retentionInDays", days},
		{"features", object{{"disableLocalAuth", !public}}},
		{"publicNetworkAccessForIngestion", choose(public, "Enabled", "Disabled")},
		{"publicNetworkAccessForQuery", choose(public, "Enabled", "Disabled")},
	})
}

// addActionGroup adds a group that tells one address, or nobody.
func (e *estate) addActionGroup(p place, name, short, address string) {
	receivers := list{}
	if address != "" {
		receivers = append(receivers, object{{"name", short}, {"emailAddress", address}, {"status", "Enabled"}})
	}
	e.put(p, kindActionGroup, name, nil, object{
		{"groupShortName", short},
		{"enabled", true},
		{"emailReceivers", receivers},
	})
}

func (e *estate) addAlert(a alertRow) {
	scope := a.sub.scope() + "/resourceGroups/"
	for _, p := range places {
		if p.sub.id == a.sub.id {
			scope = p.scope()
			break
		}
	}
	groups := list{}
	if a.tells != "" {
		groups = append(groups, object{{"actionGroupId", actionGroupID(a.tells)}})
	}
	e.childWith(scope, "Microsoft.Insights/activityLogAlerts", a.name, object{{"location", "global"}, {"tags", object{}}}, object{
		{"enabled", a.enabled},
		{"scopes", words(a.sub.scope())},
		{"condition", a.condition()},
		{"actions", object{{"actionGroups", groups}}},
	})
}

// addActivityExport sends a subscription's activity log to the workspace.
func (e *estate) addActivityExport(s subscription) {
	categories := []string{"Administrative", "Security", "Alert", "Policy"}
	if s.id == corporate.id {
		categories = categories[:1]
	}
	e.addDiagnostics(s.scope(), "log-contoso", categories, s.id == production.id)
}

func (e *estate) addDiagnostics(on, workspace string, categories []string, storage bool) {
	logs := list{}
	for _, c := range categories {
		logs = append(logs, object{{"category", c}, {"enabled", true}, {"retentionPolicy", object{{"enabled", false}, {"days", 0}}}})
	}
	e.child(on, kindDiagnostic, "to-"+workspace, object{
		{"workspaceId", coreServices.id(kindWorkspace, workspace)},
		{"storageAccountId", when(storage, coreServices.id(kindStorage, "stcontosologs"))},
		{"logs", logs},
		{"metrics", list{}},
	})
}

func (e *estate) addRecovery(p place, name string, good bool) {
	e.put(p, kindRecovery, name, object{{"sku", object{{"name", "Standard"}, {"tier", "Standard"}}}, {"identity", identity(name, "system")}}, object{
		{"provisioningState", "Succeeded"},
		{"publicNetworkAccess", choose(good, "Disabled", "Enabled")},
		{"securitySettings", object{
			{"immutabilitySettings", object{{"state", choose(good, "Unlocked", "Disabled")}}},
			{"softDeleteSettings", object{{"softDeleteState", choose(good, "AlwaysON", "Disabled")}, {"softDeleteRetentionPeriodInDays", 14}}},
			{"multiUserAuthorization", choose(good, "Enabled", "Disabled")},
		}},
		{"redundancySettings", object{{"standardTierStorageRedundancy", choose(good, "GeoRedundant", "LocallyRedundant")}, {"crossRegionRestore", choose(good, "Enabled", "Disabled")}}},
	})
}

func (e *estate) addAutomation() {
	e.put(coreServices, kindAutomation, "aa-core", object{{"identity", identity("aa-core", "system")}}, object{
		{"state", "Ok"},
		{"sku", object{{"name", "Basic"}}},
		{"publicNetworkAccess", false},
		{"disableLocalAuth", true},
	})
	for _, v := range []struct {
		name      string
		encrypted bool
	}{{"webhook-address", true}, {"legacy-smtp-password", false}} {
		e.child(coreServices.scope(), kindAutomation+"/variables", "aa-core/"+v.name, object{
			{"isEncrypted", v.encrypted},
			{"value", when(!v.encrypted, placeholder)},
		})
	}
}
