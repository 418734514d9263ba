package contoso

const (
	kindAppConfig  = "Microsoft.AppConfiguration/configurationStores"
	kindDatabricks = "Microsoft.Databricks/workspaces"
	kindLearning   = "Microsoft.MachineLearningServices/workspaces"
	kindFabric     = "Microsoft.ServiceFabric/clusters"
	kindSignalR    = "Microsoft.SignalRService/SignalR"
	kindSynapse    = "Microsoft.Synapse/workspaces"
	kindManagedSQL = "Microsoft.Sql/managedInstances"
)

// addServices adds services of which Contoso has one or two each: the better
// one in production, the other made to try something.
func (e *estate) addServices() {
	e.addAppConfig(webshop, "appcs-webshop", "standard")
	e.addAppConfig(webshopDev, "appcs-webshop-dev", "standard")
	e.addAppConfig(playground, "appcs-playground", "free")
	e.addSignalR(webshop, "sigr-shop-live", "Premium_P1")
	e.addSignalR(webshopDev, "sigr-shop-dev", "Standard_S1")
	e.addDatabricks(dataLake, "dbw-datalake-prod", true)
	e.addDatabricks(playground, "dbw-experiments", false)
	e.addLearning(dataLake, "mlw-forecast-prod", true)
	e.addLearning(playground, "mlw-experiments", false)
	e.addFabric(webshop, "sf-pricing", true)
	e.addFabric(webshopDev, "sf-pricing-dev", false)
	e.addSynapse(dataLake, "syn-datalake-prod", true)
	e.addSynapse(dataLake, "syn-reports-trial", false)
	e.addManagedSQL(hrPortal, "sqlmi-payroll-prod", true)
	// Moved as it was from Stockholm; the reports reach it through its public end.
	e.addManagedSQL(dataLake, "sqlmi-old-warehouse", false)
}

func (e *estate) addAppConfig(p place, name, tier string) {
	connections := endpointConnections(p.id(kindAppConfig, name))
	private := len(connections) > 0
	e.put(p, kindAppConfig, name, object{{"sku", object{{"name", tier}}}, {"identity", identity(name, choose(private, "system", ""))}}, object{
		{"provisioningState", "Succeeded"},
		{"endpoint", "https://" + name + ".azconfig.io"},
		{"disableLocalAuth", private},
		{"publicNetworkAccess", choose(private, "Disabled", "Enabled")},
		{"enablePurgeProtection", private},
		{"softDeleteRetentionInDays", choiceOf(tier == "free", 0, 7)},
		{"privateEndpointConnections", connections},
	})
}

func (e *estate) addSignalR(p place, name, size string) {
	connections := endpointConnections(p.id(kindSignalR, name))
	private := len(connections) > 0
	e.put(p, kindSignalR, name, object{{"kind", "SignalR"}, {"sku", object{{"name", size}, {"capacity", 1}}}}, object{
		{"provisioningState", "Succeeded"},
		{"hostName", name + ".service.signalr.net"},
		{"publicNetworkAccess", choose(private, "Disabled", "Enabled")},
		{"disableLocalAuth", private},
		{"disableAadAuth", false},
		{"tls", object{{"clientCertEnabled", false}}},
		{"features", list{object{{"flag", "ServiceMode"}, {"value", "Default"}}}},
		{"privateEndpointConnections", connections},
	})
}

func (e *estate) addDatabricks(p place, name string, good bool) {
	value := func(kind string, v any) object { return object{{"type", kind}, {"value", v}} }
	settings := object{{"enableNoPublicIp", value("Bool", good)}}
	if good {
		settings = settings.with(
			member{"customVirtualNetworkId", value("String", dataNetwork.id(kindVNet, "vnet-data-weu"))},
			member{"customPublicSubnetName", value("String", "snet-databricks-host")},
			member{"customPrivateSubnetName", value("String", "snet-databricks-container")},
		)
	}
	e.put(p, kindDatabricks, name, object{{"sku", object{{"name", choose(good, "premium", "standard")}}}}, object{
		{"provisioningState", "Succeeded"},
		{"workspaceId", number("databricks/"+name, 16)},
		{"workspaceUrl", "adb-" + number("databricks/"+name, 16) + ".7.azuredatabricks.net"},
		{"managedResourceGroupId", p.sub.scope() + "/resourceGroups/databricks-rg-" + name},
		{"publicNetworkAccess", choose(good, "Disabled", "Enabled")},
		{"requiredNsgRules", choose(good, "NoAzureDatabricksRules", "AllRules")},
		{"parameters", settings},
		{"privateEndpointConnections", endpointConnections(p.id(kindDatabricks, name))},
	})
}

