package function

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A call is a function's name and its arguments as literals, see literal.
// The tests know no parser: arguments are separated by " | ".
func evaluate(t *testing.T, name, arguments string) data.Value {
	t.Helper()
	f, ok := FindScalar(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	var values []data.Value
	var known []Arg
	if arguments != "" {
		for _, text := range strings.Split(arguments, " | ") {
			v, arg := literal(t, text)
			values, known = append(values, v), append(known, arg)
		}
	}
	eval := f.Eval
	if f.Prepare != nil {
		var err error
		if eval, err = f.Prepare(known); err != nil {
			return data.OfString("error: " + err.Error())
		}
	}
	c := &Context{Random: func() float64 { return 0.5 }}
	got := eval(c, values)
	if f.Kernel != nil {
		sameAsKernel(t, f, c, known, values, got)
	}
	return got
}

// sameAsKernel runs the kernel over a column with the values at row 1, and
// over constants.
func sameAsKernel(t *testing.T, f *Scalar, c *Context, known []Arg, values []data.Value, want data.Value) {
	t.Helper()
	for _, constant := range []bool{false, true} {
		kernel := f.Kernel(known)
		if kernel == nil {
			return
		}
		vectors := make([]*data.Vector, len(values))
		for i, v := range values {
			vectors[i] = data.NewVector(v.Type(), 3)
			vectors[i].Put(1, v)
			if constant {
				vectors[i] = data.Constant(v, 3)
			}
		}
		got := kernel(c, 3, vectors)
		if got.Len != 3 || !data.EqualValues(got.Value(1), want) || got.Value(1).Type() != want.Type() {
			t.Errorf("%s: the kernel gives %s %s, want %s %s", f.Name, got.Type, printed(got.Value(1)), want.Type(), printed(want))
		}
	}
}

// literal reads "text", 12, 1.5, 1s, true, datetime(…), [array], {bag},
// typeof(long), name=literal for a column.
func literal(t *testing.T, text string) (data.Value, Arg) {
	t.Helper()
	if name, rest, found := strings.Cut(text, "="); found && !strings.ContainsAny(name, `"'[{(`) {
		v, _ := literal(t, rest)
		return v, Arg{Type: v.Type(), Name: name}
	}
	if of, found := strings.CutPrefix(text, "typeof("); found {
		typ, _ := data.ParseType(strings.TrimSuffix(of, ")"))
		return data.Null(data.String), Arg{Schema: []data.Column{{Type: typ}}}
	}
	if inner, found := strings.CutPrefix(text, "dynamic("); found {
		text = strings.TrimSuffix(inner, ")")
		n, err := data.ParseDynamic(text)
		if err != nil {
			t.Fatal(err)
		}
		v := data.OfNode(n)
		return v, Arg{Type: data.Dynamic, Const: &v}
	}
	if of, found := strings.CutSuffix(text, "(null)"); found {
		typ, _ := data.ParseType(of)
		v := data.Null(typ)
		return v, Arg{Type: typ, Const: &v}
	}
	n, err := data.ParseDynamic(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	v := n.Value()
	return v, Arg{Type: v.Type(), Const: &v}
}

func printed(v data.Value) string {
	if v.IsNull() {
		return "null"
	}
	return v.String()
}

// check runs calls such as `tolower: "AbC"` and compares what they print.
func check(t *testing.T, calls map[string]string) {
	t.Helper()
	for call, want := range calls {
		t.Run(strings.ReplaceAll(call, "/", "_"), func(t *testing.T) {
			name, arguments, _ := strings.Cut(call, ": ")
			if got := printed(evaluate(t, name, arguments)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestEveryScalarSaysWhatItIs(t *testing.T) {
	for _, f := range Scalars() {
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") || len(f.Signatures) == 0 {
			t.Errorf("%s: want a sentence and signatures", f.Name)
		}
		for _, text := range f.Signatures {
			if _, err := ParseSignature(text); err != nil {
				t.Error(err)
			}
			if strings.HasSuffix(text, "→ Custom") && f.Type == nil && f.Eval != nil {
				t.Errorf("%s: a custom type, but no Type", f.Name)
			}
		}
	}
}

func ExampleFindScalar() {
	f, _ := FindScalar("toupper")
	fmt.Println(f.Eval(nil, []data.Value{data.OfString("kusto")}))
	// Output: KUSTO
}
