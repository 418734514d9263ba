package assess

import (
	"iter"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// scopeIndex finds which of many scopes a place lies in without a look at each.
type scopeIndex struct {
	all     []string         // sorted, each once; a scope's number is its index
	numbers map[string]int   // by scope as it is written
	byText  map[string][]int // by what stands in an id or a name of what lies in it
}

func newScopeIndex(scopes []string) scopeIndex {
	x := scopeIndex{slices.Compact(slices.Sorted(slices.Values(scopes))), map[string]int{}, map[string][]int{}}
	for n, scope := range x.all {
		x.numbers[scope] = n
		folded := posture.Fold(scope)
		x.byText[folded] = append(x.byText[folded], n)
		if plain := posture.PlainARN(scope); plain != folded {
			x.byText[plain] = append(x.byText[plain], n)
		}
	}
	return x
}

// in gives the numbers of the scopes that a place lies in, in their order.
func (p *placer) in(r *place) []int {
	p.placeOf(r)
	return p.lastIn
}

// scopesOf is in without a memory. A text says only that a scope may hold the place.
func (p *placer) scopesOf(r *place) []int {
	var found []int
	for _, text := range p.above(r) {
		found = append(found, p.scopes.byText[text]...)
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(n int) bool { return !p.within(r, p.scopes.all[n]) })
}

// above lists, folded, all that a scope in which a place lies may be called.
func (p *placer) above(r *place) []string {
	texts := slices.AppendSeq([]string{"/"}, pathsAbove(r.id))
	for _, n := range r.names() {
		texts = append(texts, n.Text)
	}
	if r.unit == "" {
		return texts
	}
	texts = slices.AppendSeq(texts, pathsAbove(r.unit))
	for _, scope := range p.tree.Ancestors(r.unit) {
		texts = append(texts, posture.Fold(scope))
	}
	return texts
}

// pathsAbove yields an id, folded, and what stands above it by its text: all that
// [posture.Within] has it in but "/".
func pathsAbove(id string) iter.Seq[string] {
	return func(yield func(string) bool) {
		folded := posture.Fold(id)
		for at := len(folded); at >= 0 && yield(folded[:at]); at = strings.LastIndexByte(folded[:at], '/') {
		}
	}
}

// spotIndex finds the spots that a scope has to do with without a look at each.
type spotIndex struct {
	spots  []spot
	placer *placer
	within [][]int          // by scope's number: the spots in it
	byID   map[string][]int // by folded id
}

func newSpotIndex(spots []spot, p *placer) *spotIndex {
	x := &spotIndex{spots, p, make([][]int, len(p.scopes.all)), map[string][]int{}}
	for i := range spots {
		for _, n := range p.in(spots[i].at) {
			x.within[n] = append(x.within[n], i)
		}
		id := posture.Fold(spots[i].at.id)
		x.byID[id] = append(x.byID[id], i)
	}
	return x
}

// in yields the spots in one of the placer's scopes.
func (x *spotIndex) in(scope string) iter.Seq[*spot] {
	return x.each(x.within[x.placer.scopes.numbers[scope]])
}

// around yields the spots in one of the placer's scopes, and those that it is a part of.
func (x *spotIndex) around(scope string) iter.Seq[*spot] {
	found := slices.Concat(x.within[x.placer.scopes.numbers[scope]], x.byID["/"])
	for id := range pathsAbove(scope) {
		found = append(found, x.byID[id]...)
	}
	slices.Sort(found)
	return x.each(slices.Compact(found))
}

func (x *spotIndex) each(numbers []int) iter.Seq[*spot] {
	return func(yield func(*spot) bool) {
		for _, i := range numbers {
			if !yield(&x.spots[i]) {
				return
			}
		}
	}
}
