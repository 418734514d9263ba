package function

import (
	"cmp"
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
		{
			Name: "autocluster", Signatures: []string{"(SizeWeight:real?, WeightColumn:Scalar{Column}?, NumSeeds:Integer?, " + wildcards},
			Doc: "Finds a few patterns that describe many rows.", Columns: columns(segment), Run: autocluster,
		},
		{
			Name: "basket", Signatures: []string{"(Threshold:real?, WeightColumn:Scalar{Column}?, MaxDimensions:Integer?, " + wildcards},
			Doc: "Finds all patterns that enough rows have.", Columns: columns(segment), Run: basket,
		},
		{
			Name: "diffpatterns", Signatures: []string{"(SplitColumn:Scalar{Column}, SplitValueA:string, SplitValueB:string, WeightColumn:Scalar{Column}?, Threshold:real?, MaxDimensions:Integer?, " + wildcards},
			Doc: "Finds patterns that tell two sets of rows apart.", Columns: columns(halves), Run: diffpatterns,
		},
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

func basket(c *Context, input Table, args []PluginArg) (Table, error) {
	m := newMiner(c, input)
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

func autocluster(c *Context, input Table, args []PluginArg) (Table, error) {
	m := newMiner(c, input)
	if err := m.weigh(args, 1); err != nil {
		return Table{}, err
	}
	rows := m.all()
	whole := m.total(rows)
	m.least = whole * 0.05
	m.readWildcards(args, 3)
	m.mine(rows, 0, 0)
	slices.SortStableFunc(m.patterns, heaviest)
	return m.write(m.cover(whole, max(0, min(numberArg(args, 0, 0.5), 1))), whole), nil
}

// cover takes the best pattern, again and again, of the rows that no pattern
// has yet: good is one that has many rows and says much of them. It ends with
// one that is less than half as good as the first.
func (m *miner) cover(whole, size float64) []mined {
	covered := make([]bool, m.input.Rows)
	score := func(p mined) float64 {
		fresh := 0.0
		for _, row := range p.rows {
			if !covered[row] {
				fresh += m.weights[row]
			}
		}
		if fresh == 0 {
			return 0
		}
		return math.Pow(fresh/whole, size) * math.Pow(float64(len(p.columns))/float64(len(m.input.Columns)), 1-size)
	}
	var chosen []mined
	for first := 0.0; ; {
		best, most := mined{}, 0.0
		for _, p := range m.patterns {
			if s := score(p); s > most {
				best, most = p, s
			}
		}
		if first = max(first, most); most < 0.5*first || most == 0 {
			return chosen
		}
		for _, row := range best.rows {
			covered[row] = true
		}
		chosen = append(chosen, best)
	}
}

// A difference is a pattern with its weights in both sets.
type difference struct {
	mined
	a, b, apart float64 // apart in percent
}

func diffpatterns(c *Context, input Table, args []PluginArg) (Table, error) {
	column, err := columnArg(args, 0)
	if err != nil {
		return Table{}, err
	}
	m := newMiner(c, input)
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
	out := newTableBuilder(m.context, segmentColumns(own, m.input.Columns))
	for i, d := range m.mostTelling(all) {
		out.add(append([]data.Value{
			long(i), data.OfLong(int64(math.Round(d.a))), data.OfLong(int64(math.Round(d.b))),
			data.OfReal(100 * d.a / wholeA), data.OfReal(100 * d.b / wholeB), data.OfReal(d.apart),
		}, m.values(d.mined)...)...)
	}
	return out.table()
}

// mostTelling leaves out patterns that only narrow one that tells more: all
// their rows are rows of one before them.
func (m *miner) mostTelling(all []difference) []difference {
	var out []difference
	var kept []data.Bits
	for _, d := range all {
		narrower := slices.ContainsFunc(kept, func(rows data.Bits) bool {
			return !slices.ContainsFunc(d.rows, func(row int32) bool { return !rows.Has(int(row)) })
		})
		if narrower {
			continue
		}
		rows := data.NewBits(m.input.Rows)
		for _, row := range d.rows {
			rows.Set(int(row))
		}
		out, kept = append(out, d), append(kept, rows)
	}
	return out
}
