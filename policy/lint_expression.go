package policy

import (
	"slices"
	"strings"
)

// unclosedIn warns of texts in a rule that begin as expressions do and are none:
// Azure compares with such a text as it stands.
func (l *linter) unclosedIn(r *Rule) {
	for _, n := range []*Node{r.condition.node(), r.Then()} {
		if n != nil {
			l.unclosedNode(n)
		}
	}
}

// unclosedNode looks at a part of a rule. A deployment's template is left out.
func (l *linter) unclosedNode(n *Node) {
	if n.Kind == String {
		l.unclosed(n.Text, n.Pos)
	}
	for _, item := range n.Items {
		l.unclosedNode(item)
	}
	for i := range n.Members {
		if p := &n.Members[i]; !strings.EqualFold(p.Key, "template") || p.Value.Kind != Object {
			l.unclosedNode(p.Value)
		}
	}
}

func (l *linter) unclosed(text string, at Position) {
	if !isExpression(text) && opensExpression(text) {
		l.warn(at, "", "%s begins as an expression does and is not closed, so that it is a text; want ] at its end", short(StringValue(text)))
	}
}

// opensExpression reports whether a text begins with a bracket and the call of a
// function, by whatever name.
func opensExpression(text string) bool {
	name, _, called := strings.Cut(strings.TrimPrefix(text, "["), "(")
	return called && strings.HasPrefix(text, "[") && name != "" && !slices.ContainsFunc([]rune(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
