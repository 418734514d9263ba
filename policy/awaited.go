package policy

import (
	"encoding/binary"
	"errors"
	"strings"
)

// awaited is what a judge keeps of resources whose existence checks are to be
// settled: where they stand, and what single checks need of them. The lists hold
// no pointers, so that the garbage collector passes them by.
type awaited struct {
	spots  blocks[spot]
	checks blocks[ownCheck]
	areas  []area
	groups []string // named by checks; the first is ""
	late   []*extra

	groupOf map[string]int32
	lateOf  map[string]int32 // by extraKey
}

// spot is where one resource stands.
type spot struct {
	self, parent uint64
	area         int32
	checks       int32 // its first, the others follow
}

// area is a group with its subscription.
type area struct{ group, unit uint64 }

// ownCheck is what a check that cannot be shared needs of its resource.
type ownCheck struct {
	name     uint64 // hash of the name that is looked for, if there is one
	named    bool
	failed   Outcome // not 0: what is looked for could not be computed
	relation Relation
	group    int32
	late     int32 // number of the extra, -1 if it is not late
}

// extra is what a late check needs of its resource once the body is gone.
type extra struct {
	query  Query
	outer  *Resource
	fields map[string]Value
}

func newAwaited() awaited {
	a := awaited{groups: []string{""}, groupOf: map[string]int32{"": 0}, lateOf: map[string]int32{}}
	a.spots.add(spot{}) // 0 is none
	return a
}

type awaitedMark struct{ spots, checks int }

func (a *awaited) mark() awaitedMark { return awaitedMark{a.spots.size, a.checks.size} }

func (a *awaited) drop(to awaitedMark) {
	a.spots.cut(to.spots)
	a.checks.cut(to.checks)
}

// places gives the places of a spot.
func (a *awaited) places(s *spot) Places {
	in := a.areas[s.area]
	return Places{s.self, s.parent, in.group, in.unit}
}

// stand notes where a resource stands.
func (a *awaited) stand(p Places) spot {
	in := area{p.Group, p.Unit}
	if n := len(a.areas); n == 0 || a.areas[n-1] != in {
		a.areas = append(a.areas, in)
	}
	return spot{p.Self, p.Parent, int32(len(a.areas) - 1), int32(a.checks.size)}
}

// await keeps what settling the existence checks of a resource takes.
func (j *Judge) await(result *Judged, r *Resource) {
	for _, n := range result.Signatures {
		if !n.open {
			continue
		}
		a := &j.awaited
		if result.Pending.number == 0 {
			result.Pending = Pending{j.number, int32(a.spots.add(a.stand(j.places(r))))}
		}
		if !n.extra {
			continue
		}
		for _, at := range n.pending {
			if rule := n.rule(at); rule.pending.isOwn() {
				a.checks.add(j.ownCheck(rule, r))
			}
		}
	}
}

// ownCheck computes what a check needs of r while its body is there.
func (j *Judge) ownCheck(rule *programRule, r *Resource) ownCheck {
	f, p, a := &j.frame, rule.pending, &j.awaited
	f.self, f.outer = r, r
	q, err := j.queryOf(p, r)
	if err != nil {
		return ownCheck{failed: f.fail(err)}
	}
	group, ok := a.groupOf[q.Group]
	if !ok {
		group = int32(len(a.groups))
		a.groups = append(a.groups, strings.Clone(q.Group))
		a.groupOf[a.groups[group]] = group
	}
	c := ownCheck{relation: q.Relation, group: group, late: -1}
	if !p.late {
		if c.named = p.isNamed(); c.named {
			c.name = HashID(q.Name)
		}
		return c
	}
	if c.late, err = j.lateExtra(rule, r, &q); err != nil {
		return ownCheck{failed: f.fail(err)}
	}
	return c
}

// lateExtra numbers what a late check needs of r. Resources that give the same
// values share it, those of one group if the check reads what surrounds them.
func (j *Judge) lateExtra(rule *programRule, r *Resource, q *Query) (int32, error) {
	names := rule.pending.fields
	var fields []Value
	for _, name := range names {
		v, err := j.frame.field(name)
		if u := (*unread)(nil); errors.As(err, &u) { // the condition may do without
			v, err = unreadValue(u.reason, u.path), nil
		}
		if err != nil {
			return 0, err
		}
		fields = append(fields, v)
	}
	a := &j.awaited
	j.key = j.index.extraKey(j.key[:0], rule, r, q, fields)
	if n, ok := a.lateOf[string(j.key)]; ok {
		return n, nil
	}
	n := int32(len(a.late))
	a.late = append(a.late, newExtra(r, q, names, fields))
	if len(a.lateOf) >= maxEntries {
		clear(a.lateOf)
	}
	a.lateOf[string(j.key)] = n
	return n, nil
}

// queryOf gives a check's query, computing it if need be. Its name is valid
// until the next call.
func (j *Judge) queryOf(p *pending, r *Resource) (q Query, err error) {
	if p.query != nil {
		return *p.query, nil
	}
	if p.ownName != nil {
		q, ok := p.ownName.query, false
		if j.name, ok = j.index.appendOwnName(j.name[:0], p.ownName.name, r); ok {
			q.Name = textOfBytes(j.name)
			return q, nil
		}
	}
	return j.computedQuery(p, r)
}

// extraKey writes what makes two extras equal.
func (x *candidates) extraKey(key []byte, rule *programRule, r *Resource, q *Query, fields []Value) []byte {
	key = binary.LittleEndian.AppendUint32(key, uint32(rule.rule))
	scope := ""
	switch {
	case !rule.pending.around: // all places are alike to it
	case r.Native:
		scope = r.Unit
	default:
		key = binary.LittleEndian.AppendUint64(key, x.at.hash(max(x.at.group, x.at.unit)))
	}
	key = append(key, byte(q.Relation))
	for _, text := range []string{r.Type, scope, q.Name, q.Kind, q.Group} {
		key = append(append(key, text...), 0)
	}
	for _, v := range fields {
		if key = append(key, byte(v.Kind())); v.Kind() == String {
			key = append(append(key, v.Text()...), 0)
			continue
		}
		key = append(v.appendKey(key), 0)
	}
	return key
}

// newExtra copies what a late check needs of its resource.
func newExtra(r *Resource, q *Query, names []string, fields []Value) *extra {
	e := &extra{query: *q, fields: map[string]Value{}}
	e.query.Name, e.query.Kind, e.query.Group = strings.Clone(q.Name), strings.Clone(q.Kind), strings.Clone(q.Group)
	e.outer = &Resource{
		ID: strings.Clone(r.ID), Type: r.Type, Native: r.Native, Unit: strings.Clone(r.Unit), Surroundings: r.Surroundings,
	}
	for i, name := range names {
		e.fields[strings.ToLower(name)] = fields[i].Clone()
	}
	return e
}
