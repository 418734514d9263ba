package contoso

import "strings"

// tenant is Contoso's Entra tenant.
var tenant = guid("tenant")

// subscription is one Azure subscription with the management groups above it,
// nearest first.
type subscription struct {
	id, name string
	above    []string
}

var (
	connectivity = subscription{guid("sub/connectivity"), "Contoso Connectivity", []string{"connectivity", "platform", "contoso"}}
	management   = subscription{guid("sub/management"), "Contoso Shared Services", []string{"management", "platform", "contoso"}}
	production   = subscription{guid("sub/production"), "Contoso Production", []string{"online", "landingzones", "contoso"}}
	corporate    = subscription{guid("sub/corporate"), "Contoso Data and HR", []string{"corp", "landingzones", "contoso"}}
	development  = subscription{guid("sub/development"), "Contoso Development", []string{"sandbox", "contoso"}}

	subscriptions = []subscription{connectivity, management, production, corporate, development}
)

// managementGroups lists name, display name and parent, parents first.
var managementGroups = [][3]string{
	{"contoso", "Contoso", ""},
	{"platform", "Platform", "contoso"},
	{"connectivity", "Connectivity", "platform"},
	{"management", "Management", "platform"},
	{"landingzones", "Landing zones", "contoso"},
	{"corp", "Corp", "landingzones"},
	{"online", "Online", "landingzones"},
	{"sandbox", "Sandbox", "contoso"},
}

func (s subscription) scope() string { return "/subscriptions/" + s.id }

func managementGroup(name string) string {
	return "/providers/Microsoft.Management/managementGroups/" + name
}

// place is where Azure resources stand: a resource group with its habits.
type place struct {
	sub                     subscription
	group, region           string
	app, owner, environment string // tags; an empty one is not set
}

var (
	hubNetwork   = place{connectivity, "rg-hub-network", "westeurope", "network", "network-team@contoso.com", "production"}
	jump         = place{connectivity, "rg-jump", "westeurope", "administration", "network-team@contoso.com", "production"}
	coreServices = place{management, "rg-core-services", "westeurope", "platform", "platform-team@contoso.com", "production"}
	buildSystem  = place{management, "rg-build-system", "westeurope", "build", "build-team@contoso.com", "production"}
	prodNetwork  = place{production, "rg-network-prod", "westeurope", "network", "network-team@contoso.com", "production"}
	webshop      = place{production, "rg-webshop-prod", "westeurope", "webshop", "webshop-team@contoso.com", "production"}
	payments     = place{production, "rg-payments-prod", "westeurope", "payments", "payments-team@contoso.com", "production"}
	marketing    = place{production, "rg-marketing", "northeurope", "marketing", "", "production"}
	dataNetwork  = place{corporate, "rg-network-data", "westeurope", "network", "network-team@contoso.com", "production"}
	dataLake     = place{corporate, "rg-datalake-prod", "westeurope", "datalake", "data-team@contoso.com", "production"}
	hrPortal     = place{corporate, "rg-hrportal-prod", "westeurope", "hrportal", "hr-systems@contoso.com", "production"}
	devNetwork   = place{development, "rg-network-dev", "northeurope", "network", "", "development"}
	webshopDev   = place{development, "rg-webshop-dev", "northeurope", "webshop", "webshop-team@contoso.com", "development"}
	paymentsDev  = place{development, "rg-payments-dev", "northeurope", "payments", "payments-team@contoso.com", "development"}
	playground   = place{development, "rg-playground", "northeurope", "", "", ""}

	places = []place{
		hubNetwork, jump, coreServices, buildSystem, prodNetwork, webshop, payments, marketing,
		dataNetwork, dataLake, hrPortal, devNetwork, webshopDev, paymentsDev, playground,
	}
)

func (p place) scope() string { return p.sub.scope() + "/resourceGroups/" + p.group }

func (p place) tags() object {
	return object{
		{"application", text(p.app)},
		{"environment", text(p.environment)},
		{"owner", text(p.owner)},
	}
}

// id gives the resource id for a type such as Microsoft.Sql/servers/databases
// and the names of its segments, such as sql-1/db-1.
func (p place) id(kind, name string) string { return armID(p.scope(), kind, name) }

func armID(scope, kind, name string) string {
	parts, names := strings.Split(kind, "/"), strings.Split(name, "/")
	var b strings.Builder
	b.WriteString(scope + "/providers/" + parts[0])
	for i, n := range names {
		b.WriteString("/" + parts[i+1] + "/" + n)
	}
	return b.String()
}

