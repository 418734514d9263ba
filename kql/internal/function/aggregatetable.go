package function

import "strings"

// newCount is count(), or count(predicate), which counts all rows where the
// argument is not a bool: count(x) counts nulls too.
func newCount([]Arg) (Accumulator, error) { return &counting{}, nil }

// withPredicate puts a predicate after the first n parameters of a signature.
func withPredicate(n int, signature string) string {
	at := 0
	for range n {
		at += 1 + strings.IndexAny(signature[at+1:], ",)")
	}
	return signature[:at] + ", predicate:bool" + signature[at:]
}

func collectAggregates() []Aggregate {
	sized := []string{"(expr:Scalar, maxSize:Integer?) → Parameter0Array"}
	sizedIf := []string{"(expr:Scalar, predicate:bool, maxSize:Integer?) → Parameter0Array"}
	bags := []string{"(expr:DynamicBag, maxSize:Integer?) → dynamic"}
	return []Aggregate{
		{
			Name: "make_list", Signatures: sized, Column: prefixed("list"), Ordered: true,
			Doc: "Collects values in an array, in the order of the rows, nulls left out.", New: newList(mostElements),
		},
		{
			Name: "make_list_if", Signatures: sizedIf, Column: prefixed("list"), Ordered: true,
			Doc: "Collects values of the rows where the predicate is true.", New: onlyIf(1, newList(mostElements)),
		},
		{
			Name: "make_list_with_nulls", Signatures: []string{"(expr:Scalar) → Parameter0Array"}, Column: prefixed("list"),
			Ordered: true, Doc: "Collects values in an array, nulls too.", New: newListWithNulls,
		},
		{
			Name: "makelist", Obsolete: "make_list", Hidden: true, Signatures: sized, Column: prefixed("list"), Ordered: true,
			Doc: "Collects values in an array of at most 128.", New: newList(oldElements),
		},
		{
			Name: "make_set", Signatures: sized, Column: prefixed("set"), Ordered: true,
			Doc: "Collects distinct values in an array, in the order in which they first appear.", New: newSet(mostElements),
		},
		{
			Name: "make_set_if", Signatures: sizedIf, Column: prefixed("set"), Ordered: true,
			Doc: "Collects distinct values of the rows where the predicate is true.", New: onlyIf(1, newSet(mostElements)),
		},
		{
			Name: "makeset", Obsolete: "make_set", Hidden: true, Signatures: sized, Column: prefixed("set"), Ordered: true,
			Doc: "Collects distinct values in an array of at most 128.", New: newSet(oldElements),
		},
		{
			Name: "make_bag", Signatures: bags, Column: prefixed("bag"), Ordered: true,
			Doc: "Joins property bags; of equal keys the first counts.", New: newBag(mostElements),
		},
		{
			Name: "make_bag_if", Signatures: []string{"(expr:DynamicBag, predicate:bool, maxSize:Integer?) → dynamic"},
			Column: prefixed("bag"), Ordered: true, Doc: "Joins property bags of the rows where the predicate is true.",
			New: onlyIf(1, newBag(mostElements)),
		},
		{
			Name: "make_dictionary", Hidden: true, Signatures: bags, Column: prefixed("dictionary"), Ordered: true,
			Doc: "Joins property bags, up to 128 keys.", New: newBag(oldElements),
		},
		{
			Name: "buildschema", Signatures: []string{"(expr:DynamicBag) → dynamic"}, Column: prefixed("schema"), Ordered: true,
			Doc: "Describes the types and keys of dynamic values.", New: newSchemas,
		},
	}
}

