package ledger

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Numbers is a set of numbers of resources, as runs in their order that neither meet nor
// touch: resources that were met together have numbers that follow each other.
type Numbers []Run

// Run is the numbers from First to Last, with both.
type Run struct{ First, Last uint32 }

// AllNumbers has every resource, also those to come.
var AllNumbers = Numbers{{1, math.MaxUint32}}

// NumbersOf gives a set of numbers, which it puts in their order.
func NumbersOf(all []uint32) (set Numbers) {
	slices.Sort(all)
	for _, n := range all {
		if last := len(set) - 1; last >= 0 && n <= set[last].Last+1 {
			set[last].Last = n
			continue
		}
		set = append(set, Run{n, n})
	}
	return set
}

// Has reports whether a number is in the set.
func (s Numbers) Has(n uint32) bool {
	_, found := slices.BinarySearchFunc(s, n, func(r Run, n uint32) int {
		if r.First <= n && n <= r.Last {
			return 0
		}
		return cmp.Compare(r.First, n)
	})
	return found
}

// Without gives the set without those of another.
func (s Numbers) Without(other Numbers) (left Numbers) {
	at := 0
	for _, r := range s {
		for at < len(other) && other[at].Last < r.First {
			at++
		}
		rest := true
		for k := at; rest && k < len(other) && other[k].First <= r.Last; k++ {
			if o := other[k]; o.First > r.First {
				left = append(left, Run{r.First, o.First - 1})
			}
			if rest = other[k].Last < r.Last; rest {
				r.First = max(r.First, other[k].Last+1)
			}
		}
		if rest {
			left = append(left, r)
		}
	}
	return left
}

// String writes the set as "1-4,7".
func (s Numbers) String() string {
	var text []byte
	for i, r := range s {
		if i > 0 {
			text = append(text, ',')
		}
		if text = strconv.AppendUint(text, uint64(r.First), 10); r.Last > r.First {
			text = strconv.AppendUint(append(text, '-'), uint64(r.Last), 10)
		}
	}
	return string(text)
}

// ParseNumbers reads what [Numbers.String] writes.
func ParseNumbers(text string) (set Numbers, err error) {
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, several := strings.Cut(part, "-")
		if !several {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 32)
		to, err2 := strconv.ParseUint(last, 10, 32)
		if cmp.Or(err1, err2) != nil || from > to || len(set) > 0 && uint32(from) <= set[len(set)-1].Last {
			return nil, fmt.Errorf("numbers %q: %q is no run behind those before it", text, part)
		}
		set = append(set, Run{uint32(from), uint32(to)})
	}
	return set, nil
}
