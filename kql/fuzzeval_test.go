package kql_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// FuzzEval calls functions with arguments of all types: a value or an error,
// never a panic, and the same value for constants and for columns.
func FuzzEval(f *testing.F) {
	var all []*function.Scalar
	for _, s := range function.Scalars() {
		if s.Refused == "" && !overRows(s.Name) {
			all = append(all, s)
		}
	}
	for i := range all {
		f.Add(uint16(i), []byte{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, "a b-1")
		f.Add(uint16(i), []byte{9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 9, 8}, `{"a":[1,"x",null]}`)
	}
	f.Fuzz(func(t *testing.T, which uint16, choices []byte, text string) {
		fn := all[int(which)%len(all)]
		m := &maker{choices: choices, text: strings.ToValidUTF8(text, "?")}
		args := m.arguments(fn)
		constant := valueOf(t, call(fn.Name, args, func(i int, v kql.Value) string { return literal(v) }), nil)
		column := valueOf(t, "T | project "+call(fn.Name, args, func(i int, v kql.Value) string {
			if m.constant[i] {
				return literal(v)
			}
			return "c" + strconv.Itoa(i)
		}), args)
		if constant == "" || column == "" || fn.Volatile || constant == column {
			return
		}
		t.Errorf("%s: %s of constants, %s of columns", call(fn.Name, args, func(_ int, v kql.Value) string { return literal(v) }), constant, column)
	})
}

// overRows tells the functions whose value depends on more than the arguments' values.
func overRows(name string) bool {
	switch name {
	case "prev", "next", "pack_all", "bag_pack_columns", "gettype": // which tells JSON text from what a query writes
		return true
	}
	return strings.HasPrefix(name, "row_")
}

// A maker makes arguments out of bytes.
type maker struct {
	choices  []byte
	text     string
	constant map[int]bool
}

func (m *maker) next() int {
	if len(m.choices) == 0 {
		return 0
	}
	b := m.choices[0]
	m.choices = m.choices[1:]
	return int(b)
}

func (m *maker) arguments(fn *function.Scalar) []kql.Value {
	s, err := function.ParseSignature(fn.Signatures[m.next()%len(fn.Signatures)])
	if err != nil {
		return nil
	}
	m.constant = map[int]bool{}
	var args []kql.Value
	for _, p := range s.Params {
		if p.Optional && m.next()%2 == 0 {
			break
		}
		times := p.Min
		if p.Max != 1 {
			times += m.next() % 3
		}
		for range times {
			m.constant[len(args)] = p.Kind != "" || len(p.Words) > 0
			args = append(args, m.value(p))
		}
	}
	return args
}

// value is mostly of the parameter's type.
func (m *maker) value(p function.Param) kql.Value {
	choice := m.next()
	if len(p.Words) > 0 && choice%8 != 0 {
		return data.OfString(p.Words[choice%len(p.Words)])
	}
	t, ok := data.ParseType(p.Class)
	if !ok || choice%16 == 15 {
		t = data.Types[choice%len(data.Types)]
		if strings.HasPrefix(p.Class, "Dynamic") {
			t = data.Dynamic
		}
	}
	return m.ofType(t, m.next())
}

var oddNumbers = []float64{0, 1, -1, 2, 0.5, 64, 1e9, -1e9, 1e18, math.MaxInt64, math.MinInt64, math.NaN(), math.Inf(1), 637134336000000000}

var oddTexts = []string{"", "2024-01-02", "1.02:03:04", "[1,2]", `{"a":{"b":[1,null]}}`, "192.168.1.1/24", "(a)(b)?", "fe80::1", "yyyy-MM-dd", "äöü", "1"}

func (m *maker) ofType(t data.Type, choice int) kql.Value {
	number := oddNumbers[choice%len(oddNumbers)]
	switch {
	case choice%11 == 10:
		return data.Null(t)
	case t == data.String && choice%2 == 0:
		return data.OfString(m.text)
	case t == data.String:
		return data.OfString(oddTexts[choice%len(oddTexts)])
	case t == data.Dynamic:
		text := m.text
		if !json.Valid([]byte(text)) || choice%2 == 0 {
			text = []string{"[]", "{}", "[1,2.5,null]", `["a","b"]`, `{"a":1}`, "null", "7", `"x"`}[choice/2%8]
		}
		n, err := data.ParseDynamic(text)
		if err != nil {
			return data.Null(t)
		}
		return data.OfNode(n)
	case t == data.GUID:
		return data.OfGUID("74be27de-1e4e-49d9-b579-fe0b331d3642")
	case t == data.Real:
		return data.OfReal(number)
	case t == data.DateTime:
		return data.OfDateTime(int64(choice) * 12345678901234567 % data.MaxDateTime)
	case t == data.Bool:
		return data.OfBool(choice%2 == 0)
	}
	return data.Convert(data.OfLong(int64(number)), t)
}

func call(name string, args []kql.Value, write func(int, kql.Value) string) string {
	list := make([]string, len(args))
	for i, v := range args {
		list[i] = write(i, v)
	}
	return name + "(" + strings.Join(list, ", ") + ")"
}

// literal writes a value into a query.
func literal(v kql.Value) string {
	switch t := v.Type(); {
	case t == data.String:
		return quoted(v.Text())
	case v.IsNull():
		return t.String() + "(null)"
	case t == data.Dynamic:
		return "parse_json(" + quoted(v.String()) + ")"
	case t == data.Real && math.IsNaN(v.Real()):
		return "real(nan)"
	case t == data.Real && math.IsInf(v.Real(), 0):
		return strings.ToLower(fmt.Sprintf("real(%+f)", v.Real()))
	default:
		return t.String() + "(" + v.String() + ")"
	}
}

func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f || r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// valueOf runs a query of one value; "" where there is none.
func valueOf(t *testing.T, query string, args []kql.Value) string {
	t.Helper()
	if args == nil {
		query = "print " + query
	}
	columns := make([]kql.Column, len(args))
	for i, v := range args {
		columns[i] = kql.Column{Name: "c" + strconv.Itoa(i), Type: v.Type()}
	}
	tables := kql.Named{"T": kql.MemoryTable(columns, args, args)}
	q, err := kql.Prepare(query, tables, kql.Options{MaxMemory: 8 << 20})
	failOn(t, err)
	if err != nil {
		return ""
	}
	var out []byte
	for row, err := range q.Run(t.Context()).Rows() {
		failOn(t, err)
		if err != nil {
			return ""
		}
		out = nil
		for _, v := range row {
			out = append(kql.AppendJSON(append(out, v.Type().String()...), v), ' ')
		}
	}
	return string(out)
}

func failOn(t *testing.T, err error) {
	t.Helper()
	if bug, ok := err.(*kql.Bug); ok {
		t.Fatalf("%v\n%s", bug, bug.Stack)
	}
}
