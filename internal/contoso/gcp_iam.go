package contoso

// accountRow is one service account; keys are its user-managed keys with the
// day from which each holds.
type accountRow struct {
	in         project
	name, what string
	keys       []string
	grants     []object
	disabled   bool
}

var accountRows = []accountRow{
	{in: gcpShop, name: "shop-web", what: "Web servers of the shop"},
	{in: gcpShop, name: "shop-nodes", what: "Cluster nodes of the shop"},
	{in: gcpShop, name: "payments-sync", what: "Copies payments to the ledger", keys: []string{"2026-10-01T00:00:00Z"}},
	{in: gcpAnalytics, name: "lake-loader", what: "Loads the data lake", keys: []string{"2023-02-14T00:00:00Z", "2024-05-30T00:00:00Z"}, grants: []object{
		bind("roles/iam.serviceAccountTokenCreator", "group:data-team@contoso.com", "domain:contoso.com"),
	}},
	{in: gcpAnalytics, name: "report-viewer", what: "Reads reports"},
	{in: gcpAnalytics, name: "old-importer", what: "Imports of the former warehouse", keys: []string{"2021-11-02T00:00:00Z"}, disabled: true},
	{in: gcpBuild, name: "builder", what: "Builds and deploys", keys: []string{"2025-01-08T00:00:00Z"}},
}

func accountEmail(p project, name string) string {
	return name + "@" + p.id + ".iam.gserviceaccount.com"
}

// defaultAccount is the account that Compute Engine makes by itself.
func defaultAccount(p project) string { return p.number + "-compute@developer.gserviceaccount.com" }

func accountName(p project, email string) string {
	return "//iam.googleapis.com/projects/" + p.id + "/serviceAccounts/" + number("account/"+email, 18)
}

func (e *estate) addAccounts() {
	for _, p := range projects {
		email := defaultAccount(p)
		e.inGCP(asset{
			name: accountName(p, email), kind: "iam.googleapis.com/ServiceAccount", in: p, place: "global",
			data: accountData(p, email, "Compute Engine default service account", p.id == gcpBuild.id),
		})
	}
	for _, a := range accountRows {
		e.addAccount(a)
	}
}

func accountData(p project, email, what string, disabled bool) object {
	return object{
		{"name", "projects/" + p.id + "/serviceAccounts/" + email},
		{"projectId", p.id},
		{"uniqueId", number("account/"+email, 18)},
		{"email", email},
		{"displayName", what},
		{"disabled", when(disabled, true)},
	}
}

func (e *estate) addAccount(a accountRow) {
	email := accountEmail(a.in, a.name)
	var bindings list
	for _, g := range a.grants {
		bindings = append(bindings, g)
	}
	e.inGCP(asset{
		name: accountName(a.in, email), kind: "iam.googleapis.com/ServiceAccount", in: a.in, place: "global",
		data: accountData(a.in, email, a.what, a.disabled), bindings: bindings,
	})
	for _, from := range a.keys {
		id := digest("key/"+email+from, 40)
		e.inGCP(asset{
			name: accountName(a.in, email) + "/keys/" + id, kind: "iam.googleapis.com/ServiceAccountKey", in: a.in, place: "global",
			data: object{
				{"name", "projects/" + a.in.id + "/serviceAccounts/" + email + "/keys/" + id},
				{"keyType", "USER_MANAGED"},
				{"keyOrigin", "GOOGLE_PROVIDED"},
				{"keyAlgorithm", "KEY_ALG_RSA_2048"},
				{"validAfterTime", from},
				{"validBeforeTime", "9999-12-31T23:59:59Z"},
			},
		})
	}
}
