package inventory

import (
	"strings"
	"unsafe"

	"github.com/bartizan-dev/bartizan/internal/outline"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// outlined takes a record that looks like an ARM resource met before, without
// parsing it. False: somebody has to parse it.
func (d *Decoder) outlined(record []byte, line int) bool {
	if d.Outline == nil {
		return false
	}
	o := d.Outline(record)
	if o == nil || o.Head(outline.Marker) != nil || len(o.Head(outline.Properties)) == 0 || o.Head(outline.Properties)[0] != '{' {
		return false
	}
	id, kind := headText(o, outline.ID), headText(o, outline.Type) // "" with escapes in it
	if !posture.IsARM(id) || namesNothing(id) || isContainer(kind) {
		return false
	}
	shape := shapeARM
	if o.Head(outline.ResourceGroup) != nil && o.Head(outline.SubscriptionID) != nil {
		shape = shapeGraph
		clearEmptyHeads(o)
	}
	a := parseARMID(id)
	d.line = line
	d.now.Records++
	d.res = Resource{
		ID: id, Type: kind, Name: a.last(), Cloud: posture.Azure, Location: headText(o, outline.Location), Whole: true, Outline: o,
	}
	d.place(a)
	d.emit(shape)
	return true
}

// isContainer reports whether resources of a type are scopes, or it is no type.
func isContainer(kind string) bool {
	switch len(kind) {
	case 0:
		return true
	case len(groupType), len(otherGroupType), len(subscriptionType), len(managementGroupType):
		return strings.EqualFold(kind, groupType) || strings.EqualFold(kind, otherGroupType) ||
			strings.EqualFold(kind, subscriptionType) || strings.EqualFold(kind, managementGroupType)
	}
	return false
}

// clearEmptyHeads is clearEmpty for outlines.
func clearEmptyHeads(o *outline.Record) {
	for _, head := range [...]int{outline.Variant, outline.ManagedBy, outline.Location} {
		if string(o.Head(head)) == `""` {
			o.Blank(head)
		}
	}
}

// headText is a head's text without a copy, "" if it is no text.
func headText(o *outline.Record, head int) string {
	b, _ := o.HeadText(head)
	return unsafe.String(unsafe.SliceData(b), len(b))
}
