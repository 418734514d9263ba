package inventory

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// policyFields are the policies that stand beside an asset's data.
var policyFields = [...]string{"iamPolicy", "orgPolicy", "accessPolicy"}

// unreadLists holds, for each set of policies that a record carries, one bit a
// field, those that it does not.
var unreadLists = func() (lists [1 << len(policyFields)][]string) {
	for have := range lists {
		for i, field := range policyFields {
			if have&(1<<i) == 0 {
				lists[have] = append(lists[have], field)
			}
		}
	}
	return lists
}()

// unreadOf are the policies that body does not carry, but for broken ones.
func unreadOf(body *fastjson.Value, broken []string) []string {
	have := 0
	for i, field := range policyFields {
		if present(body.Get(field)) || slices.Contains(broken, field) || field == "iamPolicy" && hasAccessList(body) {
			have |= 1 << i
		}
	}
	return unreadLists[have]
}

// hasAccessList reports whether a body is a dataset's that has its access: the same
// list that its policy would be.
func hasAccessList(body *fastjson.Value) bool {
	return textAt(body, "type") == "bigquery.googleapis.com/Dataset" && isArray(body.Get("properties", "access"))
}

// asset takes a record of Cloud Asset Inventory: an exported asset, a line
// {name, assetType, data}, or a result of a search.
func (d *Decoder) asset(v *fastjson.Value) {
	f := &d.f
	a := d.readAsset(v)
	if !strings.HasPrefix(a.name, "//") {
		d.reject("asset %q, want a name as //compute.googleapis.com/projects/…", a.name)
		return
	}
	when := temporalOf(f).within(d.temporal)
	if when.deleted {
		d.res = Resource{ID: a.name, Type: a.kind, Cloud: posture.GCP, Dated: Dated{Of: hashOf(a.name), At: when.at}}
		d.outdated(a.shape)
		return
	}
	broken := d.takePolicies(a.name)
	policies := present(f.iamPolicy) || present(f.orgPolicy) || present(f.accessPolicy) || len(broken) > 0
	if a.unparsed {
		d.spoil("asset %q: its data is no object; what it has is unknown", a.name)
	}
	if a.kind == "" && !isObject(a.data) && !a.unparsed && !policies && !a.found && !present(f.location) {
		d.reject("asset %q has a name only, none of assetType, data, iamPolicy, location, labels", a.name)
		return
	}
	d.res = Resource{
		ID: a.name, Type: a.kind, Name: a.name[strings.LastIndexByte(a.name, '/')+1:], Cloud: posture.GCP,
		Location: a.location, Whole: isObject(a.data), PolicyOnly: !isObject(a.data) && !a.unparsed && policies,
	}
	if a.unparsed {
		d.res.Broken = unparsedBody(isObject(a.labels), a.location != "")
	}
	if when.at != noTime {
		d.res.Dated = Dated{Of: hashOf(a.name), At: when.at, State: d.res.Whole || a.unparsed}
	}
	d.assetScopes(&a)
	d.res.Body = d.assetBody(&a)
	d.res.Broken = append(d.res.Broken, broken...)
	d.res.Unread = unreadOf(d.res.Body, broken)
	d.emit(a.shape)
}

// temporal is of when an asset is: what stands around it in the answers of
// batchGetAssetsHistory and the messages of feeds, or beside its name.
type temporal struct {
	at      int64 // see Dated.At
	deleted bool
	known   bool
}

func temporalOf(f *fields) temporal {
	t := temporal{at: moment(f.window.Get("startTime")), known: true}
	if t.at == noTime {
		t.at = moment(f.window.Get("start_time"))
	}
	if t.at == noTime {
		t.at = moment(f.updateTime)
	}
	t.deleted = f.deleted != nil && f.deleted.Type() == fastjson.TypeTrue
	return t
}

// within joins what an asset says itself with what stands around it, which counts.
func (t temporal) within(around temporal) temporal {
	if around.known && around.at != noTime {
		t.at = around.at
	}
	t.deleted = t.deleted || around.deleted
	return t
}

