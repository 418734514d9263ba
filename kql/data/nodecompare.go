package data

import "cmp"

// rank orders kinds: null, numbers, time, text, arrays, bags.
var rank = [...]int{
	KindBool: 1, KindLong: 2, KindInt: 2, KindReal: 2, KindDecimal: 2, KindDateTime: 3, KindTimeSpan: 4,
	KindGUID: 5, KindString: 6, KindArray: 7, KindBag: 8,
}

// CompareNodes orders dynamic values: nulls, bools, numbers by value, datetimes,
// timespans, guids, strings, arrays item by item, bags by their JSON.
func CompareNodes(a, b *Node) int {
	a, b = a.look(), b.look()
	if c := cmp.Compare(rank[a.kind], rank[b.kind]); c != 0 || a.kind == KindNull {
		return c
	}
	switch a.kind {
	case KindArray:
		return compareArrays(a.tree.items, b.tree.items)
	case KindBag:
		if a.tree.same(b.tree) {
			return 0
		}
		return cmp.Compare(string(appendNodeKey(nil, a)), string(appendNodeKey(nil, b)))
	}
	return Compare(a.Value(), b.Value())
}

func compareArrays(a, b []*Node) int {
	for i := range min(len(a), len(b)) {
		if c := CompareNodes(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// EqualNodes tells whether two dynamic values are the same: numbers by value,
// bags whatever the order of their keys.
func EqualNodes(a, b *Node) bool {
	a, b = a.look(), b.look()
	if a == b {
		return true
	}
	if rank[a.kind] != rank[b.kind] {
		return false
	}
	switch a.kind {
	case KindNull:
		return true
	case KindString:
		return a.text == b.text
	case KindArray:
		return compareItems(a.tree.items, b.tree.items)
	case KindBag:
		return a.tree.same(b.tree)
	}
	return EqualValues(a.Value(), b.Value())
}

func compareItems(a, b []*Node) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !EqualNodes(a[i], b[i]) {
			return false
		}
	}
	return true
}

// same compares two bags.
func (t *tree) same(u *tree) bool {
	if len(t.keys) != len(u.keys) {
		return false
	}
	for i, key := range t.keys {
		j := u.find(key)
		if j < 0 || !EqualNodes(t.items[i], u.items[j]) {
			return false
		}
	}
	return true
}
