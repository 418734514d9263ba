package function

import "github.com/bartizan-dev/bartizan/kql/data"

// sketchScalars are the functions of what hll and tdigest keep.
func sketchScalars() []Scalar {
	return []Scalar{
		{
			Name: "dcount_hll", Signatures: []string{"(hll:DynamicArray) → long"}, Column: "NameAndFirstArgument",
			Doc: "Counts the distinct values that hll has seen.", Eval: evalCountHLL,
		},
		{
			Name: "hll_merge", Signatures: []string{"(hll:DynamicArray×2..16) → dynamic"}, Column: "PrefixOnly:hll_merged_result",
			Doc: "Joins results of hll.", Eval: evalMergeHLL,
		},
		{
			Name: "hll_isvalid", Hidden: true, Signatures: []string{"(hll:DynamicArray, value:Scalar) → bool"}, Column: "None",
			Doc: "Tells whether a value is a result of hll.", Eval: func(_ *Context, args []data.Value) data.Value {
				return data.OfBool(readSketch(args[0].Node()) != nil)
			},
		},
		{
			Name: "tdigest_merge", Signatures: []string{"(tdigest:DynamicArray×2..16) → dynamic"}, Column: "PrefixOnly:tdigests_merge_result",
			Doc: "Joins results of tdigest.", Eval: evalMergeDigests,
		},
		{
			Name: "merge_tdigest", Signatures: []string{"(tdigest:DynamicArray×2..16) → dynamic"}, Column: "PrefixOnly:tdigests_merge_result",
			Doc: "Joins results of tdigest.", Eval: evalMergeDigests,
		},
		{
			Name: "tdigest_isvalid", Hidden: true, Signatures: []string{"(digest:DynamicArray, value:Scalar) → bool"}, Column: "None",
			Doc: "Tells whether a value is a result of tdigest.", Eval: func(_ *Context, args []data.Value) data.Value {
				return data.OfBool(readDigest(args[0].Node()) != nil)
			},
		},
		{
			Name: "percentile_tdigest", Signatures: []string{
				"(tdigest:DynamicArray, percentile1:real) → dynamic",
				"(tdigest:DynamicArray, percentile1:real, type:type{Literal}) → ParameterNLiteral",
			}, Column: "NameAndFirstArgument",
			Doc: "Gives the value at a percentile of what tdigest has seen.", Prepare: preparePercentileDigest,
		},
		{
			Name: "percentiles_array_tdigest", Signatures: []string{
				"(tdigest:DynamicArray, percentile:real×1..n) → dynamic",
				"(tdigest:DynamicArray, percentiles:DynamicArray) → dynamic",
			}, Column: "PrefixAndFirstArgument:percentile_tdigest",
			Doc: "Gives the values at several percentiles of what tdigest has seen.", Eval: evalPercentilesDigest,
		},
		{
			Name: "rank_tdigest", Signatures: []string{"(digest:DynamicArray, value:Scalar) → real"}, Column: "None",
			Doc: "Counts how many values that tdigest has seen are at most a value.", Eval: rankEval(false),
		},
		{
			Name: "percentrank_tdigest", Signatures: []string{"(digest:DynamicArray, value:Scalar) → real"}, Column: "None",
			Doc: "Gives the percentage of values that tdigest has seen and are at most a value.", Eval: rankEval(true),
		},
	}
}

func evalCountHLL(_ *Context, args []data.Value) data.Value {
	if s := readSketch(args[0].Node()); s != nil {
		return data.OfLong(s.count())
	}
	return data.Null(data.Long)
}

func evalMergeHLL(_ *Context, args []data.Value) data.Value {
	var all *sketch
	for _, a := range args {
		s := readSketch(a.Node())
		if all == nil {
			all = s
		} else if s != nil {
			all.merge(s)
		}
	}
	if all == nil {
		return nullDynamic()
	}
	return data.OfNode(all.node())
}

func evalMergeDigests(_ *Context, args []data.Value) data.Value {
	var all *digest
	for _, a := range args {
		d := readDigest(a.Node())
		if all == nil {
			all = d
		} else if d != nil {
			all.merge(d)
		}
	}
	if all == nil {
		return nullDynamic()
	}
	return data.OfNode(all.node())
}

// preparePercentileDigest knows the wanted type from typeof(…), given as the
// argument's schema; without it the result is dynamic.
func preparePercentileDigest(args []Arg) (Eval, error) {
	of := data.Dynamic
	if len(args) > 2 && len(args[2].Schema) > 0 {
		of = args[2].Schema[0].Type
	}
	return func(_ *Context, args []data.Value) data.Value {
		p, ok := asReal(args[1])
		d := readDigest(args[0].Node())
		if !ok || d == nil {
			return data.Null(of)
		}
		x, ok := d.percentile(p)
		if !ok {
			return data.Null(of)
		}
		v := d.value(x, d.of)
		if of == data.Dynamic {
			return data.OfNode(data.NodeOf(v))
		}
		return data.Convert(v, of)
	}, nil
}

func evalPercentilesDigest(_ *Context, args []data.Value) data.Value {
	d := readDigest(args[0].Node())
	if d == nil {
		return nullDynamic()
	}
	var items []*data.Node
	for _, a := range args[1:] {
		for _, v := range elementsOf(a) {
			p, _ := asReal(v)
			x, ok := d.percentile(p)
			if !ok {
				return nullDynamic()
			}
			items = append(items, data.NodeOf(d.value(x, d.of)))
		}
	}
	return data.OfNode(data.NodeOfArray(items))
}

func rankEval(percent bool) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		d := readDigest(args[0].Node())
		x, ok := asReal(args[1])
		if !ok && longStored(args[1].Type()) && !args[1].IsNull() {
			x, ok = float64(args[1].Long()), true
		}
		if d == nil || !ok {
			return data.Null(data.Real)
		}
		if percent {
			return orNull(100 * d.rank(x) / d.total())
		}
		return data.OfReal(d.rank(x))
	}
}
