package data

// A Vector is a column of a batch: Len values of one type in the slice that
// the type uses. A vector that was handed on is never written again.
type Vector struct {
	Type Type
	Len  int
	// Const: all rows have the value at index 0, and the slice has length 1.
	Const bool
	// Nulls has a set bit for each null; nil means no null. String has none;
	// Dynamic marks null by a nil Node and leaves Nulls nil.
	Nulls Bits

	Bools []bool    // Bool
	Longs []int64   // Int, Long; ticks of DateTime and TimeSpan
	Reals []float64 // Real
	Texts []string  // String, Decimal, GUID
	Nodes []*Node   // Dynamic

	// Terms, of a column of type String whose table keeps them: Texts[i] is term
	// Codes[i]. Nil elsewhere, and where Const.
	Terms *Terms
	Codes []uint32
}

// Bits is a set of row numbers.
type Bits []uint64

// NewBits is an empty set with room for rows 0 to n-1.
func NewBits(n int) Bits { return make(Bits, (n+63)/64) }

// Has tells whether i is in the set; nil has nothing.
func (b Bits) Has(i int) bool { return b != nil && b[i>>6]&(1<<(i&63)) != 0 }

// Set puts i into the set.
func (b Bits) Set(i int) { b[i>>6] |= 1 << (i & 63) }

// Clear takes i out of the set.
func (b Bits) Clear(i int) { b[i>>6] &^= 1 << (i & 63) }

// NewVector is a vector of n zero values (false, 0, "", null for Dynamic).
func NewVector(t Type, n int) *Vector {
	v := &Vector{Type: t, Len: n}
	v.slices(n)
	return v
}

// Constant is a vector of n times one value.
func Constant(value Value, n int) *Vector {
	v := &Vector{Type: value.typ, Len: n, Const: true}
	v.slices(1)
	v.Put(0, value)
	return v
}

func (v *Vector) slices(n int) {
	switch v.Type {
	case Bool:
		v.Bools = make([]bool, n)
	case Int, Long, DateTime, TimeSpan:
		v.Longs = make([]int64, n)
	case Real:
		v.Reals = make([]float64, n)
	case String, Decimal, GUID:
		v.Texts = make([]string, n)
	case Dynamic:
		v.Nodes = make([]*Node, n)
	}
}

// Put sets row i of a vector that its maker still fills.
func (v *Vector) Put(i int, value Value) {
	if value.null {
		if v.Type != Dynamic && v.Type != String {
			if v.Nulls == nil {
				v.Nulls = NewBits(max(v.Len, 1))
			}
			v.Nulls.Set(i)
		}
		return
	}
	switch v.Type {
	case Bool:
		v.Bools[i] = value.Bool()
	case Int, Long, DateTime, TimeSpan:
		v.Longs[i] = value.Long()
	case Real:
		v.Reals[i] = value.Real()
	case String, Decimal, GUID:
		v.Texts[i] = value.text
	case Dynamic:
		v.Nodes[i] = value.node
	}
}

// Null tells whether row i is null.
func (v *Vector) Null(i int) bool {
	if v.Const {
		i = 0
	}
	if v.Type == Dynamic {
		return v.Nodes[i].IsNull()
	}
	return v.Nulls.Has(i)
}

// Value is row i.
func (v *Vector) Value(i int) Value {
	if v.Const {
		i = 0
	}
	if v.Nulls.Has(i) {
		return Null(v.Type)
	}
	switch v.Type {
	case Bool:
		return OfBool(v.Bools[i])
	case Int:
		return OfInt(int32(v.Longs[i]))
	case Long:
		return OfLong(v.Longs[i])
	case DateTime:
		return OfDateTime(v.Longs[i])
	case TimeSpan:
		return OfTimeSpan(v.Longs[i])
	case Real:
		return OfReal(v.Reals[i])
	case Dynamic:
		return OfNode(v.Nodes[i])
	default:
		return Value{typ: v.Type, text: v.Texts[i]}
	}
}

// A Column names a column and its type.
type Column struct {
	Name string
	Type Type
}

// A Batch is some rows of a table, column by column; all vectors have Len rows.
type Batch struct {
	Len     int
	Columns []*Vector
}
