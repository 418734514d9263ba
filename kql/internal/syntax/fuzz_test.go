package syntax

import (
	"reflect"
	"testing"
)

// FuzzParse: no text is a panic; a tree or problems come of it, all spans lie
// within the text, and what has problems says where.
func FuzzParse(f *testing.F) {
	for _, v := range []string{
		"T | where a == 1 and b in (U | project c) | take 5",
		"let f = (a:long, T:(*)) { T | where x > a }; f(1, (print x = dynamic({'a': [1, datetime(2024-01-01)]})))",
		"E | make-graph s --> t with N on id | graph-match (a)-[e*1..3]->(b)<-[f]-(c) where a.x == 1 project a",
		"T | parse a with * 'x' b:long * | mv-apply c on (top 1 by d) | evaluate bag_unpack(e) : (*, f:string)",
		"T | scan declare (n:long) with (step s: a > 1 => n = 2;) | render timechart with (title='x')",
		"print ```a``` ~~~b~~~ @'c' h\"d\", 1.5h, {P[1]}, ['e f'][0].g",
		"T | where (((", "T | whre a | extnd b", "'", "```", "-[", "{{x}}", "\xff", "#x",
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, problems := Parse(text)
		if q == nil {
			t.Fatal("no tree")
		}
		for _, p := range problems {
			if outside(p.Span, text) || p.Message == "" || p.Code == "" {
				t.Errorf("problem %+v", p)
			}
		}
		last := 0
		for _, token := range Tokens(text) {
			if token.Span.Start < last || token.Span.End <= token.Span.Start || outside(token.Span, text) {
				t.Errorf("token %+v behind %d", token, last)
			}
			last = token.Span.End
		}
		walk(reflect.ValueOf(q), func(s Span) {
			if outside(s, text) {
				t.Errorf("span %v outside of %d bytes", s, len(text))
			}
		})
	})
}

func outside(s Span, text string) bool { return s.Start < 0 || s.End < s.Start || s.End > len(text) }

// walk calls visit for every span in the tree.
func walk(v reflect.Value, visit func(Span)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Struct:
		if s, ok := reflect.TypeAssert[Span](v); ok {
			visit(s)
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), visit)
			}
		}
	}
}
