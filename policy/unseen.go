package policy

import (
	"strings"

	"github.com/valyala/fastjson"
)

// A related resource that could not be read at all may be just the one that an
// existence check looks for. It stands among the candidates at the places that its
// id tells; where a check could have found it there, the outcome is not known. Not
// even that it is there is: whoever is denied a resource is mostly not told
// whether there is one.

// anyName is the last segment of an id that does not tell a resource's name.
const anyName = "?"

// NewUnseen gives a related resource of which no more is known than its ARM id,
// because it could not be read, for a reason that is one of the words of [Gap].
// The last segment of the id is ? where the name is not known either. It is for
// [Judge.Unseen] and for the candidates of [Related].
func NewUnseen(id, reason string) *Resource {
	id = strings.TrimRight(id, "/")
	return &Resource{
		Body: noBody, ID: id, Type: typeOfID(id), Name: lastSegment(id), FullName: fullNameOfID(id),
		Unseen: reason, Partial: true, Gaps: []Gap{{Reason: reason}},
	}
}

// NewListed is NewUnseen for a resource that is there for sure, because a list has
// its id: only what its body holds is not known.
func NewListed(id, reason string) *Resource {
	r := NewUnseen(id, reason)
	r.Unseen = ""
	return r
}

// anyCandidate is a resource related to another of which nothing but its type is
// known.
func anyCandidate(outer *Resource, typeName, reason string) *Resource {
	return &Resource{
		Body: noBody, Type: typeName, Name: anyName, FullName: anyName, Native: outer.Native, Unseen: reason, Partial: true, Gaps: []Gap{{Reason: reason}},
	}
}

var noBody = fastjson.MustParse("{}")

// isUnnamed reports whether not even the name of a resource is known.
func (r *Resource) isUnnamed() bool { return r.Unseen != "" && r.Name == anyName }

// found is an outcome on r of a check that looks for such a resource: what could
// not be read may not be there.
func (r *Resource) found(o Outcome) Outcome {
	if r.Unseen == "" || o.False() {
		return o
	}
	return unsure(false, gapReason(r.Unseen))
}

// Unseen registers a resource of [NewUnseen] or [NewListed] as a candidate for the existence
// checks of others.
func (j *Judge) Unseen(r *Resource) {
	m := j.memoryFor(r)
	if m.p.target == nil {
		return
	}
	class := classIn(m.judge(j.set, &j.frame, r))
	if r.Unseen != "" {
		j.set.mu.Lock()
		class = j.set.classes.unseen(class, gapReason(r.Unseen))
		j.set.mu.Unlock()
	}
	j.index.at.read(r.ID)
	j.index.add(j.set, r, m, class)
}

// unseen is the class of a candidate that could not be read, and would be of
// another if it were there.
func (c *testClasses) unseen(class int32, reason Outcome) int32 {
	vector := []byte(nil)
	for _, o := range c.vectors[class] {
		if !Outcome(o).False() {
			o = byte(unsure(false, reason))
		}
		vector = append(vector, o)
	}
	return c.number(vector)
}
