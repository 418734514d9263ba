package conformance

// Order is the order in which a reader meets the files.
var Order = []string{
	"literals.txt", "operators.txt", "text.txt", "dynamic.txt", "time.txt", "numbers.txt",
	"tabular.txt", "joins.txt", "summarize.txt", "series.txt", "rows.txt", "graphs.txt", "plugins.txt", "other.txt", "errors.txt",
}
