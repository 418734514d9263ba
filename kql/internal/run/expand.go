package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// An expanding turns arrays into rows: those of a row are zipped, the shorter
// ones padded with null. Null is one row, an empty array none.
type expanding struct {
	prog  *program
	items []plan.ExpandItem
	pairs bool // bags become [key, value] instead of one-key bags
	index bool
	limit int
}

func (c *compiler) expanding(items []plan.ExpandItem, bags string, index int, limit plan.Expr) (*expanding, error) {
	x := &expanding{items: items, pairs: bags == "array", index: index >= 0, limit: 1 << 31}
	exprs := make([]plan.Expr, len(items))
	for i, item := range items {
		exprs[i] = item.Value
	}
	var err error
	if x.prog, err = c.program(exprs...); err != nil {
		return nil, err
	}
	if limit != nil {
		x.limit, err = c.howMany(limit)
	}
	return x, err
}

// An expanded is some of the rows that come of a chunk: which row each comes
// from, its place there, the items' columns.
type expanded struct {
	rows    []int32
	index   []int64
	columns []*data.Vector
}

// An expansion is an expanding on its way through the rows of a chunk. Few
// rows may become very many, so they are made in pieces.
type expansion struct {
	*expanding
	sources []*data.Vector
	lists   []list
	n       int
	row, at int // the next row, and the next place there
	length  int // of the row's longest list
	// whole: a piece ends with a row of the chunk, however long.
	whole bool
}

func (x *expanding) start(e *env, c *chunk) *expansion {
	return &expansion{expanding: x, sources: x.prog.run(e, c), lists: make([]list, len(x.items)), n: c.n}
}

// done tells whether all rows have been made.
func (x *expansion) done() bool { return x.row >= x.n }

// piece makes the next rows: about as many as a batch has.
func (x *expansion) piece() expanded {
	var out expanded
	builders := make([]*data.Builder, len(x.items))
	for k, item := range x.items {
		builders[k] = data.NewBuilder(typeOf(item), min(x.n, batchSize))
	}
	for ; x.row < x.n && len(out.rows) < batchSize; x.row++ {
		if x.at == 0 {
			x.open()
		}
		end := x.length
		if room := batchSize - len(out.rows); !x.whole && end-x.at > room {
			end = x.at + room
		}
		for ; x.at < end; x.at++ {
			out.rows = append(out.rows, int32(x.row))
			out.index = append(out.index, int64(x.at))
			for k, item := range x.items {
				builders[k].Append(cast(x.lists[k].at(x.at), typeOf(item)))
			}
		}
		if x.at < x.length {
			break
		}
		x.at = 0
	}
	for _, b := range builders {
		out.columns = append(out.columns, b.Build())
	}
	return out
}

// open reads the lists of the next row.
func (x *expansion) open() {
	x.length = 0
	for k, v := range x.sources {
		x.lists[k] = listOf(v.Value(x.row), x.pairs)
		x.length = max(x.length, x.lists[k].len())
	}
	x.length = min(x.length, x.limit)
}

func typeOf(item plan.ExpandItem) data.Type {
	if item.To == 0 {
		return data.Dynamic
	}
	return item.To
}

// A list is what one value is expanded into.
type list struct {
	items []*data.Node
	keys  []string
	pairs bool
	alone *data.Node
	one   bool
}

func listOf(v data.Value, pairs bool) list {
	node := v.Node()
	if v.Type() != data.Dynamic {
		node = data.NodeOf(v)
	}
	switch node.Kind() {
	case data.KindArray:
		return list{items: node.Items()}
	case data.KindBag:
		return list{items: node.Items(), keys: node.Keys(), pairs: pairs}
	}
	return list{alone: node, one: true}
}

func (l list) len() int {
	if l.one {
		return 1
	}
	return len(l.items)
}

func (l list) at(i int) *data.Node {
	switch {
	case i >= l.len():
		return nil
	case l.one:
		return l.alone
	case l.keys == nil:
		return l.items[i]
	case l.pairs:
		return data.NodeOfArray([]*data.Node{data.NodeOfString(l.keys[i]), l.items[i]})
	}
	return data.NodeOfBag([]string{l.keys[i]}, []*data.Node{l.items[i]})
}

// cast is "to typeof": a text is not read as a number, all else is converted.
func cast(node *data.Node, to data.Type) data.Value {
	if to == data.Dynamic {
		return data.OfNode(node)
	}
	if node.Kind() == data.KindString {
		switch to {
		case data.Bool, data.Int, data.Long, data.Real, data.Decimal:
			return data.Null(to)
		}
	}
	return data.Convert(data.OfNode(node), to)
}

// expand is mv-expand as a stage.
func (c *compiler) expand(n *plan.Expand) (stage, error) {
	x, err := c.expanding(n.Items, n.Bags, n.Index, n.Limit)
	if err != nil {
		return nil, err
	}
	from := len(n.From[0].Columns())
	return func(e *env, c *chunk) (*chunk, error) {
		walk := x.start(e, c)
		var next func() (*chunk, error)
		next = func() (*chunk, error) {
			made := expandedChunk(n, c, from, walk.piece())
			if !walk.done() {
				made.more = next
			}
			return made, nil
		}
		return next()
	}, nil
}

// expandedChunk puts the other columns beside the items'.
func expandedChunk(n *plan.Expand, c *chunk, from int, made expanded) *chunk {
	b := &data.Batch{Len: len(made.rows), Columns: make([]*data.Vector, len(n.Cols))}
	for k, item := range n.Items {
		b.Columns[item.Into] = made.columns[k]
	}
	if n.Index >= 0 {
		b.Columns[n.Index] = &data.Vector{Type: data.Long, Len: b.Len, Longs: made.index}
	}
	for i := range from {
		if b.Columns[i] == nil {
			b.Columns[i] = c.column(i).Gather(made.rows)
		}
	}
	return wholeChunk(b)
}
