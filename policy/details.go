package policy

import (
	"slices"
	"strings"
)

// effectNames are the names of all effects, in order.
var effectNames = func() []string {
	names := make([]string, 0, len(effects))
	for _, e := range effects {
		names = append(names, e.name)
	}
	slices.Sort(names)
	return names
}()

// isEffect reports whether a name is that of an effect, ignoring case.
func isEffect(name string) bool {
	_, ok := effects[strings.ToLower(name)]
	return ok
}

// isIfNotExists reports whether an effect judges by related resources.
func isIfNotExists(effect string) bool {
	return strings.EqualFold(effect, "auditIfNotExists") || strings.EqualFold(effect, "deployIfNotExists")
}

// effectGuess is what is known of a rule's effect before it is assigned.
type effectGuess struct {
	usual   string   // the literal effect, or the default of its parameter; "" if unknown
	others  []string // what its parameter allows besides
	literal bool
}

func (e effectGuess) usually(effect string) bool { return strings.EqualFold(e.usual, effect) }

// may reports whether an assignment can make it an effect for which is holds.
func (e effectGuess) may(is func(string) bool) bool {
	return is(e.usual) || slices.ContainsFunc(e.others, is)
}

// open reports that nothing is known of the effect.
func (e effectGuess) open() bool { return e.usual == "" && len(e.others) == 0 }

// then reads the second half of a policyRule.
func (r *docReader) then(rule *Rule, n *Node, parameters []Parameter) {
	then := n.Get("then")
	if then == nil {
		r.refuse(n.Pos, "policyRule without \"then\"; want an object with \"effect\"")
		return
	}
	if then.Kind != Object {
		r.refuse(then.Pos, "\"then\" is %s; want an object with \"effect\"", then.describe())
		return
	}
	rule.then = snippetOf(r.text, then)
	effect := then.Get("effect")
	if effect == nil {
		r.refuse(then.Pos, "\"then\" without \"effect\"; want the name of an effect")
		return
	}
	if effect.Kind != String {
		r.refuse(effect.Pos, "effect is %s; want a string", effect.describe())
		return
	}
	rule.Effect = r.template(effect)
	r.details(rule, then, r.guessEffect(effect, rule.Effect, parameters))
}

// guessEffect finds out which effects a rule may have, and refuses an unknown one.
func (r *docReader) guessEffect(n *Node, t Template, parameters []Parameter) effectGuess {
	if t.Expr == nil {
		if !isEffect(n.Text) && !strings.HasPrefix(n.Text, "[") {
			r.refuseName(n.Pos, n.Text, effectNames, "unknown effect %q", n.Text)
		}
		return effectGuess{usual: n.Text, literal: true}
	}
	name, ok := parameterReference(t.Expr)
	if !ok {
		return effectGuess{}
	}
	for _, p := range parameters {
		if strings.EqualFold(p.Name, name) {
			var e effectGuess
			if p.Default != nil {
				e.usual = p.Default.Text()
			}
			for _, v := range p.Allowed {
				e.others = append(e.others, v.Text())
			}
			return e
		}
	}
	return effectGuess{}
}

// parameterReference returns the name if an expression is nothing but
// [parameters('name')].
func parameterReference(e *Expression) (name string, ok bool) {
	return callWithName(e.root, "parameters")
}

// details reads what an effect needs beside its name. Parts that only an
// effect needs which the rule cannot have are not looked at.
func (r *docReader) details(rule *Rule, then *Node, e effectGuess) {
	n := then.Get("details")
	if n.absent() {
		if isIfNotExists(e.usual) {
			r.refuse(then.Pos, "effect %q without details; want an object with \"type\"", e.usual)
		}
		return
	}
	d := &Details{Pos: n.Pos}
	rule.Details = d
	if e.may(isIfNotExists) || e.open() && n.Get("type") != nil {
		r.existenceDetails(d, n, e)
	}
	switch {
	case e.usually("modify"):
		r.modifyDetails(d, n)
	case e.usually("append"):
		r.appendDetails(d, n)
	case e.literal:
	case n.Get("operations") != nil:
		r.leniently(func() { r.modifyDetails(d, n) })
	case n.Kind == Array || n.Get("field") != nil:
		r.leniently(func() { r.appendDetails(d, n) })
	}
	d.DefaultState = r.optionalText(n, "defaultState")
	if d.RoleDefinitionIDs == nil {
		d.RoleDefinitionIDs = plainTexts(n.array("roleDefinitionIds"))
	}
	d.ActionNames = plainTexts(n.array("actionNames"))
}

// leniently runs read so that whatever it refuses is only warned of: no
// effect that the rule usually has needs it.
func (r *docReader) leniently(read func()) {
	before := r.lenient
	r.lenient = true
	read()
	r.lenient = before
}

