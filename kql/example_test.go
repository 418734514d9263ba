package kql_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

func machines() kql.Tables {
	return kql.Named{"Machines": kql.MemoryTable(
		[]kql.Column{{Name: "name", Type: data.String}, {Name: "location", Type: data.String}, {Name: "cores", Type: data.Long}},
		[]kql.Value{data.OfString("web"), data.OfString("westeurope"), data.OfLong(4)},
		[]kql.Value{data.OfString("db"), data.OfString("westeurope"), data.OfLong(8)},
		[]kql.Value{data.OfString("cache"), data.OfString("northeurope"), data.OfLong(2)},
	)}
}

func Example() {
	query, err := kql.Prepare(`Machines | summarize n = count(), cores = sum(cores) by location | sort by cores`, machines(), kql.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result := query.Run(context.Background())
	for row, err := range result.Rows() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(row[0], row[1], row[2])
	}
	// Output:
	// westeurope 2 12
	// northeurope 1 2
}

func ExampleError() {
	_, err := kql.Prepare("Machines\n| whre cores > 2", machines(), kql.Options{})
	var wrong *kql.Error
	if errors.As(err, &wrong) {
		p := wrong.Problems[0]
		fmt.Println(p.Line, p.Column, p.Token, p.Suggestion)
	}
	// Output: 2 3 whre where
}

func ExampleAppendJSON() {
	fmt.Println(string(kql.AppendJSON(nil, data.OfTimeSpan(36_000_000_000))))
	// Output: "01:00:00"
}
