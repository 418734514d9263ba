package function

import "github.com/bartizan-dev/bartizan/kql/data"

// mostItems bounds the arrays that range and repeat make, as Kusto does.
const mostItems = 1 << 20

func repeatValue(c *Context, args []data.Value) data.Value {
	n, given := integerArg(args, 1)
	if !given || n < 0 {
		return data.Null(data.Dynamic)
	}
	n = min(n, mostItems)
	c.affordItems(int(n))
	items := make([]*data.Node, n)
	node := data.NodeOf(args[0])
	for i := range items {
		items[i] = node
	}
	return arrayOf(items)
}

// rangeArray counts in the type of its arguments; times step by an hour unless told.
func rangeArray(c *Context, args []data.Value) data.Value {
	for _, v := range args {
		if v.IsNull() {
			return data.Null(data.Dynamic)
		}
	}
	start, stop := args[0], args[1]
	step := data.OfLong(1)
	timed := start.Type() == data.DateTime || start.Type() == data.TimeSpan
	if timed {
		step = data.OfTimeSpan(data.TicksPerHour)
	}
	if len(args) > 2 {
		step = args[2]
	}
	switch {
	case timed:
		return rangeLongs(c, start.Long(), stop.Long(), data.Convert(step, data.TimeSpan).Long(), func(n int64) *data.Node {
			if start.Type() == data.DateTime {
				return data.NodeOf(data.OfDateTime(n))
			}
			return data.NodeOf(data.OfTimeSpan(n))
		})
	case isWhole(start) && isWhole(stop) && isWhole(step):
		return rangeLongs(c, start.Long(), stop.Long(), step.Long(), data.NodeOfLong)
	}
	if start.Type() == data.Decimal || stop.Type() == data.Decimal || step.Type() == data.Decimal {
		return rangeDecimals(c, data.Convert(start, data.Decimal), data.Convert(stop, data.Decimal), data.Convert(step, data.Decimal))
	}
	return rangeReals(c, realArg(start), realArg(stop), realArg(step))
}

func isWhole(v data.Value) bool { return v.Type() == data.Int || v.Type() == data.Long }

func rangeLongs(c *Context, start, stop, step int64, node func(int64) *data.Node) data.Value {
	var items []*data.Node
	work := c.work()
	for n := start; step != 0 && (step > 0 && n <= stop || step < 0 && n >= stop) && len(items) < mostItems; n += step {
		items = append(items, node(n))
		c.affordItems(len(items))
		work.Add(stepsOfItem)
		if next := n + step; (step > 0) != (next > n) {
			break
		}
	}
	return arrayOf(items)
}

func rangeReals(c *Context, start, stop, step float64) data.Value {
	var items []*data.Node
	work := c.work()
	for i := 0; step != 0 && i < mostItems; i++ {
		f := start + float64(i)*step
		if step > 0 && f > stop || step < 0 && f < stop || f != f || stop != stop {
			break
		}
		items = append(items, data.NodeOfReal(f))
		c.affordItems(len(items))
		work.Add(stepsOfItem)
	}
	return arrayOf(items)
}

// What an item costs, in steps of other work: with decimals to add, and without.
const stepsOfDecimal, stepsOfItem = 512, 16

func rangeDecimals(c *Context, start, stop, step data.Value) data.Value {
	var items []*data.Node
	if start.IsNull() || stop.IsNull() || step.IsNull() {
		return arrayOf(items)
	}
	work := c.work()
	for at := range data.StepDecimals(start.Text(), stop.Text(), step.Text()) {
		if len(items) == mostItems {
			break
		}
		items = append(items, data.NodeOf(data.OfDecimal(at)))
		c.affordItems(len(items))
		work.Add(stepsOfDecimal)
	}
	return arrayOf(items)
}
