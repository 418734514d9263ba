package policy

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// fieldKind says how a field is read.
type fieldKind uint8

const (
	fieldPath    fieldKind = iota // from the body, at a path
	fieldNull                     // an alias of another type, the kind outside Azure: null, certainly
	fieldUnknown                  // in no alias table: the rule is broken
	fieldType                     // the rest are special
	fieldName
	fieldFullName
	fieldLocation
	fieldID
	fieldAPIVersion
)

// field is a field's name resolved for one resource type.
type field struct {
	kind   fieldKind
	name   string    // as the rule writes it
	path   *bodyPath // fieldPath
	secret bool      // never shown
}

// fieldResolver resolves field names for one resource type at a time.
type fieldResolver struct {
	aliases *Aliases
	cache   map[fieldKey]*field
	masks   map[string][]mask // by lower-cased type
}

type fieldKey struct {
	resourceType, name string
	eases              string // see [shapes.eases]
}

func newFieldResolver(aliases *Aliases) *fieldResolver {
	if aliases == nil {
		aliases = NewAliases()
	}
	return &fieldResolver{aliases: aliases, cache: map[fieldKey]*field{}}
}

// resolve finds what name means for r's type. The result is shared and must
// not be changed.
func (fr *fieldResolver) resolve(name string, r *Resource) *field {
	if r.Type == "" {
		return fr.find(name, r) // who asks whether there is such a field asks once
	}
	key := fieldKey{resourceType: r.Type, name: name}
	if f, ok := fr.cache[key]; ok && r.APIVersion == "" {
		return f
	}
	f := fr.find(name, r)
	if r.APIVersion == "" {
		fr.keep(key, f)
	}
	return f
}

func (fr *fieldResolver) keep(key fieldKey, f *field) {
	if len(fr.cache) < 1<<16 {
		fr.cache[fieldKey{strings.Clone(key.resourceType), strings.Clone(key.name), key.eases}] = f
	}
}

var specialFields = map[string]fieldKind{
	"type": fieldType, "name": fieldName, "fullname": fieldFullName,
	"location": fieldLocation, "id": fieldID, "apiversion": fieldAPIVersion,
}

// isSpecialField reports whether a name is that of a field which is no alias.
func isSpecialField(name string) bool {
	lower := strings.ToLower(name)
	_, special := specialFields[lower]
	return special || lower == "kind" || lower == "identity" || strings.HasPrefix(lower, "identity.") || isTagField(lower)
}

func (fr *fieldResolver) find(name string, r *Resource) *field {
	if !maySpecial(name) {
		return fr.findAlias(name, r)
	}
	lower := strings.ToLower(name)
	if kind, ok := specialFields[lower]; ok {
		return &field{kind: kind, name: name}
	}
	switch {
	case lower == "kind" && (r.Native || IsNativeType(r.Type)):
		return &field{kind: fieldNull, name: name}
	case lower == "kind", lower == "tags", lower == "identity", strings.HasPrefix(lower, "identity."):
		return &field{name: name, path: parsePath(name)}
	case lower == "tags[*]":
		return &field{name: name, path: parsePath(name)}
	case strings.HasPrefix(lower, "tags.") && len(name) > 5:
		return &field{name: name, path: tagPath(name[5:])}
	case strings.HasPrefix(lower, "tags[") && strings.HasSuffix(lower, "]"):
		return &field{name: name, path: tagPath(tagName(name[5 : len(name)-1]))}
	}
	return fr.findAlias(name, r)
}

// maySpecial is false for most names of aliases: no other field begins like
// them. Letters outside ASCII may have small ones inside.
func maySpecial(name string) bool {
	return name == "" || name[0] >= utf8.RuneSelf || strings.IndexByte("tnfliak", name[0]|0x20) >= 0
}

