package assess

import "github.com/bartizan-dev/bartizan/internal/inventory"

// totals are lists whose pages say how many records the whole list has. Pages
// of the same total may be of one list or of several queries with as many
// records each; what counts is whether the pages that are here add up.
type totals struct {
	listOf map[*inventory.Page]*countedList
}

// countedList is what is known of the pages that may be of one list.
type countedList struct {
	least, most int // that a page says to be the total
	records     int // distinct ones, in all its pages
	ends        int // pages that no page follows
	with        *countedList
}

// totals finds the lists of all inputs. Pages are in order.
func (run *run) totals(all []inventory.Seen, held []heldBy) *totals {
	t := &totals{listOf: map[*inventory.Page]*countedList{}}
	type key struct {
		list  string
		total int
	}
	lists := map[key]*countedList{}
	for i := range all {
		var before *inventory.Page
		for n := range all[i].Pages {
			p := &all[i].Pages[n]
			if p.Total == 0 || alone(p) {
				before = nil
				continue
			}
			k := key{p.List, p.Total}
			if lists[k] == nil {
				lists[k] = &countedList{least: p.Total, most: p.Total}
			}
			list := lists[k].root()
			list.records += p.Count
			if p.More == "" {
				list.ends++
			}
			t.listOf[p] = lists[k]
			if before != nil && before.More != "" && held[i].goesOn(before, p) {
				t.listOf[before].join(list)
			}
			before = p
		}
	}
	run.countOnce(all, t)
	return t
}

// root is the list that this one turned out to be a part of.
func (l *countedList) root() *countedList {
	for l.with != nil {
		l = l.with
	}
	return l
}

// join makes one list of two: the total changed while the pages were read.
func (l *countedList) join(other *countedList) {
	l, other = l.root(), other.root()
	if l == other {
		return
	}
	other.with = l
	l.least, l.most = min(l.least, other.least), max(l.most, other.most)
	l.records, l.ends = l.records+other.records, l.ends+other.ends
}

// countOnce takes away what stands more than once in the pages of one list.
func (run *run) countOnce(all []inventory.Seen, t *totals) {
	const lineBits = 40
	for _, orders := range run.repeated {
		met := map[*countedList]bool{}
		for _, order := range orders {
			line := int(order & (1<<lineBits - 1))
			l := t.at(all[order>>lineBits].Pages, line)
			if l != nil && met[l] {
				l.records--
			}
			met[l] = true
		}
	}
}

// at is the list of the page that a line is in, nil if it is in none.
func (t *totals) at(pages []inventory.Page, line int) *countedList {
	for n := range pages {
		if p := &pages[n]; p.First <= line && line <= p.Last && t.listOf[p] != nil {
			return t.listOf[p].root()
		}
	}
	return nil
}

// whole reports whether all pages of a page's list are here; counted is false
// for a page that does not say how many records there are. Several lists of one
// total are whole if their records together are those of some of them.
func (t *totals) whole(p *inventory.Page) (whole, counted bool) {
	if p.Total > 0 && alone(p) {
		return true, true
	}
	l := t.listOf[p]
	if l == nil {
		return false, false
	}
	l = l.root()
	for n := 1; n <= l.ends; n++ {
		if n*l.least <= l.records && l.records <= n*l.most {
			return true, true
		}
	}
	return false, true
}

// alone says that a page is a whole list.
func alone(p *inventory.Page) bool { return p.More == "" && p.Count == p.Total }

// alike says that two totals may be those of one list that changed while it
// was read: they differ by a hundredth at most.
func alike(a, b int) bool { return max(a, b)-min(a, b) <= max(a, b)/100 }
