package policy

import (
	"encoding/binary"
	"strings"
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
	extras   map[string]*extra // by extraKey
	key      []byte

	guesses  map[string]*memory // by type as outlines guess it
	outlined *memory            // whose reader read last
	typeName []byte
}

// Judge gives a new judge. All rules must have been added.
func (s *Set) Judge() *Judge {
	return &Judge{
		set: s, memories: map[string]*memory{}, guesses: map[string]*memory{}, index: newCandidates(), extras: map[string]*extra{},
		frame: frame{fields: newFieldResolver(s.aliases), clock: clock(s.now), policy: noPolicy(), groups: &groupCache{known: map[string]*around{}}},
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
	Type string // the resource's type, as first written
	// Signatures has one entry for each panel of the type's rules. The slice
	// is the judge's own and valid until it judges the next resource.
	Signatures []*Signature
	Places     Places
	extras     []*extra
}

// Places locates a resource for its existence checks.
type Places struct{ Self, Parent, Group, Unit uint64 }

// extra is what a check that cannot be shared needs of its resource once the
// body is gone.
type extra struct {
	rule   *programRule
	query  Query
	failed Outcome // not 0: the query could not be computed
	outer  *Resource
	fields map[string]Value
}

// Resource judges one resource by all rules of the set. The resource is also
// registered as a candidate for the existence checks of others.
func (j *Judge) Resource(r *Resource) Judged {
	m := j.memoryFor(r)
	result := Judged{Type: m.p.typeName, Signatures: m.judge(j.set, &j.frame, r)}
	j.index.at.read(r.ID)
	j.locate(&result, r)
	if j.Wait != nil && j.Wait() {
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

// locate adds what settling the existence checks of a resource takes.
func (j *Judge) locate(result *Judged, r *Resource) {
	located := false
	for _, n := range result.Signatures {
		if len(n.pending) == 0 {
			continue
		}
		if !located {
			result.Places, located = j.places(r), true
		}
		if !n.extra {
			continue
		}
		for _, at := range n.pending {
			if rule := n.rule(at); rule.pending.computed || rule.pending.late {
				result.extras = append(result.extras, j.extra(rule, r))
			}
		}
	}
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
	if isChildType(r.Type) {
		places.Parent = at.hash(at.above())
	}
	return places
}

// extra computes what a check needs of r while its body is there. Resources
// of one group that give the same values share it.
func (j *Judge) extra(rule *programRule, r *Resource) *extra {
	f, p := &j.frame, rule.pending
	f.self, f.outer = r, r
	if p.query != nil && (!p.late || len(j.set.lateFields(p)) == 0) && !r.Native {
		return j.sharedExtra(rule, r)
	}
	return j.newExtra(rule, r)
}

// sharedExtra gives the extra that all resources of a group have in common.
func (j *Judge) sharedExtra(rule *programRule, r *Resource) *extra {
	f := &j.frame
	if f.around == nil {
		f.around = f.groups.find(r)
	}
	a := f.around
	if e, ok := a.extras[rule]; ok {
		return e
	}
	if a.extras == nil {
		a.extras = map[*programRule]*extra{}
	}
	e := j.newExtra(rule, r)
	if e.failed == 0 {
		a.extras[rule] = e
	}
	return e
}

func (j *Judge) newExtra(rule *programRule, r *Resource) *extra {
	f, p := &j.frame, rule.pending
	q, err := f.queryOf(p)
	if err != nil {
		return &extra{rule: rule, failed: f.fail(err)}
	}
	var fields []Value
	if p.late {
		for _, name := range j.set.lateFields(p) {
			v, err := f.field(name)
			if err != nil {
				return &extra{rule: rule, failed: f.fail(err)}
			}
			fields = append(fields, v)
		}
	}
	key := j.extraKey(rule, r, &q, fields)
	if known, ok := j.extras[string(key)]; ok {
		return known
	}
	e := &extra{rule: rule, query: q}
	e.query.Name, e.query.Group = strings.Clone(q.Name), strings.Clone(q.Group)
	if p.late {
		e.keep(r, j.set.lateFields(p), fields)
	}
	if len(j.extras) >= maxEntries {
		clear(j.extras)
	}
	j.extras[string(key)] = e
	return e
}

// queryOf gives a check's query, computing it if need be.
func (f *frame) queryOf(p *pending) (Query, error) {
	if p.query != nil {
		return *p.query, nil
	}
	return f.query(p.bound.details)
}

// extraKey writes what makes two extras equal.
func (j *Judge) extraKey(rule *programRule, r *Resource, q *Query, fields []Value) []byte {
	key := binary.LittleEndian.AppendUint32(j.key[:0], uint32(rule.rule))
	scope := r.Unit
	if !r.Native {
		if scope = GroupOf(r.ID); scope == "" {
			scope = UnitOf(r.ID)
		}
	}
	for _, text := range []string{r.Type, scope, q.Name, q.Group} {
		key = append(append(key, text...), 0)
	}
	for _, v := range fields {
		if key = append(key, byte(v.Kind())); v.Kind() == String {
			key = append(append(key, v.Text()...), 0)
			continue
		}
		key = append(v.AppendJSON(key), 0)
	}
	j.key = key
	return key
}

// keep copies what a late check needs of its resource.
func (e *extra) keep(r *Resource, names []string, fields []Value) {
	e.outer = &Resource{
		ID: strings.Clone(r.ID), Type: r.Type, Native: r.Native, Unit: strings.Clone(r.Unit), Surroundings: r.Surroundings,
	}
	e.fields = map[string]Value{}
	for i, name := range names {
		e.fields[strings.ToLower(name)] = fields[i].Clone()
	}
}

func (s *Set) lateFields(p *pending) []string { return s.targets[p.target].late[p.test].fields }
