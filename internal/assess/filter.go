package assess

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// slice reports whether the filter picks resources out of their units, so that
// points say nothing.
func (run *run) slice() bool {
	f := &run.options.Filter
	return len(f.ResourceTypes) > 0 || slices.ContainsFunc(f.Scopes, func(scope string) bool { return !run.holdsUnits(scope) })
}

// holdsUnits reports whether a scope is a unit or stands above units.
func (run *run) holdsUnits(scope string) bool {
	if s, known := run.known.tree.Scope(scope); known && s.Kind != posture.NoScopeKind {
		return s.Kind != posture.Group
	}
	if posture.IsARM(scope) {
		return strings.Count(strings.Trim(scope, "/"), "/") == 1 || strings.Contains(strings.ToLower(scope), "/managementgroups/")
	}
	return scope == "/" || posture.CloudOfUnit(scope) != posture.NoCloud
}

// readsBodies reports whether resources are chosen by what their bodies say.
func (f *Filter) readsBodies() bool { return slices.ContainsFunc(f.Scopes, isTag) }

func isTag(scope string) bool { return strings.HasPrefix(scope, "tag:") }

// tagsOf lists which of the filter's tag scopes a resource is in, as marks.
func (f *Filter) tagsOf(body *fastjson.Value) string {
	marks := ""
	for _, scope := range f.Scopes {
		rest, ok := strings.CutPrefix(scope, "tag:")
		if !ok {
			continue
		}
		key, value, _ := strings.Cut(rest, "=")
		mark := "0"
		if tags := body.GetObject("tags"); tags != nil {
			tags.Visit(func(k []byte, v *fastjson.Value) {
				if strings.EqualFold(string(k), key) && string(v.GetStringBytes()) == value {
					mark = "1"
				}
			})
		}
		marks += mark
	}
	return marks
}

// shown reports whether a resource is to be counted.
func (run *run) shown(r *record, at *place, p *placer) bool {
	f := &run.options.Filter
	if len(f.ResourceTypes) > 0 && !slices.ContainsFunc(f.ResourceTypes, func(t string) bool {
		return policy.FoldType(t) == policy.FoldType(run.book.set.TypeName(int(r.typeNumber)))
	}) {
		return false
	}
	return len(f.Scopes) == 0 || at != nil && run.inScope(at, p)
}

func (run *run) inScope(at *place, p *placer) bool {
	tag := 0
	for _, scope := range run.options.Filter.Scopes {
		if isTag(scope) {
			if at.tags[tag] == '1' {
				return true
			}
			tag++
			continue
		}
		if p.within(at, scope) {
			return true
		}
	}
	return false
}
