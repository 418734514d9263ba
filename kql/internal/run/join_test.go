package run

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

var kinds = []string{
	"innerunique", "inner", "leftouter", "rightouter", "fullouter", "leftsemi", "rightsemi", "leftanti", "rightanti",
}

// drawRows makes rows of a key, a second key and a number that tells them apart.
func drawRows(t *rapid.T, label string) [][]data.Value {
	n := rapid.IntRange(0, 40).Draw(t, label)
	rows := make([][]data.Value, n)
	for i := range rows {
		key := data.Null(data.Long)
		if k := rapid.IntRange(-1, 5).Draw(t, "key"); k >= 0 {
			key = data.OfLong(int64(k))
		}
		text := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "text")
		rows[i] = []data.Value{key, data.OfString(text), data.OfLong(int64(i))}
	}
	return rows
}

var rowTypes = []data.Type{data.Long, data.String, data.Long}

// TestJoinIsItsNestedLoop compares every kind of join with its definition.
func TestJoinIsItsNestedLoop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left, right := drawRows(t, "left"), drawRows(t, "right")
		size := rapid.IntRange(1, 9).Draw(t, "batch")
		lt, rt := table(rowTypes, left, size), table(rowTypes, right, size)
		drawTerms(t, lt, rt)
		l, r := scan(lt), scan(rt)
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		n := &plan.Join{Base: plan.Base{From: []plan.Node{l, r}}, Kind: kind}
		columns := rapid.SampledFrom([][]int{{0}, {1}, {0, 1}, {1, 0}}).Draw(t, "keys")
		for _, k := range columns {
			n.LeftKeys, n.RightKeys = append(n.LeftKeys, col(l, k)), append(n.RightKeys, col(r, k))
		}
		want := nestedLoop(kind, columns, left, right)
		for _, workers := range []int{1, 2} {
			if diff := cmp.Diff(want, mustRows(t, n, Limits{Workers: workers})); diff != "" {
				t.Fatalf("%s, %d workers (-want +got):\n%s", kind, workers, diff)
			}
		}
	})
}

// drawTerms gives the texts of tables terms of their own or in common, or of
// some batches only, which is what a union of tables looks like.
func drawTerms(t *rapid.T, tables ...*memory) {
	shared := rapid.Bool().Draw(t, "terms in common")
	terms := &data.Terms{}
	for _, m := range tables {
		if !shared {
			terms = &data.Terms{}
			for range rapid.IntRange(0, 2).Draw(t, "other terms") {
				terms.Number("b")
				terms.Number("c")
			}
		}
		share := rapid.IntRange(0, 2).Draw(t, "with terms")
		for _, b := range m.batches {
			if v := b.Columns[1]; share > 0 && rapid.IntRange(0, share).Draw(t, "this one") > 0 {
				v.Terms, v.Codes = terms, make([]uint32, v.Len)
				terms.NumberAll(v.Texts, v.Codes)
			}
		}
	}
}

// nestedLoop is the definition of join, in the order that ours keeps.
func nestedLoop(kind string, keys []int, left, right [][]data.Value) (out []string) {
	blank := []data.Value{data.Null(data.Long), data.OfString(""), data.Null(data.Long)}
	match := func(l, r []data.Value) bool {
		for _, k := range keys {
			if l[k].IsNull() || r[k].IsNull() || !data.EqualValues(l[k], r[k]) {
				return false
			}
		}
		return true
	}
	emit := func(rows ...[]data.Value) {
		var cells []string
		for _, row := range rows {
			for _, v := range row {
				cells = append(cells, cell(v))
			}
		}
		out = append(out, strings.Join(cells, "|"))
	}
	matchedRight := make([]bool, len(right))
	used := map[string]bool{}
	for _, l := range left {
		any := false
		unique := ""
		for _, k := range keys {
			unique += fmt.Sprint(l[k], ",")
		}
		for j, r := range right {
			if !match(l, r) {
				continue
			}
			any, matchedRight[j] = true, true
			switch kind {
			case "innerunique":
				if !used[unique] {
					emit(l, r)
				}
			case "inner", "leftouter", "rightouter", "fullouter":
				emit(l, r)
			}
		}
		used[unique] = true
		switch {
		case !any && (kind == "leftouter" || kind == "fullouter"):
			emit(l, blank)
		case any && kind == "leftsemi", !any && kind == "leftanti":
			emit(l)
		}
	}
	for j, r := range right {
		switch {
		case !matchedRight[j] && (kind == "rightouter" || kind == "fullouter"):
			emit(blank, r)
		case matchedRight[j] && kind == "rightsemi", !matchedRight[j] && kind == "rightanti":
			emit(r)
		}
	}
	return out
}
