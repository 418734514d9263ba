package contoso

const kindVault = "Microsoft.KeyVault/vaults"

// vaultRow is one key vault. Letters in good: r roles instead of access
// policies, s soft delete, p purge protection, n networks denied by default, o
// no public network at all.
type vaultRow struct {
	at         place
	name, good string
	denied     bool // its body could not be read
}

var vaultRows = []vaultRow{
	{payments, "kv-payments-prod", "rspno", false},
	{webshop, "kv-webshop-prod", "rspn", false},
	{hrPortal, "kv-hrportal-prod", "spno", false},
	{dataLake, "kv-datalake-prod", "rs", false},
	{buildSystem, "kv-build", "s", false},
	{coreServices, "kv-core-services", "rspn", false},
	{marketing, "kv-campaigns", "", false},
	// In development the reader may see that there are vaults, and no more.
	{webshopDev, "kv-webshop-dev", "", true},
	{paymentsDev, "kv-payments-dev", "", true},
}

// vaultItemRow is one key or secret; its value is of course not here.
type vaultItemRow struct {
	at                   place
	vault, kind, name    string
	expires              int // seconds since 1970, 0 for never
	keyKind              string
	bits                 int
	rotated, contentType string
}

const (
	inOneYear  = 1798761600 // 2027-01-01
	inTwoYears = 1830297600 // 2028-01-01
)

var vaultItemRows = []vaultItemRow{
	{payments, "kv-payments-prod", "keys", "disk-encryption", inTwoYears, "RSA-HSM", 4096, "P1Y", ""},
	{payments, "kv-payments-prod", "keys", "storage-encryption", inTwoYears, "RSA", 3072, "P1Y", ""},
	{payments, "kv-payments-prod", "keys", "card-tokens", inOneYear, "EC", 0, "P90D", ""},
	{payments, "kv-payments-prod", "secrets", "acquirer-api-key", inOneYear, "", 0, "", "text/plain"},
	{webshop, "kv-webshop-prod", "keys", "session-signing", inOneYear, "RSA", 2048, "", ""},
	{webshop, "kv-webshop-prod", "keys", "session-signing-2023", 0, "RSA", 2048, "", ""},
	{webshop, "kv-webshop-prod", "secrets", "search-connection", inOneYear, "", 0, "", "text/plain"},
	{webshop, "kv-webshop-prod", "secrets", "newsletter-token", 0, "", 0, "", "text/plain"},
	{hrPortal, "kv-hrportal-prod", "keys", "document-encryption", 0, "RSA", 2048, "", ""},
	{hrPortal, "kv-hrportal-prod", "secrets", "payroll-password", 0, "", 0, "", ""},
	{dataLake, "kv-datalake-prod", "keys", "lake-encryption", inTwoYears, "RSA", 3072, "P1Y", ""},
	{buildSystem, "kv-build", "keys", "code-signing", 0, "RSA", 1024, "", ""},
	{buildSystem, "kv-build", "secrets", "package-feed-token", 0, "", 0, "", ""},
	{coreServices, "kv-core-services", "secrets", "automation-webhook", inOneYear, "", 0, "", "text/plain"},
}

func (e *estate) addVaults() {
	for _, v := range vaultRows {
		e.addVault(v)
	}
	for _, i := range vaultItemRows {
		e.child(i.at.scope(), kindVault+"/"+i.kind, i.vault+"/"+i.name, i.properties())
	}
	for _, c := range certificateRows {
		e.child(c.at.scope(), kindVault+"/certificates", c.vault+"/"+c.name, c.properties())
	}
}

// certificateRow is one certificate in a vault: who signs it and for how many
// months.
type certificateRow struct {
	at          place
	vault, name string
	subject     string
	issuer      string
	months      int
}

var certificateRows = []certificateRow{
	{payments, "kv-payments-prod", "payments-contoso-com", "CN=payments.contoso.com", "DigiCert", 12},
	{webshop, "kv-webshop-prod", "shop-contoso-com", "CN=shop.contoso.com", "DigiCert", 12},
	{hrPortal, "kv-hrportal-prod", "payslip-signing", "CN=Contoso HR", "Self", 36},
	{buildSystem, "kv-build", "drivers", "CN=Contoso build", "Self", 120}, // nobody wanted to think of it again
}

