package policy

// draft is a document that was refused, as far as it could be read. It is good
// for nothing but to see all that is wrong with it at once.
type draft struct {
	file       string
	text       snippet
	definition *Definition
	initiative *Initiative
	assignment *Assignment
}

// draft looks at what there is of a document that was refused.
func (l *linter) draft(d *draft) {
	l.refused = d
	defer func() { l.refused = nil }()
	switch {
	case d.definition != nil:
		l.definition(d.definition)
	case d.initiative != nil:
		l.initiative(d.initiative)
	case d.assignment != nil:
		l.assignment(d.assignment)
	}
}

// mentions reports whether a parameter's name stands in a draft as expressions
// write it: the use may be in a part that could not be read.
func (d *draft) mentions(parameter string) bool {
	return d != nil && containsFold(d.text.text, "'"+parameter+"'")
}

// unread reports whether a template is not there or could not be read, as may
// be in a draft.
func (t Template) unread() bool { return isLiteral(t) && t.Const.Kind() == Missing }
