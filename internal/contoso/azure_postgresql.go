package contoso

const kindPostgreSQL = "Microsoft.DBforPostgreSQL/flexibleServers"

// postgresRow is one PostgreSQL flexible server.
type postgresRow struct {
	at      place
	name    string
	version string
	private bool // in a delegated subnet
	entra   bool // Entra sign-in only
	threat  bool // threat protection on
	backup  int  // days
	off     []string
	rules   [][3]string
}

// postgresSettings are the configurations that are wanted to be on.
var postgresSettings = []string{"require_secure_transport", "log_connections", "log_disconnections", "log_checkpoints", "connection_throttle.enable"}

var postgresRows = []postgresRow{
	{at: hrPortal, name: "psql-hrportal-prod", version: "16", private: true, entra: true, threat: true, backup: 35},
	{
		at: webshop, name: "psql-reviews-prod", version: "15", backup: 14,
		off:   []string{"log_disconnections", "connection_throttle.enable"},
		rules: [][3]string{{"AllowAllAzureServicesAndResourcesWithinAzureIps", "0.0.0.0", "0.0.0.0"}},
	},
	{
		at: webshopDev, name: "psql-reviews-dev", version: "12", backup: 7,
		off:   []string{"log_connections", "log_disconnections", "log_checkpoints", "connection_throttle.enable"},
		rules: [][3]string{{"agency", "198.51.100.0", "198.51.100.255"}},
	},
}

func (e *estate) addPostgreSQL() {
	for _, p := range postgresRows {
		e.addPostgres(p)
		for _, setting := range postgresSettings {
			e.addPostgresSetting(p, setting)
		}
		for _, r := range p.rules {
			e.child(p.at.scope(), kindPostgreSQL+"/firewallRules", p.name+"/"+r[0], object{{"startIpAddress", r[1]}, {"endIpAddress", r[2]}})
		}
		e.child(p.at.scope(), kindPostgreSQL+"/advancedThreatProtectionSettings", p.name+"/Default", object{
			{"state", choose(p.threat, "Enabled", "Disabled")},
		})
	}
}

func (e *estate) addPostgres(p postgresRow) {
	network := object{{"publicNetworkAccess", choose(p.private, "Disabled", "Enabled")}}
	if p.private {
		network = network.with(member{"delegatedSubnetResourceId", subnetID("vnet-data-weu", "snet-postgres")})
	}
	e.put(p.at, kindPostgreSQL, p.name, object{
		{"sku", object{{"name", "Standard_D2ds_v5"}, {"tier", "GeneralPurpose"}}},
	}, object{
		{"state", "Ready"},
		{"version", p.version},
		{"administratorLogin", when(!p.entra, "contosopg")},
		{"fullyQualifiedDomainName", p.name + ".postgres.database.azure.com"},
		{"authConfig", object{
			{"activeDirectoryAuth", choose(p.entra, "Enabled", "Disabled")},
			{"passwordAuth", choose(p.entra, "Disabled", "Enabled")},
		}},
		{"network", network},
		{"storage", object{{"storageSizeGB", 128}, {"autoGrow", "Enabled"}}},
		{"backup", object{{"backupRetentionDays", p.backup}, {"geoRedundantBackup", choose(p.backup > 30, "Enabled", "Disabled")}}},
		{"highAvailability", object{{"mode", choose(p.private, "ZoneRedundant", "Disabled")}}},
		{"dataEncryption", object{{"type", "SystemManaged"}}},
	})
}

func (e *estate) addPostgresSetting(p postgresRow, setting string) {
	value := "on"
	for _, off := range p.off {
		if off == setting {
			value = "off"
		}
	}
	e.child(p.at.scope(), kindPostgreSQL+"/configurations", p.name+"/"+setting, object{
		{"value", value},
		{"dataType", "Boolean"},
		{"allowedValues", "on,off"},
		{"source", choose(value == "on", "system-default", "user-override")},
	})
}
