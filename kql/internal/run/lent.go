package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// lent tells for each column of a step whether its values stand in memory
// anyway: they come unchanged from a table that holds its rows. A run that
// keeps them is charged for the references only.
func (c *compiler) lent(n plan.Node) []bool {
	if known, ok := c.env.lent[n]; ok {
		return known
	}
	out := make([]bool, len(n.Columns()))
	c.env.lent[n] = out
	switch n := n.(type) {
	case *plan.Scan:
		if t, ok := n.Source.(interface{ Resident() bool }); ok && t.Resident() {
			fillTrue(out)
		}
	case *plan.Rows:
		fillTrue(out)
	case *plan.Filter, *plan.Take, *plan.Sort, *plan.Top, *plan.Sample, *plan.Materialize:
		copy(out, c.lent(n.Inputs()[0]))
	case *plan.Project:
		lentExprs(out, n.Exprs, c.lent(n.From[0]))
	case *plan.Summarize:
		lentExprs(out, n.Keys, c.lent(n.From[0]))
	case *plan.Join:
		c.lentJoin(out, n)
	case *plan.Union:
		fillTrue(out)
		for k, from := range n.From {
			for i, held := range c.lent(from) {
				if to := n.Into[k][i]; to >= 0 {
					out[to] = out[to] && held
				}
			}
		}
	case *plan.Expand, *plan.Parse, *plan.ParseKV:
		copy(out, c.lent(n.Inputs()[0])) // what is replaced is made new, but is small beside the rest
	}
	return out
}

func fillTrue(all []bool) {
	for i := range all {
		all[i] = true
	}
}

func lentExprs(out []bool, exprs []plan.Expr, input []bool) {
	for i, e := range exprs {
		if column, ok := e.(*plan.Column); ok && column.Index < len(input) {
			out[i] = input[column.Index]
		}
	}
}

func (c *compiler) lentJoin(out []bool, n *plan.Join) {
	var all []bool
	if n.Kind != "rightsemi" && n.Kind != "rightanti" {
		all = append(all, c.lent(n.From[0])...)
	}
	if n.Kind != "leftsemi" && n.Kind != "leftanti" {
		for i, held := range c.lent(n.From[1]) {
			if !contains(n.DropRight, i) {
				all = append(all, held)
			}
		}
	}
	copy(out, all)
}

func contains(list []int, x int) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// bytesOf estimates what a batch holds.
func bytesOf(b *data.Batch, lent []bool) int64 {
	total := int64(0)
	for i, v := range b.Columns {
		total += references(v)
		if i >= len(lent) || !lent[i] {
			total += contents(v)
		}
	}
	return total
}

// references are the bytes of a vector's slices, contents those that they point to.
func references(v *data.Vector) int64 {
	return int64(len(v.Bools)) + 8*int64(len(v.Longs)+len(v.Reals)+len(v.Nulls)+len(v.Nodes)) + 16*int64(len(v.Texts))
}

// rowBytes is what a row takes in the slices of vectors that are not constant.
func rowBytes(columns []data.Column) int64 {
	bytes := int64(0)
	for _, c := range columns {
		switch c.Type {
		case data.Bool:
			bytes++
		case data.String, data.GUID, data.Decimal:
			bytes += 16
		default:
			bytes += 8
		}
	}
	return bytes
}

func contents(v *data.Vector) int64 {
	bytes := int64(0)
	for _, text := range v.Texts {
		bytes += int64(len(text))
	}
	return bytes + nodesBytes(v.Nodes)
}
