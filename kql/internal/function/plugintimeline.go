package function

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A timeline is what the plug-ins of activity share: who (id) did something
// when (time), cut into bins, and the columns by which results are told apart.
type timeline struct {
	context    *Context // of the run
	id, time   int
	start, end int64
	bins       binning
	dims       []int
}

// A binning cuts time: of is the start of a time's bin, next that of the bin
// after it. step is 0 for weeks, months and years.
type binning struct {
	of, next func(int64) int64
	step     int64
}

func stepsFrom(start, step int64) binning {
	return binning{
		of:   func(t int64) int64 { return start + floorDiv(t-start, step)*step },
		next: func(t int64) int64 { return t + step },
		step: step,
	}
}

// mostBins is how many bins there may be, mostCohorts where each meets each.
// Times are at most far, so that sums of them do not overflow.
const (
	mostBins    = 1_000_000
	mostCohorts = 2_000
	far         = math.MaxInt64 / 4
)

// limit refuses a time with too many bins, and ends so far out that bins overflow.
func (t timeline) limit(most int64) error {
	if t.start < -far || t.end > far {
		return errors.New("start and end are too far apart")
	}
	if t.bins.step > 0 && t.end > t.start && (t.end-t.start)/t.bins.step > most {
		return fmt.Errorf("more than %d bins between start and end", most)
	}
	return nil
}

func calendarBins(s calendarSpan) binning {
	return binning{
		of: func(t int64) int64 {
			start, _ := s.start(t, 0)
			return start
		},
		next: func(t int64) int64 {
			start, ok := s.start(t, 1)
			if !ok {
				return maxTicks + 1
			}
			return start
		},
	}
}

// readBins takes a step, or week, month or year.
func readBins(v data.Value, start int64) (binning, error) {
	if v.Type() == data.String {
		s, ok := map[string]calendarSpan{"week": weekSpan, "month": monthSpan, "year": yearSpan}[v.Text()]
		if !ok {
			return binning{}, fmt.Errorf("window %q: want week, month, year or a timespan", v.Text())
		}
		return calendarBins(s), nil
	}
	step, err := wholeNumber(v)
	if err != nil || step <= 0 || step > far {
		return binning{}, errors.New("want a step greater than zero")
	}
	return stepsFrom(start, step), nil
}

// wholeNumber is a whole number, or the ticks of a time.
func wholeNumber(v data.Value) (int64, error) {
	if longStored(v.Type()) {
		return v.Long(), nil
	}
	if x, ok := asReal(v); ok && x == float64(int64(x)) {
		return int64(x), nil
	}
	return 0, fmt.Errorf("want a whole number, a datetime or a timespan")
}

// ticksArg is a constant argument of that kind.
func ticksArg(args []PluginArg, at int) (int64, error) {
	v, err := constantArg(args, at)
	if err != nil {
		return 0, err
	}
	n, err := wholeNumber(v)
	if err != nil {
		return 0, fmt.Errorf("argument %d: %w", at+1, err)
	}
	return n, nil
}

// ticksArgs are several of them.
func ticksArgs(args []PluginArg, from, n int) ([]int64, error) {
	out := make([]int64, n)
	for i := range out {
		var err error
		if out[i], err = ticksArg(args, from+i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readTimeline reads id and time columns; dims are the columns from an argument on.
func readTimeline(args []PluginArg, dims int) (timeline, error) {
	t := timeline{}
	var err error
	if t.id, err = columnArg(args, 0); err != nil {
		return t, err
	}
	if t.time, err = columnArg(args, 1); err != nil {
		return t, err
	}
	for i := dims; i < len(args); i++ {
		if args[i].Column >= 0 && args[i].Table == nil {
			t.dims = append(t.dims, args[i].Column)
		}
	}
	return t, nil
}

// check refuses a time column that cannot be cut into bins.
func (t timeline) check(input []data.Column) error {
	if c := input[t.time]; !longStored(c.Type) {
		return fmt.Errorf("column %q is a %s; want datetime, timespan, int or long", c.Name, c.Type)
	}
	return nil
}

// columns are time, dims and what is computed.
func (t timeline) columns(input []data.Column, more ...data.Column) []data.Column {
	out := []data.Column{input[t.time]}
	for _, d := range t.dims {
		out = append(out, input[d])
	}
	return append(out, more...)
}

// An event is one row: who and when.
type event struct {
	time int64
	id   uint32
	row  int32
}

// A strand is the events of one combination of dims, in order of time.
type strand struct {
	first  int32 // a row with the dims
	events []event
}

// strands has the events from a time on; rows without a time or id are left out.
func (t timeline) strands(input Table, from, to int64) []strand {
	ids, _ := t.context.rowGroups(input, []int{t.id})
	groups, first := t.context.rowGroups(input, t.dims)
	t.context.mustSpend(input.Rows, 32)
	out := make([]strand, len(first))
	for g, row := range first {
		out[g].first = row
	}
	times := input.Vectors[t.time]
	for row, g := range groups {
		if times.Null(row) || input.Vectors[t.id].Null(row) {
			continue
		}
		if at := times.Longs[row]; at >= max(from, -far) && at <= min(to, far) {
			out[g].events = append(out[g].events, event{at, ids[row], int32(row)})
		}
	}
	for _, s := range out {
		slices.SortStableFunc(s.events, func(a, b event) int { return compareInts(a.time, b.time) })
	}
	return out
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// A binned result is a row: its bin, its dims by a row that has them, and its values.
type binned struct {
	bin    int64
	first  int32
	values []data.Value
}

// tableOf writes results in order of time.
func (t timeline) tableOf(input Table, rows []binned, more ...data.Column) Table {
	slices.SortStableFunc(rows, func(a, b binned) int { return compareInts(a.bin, b.bin) })
	out := newTableBuilder(t.context, t.columns(input.Columns, more...))
	for _, r := range rows {
		values := []data.Value{whole(input.Columns[t.time].Type, r.bin)}
		for _, d := range t.dims {
			values = append(values, input.Vectors[d].Value(int(r.first)))
		}
		out.add(append(values, r.values...)...)
	}
	return out.table()
}

// An idSet is a set of ids.
type idSet map[uint32]struct{}

func (s idSet) add(id uint32) bool {
	if _, ok := s[id]; ok {
		return false
	}
	s[id] = struct{}{}
	return true
}

// common is how many ids are in both.
func (s idSet) common(o idSet) (n int) {
	for id := range s {
		if _, ok := o[id]; ok {
			n++
		}
	}
	return n
}

// A binOf holds the events of one bin.
type binOf struct {
	start  int64
	events int
	ids    idSet
}

// cut puts the strand's events into bins, in order of time; bins without events are left out.
func (s strand) cut(b binning) []binOf {
	var out []binOf
	for _, e := range s.events {
		start := b.of(e.time)
		if n := len(out); n == 0 || out[n-1].start != start {
			out = append(out, binOf{start: start, ids: idSet{}})
		}
		last := &out[len(out)-1]
		last.events++
		last.ids.add(e.id)
	}
	return out
}

func long(n int) data.Value { return data.OfLong(int64(n)) }
