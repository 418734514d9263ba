package function

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func patternPlugins() []Plugin {
	const wildcards = "CustomWildcard:Scalar×0..n) → Custom"
	segment := append(longColumns("SegmentId", "Count"), realColumns("Percent")...)
	halves := append(longColumns("SegmentId", "CountA", "CountB"), realColumns("PercentA", "PercentB", "PercentDiffAB")...)
	columns := func(own []data.Column) func([]data.Column, []PluginArg) ([]data.Column, bool, error) {
		return func(input []data.Column, _ []PluginArg) ([]data.Column, bool, error) {
			return segmentColumns(own, input), false, nil
		}
	}
	return []Plugin{
		{Name: "autocluster", Signatures: []string{"(SizeWeight:real?, WeightColumn:Scalar{Column}?, NumSeeds:Integer?, " + wildcards},
			Doc: "Finds a few patterns that describe many rows.", Columns: columns(segment), Run: autocluster},
		{Name: "basket", Signatures: []string{"(Threshold:real?, WeightColumn:Scalar{Column}?, MaxDimensions:Integer?, " + wildcards},
			Doc: "Finds all patterns that enough rows have.", Columns: columns(segment), Run: basket},
		{Name: "diffpatterns", Signatures: []string{"(SplitColumn:Scalar{Column}, SplitValueA:string, SplitValueB:string, WeightColumn:Scalar{Column}?, Threshold:real?, MaxDimensions:Integer?, " + wildcards},
			Doc: "Finds patterns that tell two sets of rows apart.", Columns: columns(halves), Run: diffpatterns},
	}
}

func segmentColumns(own, input []data.Column) []data.Column {
	out := slices.Clone(own)
	used := namesOf(own)
	for _, c := range input {
		out = append(out, data.Column{Name: freeName(c.Name, used), Type: c.Type})
	}
	return out
}

// A miner looks for patterns: columns that have one value in many rows. It
// finds closed ones: no further column is the same in all of a pattern's rows.
type miner struct {
	input     Table
	codes     [][]uint32 // for each column that may be in a pattern the number of each row's value, else nil
	weights   []float64
	least     float64
	most      int // columns that are chosen; those that go with them do not count
	wildcards []data.Value
	found     map[string]bool
	patterns  []mined
}

// A mined pattern has its rows and the columns that are the same in all of them.
type mined struct {
	rows    []int32
	columns []int
	weight  float64
}

// mostPatterns keeps wide tables from filling the memory.
const mostPatterns = 20_000

func newMiner(input Table) *miner {
	m := &miner{input: input, weights: make([]float64, input.Rows), most: 5, found: map[string]bool{}}
	for i := range m.weights {
		m.weights[i] = 1
	}
	for c := range input.Columns {
		codes, _ := rowGroups(input, []int{c})
		m.codes = append(m.codes, codes)
	}
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
	if chosen == m.most || len(m.patterns) >= mostPatterns {
		return
	}
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
	at := map[uint32]int{}
	var groups [][]int32
	for _, row := range rows {
		code := m.codes[column][row]
		g, ok := at[code]
		if !ok {
			g = len(groups)
			at[code] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], row)
	}
	return slices.DeleteFunc(groups, func(g []int32) bool { return m.total(g) < m.least })
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
	out := newTableBuilder(segmentColumns(own, m.input.Columns))
	for i, p := range patterns {
		out.add(append([]data.Value{long(i), data.OfLong(int64(math.Round(p.weight))), data.OfReal(100 * p.weight / whole)}, m.values(p)...)...)
	}
	return out.table()
}

// heaviest orders patterns by weight; those with more columns come first where it is equal.
func heaviest(a, b mined) int {
	return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(len(b.columns), len(a.columns)), cmp.Compare(a.rows[0], b.rows[0]))
}

func basket(_ *Context, input Table, args []PluginArg) (Table, error) {
	m := newMiner(input)
	if err := m.weigh(args, 1); err != nil {
		return Table{}, err
	}
	rows := m.all()
	whole := m.total(rows)
	m.least = whole * numberArg(args, 0, 0.05)
	m.most = int(numberArg(args, 2, 5))
	m.readWildcards(args, 3)
	m.mine(rows, 0, 0)
	slices.SortStableFunc(m.patterns, heaviest)
	return m.write(m.patterns, whole), nil
}

