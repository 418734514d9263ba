package contoso

import "strconv"

const (
	kindVNet     = "Microsoft.Network/virtualNetworks"
	kindSubnet   = "Microsoft.Network/virtualNetworks/subnets"
	kindNSG      = "Microsoft.Network/networkSecurityGroups"
	kindPublicIP = "Microsoft.Network/publicIPAddresses"
	kindRoutes   = "Microsoft.Network/routeTables"
)

// vnetRow is one virtual network.
type vnetRow struct {
	at          place
	name, space string
	ddos        bool
	peers       []string
}

// subnetRow is one subnet; guard is its network security group and is looked
// up in the place of the network.
type subnetRow struct {
	vnet, name, prefix, guard, delegate string
	endpoints                           []string
}

var vnetRows = []vnetRow{
	{hubNetwork, "vnet-hub-weu", "10.0.0.0/16", true, []string{"vnet-prod-weu", "vnet-data-weu", "vnet-shared-weu", "vnet-dev-neu"}},
	{prodNetwork, "vnet-prod-weu", "10.10.0.0/16", true, []string{"vnet-hub-weu"}},
	{dataNetwork, "vnet-data-weu", "10.20.0.0/16", false, []string{"vnet-hub-weu"}},
	{coreServices, "vnet-shared-weu", "10.30.0.0/16", false, []string{"vnet-hub-weu"}},
	{devNetwork, "vnet-dev-neu", "10.40.0.0/16", false, nil}, // the way back to the hub was never peered
}

var subnetRows = []subnetRow{
	{"vnet-hub-weu", "AzureFirewallSubnet", "10.0.1.0/26", "", "", nil},
	{"vnet-hub-weu", "AzureBastionSubnet", "10.0.2.0/26", "", "", nil},
	{"vnet-hub-weu", "GatewaySubnet", "10.0.4.0/27", "", "", nil},
	{"vnet-hub-weu", "snet-jump", "10.0.3.0/24", "nsg-jump", "", nil},
	{"vnet-prod-weu", "snet-appgw", "10.10.0.0/24", "nsg-appgw", "", nil},
	{"vnet-prod-weu", "snet-web", "10.10.1.0/24", "nsg-web", "", []string{"Microsoft.Storage"}},
	{"vnet-prod-weu", "snet-payments", "10.10.2.0/24", "nsg-payments", "", []string{"Microsoft.KeyVault", "Microsoft.Sql"}},
	{"vnet-prod-weu", "snet-endpoints", "10.10.3.0/24", "nsg-endpoints", "", nil},
	{"vnet-prod-weu", "snet-aks", "10.10.16.0/20", "nsg-web", "", nil},
	{"vnet-prod-weu", "snet-apps", "10.10.4.0/24", "nsg-web", "Microsoft.Web/serverFarms", nil},
	{"vnet-data-weu", "snet-lake", "10.20.1.0/24", "nsg-lake", "", []string{"Microsoft.Storage"}},
	{"vnet-data-weu", "snet-hr", "10.20.2.0/24", "nsg-hr", "", nil},
	{"vnet-data-weu", "snet-endpoints", "10.20.3.0/24", "nsg-lake", "", nil},
	{"vnet-data-weu", "snet-postgres", "10.20.4.0/28", "nsg-hr", "Microsoft.DBforPostgreSQL/flexibleServers", nil},
	{"vnet-data-weu", "GatewaySubnet", "10.20.0.0/27", "", "", nil},
	{"vnet-data-weu", "snet-sqlmi", "10.20.5.0/27", "nsg-lake", "Microsoft.Sql/managedInstances", nil},
	{"vnet-data-weu", "snet-databricks-host", "10.20.6.0/24", "nsg-lake", "Microsoft.Databricks/workspaces", nil},
	{"vnet-data-weu", "snet-databricks-container", "10.20.7.0/24", "nsg-lake", "Microsoft.Databricks/workspaces", nil},
	{"vnet-shared-weu", "snet-agents", "10.30.1.0/24", "nsg-agents", "", nil},
	{"vnet-shared-weu", "snet-directory", "10.30.2.0/24", "nsg-directory", "", nil},
	{"vnet-dev-neu", "snet-dev", "10.40.1.0/24", "nsg-dev", "", nil},
	{"vnet-dev-neu", "snet-appgw-dev", "10.40.3.0/24", "nsg-dev", "", nil},
	{"vnet-dev-neu", "snet-playground", "10.40.2.0/24", "", "", nil}, // nothing guards it
}

// guardRow is one rule of a network security group.
type guardRow struct {
	at                       place
	nsg, name                string
	priority                 int
	access, protocol, source string
	ports                    []string
}

