package tenant

import (
	"strconv"
	"strings"
)

// hub is what the workloads of one subscription share: its network, its
// monitoring, its backup. Empty when the estate is too small for one.
type hub struct {
	workspace, logStorage, actionGroup, collectionRule, backupPolicy, backupVault string

	networks []string
	subnets  []subnet
	zones    map[string]string // private endpoint group → private DNS zone
}

type subnet struct{ id, nsg string }

// hubSize is more than a hub ever has.
const hubSize = 240

// announce sets the variables that every template may use.
func (h *hub) announce(b *builder) {
	b.set("workspace", h.workspace, "logStorage", h.logStorage, "actionGroup", h.actionGroup, "collectionRule", h.collectionRule)
	if len(h.subnets) > 0 {
		s := h.subnets[b.random.IntN(len(h.subnets))]
		b.set("subnet", s.id, "nsg", s.nsg)
	}
}

func (b *builder) hub() {
	b.management()
	b.connectivity()
	b.privateZones()
	b.governance()
}

// management makes logs, alerts, backup and automation.
func (b *builder) management() {
	h := &b.shared
	b.begin("management")
	h.workspace = b.put("Microsoft.OperationalInsights/workspaces", b.unique("log"))
	h.logStorage = b.put("Microsoft.Storage/storageAccounts", b.compact("stlogs"))
	h.actionGroup = b.put("Microsoft.Insights/actionGroups", b.unique("ag-ops"))
	h.announce(b)
	h.collectionRule = b.put("Microsoft.Insights/dataCollectionRules", b.unique("dcr-linux"))
	b.put("Microsoft.OperationsManagement/solutions", b.unique("SecurityInsights"))
	h.backupVault = b.put("Microsoft.RecoveryServices/vaults", b.unique("rsv"))
	for _, name := range []string{"DefaultPolicy", "daily-30"} {
		h.backupPolicy = b.child(h.backupVault, "Microsoft.RecoveryServices/vaults/backupPolicies", name)
	}
	automation := b.put("Microsoft.Automation/automationAccounts", b.unique("aa"))
	for range b.between(1, 5) {
		b.child(automation, "Microsoft.Automation/automationAccounts/runbooks", b.unique("rb"))
	}
	for range 4 {
		b.put("Microsoft.Insights/activityLogAlerts", b.unique("ala"))
	}
	b.put("Microsoft.Maintenance/maintenanceConfigurations", b.unique("mc-weekend"))
	for _, id := range []string{h.workspace, h.backupVault, automation} {
		b.diagnostics(id, 60)
	}
}

