package contoso

const (
	kindSite = "Microsoft.Web/sites"
	kindPlan = "Microsoft.Web/serverfarms"
)

// siteRow is one web or function app. Letters in good: h HTTPS only, t TLS
// 1.2, f no plain FTP, c client certificates, 2 HTTP/2, d no remote debugging,
// v joined to the network, a sign-in required, l logs kept.
type siteRow struct {
	at         place
	name, kind string
	plan       string
	run        string // language and version
	identity   string
	good       string
	slots      []string
	cors       string
}

var planRows = []struct {
	at         place
	name, size string
}{
	{webshop, "asp-webshop", "P1v3"},
	{payments, "asp-payments", "P2v3"},
	{hrPortal, "asp-hrportal", "P1v3"},
	{webshopDev, "asp-dev", "B1"},
}

var siteRows = []siteRow{
	{webshop, "app-shop-front", "app,linux", "asp-webshop", "NODE|22-lts", "id-webshop", "htf2dval", []string{"staging"}, "https://shop.contoso.com"},
	{webshop, "app-shop-admin", "app,linux", "asp-webshop", "NODE|18-lts", "system", "ht2dl", nil, "*"},
	{webshop, "func-order-mail", "functionapp,linux", "asp-webshop", "PYTHON|3.12", "system", "htfd", nil, ""},
	{payments, "app-payment-gateway", "app,linux", "asp-payments", "JAVA|21-java21", "id-payments", "htfc2dval", []string{"staging"}, ""},
	{payments, "func-settlement", "functionapp,linux", "asp-payments", "DOTNET-ISOLATED|8.0", "id-payments", "htfc2dval", nil, ""},
	{hrPortal, "app-hr-portal", "app", "asp-hrportal", "", "system", "htfd2va", nil, ""},
	{hrPortal, "func-leave-requests", "functionapp", "asp-hrportal", "", "system", "hd", nil, "*"},
	{webshopDev, "app-shop-dev", "app,linux", "asp-dev", "NODE|16-lts", "system", "", nil, "*"},
	{webshopDev, "func-import-dev", "functionapp,linux", "asp-dev", "PYTHON|3.7", "system", "", nil, ""},
}

func (s siteRow) is(letter byte) bool { return hasLetter(s.good, letter) }

func (e *estate) addSites() {
	for _, p := range planRows {
		e.put(p.at, kindPlan, p.name, object{{"kind", choose(p.name == "asp-hrportal", "app", "linux")}, {"sku", object{{"name", p.size}}}}, object{
			{"provisioningState", "Succeeded"},
			{"status", "Ready"},
			{"reserved", p.name != "asp-hrportal"},
			{"zoneRedundant", p.name == "asp-payments"},
		})
	}
	for _, s := range siteRows {
		e.addSite(kindSite, s.name, s)
		for _, slot := range s.slots {
			e.addSite(kindSite+"/slots", s.name+"/"+slot, s.slot())
		}
	}
}

// slot gives the habits of a staging slot: made by copying, then forgotten.
func (s siteRow) slot() siteRow {
	if s.at.app == "payments" {
		return s
	}
	s.good = "t2d"
	return s
}

func (e *estate) addSite(kind, name string, s siteRow) {
	host := s.name + ".azurewebsites.net"
	e.put(s.at, kind, name, object{{"kind", s.kind}, {"identity", identity(s.name, s.identity)}}, object{
		{"state", "Running"},
		{"hostNames", words(host)},
		{"enabled", true},
		{"serverFarmId", s.at.id(kindPlan, s.plan)},
		{"httpsOnly", s.is('h')},
		{"clientCertEnabled", s.is('c')},
		{"clientCertMode", choose(s.is('c'), "Required", "Optional")},
		{"virtualNetworkSubnetId", when(s.is('v') && s.at.sub.id == production.id, subnetID("vnet-prod-weu", "snet-apps"))},
		{"vnetRouteAllEnabled", s.is('v')},
		{"publicNetworkAccess", choose(s.is('c'), "Disabled", "Enabled")},
		{"keyVaultReferenceIdentity", "SystemAssigned"},
		{"siteConfig", object{{"linuxFxVersion", s.run}, {"minTlsVersion", choose(s.is('t'), "1.2", "1.0")}, {"http20Enabled", s.is('2')}}},
	})
	e.child(s.at.scope(), kind+"/config", name+"/web", s.config())
	if kind == kindSite {
		e.child(s.at.scope(), kind+"/config", name+"/authsettingsV2", object{
			{"platform", object{{"enabled", s.is('a')}}},
			{"globalValidation", object{{"requireAuthentication", s.is('a')}, {"unauthenticatedClientAction", choose(s.is('a'), "RedirectToLoginPage", "AllowAnonymous")}}},
		})
	}
}

func (s siteRow) config() object {
	origins := list{}
	if s.cors != "" {
		origins = words(s.cors)
	}
	return object{
		{"numberOfWorkers", 2},
		{"linuxFxVersion", s.run},
		{"netFrameworkVersion", when(s.run == "", "v8.0")},
		{"minTlsVersion", choose(s.is('t'), "1.2", "1.0")},
		{"scmMinTlsVersion", choose(s.is('t'), "1.2", "1.0")},
		{"ftpsState", choose(s.is('f'), "FtpsOnly", "AllAllowed")},
		{"http20Enabled", s.is('2')},
		{"remoteDebuggingEnabled", !s.is('d')},
		{"alwaysOn", s.is('h')},
		{"httpLoggingEnabled", s.is('l')},
		{"detailedErrorLoggingEnabled", s.is('l')},
		{"requestTracingEnabled", s.is('l')},
		{"managedServiceIdentityId", when(s.identity == "system", 1)},
		{"xManagedServiceIdentityId", when(s.identity != "" && s.identity != "system", 2)},
		{"cors", object{{"allowedOrigins", origins}, {"supportCredentials", false}}},
		{"ipSecurityRestrictions", list{object{
			{"ipAddress", choose(s.is('c'), "10.10.0.0/16", "Any")},
			{"action", "Allow"},
			{"priority", 100},
			{"name", choose(s.is('c'), "inside", "Allow all")},
		}}},
	}
}
