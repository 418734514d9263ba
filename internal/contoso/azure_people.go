package contoso

import (
	"slices"
	"strings"
)

const kindAccess = "Bartizan.Identity/subscriptionAccess"

// personRow is one user of the tenant who holds a role, by himself or through
// a group. Who is not here was deleted.
type personRow struct {
	name, signsIn string
	guest         bool
}

var personRows = []personRow{
	{"anna.lind", "anna.lind@contoso.com", false},
	{"jonas.weber", "jonas.weber@contoso.com", false},
	{"sofia.marques", "sofia.marques@contoso.com", false},
	{"erik.holm", "erik.holm@contoso.com", false},
	{"maria.costa", "maria.costa@contoso.com", false},
	{"guest-agency", "studio_agency.example#EXT#@contoso.onmicrosoft.com", true},
	{"guest-auditor", "audit_auditor.example#EXT#@contoso.onmicrosoft.com", true},
}

// groupMembers says who is in which group, through groups within groups.
var groupMembers = map[string][]string{
	"security-readers": {"anna.lind", "guest-auditor"},
	"platform-team":    {"jonas.weber", "sofia.marques"},
	"platform-owners":  {"anna.lind", "jonas.weber"},
	"webshop-team":     {"erik.holm", "sofia.marques"},
}

// user gives a person as Microsoft Graph does, nil if there is none.
func user(name string) object {
	for _, p := range personRows {
		if p.name == name {
			return object{
				{"id", guid("user/" + name)},
				{"userPrincipalName", p.signsIn},
				{"userType", choose(p.guest, "Guest", "Member")},
				{"accountEnabled", true},
			}
		}
	}
	return nil
}

// addAccess adds, for each subscription, who holds a role on it or above it.
func (e *estate) addAccess() {
	for _, s := range subscriptions {
		scopes := []string{s.scope()}
		for _, name := range s.above {
			scopes = append(scopes, managementGroup(name))
		}
		assignments := list{}
		for _, g := range grantRows {
			if slices.Contains(scopes, g.scope) {
				assignments = append(assignments, g.withPrincipal())
			}
		}
		e.child(s.scope(), kindAccess, "current", object{{"assignments", assignments}})
	}
}

// withPrincipal gives an assignment with its principal, and the users of a
// group. A deleted user has left an assignment without a principal.
func (g grantRow) withPrincipal() object {
	kind, name, _ := strings.Cut(g.principal, "/")
	out := object{{"id", g.id()}, {"name", g.name()}, {"properties", g.properties()}}
	switch kind {
	case "user":
		if found := user(name); found != nil {
			out = out.with(member{"principal", found})
		}
	case "group":
		members := list{}
		for _, m := range groupMembers[name] {
			members = append(members, user(m))
		}
		out = out.with(member{"principal", object{{"id", guid(g.principal)}}}, member{"members", members})
	default:
		out = out.with(member{"principal", object{{"id", guid(g.principal)}}})
	}
	return out
}
