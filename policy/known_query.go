package policy

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/outline"
)

// queryKey is all that a computed query reads of an outlined resource.
type queryKey struct {
	pending *pending
	codes   [maxReads]outline.Code
}

// readsOfQuery lists the slots that tell what a check computes of a resource to
// look for, making them if need be; nil if slots do not tell it.
func (b *builder) readsOfQuery(d *Details) []int32 {
	var r reads
	for _, t := range []*Template{d.Type, d.Name, d.Kind, d.ResourceGroupName, d.ExistenceScope} {
		if t == nil {
			continue
		}
		u := t.uses()
		if u.computed || u.unique || len(u.contexts)+len(u.currents) > 0 {
			return nil
		}
		for _, name := range u.fields {
			f := b.fields.resolve(name, b.shape)
			if f.kind != fieldPath || f.path.keys == 0 {
				return nil
			}
			r.addSlot(int32(b.slotFor(f.path)))
		}
	}
	if len(r.slots) > maxReads {
		return nil
	}
	for _, at := range r.slots {
		b.program.slots[at].complexRead = true
	}
	return r.slots
}

// computedQuery gives what a check computes of a resource. Outlined resources
// that have the same where it reads have it in common.
func (j *Judge) computedQuery(p *pending, r *Resource) (Query, error) {
	key := queryKey{pending: p}
	told := r.Outline != nil && len(p.reads) > 0
	for i, at := range p.reads {
		if !told {
			break
		}
		key.codes[i] = j.outlined.readCode(at)
		told = key.codes[i] >= 0
	}
	if !told {
		return j.frame.query(p.bound.details)
	}
	if q, ok := j.queries[key]; ok {
		return q, nil
	}
	q, err := j.frame.query(p.bound.details)
	if err == nil && len(j.queries) < maxEntries {
		q.Type, q.Kind = strings.Clone(q.Type), strings.Clone(q.Kind)
		q.Name, q.Group = strings.Clone(q.Name), strings.Clone(q.Group)
		j.queries[key] = q
	}
	return q, err
}
