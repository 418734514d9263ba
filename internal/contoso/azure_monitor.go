package contoso

const (
	kindWorkspace  = "Microsoft.OperationalInsights/workspaces"
	kindDiagnostic = "Microsoft.Insights/diagnosticSettings"
	kindRecovery   = "Microsoft.RecoveryServices/vaults"
	kindAutomation = "Microsoft.Automation/automationAccounts"
)

// alertRow is one alert on the activity log of a subscription.
type alertRow struct {
	sub             subscription
	name, operation string
	enabled         bool
}

var alertRows = []alertRow{
	{production, "alert-policy-assignment-written", "Microsoft.Authorization/policyAssignments/write", true},
	{production, "alert-nsg-written", "Microsoft.Network/networkSecurityGroups/write", true},
	{production, "alert-nsg-deleted", "Microsoft.Network/networkSecurityGroups/delete", true},
	{production, "alert-sql-firewall-written", "Microsoft.Sql/servers/firewallRules/write", true},
	{production, "alert-security-solution-deleted", "Microsoft.Security/securitySolutions/delete", true},
	{corporate, "alert-policy-assignment-written", "Microsoft.Authorization/policyAssignments/write", true},
	{corporate, "alert-nsg-written", "Microsoft.Network/networkSecurityGroups/write", false},
	{connectivity, "alert-nsg-written", "Microsoft.Network/networkSecurityGroups/write", true},
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
	e.put(coreServices, "Microsoft.Insights/actionGroups", "ag-security", nil, object{
		{"groupShortName", "security"},
		{"enabled", true},
		{"emailReceivers", list{object{{"name", "security"}, {"emailAddress", "security@contoso.com"}, {"status", "Enabled"}}}},
	})
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

func (e *estate) addAlert(a alertRow) {
	scope := a.sub.scope() + "/resourceGroups/"
	for _, p := range places {
		if p.sub.id == a.sub.id {
			scope = p.scope()
			break
		}
	}
	e.childWith(scope, "Microsoft.Insights/activityLogAlerts", a.name, object{{"location", "global"}, {"tags", object{}}}, object{
		{"enabled", a.enabled},
		{"scopes", words(a.sub.scope())},
		{"condition", object{{"allOf", list{
			object{{"field", "category"}, {"equals", "Administrative"}},
			object{{"field", "operationName"}, {"equals", a.operation}},
		}}}},
		{"actions", object{{"actionGroups", list{object{{"actionGroupId", coreServices.id("Microsoft.Insights/actionGroups", "ag-security")}}}}}},
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
