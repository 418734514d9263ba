package policy

import (
	"errors"
	"fmt"
	"math"
)

// maxIterations bounds value counts, nested ones multiplied. maxLongIterations
// bounds those of [LongCounts]: all members that a count goes through with the
// counts in it.
const (
	maxIterations     = 100
	maxLongIterations = 100_000
)

// tally is the result of counting: between low and high members count, and
// Azure would take value.
type tally struct {
	low, high, value int
	open             bool // high has no bound
	reason           Outcome
	// enough is the number above which more members change nothing.
	enough float64
}

// words tells between which numbers the result is.
func (t *tally) words() string {
	if t.open {
		return fmt.Sprintf("at least %d", t.low)
	}
	return fmt.Sprintf("%d to %d", t.low, t.high)
}

func (t *tally) add(o Outcome) {
	if o.True() {
		t.low++
	}
	if !o.False() {
		t.high++
	}
	if o.Taken() {
		t.value++
	}
	if !o.Known() {
		t.reason |= o & reasonBits
	}
}

// settled reports whether so many members count that more change nothing.
func (t *tally) settled() bool { return float64(t.low) > t.enough }

// sameFor reports whether a test comes out alike for every number that may be.
func (t *tally) sameFor(test func(Value) bool, op Operator) bool {
	if op == Exists {
		return true
	}
	first, last := t.low, t.high
	if t.open || last-first > maxIterations {
		// Numbers on one side of the one that is compared with are all alike.
		if math.Abs(t.enough) > 1<<31 {
			return false
		}
		border := int(math.Floor(t.enough))
		first, last = max(first, border-1), border+1
		if !t.open {
			last = min(last, t.high)
		}
	}
	want := test(IntValue(int64(t.low)))
	for n := first; n <= last; n++ {
		if test(IntValue(int64(n))) != want {
			return false
		}
	}
	return true
}

// enoughFor is the number above which a comparison with right comes out alike
// for all numbers; infinite if there is none.
func enoughFor(op Operator, right Value) float64 {
	if right.Kind() == String {
		right, _ = parseNumber(right.Text())
	}
	numeric := right.Kind() == Int || right.Kind() == Float
	if numeric && (op == Equals || op == NotEquals || op >= Less && op <= GreaterOrEquals) {
		return right.Float()
	}
	return math.Inf(1)
}

func (f *frame) testCount(l *leaf, test func(Value) bool, right *Value) Outcome {
	if test == nil {
		op, right := l.op, *right
		test = func(left Value) bool { return op.apply(left, right) }
	}
	t, members := tally{enough: enoughFor(l.op, *right)}, f.members
	f.members = nil // of the counts in it
	if f.counting == 0 {
		f.passed = 0
	}
	f.counting++
	defer func() { f.counting-- }()
	var err error
	if l.count.value != nil {
		err = f.countValue(l.count, &t, members)
	} else {
		err = f.countField(l.count, &t, members)
	}
	switch {
	case err != nil && l.count.value != nil:
		return f.failIn(*l.count.value, err)
	case err != nil:
		return f.fail(err)
	}
	f.read("", nil, IntValue(int64(t.value)))
	f.counted = t
	value := test(IntValue(int64(t.value)))
	if reason := right.unread(); reason != 0 {
		return unsure(value, reason)
	}
	if t.low == t.high && !t.open || t.settled() || t.sameFor(test, l.op) {
		return outcomeOf(value)
	}
	return unsure(value, t.reason)
}

// goOn reports whether there is need to count further.
func (f *frame) goOn(t *tally) bool { return f.watch != nil || !t.settled() }

