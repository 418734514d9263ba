package policy

// grounds tells what a verdict rests on that rests on no value of the resource:
// a comparison of constants, of parameters, of what surrounds the resource or of
// a field that its type does not have, or a rule without any condition. It is
// empty where the type decided. Conditions are told as the rule writes them, on
// the frame's resource.
func (f *frame) grounds(written *Condition, parameters map[string]Value) []Evidence {
	before := f.parameters
	f.parameters = parameters
	defer func() { f.parameters = before }()
	e := &evidenceReader{grounds: true}
	if e.follow(f, f.plainly(written, f.self), false); len(e.found) > 0 || e.types {
		return e.done()
	}
	return e.empty
}

// plainly compiles a condition for a type with nothing left out.
func (f *frame) plainly(written *Condition, shape *Resource) *cond {
	return (&compiler{fields: f.fields, shape: shape, whole: true, plain: true}).compile(written)
}

// ruleGrounds is grounds of a rule's if.
func (f *frame) ruleGrounds(b *Bound) []Evidence {
	if b.Definition == nil || b.Definition.Rule == nil || b.Definition.Rule.If == nil {
		return nil
	}
	before := f.policy
	defer func() { f.policy = before }()
	f.policy = b.policyIn(f.policy)
	return f.grounds(b.Definition.Rule.If, b.Parameters)
}

// noConditions keeps that an allOf or anyOf of nothing decided.
func (e *evidenceReader) noConditions(t *Trace, negated bool) {
	wanted := t.Kind + " of no conditions equals "
	if negated {
		wanted += "true"
	} else {
		wanted += "false"
	}
	e.empty = append(e.empty, Evidence{Path: "value", Found: BoolValue(t.Outcome.True()), Wanted: wanted})
}
