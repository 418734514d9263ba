package tenant

// website is a plan with its web apps and what they use.
func (b *builder) website() {
	b.begin("app")
	b.guard()
	plan := b.put("Microsoft.Web/serverfarms", b.unique("asp-"+b.app))
	b.set("plan", plan)
	b.insights()
	if b.chance(70) {
		b.vault()
	}
	if b.chance(60) {
		b.account()
	}
	if b.chance(35) {
		b.sqlServer()
	}
	for range b.between(1, 5) {
		b.site()
	}
	if b.chance(30) {
		b.set("target", plan)
		b.put("Microsoft.Insights/autoscalesettings", b.unique("scale-"+b.app))
	}
	if b.chance(15) {
		b.set("target", b.put("Microsoft.AppConfiguration/configurationStores", b.unique("appcs-"+b.app)))
	}
	if b.chance(20) {
		b.diagnostics(b.put("Microsoft.Cache/Redis", b.unique("redis-"+b.app)), 40)
	}
	b.grant(b.prefix + "/resourceGroups/" + b.group)
}

func (b *builder) site() {
	name := b.unique("app-" + b.app)
	id := b.linked("Microsoft.Web/sites", name, "sites", 20)
	b.set("siteName", name)
	b.child(id, "Microsoft.Web/sites/config#web", "web")
	if b.chance(50) {
		b.child(id, "Microsoft.Web/sites/config#logs", "logs")
	}
	if b.chance(40) {
		b.child(id, "Microsoft.Web/sites/config#authsettingsV2", "authsettingsV2")
	}
	for _, door := range []string{"ftp", "scm"} {
		b.child(id, "Microsoft.Web/sites/basicPublishingCredentialsPolicies", door)
	}
	b.child(id, "Microsoft.Web/sites/hostNameBindings", name+".azurewebsites.net")
	if b.chance(18) {
		b.child(id, "Microsoft.Web/sites/slots", "staging")
	}
	b.diagnostics(id, 60)
	if b.chance(25) {
		b.alert(id, "Microsoft.Web/sites")
	}
}

// database is a SQL server in a group of its own.
func (b *builder) database() {
	b.begin("sql")
	b.sqlServer()
	if b.chance(50) {
		b.vault()
	}
	if b.chance(40) {
		b.account()
	}
	if b.chance(25) {
		cosmos := b.linked("Microsoft.DocumentDB/databaseAccounts", b.unique("cosmos-"+b.app), "Sql", 40)
		for range b.between(1, 3) {
			b.child(cosmos, "Microsoft.DocumentDB/databaseAccounts/sqlDatabases", b.unique("db"))
		}
		b.diagnostics(cosmos, 45)
	}
	b.grant(b.prefix + "/resourceGroups/" + b.group)
}

// sqlServer is a server with its policies and databases.
func (b *builder) sqlServer() {
	const server = "Microsoft.Sql/servers"
	id := b.linked(server, b.unique("sql-"+b.app), "sqlServer", 45)
	for kind, percent := range sqlPolicies.all() {
		if b.chance(percent) {
			b.child(id, server+"/"+kind, "Default")
		}
	}
	b.child(id, server+"/encryptionProtector", "current")
	if b.chance(60) {
		b.child(id, server+"/administrators", "ActiveDirectory")
	}
	for range b.between(0, 3) {
		b.child(id, server+"/firewallRules", b.unique("allow"))
	}
	if b.chance(20) {
		b.child(id, server+"/elasticPools", b.unique("pool"))
	}
	for range b.between(1, 5) {
		db := b.child(id, server+"/databases", b.unique("sqldb-"+b.app))
		b.child(db, server+"/databases/transparentDataEncryption", "current")
		if b.chance(50) {
			b.child(db, server+"/databases/backupLongTermRetentionPolicies", "default")
		}
		b.diagnostics(db, 55)
	}
}

// policies is a list of child types with how many of 100 servers have each.
type policies []struct {
	kind    string
	percent int
}

