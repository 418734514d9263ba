package contoso

const (
	kindAppGateway   = "Microsoft.Network/applicationGateways"
	kindLoadBalancer = "Microsoft.Network/loadBalancers"
	kindFirewall     = "Microsoft.Network/azureFirewalls"
	kindWAF          = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
)

// addGateways adds what stands between the networks and the world: firewall,
// bastion, VPN, application gateways, load balancer.
func (e *estate) addGateways() {
	e.addFirewall()
	bastion := hubNetwork.id("Microsoft.Network/bastionHosts", "bas-hub")
	ip := e.addPublicIP(hubNetwork, "pip-bastion", bastion+"/bastionHostIpConfigurations/primary", 12)
	e.put(hubNetwork, "Microsoft.Network/bastionHosts", "bas-hub", object{{"sku", object{{"name", "Standard"}}}}, object{
		{"provisioningState", "Succeeded"},
		{"enableTunneling", true},
		{"ipConfigurations", list{object{{"name", "primary"}, {"properties", object{
			{"subnet", ref(subnetID("vnet-hub-weu", "AzureBastionSubnet"))},
			{"publicIPAddress", ref(ip)},
		}}}}},
	})
	e.addVPN(hubNetwork, "vpn-hub", "vnet-hub-weu", 13, "172.31.96.0/24", "AAD", "Certificate")
	e.addVPN(dataNetwork, "vpn-analysts", "vnet-data-weu", 14, "172.31.97.0/24", "AAD")
	for _, g := range appGatewayRows {
		e.addAppGateway(g)
	}
	e.addWAF(webshop, "wafp-webshop", "Prevention")
	e.addWAF(payments, "wafp-payments", "Detection")
	e.addLoadBalancer()
}

func (e *estate) addFirewall() {
	fw := hubNetwork.id(kindFirewall, "afw-hub")
	ip := e.addPublicIP(hubNetwork, "pip-firewall", fw+"/azureFirewallIpConfigurations/primary", 11)
	policy := e.put(hubNetwork, "Microsoft.Network/firewallPolicies", "afwp-hub", nil, object{
		{"provisioningState", "Succeeded"},
		{"sku", object{{"tier", "Premium"}}},
		{"threatIntelMode", "Alert"},
		{"intrusionDetection", object{{"mode", "Deny"}}},
		{"dnsSettings", object{{"enableProxy", true}}},
	})
	e.put(hubNetwork, kindFirewall, "afw-hub", nil, object{
		{"provisioningState", "Succeeded"},
		{"sku", object{{"name", "AZFW_VNet"}, {"tier", "Premium"}}},
		{"threatIntelMode", "Alert"},
		{"firewallPolicy", ref(policy)},
		{"ipConfigurations", list{object{{"name", "primary"}, {"properties", object{
			{"privateIPAddress", "10.0.1.4"},
			{"subnet", ref(subnetID("vnet-hub-weu", "AzureFirewallSubnet"))},
			{"publicIPAddress", ref(ip)},
		}}}}},
	})
}

// addVPN adds a gateway for people at home: the addresses that they get and the
// ways in which they may sign in.
func (e *estate) addVPN(p place, name, in string, last int, pool string, ways ...string) {
	const kind = "Microsoft.Network/virtualNetworkGateways"
	ip := e.addPublicIP(p, "pip-"+name, p.id(kind, name)+"/ipConfigurations/primary", last)
	e.put(p, kind, name, nil, object{
		{"provisioningState", "Succeeded"},
		{"sku", object{{"name", "VpnGw2AZ"}, {"tier", "VpnGw2AZ"}}},
		{"gatewayType", "Vpn"},
		{"vpnType", "RouteBased"},
		{"ipConfigurations", list{object{{"name", "primary"}, {"properties", object{
			{"subnet", ref(subnetID(in, "GatewaySubnet"))},
			{"publicIPAddress", ref(ip)},
		}}}}},
		{"vpnClientConfiguration", object{
			{"vpnClientAddressPool", object{{"addressPrefixes", words(pool)}}},
			{"vpnClientProtocols", words("OpenVPN")},
			{"vpnAuthenticationTypes", words(ways...)},
			{"aadTenant", "https://login.microsoftonline.com/" + tenant},
			{"aadIssuer", "https://sts.windows.net/" + tenant + "/"},
			{"aadAudience", "c632b3df-fb67-4d84-bdcf-b95ad541b5c8"},
		}},
	})
}

// appGatewayRow is one application gateway; one without a policy is of the
// standard tier, where nothing filters the requests.
type appGatewayRow struct {
	at           place
	name, host   string
	last         int // last part of its public address
	waf          string
	vnet, subnet string
}

