package inventory

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

const resourceManager = "//cloudresourcemanager.googleapis.com/"

// assetScopes finds the project of the resource at hand and tells the scopes
// that the record names. A project has an id and a number, and records name
// one, the other or both: the unit is projects/ID wherever the record knows
// the id, and the number is told as a scope below it, so that a [Tree] knows
// that both are one.
func (d *Decoder) assetScopes(a *asset) {
	number, parent := d.assetAncestors(a)
	unit := scopeInName(a.name, "projects/")
	if unit == "projects/_" {
		unit = "" // names of buckets leave the project open so
	}
	above := aboveProjects(a.name)
	if a.kind == "cloudresourcemanager.googleapis.com/Project" {
		if id := textAt(a.data, "projectId"); id != "" {
			number = orElse(number, unit)
			unit = "projects/" + id
		}
	}
	switch {
	case unit == "" && above:
		number = ""
	case unit == "" || unit == number:
		unit = number
	}
	if strings.HasPrefix(a.kind, "cloudresourcemanager.googleapis.com/") && isObject(a.data) {
		d.assetScope(a, unit, parent)
	}
	d.res.Unit = unit
	if unit == "" {
		return
	}
	if unit != d.unit || parent != "" {
		d.unit = d.intern([]byte(unit))
		d.scope(posture.Scope{ID: unit, Parent: parent, Kind: posture.Unit, Cloud: posture.GCP})
	}
	if number != "" && number != unit {
		d.scope(posture.Scope{ID: number, Parent: unit, Kind: posture.Unit, Cloud: posture.GCP})
	}
}

// assetAncestors gives the project's number as projects/NUMBER, and what
// stands above the project, and tells the folders and the organisation.
func (d *Decoder) assetAncestors(a *asset) (number, parent string) {
	ancestors := d.f.ancestors.GetArray()
	for i, v := range ancestors {
		id, next := text(v), ""
		if i+1 < len(ancestors) {
			next = text(ancestors[i+1])
		}
		if strings.HasPrefix(id, "projects/") {
			number, parent = id, next
		} else {
			d.scope(posture.Scope{ID: id, Parent: next, Kind: kindOfGCP(id), Cloud: posture.GCP})
		}
	}
	if number != "" {
		return number, parent
	}
	if project := text(d.f.project); strings.HasPrefix(project, "projects/") {
		return project, ""
	}
	if above := strings.TrimPrefix(a.parent, resourceManager); strings.HasPrefix(above, "projects/") {
		return above, ""
	}
	if n := a.data.Get("projectNumber"); present(n) {
		digits := text(n)
		if digits == "" {
			digits = string(n.MarshalTo(nil))
		}
		return "projects/" + digits, ""
	}
	return "", ""
}

// assetScope tells the scope that the asset itself is.
func (d *Decoder) assetScope(a *asset, unit, parent string) {
	s := posture.Scope{
		Cloud: posture.GCP, Name: orElse(textAt(a.data, "displayName"), plainName(a.data)), Named: posture.NameRecorded,
	}
	switch a.kind {
	case "cloudresourcemanager.googleapis.com/Project":
		s.ID, s.Kind = unit, posture.Unit
	case "cloudresourcemanager.googleapis.com/Folder":
		s.ID, s.Kind = scopeInName(a.name, "folders/"), posture.Folder
	case "cloudresourcemanager.googleapis.com/Organization":
		s.ID, s.Kind = scopeInName(a.name, "organizations/"), posture.Tenant
	default:
		return
	}
	if s.Kind == posture.Tenant {
		d.scope(s)
		return
	}
	s.Parent = orElse(parentOf(a.data), strings.TrimPrefix(a.parent, resourceManager))
	if s.Parent == "" && s.Kind == posture.Unit {
		s.Parent = parent
	}
	d.scope(s)
}

// plainName is the name member, unless it is a resource name.
func plainName(data *fastjson.Value) string {
	if name := textAt(data, "name"); !strings.Contains(name, "/") {
		return name
	}
	return ""
}

// parentOf is the parent in a body, in the form of either API version.
func parentOf(data *fastjson.Value) string {
	parent := data.Get("parent")
	if kind, id := textAt(parent, "type"), textAt(parent, "id"); kind != "" && id != "" {
		return kind + "s/" + id
	}
	return text(parent)
}

// scopeInName finds, for "projects/", projects/ID in a full resource name,
// directly behind the host.
func scopeInName(name, kind string) string {
	path := strings.TrimPrefix(name, "//")
	path = path[min(segmentEnd(path, 0)+1, len(path)):]
	if rest, ok := strings.CutPrefix(path, "b/"); ok {
		path = rest // older names of buckets
	}
	if !strings.HasPrefix(path, kind) || len(path) == len(kind) {
		return ""
	}
	return path[:segmentEnd(path, len(kind))]
}

// aboveProjects reports whether a name belongs to what stands above projects.
func aboveProjects(name string) bool {
	for _, kind := range [...]string{"organizations/", "folders/", "billingAccounts/", "accessPolicies/"} {
		if scopeInName(name, kind) != "" {
			return true
		}
	}
	return false
}

func kindOfGCP(id string) posture.ScopeKind {
	switch {
	case strings.HasPrefix(id, "organizations/"):
		return posture.Tenant
	case strings.HasPrefix(id, "folders/"):
		return posture.Folder
	case strings.HasPrefix(id, "projects/"):
		return posture.Unit
	}
	return posture.NoScopeKind
}
