package function

import "github.com/bartizan-dev/bartizan/kql/data"

// grow makes room for n elements; new ones are zero.
func grow[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s))...)
}

// flat is v with one value a row, so that loops need not ask for constants.
func flat(v *data.Vector) *data.Vector {
	if !v.Const {
		return v
	}
	c := &cells{Vector: data.Vector{Type: v.Type}, lent: true}
	for range v.Len {
		c.push(v, 0)
	}
	return c.vector(v.Len)
}

// cells is a column that grows: what aggregates keep of rows.
type cells struct {
	data.Vector
	lent  bool // the contents are held by others
	heaps int  // bytes of the texts and trees
}

func newCells(a Arg) *cells { return &cells{Vector: data.Vector{Type: a.Type}, lent: a.Lent} }

// mostSized is up to where the bytes of one value are counted.
const mostSized = 1 << 40

// charge counts the contents that come for those that go.
func (c *cells) charge(text, oldText string, node, oldNode *data.Node) {
	if !c.lent {
		c.heaps += len(text) - len(oldText) + node.Size(mostSized) - oldNode.Size(mostSized)
	}
}

// resize makes room for n rows; new rows are null.
func (c *cells) resize(n int) {
	if n <= c.Len {
		return
	}
	switch c.Type {
	case data.Bool:
		c.Bools = grow(c.Bools, n)
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		c.Longs = grow(c.Longs, n)
	case data.Real:
		c.Reals = grow(c.Reals, n)
	case data.String, data.Decimal, data.GUID:
		c.Texts = grow(c.Texts, n)
	case data.Dynamic:
		c.Nodes = grow(c.Nodes, n)
	}
	for i := c.Len; i < n; i++ {
		c.null(i)
	}
	c.Len = n
}

func (c *cells) null(i int) {
	if c.Type == data.String || c.Type == data.Dynamic {
		return
	}
	c.Nulls = data.Bits(grow([]uint64(c.Nulls), i>>6+1))
	c.Nulls.Set(i)
}

// set copies row j of v, which has the same type, to row i.
func (c *cells) set(i int, v *data.Vector, j int) {
	if v.Const {
		j = 0
	}
	if v.Nulls.Has(j) {
		c.null(i)
		return
	}
	if i>>6 < len(c.Nulls) {
		c.Nulls.Clear(i)
	}
	switch c.Type {
	case data.Bool:
		c.Bools[i] = v.Bools[j]
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		c.Longs[i] = v.Longs[j]
	case data.Real:
		c.Reals[i] = v.Reals[j]
	case data.String, data.Decimal, data.GUID:
		c.charge(v.Texts[j], c.Texts[i], nil, nil)
		c.Texts[i] = v.Texts[j]
	case data.Dynamic:
		c.charge("", "", v.Nodes[j], c.Nodes[i])
		c.Nodes[i] = v.Nodes[j]
	}
}

// push appends row j of v.
func (c *cells) push(v *data.Vector, j int) {
	if v.Const {
		j = 0
	}
	i := c.Len
	switch c.Type {
	case data.Bool:
		c.Bools = append(c.Bools, v.Bools[j])
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		c.Longs = append(c.Longs, v.Longs[j])
	case data.Real:
		c.Reals = append(c.Reals, v.Reals[j])
	case data.String, data.Decimal, data.GUID:
		c.Texts = append(c.Texts, v.Texts[j])
		c.charge(v.Texts[j], "", nil, nil)
	case data.Dynamic:
		c.Nodes = append(c.Nodes, v.Nodes[j])
		c.charge("", "", v.Nodes[j], nil)
	}
	c.Len++
	if v.Nulls.Has(j) {
		c.null(i)
	}
}

// clear forgets the rows and keeps the memory.
func (c *cells) clear() {
	c.Bools, c.Longs, c.Reals, c.Texts, c.Nodes = c.Bools[:0], c.Longs[:0], c.Reals[:0], c.Texts[:0], c.Nodes[:0]
	c.Len, c.Nulls, c.heaps = 0, nil, 0
}

// vector is the first n rows, those that are not there null. It stays valid
// only if c is not written any more.
func (c *cells) vector(n int) *data.Vector {
	c.resize(n)
	v := c.Vector
	v.Len = n
	if v.Nulls != nil {
		v.Nulls = data.Bits(grow([]uint64(v.Nulls), (n+63)/64))
	}
	return &v
}

// node is row i in dynamic.
func (c *cells) node(i int) *data.Node {
	switch {
	case c.isNull(i):
		return nil
	case c.Type == data.String:
		return data.NodeOfString(c.Texts[i])
	case c.Type == data.Dynamic:
		return c.Nodes[i]
	default:
		return data.NodeOf(c.value(i))
	}
}

// isNull tells whether row i is null; Nulls may be shorter than the column.
func (c *cells) isNull(i int) bool {
	if c.Type == data.Dynamic {
		return c.Nodes[i].IsNull()
	}
	return i>>6 < len(c.Nulls) && c.Nulls.Has(i)
}

func (c *cells) bytes() int {
	return cap(c.Bools) + 8*cap(c.Longs) + 8*cap(c.Reals) + 16*cap(c.Texts) + 8*cap(c.Nodes) + 8*cap(c.Nulls) + c.heaps
}

// arrayBytes is what the values take in the arrays that they become.
func (c *cells) arrayBytes() int {
	if c.Type == data.Dynamic {
		return 8 * c.Len
	}
	return (8 + nodeBytes) * c.Len
}

// nodeBytes is what a value takes as a node, its contents left out.
const nodeBytes = 64

func (c *cells) value(i int) data.Value {
	if c.isNull(i) {
		return data.Null(c.Type)
	}
	v := c.Vector
	v.Nulls = nil
	return v.Value(i)
}
