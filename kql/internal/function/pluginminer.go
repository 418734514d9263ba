package function

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
)

// A miner looks for patterns: columns that have one value in many rows. It
// finds closed ones: no further column is the same in all of a pattern's rows.
type miner struct {
	context   *Context
	input     Table
	codes     [][]uint32 // for each column that may be in a pattern the number of each row's value, else nil
	weights   []float64
	least     float64
	most      int // columns that are chosen; those that go with them do not count
	wildcards []data.Value
	found     map[string]bool
	patterns  []mined
	held      int // rows of all patterns
	tried     int
	sums      []float64 // by a column's numbers; all zero but while rows are split
	work      operator.Work
}

// A mined pattern has its rows and the columns that are the same in all of them.
type mined struct {
	rows    []int32
	columns []int
	weight  float64
}

// Limits that keep wide and long tables from filling the memory.
const (
	mostPatterns = 20_000
	mostHeld     = 20_000_000
	mostTried    = 200_000
)

func newMiner(c *Context, input Table) *miner {
	c.mustSpend(input.Rows, 8+4) // the weights, and the numbers of all rows
	m := &miner{context: c, input: input, weights: make([]float64, input.Rows), most: 5, found: map[string]bool{}, work: c.work()}
	most := 0
	for i := range m.weights {
		m.weights[i] = 1
	}
	for column := range input.Columns {
		c.mustSpend(input.Rows, 4)
		codes, groups := c.rowGroups(input, []int{column})
		m.codes = append(m.codes, codes)
		most = max(most, len(groups))
	}
	c.mustSpend(most, 8)
	m.sums = make([]float64, most)
	return m
}

// weigh takes the weights of rows from a column argument, if there is one.
func (m *miner) weigh(args []PluginArg, at int) error {
	if at >= len(args) || args[at].Column < 0 {
		return nil
	}
	m.codes[args[at].Column] = nil
	for row := range m.weights {
		x, ok := asReal(m.input.Vectors[args[at].Column].Value(row))
		if !ok || x < 0 {
			return fmt.Errorf("argument %d: want a column of numbers that are not negative", at+1)
		}
		m.weights[row] = x
	}
	return nil
}

func (m *miner) total(rows []int32) (sum float64) {
	for _, row := range rows {
		sum += m.weights[row]
	}
	return sum
}

// numberArg is a number, or what stands for a missing one or "~".
func numberArg(args []PluginArg, at int, missing float64) float64 {
	if at < len(args) && args[at].Const != nil {
		if x, ok := asReal(*args[at].Const); ok {
			return x
		}
	}
	return missing
}

func (m *miner) readWildcards(args []PluginArg, from int) {
	for _, a := range args[min(from, len(args)):] {
		if a.Const != nil && a.Const.Text() != "~" {
			m.wildcards = append(m.wildcards, *a.Const)
		}
	}
}

// mine looks for patterns in rows that have all columns before from decided.
func (m *miner) mine(rows []int32, from, chosen int) {
	if chosen > 0 {
		m.keep(rows)
	}
	if chosen == m.most || len(m.patterns) >= mostPatterns || m.held >= mostHeld || m.tried >= mostTried {
		return
	}
	m.tried++
	for c := from; c < len(m.codes); c++ {
		if m.codes[c] == nil {
			continue
		}
		for _, same := range m.split(rows, c) {
			m.mine(same, c+1, chosen+1)
		}
	}
}

// split groups rows by a column; groups that are too light are left out.
func (m *miner) split(rows []int32, column int) [][]int32 {
	codes := m.codes[column]
	for _, row := range rows {
		m.sums[codes[row]] += m.weights[row]
	}
	at := map[uint32]int{}
	var groups [][]int32
	for _, row := range rows {
		m.work.Add(1)
		code := codes[row]
		if m.sums[code] < m.least {
			continue
		}
		g, ok := at[code]
		if !ok {
			g = len(groups)
			at[code] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], row)
	}
	for _, row := range rows {
		m.sums[codes[row]] = 0
	}
	return groups
}

func (m *miner) keep(rows []int32) {
	p := mined{rows: rows, weight: m.total(rows)}
	var key []byte
	for c, codes := range m.codes {
		if codes != nil && !slices.ContainsFunc(rows, func(row int32) bool { return codes[row] != codes[rows[0]] }) {
			p.columns = append(p.columns, c)
			key = fmt.Appendf(key, "%d=%d,", c, codes[rows[0]])
		}
	}
	if !m.found[string(key)] {
		m.found[string(key)] = true
		m.held += len(rows)
		m.patterns = append(m.patterns, p)
	}
}

func (m *miner) all() []int32 {
	rows := make([]int32, m.input.Rows)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// values are the pattern's values, wildcards elsewhere.
func (m *miner) values(p mined) []data.Value {
	var out []data.Value
	for c, col := range m.input.Columns {
		v := data.Null(col.Type)
		for _, w := range m.wildcards {
			if w.Type() == col.Type {
				v = w
			}
		}
		if slices.Contains(p.columns, c) {
			v = m.input.Vectors[c].Value(int(p.rows[0]))
		}
		out = append(out, v)
	}
	return out
}

// write makes the table of patterns with their share of the whole.
func (m *miner) write(patterns []mined, whole float64) Table {
	own := append(longColumns("SegmentId", "Count"), realColumns("Percent")...)
	out := newTableBuilder(m.context, segmentColumns(own, m.input.Columns))
	for i, p := range patterns {
		out.add(append([]data.Value{long(i), data.OfLong(int64(math.Round(p.weight))), data.OfReal(100 * p.weight / whole)}, m.values(p)...)...)
	}
	return out.table()
}

// heaviest orders patterns by weight; those with more columns come first where it is equal.
func heaviest(a, b mined) int {
	return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(len(b.columns), len(a.columns)), cmp.Compare(a.rows[0], b.rows[0]))
}
