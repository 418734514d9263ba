package assess

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/bartizan-dev/bartizan/policy"
)

// changeFaults counts, for one worker, the would-be changes of modify and append
// that cannot be computed. They change no state, so that nothing else tells
// them. Most rules write literals and cost nothing here.
type changeFaults struct {
	book   *ruleBook
	finder *policy.ChangeFaults
	rules  map[int][]int // by signature: the unhealthy rules that compute
	counts map[faultKey]fault
	passed bool // some resources were not looked at
}

// Computing what a rule would write takes longer than judging by it. So it is
// done for all resources that stand among the first lines of an input, and beyond
// them for one in some: an author who writes what fails hears of it.
const (
	lookedAtLines = 5_000
	lookedAtOneIn = 64
)

// faultKey tells reasons apart, whatever values stand in them.
type faultKey struct {
	rule   int
	place  int32
	reason string
}

type fault struct {
	example string // as it was for the first resource
	count   int
}

// computing says which rules compute what they would change, nil if none does.
func computing(rules []rule) []bool {
	var found []bool
	for i := range rules {
		if rules[i].bound.ComputesChanges() {
			if found == nil {
				found = make([]bool, len(rules))
			}
			found[i] = true
		}
	}
	return found
}

func (b *ruleBook) newChangeFaults() changeFaults {
	if b.computing == nil {
		return changeFaults{}
	}
	return changeFaults{
		book: b, finder: policy.NewChangeFaults(b.set.Aliases(), b.options.Now), rules: map[int][]int{}, counts: map[faultKey]fault{},
	}
}

// look notes what cannot be computed for one resource, as it was judged; line is
// where it stands in its input.
func (f *changeFaults) look(judged *policy.Judged, r *policy.Resource, place int32, line int) {
	if f.finder == nil {
		return
	}
	if line > lookedAtLines && line%lookedAtOneIn != 0 {
		f.passed = true
		return
	}
	for _, s := range judged.Signatures {
		for _, rule := range f.rulesOf(s) {
			for _, text := range f.finder.Of(f.book.rules[rule].bound, r) {
				key := faultKey{rule, place, quoted.ReplaceAllString(text, `""`)}
				known := f.counts[key]
				f.counts[key] = fault{cmp.Or(known.example, text), known.count + 1}
			}
		}
	}
}

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

func (f *changeFaults) rulesOf(s *policy.Signature) []int {
	rules, known := f.rules[s.ID]
	if !known {
		for _, st := range s.Statuses {
			if f.book.computing[st.Rule] && st.Status == policy.StatusNonCompliant {
				rules = append(rules, int(st.Rule))
			}
		}
		f.rules[s.ID] = rules
	}
	return rules
}

// maxFaults bounds how many reasons of one rule are told.
const maxFaults = 5

// tellChangeFaults tells them, a line for each rule and reason, where the rule
// is judged and not exempt.
func (run *run) tellChangeFaults(rd *reading, p *placer) []string {
	if run.book.computing == nil {
		return nil
	}
	sums, least := map[faultKey]fault{}, ""
	for _, w := range rd.workers {
		if w.faults.passed {
			least = "at least "
		}
		for key, f := range w.faults.counts {
			if key.place > 0 {
				if m := p.at(w.places[key.place-1]).markOf(key.rule); m != nil && (m.outside || m.exempt != nil) {
					continue
				}
			}
			key.place = 0
			known := sums[key]
			// Workers take resources as they come: the example must not depend on that.
			if known.example == "" || f.example < known.example {
				known.example = f.example
			}
			known.count += f.count
			sums[key] = known
		}
	}
	return faultLines(sums, run.book.rules, least)
}

func faultLines(sums map[faultKey]fault, rules []rule, least string) []string {
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b faultKey) int {
		return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(sums[b].count, sums[a].count), cmp.Compare(a.reason, b.reason))
	})
	var all []string
	for len(keys) > 0 {
		n := 1
		for n < len(keys) && keys[n].rule == keys[0].rule {
			n++
		}
		id := rules[keys[0].rule].id
		for _, key := range keys[:min(n, maxFaults)] {
			all = append(all, faultLine(id, sums[key], least))
		}
		if n > maxFaults {
			all = append(all, fmt.Sprintf("policy %q: what it would change cannot be computed for %d more reasons", id, n-maxFaults))
		}
		keys = keys[n:]
	}
	return all
}

func faultLine(id string, f fault, least string) string {
	if f.count == 1 {
		return fmt.Sprintf("policy %q: what it would change on %s1 resource cannot be computed: %s", id, least, f.example)
	}
	return fmt.Sprintf("policy %q: what it would change on %s%d resources cannot be computed, for example: %s", id, least, f.count, f.example)
}

// markOf gives the mark of a rule, nil without one.
func (pl *placement) markOf(rule int) *mark {
	if pl == nil {
		return nil
	}
	return pl.marks[rule]
}
