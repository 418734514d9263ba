package posture

import (
	"strings"
	"time"
)

// Scope is one node of the tree above resources: "/", a root, a tenant or
// organisation, a management group, OU or folder, a unit, a resource group.
// Ids are written as docs/inventory.md says and compare ignoring case only
// where they are ARM ids.
type Scope struct {
	ID     string
	Parent string // "" when not known
	Kind   ScopeKind
	Name   string
	Cloud  Cloud
	// Named says where the name comes from.
	Named NameSource
}

// NameSource says how much a scope's name is worth where several are told: the
// least wins.
type NameSource uint8

// The sources of names.
const (
	NameStated   NameSource = iota // by a line of a hierarchy
	NameRecorded                   // by the record of the scope itself
	NameDerived                    // from an id, or by what stands below or above
)

// ScopeKind says what a scope is.
type ScopeKind uint8

// The kinds of scopes.
const (
	NoScopeKind ScopeKind = iota
	Tenant                // Entra tenant, AWS or GCP organisation
	Folder                // management group, OU, folder
	Unit                  // subscription, account, project, group of machines: what is scored
	Group                 // Azure resource group
	Root                  // a node of our own above all these: a customer, a company
)

var scopeKindNames = [...]string{"", "tenant", "folder", "unit", "group", "root"}

// String gives the kind's word.
func (k ScopeKind) String() string { return scopeKindNames[k] }

// ParseScopeKind reads a kind's word or the providers' own words for it
// (subscription, account, project, managementGroup, organization, ou, …).
func ParseScopeKind(text string) ScopeKind {
	switch strings.ToLower(text) {
	case "tenant", "organization", "organisation", "root":
		return Tenant
	case "folder", "managementgroup", "ou", "organizationalunit":
		return Folder
	case "unit", "subscription", "account", "project", "machines":
		return Unit
	case "group", "resourcegroup":
		return Group
	}
	return NoScopeKind
}

// KindByID tells what a scope is by the form of its id, NoScopeKind where that does not
// tell.
func KindByID(id string) ScopeKind {
	parts := strings.Split(Fold(id), "/")
	switch {
	case len(parts) > 1 && parts[0] == "" && parts[1] == "subscriptions":
		if len(parts) == 3 {
			return Unit
		}
		return Group // or what stands in one
	case len(parts) == 5 && strings.HasPrefix(Fold(id), "/providers/microsoft.management/managementgroups/"):
		return Folder
	case id == "machines", CloudOfUnit(id) == GCP, CloudOfUnit(id) == AWS, strings.HasPrefix(id, "machines/"):
		return Unit
	case strings.HasPrefix(id, "o-"), strings.HasPrefix(id, "organizations/"):
		return Tenant
	case strings.HasPrefix(id, "ou-"), strings.HasPrefix(id, "folders/"):
		return Folder
	}
	return NoScopeKind
}

// KindOf is what a scope is that is said to be of a kind: what its id says goes before
// that. A tenant and a folder are not told apart by ids alone.
func KindOf(id string, said ScopeKind) ScopeKind {
	is, isAbove := KindByID(id), func(k ScopeKind) bool { return k == Tenant || k == Folder }
	if is == NoScopeKind || isAbove(is) && isAbove(said) {
		return said
	}
	return is
}

// ReadRecord says how far one type, or with Type "*" every type, was read in
// one scope. Without a record the caller's own assumption holds.
type ReadRecord struct {
	Scope     string
	Type      string
	Complete  bool
	StartedAt time.Time
	Gaps      []Gap
}

// Gap is something that a read wanted and did not get. Without ID it is the
// whole type in the scope, without Path the whole body; with [AllOfBody] it is what
// the bodies lack, and no statement about the type.
type Gap struct {
	Reason Reason // Denied, Throttled or Failed; Partial of an id of which no more was told
	Type   string
	ID     string
	Path   string
	Action string // what was asked, such as s3:GetBucketPolicy
	// Body says that it is the whole body of what it names, although it has no
	// path: the one that was given is not understood, or means that.
	Body bool
}

// AllOfBody is the path of all that a body may have.
const AllOfBody = "$"

// IsARM reports whether id is an Azure Resource Manager id, which compares
// ignoring case.
func IsARM(id string) bool {
	return hasPrefixFold(id, "/subscriptions/") || hasPrefixFold(id, "/providers/")
}

// Fold gives the form in which two ids are equal exactly if they name the
// same thing: ARM ids lose their case, all others stay.
func Fold(id string) string {
	if IsARM(id) {
		return strings.ToLower(strings.TrimRight(id, "/"))
	}
	return id
}

// Within reports whether id is scope itself or lies below it by path
// segments. It knows the text of ids only; management groups and folders are
// resolved by whoever holds the tree.
func Within(id, scope string) bool {
	id, scope = Fold(id), Fold(scope)
	if scope == "/" || id == scope {
		return true
	}
	return strings.HasPrefix(id, scope) && len(id) > len(scope) && id[len(scope)] == '/'
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// ProjectOf gives the id of the project of Google that a scope tells by its number, which
// stands below the project among scopes by folded id; else the scope.
func ProjectOf(scopes map[string]Scope, scope string) string {
	s, known := scopes[Fold(scope)]
	if !known || s.Kind != Unit || s.Cloud != GCP {
		return scope
	}
	if above, known := scopes[Fold(s.Parent)]; known && above.Kind == Unit {
		return above.ID
	}
	return scope
}

// CloudOfUnit tells a unit's cloud by the form of its id.
func CloudOfUnit(unit string) Cloud {
	switch {
	case IsARM(unit):
		return Azure
	case strings.HasPrefix(unit, "projects/"):
		return GCP
	case strings.HasPrefix(unit, "machines"):
		return Machine
	case len(unit) == 12 && strings.Trim(unit, "0123456789") == "":
		return AWS
	}
	return NoCloud
}

// CloudOfScope tells the cloud of a unit, or of a scope above units, by the form of
// its id.
func CloudOfScope(id string) Cloud {
	switch {
	case IsARM(id):
		return Azure
	case strings.HasPrefix(id, "o-"), strings.HasPrefix(id, "ou-"), strings.HasPrefix(id, "r-"):
		return AWS
	case strings.HasPrefix(id, "folders/"), strings.HasPrefix(id, "organizations/"):
		return GCP
	}
	return CloudOfUnit(id)
}

// CloudOfType tells a type's cloud, or that of what types begin with.
func CloudOfType(name string) Cloud {
	name = strings.ToLower(name)
	switch {
	case strings.HasPrefix(name, "machine"):
		return Machine
	case strings.HasPrefix(name, "aws::"):
		return AWS
	case strings.Contains(name, ".googleapis.com/"), strings.Contains(name, "k8s.io/"):
		return GCP
	case strings.HasPrefix(name, "microsoft."):
		return Azure
	}
	return NoCloud
}
