package inventory

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// AppendRecord appends one line of JSON, without its end, which a [Decoder]
// reads as the same resource: the body itself where it is all there is to say,
// as of most ARM resources, else
//
//	{"bartizan":"resource","id":…,"type":…,"name":…,"cloud":…,"unit":…,"group":…,"location":…,"whole":…,"policyOnly":…,"unread":[…],"broken":[…],"body":{…}}
//
// The resource must be merged, see [Merger], and have its Body.
func AppendRecord(dst []byte, r *Resource) []byte {
	if r.Cloud == posture.Azure && posture.IsARM(r.ID) && len(r.Unread) == 0 && len(r.Broken) == 0 {
		return AppendJSON(dst, r.Body)
	}
	dst = append(dst, `{"bartizan":"resource"`...)
	for _, member := range [...]struct{ key, value string }{
		{"id", r.ID},
		{"type", r.Type},
		{"name", r.Name},
		{"cloud", r.Cloud.String()},
		{"unit", r.Unit},
		{"group", r.Group},
		{"location", r.Location},
	} {
		if member.value != "" {
			dst = append(append(append(dst, `,"`...), member.key...), `":`...)
			dst = appendString(dst, []byte(member.value))
		}
	}
	if r.Whole {
		dst = append(dst, `,"whole":true`...)
	}
	if r.PolicyOnly {
		dst = append(dst, `,"policyOnly":true`...)
	}
	dst = appendPaths(dst, `,"unread":[`, r.Unread)
	dst = appendPaths(dst, `,"broken":[`, r.Broken)
	return append(AppendJSON(append(dst, `,"body":`...), r.Body), '}')
}

// appendPaths appends a member that lists paths, nothing if there are none.
func appendPaths(dst []byte, head string, paths []string) []byte {
	if len(paths) == 0 {
		return dst
	}
	dst = append(dst, head...)
	for i, path := range paths {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, []byte(path))
	}
	return append(dst, ']')
}

// kept takes a record that AppendRecord wrote.
func (d *Decoder) kept(v *fastjson.Value) {
	cloud, err := posture.ParseCloud(textAt(v, "cloud"))
	body := v.Get("body")
	switch {
	case text(d.f.id) == "" || text(d.f.typ) == "":
		d.reject("bartizan resource without id or type")
		return
	case err != nil:
		d.reject("bartizan resource %q: %s", text(d.f.id), err)
		return
	case !isObject(body):
		d.reject("bartizan resource %q without a body, want an object", text(d.f.id))
		return
	}
	d.res = Resource{
		ID: text(d.f.id), Type: text(d.f.typ), Name: text(d.f.name), Cloud: cloud, Unit: textAt(v, "unit"), Group: textAt(v, "group"),
		Location: text(d.f.location), Whole: v.GetBool("whole"), PolicyOnly: v.GetBool("policyOnly"), Body: body,
	}
	for _, list := range [...]struct {
		name string
		to   *[]string
	}{{"unread", &d.res.Unread}, {"broken", &d.res.Broken}} {
		for _, path := range v.GetArray(list.name) {
			if path.Type() != fastjson.TypeString {
				d.reject("bartizan resource %q: %s has %s, want paths", d.res.ID, list.name, kindOf(path))
				return
			}
			*list.to = append(*list.to, strings.Clone(text(path)))
		}
	}
	if unit := d.res.Unit; unit != "" && unit != d.unit {
		d.unit = d.intern([]byte(unit))
		d.scope(posture.Scope{ID: d.unit, Kind: posture.Unit, Cloud: cloud})
	}
	d.emit(shapeKept)
}
