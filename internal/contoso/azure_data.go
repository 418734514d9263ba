package contoso

const (
	kindCosmos    = "Microsoft.DocumentDB/databaseAccounts"
	kindEventHubs = "Microsoft.EventHub/namespaces"
	kindBus       = "Microsoft.ServiceBus/namespaces"
	kindRedis     = "Microsoft.Cache/redis"
)

// cosmosRow is one Cosmos DB account.
type cosmosRow struct {
	at           place
	name         string
	localAuth    bool
	public       bool
	allowed      []string // addresses
	customerKey  bool
	multiRegion  bool
	capabilities []string
}

// hubRow is one namespace of Event Hubs or Service Bus with its parts.
type hubRow struct {
	at                  place
	kind, name          string
	localAuth, public   bool
	tls                 string
	zoneRedundant, trap bool // trap: root key with every right is used by clients
	parts               []string
}

var cosmosRows = []cosmosRow{
	{at: payments, name: "cosmos-ledger", customerKey: true, multiRegion: true},
	{at: webshop, name: "cosmos-baskets", localAuth: true, public: true, allowed: []string{"203.0.113.21"}},
	{at: webshopDev, name: "cosmos-baskets-dev", localAuth: true, public: true, capabilities: []string{"EnableMongo"}},
}

var hubRows = []hubRow{
	{payments, kindEventHubs, "evhns-payments", false, false, "1.2", true, false, []string{"transactions", "refunds"}},
	{dataLake, kindEventHubs, "evhns-clickstream", true, true, "1.0", false, true, []string{"clicks"}},
	{webshop, kindBus, "sb-orders", true, true, "1.2", true, false, []string{"orders", "shipments"}},
	{payments, kindBus, "sb-payments", false, false, "1.2", true, false, []string{"captures"}},
}

func (e *estate) addDocumentsAndQueues() {
	for _, c := range cosmosRows {
		e.addCosmos(c)
	}
	for _, h := range hubRows {
		e.addHub(h)
	}
	e.addRedis(webshop, "redis-shop-sessions", true)
	e.addRedis(webshopDev, "redis-shop-dev", false)
	e.addAssistant()
}

func (e *estate) addCosmos(c cosmosRow) {
	rules, regions, capabilities := list{}, list{region("West Europe", 0)}, list{}
	for _, a := range c.allowed {
		rules = append(rules, object{{"ipAddressOrRange", a}})
	}
	if c.multiRegion {
		regions = append(regions, region("North Europe", 1))
	}
	for _, name := range c.capabilities {
		capabilities = append(capabilities, object{{"name", name}})
	}
	mongo := len(c.capabilities) > 0
	e.put(c.at, kindCosmos, c.name, object{{"kind", choose(mongo, "MongoDB", "GlobalDocumentDB")}}, object{
		{"provisioningState", "Succeeded"},
		{"documentEndpoint", "https://" + c.name + ".documents.azure.com:443/"},
		{"databaseAccountOfferType", "Standard"},
		{"publicNetworkAccess", choose(c.public, "Enabled", "Disabled")},
		{"ipRules", rules},
		{"isVirtualNetworkFilterEnabled", false},
		{"virtualNetworkRules", list{}},
		{"disableLocalAuth", !c.localAuth},
		{"disableKeyBasedMetadataWriteAccess", !c.localAuth},
		{"enableAutomaticFailover", c.multiRegion},
		{"minimalTlsVersion", choose(mongo, "Tls", "Tls12")},
		{"keyVaultKeyUri", when(c.customerKey, "https://kv-payments-prod.vault.azure.net/keys/storage-encryption")},
		{"locations", regions},
		{"capabilities", capabilities},
		{"backupPolicy", object{{"type", choose(c.multiRegion, "Continuous", "Periodic")}}},
		{"privateEndpointConnections", endpointConnections(c.at.id(kindCosmos, c.name))},
	})
}

func region(name string, priority int) object {
	return object{{"locationName", name}, {"failoverPriority", priority}, {"isZoneRedundant", priority == 0}}
}

func (e *estate) addHub(h hubRow) {
	e.put(h.at, h.kind, h.name, object{{"sku", object{{"name", choose(h.public, "Standard", "Premium")}, {"tier", choose(h.public, "Standard", "Premium")}, {"capacity", 1}}}}, object{
		{"provisioningState", "Succeeded"},
		{"minimumTlsVersion", h.tls},
		{"publicNetworkAccess", choose(h.public, "Enabled", "Disabled")},
		{"disableLocalAuth", !h.localAuth},
		{"zoneRedundant", h.zoneRedundant},
		{"privateEndpointConnections", endpointConnections(h.at.id(h.kind, h.name))},
	})
	part := choose(h.kind == kindEventHubs, "/eventhubs", "/queues")
	for _, name := range h.parts {
		e.child(h.at.scope(), h.kind+part, h.name+"/"+name, object{
			{"status", "Active"},
			{"partitionCount", when(h.kind == kindEventHubs, 4)},
			{"maxDeliveryCount", when(h.kind == kindBus, 10)},
		})
	}
	rights := words("Listen", "Send")
	if h.trap {
		rights = words("Manage", "Listen", "Send")
	}
	e.child(h.at.scope(), h.kind+"/authorizationRules", h.name+"/"+choose(h.trap, "everything", "clients"), object{{"rights", rights}})
}

func (e *estate) addRedis(p place, name string, good bool) {
	e.put(p, kindRedis, name, nil, object{
		{"provisioningState", "Succeeded"},
		{"sku", object{{"name", choose(good, "Premium", "Basic")}, {"family", choose(good, "P", "C")}, {"capacity", 1}}},
		{"redisVersion", choose(good, "6.0", "4.0")},
		{"hostName", name + ".redis.cache.windows.net"},
		{"enableNonSslPort", !good},
		{"minimumTlsVersion", choose(good, "1.2", "1.0")},
		{"publicNetworkAccess", choose(good, "Disabled", "Enabled")},
		{"disableAccessKeyAuthentication", good},
		{"privateEndpointConnections", endpointConnections(p.id(kindRedis, name))},
	})
}

// addAssistant adds the language service behind the shop's assistant.
func (e *estate) addAssistant() {
	const kind = "Microsoft.CognitiveServices/accounts"
	for _, a := range []struct {
		at   place
		name string
		good bool
	}{{webshop, "oai-shop-assistant", true}, {playground, "oai-experiments", false}} {
		e.put(a.at, kind, a.name, object{{"kind", "OpenAI"}, {"sku", object{{"name", "S0"}}}, {"identity", identity(a.name, choose(a.good, "system", ""))}}, object{
			{"provisioningState", "Succeeded"},
			{"customSubDomainName", a.name},
			{"disableLocalAuth", a.good},
			{"publicNetworkAccess", choose(a.good, "Disabled", "Enabled")},
			{"networkAcls", object{{"defaultAction", choose(a.good, "Deny", "Allow")}, {"ipRules", list{}}, {"virtualNetworkRules", list{}}}},
			{"privateEndpointConnections", list{}},
		})
	}
}
