package kql

import (
	"context"
	"iter"
	"strings"
	"testing"
)

// columnsOnly is a table of which only the columns matter.
type columnsOnly []Column

func (c columnsOnly) Columns() []Column { return c }
func (c columnsOnly) Scan(context.Context, Request) iter.Seq2[*Batch, error] {
	return func(func(*Batch, error) bool) {}
}

func shop() Named {
	return Named{
		"orders":    columnsOnly{{Name: "id", Type: 6}, {Name: "amount", Type: 4}, {Name: "unit price", Type: 4}},
		"customers": columnsOnly{{Name: "id", Type: 6}},

		"orderchanges": columnsOnly{{Name: "id", Type: 6}},
	}
}

// first shows the first items: label, kind and detail.
func first(items []Item, n int) string {
	var parts []string
	for _, item := range items[:min(n, len(items))] {
		parts = append(parts, strings.TrimSpace(item.Label+" "+item.Kind+" "+item.Detail))
	}
	return strings.Join(parts, "; ")
}

// TestComplete marks the place by ‸.
func TestComplete(t *testing.T) {
	const types = "bool word; datetime word; decimal word; dynamic word; guid word; int word; long word; real word; string word; timespan word"
	tests := map[string]string{
		"or‸":                                  "orders table; orderchanges table",
		"orders | proj‸":                       "project operator project [name =] expression, …; project-away operator project-away column, …; project-by-names operator project-by-names \"name\", dynamic([…])",
		"orders | where am‸":                   "amount column real",
		"orders | extend x = strle‸":           "strlen function strlen(string: string or dynamic): long",
		"orders | summarize dcounti‸":          "dcountif aggregate dcountif(expr: any, predicate: bool, accuracy: any?): long",
		"orders | summarize sum(dcount‸":       "dcount_hll function dcount_hll(hll: dynamic): long",
		"orders | summarize sum(strle‸":        "strlen function strlen(string: string or dynamic): long",
		"orders | summarize round(dcounti‸":    "dcountif aggregate dcountif(expr: any, predicate: bool, accuracy: any?): long",
		"orders | join kind=left‸":             "leftouter word; leftsemi word; leftanti word",
		"let big = 5; orders | where b‸":       "big value long; bag_has_key function bag_has_key(bag: dynamic, key: string): bool; bag_keys function bag_keys(object: dynamic): dynamic",
		"orders | evaluate narr‸":              "narrow plug-in narrow()",
		"orders | where id == 'an unfini‸":     "",
		"orders | project-away uni‸ | take 1":  "",
		"orders | sort ‸":                      "by word",
		"orders | sort by ‸":                   "id column string; amount column real; ['unit price'] column real",
		"orders | sort by id ‸":                "asc word; desc word; nulls first word; nulls last word",
		"orders | sort by id, amount d‸":       "desc word",
		"orders | order by id asc ‸":           "nulls first word; nulls last word",
		"orders | sort by id asc nu‸":          "nulls first word; nulls last word",
		"orders | sort by id nulls ‸":          "first word; last word",
		"orders | sort by id nulls first ‸":    "",
		"orders | top 5 ‸":                     "by word",
		"orders | top 5 by id ‸":               "asc word; desc word; nulls first word; nulls last word",
		"datatable(a:‸":                        types,
		"datatable(a:long, b:lo‸":              "long word",
		"orders | mv-expand id to typeof(‸":    types,
		"orders | parse id with * 'a' b:g‸":    "guid word",
		"let f = (a:st‸":                       "string word",
		"let f = (a:‸":                         types,
		"print extract('a', 0, 'b', typeof(d‸": "datetime word; decimal word; dynamic word",
		"orders ‸":                             "| word",
		"orders\n‸":                            "| word",
		"let big = orders ‸":                   "| word",
		"orders | join (customers ‸":           "| word",
		"orders | count ‸":                     "| word",
		"orders | take 5 ‸":                    "| word",
		"orders | where amount > 1 | ‸":        "as operator as Name; assert-schema operator assert-schema (column: type, …); consume operator consume",
		"print datetime_diff('‸":               "year word; quarter word; month word; week word; day word; hour word; minute word; second word; millisecond word; microsecond word; nanosecond word",
		"print datetime_diff(\"mi‸":            "minute word; millisecond word; microsecond word",
		"print datetime_part(tolower('‸":       "",
		"print convert_length(1, 'Foot', 'Ce‸": "Centimeter word",
		// Where only a literal may stand.
		"print datetime(‸":                           "null word",
		"print datetime(2024-0‸":                     "",
		"print x = long( n‸":                         "null word",
		"orders | where id == bool(‸":                "true word; false word; null word",
		"orders | where t > ago(1) and datetime(\n‸": "null word",
		"print f(timespan(‸":                         "null word",
		"print dynamic(‸":                            "true word; false word; null word",
		"print dynamic({\"a\": [1, t‸":               "true word",
		"print dynamic({\"a\" ‸":                     "",
		"print dynamic([1]) | wher‸":                 "where operator where condition",
		"print todatetime(toda‸":                     "todatetime function todatetime(value: any): datetime",
		"range ‸":                                    "",
		"let r = range ‸":                            "",
		"range x ‸":                                  "from word",
		"range x from 1 ‸":                           "to word",
		"range x from 1 to 5 ‸":                      "step word",
		"range x from 1 to 5 step 1 ‸":               "",
	}
	for query, want := range tests {
		offset := strings.Index(query, "‸")
		c := Complete(strings.Replace(query, "‸", "", 1), offset, shop(), Options{})
		if got := first(c.Items, max(3, strings.Count(want, " word"))); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestCompleteKnowsTheCall(t *testing.T) {
	text := "orders | extend x = substring(id, "
	c := Complete(text, len(text), shop(), Options{})
	if c.Call == nil || c.Call.Label != "substring" || c.Argument != 1 {
		t.Errorf("call %v, argument %d; want argument 1 of substring", c.Call, c.Argument)
	}
}

func TestHover(t *testing.T) {
	tests := map[string]string{
		"orders | where am‸ount > 1":                   "amount column real",
		"ord‸ers | take 1":                             "orders table id: string, amount: real, unit price: real",
		"orders | wh‸ere true":                         "where operator where condition",
		"orders | extend x = str‸len(id)":              "strlen function strlen(string: string or dynamic): long",
		"orders | summarize ma‸x(amount)":              "max aggregate max(expr: ordered): ordered",
		"orders | take ‸1":                             "",
		"orders | where id ha‸s 'a'":                   "has operator text has text",
		"orders | where id !has‸_cs 'a'":               "!has_cs operator text !has_cs text",
		"orders | where id =‸~ 'a'":                    "=~ operator text =~ text",
		"orders | where id =~‸ 'a'":                    "=~ operator text =~ text",
		"orders | where id matches‸ regex 'a'":         "matches regex operator text matches regex pattern",
		"orders | where true an‸d id == 'a'":           "and operator condition and condition",
		"orders | join kind=left‸anti customers on id": "leftanti word kind = leftanti",
		"orders | join kind = inner customers o‸n id":  "on word",
		"orders | sort by id ‸asc":                     "asc word",
		"orders | render pie‸chart":                    "piechart word render piechart",
		"let f = (a: lo‸ng) { a }; print f(1)":         "long word",
		"l‸et f = 1; print f":                          "let word",
	}
	for query, want := range tests {
		offset := strings.Index(query, "‸")
		item, _, _, ok := Hover(strings.Replace(query, "‸", "", 1), offset, shop(), Options{})
		got := ""
		if ok {
			got = first([]Item{item}, 1)
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}
