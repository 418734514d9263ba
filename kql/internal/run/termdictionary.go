package run

import (
	"sync"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// columnTexts numbers the texts of columns. Where the columns' table keeps their
// terms, the terms' numbers stand for the texts, which are then neither read
// nor hashed.
type columnTexts struct {
	texts
	of    *data.Terms // whose numbers stand for texts; nil: texts has them
	ids   []uint32    // by the number of a term: the text's number, or absent
	codes []uint32    // by a text's number: that of its term

	// A column with other terms is looked up by known, once it has proved long.
	lock   sync.Mutex
	looked int
	other  *data.Terms
	known  []uint32 // by the number of one of the other terms: the text's number, or absent
}

func (d *columnTexts) number(v *data.Vector, ids []uint32) {
	if d.of == nil && d.texts.len() == 0 && worthTerms(v, len(ids)) {
		d.of = v.Terms
	}
	if d.of == nil || d.of != v.Terms {
		d.read()
		d.texts.number(v, ids)
		return
	}
	for i, code := range v.Codes[:len(ids)] {
		if int(code) >= len(d.ids) {
			d.widen(int(code))
		}
		id := d.ids[code]
		if id == absent {
			id = uint32(len(d.codes))
			d.ids[code], d.codes = id, append(d.codes, code)
		}
		ids[i] = id
	}
}

// worthTerms tells whether a column's terms spare more than the table from their
// numbers to ours costs, which grows with the terms and not with the rows.
func worthTerms(v *data.Vector, rows int) bool {
	return v.Terms != nil && (v.Terms.Len() < 1<<12 || v.Terms.Len()/256 <= rows)
}

func (d *columnTexts) widen(code int) {
	had := len(d.ids)
	grown := make([]uint32, min(max(2*had, code+1, 1<<10), d.of.Len()))
	fillIDs(grown[copy(grown, d.ids):], absent)
	d.ids = grown
}

// read puts the texts themselves in place of the numbers of their terms.
func (d *columnTexts) read() {
	if d.of != nil {
		d.texts.terms = d.of.Only(d.codes)
		d.of, d.ids, d.codes = nil, nil, nil
	}
}

func (d *columnTexts) look(v *data.Vector, ids []uint32) {
	switch {
	case v.Terms != nil && v.Terms == d.of:
		mapped(d.ids, v.Codes[:len(ids)], ids)
	case v.Terms != nil:
		if known := d.translated(v.Terms, len(ids)); known != nil {
			mapped(known, v.Codes[:len(ids)], ids)
			return
		}
		d.lookTexts(v, ids)
	default:
		d.lookTexts(v, ids)
	}
}

// mapped looks codes up in a table that may end before them; codes and ids may be one slice.
func mapped(table, codes, ids []uint32) {
	for i, code := range codes {
		if int(code) < len(table) {
			ids[i] = table[code]
		} else {
			ids[i] = absent
		}
	}
}

func (d *columnTexts) lookTexts(v *data.Vector, ids []uint32) {
	if d.of == nil {
		d.texts.look(v, ids)
		return
	}
	if v.Const {
		var one [1]uint32
		d.of.FindAll(v.Texts[:1], one[:])
		mapped(d.ids, one[:], one[:])
		fillIDs(ids, one[0])
		return
	}
	d.of.FindAll(v.Texts[:len(ids)], ids)
	mapped(d.ids, ids, ids)
}

// translated gives for each of a column's terms the number of its text, or nil
// where too few rows have been looked up to be worth it.
func (d *columnTexts) translated(terms *data.Terms, rows int) []uint32 {
	d.lock.Lock()
	defer d.lock.Unlock()
	if d.other == nil {
		d.other = terms
	}
	d.looked += rows
	if d.other != terms || d.looked < terms.Len()/32 {
		return nil
	}
	if d.known == nil {
		d.known = d.translate(terms)
	}
	return d.known
}

func (d *columnTexts) translate(terms *data.Terms) []uint32 {
	switch {
	case d.of == nil:
		return terms.In(d.texts.terms)
	case len(d.codes) < d.of.Len():
		return terms.In(d.of.Only(d.codes))
	}
	known := terms.In(d.of)
	mapped(d.ids, known, known)
	return known
}

func (d *columnTexts) len() int {
	if d.of != nil {
		return len(d.codes)
	}
	return d.texts.len()
}

func (d *columnTexts) values() *data.Vector {
	if d.of == nil {
		return d.texts.values()
	}
	v := data.NewVector(data.String, len(d.codes))
	v.Terms, v.Codes = d.of, d.codes
	for i, code := range d.codes {
		v.Texts[i] = d.of.Texts()[code]
	}
	return v
}

// bytes leaves out what the table holds anyway.
func (d *columnTexts) bytes() int64 {
	return d.texts.bytes() + 4*int64(cap(d.ids)+cap(d.codes))
}
