// Package outline reads JSON records that look alike without building trees of
// them.
//
// Records of one kind mostly have the same keys in the same order. A [Reader]
// learns which key comes after which, expects the text of the next key where
// it should stand, and thus only compares where a parser would take apart. Of
// the values that somebody wants it gives a [Code]: equal codes at a place mean
// equal values, so that what was found out about a value once can be looked up
// by a small number. Of arrays and objects just that part counts which somebody
// wants.
//
// A Reader is strict and gives up easily. What it accepts is JSON of which it
// understood everything; for the rest, such as a wanted text with escapes or a
// wanted key that occurs twice, [Reader.Read] says false and a parser has to
// look. docs/decisions/0007-outlines.md says why this is worth it.
package outline

import (
	"bytes"

	"github.com/valyala/fastjson"
)

// Code stands for a value at one place: 0 for an absent one, a positive number
// for one of those seen before, [Unique] for one that was not remembered.
type Code int32

// Unique is the code of a value that is not remembered, because values like it
// hardly ever come twice.
const Unique Code = -1

// As says what counts of a value.
type As uint8

const (
	// Kind: whether it is null, true, false, or something else.
	Kind As = iota
	// Text: scalars by their text, arrays and objects by what counts Below.
	Text
	// Keys: which keys an object has; everything of what is none.
	Keys
	// Whole: everything.
	Whole
	// Raw: as Kind, but [Record.Raw] has its text.
	Raw
)

// Want is what is wanted at one place of a record, and below it.
type Want struct {
	Slot  int // number of the value, -1 for none
	As    As
	Kids  map[string]*Want // by lower-cased key
	Exact bool             // the case of the keys of Kids counts
	Below *Part            // with As Text: what counts of an array or object; nil: everything
	// Members asks for the codes of an array's members too, by what counts of
	// each; with As Text and Below.
	Members bool
	// Entire is, with As Text and Below, one more than the number of a second
	// slot, in which all of an array or object counts; 0 for none.
	Entire int
}

// Form says of what kinds the values at a place and below it are. A record that
// has others is not read, nor is one in which a name of Kids is written with
// other underscores or hyphens: a parser has to look.
type Form struct {
	Kinds Kinds            // 0: any
	Kids  map[string]*Form // by lower-cased key
	Items *Form            // of the members of arrays, among which is no null
	// Others are what else objects may have, by lower-cased key: one that has members,
	// and none of these or Kids, is not read. Nil for any.
	Others map[string]bool
}

// Kinds is a set of kinds of values, beside which null may be.
type Kinds uint8

// The kinds that JSON has.
const (
	Array Kinds = 1 << iota
	Object
	String
	Number
	Boolean
	null
	None // no value is of it
)

// Part is what counts below a wanted array or object. Members of arrays are at
// the place of the array itself.
type Part struct {
	Everything bool
	Presence   bool // only whether there is anything but null
	Kids       map[string]*Part
}

// Record is one record that was read. It is valid until its reader reads the
// next one.
type Record struct {
	// Codes are those of the wanted values, by slot.
	Codes []Code

	text      []byte
	spans     []span          // of wanted scalars, by slot
	each      []Code          // of the members of wanted arrays
	ofEach    []span          // in each, by slot; from -1 for none
	heads     [headCount]span // of the record's own members that tell what it is
	headSlots [headCount]int  // slots of the heads, -1 for none
	blank     []string        // members that count as absent
	parser    fastjson.Parser
	parsed    *fastjson.Value
}

type span struct{ from, to int32 }

// Head gives the text of one of the record's own members, as JSON writes it; nil
// if it is absent. The numbers are [ID] and so on.
func (r *Record) Head(number int) []byte {
	s := r.heads[number]
	if s.to == 0 {
		return nil
	}
	return r.text[s.from:s.to:s.to]
}

// HeadText gives the text of a head that is a string. A head with escapes has
// none.
func (r *Record) HeadText(number int) (text []byte, ok bool) {
	s := r.heads[number]
	if s.to == 0 || r.text[s.from] != '"' {
		return nil, false
	}
	text = r.text[s.from+1 : s.to-1 : s.to-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		return nil, false
	}
	return text, true
}

// HeadCode gives the code of a head that is wanted.
func (r *Record) HeadCode(number int) Code { return r.Codes[r.headSlots[number]] }

// Text gives the text of a wanted value, as JSON writes it; nil if it is not a
// scalar. Strings among them have no escapes.
func (r *Record) Text(slot int) []byte {
	s := r.spans[slot]
	if s.to == 0 {
		return nil
	}
	return r.text[s.from:s.to:s.to]
}

// Raw gives the text of a value that is wanted [Raw], as JSON writes it,
// whatever it is; nil if it is absent.
func (r *Record) Raw(slot int) []byte { return r.Text(slot) }

// Blank makes one of the record's own members count as absent.
func (r *Record) Blank(head int) {
	r.blank = append(r.blank, headNames[head])
	r.heads[head] = span{}
	if slot := r.headSlots[head]; slot >= 0 {
		r.Codes[slot], r.spans[slot] = 0, span{}
	}
}

// Members gives the codes of the members of a wanted array; not ok if the value
// is no array, or they were not asked for.
func (r *Record) Members(slot int) (codes []Code, ok bool) {
	s := r.ofEach[slot]
	if s.from < 0 || r.Codes[slot] == 0 {
		return nil, false
	}
	return r.each[s.from:s.to], true
}

// Tree parses the record.
func (r *Record) Tree() *fastjson.Value {
	if r.parsed == nil {
		v, err := r.parser.ParseBytes(r.text)
		if err != nil { // the reader is stricter than the parser
			v = &fastjson.Value{}
		}
		for _, key := range r.blank {
			v.Del(key)
		}
		r.parsed = v
	}
	return r.parsed
}
