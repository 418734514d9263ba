package resourcegraph

import (
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/outline"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// A column of the tables of the inventory: text has a string column's value
// (valid as long as the resource), member names a dynamic column's member of
// the body, head is its number in outlines.
type column struct {
	name   string
	text   func(*decoded) string
	own    bool // text is the resource's own, to be copied
	member string
	head   int
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
	{name: "tenantId", own: true, text: func(d *decoded) string { return d.string("tenantId", outline.TenantID) }},
	{name: "kind", own: true, text: func(d *decoded) string { return d.string("kind", outline.Variant) }},
	{name: "location", text: (*decoded).location},
	{name: "resourceGroup", text: (*decoded).resourceGroup},
	{name: "subscriptionId", text: (*decoded).subscription},
	{name: "managedBy", own: true, text: func(d *decoded) string { return d.string("managedBy", outline.ManagedBy) }},
	{name: "sku", member: "sku", head: outline.SKU},
	{name: "plan", member: "plan", head: outline.Plan},
	{name: "properties", member: "properties", head: outline.Properties},
	{name: "tags", member: "tags", head: outline.Tags},
	{name: "identity", member: "identity", head: outline.Identity},
	{name: "zones", member: "zones", head: outline.Zones},
	{name: "extendedLocation", member: "extendedLocation", head: outline.ExtendedLocation},
	// A column that queries may name, though nobody asks for it often.
	{name: "apiVersion", own: true, text: (*decoded).apiVersion},
	// For queries that name them: unreadColumn, and of the table of resources aliasColumn.
	{name: "unread"},
	{name: "aliases"},
}

// listed is how many of the columns a result has unasked.
var listed = len(columns) - 2

// decoded is a resource while its columns are asked for.
type decoded struct {
	*inventory.Resource
	typed   *typed
	texts   *sharedTexts
	scratch []byte // for JSON of members, which is valid until the next one is asked for
}

// sharedTexts are texts that many resources have, in Resource Graph's
// spelling, so that a million rows hold each of them once.
type sharedTexts struct{ types, locations, groups, units map[string]string }

func newSharedTexts() *sharedTexts {
	return &sharedTexts{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
}

// string is a member of the body that is a text, "" for anything else.
func (d *decoded) string(key string, head int) string {
	if d.Outline == nil {
		return view(memberOf(d.Body, key))
	}
	if b, plain := d.Outline.HeadText(head); plain {
		return text(b)
	}
	if d.Outline.Head(head) == nil {
		return ""
	}
	return view(memberOf(d.Outline.Tree(), key)) // a text with escapes, or none
}

// apiVersion is that which the resource was read with, where the export says so.
func (d *decoded) apiVersion() string {
	if d.Outline != nil {
		return view(memberOf(d.Outline.Tree(), "apiVersion"))
	}
	return view(memberOf(d.Body, "apiVersion"))
}

// memberOf finds a member of a body, in odd case too.
func memberOf(body *fastjson.Value, key string) *fastjson.Value {
	if v := body.Get(key); v != nil {
		return v
	}
	var found *fastjson.Value
	body.GetObject().Visit(func(k []byte, v *fastjson.Value) {
		if len(k) == len(key) && found == nil && strings.EqualFold(string(k), key) {
			found = v
		}
	})
	return found
}

// view is a string value's text, "" for anything else. It is valid as long as the resource.
func view(v *fastjson.Value) string {
	if v == nil || v.Type() != fastjson.TypeString {
		return ""
	}
	return text(v.GetStringBytes())
}

// besides are what Google's exports tell of a resource apart from its data.
var besides = []string{"iamPolicy", "orgPolicy", "accessPolicy"}

// json is the text of a dynamic column, "" where there is none.
func (d *decoded) json(c *column) string {
	if d.Outline != nil {
		return text(d.Outline.Head(c.head))
	}
	v := d.member(c.member)
	if v == nil {
		return ""
	}
	d.scratch = inventory.AppendJSON(d.scratch[:0], v)
	return text(d.scratch)
}

// text is b as a text, as long as b does not change.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// member is a member of the body. Resource Graph has no column for what stands
// beside the properties of a Google resource: it joins them.
func (d *decoded) member(name string) *fastjson.Value {
	v := memberOf(d.Body, name)
	if name != "properties" || d.Cloud != posture.GCP || v == nil || v.Type() != fastjson.TypeObject {
		return v
	}
	for _, key := range besides {
		if more := d.Body.Get(key); more != nil && v.Get(key) == nil {
			v.Set(key, more)
		}
	}
	return v
}

// typeName is the type in lower case.
func (d *decoded) typeName() string { return d.typed.lower }

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

// schema gives a table's columns as the query engine wants them.
func schema(table string) []data.Column {
	all := make([]data.Column, len(columns))
	if table != resources {
		all = all[:aliasColumn]
	}
	for i := range all {
		all[i] = data.Column{Name: columns[i].name, Type: columns[i].typ()}
	}
	return all
}
