package data

import "testing"

func TestSizeStopsBeyondBudget(t *testing.T) {
	n := NodeOfLong(1)
	for range 60 { // 2^60 leaves
		n = NodeOfArray([]*Node{n, n})
	}
	if got := n.Size(10_000); got <= 10_000 || got > 20_000 {
		t.Errorf("size %d, want a little more than the budget", got)
	}
	if got := OfNode(RawJSON(`{"a":[1,2,3]}`)).Size(1000); got < 13 || got > 300 {
		t.Errorf("size of raw JSON %d", got)
	}
	if got := OfString("abc").Size(1); got < 3 {
		t.Errorf("size of a text %d", got)
	}
}
