package operator

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// InArray answers as the test that In makes of the same array, wherever it answers.
func TestInArray_is_In(t *testing.T) {
	texts := []string{"", "a", "A", "b a", "ab", "É", "é a", "1", "-7", "1.0", "true", "K", "\u212a"}
	scalar := rapid.OneOf(
		rapid.Map(rapid.SampledFrom(texts), data.OfString),
		rapid.Map(rapid.Int64Range(-7, 3), data.OfLong),
		rapid.Map(rapid.SampledFrom([]int64{1 << 53, 1<<53 + 1, 1<<63 - 1}), data.OfLong),
		rapid.Map(rapid.SampledFrom([]float64{0, 1, 1.5, -7, 1 << 53}), data.OfReal),
		rapid.Map(rapid.Bool(), data.OfBool),
		rapid.Just(data.OfInt(1)), rapid.Just(data.OfTimeSpan(1)),
		rapid.SampledFrom([]data.Value{
			data.Null(data.Dynamic), data.Null(data.Long), data.Null(data.Bool), data.Null(data.Real),
			data.OfNode(data.RawJSON(`["a",[1]]`)),
		}),
	)
	known := 0
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom([]string{"in", "!in", "in~", "!in~", "has_any", "has_all"}).Draw(t, "op")
		left := scalar.Draw(t, "left")
		if op != "in" && op != "!in" || rapid.Bool().Draw(t, "dynamic") {
			left = data.OfNode(data.NodeOf(left))
		}
		if left.Type() == data.Dynamic && left.Node().Kind() == data.KindString && rapid.Bool().Draw(t, "text") {
			left = data.OfString(left.Node().Text())
		}
		var items []*data.Node
		for _, v := range rapid.SliceOfN(scalar, 0, 4).Draw(t, "items") {
			items = append(items, data.NodeOf(v))
		}
		array := data.NodeOfArray(items)
		got, ok := InArray(op, left, array, nil)
		if !ok {
			return
		}
		known++
		test, err := In(op, left.Type(), []data.Value{data.OfNode(array)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := test(1, data.Constant(left, 1)).Value(0); want.IsNull() || want.Bool() != got {
			t.Fatalf("%v %s %s = %t, want %v", left, op, array.JSON(), got, want)
		}
	})
	if known == 0 {
		t.Error("InArray knew no answer")
	}
}
