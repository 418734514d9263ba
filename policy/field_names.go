package policy

import "strings"

// FieldNames visits the names of the fields that a rule's conditions, existence check
// and operations read, as often as they stand there. It reports whether some name is
// computed, so that it may be any.
func (d *Definition) FieldNames(visit func(name string)) (computed bool) {
	if d.Rule == nil {
		return false
	}
	f := &fieldNames{visit: visit}
	f.conditions(d.Rule.If)
	if details := d.Rule.Details; details != nil {
		f.conditions(details.Existence)
		for _, t := range []*Template{details.Type, details.Name, details.Kind, details.ResourceGroupName, details.ExistenceScope} {
			f.reads(t)
		}
		for i := range details.Operations {
			o := &details.Operations[i]
			f.named(o.Field)
			f.reads(&o.Field)
			f.reads(o.Value)
			if o.Condition != nil {
				visitNodeTerms(o.Condition, f.term)
			}
		}
	}
	return f.computed
}

type fieldNames struct {
	visit    func(string)
	computed bool
}

func (f *fieldNames) conditions(c *Condition) {
	visitConditions(c, func(c *Condition) {
		if c.Kind == FieldLeaf {
			f.named(c.Left)
		}
		f.reads(&c.Left)
		f.reads(&c.Right)
		if c.Count == nil {
			return
		}
		if c.Count.Value == nil {
			f.visit(c.Count.Field)
		}
		f.reads(c.Count.Value)
	})
}

// named takes a template that is the name of a field.
func (f *fieldNames) named(t Template) {
	switch {
	case t.Expr != nil:
		f.name(t.Expr.root)
	case t.Const.Kind() == String:
		f.visit(t.Const.Text())
	}
}

// reads takes the fields that the expressions of a template read.
func (f *fieldNames) reads(t *Template) {
	if t != nil {
		visitTerms(*t, f.term)
	}
}

func (f *fieldNames) term(_ Position, t *term) {
	if t.kind == callTerm && (t.function.name == "field" || t.function.name == "current") && len(t.args) > 0 {
		f.name(t.args[0])
	}
}

// name takes an expression that gives the name of a field.
func (f *fieldNames) name(t *term) {
	switch {
	case t.kind == literalTerm:
		f.visit(t.value.Text())
	case t.kind == callTerm && t.function.name == "if" && len(t.args) == 3:
		f.name(t.args[1])
		f.name(t.args[2])
	case t.kind == callTerm && t.function.name == "concat" && len(t.args) > 0 && isTagBeginning(t.args[0]):
	default:
		f.computed = true
	}
}

// isTagBeginning reports whether what begins with a term can only be the name of a
// tag, which no alias is.
func isTagBeginning(t *term) bool {
	if t.kind != literalTerm {
		return false
	}
	text := strings.ToLower(t.value.Text())
	return strings.HasPrefix(text, "tags[") || strings.HasPrefix(text, "tags.")
}