// asset is what the shapes of assets have in common.
type asset struct {
	name, kind, location string
	data, labels         *fastjson.Value
	parent               string // full resource name or scope id
	found                bool   // a search found it: it has columns beyond its name
	unparsed             bool   // its data is there and cannot be read
	shape                shape
}

func (d *Decoder) readAsset(v *fastjson.Value) asset {
	f := &d.f
	a := asset{name: text(f.name), kind: text(f.assetType), data: d.assetData(f.data), location: text(f.location), shape: shapeAssetPlain}
	switch {
	case f.isPolicyResult():
		a.name, a.shape = text(f.resource), shapeAssetSearch
		f.iamPolicy = f.policy
	case isObject(f.resource):
		a.shape, a.data = shapeAsset, d.assetData(f.resource.Get("data"))
		a.parent = textAt(f.resource, "parent")
		a.location = orElse(textAt(f.resource, "location"), a.location)
	case isObject(a.data):
	case f.project != nil || f.displayName != nil || isObject(v.Get("labels")) || v.Exists("organization"):
		a.shape, a.found, a.labels = shapeAssetSearch, true, v.Get("labels")
	default:
		a.shape = shapeAsset
	}
	a.unparsed = present(a.data) && !isObject(a.data)
	if a.parent == "" {
		a.parent = textAt(v, "parentFullResourceName")
	}
	if a.labels == nil {
		a.labels = labelsOf(a.data)
	}
	if a.location == "" {
		a.location = locationOf(a.name, a.data)
	}
	return a
}

// assetData gives the data of an asset, or what is in it if it is JSON in a text, as
// exports to tables have it.
func (d *Decoder) assetData(v *fastjson.Value) *fastjson.Value {
	if inner, err := d.unquote(v); err == nil {
		return inner
	}
	return v
}

func (d *Decoder) assetBody(a *asset) *fastjson.Value {
	f := &d.f
	body := d.arena.NewObject()
	body.Set("id", d.string(a.name))
	body.Set("type", d.string(a.kind))
	body.Set("name", d.string(d.res.Name))
	if a.location != "" {
		body.Set("location", d.string(a.location))
	}
	if isObject(a.labels) {
		body.Set("tags", a.labels)
	} else {
		body.Set("tags", d.arena.NewObject())
	}
	if isObject(a.data) {
		body.Set("properties", a.data)
	}
	for _, beside := range [...]struct {
		key   string
		value *fastjson.Value
	}{
		{"iamPolicy", f.iamPolicy}, {"orgPolicy", f.orgPolicy}, {"accessPolicy", f.accessPolicy}, {"ancestors", f.ancestors},
	} {
		if present(beside.value) {
			body.Set(beside.key, beside.value)
		}
	}
	return body
}

var (
	labelPaths   = [...][]string{{"labels"}, {"resourceLabels"}, {"userLabels"}, {"settings", "userLabels"}, {"metadata", "labels"}}
	locationKeys = [...]string{"location", "zone", "region"}
)

// labelsOf are the labels inside a body; services name them differently.
func labelsOf(data *fastjson.Value) *fastjson.Value {
	for _, path := range labelPaths {
		if v := data.Get(path...); isObject(v) {
			return v
		}
	}
	return nil
}

// locationOf finds a location in a body or, failing that, in the name.
func locationOf(name string, data *fastjson.Value) string {
	for _, key := range locationKeys {
		if s := textAt(data, key); s != "" {
			return s[strings.LastIndexByte(s, '/')+1:]
		}
	}
	for _, segment := range [...]string{"/locations/", "/zones/", "/regions/"} {
		if at := strings.Index(name, segment); at >= 0 {
			from := at + len(segment)
			return name[from:segmentEnd(name, from)]
		}
	}
	if strings.Contains(name, "/global/") {
		return "global"
	}
	return ""
}
