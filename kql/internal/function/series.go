package function

import "github.com/bartizan-dev/bartizan/kql/data"

// seriesScalars are the functions of series: arrays of numbers.
func seriesScalars() []Scalar {
	var all []Scalar
	for _, table := range [][]Scalar{
		seriesElementScalars(), seriesPairScalars(), seriesVectorScalars(), seriesFillScalars(), seriesFitScalars(),
		seriesStatsScalars(), seriesFilterScalars(), seriesPeriodScalars(), seriesDecomposeScalars(),
	} {
		all = append(all, table...)
	}
	return all
}

// several is a function with several columns: its own result is an array of them.
func several(name, signature, doc string, fields []field, f func(args []data.Value) []*data.Node) Scalar {
	return Scalar{
		Name: name, Signatures: []string{"(" + signature + ") → Custom"}, Column: "None", Doc: doc,
		Type: func([]Arg) data.Type { return data.Dynamic }, Columns: fieldColumns(name, fields),
		Eval: fieldsEval(len(fields), f),
	}
}

// inBag is the _dynamic form of a function with several columns.
func inBag(name, signature, doc string, fields []field, f func(args []data.Value) []*data.Node) Scalar {
	return Scalar{
		Name: name, Signatures: []string{"(" + signature + ") → Custom"}, Column: "None", Doc: doc,
		Type: func([]Arg) data.Type { return data.Dynamic }, Eval: bagEval(fields, f),
	}
}
