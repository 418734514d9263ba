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
