package access

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// Right is something that one may do at a scope.
type Right uint8

// The rights.
const (
	See          Right = iota // posture, resources, compliance, queries
	Run                       // import, schedules, run, cancel
	Govern                    // assignments, definitions, standards, exemptions, attestations, disabling
	SeeAudit                  // the audit log of the scope
	ManageAccess              // roles, service principals, tokens of others
	Administer                // at "/" only: users, sign-in, catalogue, settings
)

// Rights are all rights.
var Rights = []Right{See, Run, Govern, SeeAudit, ManageAccess, Administer}

var rightNames = [...]string{"see", "run", "govern", "seeAudit", "manageAccess", "administer"}

// String gives the right's word.
func (r Right) String() string { return rightNames[r] }

var rightWords = [...]string{
	"see what is there", "import and run things", "govern: to assign, exempt, attest and disable", "see the audit log",
	"give and take roles and tokens", "set up the server",
}

// Words says for people what one may do by the right, behind "the right to".
func (r Right) Words() string { return rightWords[r] }

// Role is a set of rights under a name.
type Role uint8

// The roles.
const (
	NoRole Role = iota
	Owner
	Contributor
	SecurityAdmin
	SecurityReader
	Reader
)

// Roles are all roles, those with the most rights first.
var Roles = []Role{Owner, Contributor, SecurityAdmin, SecurityReader, Reader}

var roleNames = [...]string{"", "owner", "contributor", "security-admin", "security-reader", "reader"}

// RoleNames are the words of all roles.
func RoleNames() []string { return append([]string{}, roleNames[1:]...) }

// String gives the role's word.
func (r Role) String() string { return roleNames[r] }

// ParseRole reads a role's word; case does not count.
func ParseRole(text string) (Role, error) {
	for _, r := range Roles {
		if strings.EqualFold(text, r.String()) {
			return r, nil
		}
	}
	return NoRole, Errorf(Invalid, "role %q: want %s%s", text, strings.Join(roleNames[1:], ", "), spelling.Meant(text, roleNames[1:]))
}

// given is which role gives which rights.
var given = map[Role][]Right{
	Owner:          {See, Run, Govern, SeeAudit, ManageAccess, Administer},
	Contributor:    {See, Run},
	SecurityAdmin:  {See, Run, Govern, SeeAudit},
	SecurityReader: {See, SeeAudit},
	Reader:         {See},
}

// Gives reports whether the role gives a right where it is assigned and below.
// [Administer] is a right at "/" only.
func (r Role) Gives(right Right) bool {
	for _, g := range given[r] {
		if g == right {
			return true
		}
	}
	return false
}

// Grant is a role at a scope and below.
type Grant struct {
	Role  Role
	Scope string
}

// RoleAssignment gives a principal a role at a scope and below.
type RoleAssignment struct {
	ID        string
	Principal string // its id
	Role      Role
	Scope     string
}

// Grant is what the assignment gives.
func (a RoleAssignment) Grant() Grant { return Grant{a.Role, a.Scope} }