// existenceDetails reads the details of the IfNotExists effects.
func (r *docReader) existenceDetails(d *Details, n *Node, e effectGuess) {
	kind := n.Get("type")
	switch {
	case n.Kind != Object:
		if isIfNotExists(e.usual) {
			r.refuse(n.Pos, "details of effect %q is %s; want an object with \"type\"", e.usual, n.describe())
		}
		return
	case kind == nil:
		r.refuse(n.Pos, "details without \"type\"; want the type of the related resource")
	case kind.Kind != String:
		r.refuse(kind.Pos, "type in details is %s; want the type of the related resource in quotes", kind.describe())
	}
	d.Type = r.optionalText(n, "type")
	d.Name = r.optionalText(n, "name")
	d.Kind = r.optionalText(n, "kind")
	d.ResourceGroupName = r.optionalText(n, "resourceGroupName")
	d.ExistenceScope = r.optionalText(n, "existenceScope")
	r.deployment(n.Get("deployment").Get("properties").Get("parameters"))
	if cond := n.Get("existenceCondition"); !cond.absent() {
		leaves := r.tally.leaves
		r.tally.leaves = 0
		d.Existence = r.condition(cond)
		if r.tally.leaves > maxExistenceLeaves {
			r.refuse(cond.Pos, "%d leaves in existenceCondition; want at most %d", r.tally.leaves, maxExistenceLeaves)
		}
		r.tally.leaves = leaves
	}
}

// deployment looks at the parameters of a deployment: their values are computed
// by the rule, unlike the template's. Nothing here is judged by them.
func (r *docReader) deployment(parameters *Node) {
	if parameters.absent() {
		return
	}
	r.leniently(func() { r.expressions(parameters) })
}

// optionalText reads a member that may be an expression; nil unless it is a
// string.
func (r *docReader) optionalText(n *Node, key string) *Template {
	v := n.Get(key)
	if v == nil || v.Kind != String {
		return nil
	}
	t := r.template(v)
	return &t
}

// plainTexts are the strings among nodes.
func plainTexts(nodes []*Node) []string {
	var texts []string
	for _, n := range nodes {
		if n.Kind == String {
			texts = append(texts, n.Text)
		}
	}
	return texts
}

var operationNames = []string{"add", "addOrReplace", "remove"}

func (r *docReader) modifyDetails(d *Details, n *Node) {
	if n.Kind != Object {
		r.refuse(n.Pos, "details of modify is %s; want an object with \"roleDefinitionIds\" and \"operations\"", n.describe())
		return
	}
	if n.Get("roleDefinitionIds").absent() {
		r.refuse(n.Pos, "details of modify without \"roleDefinitionIds\"; want an array of role ids")
	}
	d.ConflictEffect = r.optionalText(n, "conflictEffect")
	operations := n.Get("operations")
	switch {
	case operations == nil:
		r.refuse(n.Pos, "details of modify without \"operations\"; want an array of at least one")
	case operations.Kind != Array:
		r.refuse(operations.Pos, "operations of modify is %s; want an array of at least one", operations.describe())
	case len(operations.Items) == 0:
		r.refuse(operations.Pos, "operations of modify is empty; want at least one")
	default:
		for _, item := range operations.Items {
			d.Operations = append(d.Operations, r.operation(item))
		}
	}
}

// operation reads one operation of modify.
func (r *docReader) operation(n *Node) Operation {
	var o Operation
	if n.Kind != Object {
		r.refuse(n.Pos, "operation is %s; want an object with \"operation\", \"field\" and \"value\"", n.describe())
		return o
	}
	if n.Get("operation").absent() {
		r.refuse(n.Pos, "operation without \"operation\"; want one of add, addOrReplace, remove")
	}
	o.Operation = r.word(n, "operation", operationNames)
	o.Condition = n.Get("condition").clone()
	o.Field = r.operationField(n, "operation")
	if value := n.Get("value"); value != nil {
		t := r.template(value)
		o.Value = &t
	} else if slices.Contains(operationNames[:2], o.Operation) {
		r.refuse(n.Pos, "operation %s without \"value\"; want what to write", o.Operation)
	}
	return o
}

func (r *docReader) operationField(n *Node, what string) Template {
	field := n.Get("field")
	switch {
	case field == nil:
		r.refuse(n.Pos, "%s without \"field\"; want what to change", what)
	case field.Kind != String:
		r.refuse(field.Pos, "field of %s is %s; want a name in quotes", what, field.describe())
	default:
		return r.template(field)
	}
	return Template{}
}

// appendDetails reads the details of append: an array of fields with values,
// or one of them.
func (r *docReader) appendDetails(d *Details, n *Node) {
	items := n.Items
	switch {
	case n.Kind == Object:
		items = []*Node{n}
	case n.Kind != Array:
		r.refuse(n.Pos, "details of append is %s; want an array of objects with \"field\" and \"value\"", n.describe())
		return
	case len(items) == 0:
		r.refuse(n.Pos, "details of append is empty; want at least one object with \"field\" and \"value\"")
		return
	}
	for _, item := range items {
		if item.Kind != Object {
			r.refuse(item.Pos, "item of append is %s; want an object with \"field\" and \"value\"", item.describe())
			continue
		}
		o := Operation{Operation: "append", Field: r.operationField(item, "item of append")}
		if value := item.Get("value"); value == nil {
			r.refuse(item.Pos, "item of append without \"value\"; want what to add")
		} else {
			t := r.template(value)
			o.Value = &t
		}
		d.Operations = append(d.Operations, o)
	}
}