func anyAggregates() []Aggregate {
	many := func(key string) []string {
		return []string{"(" + key + ":Orderable, returned:Scalar{StarAllowed}×0..n) → Custom"}
	}
	return []Aggregate{
		{
			Name: "arg_max", Signatures: many("maximized"), Column: "None", Ordered: true, Outputs: columnsOf(""),
			Doc: "Finds the row with the largest value and gives it and other columns of that row.", New: newArgExtreme(1),
		},
		{
			Name: "arg_min", Signatures: many("minimized"), Column: "None", Ordered: true, Outputs: columnsOf(""),
			Doc: "Finds the row with the smallest value and gives it and other columns of that row.", New: newArgExtreme(-1),
		},
		{
			Name: "argmax", Obsolete: "arg_max", Hidden: true, Signatures: many("maximized"), Column: "None:max", Ordered: true,
			Outputs: argColumns("max_"), Doc: "Finds the row with the largest value.", New: newArgExtreme(1),
		},
		{
			Name: "argmin", Obsolete: "arg_min", Hidden: true, Signatures: many("minimized"), Column: "None:min", Ordered: true,
			Outputs: argColumns("min_"), Doc: "Finds the row with the smallest value.", New: newArgExtreme(-1),
		},
		{
			Name: "take_any", Signatures: []string{"(expr:Scalar{StarAllowed}×1..n) → Custom"}, Column: "None", Ordered: true,
			Outputs: columnsOf(""), Doc: "Takes the values of any row (here the first; of one column the first that is not empty).",
			New: newAny,
		},
		{
			Name: "any", Obsolete: "take_any", Hidden: true, Signatures: []string{
				"(expr:Scalar) → Parameter0",
				"(expr:Scalar{StarOnly}) → Custom", "(expr:Scalar×2..n) → Custom",
			}, Column: prefixed("any"), Ordered: true,
			Outputs: columnsOf("any_"), Doc: "Takes the values of any row.", New: newAny,
		},
		{
			Name: "take_anyif", Signatures: []string{"(expr:Scalar, predicate:bool) → Parameter0"}, Column: "FirstArgument",
			Ordered: true, Doc: "Takes the value of any row where the predicate is true.", New: onlyIf(1, newAny),
		},
		{
			Name: "anyif", Obsolete: "take_anyif", Hidden: true, Signatures: []string{"(expr:Scalar, predicate:bool) → Parameter0"},
			Column: prefixed("anyif"), Ordered: true, Doc: "Takes the value of any row where the predicate is true.",
			New: onlyIf(1, newAny),
		},
		{
			Name: "passthrough", Hidden: true, Signatures: []string{"(expr:Scalar) → Parameter0"}, Column: "FirstArgument",
			Ordered: true, Doc: "Takes the value of the group's first row.", New: newAny,
		},
	}
}

func percentileAggregates() []Aggregate {
	one := func(name, params, doc string, f percentileForm) Aggregate {
		a := Aggregate{
			Name: name, Signatures: []string{"(expr:Scalar, " + params + ") → Custom"}, Column: "None",
			Doc: doc, New: f.new, Outputs: percentileColumns(1 + b2i(f.weighted)),
		}
		if f.array {
			weight, _, _ := strings.Cut(params, "percentile:")
			a.Signatures = append(a.Signatures, "(expr:Scalar, "+weight+"percentiles:DynamicArray) → Custom")
			a.Outputs = arrayColumn
		}
		return a
	}
	return []Aggregate{
		one("percentile", "percentile:Number", "Gives the value at a percentile, by nearest rank.", percentileForm{}),
		one("percentiles", "percentile:Number×1..n", "Gives the values at several percentiles.", percentileForm{}),
		one("percentiles_array", "percentile:Number×1..n", "Gives the values at several percentiles in an array.",
			percentileForm{array: true}),
		one("percentilew", "weight:Integer, percentile:Number", "Gives the value at a percentile of weighted values.",
			percentileForm{weighted: true}),
		one("percentilesw", "weight:Integer, percentile:Number×1..n", "Gives the values at several percentiles of weighted values.",
			percentileForm{weighted: true}),
		one("percentilesw_array", "weight:Integer, percentile:Number×1..n",
			"Gives the values at several percentiles of weighted values in an array.", percentileForm{weighted: true, array: true}),
	}
}

func sketchAggregates() []Aggregate {
	return []Aggregate{
		{
			Name: "hll", Signatures: []string{"(expr:NotRealOrBool, accuracy:Integer?) → dynamic"}, Column: prefixed("hll"),
			Doc: "Keeps what dcount_hll needs to count distinct values later.", New: newSketching,
		},
		{
			Name: "hll_if", Signatures: []string{"(expr:NotRealOrBool, predicate:bool, accuracy:Integer?) → dynamic"},
			Column: prefixed("hll_if"), Doc: "Does as hll for the rows where the predicate is true.", New: onlyIf(1, newSketching),
		},
		{
			Name: "hll_merge", Signatures: []string{"(hll:DynamicArray) → dynamic"}, Column: prefixed("hll_merge"),
			Doc: "Joins results of hll.", New: newSketchMerge,
		},
		{
			Name: "tdigest", Signatures: []string{"(expr:Summable, weight:Integer?) → dynamic"}, Column: prefixed("tdigest"),
			Ordered: true, Doc: "Keeps what percentile_tdigest needs to find percentiles later.", New: newDigesting,
		},
		{
			Name: "tdigest_merge", Signatures: []string{"(tdigest:DynamicArray) → dynamic"}, Column: prefixed("merge_tdigests"),
			Ordered: true, Doc: "Joins results of tdigest.", New: newDigestMerge,
		},
		{
			Name: "merge_tdigest", Signatures: []string{"(tdigest:DynamicArray) → dynamic"}, Column: prefixed("merge_tdigests"),
			Ordered: true, Doc: "Joins results of tdigest.", New: newDigestMerge,
		},
	}
}
