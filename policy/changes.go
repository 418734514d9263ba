package policy

import "encoding/json"

// Changes are the details of an effect that matched: what modify or append
// would write, or what an IfNotExists effect looks for.
type Changes struct {
	RoleDefinitionIDs []string `json:"roleDefinitionIds,omitempty"`
	Operations        []Change `json:"operations,omitempty"`
	ConflictEffect    string   `json:"conflictEffect,omitempty"`
	Type              string   `json:"type,omitempty"`
	ActionNames       []string `json:"actionNames,omitempty"`
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
	if len(c.Operations) == 0 || c.Operations[0].Operation != "append" {
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
		if q, err := j.frame.query(d); err == nil {
			c.Type = q.Type
		}
		return c
	case familyDeny:
		return &Changes{ActionNames: d.ActionNames}
	case familyChange:
		c := &Changes{RoleDefinitionIDs: d.RoleDefinitionIDs}
		if d.ConflictEffect != nil {
			c.ConflictEffect = j.text(*d.ConflictEffect)
		}
		for i := range d.Operations {
			c.Operations = append(c.Operations, j.change(&d.Operations[i]))
		}
		return c
	}
	return nil
}

func (j *judgement) change(o *Operation) Change {
	c := Change{Operation: o.Operation, Field: j.text(o.Field)}
	if o.Value != nil {
		v, err := j.frame.take(o.Value.fold(values(j.bound.Parameters)))
		if err != nil {
			j.warn("value of " + c.Field + ": " + err.Error())
		} else {
			v = v.Clone()
			c.Value = &v
		}
	}
	if o.Condition != nil {
		c.Condition = o.Condition.AppendJSON(nil)
	}
	return c
}

func (j *judgement) text(t Template) string {
	v, err := j.frame.take(t.fold(values(j.bound.Parameters)))
	if err != nil {
		j.warn(err.Error())
		return ""
	}
	return v.Text()
}
