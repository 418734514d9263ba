package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

func (c *compiler) ranged(n *plan.Range) (runner, error) {
	var ends [3]data.Value
	for i, e := range []plan.Expr{n.Low, n.High, n.Step} {
		value, err := c.value(e)
		if err != nil {
			return nil, err
		}
		ends[i] = value
	}
	return func(e *env) stream {
		return func(out emit) error { return countUp(e, n.Cols[0].Type, ends[0], ends[1], ends[2], out) }
	}, nil
}

// countUp gives low, low+step, … while not beyond high.
func countUp(e *env, t data.Type, low, high, step data.Value, out emit) error {
	if low.IsNull() || high.IsNull() || step.IsNull() {
		return nil
	}
	next := longRange(t, low, high, step)
	switch t {
	case data.Real:
		next = realRange(data.Convert(low, t), data.Convert(high, t), data.Convert(step, t))
	case data.Decimal:
		next = decimalRange(data.Convert(low, t), data.Convert(high, t), data.Convert(step, t))
	}
	for {
		v := data.NewBuilder(t, 64)
		for v.Len() < batchSize {
			value, ok := next()
			if !ok {
				break
			}
			v.Append(value)
		}
		if v.Len() == 0 {
			return nil
		}
		if err := e.ctx.Err(); err != nil {
			return err
		}
		column := v.Build()
		if err := out(&data.Batch{Len: column.Len, Columns: []*data.Vector{column}}); err != nil {
			return err
		}
	}
}

func longRange(t data.Type, low, high, step data.Value) func() (data.Value, bool) {
	at, end, by := low.Long(), high.Long(), step.Long()
	done := by == 0 && at > end || by > 0 && at > end || by < 0 && at < end
	return func() (data.Value, bool) {
		if done {
			return data.Value{}, false
		}
		value := ofTicks(t, at)
		next := at + by
		done = by > 0 && (next > end || next < at) || by < 0 && (next < end || next > at) || by == 0
		at = next
		return value, true
	}
}

// ofTicks is the value of a type that a whole number counts.
func ofTicks(t data.Type, n int64) data.Value {
	switch t {
	case data.Int:
		return data.OfInt(int32(n))
	case data.DateTime:
		return data.OfDateTime(n)
	case data.TimeSpan:
		return data.OfTimeSpan(n)
	}
	return data.OfLong(n)
}

func realRange(low, high, step data.Value) func() (data.Value, bool) {
	start, end, by := low.Real(), high.Real(), step.Real()
	i := 0
	return func() (data.Value, bool) {
		at := start + float64(i)*by
		if by > 0 && at > end || by < 0 && at < end || by == 0 && i > 0 || at != at || end != end {
			return data.Value{}, false
		}
		i++
		return data.OfReal(at), true
	}
}

func decimalRange(low, high, step data.Value) func() (data.Value, bool) {
	at, end, by := low.Text(), high.Text(), step.Text()
	up, ok := data.CompareDecimals(by, "0"), true
	return func() (data.Value, bool) {
		if !ok || up > 0 && data.CompareDecimals(at, end) > 0 || up < 0 && data.CompareDecimals(at, end) < 0 {
			return data.Value{}, false
		}
		value := data.OfDecimal(at)
		next, more := data.AddDecimals(at, by)
		at, ok = next, more && next != at // else the step is too small for its digits
		return value, true
	}
}
