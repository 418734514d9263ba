package data

// A Builder makes a vector row by row.
type Builder struct {
	v    Vector
	null []int32 // rows that are null
}

// NewBuilder makes vectors of a type, with room for some rows.
func NewBuilder(t Type, room int) *Builder {
	b := &Builder{v: Vector{Type: t}}
	b.v.slices(room)
	b.v.Bools, b.v.Longs, b.v.Reals = b.v.Bools[:0], b.v.Longs[:0], b.v.Reals[:0]
	b.v.Texts, b.v.Nodes = b.v.Texts[:0], b.v.Nodes[:0]
	return b
}

// Len is the number of rows so far.
func (b *Builder) Len() int { return b.v.Len }

// AppendBool appends to a vector of Bool.
func (b *Builder) AppendBool(x bool) {
	b.v.Bools = append(b.v.Bools, x)
	b.v.Len++
}

// AppendLong appends to a vector of Int, Long, DateTime or TimeSpan.
func (b *Builder) AppendLong(n int64) {
	b.v.Longs = append(b.v.Longs, n)
	b.v.Len++
}

// AppendReal appends to a vector of Real.
func (b *Builder) AppendReal(f float64) {
	b.v.Reals = append(b.v.Reals, f)
	b.v.Len++
}

// AppendText appends to a vector of String, Decimal or GUID.
func (b *Builder) AppendText(s string) {
	b.v.Texts = append(b.v.Texts, s)
	b.v.Len++
}

// AppendNode appends to a vector of Dynamic.
func (b *Builder) AppendNode(n *Node) {
	b.v.Nodes = append(b.v.Nodes, n)
	b.v.Len++
}

// AppendNull appends the type's null.
func (b *Builder) AppendNull() {
	switch b.v.Type {
	case Bool:
		b.v.Bools = append(b.v.Bools, false)
	case Real:
		b.v.Reals = append(b.v.Reals, 0)
	case String, Decimal, GUID:
		b.v.Texts = append(b.v.Texts, "")
	case Dynamic:
		b.v.Nodes = append(b.v.Nodes, nil)
	default:
		b.v.Longs = append(b.v.Longs, 0)
	}
	if b.v.Type != Dynamic && b.v.Type != String {
		b.null = append(b.null, int32(b.v.Len))
	}
	b.v.Len++
}

// Append appends a value of the vector's type.
func (b *Builder) Append(v Value) {
	if v.null {
		b.AppendNull()
		return
	}
	switch b.v.Type {
	case Bool:
		b.AppendBool(v.Bool())
	case Real:
		b.AppendReal(v.Real())
	case String, Decimal, GUID:
		b.AppendText(v.text)
	case Dynamic:
		b.AppendNode(v.node)
	default:
		b.AppendLong(v.Long())
	}
}

// AppendFrom appends row i of a vector of the same type.
func (b *Builder) AppendFrom(from *Vector, i int) {
	if from.Const {
		i = 0
	}
	if from.Nulls.Has(i) {
		b.AppendNull()
		return
	}
	switch b.v.Type {
	case Bool:
		b.AppendBool(from.Bools[i])
	case Real:
		b.AppendReal(from.Reals[i])
	case String, Decimal, GUID:
		b.AppendText(from.Texts[i])
	case Dynamic:
		b.AppendNode(from.Nodes[i])
	default:
		b.AppendLong(from.Longs[i])
	}
}

// AppendAll appends all rows of a vector of the same type.
func (b *Builder) AppendAll(from *Vector) {
	from = from.Expand()
	if from.Nulls != nil {
		for i := range from.Len {
			if from.Nulls.Has(i) {
				b.null = append(b.null, int32(b.v.Len+i))
			}
		}
	}
	b.v.Bools = append(b.v.Bools, from.Bools...)
	b.v.Longs = append(b.v.Longs, from.Longs...)
	b.v.Reals = append(b.v.Reals, from.Reals...)
	b.v.Texts = append(b.v.Texts, from.Texts...)
	b.v.Nodes = append(b.v.Nodes, from.Nodes...)
	b.v.Len += from.Len
}

// Build is the vector of all rows; the builder must not be used any more.
func (b *Builder) Build() *Vector {
	v := &b.v
	if len(b.null) > 0 {
		v.Nulls = NewBits(v.Len)
		for _, i := range b.null {
			v.Nulls.Set(int(i))
		}
	}
	return v
}

// Concat is all rows of vectors of one type, one after the other.
func Concat(t Type, vectors ...*Vector) *Vector {
	if len(vectors) == 1 {
		return vectors[0]
	}
	rows := 0
	for _, v := range vectors {
		rows += v.Len
	}
	b := NewBuilder(t, rows)
	for _, v := range vectors {
		b.AppendAll(v)
	}
	out := b.Build()
	out.Terms, out.Codes = concatCodes(vectors, rows)
	return out
}

// concatCodes keeps the terms that all vectors have in common.
func concatCodes(vectors []*Vector, rows int) (*Terms, []uint32) {
	if len(vectors) == 0 || vectors[0].Terms == nil {
		return nil, nil
	}
	codes := make([]uint32, 0, rows)
	for _, v := range vectors {
		if v.Terms != vectors[0].Terms {
			return nil, nil
		}
		codes = append(codes, v.Codes...)
	}
	return vectors[0].Terms, codes
}
