package run

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// reduce groups texts that are alike: words that are frequent at their place
// stay, all others become *; texts with the same pattern are a group.
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
			r := &reducing{plan: n, frequent: map[placedWord]int{}}
			defer func() { e.meter.release(r.held) }()
			if err := input.run(e)(func(b *data.Batch) error { return r.add(e, by.one(e, wholeChunk(b))) }); err != nil {
				return err
			}
			return sliced(r.result(), out)
		}
	}, nil
}

type reducing struct {
	plan     *plan.Reduce
	texts    []string
	frequent map[placedWord]int
	held     int64
}

// A placedWord is a word and the how-manieth of its text it is.
type placedWord struct {
	at   int
	word string
}

func (r *reducing) add(e *env, v *data.Vector) error {
	bytes := int64(0)
	for _, text := range data.ConvertVector(v, data.String).Expand().Texts[:v.Len] {
		r.texts = append(r.texts, text)
		bytes += int64(len(text)) + 16
		for i, word := range r.words(text) {
			r.frequent[placedWord{i, word}]++
		}
	}
	r.held += bytes
	return e.hold(bytes)
}

// breaks tells whether a character separates words.
func (r *reducing) breaks(c rune) bool {
	return strings.ContainsRune(r.plan.Characters, c) || !(unicode.IsLetter(c) || unicode.IsDigit(c))
}

func (r *reducing) words(text string) []string {
	return strings.FieldsFunc(text, r.breaks)
}

// pattern is a text with its rare words starred; a separator that was named
// vanishes beside a star.
func (r *reducing) pattern(text string, least int) string {
	var b strings.Builder
	word, gap := 0, ""
	for text != "" {
		end := strings.IndexFunc(text, r.breaks)
		if end < 0 {
			end = len(text)
		}
		if end == 0 {
			_, size := utf8.DecodeRuneInString(text)
			gap += text[:size]
			text = text[size:]
			continue
		}
		if r.frequent[placedWord{word, text[:end]}] >= least {
			b.WriteString(gap + text[:end])
		} else {
			b.WriteString(strings.Trim(gap, r.plan.Characters) + "*")
		}
		word, gap, text = word+1, "", text[end:]
	}
	return b.String() + gap
}

type reducedGroup struct {
	pattern, representative string
	count                   int64
}

func (r *reducing) result() *data.Batch {
	least := int(r.plan.Threshold*float64(len(r.texts))) + 1 // more than that share
	var groups []*reducedGroup
	byPattern := map[string]*reducedGroup{}
	for _, text := range r.texts {
		pattern := r.pattern(text, least)
		g := byPattern[pattern]
		if g == nil {
			g = &reducedGroup{pattern: pattern, representative: text}
			byPattern[pattern] = g
			groups = append(groups, g)
		}
		g.count++
	}
	return groupsTable(withOthers(groups, least))
}

// withOthers sorts by size and puts small groups, and texts without any
// frequent word, together.
func withOthers(groups []*reducedGroup, least int) []*reducedGroup {
	others := &reducedGroup{pattern: "others"}
	kept := slices.DeleteFunc(groups, func(g *reducedGroup) bool {
		alone := int(g.count) < least || g.pattern != "" && strings.Trim(g.pattern, "*") == ""
		if alone {
			others.count += g.count
		}
		return alone
	})
	slices.SortStableFunc(kept, func(a, b *reducedGroup) int { return cmp.Compare(b.count, a.count) })
	if others.count > 0 {
		kept = append(kept, others)
	}
	return kept
}

func groupsTable(groups []*reducedGroup) *data.Batch {
	b := &data.Batch{Len: len(groups), Columns: []*data.Vector{
		data.NewVector(data.String, len(groups)), data.NewVector(data.Long, len(groups)), data.NewVector(data.String, len(groups)),
	}}
	for i, g := range groups {
		b.Columns[0].Texts[i], b.Columns[1].Longs[i], b.Columns[2].Texts[i] = g.pattern, g.count, g.representative
	}
	return b
}