var guardRows = []guardRow{
	// Opened for a supplier one weekend and never closed.
	{hubNetwork, "nsg-jump", "rdp-for-the-supplier", 100, "Allow", "Tcp", "*", []string{"3389"}},
	{hubNetwork, "nsg-jump", "ssh-from-office", 110, "Allow", "Tcp", "203.0.113.0/28", []string{"22"}},
	{prodNetwork, "nsg-appgw", "https-from-anywhere", 100, "Allow", "Tcp", "Internet", []string{"443"}},
	{prodNetwork, "nsg-appgw", "gateway-manager", 110, "Allow", "Tcp", "GatewayManager", []string{"65200-65535"}},
	{prodNetwork, "nsg-web", "https-from-gateway", 100, "Allow", "Tcp", "10.10.0.0/24", []string{"443", "8443"}},
	{prodNetwork, "nsg-web", "deny-the-rest", 4000, "Deny", "*", "*", []string{"*"}},
	{prodNetwork, "nsg-payments", "from-web", 100, "Allow", "Tcp", "10.10.1.0/24", []string{"8443"}},
	{prodNetwork, "nsg-payments", "deny-the-rest", 4000, "Deny", "*", "*", []string{"*"}},
	{prodNetwork, "nsg-endpoints", "from-the-network", 100, "Allow", "Tcp", "VirtualNetwork", []string{"443", "1433"}},
	{dataNetwork, "nsg-lake", "from-the-network", 100, "Allow", "Tcp", "VirtualNetwork", []string{"443"}},
	{dataNetwork, "nsg-lake", "sql-for-analysts", 200, "Allow", "Tcp", "Internet", []string{"1433"}},
	{dataNetwork, "nsg-hr", "https-from-hub", 100, "Allow", "Tcp", "10.0.0.0/16", []string{"443"}},
	{coreServices, "nsg-agents", "ssh-from-bastion", 100, "Allow", "Tcp", "10.0.2.0/26", []string{"22"}},
	{coreServices, "nsg-directory", "directory-services", 100, "Allow", "*", "VirtualNetwork", []string{"53", "88", "389", "445", "636"}},
	{devNetwork, "nsg-dev", "ssh-from-anywhere", 100, "Allow", "Tcp", "0.0.0.0/0", []string{"22"}},
	{devNetwork, "nsg-dev", "everything-for-the-demo", 200, "Allow", "*", "*", []string{"*"}},
	{devNetwork, "nsg-dev", "winrm-from-agency", 300, "Allow", "Tcp", "198.51.100.0/24", []string{"5985-5986"}},
}

func vnet(name string) vnetRow {
	for _, v := range vnetRows {
		if v.name == name {
			return v
		}
	}
	return vnetRow{name: name}
}

func subnetID(vnetName, name string) string {
	return vnet(vnetName).at.id(kindSubnet, vnetName+"/"+name)
}

func (e *estate) addNetworks() {
	e.addGuards()
	e.put(hubNetwork, "Microsoft.Network/ddosProtectionPlans", "ddos-contoso", nil, object{{"provisioningState", "Succeeded"}})
	e.put(prodNetwork, kindRoutes, "rt-prod", nil, object{
		{"disableBgpRoutePropagation", true},
		{"routes", list{object{{"name", "default-through-firewall"}, {"properties", object{
			{"addressPrefix", "0.0.0.0/0"},
			{"nextHopType", "VirtualAppliance"},
			{"nextHopIpAddress", "10.0.1.4"},
		}}}}},
	})
	for _, v := range vnetRows {
		e.addNetwork(v)
	}
}

// addGuards adds the network security groups, rules in the body and as
// resources of their own, as the provider lists them.
func (e *estate) addGuards() {
	for i := 0; i < len(guardRows); {
		first, start, rules := guardRows[i], i, list{}
		id := first.at.id(kindNSG, first.nsg)
		for ; i < len(guardRows) && guardRows[i].nsg == first.nsg; i++ {
			r := guardRows[i]
			rules = append(rules, object{
				{"name", r.name},
				{"id", id + "/securityRules/" + r.name},
				{"type", kindNSG + "/securityRules"},
				{"properties", r.properties()},
			})
		}
		e.put(first.at, kindNSG, first.nsg, nil, object{
			{"provisioningState", "Succeeded"},
			{"securityRules", rules},
			{"defaultSecurityRules", defaultGuards(id)},
		})
		for _, r := range guardRows[start:i] {
			e.child(r.at.scope(), kindNSG+"/securityRules", r.nsg+"/"+r.name, r.properties())
		}
	}
}

func (r guardRow) properties() object {
	many := len(r.ports) > 1
	return object{
		{"provisioningState", "Succeeded"},
		{"protocol", r.protocol},
		{"sourcePortRange", "*"},
		{"destinationPortRange", when(!many, r.ports[0])},
		{"destinationPortRanges", when(many, words(r.ports...))},
		{"sourceAddressPrefix", r.source},
		{"destinationAddressPrefix", "*"},
		{"access", r.access},
		{"priority", r.priority},
		{"direction", "Inbound"},
	}
}

