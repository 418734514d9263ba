package resourcegraph

import (
	"slices"
	"strings"
)

// resources is the table of everything that stands in no other one.
const resources = "resources"

// The tables that are computed besides what the inputs have of them.
const (
	containersTable = "resourcecontainers"
	securityTable   = "securityresources"
	policyTable     = "policyresources"
)

// typesOf names, by table, the types that stand in it, in lower case: exactly
// one, or all below one that ends in "/". The tables are those that Resource
// Graph documents. Its page of the query language and its reference of types
// spell some of them differently, and two are misspelt: all spellings stand here.
var typesOf = map[string][]string{
	"advisorresources":          {"microsoft.advisor/"},
	"aksresources":              {"microsoft.containerservice/fleets/"},
	"alertsmanagementresources": {"microsoft.alertsmanagement/alerts"},
	"appserviceresources":       {"microsoft.web/sites/config", "microsoft.web/sites/slots/config", "microsoft.web/sites/workflows"},
	"authorizationresources": {
		"microsoft.authorization/classicadministrators", "microsoft.authorization/roleassignments", "microsoft.authorization/roledefinitions",
	},
	"awsresources":                     {"microsoft.awsconnector/ec2instances", "microsoft.awsconnector/eksclusters"},
	"azurebusinesscontinuityresources": {"microsoft.azurebusinesscontinuity/"},
	"azuredevopsplatformresources":     {"microsoft.azuredevopsplatform/organizations"},
	"batchresources":                   {"microsoft.batch/batchaccounts/pools"},
	"capabilityresources":              {"microsoft.resources/capabilities"},
	"chaosresources":                   {"microsoft.chaos/experiments/", "microsoft.chaos/targets", "microsoft.chaos/targets/"},
	"communitygalleryresources":        {"microsoft.compute/locations/communitygalleries", "microsoft.compute/locations/communitygalleries/"},
	"computeresources": {
		"microsoft.compute/virtualmachinescalesets/virtualmachines", "microsoft.compute/virtualmachinescalesets/virtualmachines/",
	},
	"deploymentresources":            {"microsoft.resources/deploymentstacks"},
	"desktopvirtualizationresources": {"microsoft.desktopvirtualization/hostpools/sessionhosts"},
	"dnsresources":                   {"microsoft.network/dnszones/", "microsoft.network/privatednszones/"},
	"edgeorderresources":             {"microsoft.edgeorder/orders"},
	"elasticsanresources":            {"microsoft.elasticsan/elasticsans", "microsoft.elasticsan/elasticsans/"},
	"extendedlocationresources":      {"microsoft.extendedlocation/customlocations/enabledresourcetypes"},
	"featureresources":               {"microsoft.features/"},
	"guestconfigurationresources":    {"microsoft.guestconfiguration/"},
	"healthresources":                {"microsoft.resourcehealth/availabilitystatuses", "microsoft.resourcehealth/resourceannotations"},
	"impactreportresources":          {"microsoft.impact/"},
	"insightresources":               insights,
	"insightsresources":              insights,
	"iotsecurityresources":           {"microsoft.iotsecurity/", "microsoft.iotfirmwaredefense/firmwaregroups/"},
	"kubernetesconfigurationresources": {
		"microsoft.kubernetesconfiguration/",
	},
	"kustoresources": {"microsoft.kusto/clusters/databases/dataconnections"},
	"maintenanceresources": {
		"microsoft.containerservice/managedclusters/scheduledevents", "microsoft.maintenance/applyupdates",
		"microsoft.maintenance/configurationassignments", "microsoft.maintenance/maintenanceconfigurations/", "microsoft.maintenance/updates",
	},
	"managedserviceresources":  managed,
	"managedservicesresources": managed,
	"migrateresources":         migrated,
	"mirgateresources":         migrated,
	"networkresources": {
		"microsoft.network/effectiveconnectivityconfigurations", "microsoft.network/effectivesecurityadminrules",
		"microsoft.network/firewallpolicies/rulecollectiongroups", "microsoft.network/networkgroupmemberships",
		"microsoft.network/networkmanagerconnections", "microsoft.network/networkmanagers/", "microsoft.network/networksecurityperimeters/",
		"microsoft.network/rulecollectiongroups", "microsoft.network/virtualnetworks/subnets/effectiveroutingrules",
		"microsoft.network/virtualnetworks/subnets/effectivesecurityuserrules",
	},
	"orbitalresources": {"microsoft.orbital/spacecrafts/contacts"},
	"patchassessmentresources": {
		"microsoft.compute/virtualmachines/patchassessmentresults", "microsoft.compute/virtualmachines/patchassessmentresults/",
		"microsoft.connectedvmwarevsphere/virtualmachines/patchassessmentresults", "microsoft.connectedvmwarevsphere/virtualmachines/patchassessmentresults/",
		"microsoft.hybridcompute/machines/patchassessmentresults", "microsoft.hybridcompute/machines/patchassessmentresults/",
	},
	"patchinstallationresources": {
		"microsoft.compute/virtualmachines/patchinstallationresults", "microsoft.compute/virtualmachines/patchinstallationresults/",
		"microsoft.connectedvmwarevsphere/virtualmachines/patchinstallationresults", "microsoft.connectedvmwarevsphere/virtualmachines/patchinstallationresults/",
		"microsoft.hybridcompute/machines/patchinstallationresults", "microsoft.hybridcompute/machines/patchinstallationresults/",
	},
	policyTable: {
		"microsoft.authorization/policyassignments", "microsoft.authorization/policydefinitions", "microsoft.authorization/policydefinitions/",
		"microsoft.authorization/policyenrollments", "microsoft.authorization/policyexemptions",
		"microsoft.authorization/policysetdefinitions", "microsoft.authorization/policysetdefinitions/",
		"microsoft.policyinsights/componentpolicystates", "microsoft.policyinsights/policymetadata", "microsoft.policyinsights/policystates",
	},
	"recoveryservicesresources": {
		"microsoft.dataprotection/backupvaults/", "microsoft.recoveryservices/locations/", "microsoft.recoveryservices/vaults", "microsoft.recoveryservices/vaults/",
	},
	containersTable: {
		subscriptionType, groupType, managementGroupType, "microsoft.management/servicegroups",
		awsAccountType, awsUnitType, awsOrganizationType, gcpProjectType, gcpFolderType, gcpOrganizationType, machineGroupType,
	},
	securityTable: {
		"microsoft.security/apicollections", "microsoft.security/apicollections/", "microsoft.security/assessments", "microsoft.security/assessments/",
		"microsoft.security/attackpaths", "microsoft.security/connectedcontainerregistries", "microsoft.security/cvedetails",
		"microsoft.security/governancerules", "microsoft.security/healthreports", "microsoft.security/insights", "microsoft.security/insights/",
		"microsoft.security/integrations", "microsoft.security/iotalerts", "microsoft.security/locations/", "microsoft.security/pricings",
		"microsoft.security/regulatorycompliancestandards", "microsoft.security/regulatorycompliancestandards/",
		"microsoft.security/securescores", "microsoft.security/securescores/", "microsoft.security/securityconnectors",
		"microsoft.security/securityconnectors/", "microsoft.security/softwareinventories", "microsoft.security/softwareinventory",
		"microsoft.security/standardassignments", "microsoft.security/subassessments",
		"microsoft.authorization/locks/providers/assessments/governanceassignments",
		"microsoft.authorization/roleassignments/providers/assessments/governanceassignments",
	},
	"servicefabricresources": {
		"microsoft.servicefabric/clusters/", "microsoft.servicefabric/managedclusters", "microsoft.servicefabric/managedclusters/",
	},
	"servicehealthresources":   {"microsoft.resourcehealth/events", "microsoft.resourcehealth/events/"},
	"spotresources":            spot,
	"sportresources":           spot,
	"supportresources":         {"microsoft.support/"},
	"tagresources":             tagNames,
	"tagsresources":            tagNames,
	"workloadmonitorresources": {"microsoft.workloadmonitor/"},
}

