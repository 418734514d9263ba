package kql_test

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// byName is a table of a store that finds rows by their name.
type byName map[string]int64

func (byName) Columns() []kql.Column {
	return []kql.Column{{Name: "name", Type: data.String}, {Name: "cores", Type: data.Long}}
}

func (t byName) Scan(_ context.Context, want kql.Request) iter.Seq2[*kql.Batch, error] {
	return func(yield func(*kql.Batch, error) bool) {
		for _, name := range t.names(want.Where) {
			row := []kql.Value{data.OfString(name), data.OfLong(t[name])}
			b := &kql.Batch{Len: 1}
			for _, column := range want.Columns {
				b.Columns = append(b.Columns, data.Constant(row[column], 1))
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// names are those of the rows that may meet the conditions.
func (t byName) names(where []kql.Predicate) []string {
	for _, p := range where {
		if p.Column == 0 && (p.Op == data.OpEqual || p.Op == data.OpIn) {
			var found []string
			for _, v := range p.Values {
				if _, ok := t[v.Text()]; ok {
					found = append(found, v.Text())
				}
			}
			fmt.Println("looked up", found)
			return found
		}
	}
	var all []string
	for name := range t {
		all = append(all, name)
	}
	return all
}

func ExampleTable() {
	tables := kql.Named{"Machines": byName{"web": 4, "db": 8, "cache": 2}}
	query, err := kql.Prepare(`Machines | where name in ("db", "mail") and cores > 2`, tables, kql.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range query.Run(context.Background()).Rows() {
		fmt.Println(row, err)
	}
	// Output:
	// looked up [db]
	// [db 8] <nil>
}

// TestPublicTypes: whoever writes a table finds all that it is asked for in the
// documentation of public packages.
func TestPublicTypes(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(of reflect.Type) {
		if seen[of] {
			return
		}
		seen[of] = true
		if strings.Contains(of.PkgPath(), "/internal/") {
			t.Errorf("%s is of %s", of, of.PkgPath())
		}
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			look(of.Elem())
		case reflect.Struct:
			for _, f := range reflect.VisibleFields(of) {
				if f.IsExported() {
					look(f.Type)
				}
			}
		}
		for i := range of.NumMethod() {
			method := of.Method(i).Type
			for k := range method.NumIn() {
				look(method.In(k))
			}
			for k := range method.NumOut() {
				look(method.Out(k))
			}
		}
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[kql.Table](), reflect.TypeFor[kql.Tables](), reflect.TypeFor[kql.Options](), reflect.TypeFor[*kql.Query](),
		reflect.TypeFor[*kql.Result](), reflect.TypeFor[*kql.Memory](), reflect.TypeFor[*kql.Error](), reflect.TypeFor[kql.Completion](),
		reflect.TypeFor[kql.Item](), reflect.TypeFor[*kql.Bug](),
	} {
		look(of)
	}
}

// shy is a table with a column that it hides.
type shy struct{ *kql.Memory }

func (shy) Hidden(column int) bool { return column == 2 }

func TestHiddenColumns(t *testing.T) {
	columns := []kql.Column{{Name: "id", Type: data.String}, {Name: "n", Type: data.Long}, {Name: "more", Type: data.Dynamic}}
	tables := kql.Named{"T": shy{kql.MemoryTable(columns, []kql.Value{data.OfString("a"), data.OfLong(1), data.OfNode(data.RawJSON(`{"x":7}`))})}}
	for text, want := range map[string]string{
		`T`:                          `id n: [a 1]`,
		`T | where more.x == 7`:      `id n: [a 1]`,
		`T | where more.x == 8`:      `id n:`,
		`T | project more`:           `more: [{"x":7}]`,
		`T | project id, x = more.x`: `id x: [a 7]`,
		`T | extend x = more.x | where x == 7 | take 1`:          `id n x: [a 1 7]`,
		`T | extend more = tostring(more)`:                       `id n more: [a 1 {"x":7}]`,
		`T | extend x = pack_all() | project x`:                  `x: [{"id":"a","n":1}]`,
		`T | summarize take_any(*) by y = tolong(more.x)`:        `y id n: [7 a 1]`,
		`T | where n > 0 | sort by n | project-away n, x = more`: `error`,
		`T | sort by tolong(more.x) | project-away n`:            `id: [a]`,
		`T | getschema | project ColumnName`:                     `ColumnName: [id] [n]`,
		`T | union T | where n == 1 // more`:                     `id n: [a 1] [a 1]`,
		`T | join kind=inner (T | project id, more) on id`:       `id n id1 more: [a 1 a {"x":7}]`,
		`T | mv-expand m = more | project m`:                     `m: [{"x":7}]`,
		`let t = T; t | project more.x`:                          `more_x: [7]`,
		`let t = materialize(T); t | project more.x`:             `more_x: [7]`,
		`T | search "a" // more`:                                 `$table id n: [T a 1]`,
	} {
		got := shown(text, tables)
		if want == "error" && strings.HasPrefix(got, "error") {
			continue
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// shown is a query's answer on one line: the names of its columns, then its rows.
func shown(text string, tables kql.Tables) string {
	q, err := kql.Prepare(text, tables, kql.Options{})
	if err != nil {
		return "error " + err.Error()
	}
	r := q.Run(context.Background())
	out := ""
	for row, err := range r.Rows() {
		if err != nil {
			return "error " + err.Error()
		}
		out += " " + fmt.Sprint(row)
	}
	var names []string
	for _, c := range r.Columns() {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ") + ":" + out
}
