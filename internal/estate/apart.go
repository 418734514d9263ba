package estate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/policy"
)

// Apart is evidence that some of the assignments of an initiative give, or that overrides
// of theirs leave: it counts in some parts only of where the initiative is told.
type Apart struct {
	Parts    []index.Part
	Evidence map[string][]int // rules by control
}

// AssignedEvidence collects where the rules of an assigned initiative give evidence for
// its controls.
type AssignedEvidence struct {
	everywhere []string // keys of the parts of its assignments
	where      map[evidenceOf][]index.Part
	order      []evidenceOf
}

// evidenceOf is a rule, by number among those of the index, that gives evidence for a
// control.
type evidenceOf struct {
	control string
	rule    int
}

// NewAssignedEvidence is that of an initiative with some assignments.
func NewAssignedEvidence(assignments []*policy.Assignment) *AssignedEvidence {
	e := &AssignedEvidence{where: map[evidenceOf][]index.Part{}}
	for _, a := range assignments {
		e.everywhere = append(e.everywhere, partKey(PartOf(a)))
	}
	return e
}

// Add notes the evidence that a reference gives for some controls: number gives that of
// a rule among those of the index, false for one that makes no checks.
func (e *AssignedEvidence) Add(ref *assess.AssignedReference, controls []string, number func(rule int) (int, bool)) {
	for _, c := range ref.Cases() {
		rule, judged := number(c.Rule)
		if !judged {
			continue
		}
		part := PartOf(ref.Assignment)
		part.If, part.Unless = c.If, c.Unless
		for _, control := range controls {
			of := evidenceOf{control, rule}
			if e.where[of] == nil {
				e.order = append(e.order, of)
			}
			e.where[of] = append(e.where[of], part)
		}
	}
}

// Split gives the evidence that counts wherever the initiative is told, and what counts
// in parts of that only.
func (e *AssignedEvidence) Split() (everywhere map[string][]int, apart []Apart) {
	everywhere = map[string][]int{}
	known := map[string]int{}
	for _, of := range e.order {
		parts := e.where[of]
		slices.SortFunc(parts, func(a, b index.Part) int { return cmp.Compare(partKey(a), partKey(b)) })
		parts = slices.CompactFunc(parts, func(a, b index.Part) bool { return partKey(a) == partKey(b) })
		var keys []string
		for _, p := range parts {
			keys = append(keys, partKey(p))
		}
		to := everywhere
		if !e.isAll(keys) {
			key := strings.Join(keys, "\n")
			n, met := known[key]
			if !met {
				n = len(apart)
				known[key], apart = n, append(apart, Apart{parts, map[string][]int{}})
			}
			to = apart[n].Evidence
		}
		to[of.control] = append(to[of.control], of.rule)
	}
	return everywhere, apart
}

// isAll reports whether sorted parts are, or hold, all where the initiative is assigned.
func (e *AssignedEvidence) isAll(keys []string) bool {
	return !slices.ContainsFunc(e.everywhere, func(key string) bool {
		_, found := slices.BinarySearch(keys, key)
		return !found
	})
}

// partKey tells parts apart.
func partKey(p index.Part) string { return fmt.Sprintf("%#v", p) }
