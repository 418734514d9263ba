package tenant

// workload is one kind of resource group.
type workload struct {
	weight int
	fill   func(*builder)
}

// workloads says which kinds there are and how often each occurs. They set
// the mix of types; TestMix holds it to bounds.
var workloads = []workload{
	{45, (*builder).fleet},
	{20, (*builder).website},
	{9, (*builder).database},
	{4, (*builder).cluster},
	{6, (*builder).lake},
	{6, (*builder).messaging},
	{4, (*builder).containers},
	{3, (*builder).intelligence},
	{2, (*builder).gateway},
	{3, (*builder).servers},
	{3, (*builder).openDatabase},
	{1, (*builder).desktops},
}

// largestWorkload is more than any workload has.
const largestWorkload = 160

func (b *builder) workload() {
	sum := 0
	for _, w := range workloads {
		sum += w.weight
	}
	at := b.random.IntN(sum)
	for _, w := range workloads {
		if at -= w.weight; at < 0 {
			w.fill(b)
			return
		}
	}
}

// single adds one resource that needs no other.
func (b *builder) single() {
	switch b.random.IntN(4) {
	case 0:
		b.put("Microsoft.Storage/storageAccounts", b.compact("st"+b.app))
	case 1:
		b.put("Microsoft.ManagedIdentity/userAssignedIdentities", b.unique("id-"+b.app))
	case 2:
		b.put("Microsoft.Network/publicIPAddresses", b.unique("pip-"+b.app))
	case 3:
		b.set("diskState", "Unattached", "vm", "")
		b.put("Microsoft.Compute/disks", b.unique("disk-"+b.app))
	}
}

// diagnostics adds diagnostic settings in percent of 100 cases.
func (b *builder) diagnostics(target string, percent int) {
	if b.shared.workspace != "" && b.chance(percent) {
		b.extend(target, "Microsoft.Insights/diagnosticSettings", "to-central")
	}
}

// grant adds a role assignment at a scope.
func (b *builder) grant(scope string) {
	b.set("scope", scope)
	b.extend(scope, "Microsoft.Authorization/roleAssignments", string(appendUUID(nil, b.sixteen())))
}

// linked adds a resource, in percent of 100 cases together with a private
// endpoint of that group for it, and gives the resource's id.
func (b *builder) linked(kind, name, group string, percent int) string {
	zone := b.shared.zones[group]
	if zone == "" || !b.chance(percent) {
		return b.put(kind, name)
	}
	endpointName := b.unique("pe-" + group)
	base := b.prefix + "/resourceGroups/" + b.group + "/providers/Microsoft.Network/"
	endpoint := base + "privateEndpoints/" + endpointName
	nic := base + "networkInterfaces/" + endpointName + ".nic"
	b.set("endpoint", endpoint)
	id := b.put(kind, name)
	b.set("loadBalancer", "", "target", id, "groupId", group, "endpointNic", nic, "vm", "", "publicIP", "")
	b.put("Microsoft.Network/networkInterfaces", endpointName+".nic")
	b.put("Microsoft.Network/privateEndpoints", endpointName)
	b.set("zone", zone)
	b.child(endpoint, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", "default")
	b.set("endpoint", "")
	return id
}

// account adds a storage account with its services.
func (b *builder) account() string {
	id := b.linked("Microsoft.Storage/storageAccounts", b.compact("st"+b.app), "blob", 30)
	blobs := b.child(id, "Microsoft.Storage/storageAccounts/blobServices", "default")
	b.child(id, "Microsoft.Storage/storageAccounts/fileServices", "default")
	for range b.between(0, 2) {
		b.child(blobs, "Microsoft.Storage/storageAccounts/blobServices/containers", b.unique("data"))
	}
	if b.chance(20) {
		b.child(id, "Microsoft.Storage/storageAccounts/managementPolicies", "default")
	}
	b.diagnostics(id, 45)
	b.diagnostics(blobs, 50)
	if b.chance(50) {
		b.grant(id)
	}
	return id
}

// vault adds a key vault with some of its keys and secrets.
func (b *builder) vault() string {
	id := b.linked("Microsoft.KeyVault/vaults", b.compact("kv-"+b.app), "vault", 35)
	if b.chance(40) {
		b.child(id, "Microsoft.KeyVault/vaults/keys", b.unique("key"))
	}
	for range b.between(0, 2) {
		b.child(id, "Microsoft.KeyVault/vaults/secrets", b.unique("secret"))
	}
	b.diagnostics(id, 75)
	b.grant(id)
	return id
}

// insights adds an application's telemetry with the pages drawn over it.
func (b *builder) insights() string {
	id := b.put("Microsoft.Insights/components", b.unique("appi-"+b.app))
	if b.shared.workspace == "" {
		return id
	}
	for range b.between(0, 3) {
		b.put("Microsoft.Insights/scheduledQueryRules", b.unique("query-"+b.app))
	}
	for range b.between(1, 4) {
		b.put("Microsoft.Insights/workbooks", string(appendUUID(nil, b.sixteen())))
	}
	if b.chance(50) {
		b.put("Microsoft.Portal/dashboards", b.unique("dash-"+b.app))
	}
	return id
}

func (b *builder) identity() string {
	id := b.put("Microsoft.ManagedIdentity/userAssignedIdentities", b.unique("id-"+b.app))
	if b.chance(30) {
		b.child(id, "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials", "pipeline")
	}
	return id
}

// alert adds a metric alert on a resource of the given type.
func (b *builder) alert(target, kind string) {
	b.set("target", target, "targetType", kind)
	b.put("Microsoft.Insights/metricAlerts", b.unique("alert-"+b.app))
}