func (e *estate) addLearning(p place, name string, good bool) {
	e.put(p, kindLearning, name, object{{"kind", "Default"}, {"sku", object{{"name", "Basic"}, {"tier", "Basic"}}}, {"identity", identity(name, "system")}}, object{
		{"provisioningState", "Succeeded"},
		{"friendlyName", name},
		{"workspaceId", guid("learning/" + name)},
		{"publicNetworkAccess", choose(good, "Disabled", "Enabled")},
		{"hbiWorkspace", good},
		{"v1LegacyMode", false},
		{"privateEndpointConnections", endpointConnections(p.id(kindLearning, name))},
	})
	for _, c := range []struct{ name, kind, size string }{
		{"training", "AmlCompute", "Standard_NC6s_v3"},
		{"notebook-1", "ComputeInstance", "Standard_DS3_v2"},
	} {
		e.put(p, kindLearning+"/computes", name+"/"+c.name, nil, object{
			{"computeType", c.kind},
			{"provisioningState", "Succeeded"},
			{"computeLocation", p.region},
			{"disableLocalAuth", good},
			{"isAttachedCompute", false},
			{"properties", object{{"vmSize", c.size}}},
		})
	}
}

func (e *estate) addFabric(p place, name string, good bool) {
	security := list{object{{"name", "ClusterProtectionLevel"}, {"value", choose(good, "EncryptAndSign", "None")}}}
	var directory any = absent{}
	if good {
		directory = object{
			{"tenantId", tenant},
			{"clusterApplication", guid("app/" + name + "-cluster")},
			{"clientApplication", guid("app/" + name + "-client")},
		}
	}
	e.put(p, kindFabric, name, nil, object{
		{"provisioningState", "Succeeded"},
		{"clusterState", "Ready"},
		{"clusterCodeVersion", choose(good, "11.0.2707.1", "9.1.1883.9590")},
		{"managementEndpoint", choose(good, "https://", "http://") + name + "." + p.region + ".cloudapp.azure.com:19080"},
		{"azureActiveDirectory", directory},
		{"fabricSettings", list{
			object{{"name", "ManagementService"}, {"parameters", list{object{{"name", "CleanupUnusedApplicationTypes"}, {"value", "true"}}}}},
			object{{"name", "Security"}, {"parameters", security}},
		}},
		{"reliabilityLevel", choose(good, "Silver", "Bronze")},
		{"upgradeMode", choose(good, "Automatic", "Manual")},
		{"vmImage", "Linux"},
	})
}

func (e *estate) addSynapse(p place, name string, good bool) {
	e.put(p, kindSynapse, name, object{{"identity", identity(name, "system")}}, object{
		{"provisioningState", "Succeeded"},
		{"azureADOnlyAuthentication", good},
		{"sqlAdministratorLogin", "sqladminuser"},
		{"publicNetworkAccess", choose(good, "Disabled", "Enabled")},
		{"trustedServiceBypassEnabled", good},
		{"managedVirtualNetwork", when(good, "default")},
		{"managedResourceGroupName", "synapse-" + name},
		{"defaultDataLakeStorage", object{{"accountUrl", "https://stcontosolakeprod.dfs.core.windows.net"}, {"filesystem", name}}},
		{"workspaceUID", guid("synapse/" + name)},
		{"extraProperties", object{{"WorkspaceType", "Normal"}}},
		{"privateEndpointConnections", list{}},
	})
}

func (e *estate) addManagedSQL(p place, name string, good bool) {
	administrator := object{
		{"administratorType", "ActiveDirectory"},
		{"login", "sql-administrators"},
		{"sid", guid("group/sql-administrators")},
		{"tenantId", tenant},
	}
	e.put(p, kindManagedSQL, name, object{
		{"sku", object{{"name", "GP_Gen5"}, {"tier", "GeneralPurpose"}, {"family", "Gen5"}, {"capacity", 4}}},
		{"identity", identity(name, "system")},
	}, object{
		{"provisioningState", "Succeeded"},
		{"state", "Ready"},
		{"administratorLogin", choose(good, "CloudSA"+digest("login/"+name, 8), "contosomi")},
		{"administrators", when(good, administrator.with(member{"azureADOnlyAuthentication", true}))},
		{"fullyQualifiedDomainName", name + "." + digest("zone/"+name, 12) + ".database.windows.net"},
		{"subnetId", subnetID("vnet-data-weu", "snet-sqlmi")},
		{"licenseType", "LicenseIncluded"},
		{"vCores", 4},
		{"storageSizeInGB", 256},
		{"publicDataEndpointEnabled", !good},
		{"proxyOverride", choose(good, "Redirect", "Proxy")},
		{"minimalTlsVersion", choose(good, "1.2", "1.0")},
		{"zoneRedundant", good},
		{"privateEndpointConnections", list{}},
	})
	under := func(kind, child string, properties object) {
		e.child(p.scope(), kindManagedSQL+"/"+kind, name+"/"+child, properties)
	}
	under("securityAlertPolicies", "Default", object{
		{"state", choose(good, "Enabled", "Disabled")},
		{"disabledAlerts", words()},
		{"emailAddresses", words()},
		{"emailAccountAdmins", good},
		{"retentionDays", 0},
	})
	under("azureADOnlyAuthentications", "Default", object{{"azureADOnlyAuthentication", good}})
	if good {
		under("administrators", "ActiveDirectory", administrator)
	}
}
