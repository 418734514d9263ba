package inventory

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/valyala/fastjson"
)

//go:embed machine.schema.json
var machineSchema []byte

// factType is what the schema says of the type of one place in a machine.
type factType struct {
	types   []string // JSON Schema's words; none: any
	members map[string]*factType
	other   *factType // members that are not named
	items   *factType
	words   []string // of texts, in whatever case; none: any
	least   float64  // of numbers
	most    float64
}

var machineTypes = sync.OnceValue(func() *factType { return factTypeOf(fastjson.MustParseBytes(machineSchema)) })

// factTypeOf reads a schema. Of enumerations it knows those of texts.
func factTypeOf(schema *fastjson.Value) *factType {
	if !isObject(schema) {
		return nil
	}
	t := &factType{items: factTypeOf(schema.Get("items")), other: factTypeOf(schema.Get("additionalProperties")), least: math.Inf(-1), most: math.Inf(1)}
	if least := schema.Get("minimum"); least != nil {
		t.least = least.GetFloat64()
	}
	if most := schema.Get("maximum"); most != nil {
		t.most = most.GetFloat64()
	}
	switch {
	case isArray(schema.Get("type")):
		for _, word := range schema.GetArray("type") {
			t.types = append(t.types, string(word.GetStringBytes()))
		}
	case present(schema.Get("type")):
		t.types = []string{string(schema.GetStringBytes("type"))}
	case present(schema.Get("enum")):
		t.types = []string{"string"}
		for _, word := range schema.GetArray("enum") {
			t.words = append(t.words, string(word.GetStringBytes()))
		}
	}
	if members := schema.GetObject("properties"); members != nil {
		t.members = map[string]*factType{}
		members.Visit(func(key []byte, v *fastjson.Value) { t.members[strings.ToLower(string(key))] = factTypeOf(v) })
	}
	return t
}

// allows reports whether v has one of the types, within its bounds, and is one of
// the words.
func (t *factType) allows(v *fastjson.Value) bool {
	if t == nil || len(t.types) == 0 {
		return true
	}
	word := v.Type().String()
	switch v.Type() {
	case fastjson.TypeTrue, fastjson.TypeFalse:
		word = "boolean"
	case fastjson.TypeString:
		if !t.hasWord(v) {
			return false
		}
	case fastjson.TypeNumber:
		n := v.GetFloat64()
		if n < t.least || n > t.most {
			return false
		}
		if n == float64(int64(n)) && slices.Contains(t.types, "integer") {
			return true
		}
	}
	return slices.Contains(t.types, word)
}

// hasWord reports whether a text is one of the words, where there are any.
func (t *factType) hasWord(v *fastjson.Value) bool {
	is := func(word string) bool { return strings.EqualFold(word, string(v.GetStringBytes())) }
	return len(t.words) == 0 || slices.ContainsFunc(t.words, is)
}

// member is what the schema says of a member, nil if nothing. Rules find facts
// ignoring case.
func (t *factType) member(key []byte) *factType {
	if m := t.members[string(key)]; m != nil {
		return m
	}
	if m := t.members[strings.ToLower(string(key))]; m != nil {
		return m
	}
	return t.other
}

// factCheck takes values out of a machine that have a type or a word which the schema
// does not allow: they are there, and say nothing that rules understand.
type factCheck struct {
	paths []string // of what was taken out, as [posture.Gap] has them
	wrong []string // in words
}

// object checks the members of v, which stands at a path.
func (c *factCheck) object(t *factType, v *fastjson.Value, path string) {
	var bad []string
	v.GetObject().Visit(func(key []byte, item *fastjson.Value) {
		m := t.member(key)
		if m == nil || path == "" && item.Type() == fastjson.TypeNull { // left out, outside the facts
			return
		}
		at := path + string(key)
		if !m.allows(item) {
			bad = append(bad, string(key))
			c.refuse(at, at, item, m)
		} else if !c.below(m, item, at) {
			bad = append(bad, string(key))
		}
	})
	for _, key := range bad {
		v.Del(key)
	}
}

// below checks what is in v. False: v is an array with an item of another type.
func (c *factCheck) below(t *factType, v *fastjson.Value, path string) bool {
	switch {
	case isObject(v) && (t.members != nil || t.other != nil):
		c.object(t, v, path+".")
	case isArray(v) && t.items != nil:
		for i, item := range v.GetArray() {
			if !t.items.allows(item) {
				c.refuse(path, fmt.Sprintf("%s[%d]", path, i), item, t.items)
				return false
			}
			c.below(t.items, item, path+"[*]")
		}
	}
	return true
}

// refuse notes that a value at a place is of another type, or another word; path is what that
// makes unread.
func (c *factCheck) refuse(path, at string, v *fastjson.Value, t *factType) {
	if slices.Contains(c.paths, path) {
		return
	}
	c.paths = append(c.paths, path)
	is, wanted := kindOf(v), strings.Join(t.types, " or ")
	if v.Type() == fastjson.TypeString && !t.hasWord(v) {
		is, wanted = v.String(), strings.Join(t.words, " or ")
	}
	if v.Type() == fastjson.TypeNumber && (v.GetFloat64() < t.least || v.GetFloat64() > t.most) {
		is, wanted = v.String(), wanted+t.bounds()
	}
	c.wrong = append(c.wrong, fmt.Sprintf("%s is %s, want %s", at, is, wanted))
}

// bounds says in words between what numbers are.
func (t *factType) bounds() (words string) {
	if !math.IsInf(t.least, 0) {
		words += fmt.Sprintf(", at least %v", t.least)
	}
	if !math.IsInf(t.most, 0) {
		words += fmt.Sprintf(", at most %v", t.most)
	}
	return words
}
