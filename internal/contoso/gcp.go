package contoso

import "slices"

// project is one Google Cloud project with the folder above it.
type project struct {
	id, number, folder string
}

const (
	googleOrganisation = "organizations/481516234299"
	folderProduction   = "folders/481500000011"
	folderShared       = "folders/481500000022"
	belgium            = "europe-west1"
)

var (
	gcpShop      = project{"contoso-shop-prod", "481500001001", folderProduction}
	gcpAnalytics = project{"contoso-analytics-prod", "481500001002", folderProduction}
	gcpBuild     = project{"contoso-build", "481500001003", folderShared}

	projects = []project{gcpShop, gcpAnalytics, gcpBuild}
)

// asset is one Google Cloud resource as Cloud Asset Inventory exports it.
type asset struct {
	name, kind string
	in         project
	place      string // zone, region, multi-region or global
	data       object
	bindings   list // of its IAM policy; nil: it has none
	above      list // ancestors, nearest first, where it is not a project's resource
	audit      list // audit configurations of its IAM policy
}

func (a asset) ancestors() list {
	if a.above != nil {
		return a.above
	}
	return words("projects/"+a.in.number, a.in.folder, googleOrganisation)
}

// head and tail are the same in every export.
func (a asset) head() object {
	return object{{"name", a.name}, {"assetType", a.kind}}
}

func (a asset) tail() []member {
	return []member{{"ancestors", a.ancestors()}, {"updateTime", "2026-11-18T12:00:00Z"}}
}

func (a asset) resource() member {
	parent := "//cloudresourcemanager.googleapis.com/projects/" + a.in.number
	if a.above != nil {
		parent = ""
	}
	return member{"resource", object{
		{"version", "v1"},
		{"discoveryName", lastName(a.kind)},
		{"parent", text(parent)},
		{"data", a.data},
		{"location", text(a.place)},
	}}
}

func (a asset) policy() member {
	return member{"iamPolicy", object{{"version", 1}, {"bindings", a.bindings}, {"auditConfigs", when(a.audit != nil, a.audit)}}}
}

// line gives the asset with both contents at once.
func (a asset) line() object {
	out := a.head().with(a.resource())
	if a.bindings != nil {
		out = out.with(a.policy())
	}
	return out.with(a.tail()...)
}

// governed are the kinds whose IAM policies were asked for as well: without
// bindings they have an empty one.
var governed = []string{
	"cloudresourcemanager.googleapis.com/Organization", "cloudresourcemanager.googleapis.com/Folder",
	"cloudresourcemanager.googleapis.com/Project", "iam.googleapis.com/ServiceAccount",
	"storage.googleapis.com/Bucket", "cloudkms.googleapis.com/CryptoKey", "bigquery.googleapis.com/Dataset",
}

// inGCP adds an asset. The policies of the build project's buckets could not
// be read.
func (e *estate) inGCP(a asset) {
	if a.kind == "storage.googleapis.com/Bucket" && a.in.id == gcpBuild.id {
		a.bindings = nil
	} else if a.bindings == nil && slices.Contains(governed, a.kind) {
		a.bindings = list{}
	}
	e.gcp = append(e.gcp, a)
}

// bind gives a role to members.
func bind(role string, members ...string) object {
	return object{{"role", role}, {"members", words(members...)}}
}

func (e *estate) addGCP() {
	e.addGCPScopes()
	e.addAccounts()
	e.addGCPNetworks()
	e.addGCPInstances()
	e.addGCPStorage()
	e.addGCPDatabases()
	e.addGCPClusters()
	e.addGCPLogging()
}

