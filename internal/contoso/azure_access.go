package contoso

// The ids of Azure's own roles are the same in every tenant.
const (
	roleOwner       = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	roleContributor = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	roleReader      = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	roleUserAccess  = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
	roleBlobData    = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
	roleVaultUser   = "4633458b-17de-408a-b874-0445c86b69e6"
	roleImagePull   = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
)

// roleRow is one role definition.
type roleRow struct {
	id, name, kind string
	at             string // scope where it is defined, "" for the tenant
	actions        []string
	data           []string
}

var roleRows = []roleRow{
	{roleOwner, "Owner", "BuiltInRole", "", []string{"*"}, nil},
	{roleContributor, "Contributor", "BuiltInRole", "", []string{"*"}, nil},
	{roleReader, "Reader", "BuiltInRole", "", []string{"*/read"}, nil},
	{roleUserAccess, "User Access Administrator", "BuiltInRole", "", []string{"*/read", "Microsoft.Authorization/*"}, nil},
	{
		roleBlobData, "Storage Blob Data Contributor", "BuiltInRole", "",
		[]string{"Microsoft.Storage/storageAccounts/blobServices/containers/read"},
		[]string{
			"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
			"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
		},
	},
	{
		roleVaultUser, "Key Vault Secrets User", "BuiltInRole", "", nil,
		[]string{"Microsoft.KeyVault/vaults/secrets/getSecret/action"},
	},
	{roleImagePull, "AcrPull", "BuiltInRole", "", []string{"Microsoft.ContainerRegistry/registries/pull/read"}, nil},
	{
		guid("role/vm-operator"), "Contoso VM Operator", "CustomRole", production.scope(),
		[]string{"Microsoft.Compute/virtualMachines/read", "Microsoft.Compute/virtualMachines/restart/action"},
		nil,
	},
	// A custom role that can do everything, made in a hurry during a migration.
	{guid("role/migration"), "Contoso Migration", "CustomRole", corporate.scope(), []string{"*"}, nil},
	{guid("role/lock-keeper"), "Contoso Lock Keeper", "CustomRole", management.scope(), []string{"Microsoft.Authorization/locks/*"}, nil},
}

// grantRow gives a role to a principal on a scope.
type grantRow struct {
	scope, role, principal, kind string
}

var grantRows = []grantRow{
	{managementGroup("contoso"), roleReader, "group/security-readers", "Group"},
	{managementGroup("platform"), roleContributor, "group/platform-team", "Group"},
	{connectivity.scope(), roleOwner, "group/platform-owners", "Group"},
	{management.scope(), roleOwner, "group/platform-owners", "Group"},
	{management.scope(), guid("role/lock-keeper"), "group/platform-team", "Group"},
	{production.scope(), roleOwner, "group/platform-owners", "Group"},
	{production.scope(), guid("role/vm-operator"), "group/webshop-team", "Group"},
	{corporate.scope(), roleOwner, "group/platform-owners", "Group"},
	{corporate.scope(), guid("role/migration"), "app/migration-tool", "ServicePrincipal"},
	// Development has more owners than anyone can answer for.
	{development.scope(), roleOwner, "user/erik.holm", "User"},
	{development.scope(), roleOwner, "user/maria.costa", "User"},
	{development.scope(), roleOwner, "user/former-contractor", "User"},
	{development.scope(), roleOwner, "user/guest-agency", "User"},
	{development.scope(), roleUserAccess, "user/maria.costa", "User"},
	{webshop.scope(), roleContributor, "identity/id-webshop", "ServicePrincipal"},
	{payments.scope(), roleReader, "identity/id-payments", "ServicePrincipal"},
	{payments.id("Microsoft.KeyVault/vaults", "kv-payments-prod"), roleVaultUser, "identity/id-payments", "ServicePrincipal"},
	{webshop.id("Microsoft.KeyVault/vaults", "kv-webshop-prod"), roleVaultUser, "identity/id-webshop", "ServicePrincipal"},
	{dataLake.id("Microsoft.Storage/storageAccounts", "stcontosolakeprod"), roleBlobData, "identity/id-datalake", "ServicePrincipal"},
	{buildSystem.id("Microsoft.ContainerRegistry/registries", "crcontosobuild"), roleImagePull, "identity/id-aks-kubelet", "ServicePrincipal"},
	// The build agents may change anything in production: a way from a pull request to the shop.
	{production.scope(), roleContributor, "identity/id-build-agents", "ServicePrincipal"},
	{hrPortal.scope(), roleContributor, "system/vm-hr-app-01", "ServicePrincipal"},
}

