package run

import "github.com/bartizan-dev/bartizan/kql/internal/plan"

// wordOf is the word by which people know a step; "" for those that hold nothing.
func wordOf(n plan.Node) string {
	switch n := n.(type) {
	case *plan.Filter:
		return "where"
	case *plan.Project:
		if n.Serial {
			return "serialize"
		}
		return "extend or project"
	case *plan.Summarize:
		if len(n.Aggregates) == 0 {
			return "distinct"
		}
		return "summarize"
	case *plan.Sample:
		return "sample"
	case *plan.Sort:
		return "sort"
	case *plan.Top:
		return "top"
	case *plan.Join:
		return "join"
	case *plan.Expand:
		return "mv-expand"
	case *plan.Apply:
		return "mv-apply"
	}
	return rarerWord(n)
}

func rarerWord(n plan.Node) string {
	switch n := n.(type) {
	case *plan.Parse:
		return "parse"
	case *plan.ParseKV:
		return "parse-kv"
	case *plan.MakeSeries:
		return "make-series"
	case *plan.TopNested:
		return "top-nested"
	case *plan.ScanSteps:
		return "scan"
	case *plan.Partition:
		return "partition"
	case *plan.Reduce:
		return "reduce"
	case *plan.Graph:
		return "make-graph"
	case *plan.Match:
		if n.Shortest != "" {
			return "graph-shortest-paths"
		}
		return "graph-match"
	case *plan.ToTable:
		return "graph-to-table"
	}
	return ""
}
