package server

import (
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// named finds the standard that a name means: the one of that id, else the one that is
// called so or has that title. Of several those count that are told in the scopes that
// are asked about; nil is none.
func named(told []*toldStandard, name string, scopes []string, t *access.Tree) (*toldStandard, error) {
	for _, is := range []func(*toldStandard) bool{
		func(one *toldStandard) bool { return strings.EqualFold(one.id, name) },
		func(one *toldStandard) bool { return strings.EqualFold(one.standard.ID, name) },
		func(one *toldStandard) bool { return strings.EqualFold(one.standard.Title, name) },
	} {
		var found []*toldStandard
		for _, one := range told {
			if is(one) {
				found = append(found, one)
			}
		}
		if len(found) > 1 {
			if near := slices.DeleteFunc(slices.Clone(found), func(one *toldStandard) bool { return !one.near(scopes, t) }); len(near) > 0 {
				found = near
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return nil, severalStandards(name, found)
		}
	}
	return nil, nil
}

// near reports whether a standard is told in, or above, one of some scopes.
func (t *toldStandard) near(scopes []string, of *access.Tree) bool {
	at := []string{t.scope}
	if t.parts != nil {
		at = nil
		for _, p := range t.parts {
			at = append(at, p.Scope)
		}
	}
	return slices.ContainsFunc(scopes, func(scope string) bool {
		return slices.ContainsFunc(at, func(told string) bool { return of.Covers(told, scope) || of.Covers(scope, told) })
	})
}

// document is the id of what is told as a standard, "" for a built-in one.
func (t *toldStandard) document() string {
	if t.id == t.standard.ID {
		return ""
	}
	return t.id
}

func severalStandards(name string, found []*toldStandard) error {
	ids := make([]string, len(found))
	for i, t := range found {
		ids[i] = t.id
	}
	slices.Sort(ids)
	return huma.Error422UnprocessableEntity("several standards are called " + name + "; want the id of one, or a scope that tells them apart: " + strings.Join(ids, ", "))
}
