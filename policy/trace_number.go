package policy

import (
	"slices"
	"strings"
)

// numberOf is what evidence calls the number of a count: of all members at a
// place, or of those that match.
func (t *Trace) numberOf(members string) string {
	if t.chosen {
		members += " that match"
	}
	return "number of " + members
}

// keepNumber leaves of what a count read the number, with what it is the number of;
// where there is none the last that was read, if that is why. A number that decides
// nothing is not known, and one of members that are not known is told by its bounds.
func (t *Trace) keepNumber(f *frame, n *counter) {
	read := len(t.Found)
	if read == 0 {
		return
	}
	noted, last := t.Found, &t.Found[read-1]
	isNumber := last.Path == ""
	t.Found = t.Found[read-1:]
	switch at, outer := f.countedAt(n); {
	case last.Path == "" && at != "":
		if last.Path, last.outer = t.numberOf(at), outer; outer && f.self != f.outer {
			last.Resource = f.outer.ID
		}
	case last.Path != "" && len(t.Errors) > 0 && read > 1:
		t.Found = nil
	case last.Path != "" && len(t.Errors) == 0:
		if i := slices.IndexFunc(noted, func(f Found) bool { return f.Value.Kind() == Unread }); i >= 0 {
			t.Found = noted[i : i+1]
		}
		return
	}
	t.number = last.Value
	if !isNumber || !f.counted.open && f.counted.low == f.counted.high {
		if !t.Outcome.Known() && len(t.Errors) == 0 {
			last.Value = unreadValue(t.Outcome, "")
		}
		return
	}
	// Nothing is told by what was not read: of the number, what is certain.
	t.number, last.Value = IntValue(int64(f.counted.low)), StringValue(f.counted.words())
	if !t.Outcome.Known() {
		last.Value = unreadValue(t.Outcome, "")
	}
}

// countedAt is where the members of a count stand, "" if they are computed; outer
// says that it is in the resource under if by an expression.
func (f *frame) countedAt(n *counter) (at string, outer bool) {
	switch {
	case n.field != nil && n.field.path != nil:
		return f.pinnedText(n.field.path), false
	case n.value == nil || n.value.Expr == nil:
		return "", false
	}
	root := n.value.Expr.root
	if name, ok := callWithName(root, "field"); ok && strings.Contains(name, "[*]") {
		if fd := f.resolve(name, f.outer); fd.kind == fieldPath {
			return f.pinnedText(fd.path), true
		}
	}
	o, ok := f.sourceOf(root)
	if ok && o.gathered && root.kind == callTerm && len(root.args) == 1 {
		o, ok = f.sourceOf(root.args[0]) // of array() and items()
	}
	if !ok {
		return "", false
	}
	return o.at, o.outer
}
