package policy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Changes are the details of an effect that matched: what modify or append
// would write, or what an IfNotExists effect looks for.
type Changes struct {
	RoleDefinitionIDs []string `json:"roleDefinitionIds,omitempty"`
	Operations        []Change `json:"operations,omitempty"`
	ConflictEffect    string   `json:"conflictEffect,omitempty"`
	Type              string   `json:"type,omitempty"`
	ActionNames       []string `json:"actionNames,omitempty"`

	appends bool // the operations are those of append
}

// Change is one would-be change of a field.
type Change struct {
	Operation string          `json:"operation"`
	Field     string          `json:"field"`
	Value     *Value          `json:"value,omitempty"`
	Condition json.RawMessage `json:"condition,omitempty"` // as written
}

// appended is one item of what append would add.
type appended struct {
	Field string `json:"field"`
	Value *Value `json:"value"`
}

// detail is the form in which the details of an effect are compared: those of
// append are a list, and the conflict effect is left out.
func (c *Changes) detail() any {
	if !c.appends {
		plain := *c
		plain.ConflictEffect = ""
		return &plain
	}
	list := make([]appended, len(c.Operations))
	for i, o := range c.Operations {
		list[i] = appended{o.Field, o.Value}
	}
	return list
}

// changes computes the details of a matched effect; nil where it has none.
func (j *judgement) changes() *Changes {
	d := j.bound.details
	if d == nil {
		return nil
	}
	switch j.bound.family {
	case familyExists:
		c := &Changes{RoleDefinitionIDs: d.RoleDefinitionIDs}
		q, err := j.frame.query(d)
		if err != nil {
			j.warn(err.Error())
		}
		c.Type = q.Type
		return c
	case familyDeny:
		return &Changes{ActionNames: d.ActionNames}
	case familyChange:
		c := &Changes{RoleDefinitionIDs: d.RoleDefinitionIDs}
		if d.ConflictEffect != nil {
			c.ConflictEffect = j.text(*d.ConflictEffect)
		}
		for i := range d.Operations {
			c.appends = c.appends || d.Operations[i].Operation == "append"
			if change, ok := j.change(&d.Operations[i]); ok {
				c.Operations = append(c.Operations, change)
			}
		}
		return c
	}
	return nil
}

// change computes a would-be change. One that cannot be computed is none; what
// failed is told.
func (j *judgement) change(o *Operation) (c Change, ok bool) {
	c = Change{Operation: o.Operation}
	field, ok := j.computed("field of "+o.Operation, o.Field)
	if !ok {
		return c, false
	}
	c.Field = field.Text()
	name := c.Field // for people
	if j.frame.readsSecret(o.Field.fold(j.bound.known())) {
		name = templateWords(o.Field)
	}
	if o.Value != nil {
		v, ok := j.computed("value of "+name, *o.Value)
		if ok && v.Kind() == Missing {
			j.warn(fmt.Sprintf("value of %s: %s is missing", name, shortText(templateWords(*o.Value))))
		}
		if !ok || v.Kind() == Missing {
			return c, false
		}
		v = v.Clone()
		if j.hides {
			v = j.shownValue(c.Field, *o.Value, v)
		}
		c.Value = &v
	}
	if j.hides {
		c.Field = name
	}
	if o.Condition != nil {
		c.Condition = o.Condition.AppendJSON(nil)
	}
	return c, true
}

// shownValue is what a change writes, without secrets: neither what was computed
// of one nor what is written where one belongs.
func (j *judgement) shownValue(name string, t Template, v Value) Value {
	if j.frame.readsSecret(t.fold(j.bound.known())) {
		return StringValue(masked)
	}
	fd := j.frame.fields.resolve(name, j.frame.self)
	at := fd.name[strings.LastIndexByte(fd.name, '/')+1:]
	if fd.path != nil {
		at = fd.path.text
	}
	return j.frame.found(at, fd, v).Value
}

// computed computes a part of details. Not ok: it failed, which is told.
func (j *judgement) computed(what string, t Template) (Value, bool) {
	t = t.fold(j.bound.known())
	v, err := j.frame.take(t)
	if err != nil {
		if unreadReason(err) == 0 {
			err = j.frame.failure(t, err)
		}
		j.warn(what + ": " + err.Error())
	}
	return v, err == nil
}

func (j *judgement) text(t Template) string {
	v, _ := j.computed("conflictEffect", t)
	if j.hides && j.frame.readsSecret(t.fold(j.bound.known())) {
		return masked
	}
	return v.Text()
}
