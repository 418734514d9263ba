package policy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Evidence is one value that decided a verdict, and what the rule wants there.
type Evidence struct {
	Path   string
	Found  Value // Missing: nothing is there
	Wanted string
	// Resource is the id of the related resource that Path is in, "" for the
	// one that was judged.
	Resource string
}

// IsUnread reports whether what was found was not read, or a part of it.
func (e Evidence) IsUnread() bool { return e.Found.unread() != 0 }

// maxEvidence bounds the evidence of one verdict.
const maxEvidence = 12

// Evidence lists the leaves that made the trace come out as it did. Wanted is
// always what a resource must have to be healthy: the opposite of the leaf,
// unless it stands under a not. Where a leaf compares what it computed, Path and
// Found are what it was computed from, and Wanted tells the comparison.
func (t *Trace) Evidence() []Evidence {
	e := &evidenceReader{}
	e.read(t, false)
	return e.done()
}

type evidenceReader struct {
	resource string // that the conditions are on, if it is a related one
	self     string // the same, in a value leaf
	found    []Evidence
	// grounds asks to take down that the type decided, and of a condition of
	// nothing that it did: see [frame.grounds].
	grounds  bool
	types    bool
	empty    []Evidence
	computed []string // by found: what was computed of it, "" where it is compared itself
}

// add adds a piece of evidence, each once.
func (e *evidenceReader) add(v Evidence, computed string) {
	again := slices.ContainsFunc(e.found, v.same)
	if len(e.found) < maxEvidence && !again {
		e.found, e.computed = append(e.found, v), append(e.computed, computed)
	}
}

func (e Evidence) same(o Evidence) bool {
	return e.Path == o.Path && e.Wanted == o.Wanted && e.Resource == o.Resource && e.Found.Kind() == o.Found.Kind() && e.Found.Equal(o.Found)
}

// done gives what was found, with what was computed of it unless that is secret.
func (e *evidenceReader) done() []Evidence {
	secret := map[string]bool{} // what was computed of a secret
	for i := range e.found {
		if v := e.found[i].Found; v.Kind() == String && v.Text() == masked {
			secret[e.computed[i]] = true
		}
	}
	for i := range e.found {
		if computed := e.computed[i]; computed != "" && !secret[computed] {
			e.found[i].Wanted += " (it is " + computed + ")"
		}
		e.found[i].Found = e.found[i].Found.shortened()
	}
	return e.found
}

// maxFound bounds how much evidence shows of a value, in bytes of its text or JSON.
const maxFound = 2 << 10

// shortened is a value of which the rest is left out where it is long, as a text.
func (v Value) shortened() Value {
	var text string
	switch v.Kind() {
	case String:
		text = v.Text()
	case Array, Object:
		text = string(v.AppendJSON(nil))
	}
	if len(text) <= maxFound {
		return v
	}
	return StringValue(fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:maxFound], ""), len(text)))
}

// read follows the parts that decided: of an allOf that is false the false
// ones, of one that is true all of them, and so on. negated says whether the
// number of nots above is odd.
func (e *evidenceReader) read(t *Trace, negated bool) {
	if len(e.found) >= maxEvidence {
		return
	}
	switch t.Kind {
	case "allOf", "anyOf":
		if len(t.Children) == 0 && e.grounds {
			e.noConditions(t, negated)
		}
		for _, child := range t.Children {
			if e.decides(t, child) {
				e.read(child, negated)
			}
		}
	case "not":
		e.read(t.Children[0], !negated)
	case "field", "value", "count":
		e.leaf(t, negated)
	}
}

func (e *evidenceReader) decides(parent, child *Trace) bool {
	switch {
	case !parent.Outcome.Known():
		return !child.Outcome.Known()
	case parent.Kind == "allOf" && parent.Outcome.False():
		return child.Outcome.False()
	case parent.Kind == "anyOf" && parent.Outcome.True():
		return child.Outcome.True()
	}
	return true
}

