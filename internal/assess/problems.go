package assess

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// maxProblems and maxNotices bound what is kept, the first of the input; the
// rest is counted.
const (
	maxProblems = 1000
	maxNotices  = 100
)

// problemList keeps the first problems in the order of the inputs, in whatever
// order they are found. It serves several goroutines.
type problemList struct {
	files   map[string]uint64 // number of each input
	max     int
	notices bool

	mu   sync.Mutex
	kept []inventory.Problem
	more int
}

func (l *problemList) add(p inventory.Problem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept = append(l.kept, p); len(l.kept) >= 4*l.max {
		l.shorten()
	}
}

func (l *problemList) shorten() {
	slices.SortStableFunc(l.kept, func(a, b inventory.Problem) int {
		return cmp.Or(cmp.Compare(l.files[a.File], l.files[b.File]), cmp.Compare(lineOf(a), lineOf(b)))
	})
	if drop := len(l.kept) - l.max; drop > 0 {
		l.more += drop
		l.kept = slices.Clip(l.kept[:l.max])
	}
}

// lineOf puts problems of a whole input behind those of its lines.
func lineOf(p inventory.Problem) int {
	if p.Line == 0 {
		return math.MaxInt
	}
	return p.Line
}

// list gives the problems, the last of which may count those left out.
func (l *problemList) list() []inventory.Problem {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shorten()
	if l.more == 0 {
		return l.kept
	}
	noun := "problem"
	if l.notices {
		noun = "note"
	}
	if l.more > 1 {
		noun += "s"
	}
	return append(slices.Clip(l.kept), inventory.Problem{Reason: fmt.Sprintf("and %d more %s, only counted", l.more, noun), Notice: l.notices})
}
