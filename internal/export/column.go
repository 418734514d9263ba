package export

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Columns are those of rows of one type: each field in its order, under the name
// that JSON has for it; those of a struct within stand behind its name and a dot.
// Those of a struct that is embedded stand among the others. A field with the tag
// export:"-" is none.
type Columns struct {
	names []string
	paths [][]int // of the field
}

// ColumnsOf gives the columns of rows like one.
func ColumnsOf(row any) *Columns {
	c := &Columns{}
	c.add(reflect.TypeOf(row), "", nil)
	return c
}

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

func (c *Columns) add(t reflect.Type, before string, path []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		at := append(slices.Clone(path), i)
		switch {
		case name == "-" || f.Tag.Get("export") == "-" || !f.IsExported():
		case f.Anonymous && name == "":
			c.add(f.Type, before, at)
		case f.Type.Kind() == reflect.Struct && !f.Type.Implements(textMarshaler):
			c.add(f.Type, before+name+".", at)
		default:
			if name == "" {
				name = f.Name
			}
			c.names, c.paths = append(c.names, before+name), append(c.paths, at)
		}
	}
}

// Names lists the columns.
func (c *Columns) Names() []string { return slices.Clone(c.names) }

// Only chooses columns by their names, in their order; without any, all.
func (c *Columns) Only(names []string) (*Columns, error) {
	if len(names) == 0 {
		return c, nil
	}
	chosen := &Columns{names: names}
	for _, name := range names {
		i := slices.Index(c.names, name)
		if i < 0 {
			return nil, fmt.Errorf("column %q: want some of %s", name, strings.Join(c.names, ", "))
		}
		chosen.paths = append(chosen.paths, c.paths[i])
	}
	return chosen, nil
}

// Cells are those of a row. What JSON would leave out is nil.
func (c *Columns) Cells(row any) []any {
	v := reflect.ValueOf(row)
	cells := make([]any, len(c.paths))
	for i, path := range c.paths {
		cells[i] = plain(v.FieldByIndex(path))
	}
	return cells
}

// plain gives what is behind a pointer, and texts as texts; nil for nothing.
func plain(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok && v.Kind() != reflect.Struct {
		text, err := m.MarshalText()
		if err != nil || len(text) == 0 {
			return nil
		}
		return string(text)
	}
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		if v.Len() == 0 {
			return nil
		}
	case reflect.String:
		if v.Len() == 0 {
			return nil
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	}
	return v.Interface()
}
