package inventory

import (
	"fmt"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

const (
	// groupType is the one name of the resource group's type here; Azure also
	// says Microsoft.Resources/resourceGroups.
	groupType           = "Microsoft.Resources/subscriptions/resourceGroups"
	otherGroupType      = "Microsoft.Resources/resourceGroups"
	subscriptionType    = "Microsoft.Resources/subscriptions"
	managementGroupType = "Microsoft.Management/managementGroups"
)

// arm takes a resource in Azure Resource Manager's shape. This is the hot
// path: a usual body goes through as it is, without copies.
func (d *Decoder) arm(v *fastjson.Value) {
	id := text(d.f.id)
	if namesNothing(id) {
		d.reject("id %q names nothing", id)
		return
	}
	if isOther(d.f.typ) {
		p := Problem{Reason: fmt.Sprintf("type is %s, want a string", kindOf(d.f.typ))}
		if strings.Contains(strings.ToLower(id), providersSegment) {
			p.Named = strings.Clone(id)
		}
		d.lose(p)
		return
	}
	d.armOf(v, id)
}

// namesNothing reports whether an ARM id is only the beginning of one.
func namesNothing(id string) bool {
	return len(id) == len("/subscriptions/") || len(id) == len("/providers/")
}

func (d *Decoder) armOf(v *fastjson.Value, id string) {
	f := &d.f
	if key, other := f.speltTwice(); key != "" {
		d.reject("key %q occurs twice, as %q too", key, other)
		return
	}
	f.takeOtherCases(v)
	a := parseARMID(id)
	kind := text(f.typ)
	if kind == "" || len(kind) == len(otherGroupType) && strings.EqualFold(kind, otherGroupType) {
		if kind = d.typeOf(v, a, kind); kind == "" {
			d.reject("id %q implies no type, and there is no type", id)
			return
		}
	}
	container := d.armScope(v, a, kind)
	if !container && !f.hasARMBody() {
		d.lose(Problem{Listed: strings.Clone(id), Reason: fmt.Sprintf(
			"resource %q has an id only, none of location, tags, sku, kind, identity, properties", id)})
		return
	}
	graph := f.resourceGroup != nil && f.subscriptionID != nil
	if graph {
		f.clearEmpty(v)
	}
	odd := present(f.properties) && !isObject(f.properties)
	d.res = Resource{
		ID: id, Type: kind, Name: a.last(), Cloud: posture.Azure, Location: text(f.location),
		Whole: isObject(f.properties) || container && f.hasContainerBody() && !odd, Body: v,
	}
	if name := text(f.name); container && name != "" && strings.EqualFold(kind, subscriptionType) {
		d.res.Name = name[strings.LastIndexByte(name, '/')+1:] // its id ends in a GUID
	}
	d.place(a)
	switch {
	case odd:
		d.spoil("properties of %q is %s, want an object; they count as not read", id, kindOf(f.properties))
	case !d.res.Whole:
		d.notice(Flattened(kind, v))
	}
	if graph {
		d.emit(shapeGraph)
		return
	}
	d.emit(shapeARM)
}

// typeOf puts a type into a body that has none, or another name for it.
func (d *Decoder) typeOf(v *fastjson.Value, a armID, kind string) string {
	if kind != "" {
		kind = groupType
	} else if kind = a.deriveType(); kind == "" {
		return ""
	}
	v.Set("type", d.string(kind))
	if d.f.name == nil {
		v.Set("name", d.string(a.last()))
	}
	return kind
}

// hasARMBody reports whether there is anything but the resource's identity.
func (f *fields) hasARMBody() bool {
	return present(f.properties) || present(f.location) || present(f.tags) || present(f.sku) || present(f.kind) ||
		present(f.identity) || present(f.plan) || present(f.zones) || present(f.managedBy) || present(f.extended)
}

// hasContainerBody reports whether a subscription, group or management group
// says anything but its identity. A subscription's GET has no properties.
func (f *fields) hasContainerBody() bool {
	return f.hasARMBody() || present(f.displayName) || present(f.state)
}

// clearEmpty removes what Resource Graph writes as "" for absent.
func (f *fields) clearEmpty(v *fastjson.Value) {
	for _, column := range [...]struct {
		key   string
		value *fastjson.Value
	}{{"kind", f.kind}, {"managedBy", f.managedBy}, {"location", f.location}} {
		if column.value != nil && column.value.Type() == fastjson.TypeString && len(column.value.GetStringBytes()) == 0 {
			v.Del(column.key)
		}
	}
}

// place fills in unit and group and tells their scopes on first sight.
func (d *Decoder) place(a armID) {
	if a.subscription == 0 {
		return
	}
	d.res.Unit, d.res.Group = a.id[:a.subscription], a.id[:a.group]
	if !a.canonical {
		d.res.Unit, d.res.Group = d.canonical(a)
	}
	if d.res.Unit != d.unit {
		d.unit = d.intern([]byte(d.res.Unit))
		d.scope(posture.Scope{ID: d.unit, Kind: posture.Unit, Cloud: posture.Azure})
	}
	if d.res.Group != d.group && d.res.Group != "" {
		if d.groups[d.res.Group] != "" {
			d.group = d.groups[d.res.Group]
			return
		}
		d.group = d.intern([]byte(d.res.Group))
		d.remember(d.group)
		d.scope(posture.Scope{
			ID: d.group, Parent: d.unit, Kind: posture.Group, Name: d.group[strings.LastIndexByte(d.group, '/')+1:],
			Cloud: posture.Azure, Named: posture.NameDerived,
		})
	}
}

// remember notes that a group was told.
func (d *Decoder) remember(group string) {
	if len(d.groups) > 1<<16 {
		clear(d.groups)
	}
	d.groups[group] = group
}

// canonical writes unit and group as scope ids are written.
func (d *Decoder) canonical(a armID) (unit, group string) {
	d.scratch = append(d.scratch[:0], subscriptionsPrefix...)
	for _, c := range []byte(a.id[len(subscriptionsPrefix):a.subscription]) {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		d.scratch = append(d.scratch, c)
	}
	unit = d.intern(d.scratch)
	if a.group > 0 {
		d.scratch = append(d.scratch, groupsSegment...)
		d.scratch = append(d.scratch, a.id[a.subscription+len(groupsSegment):a.group]...)
		group = d.intern(d.scratch)
	}
	return unit, group
}
