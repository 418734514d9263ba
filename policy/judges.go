package policy

import (
	"strings"
)

// Judge judges resources one after the other for one goroutine. Take one from
// [Set.Judge] for each.
type Judge struct {
	set      *Set
	frame    frame
	memories map[string]*memory // by type as written
	index    *candidates
}

// Judge gives a new judge. All rules must have been added.
func (s *Set) Judge() *Judge {
	return &Judge{
		set: s, memories: map[string]*memory{}, index: newCandidates(),
		frame: frame{fields: newFieldResolver(s.aliases), clock: clock(s.now), policy: noPolicy()},
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

// Judged is the outcome on one resource, before existence checks are settled.
type Judged struct {
	Signature *Signature
	Places    Places
	extras    []extra
}

// Places locates a resource for its existence checks.
type Places struct{ Self, Group, Unit uint64 }

// NeedsSettling reports whether existence checks are still open.
func (j *Judged) NeedsSettling() bool { return len(j.Signature.pending) > 0 }

// extra is what a check that cannot be shared needs of its resource once the
// body is gone.
type extra struct {
	rule   int // index into program.rules
	query  Query
	failed Outcome // not 0: the query could not be computed
	outer  *Resource
	fields map[string]Value
}

// Resource judges one resource by all rules of the set. The resource is also
// registered as a candidate for the existence checks of others.
func (j *Judge) Resource(r *Resource) Judged {
	m := j.memoryFor(r)
	n := m.signature(j.set, &j.frame, r)
	if m.p.target != nil {
		j.index.add(j.set, r, n)
	}
	result := Judged{Signature: n}
	j.locate(&result, m, r)
	return result
}

// locate adds what settling the existence checks of a resource takes.
func (j *Judge) locate(result *Judged, m *memory, r *Resource) {
	n := result.Signature
	if len(n.pending) == 0 {
		return
	}
	result.Places = j.places(r)
	if !n.extra {
		return
	}
	for _, i := range n.pending {
		if p := m.p.rules[i].pending; p.computed || p.late {
			result.extras = append(result.extras, j.extra(i, p, r))
		}
	}
}

func (j *Judge) memoryFor(r *Resource) *memory {
	if m, ok := j.memories[r.Type]; ok {
		r.Type = m.p.typeName
		return m
	}
	p := j.set.program(r.Type)
	m := newMemory(p)
	j.memories[strings.Clone(r.Type)] = m
	for key, f := range p.fields {
		j.frame.fields.cache[key] = f
	}
	r.Type = p.typeName
	return m
}

func (j *Judge) places(r *Resource) Places {
	x := j.index
	if r.Native {
		unit := x.hashID(r.Unit)
		return Places{Self: x.hashID(r.ID), Group: unit, Unit: unit}
	}
	id := strings.TrimRight(r.ID, "/")
	group := GroupOf(id)
	return Places{Self: x.hashID(id), Group: x.hashID(group), Unit: x.hashID(UnitOf(id))}
}

// extra computes what a check needs of r while its body is there.
func (j *Judge) extra(rule int, p *pending, r *Resource) extra {
	f := &j.frame
	f.self, f.outer = r, r
	e := extra{rule: rule}
	q, err := f.query(p.bound.details)
	if err != nil {
		e.failed = f.fail(err)
		return e
	}
	e.query = q
	e.query.Name, e.query.Group = strings.Clone(q.Name), strings.Clone(q.Group)
	if p.late {
		e.outer = &Resource{
			ID: strings.Clone(r.ID), Type: r.Type, Native: r.Native, Unit: strings.Clone(r.Unit),
			Surroundings: r.Surroundings,
		}
		e.fields = map[string]Value{}
		for _, name := range j.set.lateFields(p) {
			v, err := f.field(name)
			if err != nil {
				e.failed = f.fail(err)
				return e
			}
			e.fields[strings.ToLower(name)] = v.Clone()
		}
	}
	return e
}

func (s *Set) lateFields(p *pending) []string { return s.targets[p.target].late[p.test].fields }
