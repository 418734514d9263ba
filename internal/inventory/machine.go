package inventory

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

const machineType = "machine"

// machine takes a server outside the clouds' inventories, in our own shape.
func (d *Decoder) machine(v *fastjson.Value) {
	f := &d.f
	id := text(f.id)
	if id == "" {
		d.reject("machine without id")
		return
	}
	var check factCheck
	check.object(machineTypes(), v, "")
	name := orElse(text(f.name), lastOf(id))
	group := orElse(text(f.group), "machines")
	d.scratch = append(append(d.scratch[:0], "machines/"...), group...)
	unit := d.intern(d.scratch)
	d.res = Resource{
		ID: id, Type: machineType, Name: name, Cloud: posture.Machine, Unit: unit, Location: text(f.location),
		Whole: isObject(f.properties) && f.properties.GetObject().Len()+len(check.paths) > 0, Body: d.machineBody(v, name),
		Broken: check.paths,
	}
	if len(check.paths) > 0 {
		d.spoil("machine %q: %s", id, strings.Join(check.wrong, "; "))
	}
	if unit != d.unit {
		d.unit = unit
		d.scope(posture.Scope{ID: unit, Kind: posture.Unit, Name: group, Cloud: posture.Machine, Named: posture.NameDerived})
	}
	d.emit(shapeMachine)
}

// machineBody completes the record in place: it has the shape already.
func (d *Decoder) machineBody(v *fastjson.Value, name string) *fastjson.Value {
	if text(d.f.typ) != machineType {
		v.Set("type", d.string(machineType))
	}
	if text(d.f.name) == "" {
		v.Set("name", d.string(name))
	}
	if !isObject(d.f.tags) {
		v.Set("tags", d.tagObject(d.f.tags))
	}
	if !isObject(d.f.properties) {
		v.Set("properties", d.arena.NewObject())
	}
	return v
}