// connectivity makes the networks with their subnets, groups and gateways.
func (b *builder) connectivity() {
	h := &b.shared
	b.begin("connectivity")
	watcher := b.put("Microsoft.Network/networkWatchers", b.unique("nw"))
	for range b.between(2, 4) {
		b.network(watcher)
	}
	for i := 1; i < len(h.networks); i++ {
		b.set("remoteNetwork", h.networks[0])
		b.child(h.networks[i], "Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "to-hub")
		b.set("remoteNetwork", h.networks[i])
		b.child(h.networks[0], "Microsoft.Network/virtualNetworks/virtualNetworkPeerings", b.unique("to-spoke"))
	}
	b.set("subnet", h.subnets[0].id)
	b.edge("Microsoft.Network/bastionHosts", "bas", "bastionHostIpConfigurations/ipconfig", 60)
	b.set("firewallPolicy", b.put("Microsoft.Network/firewallPolicies", b.unique("afwp")))
	b.edge("Microsoft.Network/azureFirewalls", "afw", "azureFirewallIpConfigurations/ipconfig", 60)
	b.edge("Microsoft.Network/virtualNetworkGateways", "vgw", "ipConfigurations/default", 40)
	b.edge("Microsoft.Network/natGateways", "ng", "", 50)
}

// edge makes a gateway with its public address, in percent of 100 cases.
func (b *builder) edge(kind, stem, configuration string, percent int) {
	if !b.chance(percent) {
		return
	}
	name := b.unique(stem)
	id := b.prefix + "/resourceGroups/" + b.group + "/providers/" + kind + "/" + name
	b.set("ipConfiguration", "")
	if configuration != "" {
		b.set("ipConfiguration", id+"/"+configuration)
	}
	b.set("publicIP", b.put("Microsoft.Network/publicIPAddresses", b.unique("pip-"+stem)))
	b.put(kind, name)
	b.diagnostics(id, 60)
	b.set("publicIP", "", "ipConfiguration", "")
}

// network makes one virtual network; its body lists its subnets, which are
// resources of their own as well.
func (b *builder) network(watcher string) {
	h := &b.shared
	b.set("routes", b.put("Microsoft.Network/routeTables", b.unique("rt")))
	name := b.unique("vnet")
	network := b.prefix + "/resourceGroups/" + b.group + "/providers/Microsoft.Network/virtualNetworks/" + name
	var inline []string
	for i := range b.between(3, 8) {
		nsg := b.put("Microsoft.Network/networkSecurityGroups", b.unique("nsg"))
		b.set("nsg", nsg)
		b.diagnostics(nsg, 50)
		if b.chance(50) {
			b.child(watcher, "Microsoft.Network/networkWatchers/flowLogs", b.unique("flow"))
		}
		id := b.child(network, "Microsoft.Network/virtualNetworks/subnets", "snet-"+strconv.Itoa(i))
		h.subnets = append(h.subnets, subnet{id, nsg})
		inline = append(inline, `{"name":"snet-`+strconv.Itoa(i)+`","id":"`+id+`","type":"Microsoft.Network/virtualNetworks/subnets","properties":`+
			`{"provisioningState":"Succeeded","addressPrefix":"10.`+strconv.Itoa(b.index%250)+`.`+strconv.Itoa(i)+`.0/24","networkSecurityGroup":{"id":"`+nsg+`"},`+
			`"serviceEndpoints":[],"delegations":[],"privateEndpointNetworkPolicies":"Disabled","privateLinkServiceNetworkPolicies":"Enabled"}}`)
	}
	b.set("subnets", strings.Join(inline, ","))
	b.put("Microsoft.Network/virtualNetworks", name)
	h.networks = append(h.networks, network)
}

var zoneNames = map[string]string{
	"blob": "privatelink.blob.core.windows.net", "vault": "privatelink.vaultcore.azure.net",
	"sqlServer": "privatelink.database.windows.net", "sites": "privatelink.azurewebsites.net",
	"registry": "privatelink.azurecr.io", "Sql": "privatelink.documents.azure.com",
	"namespace": "privatelink.servicebus.windows.net", "account": "privatelink.openai.azure.com",
}

// zoneOrder fixes the order, which a map does not have.
var zoneOrder = []string{"blob", "vault", "sqlServer", "sites", "registry", "Sql", "namespace", "account"}

func (b *builder) privateZones() {
	b.begin("dns")
	b.shared.zones = map[string]string{}
	for _, group := range zoneOrder {
		zone := b.put("Microsoft.Network/privateDnsZones", zoneNames[group])
		b.shared.zones[group] = zone
		b.set("network", b.shared.networks[0])
		b.child(zone, "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "hub")
	}
	if b.chance(50) {
		b.put("Microsoft.Network/dnszones", b.unique(b.app)+".contoso.example")
	}
}

var plans = []string{
	"VirtualMachines", "SqlServers", "AppServices", "StorageAccounts", "SqlServerVirtualMachines", "KeyVaults", "Arm",
	"Containers", "OpenSourceRelationalDatabases", "CosmosDbs", "CloudPosture", "Api",
}

// governance adds what hangs on the subscription itself.
func (b *builder) governance() {
	for _, plan := range plans {
		b.extend(b.prefix, "Microsoft.Security/pricings", plan)
	}
	b.extend(b.prefix, "Microsoft.Security/securityContacts", "default")
	for range b.between(3, 8) {
		b.extend(b.prefix, "Microsoft.Authorization/policyAssignments", b.unique("assign"))
	}
	for range b.between(5, 20) {
		b.grant(b.prefix)
	}
	b.diagnostics(b.prefix, 60)
	b.extend(b.prefix+"/resourceGroups/"+b.group, "Microsoft.Authorization/locks", "keep")
}
