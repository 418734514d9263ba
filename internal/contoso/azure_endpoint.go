package contoso

const kindEndpoint = "Microsoft.Network/privateEndpoints"

// endpointRow is one private endpoint: the resource it leads to and its part.
type endpointRow struct {
	at           place
	kind, name   string
	part         string // blob, vault, …
	vnet, subnet string
}

var endpointRows = []endpointRow{
	{payments, kindStorage, "stcontosopayments", "blob", "vnet-prod-weu", "snet-endpoints"},
	{dataLake, kindStorage, "stcontosolakeprod", "dfs", "vnet-data-weu", "snet-endpoints"},
	{payments, kindVault, "kv-payments-prod", "vault", "vnet-prod-weu", "snet-endpoints"},
	{hrPortal, kindVault, "kv-hrportal-prod", "vault", "vnet-data-weu", "snet-endpoints"},
	{payments, kindSQL, "sql-payments-prod", "sqlServer", "vnet-prod-weu", "snet-endpoints"},
	{payments, kindCosmos, "cosmos-ledger", "Sql", "vnet-prod-weu", "snet-endpoints"},
	{buildSystem, kindRegistry, "crcontosobuild", "registry", "vnet-shared-weu", "snet-agents"},
	{webshop, kindRedis, "redis-shop-sessions", "redisCache", "vnet-prod-weu", "snet-endpoints"},
	{webshop, kindAppConfig, "appcs-webshop", "configurationStores", "vnet-prod-weu", "snet-endpoints"},
	{webshop, kindSignalR, "sigr-shop-live", "signalr", "vnet-prod-weu", "snet-endpoints"},
	{dataLake, kindDatabricks, "dbw-datalake-prod", "databricks_ui_api", "vnet-data-weu", "snet-endpoints"},
	{dataLake, kindLearning, "mlw-forecast-prod", "amlworkspace", "vnet-data-weu", "snet-endpoints"},
	{payments, kindEventHubs, "evhns-payments", "namespace", "vnet-prod-weu", "snet-endpoints"},
}

func (r endpointRow) endpoint() string { return r.at.id(kindEndpoint, "pep-"+r.name) }

// addPrivateEndpoints adds the endpoints and, below the resources they lead
// to, their connections.
func (e *estate) addPrivateEndpoints() {
	for _, r := range endpointRows {
		e.put(r.at, kindEndpoint, "pep-"+r.name, nil, object{
			{"provisioningState", "Succeeded"},
			{"subnet", ref(subnetID(r.vnet, r.subnet))},
			{"privateLinkServiceConnections", list{object{{"name", "connection"}, {"properties", object{
				{"privateLinkServiceId", r.at.id(r.kind, r.name)},
				{"groupIds", words(r.part)},
				{"privateLinkServiceConnectionState", approved()},
			}}}}},
		})
		e.child(r.at.scope(), r.kind+"/privateEndpointConnections", r.name+"/connection", r.connection())
	}
}

func (r endpointRow) connection() object {
	return object{
		{"provisioningState", "Succeeded"},
		{"privateEndpoint", ref(r.endpoint())},
		{"privateLinkServiceConnectionState", approved()},
	}
}

func approved() object { return object{{"status", "Approved"}, {"actionsRequired", "None"}} }

// endpointConnections gives what a resource's own body says about its private
// endpoints: an empty list if it has none.
func endpointConnections(target string) list {
	out := list{}
	for _, r := range endpointRows {
		if r.at.id(r.kind, r.name) == target {
			out = append(out, object{{"id", target + "/privateEndpointConnections/connection"}, {"properties", r.connection()}})
		}
	}
	return out
}
