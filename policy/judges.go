package policy

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/outline"
)

// Judge judges resources one after the other for one goroutine. Take one from
// [Set.Judge] for each.
type Judge struct {
	// Wait, if it is not nil, is asked about each resource when it is judged
	// but nothing has been kept of it; on true nothing is, so that it can be
	// judged again later.
	Wait func() bool

	set      *Set
	frame    frame
	memories map[string]*memory // by type as written
	index    *candidates
	number   int32
	awaited  awaited
	children map[string]bool // types whose resources stand below others
	key      []byte
	name     []byte
	queries  map[queryKey]Query
	written  map[*programRule]*writtenRule
	recall   *recall

	guesses  map[string]*memory // by type as outlines guess it
	outlined *memory            // whose reader read last
	typeName []byte             // room
	text     outline.Map
}

// Judge gives a new judge. All rules must have been added.
func (s *Set) Judge() *Judge {
	return &Judge{
		set: s, memories: map[string]*memory{}, guesses: map[string]*memory{}, typeName: make([]byte, 0, 256),
		index: newCandidates(), number: s.numberJudge(), awaited: newAwaited(), children: map[string]bool{}, queries: map[queryKey]Query{},
		written: map[*programRule]*writtenRule{}, recall: newRecall(),
		frame: frame{fields: newFieldResolver(s.aliases), clock: clock(s.now), policy: s.policy, groups: &groupCache{known: map[string]*around{}}},
	}
}

// noPolicy is what policy() returns outside an assignment: missing parts are
// empty strings.
func noPolicy() Value {
	empty := StringValue("")
	return ObjectValue(
		[]string{"assignmentId", "definitionId", "setDefinitionId", "definitionReferenceId"},
		[]Value{empty, empty, empty, empty})
}

// somePolicy is what policy() returns where nobody knows which assignment is meant.
func somePolicy() Value {
	var gaps []Gap
	for _, member := range noPolicy().Keys() {
		gaps = append(gaps, Gap{Path: member, Reason: "notCollected"})
	}
	return noPolicy().WithGaps("policy()", gaps)
}

// Judged is the outcome on one resource, before existence checks are settled.
type Judged struct {
	Type int    // number of the resource's type; see [Set.TypeName]
	ID   uint64 // hash of the resource's id, without slashes at its end, as [HashID] has it
	// Signatures has one entry for each panel of the type's rules. The slice
	// is the judge's own and valid until it judges the next resource.
	Signatures []*Signature
	Pending    Pending
}

// Pending says where a judge keeps what the settling of a resource takes. The
// zero value stands for nothing to settle.
type Pending struct{ judge, number int32 }

// Places locates a resource for its existence checks.
type Places struct{ Self, Parent, Group, Unit uint64 }

// hasParent reports whether the resource hangs below another one that is no
// group or subscription.
func (p *Places) hasParent() bool {
	return p.Parent != 0 && p.Parent != p.Group && p.Parent != p.Unit
}

// Resource judges one resource by all rules of the set. The resource is also
// registered as a candidate for the existence checks of others.
func (j *Judge) Resource(r *Resource) Judged {
	m := j.memoryFor(r)
	if m.p.sealed {
		r = r.withSealed()
	}
	result := Judged{Type: int(m.p.typeID), Signatures: m.judge(j.set, &j.frame, r)}
	j.index.at.read(r.ID)
	result.ID = j.index.at.hash(len(j.index.at.id))
	before := j.awaited.mark()
	j.await(&result, r)
	if j.Wait != nil && j.Wait() {
		j.awaited.drop(before)
		return result
	}
	if m.p.target != nil {
		j.index.add(j.set, r, m, classIn(result.Signatures))
	}
	return result
}

// classIn gives the class that a resource has as a candidate.
func classIn(signatures []*Signature) int32 {
	for _, n := range signatures {
		if n.class != 0 {
			return n.class
		}
	}
	return 0
}

func (j *Judge) memoryFor(r *Resource) *memory {
	if r.Outline != nil {
		r.Type = j.outlined.p.typeName
		return j.outlined
	}
	if m, ok := j.memories[r.Type]; ok {
		r.Type = m.p.typeName
		return m
	}
	p := j.set.program(r.Type)
	m := newMemory(p)
	m.written = strings.Clone(r.Type)
	j.memories[m.written] = m
	j.guess(m.written, m)
	j.guess(strings.Clone(typeOfID(r.ID)), m)
	for key, f := range p.fields {
		j.frame.fields.cache[key] = f
	}
	r.Type = p.typeName
	return m
}

func (j *Judge) places(r *Resource) Places {
	if r.Native {
		unit := HashID(r.Unit)
		return Places{Self: HashID(r.ID), Group: unit, Unit: unit}
	}
	at := &j.index.at
	places := Places{Self: at.hash(len(at.id)), Group: at.hash(at.group), Unit: at.hash(at.unit)}
	if j.isChild(r.Type) || at.nested() {
		places.Parent = at.hash(at.above())
	}
	return places
}

func (j *Judge) isChild(typeName string) bool {
	is, ok := j.children[typeName]
	if !ok {
		is = isChildType(typeName)
		j.children[typeName] = is
	}
	return is
}