func (e *evidenceReader) leaf(t *Trace, negated bool) {
	if strings.EqualFold(t.Field, "type") || t.Kind == "value" && !t.computes && strings.EqualFold(t.left, "type") {
		e.types = true
		return
	}
	op, value := t.op, t.Wanted
	if !negated {
		op, value = opposite(op, value)
	}
	wanted := op.String() + " " + short(value)
	if t.lacksRight() {
		wanted = op.String() + " " + t.right
	}
	switch {
	case t.Kind == "count":
		e.count(t, wanted, t.direction(op, value))
		return
	case t.Kind == "value":
		defer func(resource, self string) { e.resource, e.self = resource, self }(e.resource, e.self)
		e.resource, e.self = "", e.resource // field() reads the resource under if
	}
	if t.computes && !t.taken {
		e.computing(t, t.left+" "+wanted)
		return
	}
	if text, ok := t.failure(); ok {
		e.add(Evidence{Path: "expression", Found: StringValue(text), Wanted: strings.TrimSpace(t.Field + t.left + " " + wanted), Resource: e.judged(t)}, "")
	}
	for _, f := range t.compared() {
		if f.met && !t.Outcome.True() {
			continue // it is the others that it fails on
		}
		path := f.Path
		if path == "" {
			path = "value"
		}
		if f.named {
			if f.Value.Kind() == Unread {
				e.add(Evidence{Path: path, Found: f.Value, Wanted: "known: it gives the name of the field", Resource: e.of(t, f)}, "")
			}
			continue
		}
		subject := f.ofMembers(negated)
		if f.right {
			subject = t.Field + t.left + " "
		}
		e.add(Evidence{Path: path, Found: f.Value, Wanted: subject + wanted, Resource: e.of(t, f)}, "")
	}
}

// ofMembers says whose the comparison is, where the value is an empty array: not
// that of the array.
func (f Found) ofMembers(every bool) string {
	switch {
	case f.members == "":
		return ""
	case every:
		return "every " + f.members + " "
	}
	return "some " + f.members + " "
}

// of gives the related resource that a value was read of: in a value leaf it is
// what current() reads.
func (e *evidenceReader) of(t *Trace, f Found) string {
	switch {
	case t.Kind == "value" && f.Path != "" && !f.outer && !f.member:
		return e.self
	case (f.right || f.named) && f.outer:
		return ""
	}
	return e.resource
}

// judged gives the related resource that a leaf was evaluated for.
func (e *evidenceReader) judged(t *Trace) string {
	if t.Kind == "value" {
		return e.self
	}
	return e.resource
}

// computing tells a comparison of what an expression computed.
func (e *evidenceReader) computing(t *Trace, wanted string) {
	if text, ok := t.failure(); ok {
		e.add(Evidence{Path: "expression", Found: StringValue(text), Wanted: wanted, Resource: e.judged(t)}, "")
	}
	result, computed := Found{Value: Value{}}, ""
	for _, f := range t.Found {
		if f.Path == "" {
			if result, computed = f, short(f.Value); f.Value.Kind() == Missing {
				computed = "missing"
			}
		}
	}
	told := map[string]bool{}
	for _, f := range t.Found {
		if f.Path != "" && !told[f.Path] {
			told[f.Path] = true
			e.add(Evidence{Path: f.Path, Found: f.Value, Wanted: wanted, Resource: e.of(t, f)}, computed)
		}
	}
	if len(told) == 0 && computed != "" {
		e.add(Evidence{Path: "value", Found: result.Value, Wanted: wanted, Resource: e.resource}, "")
	}
}

// compared are the values that a leaf compares: what its right side reads is
// only shown, as it is what they are compared with.
func (t *Trace) compared() []Found {
	found := t.Found[t.rights:]
	if t.Kind != "value" {
		return found
	}
	// The value itself, beside where it was read.
	read := slices.DeleteFunc(slices.Clone(found), func(f Found) bool { return f.Path == "" })
	if len(read) == 0 {
		for _, f := range found {
			read = append(read, Found{Path: t.left, Value: f.Value, Secret: f.Secret, outer: true})
		}
	}
	return read
}

// failure gives the message of a leaf whose expression could not be evaluated.
// Messages quote values, so there is none where a secret was read.
func (t *Trace) failure() (string, bool) {
	for _, f := range t.Found {
		if f.Secret {
			return "", false
		}
	}
	return strings.Join(t.Errors, "; "), len(t.Errors) > 0
}

// failures lists what the expressions said that failed where it mattered, each
// message once.
func (t *Trace) failures() (all []string) {
	if t.Outcome.Known() {
		return nil
	}
	for _, text := range t.Errors {
		addOnce(&all, text)
	}
	for _, child := range t.Children {
		for _, text := range child.failures() {
			addOnce(&all, text)
		}
	}
	return all
}