func (e *estate) addGCPScopes() {
	e.scope(googleOrganisation, "", "organization", "contoso.com on Google Cloud")
	e.inGCP(asset{
		name: "//cloudresourcemanager.googleapis.com/" + googleOrganisation, kind: "cloudresourcemanager.googleapis.com/Organization",
		above: words(googleOrganisation), place: "global",
		data: object{{"name", googleOrganisation}, {"displayName", "contoso.com"}, {"state", "ACTIVE"}},
		bindings: list{
			bind("roles/resourcemanager.organizationAdmin", "group:cloud-admins@contoso.com"),
			bind("roles/viewer", "group:security@contoso.com"),
		},
	})
	for _, f := range [][2]string{{folderProduction, "Production"}, {folderShared, "Shared"}} {
		e.scope(f[0], googleOrganisation, "folder", f[1])
		e.inGCP(asset{
			name: "//cloudresourcemanager.googleapis.com/" + f[0], kind: "cloudresourcemanager.googleapis.com/Folder",
			above: words(f[0], googleOrganisation), place: "global",
			data: object{{"name", f[0]}, {"parent", googleOrganisation}, {"displayName", f[1]}, {"state", "ACTIVE"}},
		})
	}
	for _, p := range projects {
		e.scope("projects/"+p.id, p.folder, "project", p.id)
		e.addProject(p)
	}
}

// projectRoles are the bindings of each project's IAM policy.
var projectRoles = map[string][]object{
	gcpShop.id: {
		bind("roles/viewer", "group:security@contoso.com"),
		bind("roles/container.developer", "group:webshop-team@contoso.com"),
		bind("roles/cloudsql.client", "serviceAccount:shop-web@contoso-shop-prod.iam.gserviceaccount.com"),
	},
	gcpAnalytics.id: {
		bind("roles/editor", "serviceAccount:481500001002-compute@developer.gserviceaccount.com"),
		bind("roles/owner", "user:maria.costa@contoso.com"),
		// The loader owns the project: whoever gets its key gets everything.
		bind("roles/owner", "serviceAccount:lake-loader@contoso-analytics-prod.iam.gserviceaccount.com"),
		bind("roles/iam.serviceAccountUser", "group:data-team@contoso.com"),
		bind("roles/cloudkms.admin", "user:maria.costa@contoso.com"),
		bind("roles/cloudkms.cryptoKeyEncrypterDecrypter", "user:maria.costa@contoso.com"),
	},
	gcpBuild.id: {
		bind("roles/cloudbuild.builds.editor", "group:build-team@contoso.com"),
		bind("roles/iam.serviceAccountTokenCreator", "serviceAccount:builder@contoso-build.iam.gserviceaccount.com"),
	},
}

func (e *estate) addProject(p project) {
	bindings := list{}
	for _, b := range projectRoles[p.id] {
		bindings = append(bindings, b)
	}
	var audit list
	if p.id == gcpShop.id {
		audit = list{object{{"service", "allServices"}, {"auditLogConfigs", list{
			object{{"logType", "ADMIN_READ"}}, object{{"logType", "DATA_READ"}}, object{{"logType", "DATA_WRITE"}},
		}}}}
	}
	e.inGCP(asset{
		name: "//cloudresourcemanager.googleapis.com/projects/" + p.number, kind: "cloudresourcemanager.googleapis.com/Project",
		in: p, place: "global", above: words("projects/"+p.number, p.folder, googleOrganisation),
		data: object{
			{"projectNumber", p.number},
			{"projectId", p.id},
			{"name", p.id},
			{"lifecycleState", "ACTIVE"},
			{"parent", object{{"type", "folder"}, {"id", lastName(p.folder)}}},
			{"labels", gcpLabels(p)},
		},
		bindings: bindings,
		audit:    audit,
	})
}

// gcpLabels gives a project's usual labels; values have no @ there.
func gcpLabels(p project) object {
	switch p.id {
	case gcpShop.id:
		return object{{"owner", "webshop-team"}, {"environment", "production"}, {"application", "webshop"}}
	case gcpAnalytics.id:
		return object{{"owner", "data-team"}, {"environment", "production"}, {"application", "datalake"}}
	}
	return object{{"owner", "build-team"}, {"application", "build"}}
}
