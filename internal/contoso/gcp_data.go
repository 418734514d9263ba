package contoso

// gcsRow is one Cloud Storage bucket. Letters in good: u uniform access, p
// public access prevented, v versions, l access logs, k our key, r locked
// retention.
type gcsRow struct {
	in        project
	name      string
	good      string
	everyone  string // role that everyone has
	anyGoogle bool   // anyone with a Google account instead
	logs      bool   // a log sink writes here
}

var gcsRows = []gcsRow{
	{in: gcpShop, name: "contoso-shop-assets", good: "uv", everyone: "roles/storage.objectViewer"},
	{in: gcpShop, name: "contoso-shop-invoices", good: "upvlk"},
	{in: gcpShop, name: "contoso-audit-logs", good: "upvr", logs: true},
	{in: gcpAnalytics, name: "contoso-lake-landing", good: "upl"},
	// The exported logs, readable by anyone with a Google account.
	{in: gcpAnalytics, name: "contoso-lake-logs", logs: true, anyGoogle: true, everyone: "roles/storage.objectViewer"},
	{in: gcpAnalytics, name: "contoso-lake-models", good: "uk"},
	{in: gcpBuild, name: "contoso-build-artifacts", good: "u"},
}

func (e *estate) addGCPStorage() {
	for _, k := range []struct {
		in         project
		ring, name string
		days       int
		open       bool
	}{
		{gcpShop, "shop", "disks", 90, false},
		{gcpShop, "shop", "documents", 90, false},
		{gcpAnalytics, "lake", "models", 365, false},
		{gcpAnalytics, "lake", "partner-exchange", 0, true},
	} {
		e.addCryptoKey(k.in, k.ring, k.name, k.days, k.open)
	}
	for _, b := range gcsRows {
		e.addGCS(b)
	}
}

func keyPath(p project, ring, name string) string {
	return "projects/" + p.id + "/locations/" + belgium + "/keyRings/" + ring + "/cryptoKeys/" + name
}

func (e *estate) addCryptoKey(p project, ring, name string, days int, open bool) {
	bindings := list{bind("roles/cloudkms.cryptoKeyEncrypterDecrypter", "serviceAccount:service-"+p.number+"@gs-project-accounts.iam.gserviceaccount.com")}
	if open {
		bindings = append(bindings, bind("roles/cloudkms.cryptoKeyDecrypter", "allAuthenticatedUsers"))
	}
	var period, next any = absent{}, absent{}
	if days == 90 {
		period, next = "7776000s", "2027-01-10T00:00:00Z"
	} else if days > 0 {
		period, next = "31536000s", "2027-06-01T00:00:00Z"
	}
	e.inGCP(asset{
		name: "//cloudkms.googleapis.com/" + keyPath(p, ring, name), kind: "cloudkms.googleapis.com/CryptoKey", in: p, place: belgium,
		data: object{
			{"name", keyPath(p, ring, name)},
			{"purpose", "ENCRYPT_DECRYPT"},
			{"createTime", "2025-02-01T00:00:00Z"},
			{"rotationPeriod", period},
			{"nextRotationTime", next},
			{"primary", object{{"state", "ENABLED"}, {"protectionLevel", "SOFTWARE"}}},
		},
		bindings: bindings,
	})
}

func (e *estate) addGCS(b gcsRow) {
	is := func(letter byte) bool { return hasLetter(b.good, letter) }
	bindings := list{bind("roles/storage.admin", "group:platform-team@contoso.com")}
	if b.everyone != "" {
		bindings = append(bindings, bind(b.everyone, choose(b.anyGoogle, "allAuthenticatedUsers", "allUsers")))
	}
	if b.logs {
		bindings = append(bindings, bind("roles/storage.objectCreator", sinkWriter(b.in)))
	}
	ring, key := "shop", "documents"
	if b.in.id != gcpShop.id {
		ring, key = "lake", "models"
	}
	e.inGCP(asset{
		name: "//storage.googleapis.com/" + b.name, kind: "storage.googleapis.com/Bucket", in: b.in, place: belgium,
		data: object{
			{"kind", "storage#bucket"},
			{"id", b.name},
			{"name", b.name},
			{"projectNumber", b.in.number},
			{"location", "EUROPE-WEST1"},
			{"storageClass", "STANDARD"},
			{"labels", gcpLabels(b.in)},
			{"iamConfiguration", object{
				{"publicAccessPrevention", choose(is('p'), "enforced", "inherited")},
				{"uniformBucketLevelAccess", object{{"enabled", is('u')}}},
			}},
			{"versioning", object{{"enabled", is('v')}}},
			{"logging", when(is('l'), object{{"logBucket", "contoso-audit-logs"}, {"logObjectPrefix", b.name}})},
			{"encryption", when(is('k'), object{{"defaultKmsKeyName", keyPath(b.in, ring, key)}})},
			{"retentionPolicy", when(is('r'), object{{"retentionPeriod", "34560000"}, {"isLocked", true}})},
		},
		bindings: bindings,
	})
}

// cloudSQLRow is one Cloud SQL instance. Letters in good: p no public address,
// t TLS wanted, b backups, f safe flags.
type cloudSQLRow struct {
	in            project
	name, version string
	good          string
	networks      []string
}

