package data

import "strings"

// ConvertVector is Convert for every row.
func ConvertVector(v *Vector, to Type) *Vector {
	switch {
	case v.Type == to:
		return v
	case v.Const:
		return Constant(Convert(v.Value(0), to), v.Len)
	case v.Type == Int && to == Long:
		out := *v
		out.Type = Long
		return &out
	}
	out := NewVector(to, v.Len)
	switch {
	case to == String:
		v.print(out.Texts)
	case v.Type == String && (to == Long || to == Int):
		out.readLongs(v.Texts)
	case v.Type == String && to == Real:
		out.readReals(v.Texts)
	case v.Type == String && to == Dynamic:
		for i, s := range v.Texts[:v.Len] {
			out.Nodes[i] = NodeOfJSON(s)
		}
	case (v.Type == Int || v.Type == Long) && to == Real:
		for i, n := range v.Longs[:v.Len] {
			out.Reals[i] = float64(n)
		}
		out.Nulls = v.Nulls
	default:
		for i := range v.Len {
			out.Put(i, Convert(v.Value(i), to))
		}
	}
	return out
}

func (v *Vector) readLongs(texts []string) {
	for i, s := range texts[:v.Len] {
		n, ok := parseWhole(strings.TrimSpace(s))
		if !ok || v.Type == Int && n != int64(int32(n)) {
			v.Put(i, Null(v.Type))
			continue
		}
		v.Longs[i] = n
	}
}

func (v *Vector) readReals(texts []string) {
	for i, s := range texts[:v.Len] {
		f, ok := parseReal(strings.TrimSpace(s))
		if !ok {
			v.Put(i, Null(Real))
			continue
		}
		v.Reals[i] = f
	}
}

// print is String() of every row. What must be printed shares one buffer.
func (v *Vector) print(out []string) {
	var buf []byte
	ends := make([]int, v.Len)
	for i := range ends {
		if v.Type == Dynamic {
			buf = v.Nodes[i].printTo(buf, &out[i])
		} else if !v.Nulls.Has(i) {
			buf = v.Value(i).AppendString(buf)
		}
		ends[i] = len(buf)
	}
	all, start := string(buf), 0
	for i, end := range ends {
		if end > start {
			out[i] = all[start:end]
		}
		start = end
	}
}

// printTo gives a node's text where it has one, else appends what it prints as.
func (n *Node) printTo(buf []byte, text *string) []byte {
	if n.IsNull() {
		return buf
	}
	switch n.Kind() {
	case KindString, KindGUID, KindDecimal:
		*text = n.look().text
		return buf
	}
	return OfNode(n).AppendString(buf)
}
