package inventory

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// organizations takes what the Organizations API says about an organisation,
// a root, an organisational unit or an account: scopes, no resources. The
// lists do not name a parent, so all but the organisation stand directly
// below it until another source says more.
func (d *Decoder) organizations(v *fastjson.Value) bool {
	for _, key := range [...]string{"Organization", "Account", "OrganizationalUnit"} {
		if inside := v.Get(key); isObject(inside) {
			return d.organizationsPart(inside)
		}
	}
	return d.organizationsPart(v)
}

func (d *Decoder) organizationsPart(v *fastjson.Value) bool {
	id, arn := textAt(v, "Id"), textAt(v, "Arn")
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "organizations" || id == "" {
		return false
	}
	path := strings.Split(parts[5], "/")
	if len(path) < 2 {
		return false
	}
	s := posture.Scope{ID: id, Parent: path[1], Name: textAt(v, "Name"), Cloud: posture.AWS, Named: posture.NameRecorded}
	switch path[0] {
	case "organization":
		s.Parent, s.Kind = "", posture.Tenant
	case "root", "ou":
		s.Kind = posture.Folder
	case "account":
		s.Kind = posture.Unit
	default:
		return false
	}
	d.shapes[shapeOrganizations]++
	d.scope(s)
	return true
}