const kindAssignment = "Microsoft.Authorization/roleAssignments"

func (g grantRow) name() string { return guid(g.scope + g.role + g.principal) }
func (g grantRow) id() string   { return armID(g.scope, kindAssignment, g.name()) }

func (g grantRow) properties() object {
	return object{
		{"roleDefinitionId", roleID(g.role)},
		{"principalId", guid(g.principal)},
		{"principalType", g.kind},
		{"scope", g.scope},
		{"createdOn", "2025-03-11T09:20:00.0000000Z"},
	}
}

func roleID(id string) string {
	for _, r := range roleRows {
		if r.id == id && r.at != "" {
			return armID(r.at, "Microsoft.Authorization/roleDefinitions", id)
		}
	}
	return "/providers/Microsoft.Authorization/roleDefinitions/" + id
}

// addRoles adds role definitions, assignments and locks.
func (e *estate) addRoles() {
	for _, r := range roleRows {
		e.addRole(r)
	}
	for _, g := range grantRows {
		e.child(g.scope, kindAssignment, g.name(), g.properties())
	}
	for _, l := range []struct{ scope, name, level string }{
		{hubNetwork.scope(), "keep-the-hub", "CanNotDelete"},
		{payments.scope(), "keep-payments", "CanNotDelete"},
		{coreServices.scope(), "keep-core-services", "CanNotDelete"},
	} {
		e.child(l.scope, "Microsoft.Authorization/locks", l.name, object{{"level", l.level}, {"notes", "Ask the platform team first."}})
	}
}

func (e *estate) addRole(r roleRow) {
	assignable := "/"
	if r.at != "" {
		assignable = r.at
	}
	e.azure = append(e.azure, object{
		{"id", roleID(r.id)},
		{"name", r.id},
		{"type", "Microsoft.Authorization/roleDefinitions"},
		{"properties", object{
			{"roleName", r.name},
			{"type", r.kind},
			{"assignableScopes", words(assignable)},
			{"permissions", list{object{
				{"actions", words(r.actions...)},
				{"notActions", when(r.id == roleContributor, words("Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"))},
				{"dataActions", words(r.data...)},
				{"notDataActions", list{}},
			}}},
		}},
	})
}

// identityPlaces says where each user-assigned identity stands.
var identityPlaces = []struct {
	at   place
	name string
}{
	{webshop, "id-webshop"},
	{payments, "id-payments"},
	{dataLake, "id-datalake"},
	{buildSystem, "id-build-agents"},
	{webshop, "id-aks-kubelet"},
	{webshopDev, "id-webshop-dev"},
}

func (e *estate) addIdentities() {
	for _, i := range identityPlaces {
		e.put(i.at, "Microsoft.ManagedIdentity/userAssignedIdentities", i.name, nil, object{
			{"tenantId", tenant},
			{"principalId", guid("identity/" + i.name)},
			{"clientId", guid("client/" + i.name)},
		})
	}
}

// identity gives the identity of a resource: "" for none, "system", or the
// name of a user-assigned one.
func identity(owner, name string) any {
	switch name {
	case "":
		return absent{}
	case "system":
		return object{{"type", "SystemAssigned"}, {"principalId", guid("system/" + owner)}, {"tenantId", tenant}}
	}
	for _, i := range identityPlaces {
		if i.name == name {
			return object{{"type", "UserAssigned"}, {"userAssignedIdentities", object{
				{i.at.id("Microsoft.ManagedIdentity/userAssignedIdentities", name), object{
					{"principalId", guid("identity/" + name)},
					{"clientId", guid("client/" + name)},
				}},
			}}}
		}
	}
	return absent{}
}
