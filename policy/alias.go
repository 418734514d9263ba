package policy

import (
	"iter"
	"strings"
)

// Tristate is yes, no, or not known.
type Tristate uint8

// The three answers.
const (
	Unclear Tristate = iota
	Yes
	No
)

// AliasEntry is one alias on one resource type.
type AliasEntry struct {
	Name string // full, such as Microsoft.Storage/storageAccounts/minimumTlsVersion
	Type string // "": of every type
	Path string // in the resource's body, for api-versions not in Versions
	// Versions are paths by api-version, where they differ from Path.
	Versions   map[string]string
	Modifiable Tristate
	Secret     bool // its values must not be shown
	Deprecated bool
	Preview    bool
}

// PathFor is the path in a body of the given api-version, "" for the newest.
func (e AliasEntry) PathFor(apiVersion string) string {
	if path, ok := e.Versions[apiVersion]; ok {
		return path
	}
	for version, path := range e.Versions {
		if strings.EqualFold(version, apiVersion) {
			return path
		}
	}
	return e.Path
}

// Aliases is a table of aliases. Names and types are compared ignoring case.
// Any number of readers may share a table that nobody adds to.
type Aliases struct {
	rows   []aliasRow
	extras []aliasExtra
	slots  []aliasSlot // open addressing, a power of two of them
	used   int         // slots that are taken, one a name
}

// aliasRow is what the tens of thousands of entries of a dump have. Its full
// name is prefix, "/", key where it has a prefix, else key alone.
type aliasRow struct {
	prefix, key string
	kind        string // resource type
	path        string
	next        int32 // 1 + index of the next row of the same name, 0 at the end
	extra       int32 // 1 + index of the rest of the entry, 0 if there is none
}

// aliasExtra is what only richer tables say.
type aliasExtra struct {
	versions                    map[string]string
	modifiable                  Tristate
	secret, deprecated, preview bool
}

// NewAliases makes an empty table.
func NewAliases() *Aliases { return &Aliases{} }

// Len is the number of entries.
func (a *Aliases) Len() int { return len(a.rows) }

// All visits the entries in the order in which they were added.
func (a *Aliases) All() iter.Seq[AliasEntry] {
	return func(yield func(AliasEntry) bool) {
		for i := range a.rows {
			if !yield(a.entry(&a.rows[i])) {
				return
			}
		}
	}
}

// Add puts an entry into the table. One of the same name and type that is
// there already gives way.
func (a *Aliases) Add(e AliasEntry) {
	a.addWith(aliasRow{key: e.Name, kind: e.Type, path: e.Path}, e.extra(), hashName("", e.Name))
}

// addWith is add for a row of which there may be more to tell.
func (a *Aliases) addWith(row aliasRow, extra aliasExtra, hash uint32) {
	if !extra.none() {
		a.extras = append(a.extras, extra)
		row.extra = int32(len(a.extras))
	}
	a.add(row, hash)
}

func (e *AliasEntry) extra() aliasExtra {
	return aliasExtra{e.Versions, e.Modifiable, e.Secret, e.Deprecated, e.Preview}
}

func (x *aliasExtra) none() bool {
	return len(x.versions) == 0 && x.modifiable == Unclear && !x.secret && !x.deprecated && !x.preview
}

// sameType compares resource types ignoring case. Resource groups have two.
func sameType(a, b string) bool {
	return strings.EqualFold(a, b) || strings.EqualFold(singleType(a), singleType(b))
}

func singleType(t string) string {
	if strings.EqualFold(t, "Microsoft.Resources/subscriptions/resourceGroups") {
		return "Microsoft.Resources/resourceGroups"
	}
	return t
}

func (a *Aliases) entry(row *aliasRow) AliasEntry {
	e := AliasEntry{Name: fullName(row.prefix, row.key), Type: row.kind, Path: row.path}
	if row.extra > 0 {
		x := &a.extras[row.extra-1]
		e.Versions, e.Modifiable = x.versions, x.modifiable
		e.Secret, e.Deprecated, e.Preview = x.secret, x.deprecated, x.preview
	}
	return e
}

// Lookup finds what a name means on a resource type: the entry of that type,
// else one of every type. Where the table has only X[*], X is its path without
// the wildcard, and the other way round. known tells whether the name, in
// either form, means something on any type.
func (a *Aliases) Lookup(name, resourceType string) (entry AliasEntry, found, known bool) {
	row, known := a.find(name, resourceType)
	if row != nil {
		return a.entry(row), true, true
	}
	base, isStar := strings.CutSuffix(name, "[*]")
	other := base
	if !isStar {
		other += "[*]"
	}
	row, otherKnown := a.find(other, resourceType)
	if row == nil {
		return AliasEntry{}, false, known || otherKnown
	}
	entry = a.entry(row)
	entry.Name = name
	entry.bend(isStar)
	return entry, true, true
}

// Named visits the entries of a name, in either spelling of an array: with the
// wildcard at its end and without.
func (a *Aliases) Named(name string) iter.Seq[AliasEntry] {
	return func(yield func(AliasEntry) bool) {
		base := strings.TrimSuffix(name, "[*]")
		for _, spelling := range [...]string{base, base + "[*]"} {
			for row := a.first(spelling); row != nil; row = a.after(row) {
				if !yield(a.entry(row)) {
					return
				}
			}
		}
	}
}

// bend puts a wildcard at the end of all paths, or takes it off.
func (e *AliasEntry) bend(star bool) {
	bend := func(path string) string {
		path = strings.TrimSuffix(path, "[*]")
		if star {
			path += "[*]"
		}
		return path
	}
	e.Path = bend(e.Path)
	versions := make(map[string]string, len(e.Versions))
	for version, path := range e.Versions {
		versions[version] = bend(path)
	}
	if e.Versions != nil {
		e.Versions = versions
	}
}

// hides reports whether a name is secret for any type: so is what a rule compares
// it with, then.
func (a *Aliases) hides(name string) bool {
	for e := range a.Named(name) {
		if e.Secret {
			return true
		}
	}
	return false
}

// find returns the row of a name that a type uses, and whether the name exists.
func (a *Aliases) find(name, resourceType string) (row *aliasRow, known bool) {
	var general *aliasRow
	first := a.first(name)
	for row := first; row != nil; row = a.after(row) {
		if row.kind == "" {
			general = row
		} else if sameType(row.kind, resourceType) {
			return row, true
		}
	}
	return general, first != nil
}

func (a *Aliases) after(row *aliasRow) *aliasRow {
	if row.next == 0 {
		return nil
	}
	return &a.rows[row.next-1]
}

// maxAliasEdits is how far a misspelt alias may be from the one it stands for.
const maxAliasEdits = 4

// Suggest returns the known name that is nearest to an unknown one, "" if none
// is near: more than a quarter of its last part would have to change. It looks
// at the whole table.
func (a *Aliases) Suggest(name string) string {
	folded := foldRunes(name)
	best, limit := "", min(maxAliasEdits, max(1, len(lastSegment(name))/4))
	var d distance
	var other []rune
	for i := range a.rows {
		row := &a.rows[i]
		size := len(row.prefix) + len(row.key) + min(1, len(row.prefix))
		if size-len(name) > 4*limit || len(name)-size > 4*limit {
			continue // a character has at most four bytes
		}
		other = other[:0]
		if row.prefix != "" {
			other = append(appendFolded(other, row.prefix), '/')
		}
		other = appendFolded(other, row.key)
		if n := d.between(folded, other, limit); n <= limit {
			best, limit = fullName(row.prefix, row.key), n-1
		}
		if limit < 0 {
			break
		}
	}
	return best
}