var (
	migrated = []string{
		"microsoft.migrate/assessmentprojects/", "microsoft.migrate/migrateprojects/waves", "microsoft.migrate/migrateprojects/waves/",
		"microsoft.offazure/hypervsites/", "microsoft.offazure/importsites/", "microsoft.offazure/mastersites/", "microsoft.offazure/serversites/",
		"microsoft.offazure/vmwaresites/", "microsoft.offazurespringboot/springbootsites/",
	}
	insights = []string{"microsoft.insights/datacollectionruleassociations", "microsoft.insights/tenantactiongroups"}
	managed  = []string{"microsoft.managedservices/"}
	tagNames = []string{"microsoft.resources/tagnamespaces", "microsoft.resources/tagnamespaces/"}
	spot     = []string{
		"microsoft.compute/skualternativespotvmsize/location", "microsoft.compute/skuspotevictionrate/location",
		"microsoft.compute/skuspotpricehistory/ostype/location",
	}
)

// emptyTables are tables of changes, which nothing fills yet.
var emptyTables = []string{
	"extensibilityresourcechanges", "healthresourcechanges", "maintenanceresourcechanges", "networkresourcechanges",
	"quotaresourcechanges", "quotaresources", "resourcechanges", "resourcecontainerchanges", "securityresourcechanges",
}

// alsoResources are types that stand in the table of resources besides their own.
var alsoResources = []string{
	"microsoft.elasticsan/elasticsans", "microsoft.recoveryservices/vaults", "microsoft.security/securityconnectors",
	"microsoft.servicefabric/managedclusters",
}

// Tables lists the names of all tables, in order.
func Tables() []string {
	all := append([]string{resources}, emptyTables...)
	for name := range typesOf {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// standsIn says whether the resources of a type (in lower case) stand in a table.
func standsIn(typeName, table string) bool {
	if table != resources {
		return slices.ContainsFunc(typesOf[table], func(t string) bool { return matches(typeName, t) })
	}
	if slices.Contains(alsoResources, typeName) {
		return true
	}
	for _, types := range typesOf {
		if slices.ContainsFunc(types, func(t string) bool { return matches(typeName, t) }) {
			return false
		}
	}
	return true
}

func matches(typeName, t string) bool {
	return typeName == t || strings.HasSuffix(t, "/") && strings.HasPrefix(typeName, t)
}

// abouts say what stands in the tables that are asked most.
var abouts = map[string]string{
	resources:                    "everything that stands in no other table, of all clouds, and machines",
	containersTable:              "subscriptions, resource groups, management groups; accounts, projects, folders, machine groups",
	securityTable:                "every check, secure scores and their controls, standards and their controls",
	policyTable:                  "policy states, definitions, initiatives, assignments, exemptions",
	"authorizationresources":     "role assignments and definitions",
	"advisorresources":           "recommendations of Azure Advisor",
	"recoveryservicesresources":  "backup and site recovery",
	"dnsresources":               "records of DNS zones",
	"patchassessmentresources":   "missing updates of machines",
	"patchinstallationresources": "installed updates of machines",
}

// About says in a few words what stands in a table; "" for one that is not known.
func About(table string) string {
	table = strings.ToLower(table)
	if text := abouts[table]; text != "" {
		return text
	}
	if slices.Contains(emptyTables, table) {
		return "empty"
	}
	types := typesOf[table]
	text := strings.Join(types[:min(2, len(types))], ", ")
	if len(types) > 2 {
		text += ", …"
	}
	return text
}
