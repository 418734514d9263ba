package inventory

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Tree holds scopes and what stands above what. ARM ids in it compare
// ignoring case. The zero value is empty and ready. It is not safe for
// concurrent change.
type Tree struct {
	scopes map[string]posture.Scope // by folded id
}

// Add puts a scope in, or completes it: what it says and the one already
// there does not is taken over, and a name of a better source. A parent that
// differs replaces one that is farther away, because farther ones are named
// where nothing nearer is known, and is ignored otherwise: an organisation or
// tenant gives way to a folder, and whatever stands above the number of a
// Google project to projects/ID. Nothing else stands below a project.
func (t *Tree) Add(s posture.Scope) {
	if s.ID == "" {
		return
	}
	if t.scopes == nil {
		t.scopes = map[string]posture.Scope{}
	}
	if isProject(s.Parent) && (!isProjectNumber(s.ID) || isProjectNumber(s.Parent)) {
		s.Parent = ""
	}
	key := posture.Fold(s.ID)
	known, ok := t.scopes[key]
	if !ok {
		t.scopes[key] = s
		return
	}
	if known.Name == "" || s.Name != "" && s.Named < known.Named {
		known.Name, known.Named = s.Name, s.Named
	}
	known.Kind, known.Cloud = cmp.Or(known.Kind, s.Kind), cmp.Or(known.Cloud, s.Cloud)
	if s.Parent != "" && RankOf(s.Parent) > RankOf(known.Parent) {
		known.Parent = s.Parent
	}
	t.scopes[key] = known
}

// Rank tells how near a parent stands to what is below it.
type Rank uint8

// The ranks of parents, the farthest first.
const (
	NoParent      Rank = iota
	TopParent          // a tenant or an organisation
	NearParent         // a folder, or a node of our own
	ProjectParent      // projects/ID, of the number of the project
)

// RankOf tells the rank of a parent by the form of its id.
func RankOf(parent string) Rank {
	switch {
	case parent == "":
		return NoParent
	case isTop(parent):
		return TopParent
	case isProject(parent):
		return ProjectParent
	}
	return NearParent
}

func isProject(id string) bool { return strings.HasPrefix(id, "projects/") }

// isProjectNumber reports whether id is that of a Google project by its number.
func isProjectNumber(id string) bool {
	number, ok := strings.CutPrefix(id, "projects/")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// isTop reports whether id is a tenant's or an organisation's.
func isTop(id string) bool {
	return isGUID(id) || strings.HasPrefix(id, "o-") || strings.HasPrefix(id, "organizations/")
}

// Scope finds a scope by its id.
func (t *Tree) Scope(id string) (posture.Scope, bool) {
	s, ok := t.scopes[posture.Fold(id)]
	return s, ok
}

// All gives the scopes in the order of their folded ids. What their names come
// from has done its work and is left out.
func (t *Tree) All() []posture.Scope {
	all := t.Told()
	for i := range all {
		all[i].Named = posture.NameStated
	}
	return all
}

// Told is All with what the names come from.
func (t *Tree) Told() []posture.Scope {
	all := make([]posture.Scope, 0, len(t.scopes))
	for _, key := range sortedKeys(t.scopes) {
		all = append(all, t.scopes[key])
	}
	return all
}

// Unit gives the id under which a unit is counted: itself, or, for a Google
// project known by number and by id, projects/ID.
func (t *Tree) Unit(id string) string { return posture.ProjectOf(t.scopes, id) }

// Ancestors gives what stands above id, the nearest first and "/" last. It
// works for resource groups and resources too: above an ARM id stand the
// scopes that it names. A ring of parents is cut where it closes.
func (t *Tree) Ancestors(id string) []string {
	var above []string
	met := map[string]bool{posture.Fold(id): true}
	for at := t.parent(id); at != "" && at != "/"; at = t.parent(at) {
		if met[posture.Fold(at)] {
			break
		}
		met[posture.Fold(at)] = true
		above = append(above, at)
	}
	if id == "/" {
		return nil
	}
	return append(above, "/")
}

// parent is the scope directly above id, "" if none is known.
func (t *Tree) parent(id string) string {
	s, ok := t.Scope(id)
	if ok && s.Parent != "" {
		return s.Parent
	}
	a := parseARMID(id)
	switch {
	case a.group > 0 && len(id) > a.group:
		return id[:a.group]
	case a.subscription > 0 && len(id) > a.subscription:
		return id[:a.subscription]
	}
	return ""
}

// Within reports whether id is scope or stands below it: by the text of the
// ids, or by what the tree knows.
func (t *Tree) Within(id, scope string) bool {
	if posture.Within(id, scope) {
		return true
	}
	for _, above := range t.Ancestors(id) {
		if posture.Fold(above) == posture.Fold(scope) {
			return true
		}
	}
	return false
}

// ParseHierarchy reads lines {"id", "parent", "kind", "name"}, or any other
// form that [Split] takes, as scopes. Kinds are those of
// [posture.ParseScopeKind]. Other records are Problems.
func ParseHierarchy(file string, r io.Reader) ([]posture.Scope, []Problem) {
	var sink hierarchySink
	d := NewDecoder()
	_ = Split(r, file, func(c Chunk) error { // the emit below never fails
		d.hierarchyChunk(c, &sink)
		return nil
	})
	return sink.scopes, sink.problems
}

type hierarchySink struct {
	scopes   []posture.Scope
	problems []Problem
}

// hierarchyChunk reads a chunk of which every record is a scope's line.
func (d *Decoder) hierarchyChunk(c Chunk, sink *hierarchySink) {
	sink.problems = append(sink.problems, c.Problems...)
	c.records(func(record []byte, line int) {
		refuse := func(format string, args ...any) {
			sink.problems = append(sink.problems, Problem{File: c.File, Line: line, Reason: fmt.Sprintf(format, args...)})
		}
		if reason := strict(record); reason != "" {
			refuse("%s", reason)
			return
		}
		v, err := d.parser.ParseBytes(record)
		switch {
		case err != nil:
			refuse("%s", syntax(record))
		case v.Type() != fastjson.TypeObject:
			refuse("found %s, want an object", v.Type())
		case textAt(v, "id") == "":
			refuse("a scope without id")
		case unfit(textAt(v, "id"), textAt(v, "parent")) != "":
			refuse("scope %s", unfit(textAt(v, "id"), textAt(v, "parent")))
		case posture.ParseScopeKind(textAt(v, "kind")) == posture.NoScopeKind:
			refuse("kind %q, want tenant, folder, unit, group or a provider's word for it", textAt(v, "kind"))
		default:
			s := scopeOfLine(v)
			s.ID, s.Parent, s.Name = strings.Clone(s.ID), strings.Clone(s.Parent), strings.Clone(s.Name)
			sink.scopes = append(sink.scopes, s)
		}
	})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// hashOf is for sets of names too many to keep.
func hashOf(s string) uint64 { return xxhash.Sum64String(s) }