func (f *frame) countField(n *counter, t *tally, members []*Trace) error {
	switch n.field.kind {
	case fieldPath:
	case fieldUnknown:
		return fmt.Errorf("count: %w", errUnknownAlias(n.field.name))
	default:
		return nil
	}
	if n.field.path.stars == 0 {
		// To Azure nothing; but what is meant is another thing, and nobody can tell.
		o := f.fail(fmt.Errorf("count over %q: its path %q has no \"[*]\", so that there are no members to count", n.field.name, n.field.path.text))
		t.open, t.reason = true, t.reason|o&reasonBits
		return nil
	}
	f.walk(f.self, n.field.path, func(s selection) bool {
		if s.absent {
			if s.reason != 0 {
				t.open, t.reason = true, t.reason|s.reason
			}
			return true
		}
		if len(members) > 0 {
			t.add(members[0].Outcome)
			members = members[1:]
		} else {
			t.add(f.where(n, s))
		}
		return f.goOn(t)
	})
	return nil
}

// where evaluates a field count's condition with every star on the way to the
// member pinned.
func (f *frame) where(n *counter, s selection) Outcome {
	if n.where == nil {
		return memberOf(s.unread.over)
	}
	before := len(f.pins)
	f.pinMember(n.field.path, s)
	o := f.evaluate(n.where)
	f.pins = f.pins[:before]
	return o
}

// memberOf is the outcome of counting a member without a condition. Where something else
// stands than may be, it is not known to be one; what was denied is one.
func memberOf(over Outcome) Outcome {
	if over&becauseFailed != 0 {
		return unsure(true, over&reasonBits)
	}
	return isTrue
}

// pinMember pins the stars of p to the members at the selection's indexes.
func (f *frame) pinMember(p *bodyPath, s selection) {
	var indexes [maxStars]int
	count := copy(indexes[:], s.indexes)
	v := f.self.tree()
	here := f.self.unreadParts().at()
	level := 0
	for _, st := range p.steps {
		if !st.star {
			v = lookup(v, st.key)
			here = here.through(&st).property(st.key)
			continue
		}
		if level >= count {
			return
		}
		if indexes[level] != alone {
			if !isArray(v) {
				return
			}
			items, _ := v.Array()
			v = items[indexes[level]]
			here = here.item(indexes[level])
		}
		f.pins = append(f.pins, pin{owner: f.self, prefix: st.prefix, doc: v, member: FromDocument(v), unread: here, index: indexes[level], path: p, level: level})
		level++
	}
	if level > 0 {
		last := &f.pins[len(f.pins)-1]
		last.member, last.unread = FromDocument(v), here // with what the path has below its last star
	}
}

var errMissingValues = errors.New("count: what to go through is missing, want an array")

func (f *frame) countValue(n *counter, t *tally, members []*Trace) error {
	v, err := f.take(*n.value)
	if err != nil {
		return err
	}
	switch v.Kind() {
	case Array:
	case Missing: // to Azure nothing; but what it was to go through nobody can tell
		o := f.failIn(*n.value, errMissingValues)
		t.open, t.reason = true, t.reason|o&reasonBits
		return nil
	default:
		return nil
	}
	if reason := v.open(); reason != 0 {
		t.open, t.reason = true, t.reason|reason
	}
	if all := f.iterations(v.Len()); !n.long && all > maxIterations {
		return fmt.Errorf("count: %d members to go through, at most %d", all, maxIterations)
	}
	secret := (f.fault != nil || f.watch != nil) && f.readsSecret(*n.value)
	for i := 0; i < v.Len() && f.goOn(t); i++ {
		if f.passed++; n.long && f.passed > maxLongIterations {
			if t.settled() {
				return nil
			}
			return fmt.Errorf("count: more than %d members to go through, with those of the counts in it", maxLongIterations)
		}
		o := memberOf(v.Index(i).unread())
		if i < len(members) {
			o = members[i].Outcome
		} else if n.where != nil {
			name := n.name
			if name == "" {
				name = "default"
			}
			f.pins = append(f.pins, pin{name: name, member: v.Index(i), index: v.Len(), secret: secret})
			o = f.evaluate(n.where)
			f.pins = f.pins[:len(f.pins)-1]
		}
		t.add(o)
	}
	return nil
}

// iterations is how often the condition of a value count over so many members is
// evaluated in all, for every member of the value counts around it.
func (f *frame) iterations(members int) int {
	for i := range f.pins {
		if f.pins[i].prefix == "" {
			members *= max(f.pins[i].index, 1)
		}
	}
	return members
}
