package policy

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// bodyPath is a place in a body: properties, and [*] for every element.
type bodyPath struct {
	text  string // as the alias table has it
	lower string
	steps []step
	stars int // number of [*] steps
	keys  int // number of steps before the first [*]

	// slot is one more than the number of the slot that holds what the first
	// keys steps lead to, in the program that this path belongs to; 0 for none.
	slot int
	// strictly is the path with strict steps, if not all of its own are; else nil.
	strictly *bodyPath
}

// step is one property, or every element of an array.
type step struct {
	key  string
	star bool
	// prefix is the lower-cased text of the path up to and including this
	// star: what pins are matched by.
	prefix string
	ease   ease // see [fieldResolver.eased]
}

// parsePath reads a path such as properties.rules[*].name. A property name in
// brackets and quotes may hold dots: tags['a.b'].
func parsePath(text string) *bodyPath {
	p := &bodyPath{text: text, lower: strings.ToLower(text)}
	for i := 0; i < len(text); {
		switch {
		case text[i] == '.':
			i++
		case strings.HasPrefix(text[i:], "[*]"):
			i += 3
			p.steps = append(p.steps, step{star: true, prefix: p.lower[:i]})
			p.stars++
		case strings.HasPrefix(text[i:], "['"):
			end := strings.Index(text[i:], "']")
			if end < 0 {
				end = len(text) - i
			}
			p.steps = append(p.steps, step{key: strings.ReplaceAll(text[i+2:i+end], "''", "'")})
			i = min(i+end+2, len(text))
		default:
			end := i + 1
			for end < len(text) && text[end] != '.' && text[end] != '[' {
				end++
			}
			p.steps = append(p.steps, step{key: text[i:end]})
			i = end
		}
	}
	for p.keys < len(p.steps) && !p.steps[p.keys].star {
		p.keys++
	}
	return p
}

// pin fixes one array to one of its members, inside a count.
type pin struct {
	owner  *Resource       // whose array
	prefix string          // of the counted star, lower-cased; "" for a value count
	name   string          // of a value count's member, lower-cased
	member Value           // as the body has it, until it is asked for; see unread
	unread unreadAt        // of a field count: what was not read of the member
	doc    *fastjson.Value // the member of a field count
	index  int
	path   *bodyPath // of a field count: what it goes through
	level  int       // of the star in it
	secret bool      // a value count goes through what holds a secret
	// In a trace:
	field *field  // that is counted; nil for values
	from  *source // of a value, if it has one
}

// selection is one value that a path selects.
type selection struct {
	value   *fastjson.Value // nil: nothing is there
	reason  Outcome         // with a nil value: why that is not certain, 0 if it is
	unread  unreadAt        // the place
	absent  bool            // an array on the way is not there, rather than the member's property
	indexes []int           // of the stars on the way; valid inside the visit only
}

// walk visits every value that p selects of r, in order, until visit returns
// false. An absent array selects one absent value; an empty one selects
// nothing.
func (f *frame) walk(r *Resource, p *bodyPath, visit func(selection) bool) bool {
	w := walker{frame: f, resource: r, path: p, visit: visit}
	here := r.unreadParts().at()
	if r == f.slotsOf && p.slot > 0 {
		if here.tree != nil {
			here = here.along(p.steps[:p.keys])
		}
		return w.from(f.slots[p.slot-1], here, p.keys)
	}
	return w.from(r.tree(), here, 0)
}

// maxStars is how many stars of a path are told apart; Azure's own aliases have
// seven at most.
const maxStars = 8

type walker struct {
	frame    *frame
	resource *Resource
	path     *bodyPath
	visit    func(selection) bool
	indexes  [maxStars]int
	depth    int
}

func (w *walker) from(v *fastjson.Value, here unreadAt, at int) bool {
	entered := w.depth
	defer func() { w.depth = entered }()
	for ; at < len(w.path.steps); at++ {
		s := &w.path.steps[at]
		if !s.star {
			v = lookup(v, s.key)
			if here.tree != nil {
				here = here.through(s).property(s.key)
			}
			continue
		}
		here = here.through(s)
		if p := w.frame.pinned(w.resource, s.prefix); p != nil {
			w.enter(p.index)
			v = p.doc
			here = here.item(p.index)
			continue
		}
		if reason := here.members(); reason != 0 && v != nil {
			// It is no array of which something is known, whatever the body shows.
			return w.visit(selection{reason: reason, absent: true, indexes: w.at()})
		}
		if v == nil || v.Type() != fastjson.TypeArray {
			return w.visit(selection{reason: here.along(w.path.steps[at:]).reason(kindFound(v)), absent: true, indexes: w.at()})
		}
		items, _ := v.Array()
		for i, item := range items {
			w.enter(i)
			if !w.from(item, here.item(i), at+1) {
				return false
			}
			w.depth--
		}
		// What may stand in it beside the members that are there.
		for _, i := range here.beyond(len(items)) {
			w.enter(i)
			if !w.visit(selection{reason: here.others(len(items)), absent: true, indexes: w.at()}) {
				return false
			}
			w.depth--
		}
		return true
	}
	return w.visit(selection{value: v, reason: here.reason(kindFound(v)), unread: here, indexes: w.at()})
}

func (w *walker) enter(index int) {
	if w.depth < len(w.indexes) {
		w.indexes[w.depth] = index
	}
	w.depth++
}

// tells reports whether somebody wants to know where what is read stands.
func (f *frame) tells() bool { return f.watch != nil || f.fault != nil }

// valueOf gives what was selected, with what was not read in it.
func (f *frame) valueOf(p *bodyPath, s selection) Value {
	v := FromDocument(s.value)
	if s.unread.tree == nil && s.reason == 0 {
		return v
	}
	path := ""
	if f.tells() {
		path = p.located(s.indexes)
	}
	if s.reason != 0 {
		return unreadValue(s.reason, path)
	}
	return s.unread.of(v, path)
}

func (w *walker) at() []int { return w.indexes[:min(w.depth, len(w.indexes))] }

// pinned gives the member to which an enclosing count has fixed the array
// whose star has this prefix; the innermost count wins.
func (f *frame) pinned(r *Resource, prefix string) *pin {
	for i := len(f.pins) - 1; i >= 0; i-- {
		if p := &f.pins[i]; p.prefix == prefix && p.owner == r {
			return p
		}
	}
	return nil
}

// alone is the index of an object in place of an array.
const alone = -1

// located writes a path with the indexes of the stars that were walked.
func (p *bodyPath) located(indexes []int) string {
	if p.stars == 0 || len(indexes) == 0 {
		return p.text
	}
	var b strings.Builder
	rest := p.text
	for _, index := range indexes {
		before, after, ok := strings.Cut(rest, "[*]")
		if !ok {
			break
		}
		b.WriteString(before)
		if index != alone {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(index))
			b.WriteByte(']')
		}
		rest = after
	}
	b.WriteString(rest)
	return b.String()
}
