package kql

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// An Item is one word that completion offers.
type Item struct {
	Label string
	// Kind is column, table, function, aggregate, plug-in, operator, value or word.
	Kind string
	// Detail is a function's signature, a column's type, an operator's form.
	Detail string
	// Doc is one line for people.
	Doc string
}

// A Completion is what may stand at a place of a query.
type Completion struct {
	// Start and End are the bytes that an item replaces.
	Start, End int
	Items      []Item
	// Call is the function whose argument is being written, nil for none;
	// Argument counts from 0.
	Call     *Item
	Argument int
}

// Complete tells what may stand at an offset, in bytes, of a query that need
// not be finished. Items begin with the word that is being written; columns come first.
func Complete(text string, offset int, tables Tables, options Options) Completion {
	scope := scopeOf(text, tables, options, ticksOf(options.Now))
	place := plan.At(text, offset, scope)
	c := Completion{Start: place.Span.Start, End: place.Span.End, Argument: place.Argument}
	prefix := strings.ToLower(text[c.Start:c.End])
	for _, item := range itemsAt(place, scope) {
		if strings.HasPrefix(strings.ToLower(item.Label), prefix) {
			c.Items = append(c.Items, item)
		}
	}
	if prefix != "" {
		shorterTables(c.Items)
	}
	if place.Function != "" {
		c.Call = callOf(place)
	}
	return c
}

// shorterTables puts shorter names of tables first: of many that begin alike,
// the plain one is mostly meant.
func shorterTables(items []Item) {
	start := slices.IndexFunc(items, func(i Item) bool { return i.Kind == "table" })
	if start < 0 {
		return
	}
	end := start
	for end < len(items) && items[end].Kind == "table" {
		end++
	}
	slices.SortStableFunc(items[start:end], func(a, b Item) int { return len(a.Label) - len(b.Label) })
}

// itemsAt lists everything that the place takes.
func itemsAt(place plan.Place, scope plan.Scope) []Item {
	var items []Item
	for _, col := range place.Columns {
		items = append(items, Item{Label: plan.Spelled(col.Name), Kind: "column", Detail: col.Type.String()})
	}
	items = append(items, nameItems(place)...)
	if place.Operators {
		items = append(items, operatorItems()...)
	}
	if place.Tables {
		for _, name := range scope.Names {
			items = append(items, Item{Label: plan.Spelled(name), Kind: "table"})
		}
	}
	if place.Aggregates && !place.Aggregated {
		items = append(items, aggregateItems()...)
	}
	if place.Scalars {
		items = append(items, scalarItems()...)
	}
	if place.Plugins {
		items = append(items, pluginItems()...)
	}
	for _, word := range place.Words {
		about, _ := plan.FindWord(word)
		items = append(items, Item{Label: word, Kind: "word", Doc: about.Doc})
	}
	return items
}

// nameItems are the query's own definitions: tables where tables go, the others where values go.
func nameItems(place plan.Place) []Item {
	var items []Item
	for _, n := range place.Names {
		if n.Kind == "table" && place.Tables || n.Kind == "value" && place.Scalars || n.Kind == "function" && (place.Tables || place.Scalars) {
			items = append(items, Item{Label: plan.Spelled(n.Name), Kind: n.Kind, Detail: n.Detail})
		}
	}
	return items
}

func operatorItems() []Item {
	var items []Item
	for _, d := range plan.OperatorDocs() {
		items = append(items, Item{d.Name, "operator", d.Usage, d.Doc})
	}
	return items
}

func scalarItems() []Item {
	var items []Item
	for _, f := range function.Scalars() {
		if !f.Hidden && f.Refused == "" {
			items = append(items, scalarItem(f))
		}
	}
	return items
}

func scalarItem(f *function.Scalar) Item {
	return Item{f.Name, "function", forms(f.Name, f.Signatures), withObsolete(f.Doc, f.Obsolete)}
}

func aggregateItems() []Item {
	var items []Item
	for _, f := range function.Aggregates() {
		if !f.Hidden && f.Refused == "" {
			items = append(items, aggregateItem(f))
		}
	}
	return items
}

func aggregateItem(f *function.Aggregate) Item {
	return Item{f.Name, "aggregate", forms(f.Name, f.Signatures), withObsolete(f.Doc, f.Obsolete)}
}

func pluginItems() []Item {
	var items []Item
	for _, f := range function.Plugins() {
		if f.Refused == "" {
			items = append(items, pluginItem(f))
		}
	}
	return items
}

func pluginItem(f *function.Plugin) Item {
	return Item{f.Name, "plug-in", forms(f.Name, f.Signatures), f.Doc}
}

func withObsolete(doc, instead string) string {
	if instead == "" {
		return doc
	}
	return doc + " Obsolete: use " + instead + "."
}

// forms writes signatures as people read them.
func forms(name string, signatures []string) string {
	var list []string
	for _, s := range signatures {
		list = append(list, name+plan.Readable(s))
	}
	return strings.Join(list, "\n")
}

// callOf describes the function around a place.
func callOf(place plan.Place) *Item {
	if f, ok := function.FindAggregate(place.Function); ok && place.Aggregates {
		return ptr(aggregateItem(f))
	}
	if f, ok := function.FindScalar(place.Function); ok {
		return ptr(scalarItem(f))
	}
	if f, ok := function.FindAggregate(place.Function); ok {
		return ptr(aggregateItem(f))
	}
	if f, ok := function.FindPlugin(place.Function); ok {
		return ptr(pluginItem(f))
	}
	i := slices.IndexFunc(place.Names, func(n plan.NameDoc) bool { return n.Name == place.Function })
	if i < 0 {
		return nil
	}
	n := place.Names[i]
	return &Item{Label: n.Name, Kind: n.Kind, Detail: n.Detail}
}

func ptr(i Item) *Item { return &i }

// Hover tells of the word at an offset, in bytes, and which bytes the word is.
func Hover(text string, offset int, tables Tables, options Options) (item Item, start, end int, ok bool) {
	w, ok := plan.WordAt(text, offset, scopeOf(text, tables, options, ticksOf(options.Now)))
	if !ok {
		return Item{}, 0, 0, false
	}
	item, ok = hovered(text, w)
	return item, w.Span.Start, w.Span.End, ok
}

func hovered(text string, w plan.Word) (Item, bool) {
	called := isCalled(text, w.Span)
	switch {
	case w.Column != nil && !called:
		return Item{Label: w.Column.Name, Kind: "column", Detail: w.Column.Type.String()}, true
	case w.Name != nil:
		return Item{Label: w.Name.Name, Kind: w.Name.Kind, Detail: w.Name.Detail}, true
	case called:
		if item := callOf(plan.Place{Function: w.Text}); item != nil {
			return *item, true
		}
	}
	if w.Table != nil {
		var cols []string
		for _, c := range w.Table {
			cols = append(cols, c.Name+": "+c.Type.String())
		}
		return Item{Label: w.Text, Kind: "table", Detail: strings.Join(cols, ", ")}, true
	}
	d, ok := plan.FindWord(w.Text)
	return Item{w.Text, d.Kind, d.Usage, d.Doc}, ok
}

func isCalled(text string, at syntax.Span) bool {
	return strings.HasPrefix(strings.TrimLeft(text[at.End:], " \t"), "(")
}
