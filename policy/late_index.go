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
	if l == nil || l.kind != FieldLeaf || l.op != Equals || l.test != nil || l.field == nil || l.field.kind != fieldPath || l.field.path.stars > 0 {
		return false
	}
	u := l.right.uses()
	return len(u.currents) == 0 && !u.unique
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
		v := Value{}
		if c := st.candidate(kept, d, program); c != nil {
			v = FromDocument(valueAtPath(c.Body, key.field.path))
		}
		if v.kind == String && d.gaps == 0 { // a gap may cover it
			text := fold(v.str)
			x.byText[text] = append(x.byText[text], d)
		} else {
			x.others = append(x.others, d)
		}
		return true
	})
	st.indexes[known] = x
	return x
}
