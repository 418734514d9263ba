package resourcegraph

import (
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// A column of the tables of the inventory: text has a string column's value
// (valid as long as the resource), member names a dynamic column's member of the body.
type column struct {
	name   string
	text   func(*decoded) string
	own    bool // text is the resource's own, to be copied
	member string
}

func (c *column) typ() data.Type {
	if c.text != nil {
		return data.String
	}
	return data.Dynamic
}

// columns are Resource Graph's, in its order.
var columns = []column{
	{name: "id", own: true, text: func(d *decoded) string { return d.ID }},
	{name: "name", own: true, text: func(d *decoded) string { return d.Name }},
	{name: "type", text: (*decoded).typeName},
	{name: "tenantId", own: true, text: func(d *decoded) string { return d.string("tenantId") }},
	{name: "kind", own: true, text: func(d *decoded) string { return d.string("kind") }},
	{name: "location", text: (*decoded).location},
	{name: "resourceGroup", text: (*decoded).resourceGroup},
	{name: "subscriptionId", text: (*decoded).subscription},
	{name: "managedBy", own: true, text: func(d *decoded) string { return d.string("managedBy") }},
	{name: "sku", member: "sku"},
	{name: "plan", member: "plan"},
	{name: "properties", member: "properties"},
	{name: "tags", member: "tags"},
	{name: "identity", member: "identity"},
	{name: "zones", member: "zones"},
	{name: "extendedLocation", member: "extendedLocation"},
}

// decoded is a resource while its columns are asked for.
type decoded struct {
	*inventory.Resource
	texts *sharedTexts
}

// sharedTexts are texts that many resources have, in Resource Graph's
// spelling, so that a million rows hold each of them once.
type sharedTexts struct{ types, locations, groups, units map[string]string }

func newSharedTexts() *sharedTexts {
	return &sharedTexts{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
}

func (d *decoded) string(key string) string { return view(d.Body.Get(key)) }

// view is a string value's text, "" for anything else. It is valid as long as the resource.
func view(v *fastjson.Value) string {
	if v == nil || v.Type() != fastjson.TypeString {
		return ""
	}
	b := v.GetStringBytes()
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// typeName is the type in lower case.
func (d *decoded) typeName() string { return shared(d.texts.types, d.Type, strings.ToLower) }

// location is in lower case and without spaces: "West Europe" is westeurope.
func (d *decoded) location() string {
	return shared(d.texts.locations, d.Location, func(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "") })
}

// resourceGroup is the group's name in lower case, "" outside Azure.
func (d *decoded) resourceGroup() string {
	return shared(d.texts.groups, d.Group, func(s string) string { return strings.ToLower(lastSegment(s)) })
}

// subscription is the unit: a subscription's GUID, an account's digits, a
// project's id, a group of machines.
func (d *decoded) subscription() string { return shared(d.texts.units, d.Unit, lastSegment) }

func lastSegment(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// mostShared bounds the texts that one worker shares.
const mostShared = 1 << 16

// shared gives the text for s, made once for equal texts.
func shared(known map[string]string, s string, spell func(string) string) string {
	if s == "" {
		return ""
	}
	if spelt, ok := known[s]; ok {
		return spelt
	}
	if len(known) > mostShared {
		clear(known)
	}
	s = strings.Clone(s)
	spelt := spell(s)
	known[s] = spelt
	return spelt
}

// schema gives the columns as the query engine wants them.
func schema() []data.Column {
	all := make([]data.Column, len(columns))
	for i := range columns {
		all[i] = data.Column{Name: columns[i].name, Type: columns[i].typ()}
	}
	return all
}