func (fr *fieldResolver) findAlias(name string, r *Resource) *field {
	entry, found, known := fr.aliases.Lookup(name, r.Type)
	switch {
	case found:
		return &field{name: name, path: parsePath(entry.PathFor(r.APIVersion)), secret: entry.Secret}
	case known:
		return &field{kind: fieldNull, name: name}
	case isNativeField(name):
		if len(name) > len(r.Type)+1 && strings.EqualFold(name[:len(r.Type)], r.Type) && name[len(r.Type)] == '/' {
			return &field{name: name, path: nativePath(name[len(r.Type)+1:])}
		}
		return &field{kind: fieldNull, name: name}
	}
	return &field{kind: fieldUnknown, name: name}
}

// besideProperties are the first steps of native paths that stand beside
// properties rather than below it.
var besideProperties = []string{"iamPolicy", "orgPolicy", "accessPolicy"}

func nativePath(below string) *bodyPath {
	first := below
	if at := strings.IndexAny(below, ".["); at >= 0 {
		first = below[:at]
	}
	for _, beside := range besideProperties {
		if strings.EqualFold(first, beside) {
			return parsePath(below)
		}
	}
	return parsePath("properties." + below)
}

// tagName takes the name out of the brackets of tags[…]: in quotes two
// apostrophes are one,
// else everything is the name.
func tagName(inside string) string {
	if len(inside) >= 2 && inside[0] == '\'' && inside[len(inside)-1] == '\'' {
		return strings.ReplaceAll(inside[1:len(inside)-1], "''", "'")
	}
	return inside
}

func tagPath(name string) *bodyPath {
	return &bodyPath{
		text: "tags['" + strings.ReplaceAll(name, "'", "''") + "']", lower: "tags." + strings.ToLower(name),
		steps: []step{{key: "tags"}, {key: name}}, keys: 2,
	}
}

// unread is the error of an expression that needs something which was not
// read. It is not a failure of the expression.
type unread struct {
	reason Outcome
	path   string // of what was not read, "" where that has been told
}

func (u *unread) Error() string {
	return "not known: " + strings.Join((mayTrue|mayFalse|u.reason).Reasons(), ", ")
}

// unreadReason gives the because bit of an [unread] error, 0 for any other.
func unreadReason(err error) Outcome {
	var u *unread
	if errors.As(err, &u) {
		return u.reason
	}
	return 0
}

// special reads a field that is not at a path of the body.
func (fd *field) special(r *Resource) (Value, Outcome) {
	text, unread := "", Outcome(0)
	switch fd.kind {
	case fieldType:
		text = r.Type
	case fieldName:
		text = r.Name
	case fieldFullName:
		text = r.fullName()
	case fieldID:
		text = r.ID
	case fieldAPIVersion:
		if text = r.APIVersion; text == "" {
			text = textOf(lookup(r.tree(), "apiVersion"))
		}
	case fieldLocation:
		text, unread = r.Location, r.unreadAtTop(locationPath, r.Location)
	}
	if r.Native && (fd.kind == fieldName || fd.kind == fieldFullName) { // no id tells it for certain
		unread = r.unreadAtTop(namePath, text)
	}
	switch {
	case text == "":
		return Value{}, unread
	case unread != 0:
		return StringValue(text), unread
	case fd.kind != fieldType && r.isUnnamed(): // of the others only the location, which it has not
		return StringValue(text), gapReason(r.Unseen)
	}
	return StringValue(text), 0
}

var locationPath, namePath = parsePath("location"), parsePath("name")

// unreadAtTop says why a property at the top of the body, which is text as far as
// it is known, is not certain; 0 if it is.
func (r *Resource) unreadAtTop(path *bodyPath, text string) Outcome {
	if wholly(r) {
		return 0
	}
	found := String
	if text == "" {
		found = kindFound(lookup(r.tree(), path.steps[0].key))
	}
	return r.unreadTo(path.steps).reason(found)
}

// withoutSpaces is what locations are compared as: East US 2 is eastus2.
func withoutSpaces(v Value) Value {
	switch v.Kind() {
	case String:
		return StringValue(strings.ReplaceAll(v.Text(), " ", ""))
	case Array:
		items := make([]Value, v.Len())
		for i := range items {
			items[i] = withoutSpaces(v.Index(i))
		}
		return ArrayValue(items...)
	}
	return v
}

func isArray(v *fastjson.Value) bool { return v != nil && v.Type() == fastjson.TypeArray }
