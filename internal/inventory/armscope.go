package inventory

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

const managementGroupPrefix = "/providers/Microsoft.Management/managementGroups/"

// armScope tells the scopes that a resource is or names, and reports whether
// the resource is itself a scope.
func (d *Decoder) armScope(v *fastjson.Value, a armID, kind string) bool {
	switch len(kind) {
	case len(groupType):
		return strings.EqualFold(kind, groupType)
	case len(subscriptionType):
		if strings.EqualFold(kind, subscriptionType) && a.subscription > 0 {
			d.subscription(v, a)
			return true
		}
	case len(managementGroupType):
		if strings.EqualFold(kind, managementGroupType) {
			d.managementGroup(v, a)
			return true
		}
	}
	return false
}

// subscription tells a subscription, from a GET, a list or a row of Resource
// Graph's resourcecontainers.
func (d *Decoder) subscription(v *fastjson.Value, a armID) {
	tenant := d.tenant(v)
	name := text(d.f.displayName)
	if name == "" && !strings.EqualFold(text(d.f.name), a.last()) {
		name = text(d.f.name)
	}
	unit := a.id[:a.subscription]
	if !a.canonical {
		unit, _ = d.canonical(a)
	}
	parent := d.chain(v.GetArray("properties", "managementGroupAncestorsChain"), tenant)
	d.scope(posture.Scope{ID: unit, Parent: orElse(parent, tenant), Kind: posture.Unit, Name: name, Cloud: posture.Azure, Named: posture.NameRecorded})
}

// managementGroup tells a management group and what stands above it.
func (d *Decoder) managementGroup(v *fastjson.Value, a armID) {
	tenant := d.tenant(v)
	name := textAt(v, "properties", "displayName")
	if name == "" {
		name = text(d.f.displayName)
	}
	details := v.Get("properties", "details")
	parent := d.chain(details.GetArray("managementGroupAncestorsChain"), tenant)
	if direct := details.Get("parent"); isObject(direct) {
		if id := textAt(direct, "id"); id != "" {
			parent = id
		} else if id := textAt(direct, "name"); id != "" {
			parent = managementGroupPrefix + id
		}
	}
	d.scope(posture.Scope{
		ID: managementGroupPrefix + a.last(), Parent: orElse(parent, tenant), Kind: posture.Folder, Name: name,
		Cloud: posture.Azure, Named: posture.NameRecorded,
	})
	for _, child := range v.GetArray("properties", "children") {
		d.child(child, managementGroupPrefix+a.last())
	}
}

// child tells a child of an expanded management group, and its own.
func (d *Decoder) child(v *fastjson.Value, parent string) {
	id := textAt(v, "id")
	kind := posture.Folder
	if prefixFold(id, subscriptionsPrefix) {
		kind = posture.Unit
	} else if !prefixFold(id, managementGroupPrefix) {
		return
	}
	d.scope(posture.Scope{ID: id, Parent: parent, Kind: kind, Name: textAt(v, "displayName"), Cloud: posture.Azure, Named: posture.NameDerived})
	for _, below := range v.GetArray("children") {
		d.child(below, id)
	}
}

// chain tells the management groups of a chain that begins with the nearest,
// and gives the nearest's id.
func (d *Decoder) chain(groups []*fastjson.Value, tenant string) string {
	above := tenant
	for i := len(groups) - 1; i >= 0; i-- {
		name := textAt(groups[i], "name")
		if name == "" {
			continue
		}
		id := managementGroupPrefix + name
		d.scope(posture.Scope{
			ID: id, Parent: above, Kind: posture.Folder, Name: textAt(groups[i], "displayName"), Cloud: posture.Azure,
			Named: posture.NameDerived,
		})
		above = id
	}
	if above == tenant {
		return ""
	}
	return above
}

// tenant tells the tenant that the record names, and gives its id.
func (d *Decoder) tenant(v *fastjson.Value) string {
	id := text(d.f.tenantID)
	if id == "" {
		id = textAt(v, "properties", "tenantId")
	}
	if id != "" {
		d.scope(posture.Scope{ID: id, Kind: posture.Tenant, Cloud: posture.Azure})
	}
	return id
}

// azureAccount tells a subscription of az account list, which is no resource.
func (d *Decoder) azureAccount(v *fastjson.Value) {
	d.shapes[shapeAzureAccount]++
	d.scope(posture.Scope{
		ID: subscriptionsPrefix + strings.ToLower(text(d.f.id)), Parent: d.tenant(v), Kind: posture.Unit,
		Name: text(d.f.name), Cloud: posture.Azure, Named: posture.NameRecorded,
	})
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
