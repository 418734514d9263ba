package policy

import (
	"fmt"
	"strings"
)

// Evidence is one value that decided a verdict, and what the rule wants there.
type Evidence struct {
	Path   string
	Found  Value // Missing: nothing is there
	Wanted string
	// Resource is the id of the related resource that Path is in, "" for the
	// one that was judged.
	Resource string
}

// maxEvidence bounds the evidence of one verdict.
const maxEvidence = 12

// Evidence lists the leaves that made the trace come out as it did. Wanted is
// always what a resource must have to be healthy: the opposite of the leaf,
// unless it stands under a not.
func (t *Trace) Evidence() []Evidence {
	e := &evidenceReader{}
	e.read(t, false)
	hidePairs(e.found)
	return e.found
}

type evidenceReader struct {
	resource string // that the conditions are on, if it is a related one
	found    []Evidence
}

func (e *evidenceReader) add(v Evidence) {
	v.Resource = e.resource
	e.found = append(e.found, v)
}

// read follows the parts that decided: of an allOf that is false the false
// ones, of one that is true all of them, and so on. negated says whether the
// number of nots above is odd.
func (e *evidenceReader) read(t *Trace, negated bool) {
	if len(e.found) >= maxEvidence {
		return
	}
	switch t.Kind {
	case "allOf", "anyOf":
		for _, child := range t.Children {
			if e.decides(t, child) {
				e.read(child, negated)
			}
		}
	case "not":
		e.read(t.Children[0], !negated)
	case "field", "value", "count":
		e.leaf(t, negated)
	}
}

func (e *evidenceReader) decides(parent, child *Trace) bool {
	switch {
	case !parent.Outcome.Known():
		return !child.Outcome.Known()
	case parent.Kind == "allOf" && parent.Outcome.False():
		return child.Outcome.False()
	case parent.Kind == "anyOf" && parent.Outcome.True():
		return child.Outcome.True()
	}
	return true
}

func (e *evidenceReader) leaf(t *Trace, negated bool) {
	if strings.EqualFold(t.Field, "type") {
		return
	}
	op, value := t.op, t.Wanted
	if !negated {
		op, value = opposite(op, value)
	}
	wanted := op.String() + " " + short(value)
	if t.Kind == "count" {
		e.count(t, wanted)
		return
	}
	if text, ok := t.failure(); ok {
		e.add(Evidence{Path: "expression", Found: StringValue(text), Wanted: wanted})
	}
	for _, f := range t.Found {
		if len(e.found) >= maxEvidence {
			return
		}
		path := f.Path
		if path == "" {
			path = "value"
		}
		v := Evidence{Path: path, Found: f.Value, Wanted: wanted}
		if t.Kind == "value" {
			e.found = append(e.found, v) // expressions read the resource under if
			continue
		}
		e.add(v)
	}
}

// failure gives the message of a leaf whose expression could not be evaluated.
// Messages quote values, so there is none where a secret was read.
func (t *Trace) failure() (string, bool) {
	for _, f := range t.Found {
		if f.Secret {
			return "", false
		}
	}
	return strings.Join(t.Errors, "; "), len(t.Errors) > 0
}

// failures lists what the expressions said that failed where it mattered, each
// message once.
func (t *Trace) failures() (all []string) {
	if t.Outcome.Known() {
		return nil
	}
	for _, text := range t.Errors {
		addOnce(&all, text)
	}
	for _, child := range t.Children {
		for _, text := range child.failures() {
			addOnce(&all, text)
		}
	}
	return all
}

// count tells the number, and of each member that counted what made it count.
func (e *evidenceReader) count(t *Trace, wanted string) {
	for _, f := range t.Found {
		e.add(Evidence{Path: f.Path, Found: f.Value, Wanted: wanted})
	}
	for _, member := range t.Children {
		if !member.Outcome.False() {
			e.read(member, false)
		}
	}
}

// opposite gives the operator that holds exactly where op does not. Orderings
// have none of that exactness; where values do not compare both are false.
func opposite(op Operator, v Value) (Operator, Value) {
	if op == Exists {
		return op, BoolValue(!wantsExistence(v))
	}
	if n, ok := op.opposite(); ok {
		return n, v
	}
	return op, v
}

// relatedEvidence says what an existence check found.
func relatedEvidence(d *Details, query Query, count int) Evidence {
	wanted := "at least one"
	if !query.AnyName && query.Name != "" {
		wanted += fmt.Sprintf(" named %q", query.Name)
	}
	if d.Existence != nil {
		wanted += " with " + conditionWords(d.Existence)
	}
	return Evidence{Path: "related " + query.Type, Found: IntValue(int64(count)), Wanted: wanted}
}

// conditionWords writes a condition on one line.
func conditionWords(c *Condition) string {
	switch c.Kind {
	case AllOf, AnyOf:
		parts := make([]string, len(c.Children))
		for i, child := range c.Children {
			parts[i] = conditionWords(child)
		}
		joined := strings.Join(parts, map[ConditionKind]string{AllOf: " and ", AnyOf: " or "}[c.Kind])
		if len(parts) > 1 {
			return "(" + joined + ")"
		}
		return joined
	case Not:
		return "not " + conditionWords(c.Children[0])
	}
	left := templateWords(c.Left)
	if c.Count != nil {
		left = "count of " + c.Count.Field
		if c.Count.Value != nil {
			left = "count of " + templateWords(*c.Count.Value)
		}
		if c.Count.Where != nil {
			left += " where " + conditionWords(c.Count.Where)
		}
	}
	return left + " " + c.Operator.String() + " " + templateWords(c.Right)
}

func templateWords(t Template) string {
	switch {
	case t.Expr != nil:
		return t.Expr.String()
	case isLiteral(t) && t.Const.Kind() == String:
		return t.Const.Text()
	case isLiteral(t):
		return short(t.Const)
	}
	return "…"
}