var cloudSQLRows = []cloudSQLRow{
	{gcpShop, "shop-orders", "POSTGRES_16", "ptbf", nil},
	{gcpShop, "shop-catalogue", "MYSQL_8_0", "tbf", []string{"203.0.113.0/28"}},
	{gcpShop, "shop-stock", "SQLSERVER_2022_STANDARD", "ptbf", nil},
	{gcpAnalytics, "campaign-blog", "MYSQL_5_7", "b", []string{"203.0.113.0/28"}},
	{gcpAnalytics, "reports", "POSTGRES_12", "b", []string{"0.0.0.0/0"}},
	{gcpAnalytics, "old-warehouse", "SQLSERVER_2019_STANDARD", "", []string{"198.51.100.0/24"}},
}

// databaseFlags gives each engine's flags with the good and the bad value. Two
// are good everywhere.
func databaseFlags(version string, good bool) list {
	var flags [][3]string
	switch version[0] {
	case 'P':
		flags = [][3]string{
			{"log_connections", "on", "on"},
			{"log_disconnections", "on", "off"},
			{"log_statement", "ddl", "none"},
			{"log_min_messages", "warning", "debug1"},
			{"log_min_error_statement", "error", "panic"},
			{"log_min_duration_statement", "-1", "250"},
		}
	case 'M':
		flags = [][3]string{{"local_infile", "off", "on"}, {"skip_show_database", "on", "off"}}
	default:
		flags = [][3]string{
			{"cross db ownership chaining", "off", "on"},
			{"external scripts enabled", "off", "off"},
			{"contained database authentication", "off", "on"},
			{"remote access", "off", "on"},
		}
	}
	out := list{}
	for _, f := range flags {
		out = append(out, object{{"name", f[0]}, {"value", choose(good, f[1], f[2])}})
	}
	return out
}

func (e *estate) addGCPDatabases() {
	for _, r := range cloudSQLRows {
		e.addCloudSQL(r)
	}
	for _, d := range []struct {
		in   project
		name string
		open string
		key  bool
	}{
		{gcpAnalytics, "sales", "", true},
		{gcpAnalytics, "clickstream", "", false},
		{gcpAnalytics, "open_statistics", "allAuthenticatedUsers", false},
	} {
		e.addDataset(d.in, d.name, d.open, d.key)
	}
}

func (e *estate) addCloudSQL(r cloudSQLRow) {
	is := func(letter byte) bool { return hasLetter(r.good, letter) }
	networks := list{}
	for _, n := range r.networks {
		networks = append(networks, object{{"kind", "sql#aclEntry"}, {"value", n}})
	}
	var private any = absent{}
	if is('p') {
		private = "projects/" + r.in.id + "/global/networks/shop"
	}
	e.inGCP(asset{
		name: "//cloudsql.googleapis.com/projects/" + r.in.id + "/instances/" + r.name, kind: "sqladmin.googleapis.com/Instance", in: r.in, place: belgium,
		data: object{
			{"kind", "sql#instance"},
			{"name", r.name},
			{"project", r.in.id},
			{"region", belgium},
			{"databaseVersion", r.version},
			{"instanceType", "CLOUD_SQL_INSTANCE"},
			{"state", "RUNNABLE"},
			{"settings", object{
				{"tier", "db-custom-2-7680"},
				{"availabilityType", choose(is('p'), "REGIONAL", "ZONAL")},
				{"userLabels", gcpLabels(r.in)},
				{"ipConfiguration", object{
					{"ipv4Enabled", !is('p')},
					{"privateNetwork", private},
					{"requireSsl", is('t')},
					{"sslMode", choose(is('t'), "ENCRYPTED_ONLY", "ALLOW_UNENCRYPTED_AND_ENCRYPTED")},
					{"authorizedNetworks", networks},
				}},
				{"backupConfiguration", object{{"enabled", is('b')}, {"pointInTimeRecoveryEnabled", is('f')}}},
				{"databaseFlags", databaseFlags(r.version, is('f'))},
				{"deletionProtectionEnabled", is('f')},
			}},
		},
	})
}

func (e *estate) addDataset(p project, name, open string, keyed bool) {
	access := list{
		object{{"role", "OWNER"}, {"specialGroup", "projectOwners"}},
		object{{"role", "READER"}, {"specialGroup", "projectReaders"}},
	}
	if open != "" {
		access = append(access, object{{"role", "READER"}, {"specialGroup", open}})
	}
	encryption := when(keyed, object{{"kmsKeyName", keyPath(p, "lake", "models")}})
	path := "//bigquery.googleapis.com/projects/" + p.id + "/datasets/" + name
	e.inGCP(asset{
		name: path, kind: "bigquery.googleapis.com/Dataset", in: p, place: belgium,
		data: object{
			{"id", p.id + ":" + name},
			{"datasetReference", object{{"projectId", p.id}, {"datasetId", name}}},
			{"location", belgium},
			{"access", access},
			{"labels", gcpLabels(p)},
			{"defaultEncryptionConfiguration", encryption},
		},
	})
	e.inGCP(asset{
		name: path + "/tables/daily", kind: "bigquery.googleapis.com/Table", in: p, place: belgium,
		data: object{
			{"id", p.id + ":" + name + ".daily"},
			{"tableReference", object{{"projectId", p.id}, {"datasetId", name}, {"tableId", "daily"}}},
			{"type", "TABLE"},
			{"encryptionConfiguration", encryption},
		},
	})
}
