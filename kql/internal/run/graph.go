package run

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// graphStep compiles the steps over graphs.
func (c *compiler) graphStep(n plan.Node) (runner, error) {
	switch n.(type) {
	case *plan.Graph, *plan.Match, *plan.ToTable, *plan.Components, *plan.GraphFilter:
		return nil, fmt.Errorf("graph operators: not built yet")
	}
	return nil, fmt.Errorf("internal error: no step for %T", n)
}

// graphExpr compiles the expressions that stand in graph-match only.
func (c *exprCompiler) graphExpr(e plan.Expr) (evaluate evaluator, ok bool, err error) {
	switch e.(type) {
	case *plan.Quantified, *plan.GraphFact:
		return nil, true, fmt.Errorf("graph operators: not built yet")
	}
	return nil, false, nil
}