var appGatewayRows = []appGatewayRow{
	{webshop, "agw-webshop", "shop.contoso.com", 21, "wafp-webshop", "vnet-prod-weu", "snet-appgw"},
	{marketing, "agw-campaigns", "campaigns.contoso.com", 22, "", "vnet-prod-weu", "snet-appgw"},
	{webshopDev, "agw-shop-dev", "dev.contoso.com", 23, "", "vnet-dev-neu", "snet-appgw-dev"},
}

// gatewaysIn gives the configurations of the application gateways that stand
// in a subnet, as the subnet's body names them.
func gatewaysIn(s subnetRow) any {
	out := list{}
	for _, g := range appGatewayRows {
		if g.vnet == s.vnet && g.subnet == s.name {
			out = append(out, ref(g.at.id(kindAppGateway, g.name)+"/gatewayIPConfigurations/gateway"))
		}
	}
	return when(len(out) > 0, out)
}

func (e *estate) addAppGateway(g appGatewayRow) {
	p, name, waf := g.at, g.name, g.waf
	ip := e.addPublicIP(p, "pip-"+name, p.id(kindAppGateway, name)+"/frontendIPConfigurations/public", g.last)
	tier := choose(waf != "", "WAF_v2", "Standard_v2")
	id := p.id(kindAppGateway, name)
	e.put(p, kindAppGateway, name, object{{"zones", words("1", "2", "3")}}, object{
		{"provisioningState", "Succeeded"},
		{"sku", object{{"name", tier}, {"tier", tier}, {"capacity", 2}}},
		{"enableHttp2", true},
		{"firewallPolicy", when(waf != "", ref(p.id(kindWAF, waf)))},
		{"sslPolicy", object{
			{"policyType", "Predefined"},
			{"policyName", choose(waf != "", "AppGwSslPolicy20220101S", "AppGwSslPolicy20150501")},
		}},
		{"gatewayIPConfigurations", list{object{{"name", "gateway"}, {"properties", object{
			{"subnet", ref(subnetID(g.vnet, g.subnet))},
		}}}}},
		{"frontendIPConfigurations", list{object{{"name", "public"}, {"properties", object{{"publicIPAddress", ref(ip)}}}}}},
		{"httpListeners", list{object{{"name", "public"}, {"properties", object{
			{"frontendIPConfiguration", ref(id + "/frontendIPConfigurations/public")},
			{"protocol", choose(waf != "", "Https", "Http")},
			{"hostName", g.host},
		}}}}},
		{"backendAddressPools", list{object{{"name", "web"}, {"id", id + "/backendAddressPools/web"}, {"properties", object{
			{"backendAddresses", list{object{{"ipAddress", "10.10.1.4"}}, object{{"ipAddress", "10.10.1.5"}}}},
		}}}}},
	})
}

func (e *estate) addWAF(p place, name, mode string) {
	e.put(p, kindWAF, name, nil, object{
		{"provisioningState", "Succeeded"},
		{"policySettings", object{{"state", "Enabled"}, {"mode", mode}, {"requestBodyCheck", mode == "Prevention"}, {"maxRequestBodySizeInKb", 128}}},
		{"managedRules", object{{"managedRuleSets", list{
			object{{"ruleSetType", "OWASP"}, {"ruleSetVersion", "3.2"}},
			object{{"ruleSetType", "Microsoft_BotManagerRuleSet"}, {"ruleSetVersion", "1.0"}},
		}}}},
		{"customRules", list{}},
	})
}

func (e *estate) addLoadBalancer() {
	id := payments.id(kindLoadBalancer, "lbi-payments")
	e.put(payments, kindLoadBalancer, "lbi-payments", object{{"sku", object{{"name", "Standard"}, {"tier", "Regional"}}}}, object{
		{"provisioningState", "Succeeded"},
		{"frontendIPConfigurations", list{object{{"name", "inside"}, {"properties", object{
			{"privateIPAddress", "10.10.2.10"},
			{"subnet", ref(subnetID("vnet-prod-weu", "snet-payments"))},
		}}}}},
		{"backendAddressPools", list{object{{"name", "payments"}, {"id", id + "/backendAddressPools/payments"}}}},
		{"loadBalancingRules", list{object{{"name", "https"}, {"properties", object{
			{"frontendIPConfiguration", ref(id + "/frontendIPConfigurations/inside")},
			{"backendAddressPool", ref(id + "/backendAddressPools/payments")},
			{"protocol", "Tcp"},
			{"frontendPort", 443},
			{"backendPort", 8443},
		}}}}},
	})
}
