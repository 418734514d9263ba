package policy

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// docReader reads one document and collects what is wrong with it.
type docReader struct {
	file     string
	text     string // of the document, where parts of it are kept
	problems Problems
	lenient  bool // problems of an optional part: they only warn
	tally    ruleTally
	inCounts int    // how many counts stand around the condition at hand
	at       string // the scope of an assignment that says none
}

// refuse records a problem because of which the document cannot be used.
func (r *docReader) refuse(at Position, format string, args ...any) {
	r.add(at, r.lenient, "", format, args...)
}

// warn records a problem that its author should look at.
func (r *docReader) warn(at Position, format string, args ...any) {
	r.add(at, true, "", format, args...)
}

// refuseName is refuse for a name that is none of the known ones.
func (r *docReader) refuseName(at Position, name string, known []string, format string, args ...any) {
	r.add(at, r.lenient, nearest(name, slices.Values(known)), format, args...)
}

func (r *docReader) add(at Position, warning bool, suggestion, format string, args ...any) {
	r.problems = append(r.problems, Problem{
		File: r.file, Pos: at, Warning: warning, Suggestion: suggestion,
		Text: fmt.Sprintf(format, args...),
	})
}

// finish returns the document if nothing but warnings was found.
func finish[T any](r *docReader, document *T) (*T, Problems) {
	slices.SortStableFunc(r.problems, byPlace)
	if r.problems.Err() != nil {
		return nil, r.problems
	}
	return document, r.problems
}

// parse reads a file of one document.
func parse[T any](file string, data []byte, from func(string, *Node) (*T, Problems)) (*T, Problems) {
	return parseWhole(file, data, func(file, _ string, n *Node) (*T, Problems) { return from(file, n) })
}

// parseWhole is parse for a document that keeps parts of its text.
func parseWhole[T any](file string, data []byte, from func(file, text string, n *Node) (*T, Problems)) (*T, Problems) {
	p := newNodeParser(string(withoutMark(data)), 1)
	n, problem := p.document(file)
	if problem != nil {
		return nil, Problems{*problem}
	}
	return from(file, p.src, n)
}

// envelope splits a document into the object with the identity and the one
// with the properties, which are the same where there is no wrapper.
func (r *docReader) envelope(n *Node, what string) (outer, inner *Node, ok bool) {
	if n.Kind != Object {
		r.refuse(n.Pos, "%s is %s; want an object", what, n.describe())
		return nil, nil, false
	}
	r.once(n, what, "properties")
	inner = n.Get("properties")
	if inner.absent() {
		return n, n, true
	}
	if inner.Kind != Object {
		r.refuse(inner.Pos, "properties of %s is %s; want an object", what, inner.describe())
		return nil, nil, false
	}
	return n, inner, true
}

// once refuses an object that has one of the keys more than once.
func (r *docReader) once(n *Node, what string, keys ...string) {
	for _, key := range keys {
		seen := false
		for i := range n.Members {
			if p := &n.Members[i]; strings.EqualFold(p.Key, key) {
				if seen {
					r.refuse(p.Pos, "%s has %q twice", what, key)
				}
				seen = true
			}
		}
	}
}

// describe names the kind of a node for a message.
func (n *Node) describe() string {
	switch {
	case n == nil:
		return "missing"
	case n.Kind == Null:
		return "null"
	case n.Kind == Bool:
		return "a boolean"
	case n.Kind == String:
		return "a string"
	case n.Kind == Array:
		return "an array"
	case n.Kind == Object:
		return "an object"
	}
	return "a number"
}

// uniqueKeys refuses every object at or below n that has a key twice,
// ignoring case.
func (r *docReader) uniqueKeys(n *Node) {
	for _, item := range n.Items {
		r.uniqueKeys(item)
	}
	if i, j, found := repeatedKey(n.Members); found {
		r.refuse(n.Members[j].Pos, "key %q again; %q is in line %d already", n.Members[j].Key, n.Members[i].Key, n.Members[i].Pos.Line)
	}
	for i := range n.Members {
		r.uniqueKeys(n.Members[i].Value)
	}
}

// repeatedKey finds the first two members whose keys are equal ignoring case.
func repeatedKey(members []Property) (first, second int, found bool) {
	if len(members) > 12 {
		return repeatedKeyOfMany(members)
	}
	for j := range members {
		for i := range j {
			a, b := members[i].Key, members[j].Key
			// Names outside ASCII may differ in length and be equal all the same.
			if len(a) == len(b) && endsDiffer(a, b) {
				continue
			}
			if (len(a) == len(b) || !isASCII(a) || !isASCII(b)) && strings.EqualFold(a, b) {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// endsDiffer reports whether two names differ in the last letter, which is the
// usual case and quickly found out.
func endsDiffer(a, b string) bool {
	if a == "" {
		return false
	}
	c, d := a[len(a)-1], b[len(b)-1]
	return c|d < utf8.RuneSelf && c|0x20 != d|0x20
}

func repeatedKeyOfMany(members []Property) (first, second int, found bool) {
	seen := make(map[string]int, len(members))
	for j := range members {
		key := strings.ToLower(members[j].Key)
		if i, ok := seen[key]; ok {
			return i, j, true
		}
		seen[key] = j
	}
	return 0, 0, false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// nameOf is the name of a document: the last segment of its id, its name
// property, or the file's name without extension.
func nameOf(id, name, file string) string {
	if id != "" {
		return id[strings.LastIndexByte(id, '/')+1:]
	}
	if name != "" {
		return name
	}
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	return strings.TrimSuffix(base, path.Ext(base))
}

// parentOf cuts "/providers/<resourceType>/<name>" off an id, "" if it has no
// such part.
func parentOf(id, resourceType string) string {
	part := "/providers/" + resourceType + "/"
	if i := strings.LastIndex(strings.ToLower(id), strings.ToLower(part)); i > 0 && i <= len(id) {
		return id[:i]
	}
	return ""
}

// texts returns the strings of an array; anything else in it is refused.
func (r *docReader) texts(n *Node, what string) []string {
	if n.absent() {
		return nil
	}
	if n.Kind != Array {
		r.refuse(n.Pos, "%s is %s; want an array of strings", what, n.describe())
		return nil
	}
	texts := make([]string, 0, len(n.Items))
	for _, item := range n.Items {
		if item.Kind != String {
			r.refuse(item.Pos, "%s has %s in it; want strings", what, item.describe())
			continue
		}
		texts = append(texts, item.Text)
	}
	return texts
}

// word returns the known spelling of a member that must be one of a few
// words, ignoring case; otherwise "" if it is absent, and as written if not.
func (r *docReader) word(n *Node, key string, known []string) string {
	v := n.Get(key)
	if v.absent() {
		return ""
	}
	if v.Kind != String {
		r.refuse(v.Pos, "%s is %s; want one of %s", key, v.describe(), strings.Join(known, ", "))
		return ""
	}
	for _, word := range known {
		if strings.EqualFold(v.Text, word) {
			return word
		}
	}
	r.refuseName(v.Pos, v.Text, known, "unknown %s %q; want one of %s", key, v.Text, strings.Join(known, ", "))
	return v.Text
}