// autocluster takes the best pattern, again and again, of the rows that no
// pattern has yet: good is one that has many rows and says much of them.
func autocluster(_ *Context, input Table, args []PluginArg) (Table, error) {
	m := newMiner(input)
	if err := m.weigh(args, 1); err != nil {
		return Table{}, err
	}
	size := numberArg(args, 0, 0.5)
	rows := m.all()
	whole := m.total(rows)
	m.least = whole * 0.05
	m.readWildcards(args, 3)
	m.mine(rows, 0, 0)
	slices.SortStableFunc(m.patterns, heaviest)
	covered := make([]bool, input.Rows)
	score := func(p mined) float64 {
		fresh := 0.0
		for _, row := range p.rows {
			if !covered[row] {
				fresh += m.weights[row]
			}
		}
		return math.Pow(fresh/whole, size) * math.Pow(float64(len(p.columns))/float64(len(input.Columns)), 1-size)
	}
	var chosen []mined
	for first := 0.0; len(m.patterns) > 0; {
		best := m.patterns[0]
		for _, p := range m.patterns[1:] {
			if score(p) > score(best) {
				best = p
			}
		}
		if first = max(first, score(best)); score(best) < 0.5*first || first == 0 {
			break
		}
		for _, row := range best.rows {
			covered[row] = true
		}
		chosen = append(chosen, best)
	}
	return m.write(chosen, whole), nil
}

// A difference is a pattern with its weights in both sets.
type difference struct {
	mined
	a, b, apart float64 // apart in percent
}

func diffpatterns(_ *Context, input Table, args []PluginArg) (Table, error) {
	column, err := columnArg(args, 0)
	if err != nil {
		return Table{}, err
	}
	m := newMiner(input)
	if err := m.weigh(args, 3); err != nil {
		return Table{}, err
	}
	m.codes[column] = nil
	sides := [2][]int32{}
	for i := range sides {
		name, err := constantArg(args, 1+i)
		if err != nil {
			return Table{}, err
		}
		for _, row := range m.all() {
			if data.Convert(input.Vectors[column].Value(int(row)), data.String).Text() == name.Text() {
				sides[i] = append(sides[i], row)
			}
		}
	}
	threshold := numberArg(args, 4, 0.05)
	m.most = int(numberArg(args, 5, 5))
	m.readWildcards(args, 6)
	m.least = threshold * min(m.total(sides[0]), m.total(sides[1]))
	m.mine(append(slices.Clone(sides[0]), sides[1]...), 0, 0)
	return m.differences(sides, 100*threshold), nil
}

func (m *miner) differences(sides [2][]int32, least float64) Table {
	inA := map[int32]bool{}
	for _, row := range sides[0] {
		inA[row] = true
	}
	wholeA, wholeB := m.total(sides[0]), m.total(sides[1])
	var all []difference
	for _, p := range m.patterns {
		d := difference{mined: p}
		for _, row := range p.rows {
			if inA[row] {
				d.a += m.weights[row]
			} else {
				d.b += m.weights[row]
			}
		}
		if d.apart = math.Abs(100*d.a/wholeA - 100*d.b/wholeB); d.apart >= least {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(x, y difference) int { return cmp.Or(cmp.Compare(y.apart, x.apart), heaviest(x.mined, y.mined)) })
	own := append(longColumns("SegmentId", "CountA", "CountB"), realColumns("PercentA", "PercentB", "PercentDiffAB")...)
	out := newTableBuilder(segmentColumns(own, m.input.Columns))
	for i, d := range mostTelling(all) {
		out.add(append([]data.Value{long(i), data.OfLong(int64(math.Round(d.a))), data.OfLong(int64(math.Round(d.b))),
			data.OfReal(100 * d.a / wholeA), data.OfReal(100 * d.b / wholeB), data.OfReal(d.apart)}, m.values(d.mined)...)...)
	}
	return out.table()
}

// mostTelling leaves out patterns that only narrow one that tells more: all
// their rows are rows of one before them.
func mostTelling(all []difference) []difference {
	var out []difference
	for _, d := range all {
		narrower := slices.ContainsFunc(out, func(o difference) bool {
			rows := map[int32]bool{}
			for _, row := range o.rows {
				rows[row] = true
			}
			return !slices.ContainsFunc(d.rows, func(row int32) bool { return !rows[row] })
		})
		if !narrower {
			out = append(out, d)
		}
	}
	return out
}
