package inventory

import (
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// read takes a record that says how far a scope was read.
func (d *Decoder) read(v *fastjson.Value) {
	if kind := text(d.f.marker); kind != "read" {
		d.reject(`bartizan record %q, want "read"`, kind)
		return
	}
	r := posture.ReadRecord{
		Scope: strings.Clone(textAt(v, "scope")), Type: strings.Clone(text(d.f.typ)), Complete: v.GetBool("complete"),
	}
	if r.Scope == "" || r.Type == "" {
		d.reject("read record without scope or type")
		return
	}
	if started := textAt(v, "startedAt"); started != "" {
		at, err := time.Parse(time.RFC3339, started)
		if err != nil {
			d.reject("read record: startedAt %q, want a time as 2026-01-31T10:00:00Z", started)
			return
		}
		r.StartedAt = at
	}
	for _, list := range [...]struct {
		key    string
		reason posture.Reason
	}{{"denied", posture.Denied}, {"throttled", posture.Throttled}, {"error", posture.Failed}} {
		for _, gap := range v.GetArray(list.key) {
			r.Gaps = append(r.Gaps, posture.Gap{
				Reason: list.reason, Type: strings.Clone(textAt(gap, "type")), ID: strings.Clone(textAt(gap, "id")),
				Path: strings.Clone(textAt(gap, "path")), Action: strings.Clone(textAt(gap, "action")),
			})
		}
	}
	d.shapes[shapeRead]++
	d.sink.Read(r)
}

// hierarchy takes a line {id, parent, kind, name}.
func (d *Decoder) hierarchy(v *fastjson.Value) {
	d.shapes[shapeHierarchy]++
	d.scope(scopeOfLine(v))
}

// scopeOfLine reads a line of a hierarchy.
func scopeOfLine(v *fastjson.Value) posture.Scope {
	id := textAt(v, "id")
	return posture.Scope{
		ID: id, Parent: textAt(v, "parent"), Kind: posture.ParseScopeKind(textAt(v, "kind")), Name: textAt(v, "name"),
		Cloud: cloudOf(id),
	}
}

// cloudOf tells a scope's cloud by the form of its id.
func cloudOf(id string) posture.Cloud {
	switch {
	case posture.IsARM(id), isGUID(id):
		return posture.Azure
	case strings.HasPrefix(id, "o-"), strings.HasPrefix(id, "ou-"), strings.HasPrefix(id, "r-"), isAccount(id):
		return posture.AWS
	case strings.HasPrefix(id, "organizations/"), strings.HasPrefix(id, "folders/"), strings.HasPrefix(id, "projects/"):
		return posture.GCP
	case strings.HasPrefix(id, "machines/"):
		return posture.Machine
	}
	return posture.NoCloud
}

// isAccount reports whether s is an AWS account's number.
func isAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}