func (p policies) all() func(yield func(string, int) bool) {
	return func(yield func(string, int) bool) {
		for _, x := range p {
			if !yield(x.kind, x.percent) {
				return
			}
		}
	}
}

var sqlPolicies = policies{{"auditingSettings", 90}, {"securityAlertPolicies", 85}, {"vulnerabilityAssessments", 60}}

// cluster is a Kubernetes cluster with its registry and nodes.
func (b *builder) cluster() {
	b.begin("aks")
	b.set("nsg", b.guard())
	registry := b.linked("Microsoft.ContainerRegistry/registries", b.compact("cr"+b.app), "registry", 40)
	b.diagnostics(registry, 40)
	b.set("identity", b.identity())
	id := b.put("Microsoft.ContainerService/managedClusters", b.unique("aks-"+b.app))
	b.diagnostics(id, 55)
	for range b.between(1, 3) {
		b.child(id, "Microsoft.ContainerService/managedClusters/agentPools", b.unique("np"))
		set := b.put("Microsoft.Compute/virtualMachineScaleSets", b.unique("aks-pool-vmss"))
		if b.chance(50) {
			b.child(set, "Microsoft.Compute/virtualMachineScaleSets/extensions", "AzureMonitorLinuxAgent")
		}
	}
	b.set("vm", "", "ipConfiguration", "", "diskState", "Reserved")
	b.set("publicIP", b.put("Microsoft.Network/publicIPAddresses", b.unique("pip-kubernetes")))
	b.put("Microsoft.Network/loadBalancers", b.unique("kubernetes"))
	for range b.between(1, 10) {
		b.put("Microsoft.Compute/disks", b.unique("pvc"))
	}
	b.grant(registry)
	b.grant(id)
	b.alert(id, "Microsoft.ContainerService/managedClusters")
}

// lake is storage with the services that move and read its data.
func (b *builder) lake() {
	b.begin("data")
	for range b.between(1, 4) {
		b.set("target", b.account())
	}
	b.vault()
	factory := b.put("Microsoft.DataFactory/factories", b.unique("adf-"+b.app))
	for range b.between(1, 8) {
		b.child(factory, "Microsoft.DataFactory/factories/linkedservices", b.unique("ls"))
	}
	b.diagnostics(factory, 50)
	if b.chance(40) {
		managed := b.unique("databricks-managed")
		b.set("managedGroup", managed)
		b.put("Microsoft.Databricks/workspaces", b.unique("dbw-"+b.app))
	}
	if b.chance(30) {
		b.set("target", b.account())
		b.put("Microsoft.Synapse/workspaces", b.unique("syn-"+b.app))
	}
	for range b.between(1, 5) {
		b.grant(b.prefix + "/resourceGroups/" + b.group)
	}
}

// messaging is queues, topics, streams and flows.
func (b *builder) messaging() {
	b.begin("msg")
	bus := b.linked("Microsoft.ServiceBus/namespaces", b.unique("sb-"+b.app), "namespace", 20)
	b.child(bus, "Microsoft.ServiceBus/namespaces/AuthorizationRules", "RootManageSharedAccessKey")
	for range b.between(2, 12) {
		b.child(bus, "Microsoft.ServiceBus/namespaces/queues", b.unique("q"))
	}
	b.diagnostics(bus, 40)
	if b.chance(50) {
		hubs := b.linked("Microsoft.EventHub/namespaces", b.unique("evh-"+b.app), "namespace", 20)
		b.child(hubs, "Microsoft.EventHub/namespaces/AuthorizationRules", "RootManageSharedAccessKey")
		for range b.between(1, 6) {
			b.child(hubs, "Microsoft.EventHub/namespaces/eventhubs", b.unique("stream"))
		}
		b.diagnostics(hubs, 40)
	}
	if b.chance(40) {
		b.put("Microsoft.EventGrid/topics", b.unique("evgt-"+b.app))
		b.set("target", b.account())
		b.put("Microsoft.EventGrid/systemTopics", b.unique("egst-"+b.app))
	}
	for range b.between(0, 5) {
		b.set("connection", b.put("Microsoft.Web/connections", b.unique("office365")))
		b.diagnostics(b.put("Microsoft.Logic/workflows", b.unique("logic-"+b.app)), 30)
	}
}

