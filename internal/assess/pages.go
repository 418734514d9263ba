package assess

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/policy"
)

// unended is an input with a page of a list that says that more follows, while
// no next page does. What it lacks may be of any type and unit that it has.
type unended struct {
	file  string
	page  inventory.Page
	total int // that the list has, if only its numbers tell that more follows

	units, types map[string]bool // types folded
}

// unended gives the inputs that hold a part of a list only, in their order.
func (run *run) unended(rd *reading) []*unended {
	all := rd.seen()
	if !mayGoOn(all) {
		return nil
	}
	held := run.held(rd, all)
	lists := run.totals(all, held)
	var found []*unended
	for i := range all {
		u := unended{file: all[i].File, units: held[i].units, types: held[i].types}
		for n := range all[i].Pages {
			p, next := &all[i].Pages[n], (*inventory.Page)(nil)
			if n+1 < len(all[i].Pages) {
				next = &all[i].Pages[n+1]
			}
			switch whole, counted := lists.whole(p); {
			case counted && whole:
			case p.More != "" && (next == nil || !held[i].goesOn(p, next)):
				u.page, u.total = *p, 0
			case p.More == "" && counted:
				u.page, u.total = *p, p.Total
			}
		}
		if u.page != (inventory.Page{}) {
			found = append(found, &u)
		}
	}
	return found
}

// mayGoOn sorts pages, and reports whether any of them says that there is more.
func mayGoOn(all []inventory.Seen) (any bool) {
	for i := range all {
		slices.SortFunc(all[i].Pages, inOrder)
		for _, p := range all[i].Pages {
			any = any || p.More != "" || p.Total > p.Count
		}
	}
	return any
}

// inOrder compares pages by their places. Of those on one line, which workers
// read in any order, the last is the one that ends a list.
func inOrder(a, b inventory.Page) int {
	ends := func(p inventory.Page) int {
		if p.More == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(ends(a), ends(b)), cmp.Compare(a.List, b.List), cmp.Compare(a.Count, b.Count))
}

// heldBy is what an input with pages holds, as a whole and page by page.
type heldBy struct {
	units, types map[string]bool
	pages        map[int]map[unitType]bool // by first line
}

// goesOn reports whether a page is the one after another: it stands under the
// same key on a later line, and is empty or has something of the same type and
// unit, or both say how many records there are in all, and say about the same.
func (h *heldBy) goesOn(p, next *inventory.Page) bool {
	if p.List != next.List || p.First == next.First { // of records on one line it is not known whose they are
		return false
	}
	if p.Total > 0 && next.Total > 0 {
		return !alone(next) && alike(p.Total, next.Total)
	}
	for pair := range h.pages[next.First] {
		if h.pages[p.First][pair] {
			return true
		}
	}
	return len(h.pages[next.First]) == 0
}

// held tells what inputs with pages hold, by number of the input.
func (run *run) held(rd *reading, all []inventory.Seen) []heldBy {
	const lineBits = 40
	held := make([]heldBy, len(all))
	for i := range all {
		if len(all[i].Pages) > 0 {
			held[i] = heldBy{map[string]bool{}, map[string]bool{}, map[int]map[unitType]bool{}}
		}
	}
	rd.records(func(_ *worker, r *record) bool {
		h := &held[r.order>>lineBits]
		if h.pages == nil {
			return true
		}
		is := unitType{run.units[r.unit], policy.FoldType(run.book.set.TypeName(int(r.typeNumber)))}
		h.units[is.unit], h.types[is.typeName] = true, true
		line := int(r.order & (1<<lineBits - 1))
		for _, p := range all[r.order>>lineBits].Pages {
			if p.First <= line && line <= p.Last {
				if h.pages[p.First] == nil {
					h.pages[p.First] = map[unitType]bool{}
				}
				h.pages[p.First][is] = true
			}
		}
		return true
	})
	return held
}

// tellUnended warns of lists that were read in part.
func (run *run) tellUnended() {
	if run.options.Partial || slices.ContainsFunc(run.options.Complete, func(c Completeness) bool { return c.All }) {
		return
	}
	for _, u := range run.complete.unended {
		why := fmt.Sprintf("%s says that more follows, and no next page does in this file", u.page.More)
		if u.total > 0 {
			why = fmt.Sprintf("it says that it has %d records of %d, and the others are not in the input", u.page.Count, u.total)
		}
		run.known.notices.add(inventory.Problem{
			File: u.file, Line: u.page.First, Notice: true,
			Reason: "one page of a list: " + why + "; the types in this file do not count as completely read without --complete or a read record",
		})
	}
}
