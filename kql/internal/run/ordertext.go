package run

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// sortTexts sorts by the rank of the different texts where they are few, else
// by seven bytes after the other.
func (o *ordering) sortTexts(rows []int32, k int) {
	if ranks, ok := o.ranks(rows, k); ok {
		o.sortRanked(rows, k, ranks)
		return
	}
	o.sortBytes(rows, k, 0)
}

// ranks numbers the texts of a column in their order, unless they are many.
func (o *ordering) ranks(rows []int32, k int) ([]uint32, bool) {
	column := o.cols[k].Texts
	var terms data.Terms
	ids := make([]uint32, len(rows))
	for i, row := range rows {
		ids[i] = terms.Number(column[row])
		if i&1023 == 1023 && 4*terms.Len() > i || terms.Len() > 1<<16 {
			return nil, false
		}
	}
	if 2*terms.Len() > len(rows) {
		return nil, false
	}
	order := make([]int32, terms.Len())
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(terms.Texts()[a], terms.Texts()[b]) })
	rank := make([]uint32, terms.Len())
	for i, id := range order {
		rank[id] = uint32(i)
	}
	for i, id := range ids {
		ids[i] = rank[id]
	}
	return ids, true
}

func (o *ordering) sortRanked(rows []int32, k int, ranks []uint32) {
	at := -1
	o.sortBy(rows, k, func(int32) uint64 { at++; return uint64(ranks[at]) })
}

// sortBytes sorts by the bytes from offset on: seven of them and how many
// there are, so that "a" comes before "a\x00".
func (o *ordering) sortBytes(rows []int32, k, offset int) {
	texts := o.cols[k].Texts
	key := func(row int32) uint64 {
		s := texts[row]
		if offset > len(s) {
			return 0
		}
		return textKey(s[offset:])
	}
	o.runs(rows, k, key, func(run []int32, key uint64) {
		if o.keys[k].Descending {
			key = ^key
		}
		switch {
		case key&0xff < 8:
			o.sort(run, k+1)
		case len(run) <= few:
			slices.SortStableFunc(run, func(a, b int32) int { return o.compare(a, b, k) })
		default:
			o.sortBytes(run, k, offset+7)
		}
	})
}

func textKey(s string) uint64 {
	key := uint64(0)
	for i := range min(len(s), 7) {
		key |= uint64(s[i]) << (56 - 8*i)
	}
	return key | uint64(min(len(s), 8))
}
