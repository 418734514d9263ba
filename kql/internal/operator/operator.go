package operator

import "github.com/bartizan-dev/bartizan/kql/data"

// Result is the type of left op right, where the types may meet.
//
// Operators: + - * / % == != =~ !~ < <= > >= and or, has hasprefix hassuffix
// contains startswith endswith, each with "!" before and "_cs" behind, "matches regex",
// in !in in~ !in~ has_any has_all (right: an element's type).
func Result(op string, left, right data.Type) (data.Type, bool) { panic("not built yet") }

// Eval computes left op right.
func Eval(op string, left, right data.Value) data.Value { panic("not built yet") }

// A Kernel computes n values of left op right.
type Kernel func(n int, left, right *data.Vector) *data.Vector

// Compile chooses the kernel for two types. Constants are known before: a
// pattern is compiled, a search text folded, once.
func Compile(op string, left, right data.Type, leftConst, rightConst *data.Value) (Kernel, error) {
	panic("not built yet")
}
