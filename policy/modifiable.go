package policy

import (
	"fmt"
	"strings"
)

const wantModifiable = "modify of %q; want a tag, identity.type or an alias that is modifiable"

// unmodifiable finds the operations of a modify on aliases that a table says
// cannot be modified. An alias that the table does not have, or says nothing
// of, passes; so does one that some resource type lets be modified, since the
// type that a rule is for is not known for certain.
func (d *Definition) unmodifiable(aliases *Aliases) Problems {
	if d.Rule == nil || d.Rule.Details == nil || !strings.EqualFold(d.usualEffect(), "modify") {
		return nil
	}
	var problems Problems
	for _, o := range d.Rule.Details.Operations {
		name := o.Field.Const.Text() // "" for a computed one
		if aliases.modifiable(name) == No {
			problems = append(problems, Problem{
				File: d.File, Pos: o.Field.Pos,
				Text: fmt.Sprintf(wantModifiable, name),
			})
		}
	}
	return problems
}

// usualEffect is the effect that d has unless an assignment says otherwise, ""
// if it is not known.
func (d *Definition) usualEffect() string {
	if d.Rule.Effect.Expr == nil {
		return d.Rule.Effect.Const.Text()
	}
	if p := d.effectParameter(); p != nil && p.Default != nil {
		return p.Default.Text()
	}
	return ""
}

// effectParameter is the parameter that gives d its effect, nil if none does.
func (d *Definition) effectParameter() *Parameter {
	if d.Rule.Effect.Expr == nil {
		return nil
	}
	name, ok := parameterReference(d.Rule.Effect.Expr)
	for i := range d.Parameters {
		if p := &d.Parameters[i]; ok && strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

// modifiable reports whether an alias can be modified, on any type.
func (a *Aliases) modifiable(name string) Tristate {
	answer := Unclear
	for row := a.first(name); row != nil; row = a.after(row) {
		if e := a.entry(row); e.Modifiable != No {
			return e.Modifiable
		}
		answer = No
	}
	return answer
}
