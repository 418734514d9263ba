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
	e.addVPN()
	e.addAppGateway(webshop, "agw-webshop", 21, "wafp-webshop")
	e.addAppGateway(marketing, "agw-campaigns", 22, "") // standard tier: nothing filters the requests
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

func (e *estate) addVPN() {
	const kind = "Microsoft.Network/virtualNetworkGateways"
	ip := e.addPublicIP(hubNetwork, "pip-vpn", hubNetwork.id(kind, "vpn-hub")+"/ipConfigurations/primary", 13)
	e.put(hubNetwork, kind, "vpn-hub", nil, object{
		{"provisioningState", "Succeeded"},
		{"sku", object{{"name", "VpnGw2AZ"}, {"tier", "VpnGw2AZ"}}},
		{"gatewayType", "Vpn"},
		{"vpnType", "RouteBased"},
		{"ipConfigurations", list{object{{"name", "primary"}, {"properties", object{
			{"subnet", ref(subnetID("vnet-hub-weu", "GatewaySubnet"))},
			{"publicIPAddress", ref(ip)},
		}}}}},
		{"vpnClientConfiguration", object{
			{"vpnClientProtocols", words("OpenVPN")},
			{"vpnAuthenticationTypes", words("AAD", "Certificate")},
		}},
	})
}

func (e *estate) addAppGateway(p place, name string, last int, waf string) {
	ip := e.addPublicIP(p, "pip-"+name, p.id(kindAppGateway, name)+"/frontendIPConfigurations/public", last)
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
			{"subnet", ref(subnetID("vnet-prod-weu", "snet-appgw"))},
		}}}}},
		{"frontendIPConfigurations", list{object{{"name", "public"}, {"properties", object{{"publicIPAddress", ref(ip)}}}}}},
		{"httpListeners", list{object{{"name", "public"}, {"properties", object{
			{"frontendIPConfiguration", ref(id + "/frontendIPConfigurations/public")},
			{"protocol", choose(waf != "", "Https", "Http")},
			{"hostName", choose(waf != "", "shop.contoso.com", "campaigns.contoso.com")},
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