// maxGrowing bounds how many members are told of those that do not count.
const maxGrowing = 3

// count tells the number, and the members that would move it the way it has to
// go: those that count and what made them, or some that do not and what they lack.
// Where it is as wanted, those that it takes.
func (e *evidenceReader) count(t *Trace, wanted string, way direction) {
	if text, ok := t.failure(); ok {
		failed := Evidence{Path: "expression", Found: StringValue(text), Wanted: wanted, Resource: e.resource}
		if t.Outcome.Known() { // it is of a member that decides nothing
			defer e.add(failed, "")
		} else {
			e.add(failed, "")
		}
	}
	for i, f := range t.Found {
		if i == len(t.Found)-1 { // the number
			if f.Path == "" {
				f.Path = t.numberOf(t.left)
			}
			resource := e.resource
			if f.outer {
				resource = "" // field() reads the resource under if
			}
			e.add(Evidence{Path: f.Path, Found: f.Value, Wanted: wanted, Resource: resource}, "")
		}
	}
	told := 0
	for _, member := range t.decidingFirst() {
		o := member.Outcome
		switch {
		case way == keep && t.Outcome.Known() && o.True():
			e.read(member, true)
		case !t.Outcome.Known() && (way == stay || way == keep || way == grow):
			if !o.Known() {
				e.read(member, way == grow)
			}
		case way == shrink && !o.False():
			e.read(member, false)
		case way == grow && !o.True() && told < maxGrowing:
			told++
			e.read(member, true)
		}
	}
}

// decidingFirst are the members of a count, those that certainly count before
// others.
func (t *Trace) decidingFirst() []*Trace {
	members := slices.Clone(t.Children)
	slices.SortStableFunc(members, func(a, b *Trace) int {
		switch {
		case a.Outcome.True() == b.Outcome.True():
			return 0
		case a.Outcome.True():
			return -1
		}
		return 1
	})
	return members
}

// direction is the way that a count must go to be as wanted.
type direction int8

const (
	stay   direction = iota // it is, as far as it is known
	keep                    // the same, and not without members that count
	shrink                  // also where either way does
	grow
	either // one of several numbers, on both sides
)

// direction gives the way that the count must go for a comparison with v to hold.
func (t *Trace) direction(op Operator, v Value) direction {
	if len(t.Found) == 0 {
		return stay
	}
	n := t.number
	switch {
	case op.apply(n, v) && !op.apply(IntValue(0), v):
		return keep
	case op.apply(n, v):
		return stay
	}
	up, down := false, false
	try := func(number Value) {
		for by := -1.0; by <= 1; by++ {
			if to := math.Floor(number.Float()) + by; to >= 0 && op.apply(FloatValue(to), v) {
				up, down = up || to > n.Float(), down || to < n.Float()
			}
		}
	}
	try(n)
	bounds := []Value{v}
	if v.Kind() == Array {
		bounds = bounds[:0]
		for i := range v.Len() {
			bounds = append(bounds, v.Index(i))
		}
	}
	for _, bound := range bounds {
		if bound.Kind() == String {
			bound, _ = parseNumber(bound.Text())
		}
		if bound.Kind() == Int || bound.Kind() == Float {
			try(bound)
		}
	}
	switch {
	case up && down && !op.negated():
		return either
	case down:
		return shrink
	case up:
		return grow
	}
	return either
}

// opposite gives the operator that holds exactly where op does not. Orderings
// have none of that exactness; where values do not compare both are false.
func opposite(op Operator, v Value) (Operator, Value) {
	if op == Exists {
		return op, BoolValue(!wantsExistence(v))
	}
	if n, ok := op.opposite(); ok {
		return n, v
	}
	return op, v
}

// relatedEvidence says what an existence check found for r, and all that it
// looked for: name, kind, where, and the condition.
func relatedEvidence(d *Details, query Query, r *Resource, count Value) Evidence {
	wanted := "at least one"
	if name := nameWords(d, &query); name != "" {
		wanted += " named " + name
	}
	if query.Kind != "" {
		wanted += fmt.Sprintf(" of kind %q", query.Kind)
	}
	wanted += " " + query.where(r)
	if d.Existence != nil {
		wanted += " with " + brief(conditionWords(d.Existence))
	}
	return Evidence{Path: "related " + query.Type, Found: count, Wanted: wanted}
}

