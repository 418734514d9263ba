package function

// aggregates are the aggregate functions of summarize.
func aggregates() []Aggregate {
	var all []Aggregate
	for _, table := range [][]Aggregate{
		countAggregates(), sumAggregates(), extremeAggregates(), collectAggregates(), anyAggregates(),
		spreadAggregates(), bitAggregates(), percentileAggregates(), sketchAggregates(),
	} {
		all = append(all, table...)
	}
	return all
}

// prefixed is how most aggregates name their column: sum_x.
func prefixed(prefix string) string { return "PrefixAndFirstArgument:" + prefix }

func countAggregates() []Aggregate {
	count := func([]Arg) (Accumulator, error) { return &counting{}, nil }
	return []Aggregate{
		{
			Name: "count", Signatures: []string{"() → long", "(predicate:bool) → long"}, Column: prefixed("count"),
			Doc: "Counts rows, or those where the predicate is true.", New: newCount,
		},
		{
			Name: "cnt", Obsolete: "count", Hidden: true, Signatures: []string{"() → long"}, Column: prefixed("cnt"),
			Doc: "Counts rows.", New: count,
		},
		{
			Name: "countif", Signatures: []string{"(predicate:bool) → long"}, Column: prefixed("countif"),
			Doc: "Counts the rows where the predicate is true.", New: count,
		},
		{
			Name: "dcount", Signatures: []string{"(expr:Scalar, accuracy:NotDynamic?) → long"}, Column: prefixed("dcount"),
			Doc: "Counts distinct values, nulls left out; exact, whatever the accuracy.", New: newDcount,
		},
		{
			Name: "dcountif", Signatures: []string{"(expr:Scalar, predicate:bool, accuracy:NotDynamic?) → long"},
			Column: prefixed("dcountif"), Doc: "Counts distinct values of the rows where the predicate is true.",
			New: onlyIf(1, newDcount),
		},
		{
			Name: "count_distinct", Signatures: []string{"(expr:NotDynamic) → long"}, Column: prefixed("count_distinct"),
			Doc: "Counts distinct values exactly.", New: newDcount,
		},
		{
			Name: "count_distinctif", Signatures: []string{"(expr:NotDynamic, predicate:bool) → long"},
			Column: prefixed("count_distinctif"), Doc: "Counts distinct values of the rows where the predicate is true.",
			New: onlyIf(1, newDcount),
		},
	}
}

// ifForms are the signatures with a predicate after the first n parameters.
func ifForms(n int, signatures []string) []string {
	out := make([]string, len(signatures))
	for i, s := range signatures {
		out[i] = withPredicate(n, s)
	}
	return out
}

func sumAggregates() []Aggregate {
	sums := []string{"(expr:Summable) → Parameter0Promoted"}
	means := []string{
		"(expr:Integer) → real", "(expr:datetime) → datetime", "(expr:decimal) → decimal",
		"(expr:real) → real", "(expr:timespan) → timespan",
	}
	return []Aggregate{
		{Name: "sum", Signatures: sums, Column: prefixed("sum"), Doc: "Adds up values, nulls left out.", New: newSum},
		{
			Name: "sumif", Signatures: ifForms(1, sums), Column: prefixed("sumif"),
			Doc: "Adds up values of the rows where the predicate is true.", New: onlyIf(1, newSum),
		},
		{Name: "avg", Signatures: means, Column: prefixed("avg"), Doc: "Averages values, nulls left out.", New: newAvg},
		{
			Name: "avgif", Signatures: ifForms(1, means), Column: prefixed("avgif"),
			Doc: "Averages values of the rows where the predicate is true.", New: onlyIf(1, newAvg),
		},
	}
}

func extremeAggregates() []Aggregate {
	one := []string{"(expr:Orderable) → Parameter0"}
	return []Aggregate{
		{Name: "min", Signatures: one, Column: prefixed("min"), Doc: "Finds the smallest value.", New: newExtreme(-1)},
		{Name: "max", Signatures: one, Column: prefixed("max"), Doc: "Finds the largest value.", New: newExtreme(1)},
		{
			Name: "minif", Signatures: ifForms(1, one), Column: prefixed("minif"),
			Doc: "Finds the smallest value of the rows where the predicate is true.", New: onlyIf(1, newExtreme(-1)),
		},
		{
			Name: "maxif", Signatures: ifForms(1, one), Column: prefixed("maxif"),
			Doc: "Finds the largest value of the rows where the predicate is true.", New: onlyIf(1, newExtreme(1)),
		},
	}
}

func spreadAggregates() []Aggregate {
	var all []Aggregate
	for _, a := range []struct {
		name, doc string
		form      spreadForm
	}{
		{"stdev", "Gives the standard deviation of a sample.", spreadForm{root: true}},
		{"stdevp", "Gives the standard deviation of a whole population.", spreadForm{root: true, population: true}},
		{"variance", "Gives the variance of a sample.", spreadForm{}},
		{"variancep", "Gives the variance of a whole population.", spreadForm{population: true}},
		{"covariance", "Gives the covariance of two columns of a sample.", spreadForm{pair: true}},
		{"covariancep", "Gives the covariance of two columns of a whole population.", spreadForm{pair: true, population: true}},
	} {
		signatures, at := []string{"(expr:Summable) → real"}, 1
		if a.form.pair {
			signatures, at = []string{"(expr:Summable, expr:Summable) → real"}, 2
		}
		plain := Aggregate{Name: a.name, Signatures: signatures, Column: prefixed(a.name), Doc: a.doc, New: a.form.new}
		all = append(all, plain)
		if a.name == "stdevp" {
			continue // Kusto has no stdevpif
		}
		all = append(all, Aggregate{
			Name: a.name + "if", Signatures: ifForms(at, signatures), Column: prefixed(a.name + "if"),
			Doc: a.doc[:len(a.doc)-1] + ", of the rows where the predicate is true.", New: onlyIf(at, a.form.new),
		})
	}
	return all
}

func bitAggregates() []Aggregate {
	one := []string{"(expr:Summable) → Parameter0"}
	return []Aggregate{
		{
			Name: "binary_all_and", Signatures: one, Column: "FirstArgument", Doc: "Joins the bits of all values by and.",
			New: newCombining(func(a, b int64) int64 { return a & b }),
		},
		{
			Name: "binary_all_or", Signatures: one, Column: "FirstArgument", Doc: "Joins the bits of all values by or.",
			New: newCombining(func(a, b int64) int64 { return a | b }),
		},
		{
			Name: "binary_all_xor", Signatures: one, Column: "FirstArgument", Doc: "Joins the bits of all values by exclusive or.",
			New: newCombining(func(a, b int64) int64 { return a ^ b }),
		},
	}
}
