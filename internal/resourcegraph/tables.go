package resourcegraph

import (
	"slices"
	"strings"
)

// resources is the table of everything that stands in no other one.
const resources = "resources"

// typesOf names, by table, the types that stand in it: a type, or all whose
// name begins with one that ends in "/".
var typesOf = map[string][]string{
	"resourcecontainers": {
		"microsoft.resources/subscriptions", "microsoft.resources/subscriptions/resourcegroups", "microsoft.management/managementgroups",
	},
	"securityresources":           {"microsoft.security/"},
	"policyresources":             {"microsoft.policyinsights/", "microsoft.authorization/policy"},
	"authorizationresources":      {"microsoft.authorization/role", "microsoft.authorization/classicadministrators"},
	"advisorresources":            {"microsoft.advisor/"},
	"guestconfigurationresources": {"microsoft.guestconfiguration/"},
}

// emptyTables are the tables that Resource Graph has besides and nothing fills here yet.
var emptyTables = []string{"resourcechanges", "resourcecontainerchanges"}

// Tables lists the names of all tables, in order.
func Tables() []string {
	all := append([]string{resources}, emptyTables...)
	for name := range typesOf {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// tableOf says in which table the resources of a type (in lower case) stand.
func tableOf(typeName string) string {
	for name, types := range typesOf {
		if slices.ContainsFunc(types, func(t string) bool { return matches(typeName, t) }) {
			return name
		}
	}
	return resources
}

// matches tells whether a type is t, or begins with it where t is no whole type.
func matches(typeName, t string) bool {
	if strings.Count(t, "/") == 0 || strings.HasSuffix(t, "/") || strings.HasPrefix(t, "microsoft.authorization/") {
		return strings.HasPrefix(typeName, t)
	}
	return typeName == t
}
