package plan

import (
	"path"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// tableArgument binds an expression as a table, if it can be one.
func (b *binder) tableArgument(e syntax.Expr) (*relation, bool) {
	switch e := e.(type) {
	case *syntax.Subquery:
		return b.isolated(func() *relation { return b.pipeline(e.Pipeline) }), true
	case *syntax.NameRef:
		if d := b.names.find(e.Text); d != nil {
			if d.table == nil && (d.lambda == nil || len(d.lambda.Params) > 0 || d.lambda.Tabular == nil) {
				return nil, false
			}
		}
		return b.findTable(e.Name)
	case *syntax.Call:
		if e.On != nil {
			return nil, false
		}
		if d := b.names.find(e.Function.Text); d != nil {
			if d.lambda == nil || !b.givesTable(d, 0) {
				return nil, false
			}
			return b.callTable(e, d), true
		}
		if e.Function.Text == "materialize" || e.Function.Text == "table" {
			return b.isolated(func() *relation { return b.sourceCall(e) }), true
		}
	}
	return nil, false
}

// givesTable tells whether a function's body is a table. Of one that calls itself
// it says so: calling it tells the problem.
func (b *binder) givesTable(d *definition, calls int) bool {
	if d.lambda.Tabular != nil || calls > maxCalls {
		return true
	}
	switch body := d.lambda.Value.(type) {
	case *syntax.Subquery:
		return true
	case *syntax.NameRef:
		for _, p := range d.lambda.Params {
			if p.Name.Text == body.Text {
				return p.Star || p.Type == 0
			}
		}
		for _, st := range d.lambda.Statements {
			if st.Name.Text == body.Text {
				return st.Tabular != nil
			}
		}
		if inner := d.within.find(body.Text); inner != nil {
			return inner.table != nil
		}
		return b.hasTable(body.Text)
	case *syntax.Call:
		if inner := d.within.find(body.Function.Text); inner != nil && inner.lambda != nil {
			return b.givesTable(inner, calls+1)
		}
		return body.Function.Text == "materialize" || body.Function.Text == "table"
	}
	return false
}

// matching lists the tables and views that a name with * stands for.
func (b *binder) matching(pattern syntax.Name) []*relation {
	var found []*relation
	for _, name := range b.scope.Names {
		if matches(pattern.Text, name) || b.scope.AnyCase && matches(strings.ToLower(pattern.Text), strings.ToLower(name)) {
			if r, ok := b.findTable(syntax.Name{Text: name, Span: pattern.Span}); ok {
				found = append(found, r)
			}
		}
	}
	local := b.names.all()
	slices.Sort(local)
	for _, name := range slices.Compact(local) {
		d := b.names.find(name)
		if d.lambda != nil && d.lambda.View && matches(pattern.Text, name) {
			if r, ok := b.findTable(syntax.Name{Text: name, Span: pattern.Span}); ok {
				found = append(found, r)
			}
		}
	}
	return found
}

// matches tells whether a name meets a pattern with *.
func matches(pattern, name string) bool {
	ok, err := path.Match(escapePattern(pattern), name)
	return err == nil && ok
}

func escapePattern(pattern string) string {
	var out []byte
	for i := range len(pattern) {
		switch c := pattern[i]; c {
		case '?', '[', '\\':
			out = append(out, '\\', c)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
