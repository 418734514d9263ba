package contoso

const kindSQL = "Microsoft.Sql/servers"

// sqlRow is one SQL server with its databases. Letters in good: t TLS 1.2, o
// no public network, e Entra sign-in only, a auditing, d threat detection, v
// vulnerability assessment, x transparent encryption of all databases.
type sqlRow struct {
	at         place
	name, good string
	databases  []string
	firewall   [][3]string // name, first and last address
}

var sqlRows = []sqlRow{
	{payments, "sql-payments-prod", "toeadvx", []string{"ledger", "settlement"}, nil},
	{webshop, "sql-webshop-prod", "tadx", []string{"catalogue", "orders", "customers"}, [][3]string{
		{"AllowAllWindowsAzureIps", "0.0.0.0", "0.0.0.0"},
	}},
	{hrPortal, "sql-hrportal-prod", "tadv", []string{"people", "payroll"}, [][3]string{
		{"office", "203.0.113.0", "203.0.113.15"},
	}},
	{webshopDev, "sql-webshop-dev", "t", []string{"orders-copy"}, [][3]string{
		{"everyone", "0.0.0.0", "255.255.255.255"},
		{"agency", "198.51.100.10", "198.51.100.10"},
	}},
}

func (e *estate) addSQL() {
	for _, s := range sqlRows {
		e.addSQLServer(s)
		for _, name := range s.databases {
			e.addDatabase(s, name)
		}
		for _, f := range s.firewall {
			e.child(s.at.scope(), kindSQL+"/firewallRules", s.name+"/"+f[0], object{{"startIpAddress", f[1]}, {"endIpAddress", f[2]}})
		}
	}
}

func (s sqlRow) is(letter byte) bool { return hasLetter(s.good, letter) }

func (e *estate) addSQLServer(s sqlRow) {
	entra := s.is('e') || s.is('v')
	administrator := object{
		{"administratorType", "ActiveDirectory"},
		{"principalType", "Group"},
		{"login", "sql-administrators"},
		{"sid", guid("group/sql-administrators")},
		{"tenantId", tenant},
		{"azureADOnlyAuthentication", s.is('e')},
	}
	e.put(s.at, kindSQL, s.name, object{
		{"kind", "v12.0"},
		{"identity", when(s.is('e'), identity(s.name, "system"))},
	}, object{
		{"state", "Ready"},
		{"version", "12.0"},
		{"administratorLogin", when(!s.is('e'), "contososql")},
		{"administrators", when(entra, administrator)},
		{"fullyQualifiedDomainName", s.name + ".database.windows.net"},
		{"minimalTlsVersion", choose(s.is('t'), "1.2", "None")},
		{"publicNetworkAccess", choose(s.is('o'), "Disabled", "Enabled")},
		{"restrictOutboundNetworkAccess", choose(s.is('o'), "Enabled", "Disabled")},
		{"privateEndpointConnections", endpointConnections(s.at.id(kindSQL, s.name))},
	})
	under := func(kind, name string, properties object) {
		e.child(s.at.scope(), kindSQL+"/"+kind, s.name+"/"+name, properties)
	}
	if entra {
		under("administrators", "ActiveDirectory", administrator)
	}
	under("azureADOnlyAuthentications", "Default", object{{"azureADOnlyAuthentication", s.is('e')}})
	on := func(letter byte) string { return choose(s.is(letter), "Enabled", "Disabled") }
	under("auditingSettings", "Default", object{
		{"state", on('a')},
		{"isAzureMonitorTargetEnabled", s.is('a')},
		{"retentionDays", when(s.is('a'), retention(s))},
		{"auditActionsAndGroups", when(s.is('a'), words("SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP", "FAILED_DATABASE_AUTHENTICATION_GROUP", "BATCH_COMPLETED_GROUP"))},
		{"storageEndpoint", when(s.is('a'), "https://stcontosologs.blob.core.windows.net/")},
	})
	under("securityAlertPolicies", "Default", object{
		{"state", on('d')},
		{"emailAccountAdmins", s.is('d')},
		{"emailAddresses", when(s.is('d'), words("security@contoso.com"))},
		{"disabledAlerts", words()},
		{"retentionDays", 0},
	})
	under("vulnerabilityAssessments", "Default", object{
		{"recurringScans", object{{"isEnabled", s.is('v')}, {"emailSubscriptionAdmins", s.is('v')}, {"emails", words()}}},
		{"storageContainerPath", when(s.is('v'), "https://stcontosologs.blob.core.windows.net/vulnerability-assessment/")},
	})
	under("encryptionProtector", "current", object{
		{"serverKeyType", choose(s.is('e'), "AzureKeyVault", "ServiceManaged")},
		{"serverKeyName", choose(s.is('e'), "kv-payments-prod_storage-encryption", "ServiceManaged")},
	})
}

func retention(s sqlRow) int {
	if s.is('v') {
		return 120
	}
	return 30
}

func (e *estate) addDatabase(s sqlRow, name string) {
	full := s.name + "/" + name
	e.put(s.at, kindSQL+"/databases", full, object{
		{"kind", "v12.0,user,vcore"},
		{"sku", object{{"name", "GP_Gen5"}, {"tier", "GeneralPurpose"}, {"capacity", 4}}},
	}, object{
		{"status", "Online"},
		{"collation", "SQL_Latin1_General_CP1_CI_AS"},
		{"maxSizeBytes", 34359738368},
		{"zoneRedundant", s.is('e')},
		{"requestedBackupStorageRedundancy", choose(s.is('a'), "Geo", "Local")},
	})
	encrypted := s.is('x') || name == "people"
	e.child(s.at.scope(), kindSQL+"/databases/transparentDataEncryption", full+"/current", object{
		{"state", choose(encrypted, "Enabled", "Disabled")},
	})
}