// hopelessEvidence says what about the frame's resource lets no related one pass:
// what the rule's if read, if that is something, else what the existence condition
// would say of any candidate.
func (f *frame) hopelessEvidence(d *Details, own []Evidence) []Evidence {
	if len(own) > 0 || d.Existence == nil {
		return own
	}
	whatever := *f
	whatever.self, whatever.pins = anyCandidate(f.outer, d.Type.Const.Text(), "partial"), nil
	whatever.slots, whatever.slotsOf = nil, nil
	whole := &compiler{fields: f.fields, shape: whatever.self}
	return whatever.evidence(whole.compile(d.Existence), true)
}

// queryEvidence says why it could not be told what an existence check looks for.
func queryEvidence(err error, d *Details) []Evidence {
	if unreadReason(err) != 0 {
		return unreadQuery(err, d)
	}
	return []Evidence{{Path: "expression", Found: StringValue(err.Error()), Wanted: "at least one related " + templateWords(*d.Type)}}
}

// unreadQuery says what was not read that tells what an existence check looks for.
func unreadQuery(err error, d *Details) []Evidence {
	var u *unread
	var q *queryError
	if !errors.As(err, &u) || !errors.As(err, &q) {
		return nil
	}
	told := Evidence{Path: u.path, Found: unreadValue(u.reason, ""), Wanted: "at least one related " + templateWords(*d.Type)}
	if u.path == "" {
		told.Path, told.Wanted = expressionWords(q.template), "known: it gives details."+q.member
	}
	return []Evidence{told}
}

// briefWords is how much of a condition evidence tells, in bytes; an explanation
// has all of it, condition by condition.
const briefWords = 600

// brief makes the words of a condition fit a line: without control characters,
// and cut at a word where they are very long.
func brief(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, words)
	if len(words) <= briefWords {
		return words
	}
	return words[:strings.LastIndexByte(words[:briefWords], ' ')+1] + "… (explain tells all of it)"
}

// nameWords writes the name that a query for people looks for, "" for any. One
// that stands as the rule writes it has no quotes.
func nameWords(d *Details, query *Query) string {
	switch {
	case query.AnyName || query.Name == "":
		return ""
	case d.Name != nil && !isLiteral(*d.Name) && query.Name == templateWords(*d.Name):
		return query.Name
	}
	return fmt.Sprintf("%q", query.Name)
}

// where says where a query looks for related resources of r.
func (q *Query) where(r *Resource) string {
	switch {
	case r.Native && strings.Contains(r.Type, "::"):
		return "in its account"
	case r.Native && strings.Contains(r.Type, "/"):
		return "in its project"
	case r.Native:
		return "in its unit"
	case q.besides(r):
		return "beside it"
	case q.Relation == Below:
		return "below it"
	case q.Relation == Extension:
		return "on it"
	case q.Relation == InSubscription:
		return "in its subscription"
	case q.Group != "":
		return fmt.Sprintf("in resource group %q", q.Group)
	}
	return "in its resource group"
}

// conditionWords writes a condition on one line.
func conditionWords(c *Condition) string {
	switch c.Kind {
	case AllOf, AnyOf:
		parts := make([]string, len(c.Children))
		for i, child := range c.Children {
			parts[i] = conditionWords(child)
		}
		joined := strings.Join(parts, map[ConditionKind]string{AllOf: " and ", AnyOf: " or "}[c.Kind])
		if len(parts) > 1 {
			return "(" + joined + ")"
		}
		return joined
	case Not:
		return "not " + conditionWords(c.Children[0])
	}
	left := templateWords(c.Left)
	if c.Count != nil {
		left = "count of " + c.Count.Field
		if c.Count.Value != nil {
			left = "count of " + templateWords(*c.Count.Value)
		}
		if c.Count.Where != nil {
			left += " where " + conditionWords(c.Count.Where)
		}
	}
	return left + " " + c.Operator.String() + " " + templateWords(c.Right)
}

func templateWords(t Template) string {
	switch {
	case t.Expr != nil:
		return t.Expr.String()
	case isLiteral(t) && t.Const.Kind() == String:
		return t.Const.Text()
	case isLiteral(t):
		return short(t.Const)
	case t.Items != nil:
		items := make([]string, len(t.Items))
		for i := range t.Items {
			items[i] = templateWords(t.Items[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return "…"
}
