package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// showPlace shows a place in one line: what is expected, columns, words.
func showPlace(p Place) string {
	var parts []string
	for name, is := range map[string]bool{"operators": p.Operators, "tables": p.Tables, "scalars": p.Scalars, "aggregates": p.Aggregates, "plugins": p.Plugins} {
		if is {
			parts = append(parts, name)
		}
	}
	slices.Sort(parts)
	if len(p.Columns) > 0 {
		parts = append(parts, "columns("+columnNames(p.Columns)+")")
	}
	if len(p.Words) > 0 {
		parts = append(parts, fmt.Sprintf("words(%s…)", p.Words[0]))
	}
	for _, n := range p.Names {
		parts = append(parts, n.Kind+" "+n.Name)
	}
	if p.Function != "" {
		parts = append(parts, fmt.Sprintf("argument %d of %s", p.Argument, p.Function))
	}
	return strings.Join(parts, ", ")
}

// TestAt marks the place by ‸.
func TestAt(t *testing.T) {
	tests := map[string]string{
		"‸":                                     "tables, words(let…)",
		"L | ‸":                                 "operators",
		"L | project-aw‸":                       "operators",
		"L | where ‸":                           "scalars, columns(id, a, name)",
		"L | where na‸":                         "scalars, columns(id, a, name)",
		"L | where a > 1 and ‸":                 "scalars, columns(id, a, name)",
		"L | where a ‸":                         "words(and…)",
		"L | extend b = a + 1 | project ‸":      "scalars, columns(id, a, name, b)",
		"L | project-away ‸":                    "columns(id, a, name)",
		"L | summarize ‸":                       "aggregates, scalars, columns(id, a, name)",
		"L | summarize count() by ‸":            "scalars, columns(id, a, name)",
		"L | summarize max(‸":                   "aggregates, scalars, columns(id, a, name), argument 0 of max",
		"L | extend x = substring(name, ‸":      "scalars, columns(id, a, name), argument 1 of substring",
		"L | join ‸":                            "tables, words(kind…)",
		"L | join kind=‸":                       "words(inner…)",
		"L | join kind=inner R on ‸":            "columns(id, a), words($left…)",
		"L | join kind=inner R on $right.‸":     "columns(id, a, other)",
		"L | join kind=inner (R | where ‸":      "scalars, columns(id, a, other)",
		"L | where id in ((R | project ‸":       "scalars, columns(id, a, other)",
		"L | where \"a ‸":                       "",
		"L // ‸":                                "",
		"let x = 5; let V = L; ‸":               "tables, words(let…), table V, value x",
		"let f = (p: long) { p }; L | extend ‸": "scalars, columns(id, a, name), function f",
		"L | evaluate ‸":                        "plugins",
		"L | render ‸":                          "words(anomalychart…)",
		"union ‸":                               "tables, words(kind…)",
		"T | mv-apply x = d.a on (‸":            "operators",
		"T | mv-apply x = d.a on (where ‸":      "scalars, columns(x)",
		"E | make-graph src --> dst with N on nid | graph-match (a)-[e]->(b) where a.‸": "columns(nid, kind, p, src, dst, label, w)",
	}
	for query, want := range tests {
		offset := strings.Index(query, "‸")
		text := strings.Replace(query, "‸", "", 1)
		if got := showPlace(At(text, offset, testScope())); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

// TestWordDocs: what completion offers, and every operator between values, has a
// line about it.
func TestWordDocs(t *testing.T) {
	words := slices.Concat(comparisons, typeWords, charts, slices.Collect(maps.Keys(joinKinds)))
	for _, list := range options {
		words = append(words, list...)
	}
	for _, query := range []string{"‸", "L | join ‸", "union ‸", "L | sort by a ‸", "L | mv-expand a ‸"} {
		words = append(words, At(query[:strings.Index(query, "‸")], len(query), testScope()).Words...)
	}
	for _, word := range words {
		if _, ok := FindWord(word); !ok && word != "" {
			t.Errorf("nothing is said about %q", word)
		}
	}
}

func TestAtFindsTheWord(t *testing.T) {
	p := At("L | where nam == 1", 13, testScope())
	if p.Span.Start != 10 || p.Span.End != 13 {
		t.Errorf("the word is %v, want {10 13}", p.Span)
	}
}

func TestAtNeverPanics(t *testing.T) {
	for _, row := range reference(t, "columns.tsv") {
		for i := range len(row[0]) + 1 {
			At(row[0], i, testScope())
			WordAt(row[0], i, testScope())
		}
	}
}

func TestWordAt(t *testing.T) {
	tests := map[string]string{
		"L | where na‸me == 1":                  "column name string",
		"‸L | take 1":                           "table 3",
		"let x‸ = 5; L | take x":                "value x long",
		"L | extend b = 1 | project ‸b":         "column b long",
		"L | join kind=inner R on id | ‸take 1": "word take",
	}
	for query, want := range tests {
		offset := strings.Index(query, "‸")
		w, _ := WordAt(strings.Replace(query, "‸", "", 1), offset, testScope())
		got := "word " + w.Text
		switch {
		case w.Column != nil:
			got = fmt.Sprintf("column %s %s", w.Column.Name, w.Column.Type)
		case w.Name != nil:
			got = fmt.Sprintf("%s %s %s", w.Name.Kind, w.Name.Name, w.Name.Detail)
		case w.Table != nil:
			got = fmt.Sprintf("table %d", len(w.Table))
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
