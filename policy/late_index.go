package policy

import "slices"

// Most late conditions want a property of the related resource to equal
// something of the resource under if: its id, mostly. Looking through all
// candidates for each resource would take their product, so candidates are
// found by the text of that property.

// lateIndex are the candidates at a place by the folded text of a property.
// Others are those where it is no text, which may equal one all the same.
type lateIndex struct {
	byText map[string][]*keptDoc
	others []*keptDoc
}

type lateIndexKey struct {
	kept *keptDocs
	at   uint64
	leaf *leaf
}

// each visits the candidates that may have a text, until visit returns false.
func (x *lateIndex) each(text string, visit func(*keptDoc) bool) {
	for _, list := range [][]*keptDoc{x.byText[fold(text)], x.others} {
		for _, d := range list {
			if !visit(d) {
				return
			}
		}
	}
}

// lateKeyOf gives a leaf that must hold for candidates to pass a late check, and
// the text that it wants for a resource; not ok if there is none.
func (st *Settler) lateKeyOf(p *pending, e *extra, program *program) (key *leaf, text string, ok bool) {
	c := st.lateCondition(p, &Resource{Type: program.typeName, Native: program.native})
	kids := []*cond{c}
	if c.kind == AllOf {
		kids = c.kids
	}
	at := slices.IndexFunc(kids, isLateKey)
	if at < 0 {
		return nil, "", false
	}
	key = kids[at].leaf
	v, err := st.lateFrame(e, &Resource{}).take(key.right)
	return key, v.str, err == nil && v.kind == String
}

// isLateKey reports whether a condition compares one property of a candidate
// with what does not depend on the candidate.
func isLateKey(c *cond) bool {
	l := c.leaf
	if l == nil || l.kind != FieldLeaf || l.op != Equals || l.test != nil || l.field == nil || !l.field.isLateKey() {
		return false
	}
	u := l.right.uses()
	return len(u.currents) == 0 && !u.unique
}

// isLateKey reports whether candidates can be found by what a field has.
func (fd *field) isLateKey() bool {
	switch fd.kind {
	case fieldPath:
		return fd.path.stars == 0
	case fieldName, fieldFullName, fieldID:
		return true
	}
	return false
}

// lateText is what a candidate has in a field, if that is a text and certain.
func (fd *field) lateText(candidate *Resource) (string, bool) {
	if len(candidate.Gaps) > 0 { // one may cover it
		return "", false
	}
	if fd.kind == fieldPath {
		v := FromDocument(valueAtPath(candidate.Body, fd.path))
		return v.str, v.kind == String
	}
	v, unread := fd.special(candidate)
	return v.str, v.kind == String && unread == 0
}

// index gives the candidates at a place by a leaf's property.
func (st *Settler) index(kept *keptDocs, at uint64, key *leaf, program *program) *lateIndex {
	known := lateIndexKey{kept, at, key}
	x := st.indexes[known]
	if x != nil {
		return x
	}
	x = &lateIndex{byText: map[string][]*keptDoc{}}
	kept.each(at, func(d *keptDoc) bool {
		if c := st.candidate(kept, d, program); c != nil {
			if text, certain := key.field.lateText(c); certain {
				x.byText[fold(text)] = append(x.byText[fold(text)], d)
				return true
			}
		}
		x.others = append(x.others, d)
		return true
	})
	st.indexes[known] = x
	return x
}