func (c certificateRow) properties() object {
	at := "https://" + c.vault + ".vault.azure.net/"
	version := c.name + "/" + digest("certificate/"+c.name, 32)
	const made = 1773187200 // 2026-03-11
	return object{
		{"id", at + "certificates/" + version},
		{"kid", at + "keys/" + version},
		{"sid", at + "secrets/" + version},
		{"attributes", object{
			{"enabled", true},
			{"nbf", made},
			{"exp", made + c.months*2629800},
			{"created", made},
			{"updated", made},
			{"recoveryLevel", "Recoverable+Purgeable"},
		}},
		{"policy", object{
			{"id", at + "certificates/" + c.name + "/policy"},
			{"key_props", object{{"exportable", c.issuer == "Self"}, {"kty", "RSA"}, {"key_size", 3072}, {"reuse_key", false}}},
			{"x509_props", object{{"subject", c.subject}, {"validity_months", c.months}}},
			{"issuer", object{{"name", c.issuer}}},
		}},
	}
}

func (e *estate) addVault(v vaultRow) {
	if v.denied {
		e.azure = append(e.azure, object{
			{"id", v.at.id(kindVault, v.name)},
			{"name", v.name},
			{"type", kindVault},
			{"location", v.at.region},
			{"tags", v.at.tags()},
		})
		return
	}
	is := func(letter byte) bool { return hasLetter(v.good, letter) }
	policies := list{}
	if !is('r') {
		policies = append(policies, object{
			{"tenantId", tenant},
			{"objectId", guid("group/" + v.at.app + "-team")},
			{"permissions", object{{"keys", words("all")}, {"secrets", words("get", "list", "set")}, {"certificates", list{}}}},
		})
	}
	e.put(v.at, kindVault, v.name, nil, object{
		{"provisioningState", "Succeeded"},
		{"tenantId", tenant},
		{"sku", object{{"family", "A"}, {"name", choose(v.at.app == "payments", "premium", "standard")}}},
		{"vaultUri", "https://" + v.name + ".vault.azure.net/"},
		{"enableRbacAuthorization", is('r')},
		{"accessPolicies", policies},
		{"enableSoftDelete", is('s')},
		{"softDeleteRetentionInDays", when(is('s'), 90)},
		{"enablePurgeProtection", when(is('p'), true)},
		{"enabledForDeployment", false},
		{"enabledForDiskEncryption", v.at.app == "payments"},
		{"publicNetworkAccess", choose(is('o'), "Disabled", "Enabled")},
		{"networkAcls", object{
			{"bypass", "AzureServices"},
			{"defaultAction", choose(is('n'), "Deny", "Allow")},
			{"ipRules", list{}},
			{"virtualNetworkRules", list{}},
		}},
		{"privateEndpointConnections", endpointConnections(v.at.id(kindVault, v.name))},
	})
}

func (i vaultItemRow) properties() object {
	var expiry any = absent{}
	if i.expires != 0 {
		expiry = i.expires
	}
	common := object{{"attributes", object{
		{"enabled", true},
		{"created", 1735689600},
		{"updated", 1735689600},
		{"exp", expiry},
		{"recoveryLevel", when(i.kind == "keys", "Recoverable+Purgeable")},
	}}}
	if i.kind == "secrets" {
		return common.with(
			member{"contentType", text(i.contentType)},
			member{"secretUri", "https://" + i.vault + ".vault.azure.net/secrets/" + i.name},
		)
	}
	return common.with(
		member{"kty", i.keyKind},
		member{"keySize", when(i.bits != 0, i.bits)},
		member{"curveName", when(i.keyKind == "EC", "P-256")},
		member{"keyUri", "https://" + i.vault + ".vault.azure.net/keys/" + i.name},
		member{"rotationPolicy", when(i.rotated != "", object{
			{"attributes", object{{"expiryTime", "P2Y"}}},
			{"lifetimeActions", list{object{
				{"trigger", object{{"timeAfterCreate", i.rotated}}},
				{"action", object{{"type", "Rotate"}}},
			}}},
		})},
	)
}
