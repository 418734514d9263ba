package contoso

const kindStorage = "Microsoft.Storage/storageAccounts"

// storageRow is one storage account. Letters in good say what is in order:
// h secure transfer, t TLS 1.2, p no anonymous blobs, k no shared key, n
// networks denied by default, o no public network at all, c customer's key,
// i infrastructure encryption, v versions kept, s soft delete.
type storageRow struct {
	at     place
	name   string
	kind   string
	sku    string
	good   string
	subnet [2]string // a network rule for this subnet
	unset  bool      // made long ago: several properties are not in the body at all
}

var storageRows = []storageRow{
	{at: webshop, name: "stcontososhopprod", kind: "StorageV2", sku: "Standard_GRS", good: "htpknvs", subnet: [2]string{"vnet-prod-weu", "snet-web"}},
	// Public on purpose, says marketing; the invoices that someone left there are not.
	{at: marketing, name: "stcontosocampaigns", kind: "StorageV2", sku: "Standard_LRS", good: "ht"},
	{at: payments, name: "stcontosopayments", kind: "StorageV2", sku: "Standard_ZRS", good: "htpknocivs"},
	{at: dataLake, name: "stcontosolakeprod", kind: "StorageV2", sku: "Standard_GRS", good: "htpknos"},
	{at: dataLake, name: "stcontosolakeraw", kind: "StorageV2", sku: "Standard_LRS", good: "hp"},
	{at: hrPortal, name: "stcontosohrdocs", kind: "StorageV2", sku: "Standard_GRS", good: "htpnvs", subnet: [2]string{"vnet-data-weu", "snet-lake"}},
	{at: hrPortal, name: "stcontosohrarchive", kind: "Storage", sku: "Standard_LRS", unset: true},
	{at: coreServices, name: "stcontosologs", kind: "StorageV2", sku: "Standard_GRS", good: "htpknvs"},
	{at: coreServices, name: "stcontosodiag", kind: "StorageV2", sku: "Standard_LRS", good: "hpt"},
	{at: buildSystem, name: "stcontosobuild", kind: "StorageV2", sku: "Standard_LRS", good: "htps"},
	{at: webshopDev, name: "stcontososhopdev", kind: "StorageV2", sku: "Standard_LRS", good: "h"},
	{at: playground, name: "stcontosoplayground", kind: "StorageV2", sku: "Standard_LRS"},
}

func (s storageRow) is(letter byte) bool { return hasLetter(s.good, letter) }

func hasLetter(letters string, letter byte) bool {
	for i := range len(letters) {
		if letters[i] == letter {
			return true
		}
	}
	return false
}

func (e *estate) addStorage() {
	for _, s := range storageRows {
		e.put(s.at, kindStorage, s.name, object{
			{"kind", s.kind},
			{"sku", object{{"name", s.sku}, {"tier", "Standard"}}},
			{"identity", when(s.is('c'), identity(s.name, "id-payments"))},
		}, s.properties())
		e.addBlobService(s)
	}
}

func (s storageRow) properties() object {
	common := object{
		{"provisioningState", "Succeeded"},
		{"primaryLocation", s.at.region},
		{"primaryEndpoints", object{{"blob", "https://" + s.name + ".blob.core.windows.net/"}}},
		{"encryption", s.encryption()},
		{"supportsHttpsTrafficOnly", s.is('h')},
	}
	if s.unset {
		return common
	}
	return common.with(
		member{"minimumTlsVersion", choose(s.is('t'), "TLS1_2", "TLS1_0")},
		member{"allowBlobPublicAccess", !s.is('p')},
		member{"allowSharedKeyAccess", !s.is('k')},
		member{"allowCrossTenantReplication", !s.is('k')},
		member{"publicNetworkAccess", choose(s.is('o'), "Disabled", "Enabled")},
		member{"isHnsEnabled", s.at.group == dataLake.group},
		member{"networkAcls", s.networkRules()},
		member{"privateEndpointConnections", endpointConnections(s.at.id(kindStorage, s.name))},
	)
}

func (s storageRow) encryption() object {
	services := object{
		{"blob", object{{"enabled", true}, {"keyType", "Account"}}},
		{"file", object{{"enabled", true}, {"keyType", "Account"}}},
	}
	if !s.is('c') {
		return object{{"services", services}, {"keySource", "Microsoft.Storage"}}
	}
	return object{
		{"services", services},
		{"requireInfrastructureEncryption", s.is('i')},
		{"keySource", "Microsoft.Keyvault"},
		{"keyvaultproperties", object{
			{"keyname", "storage-encryption"},
			{"keyvaulturi", "https://kv-payments-prod.vault.azure.net"},
		}},
	}
}

func (s storageRow) networkRules() object {
	rules := list{}
	if s.subnet[0] != "" {
		rules = append(rules, object{{"id", subnetID(s.subnet[0], s.subnet[1])}, {"action", "Allow"}, {"state", "Succeeded"}})
	}
	ips := list{}
	if s.name == "stcontosologs" {
		ips = append(ips, object{{"value", "203.0.113.0/28"}, {"action", "Allow"}})
	}
	return object{
		{"bypass", "AzureServices"},
		{"virtualNetworkRules", rules},
		{"ipRules", ips},
		{"defaultAction", choose(s.is('n'), "Deny", "Allow")},
	}
}

func (e *estate) addBlobService(s storageRow) {
	e.child(s.at.scope(), kindStorage+"/blobServices", s.name+"/default", object{
		{"deleteRetentionPolicy", object{{"enabled", s.is('s')}, {"days", when(s.is('s'), 14)}}},
		{"containerDeleteRetentionPolicy", object{{"enabled", s.is('s')}, {"days", when(s.is('s'), 14)}}},
		{"isVersioningEnabled", s.is('v')},
		{"changeFeed", when(s.is('v'), object{{"enabled", true}})},
		{"cors", object{{"corsRules", list{}}}},
	})
}