// containers is a container environment with its apps.
func (b *builder) containers() {
	b.begin("ca")
	b.guard()
	b.set("environment", b.put("Microsoft.App/managedEnvironments", b.unique("cae-"+b.app)))
	for range b.between(1, 9) {
		b.put("Microsoft.App/containerApps", b.unique("ca-"+b.app))
	}
	registry := b.linked("Microsoft.ContainerRegistry/registries", b.compact("cr"+b.app), "registry", 20)
	b.identity()
	b.grant(registry)
	b.insights()
	if b.chance(20) {
		b.diagnostics(b.put("Microsoft.SignalRService/SignalR", b.unique("sigr-"+b.app)), 40)
	}
}

// intelligence is models, search and a machine learning workspace.
func (b *builder) intelligence() {
	b.begin("ai")
	id := b.linked("Microsoft.CognitiveServices/accounts", b.unique("oai-"+b.app), "account", 30)
	for range b.between(1, 4) {
		b.child(id, "Microsoft.CognitiveServices/accounts/deployments", b.unique("model"))
	}
	b.diagnostics(id, 40)
	if b.chance(60) {
		b.diagnostics(b.put("Microsoft.Search/searchServices", b.unique("srch-"+b.app)), 30)
	}
	if b.chance(40) {
		b.set("storage", b.account(), "vault", b.vault(), "insights", b.insights())
		b.put("Microsoft.MachineLearningServices/workspaces", b.unique("mlw-"+b.app))
	}
	b.grant(id)
}

// gateway is what stands before web applications.
func (b *builder) gateway() {
	b.begin("edge")
	b.set("wafPolicy", b.put("Microsoft.Network/applicationGatewayWebApplicationFirewallPolicies", b.unique("waf-"+b.app)))
	b.edge("Microsoft.Network/applicationGateways", "agw", "frontendIPConfigurations/public", 100)
	api := b.put("Microsoft.ApiManagement/service", b.unique("apim-"+b.app))
	for range b.between(2, 15) {
		b.child(api, "Microsoft.ApiManagement/service/apis", b.unique("api"))
	}
	b.diagnostics(api, 50)
	if b.chance(50) {
		profile := b.put("Microsoft.Cdn/profiles", b.unique("afd-"+b.app))
		b.child(profile, "Microsoft.Cdn/profiles/afdEndpoints", b.unique("ep"))
	}
	b.put("Microsoft.Network/applicationSecurityGroups", b.unique("asg-"+b.app))
}

// openDatabase is a PostgreSQL or MySQL server with its settings.
func (b *builder) openDatabase() {
	b.begin("db")
	if b.chance(30) {
		b.diagnostics(b.put("Microsoft.DBforMySQL/flexibleServers", b.unique("mysql-"+b.app)), 40)
		return
	}
	id := b.put("Microsoft.DBforPostgreSQL/flexibleServers", b.unique("psql-"+b.app))
	for _, name := range []string{
		"require_secure_transport", "log_connections", "log_disconnections", "log_checkpoints", "connection_throttle.enable",
		"logfiles.retention_days", "azure.extensions", "pgaudit.log", "ssl_min_protocol_version", "max_connections",
	} {
		b.child(id, "Microsoft.DBforPostgreSQL/flexibleServers/configurations", name)
	}
	b.diagnostics(id, 40)
	b.set("vault", b.vault())
	if b.chance(40) {
		b.put("Microsoft.Compute/diskEncryptionSets", b.unique("des-"+b.app))
	}
}