func defaultGuards(nsg string) list {
	out := list{}
	for i, d := range []struct{ name, access, direction, from, to string }{
		{"AllowVnetInBound", "Allow", "Inbound", "VirtualNetwork", "VirtualNetwork"},
		{"AllowAzureLoadBalancerInBound", "Allow", "Inbound", "AzureLoadBalancer", "*"},
		{"DenyAllInBound", "Deny", "Inbound", "*", "*"},
		{"AllowVnetOutBound", "Allow", "Outbound", "VirtualNetwork", "VirtualNetwork"},
		{"AllowInternetOutBound", "Allow", "Outbound", "*", "Internet"},
		{"DenyAllOutBound", "Deny", "Outbound", "*", "*"},
	} {
		priority := 65000 + i%3
		if i%3 == 2 {
			priority = 65500
		}
		out = append(out, object{
			{"name", d.name},
			{"id", nsg + "/defaultSecurityRules/" + d.name},
			{"properties", object{
				{"protocol", "*"},
				{"sourcePortRange", "*"},
				{"destinationPortRange", "*"},
				{"sourceAddressPrefix", d.from},
				{"destinationAddressPrefix", d.to},
				{"access", d.access},
				{"priority", priority},
				{"direction", d.direction},
			}},
		})
	}
	return out
}

func (e *estate) addNetwork(v vnetRow) {
	subnets, peerings := list{}, list{}
	var later []subnetRow
	for _, s := range subnetRows {
		if s.vnet == v.name {
			later = append(later, s)
			subnets = append(subnets, object{{"name", s.name}, {"id", subnetID(v.name, s.name)}, {"properties", v.subnet(s)}})
		}
	}
	for _, peer := range v.peers {
		peerings = append(peerings, object{{"name", "to-" + peer}, {"properties", object{
			{"peeringState", choose(peer == "vnet-dev-neu", "Initiated", "Connected")},
			{"remoteVirtualNetwork", ref(vnet(peer).at.id(kindVNet, peer))},
			{"allowVirtualNetworkAccess", true},
			{"allowForwardedTraffic", true},
			{"allowGatewayTransit", v.name == "vnet-hub-weu"},
			{"useRemoteGateways", false},
		}}})
	}
	e.put(v.at, kindVNet, v.name, nil, object{
		{"provisioningState", "Succeeded"},
		{"addressSpace", object{{"addressPrefixes", words(v.space)}}},
		{"enableDdosProtection", v.ddos},
		{"ddosProtectionPlan", when(v.ddos, ref(hubNetwork.id("Microsoft.Network/ddosProtectionPlans", "ddos-contoso")))},
		{"subnets", subnets},
		{"virtualNetworkPeerings", peerings},
	})
	for _, s := range later {
		e.child(v.at.scope(), kindSubnet, v.name+"/"+s.name, v.subnet(s))
	}
}

func (v vnetRow) subnet(s subnetRow) object {
	endpoints, delegations := list{}, list{}
	for _, service := range s.endpoints {
		endpoints = append(endpoints, object{{"service", service}, {"provisioningState", "Succeeded"}, {"locations", words("*")}})
	}
	if s.delegate != "" {
		delegations = append(delegations, object{{"name", "delegation"}, {"properties", object{{"serviceName", s.delegate}}}})
	}
	routed := s.vnet == "vnet-prod-weu" && s.name != "snet-appgw"
	return object{
		{"provisioningState", "Succeeded"},
		{"addressPrefix", s.prefix},
		{"networkSecurityGroup", when(s.guard != "", ref(v.at.id(kindNSG, s.guard)))},
		{"routeTable", when(routed, ref(prodNetwork.id(kindRoutes, "rt-prod")))},
		{"serviceEndpoints", endpoints},
		{"applicationGatewayIPConfigurations", gatewaysIn(s)},
		{"delegations", delegations},
		{"privateEndpointNetworkPolicies", choose(s.name == "snet-endpoints", "Enabled", "Disabled")},
		{"defaultOutboundAccess", s.vnet == "vnet-dev-neu"},
	}
}

// addPublicIP adds a public address from the documentation ranges.
func (e *estate) addPublicIP(p place, name, configuration string, last int) string {
	return e.put(p, kindPublicIP, name, object{{"sku", object{{"name", "Standard"}, {"tier", "Regional"}}}}, object{
		{"provisioningState", "Succeeded"},
		{"ipAddress", "203.0.113." + strconv.Itoa(last)},
		{"publicIPAddressVersion", "IPv4"},
		{"publicIPAllocationMethod", "Static"},
		{"idleTimeoutInMinutes", 4},
		{"ipConfiguration", when(configuration != "", ref(configuration))},
	})
}
