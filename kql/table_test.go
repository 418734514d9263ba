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
	tables := kql.Named{
		"T": shy{kql.MemoryTable(columns, []kql.Value{data.OfString("a"), data.OfLong(1), data.OfNode(data.RawJSON(`{"x":7}`))})},
		"U": kql.MemoryTable(columns[:1], []kql.Value{data.OfString("u")}),
	}
	for text, want := range map[string]string{
		`T`:                          `id n: [a 1]`,
		`T | where more.x == 7`:      `id n: [a 1]`,
		`T | where more.x == 8`:      `id n:`,
		`T | project more`:           `more: [{"x":7}]`,
		`T | project id, x = more.x`: `id x: [a 7]`,
		`T | extend x = more.x | where x == 7 | take 1`:                                      `id n x: [a 1 7]`,
		`T | extend more = tostring(more)`:                                                   `id n more: [a 1 {"x":7}]`,
		`T | extend x = pack_all() | project x`:                                              `x: [{"id":"a","n":1}]`,
		`T | summarize take_any(*) by y = tolong(more.x)`:                                    `y id n: [7 a 1]`,
		`T | where n > 0 | sort by n | project-away n, x = more`:                             `error`,
		`T | sort by tolong(more.x) | project-away n`:                                        `id: [a]`,
		`T | getschema | project ColumnName`:                                                 `ColumnName: [id] [n]`,
		`T | union T | where n == 1 // more`:                                                 `id n: [a 1] [a 1]`,
		`T | join kind=inner (T | project id, more) on id`:                                   `id n id1 more1: [a 1 a {"x":7}]`,
		`T | mv-expand m = more | project m`:                                                 `m: [{"x":7}]`,
		`let t = T; t | project more.x`:                                                      `more_x: [7]`,
		`let t = materialize(T); t | project more.x`:                                         `more_x: [7]`,
		`T | project-keep more, id`:                                                          `id more: [a {"x":7}]`,
		`T | project-keep *`:                                                                 `id n: [a 1]`, // more
		`T | project-away more, n`:                                                           `id: [a]`,
		`T | project-away n | project id, more`:                                              `id more: [a {"x":7}]`,
		`T | project-away m*, n // more`:                                                     `id: [a]`,
		`T | project-reorder more`:                                                           `more id n: [{"x":7} a 1]`,
		`T | project-rename y = more`:                                                        `id n y: [a 1 {"x":7}]`,
		`T | project-rename y = n | where more.x == 7`:                                       `id y: [a 1]`,
		`T | project-by-names "more", "i*"`:                                                  `more id: [{"x":7} a]`,
		`find in (T) where more.x == 7`:                                                      `source_ id n: [T a 1]`,
		`find in (T) where more has "x" project id, more`:                                    `source_ id more: [T a {"x":7}]`,
		`find in (T, U) where more has "x"`:                                                  `source_ id n: [T a 1]`,
		`search in (T) "a" | project more`:                                                   `more: [{"x":7}]`,
		`search in (T) "x" // more`:                                                          `$table id n:`,
		`T | search "a" | where more.x == 7`:                                                 `$table id n: [T a 1]`,
		`T | where n == 1 | union (T | where n == 2) | project id, more`:                     `id more: [a {"x":7}]`,
		`union T, U | project id, more`:                                                      `id more: [a {"x":7}] [u ]`,
		`union T, U | where isempty(more) or more.x == 7`:                                    `id n: [a 1] [u ]`,
		`union withsource=s kind=inner T, T | project s, more.x`:                             `s more_x: [T 7] [T 7]`,
		`union T, (U | extend more = dynamic(1)) | project id, more`:                         `id more: [a {"x":7}] [u 1]`,
		`union (U | extend more = dynamic(1)), T`:                                            `id more n: [u 1 ] [a {"x":7} 1]`,
		`union kind=inner T, (U | extend more = dynamic(1))`:                                 `id more: [a {"x":7}] [u 1]`,
		`union T, (U | extend more = "v") | project id, more`:                                `error`,
		`union T, (U | extend more = "v")`:                                                   `id n more_string: [a 1 ] [u  v]`,
		`union T, (U | extend more = "v") | project more_dynamic.x`:                          `more_dynamic_x: [7] []`,
		`union withsource=more T`:                                                            `more id n: [T a 1]`,
		`T | union (T | where n == 2 | project id, more) | project more`:                     `more: [{"x":7}]`,
		`T | join kind=leftouter (U | extend more = "v") on id`:                              `id n id1 more1: [a 1  ]`,
		`T | join kind=leftouter (U | extend more = "v") on id | project id, more, more1`:    `id more more1: [a {"x":7} ]`,
		`T | join kind=fullouter (U | extend more = dynamic(1)) on id | project more, more1`: `more more1: [{"x":7} ] [ 1]`,
		`T | join kind=leftouter (T | where n == 2 | project id, more) on id | project more`: `more: [{"x":7}]`,
		`U | extend more = "v" | join kind=fullouter T on id | project id, more`:             `id more: [u v] [ ]`,
		`T | extend m = tostring(more) | join (T | project more = tostring(more)) on $left.m == $right.more | project more`:      `more: [{"x":7}]`,
		`T | lookup (U | extend more = "v") on id | project id, more`:                                                            `id more: [a {"x":7}]`,
		`T | lookup (T | project id, more = "v") on id`:                                                                          `id n more1: [a 1 v]`,
		`T | project-rename more = n | project id, more`:                                                                         `id more: [a 1]`,
		`T | project-rename more = n`:                                                                                            `id more: [a 1]`,
		`T | project-rename y = more, more = n`:                                                                                  `id more y: [a 1 {"x":7}]`,
		`T | project-rename more = id, more = n`:                                                                                 `error`,
		`T | mv-expand with_itemindex=more x = pack_array(1)`:                                                                    `id n x more: [a 1 1 0]`,
		`U | join kind=rightouter T on id | project more`:                                                                        `more: [{"x":7}]`,
		`T | join kind=inner T on id`:                                                                                            `id n id1 n1: [a 1 a 1]`, // more
		`T | join kind=inner T on id | where more.x == 7`:                                                                        `id n id1 n1: [a 1 a 1]`,
		`T | join kind=leftsemi T on id | project more`:                                                                          `more: [{"x":7}]`,
		`T | join kind=leftanti U on id | project more`:                                                                          `more: [{"x":7}]`,
		`U | join kind=rightanti T on id | project more`:                                                                         `more: [{"x":7}]`,
		`T | lookup U on id | project id, more`:                                                                                  `id more: [a {"x":7}]`,
		`T | project id | lookup T on id | where more.x == 7`:                                                                    `id n: [a 1]`,
		`T | partition by id (where more.x == 7)`:                                                                                `id n: [a 1]`,
		`T | partition by id (top 1 by n) | project more`:                                                                        `more: [{"x":7}]`,
		`T | as A | union A | project more.x`:                                                                                    `more_x: [7] [7]`,
		`let f = (t:(*)) { t | where more.x == 7 }; T | invoke f()`:                                                              `id n: [a 1]`,
		`T | evaluate bag_unpack(more)`:                                                                                          `id n x: [a 1 7]`,
		`T | evaluate narrow() // more`:                                                                                          `Row Column Value: [0 id a] [0 n 1]`,
		`T | mv-apply m = pack_array(5) to typeof(long) on (take 1)  // more`:                                                    `id n m: [a 1 5]`,
		`T | mv-apply m = pack_array(5) to typeof(long) on (take 1) | where more.x == m + 2 | project id`:                        `id: [a]`,
		`T | mv-apply m = pack_array(5) to typeof(long) on (where more.x == 7 | summarize s = sum(m)) | project s, more.x`:       `s more_x: [5 7]`,
		`T | mv-apply more = pack_array(5) to typeof(long) on (take 1)`:                                                          `id n more: [a 1 5]`,
		`T | mv-apply more on (take 1)`:                                                                                          `id n more: [a 1 {"x":7}]`,
		`T | mv-apply m = pack_array(5) on (extend more = 1)`:                                                                    `id n m more: [a 1 5 1]`,
		`T | mv-apply m = pack_array(5) on (mv-apply o = pack_array(n) on (take 1) | project o, y = more.x)`:                     `id n o y: [a 1 1 7]`,
		`T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d) // more`:                                                       `id n k: [a 1 1]`,
		`T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d) | project k, more`:                                             `k more: [1 {"x":7}]`,
		`T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d) | take 1 | union U | project id, k, more`:                      `id k more: [a 1 {"x":7}] [u  ]`,
		`union (T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d) | take 1), U`:                                           `id n k: [a 1 1] [u  ]`,
		`let t = T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d) | where k == 1; t | join t on id | project k1, more.x`: `k1 more_x: [1 7]`,
		`U | join kind=rightouter (T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d)) on id | project k, more`:            `k more: [1 {"x":7}]`,
		`T | extend d = dynamic({"more":1}) | evaluate bag_unpack(d)`:                                                            `error`,
		`T | extend d = dynamic({"more":1}) | evaluate bag_unpack(d, columnsConflict="replace_source")`:                          `id n more: [a 1 1]`,
		`T | extend d = dynamic({"more":1}) | evaluate bag_unpack(d, columnsConflict="keep_source") | project more`:              `more: [{"x":7}]`,
		`T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d) : (*, k:long) | project k, more`:                               `k more: [1 {"x":7}]`,
		`T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d) : (*, k:long) // more`:                                         `id n k: [a 1 1]`,
		`T | extend d = dynamic({"k":1}) | evaluate bag_unpack(d) : (*, more:long)`:                                              `id n more: [a 1 ]`,
		`T | evaluate rows_near(more.x == 7, 1)`:                                                                                 `id n: [a 1]`,
		`T | evaluate rows_near(n == 1, 1) | project more`:                                                                       `more: [{"x":7}]`,
		`T | evaluate identity() | where more.x == 7`:                                                                            `id n: [a 1]`,
		`T | extend ip = "10.0.0.1" | evaluate ipv4_lookup((print net="10.0.0.0/8"), ip, net) | project net, more.x`:             `net more_x: [10.0.0.0/8 7]`,
		`T | extend ip = "10.0.0.1" | evaluate ipv4_lookup((print net="10.0.0.0/8", more="v"), ip, net)`:                         `id n ip net more1: [a 1 10.0.0.1 10.0.0.0/8 v]`,
		`T | evaluate pivot(id) // more`:                                                                                         `n a: [1 1]`,
		`T | where n == 2 | join kind=rightouter T on id | project id1, more, more1`:                                             `id1 more more1: [a  {"x":7}]`,
		`T | join T on id | join T on id | project more2.x`:                                                                      `more2_x: [7]`,
		`T | lookup T on id | project more1.x`:                                                                                   `more1_x: [7]`,
		`U | extend more = "v" | join kind=rightouter T on id | project id1, more1`:                                              `id1 more1: [a {"x":7}]`,
		`T | search "a" // more`:                                                                                                 `$table id n: [T a 1]`,
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
