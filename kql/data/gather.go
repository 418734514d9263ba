package data

// Gather is the vector of the given rows, in that order; a row below 0 is a null.
func (v *Vector) Gather(rows []int32) *Vector {
	if v.Const && (v.Null(0) || !anyBelowZero(rows)) {
		out := *v
		out.Len = len(rows)
		return &out
	}
	v = v.Expand()
	out := &Vector{Type: v.Type, Len: len(rows)}
	out.gatherNulls(v, rows)
	switch v.Type {
	case Bool:
		out.Bools = pick(v.Bools, rows)
	case Real:
		out.Reals = pick(v.Reals, rows)
	case String, Decimal, GUID:
		out.Texts = pick(v.Texts, rows)
		if v.Terms != nil && !anyBelowZero(rows) {
			out.Terms, out.Codes = v.Terms, pick(v.Codes, rows)
		}
	case Dynamic:
		out.Nodes = pick(v.Nodes, rows)
	default:
		out.Longs = pick(v.Longs, rows)
	}
	return out
}

func anyBelowZero(rows []int32) bool {
	for _, r := range rows {
		if r < 0 {
			return true
		}
	}
	return false
}

func pick[T any](from []T, rows []int32) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		if r >= 0 {
			out[i] = from[r]
		}
	}
	return out
}

func (v *Vector) gatherNulls(from *Vector, rows []int32) {
	if v.Type == Dynamic || v.Type == String {
		return
	}
	for i, r := range rows {
		if r < 0 || from.Nulls.Has(int(r)) {
			if v.Nulls == nil {
				v.Nulls = NewBits(v.Len)
			}
			v.Nulls.Set(i)
		}
	}
}

// Slice is rows from to to-1, which share the vector's values.
func (v *Vector) Slice(from, to int) *Vector {
	out := *v
	out.Len = to - from
	if v.Const || from == 0 && to == v.Len {
		return &out
	}
	switch v.Type {
	case Bool:
		out.Bools = v.Bools[from:to:to]
	case Real:
		out.Reals = v.Reals[from:to:to]
	case String, Decimal, GUID:
		out.Texts = v.Texts[from:to:to]
		if v.Terms != nil {
			out.Codes = v.Codes[from:to:to]
		}
	case Dynamic:
		out.Nodes = v.Nodes[from:to:to]
	default:
		out.Longs = v.Longs[from:to:to]
	}
	out.Nulls = v.Nulls.slice(from, to)
	return &out
}

func (b Bits) slice(from, to int) Bits {
	if b == nil {
		return nil
	}
	if from&63 == 0 {
		return b[from>>6 : (to+63)>>6]
	}
	out := NewBits(to - from)
	for i := range to - from {
		if b.Has(from + i) {
			out.Set(i)
		}
	}
	return out
}

// Expand is the vector with a value for each row: itself, unless it is constant.
func (v *Vector) Expand() *Vector {
	if !v.Const {
		return v
	}
	out := NewVector(v.Type, v.Len)
	if v.Null(0) {
		if v.Type != Dynamic && v.Type != String {
			out.Nulls = NewBits(v.Len)
			for i := range v.Len {
				out.Nulls.Set(i)
			}
		}
		return out
	}
	switch v.Type {
	case Bool:
		fill(out.Bools, v.Bools[0])
	case Real:
		fill(out.Reals, v.Reals[0])
	case String, Decimal, GUID:
		fill(out.Texts, v.Texts[0])
	case Dynamic:
		fill(out.Nodes, v.Nodes[0])
	default:
		fill(out.Longs, v.Longs[0])
	}
	return out
}

func fill[T any](all []T, value T) {
	for i := range all {
		all[i] = value
	}
}

// Gather is the batch of the given rows, in that order; a row below 0 is nulls.
func (b Batch) Gather(rows []int32) Batch {
	out := Batch{Len: len(rows), Columns: make([]*Vector, len(b.Columns))}
	for i, v := range b.Columns {
		out.Columns[i] = v.Gather(rows)
	}
	return out
}

// Slice is rows from to to-1.
func (b Batch) Slice(from, to int) Batch {
	out := Batch{Len: to - from, Columns: make([]*Vector, len(b.Columns))}
	for i, v := range b.Columns {
		out.Columns[i] = v.Slice(from, to)
	}
	return out
}
