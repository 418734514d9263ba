package run

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// reduce groups texts that are alike: that have as many words, between equal
// separators, and share of their words what the threshold asks for, at least
// one. Where the texts of a group differ its pattern has *.
func (c *compiler) reduce(n *plan.Reduce) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	by, err := c.program(n.By)
	if err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error {
			r := &reducing{plan: n, clusters: map[string]*cluster{}, having: map[placedWord][]*cluster{}}
			defer func() { e.meter.release(r.held) }()
			if err := input.run(e)(func(b *data.Batch) error { return r.add(e, by.one(e, wholeChunk(b))) }); err != nil {
				return err
			}
			return sliced(groupsTable(r.groups()), out)
		}
	}, nil
}

type reducing struct {
	plan *plan.Reduce
	rows int64
	all  []*cluster
	// clusters are the groups of the texts that were met.
	clusters map[string]*cluster
	// having are the groups of which a word stood in the first text.
	having map[placedWord][]*cluster
	held   int64
}

// A cluster is a group of texts: its words, "" where they differ, and what
// stands before each of them and behind the last.
type cluster struct {
	words, gaps    []string
	representative string
	count          int64
}

// A placedWord is a word and the how-manieth of its text it is.
type placedWord struct {
	at   int
	word string
}

// mostCandidates bounds the groups that a text is compared with, for each of its words.
const mostCandidates = 64

func (r *reducing) add(e *env, v *data.Vector) error {
	bytes := int64(0)
	for _, text := range data.ConvertVector(v, data.String).Expand().Texts[:v.Len] {
		r.rows++
		g := r.clusters[text]
		if g == nil {
			g = r.cluster(text)
			r.clusters[text] = g
			bytes += 8*int64(len(text)) + 64
		}
		g.count++
	}
	r.held += bytes
	return e.hold(bytes)
}

// cluster finds the group that a text is most like, or begins one.
func (r *reducing) cluster(text string) *cluster {
	own := r.split(text)
	var best *cluster
	most := 0
	for at, word := range own.words {
		for _, g := range r.having[placedWord{at, word}] {
			if n := own.shared(g); n > most && float64(n) >= r.plan.Threshold*float64(len(own.words)) {
				best, most = g, n
			}
		}
	}
	if best != nil {
		best.merge(own)
		return best
	}
	r.all = append(r.all, own)
	for at, word := range own.words {
		key := placedWord{at, word}
		if known := r.having[key]; len(known) < mostCandidates {
			r.having[key] = append(known, own)
		}
	}
	return own
}

// breaks tells whether a character separates words.
func (r *reducing) breaks(c rune) bool {
	return strings.ContainsRune(r.plan.Characters, c) || !(unicode.IsLetter(c) || unicode.IsDigit(c))
}

// split makes a group of one text.
func (r *reducing) split(text string) *cluster {
	g := &cluster{representative: text}
	for rest := text; ; {
		word := strings.IndexFunc(rest, func(c rune) bool { return !r.breaks(c) })
		if word < 0 {
			g.gaps = append(g.gaps, rest)
			return g
		}
		g.gaps = append(g.gaps, rest[:word])
		rest = rest[word:]
		end := strings.IndexFunc(rest, r.breaks)
		if end < 0 {
			end = len(rest)
		}
		g.words, rest = append(g.words, rest[:end]), rest[end:]
	}
}

// shared is how many words of two groups are equal; 0 where their separators differ.
func (g *cluster) shared(other *cluster) int {
	if !slices.Equal(g.gaps, other.gaps) {
		return 0
	}
	n := 0
	for i, word := range g.words {
		if word == other.words[i] {
			n++
		}
	}
	return n
}

func (g *cluster) merge(other *cluster) {
	for i, word := range g.words {
		if word != other.words[i] {
			g.words[i] = ""
		}
	}
}

// pattern is the group's text with stars; a separator that was named vanishes
// beside one.
func (g *cluster) pattern(characters string) string {
	var b strings.Builder
	for i, word := range g.words {
		if word == "" {
			b.WriteString(strings.Trim(g.gaps[i], characters) + "*")
		} else {
			b.WriteString(g.gaps[i] + word)
		}
	}
	return b.String() + g.gaps[len(g.words)]
}

type reducedGroup struct {
	pattern, representative string
	count                   int64
}

// groups sorts by size and puts the small ones together.
func (r *reducing) groups() []reducedGroup {
	least := int64(r.plan.Threshold*float64(r.rows)) + 1 // more than that share
	others := reducedGroup{pattern: "others"}
	var kept []reducedGroup
	for _, g := range r.all {
		if g.count < least {
			others.count += g.count
			continue
		}
		kept = append(kept, reducedGroup{g.pattern(r.plan.Characters), g.representative, g.count})
	}
	slices.SortStableFunc(kept, func(a, b reducedGroup) int { return cmp.Compare(b.count, a.count) })
	if others.count > 0 {
		kept = append(kept, others)
	}
	return kept
}

func groupsTable(groups []reducedGroup) *data.Batch {
	b := &data.Batch{Len: len(groups), Columns: []*data.Vector{
		data.NewVector(data.String, len(groups)), data.NewVector(data.Long, len(groups)), data.NewVector(data.String, len(groups)),
	}}
	for i, g := range groups {
		b.Columns[0].Texts[i], b.Columns[1].Longs[i], b.Columns[2].Texts[i] = g.pattern, g.count, g.representative
	}
	return b
}
