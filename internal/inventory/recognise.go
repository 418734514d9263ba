package inventory

import (
	"strings"

	"github.com/valyala/fastjson"
)

// object recognises a record.
func (d *Decoder) object(v *fastjson.Value) {
	f := &d.f
	*f = fields{}
	v.GetObject().Visit(d.visit)
	switch {
	case f.twice(v) != "":
		d.now.Records++
		d.reject("key %q occurs twice", f.twice(v))
	case f.isARM():
		d.now.Records++
		d.arm(v)
	case f.marker != nil:
		d.now.Records++
		d.own(v)
	case f.wrapped() != nil:
		d.page(v)
		d.unwrap(f.wrapped())
	case d.clashes(v):
	case isObject(f.asset):
		d.temporal = temporalOf(f)
		d.object(f.asset)
		d.temporal = temporal{}
	case isObject(f.configItem):
		d.object(f.configItem)
	default:
		d.now.Records++
		d.other(v)
	}
}

// other recognises the records that are not in Azure Resource Manager's shape.
func (d *Decoder) other(v *fastjson.Value) {
	f := &d.f
	kind := text(f.typ)
	switch {
	case f.assetType != nil && f.name != nil || f.isPolicyResult():
		d.asset(v)
	case f.typeName != nil && f.description != nil:
		d.cloudControl(text(f.typeName), f.description)
	case d.chunk.wrap.typeName != "" && f.identifier != nil:
		d.cloudControl(d.chunk.wrap.typeName, v)
	case f.isConfigItem():
		d.configItem(v)
	case strings.Contains(kind, "::") && text(f.id) != "":
		d.cloudFormation(v)
	case strings.EqualFold(kind, "machine"):
		d.machine(v)
	case f.isHierarchy():
		d.hierarchy(v)
	case f.isAzureAccount():
		d.azureAccount(v)
	case d.organizations(v):
	case strings.Contains(kind, "/") && text(f.id) != "":
		d.armOf(v, text(f.id))
	case isOther(f.id):
		d.reject("id is %s, want a string", kindOf(f.id))
	case isOther(f.typ):
		d.reject("type is %s, want a string", kindOf(f.typ))
	case f.resourceType != nil && f.resourceID != nil:
		d.reject("not a shape that is known: resourceType %q is none of AWS Config's, want one such as AWS::S3::Bucket", text(f.resourceType))
	default:
		d.reject("not a shape that is known: %s", keysOf(v))
	}
}

// isOther reports whether v is there and no string.
func isOther(v *fastjson.Value) bool { return present(v) && v.Type() != fastjson.TypeString }

// unwrap takes the records of an answer that came as one record itself.
func (d *Decoder) unwrap(list *fastjson.Value) {
	if !isArray(list) {
		d.reject("a list of records that is a %s, want an array", list.Type())
		return
	}
	d.size = 0
	outer := d.chunk.wrap
	inner := wrapper{container: outer.container, typeName: text(d.f.typeName), query: d.f.query || outer.query}
	if isObject(d.f.data) {
		inner.columns = columnNames(d.f.data.Get("columns"))
	}
	d.chunk.wrap = &inner
	for _, item := range list.GetArray() {
		d.value(item)
	}
	d.chunk.wrap = outer
}