// put adds a resource of a resource group that has a location and tags, and
// gives its id. Root members other than the usual ones come in root.
func (e *estate) put(p place, kind, name string, root, properties object) string {
	id := p.id(kind, name)
	body := object{
		{"id", id},
		{"name", lastName(name)},
		{"type", kind},
		{"location", p.region},
		{"tags", p.tags()},
	}
	e.azure = append(e.azure, append(append(body, root...), member{"properties", properties}))
	return id
}

// child adds a resource below another one, below a subscription or a resource
// group: without location and tags of its own.
func (e *estate) child(scope, kind, name string, properties object) string {
	return e.childWith(scope, kind, name, nil, properties)
}

func (e *estate) childWith(scope, kind, name string, root, properties object) string {
	id := armID(scope, kind, name)
	body := object{{"id", id}, {"name", lastName(name)}, {"type", kind}}
	e.azure = append(e.azure, append(append(body, root...), member{"properties", properties}))
	return id
}

func lastName(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// ref is how bodies name another resource.
func ref(id string) object { return object{{"id", id}} }

func refs(ids ...string) list {
	out := list{}
	for _, id := range ids {
		out = append(out, ref(id))
	}
	return out
}

func (e *estate) addAzure() {
	e.addAzureScopes()
	e.addRoles()
	e.addAccess()
	e.addIdentities()
	e.addNetworks()
	e.addGateways()
	e.addMachinesOfAzure()
	e.addScaleSets()
	e.addStorage()
	e.addVaults()
	e.addSQL()
	e.addPostgreSQL()
	e.addDocumentsAndQueues()
	e.addSites()
	e.addContainers()
	e.addServices()
	e.addMonitoring()
	e.addNetworkWatchers()
	e.addDefender()
	e.addPrivateEndpoints()
}

func (e *estate) addAzureScopes() {
	e.scope(tenant, "", "tenant", "Contoso")
	e.scope(managementGroup(tenant), tenant, "managementGroup", "Tenant Root Group")
	for _, g := range managementGroups {
		e.addManagementGroup(g[0], g[1], g[2])
	}
	for _, s := range subscriptions {
		e.addSubscription(s)
	}
	all := append([]place{}, places...)
	for _, s := range subscriptions {
		all = append(all, watcherPlace(s))
	}
	for _, p := range all {
		e.scope(p.scope(), p.sub.scope(), "resourceGroup", p.group)
		e.azure = append(e.azure, object{
			{"id", p.scope()},
			{"name", p.group},
			{"type", "Microsoft.Resources/subscriptions/resourceGroups"},
			{"location", p.region},
			{"tags", p.tags()},
			{"properties", object{{"provisioningState", "Succeeded"}}},
		})
	}
}

func (e *estate) addManagementGroup(name, shown, parent string) {
	if parent == "" {
		parent = tenant
	}
	above := managementGroup(parent)
	e.scope(managementGroup(name), above, "managementGroup", shown)
	e.azure = append(e.azure, object{
		{"id", managementGroup(name)},
		{"name", name},
		{"type", kindManagementGroup},
		{"properties", object{
			{"tenantId", tenant},
			{"displayName", shown},
			{"details", object{{"parent", object{{"id", above}, {"name", parent}}}}},
		}},
	})
}

func (e *estate) addSubscription(s subscription) {
	e.scope(s.scope(), managementGroup(s.above[0]), "subscription", s.name)
	chain := list{}
	for _, name := range append(append([]string{}, s.above...), tenant) {
		chain = append(chain, object{{"displayName", shownName(name)}, {"name", name}})
	}
	e.azure = append(e.azure, object{
		{"id", s.scope()},
		{"name", s.name},
		{"type", "Microsoft.Resources/subscriptions"},
		{"tags", object{{"owner", "platform-team@contoso.com"}}},
		{"properties", object{
			{"managementGroupAncestorsChain", chain},
			{"state", "Enabled"},
			{"subscriptionPolicies", object{
				{"spendingLimit", "Off"},
				{"quotaId", "EnterpriseAgreement_2014-09-01"},
				{"locationPlacementId", "Public_2014-09-01"},
			}},
		}},
	})
}

func shownName(group string) string {
	for _, g := range managementGroups {
		if g[0] == group {
			return g[1]
		}
	}
	return "Tenant Root Group"
}
