package run

import "github.com/bartizan-dev/bartizan/kql/data"

// texts numbers texts.
type texts struct {
	typ    data.Type
	terms  *data.Terms
	nullID uint32
	recent []recentText // see numberFew
}

func newTexts(t data.Type) texts { return texts{typ: t, terms: &data.Terms{}, nullID: absent} }

type recentText struct {
	text string
	id   uint32 // plus one
}

func (d *texts) number(v *data.Vector, ids []uint32) {
	switch {
	case v.Const:
		fillIDs(ids, d.numberOne(v.Texts[0], v.Nulls.Has(0)))
	case v.Nulls == nil && d.terms.Len() <= recentTexts && len(ids) >= recentTexts:
		d.numberFew(v.Texts[:len(ids)], ids)
	case v.Nulls == nil && d.terms.Len() > recentTexts:
		d.terms.NumberAll(v.Texts[:len(ids)], ids)
	default:
		d.numberInTurn(v, ids)
	}
}

func (d *texts) numberInTurn(v *data.Vector, ids []uint32) {
	last, lastID := "", uint32(absent)
	for i, s := range v.Texts[:len(ids)] {
		null := v.Nulls.Has(i)
		if null || lastID == absent || s != last {
			id := d.numberOne(s, null)
			ids[i] = id
			if !null {
				last, lastID = s, id
			}
			continue
		}
		ids[i] = lastID
	}
}

// recentTexts is how many places numberFew has.
const recentTexts = 256

// numberFew keeps for each of some places the text that was last met there, so
// that few different texts are neither hashed as a whole nor, as in runs of
// equal ones, guessed at.
func (d *texts) numberFew(texts []string, ids []uint32) {
	if d.recent == nil {
		d.recent = make([]recentText, recentTexts)
	}
	for i, s := range texts {
		met := &d.recent[placeOf(s)]
		if met.id == 0 || met.text != s {
			*met = recentText{s, d.terms.Number(s) + 1}
		}
		ids[i] = met.id - 1
	}
}

// placeOf is a number below recentTexts, by a text's length and its end.
func placeOf(s string) uint64 {
	x := uint64(len(s))
	switch n := len(s); {
	case n >= 8:
		b := s[n-8:]
		x ^= uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	case n > 0:
		x ^= uint64(s[0])<<8 | uint64(s[n/2])<<16 | uint64(s[n-1])<<24
	}
	return x * 0x9e3779b97f4a7c15 >> (64 - 8)
}

func (d *texts) numberOne(s string, null bool) uint32 {
	if null {
		d.nullID = d.terms.Blank()
		return d.nullID
	}
	return d.terms.Number(s)
}

func (d *texts) look(v *data.Vector, ids []uint32) {
	switch {
	case v.Const:
		fillIDs(ids, d.lookOne(v.Texts[0], v.Nulls.Has(0)))
	case v.Nulls == nil:
		d.terms.FindAll(v.Texts[:len(ids)], ids)
	default:
		for i, s := range v.Texts[:len(ids)] {
			ids[i] = d.lookOne(s, v.Nulls.Has(i))
		}
	}
}

func (d *texts) lookOne(s string, null bool) uint32 {
	if null {
		return d.nullID
	}
	return d.terms.Find(s)
}

func (d *texts) len() int     { return d.terms.Len() }
func (d *texts) null() uint32 { return d.nullID }

func (d *texts) values() *data.Vector {
	v := &data.Vector{Type: d.typ, Len: d.terms.Len(), Texts: d.terms.Texts()}
	if d.nullID != absent && d.typ != data.String {
		v.Nulls = data.NewBits(v.Len)
		v.Nulls.Set(int(d.nullID))
	}
	return v
}

func (d *texts) bytes() int64 { return d.terms.Bytes() + 24*int64(cap(d.recent)) }

// encodedTexts numbers decimals and dynamics by a text that equal values share.
type encodedTexts struct {
	texts
	typ  data.Type
	kept []data.Value
}

func (d *encodedTexts) encode(v *data.Vector) *data.Vector {
	n := sizeOf(v)
	out := &data.Vector{Type: data.String, Len: v.Len, Const: v.Const, Texts: make([]string, n)}
	var room []byte
	for i := range n {
		value := v.Value(i)
		if value.IsNull() {
			if out.Nulls == nil {
				out.Nulls = data.NewBits(n)
			}
			out.Nulls.Set(i)
			continue
		}
		room = data.AppendKey(room[:0], value)
		out.Texts[i] = string(room)
	}
	return out
}

func (d *encodedTexts) number(v *data.Vector, ids []uint32) {
	d.texts.number(d.encode(v), ids)
	for i, id := range ids {
		if int(id) == len(d.kept) {
			d.kept = append(d.kept, v.Value(i))
		}
	}
}

func (d *encodedTexts) look(v *data.Vector, ids []uint32) { d.texts.look(d.encode(v), ids) }

func (d *encodedTexts) values() *data.Vector {
	out := data.NewVector(d.typ, len(d.kept))
	for i, value := range d.kept {
		out.Put(i, value)
	}
	return out
}
