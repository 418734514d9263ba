package plan

import (
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// TestReferenceOperators binds every operator of the reference over every pair of types.
func TestReferenceOperators(t *testing.T) {
	for _, row := range reference(t, "operators.tsv") {
		for i, want := range row[2:] {
			query := "P | project x = " + operatorText(row[0], row[1], data.Types[i].String())
			got := "error"
			if p, problems := bindText(query); len(problems) == 0 {
				got = p.Columns[0].Type.String()
			}
			if got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
	}
}

// operatorText writes L op R, or a call such as iff(c, L, R), over columns l_type and r_type.
func operatorText(op, left, right string) string {
	left, right = "l_"+left, "r_"+right
	switch name, args, isCall := strings.Cut(op, "("); {
	case isCall:
		args = strings.NewReplacer("L", left, "R", right, "c,", "l_bool,").Replace(args)
		return name + "(" + args
	case op == "in":
		return left + " in (" + right + ")"
	}
	return left + " " + op + " " + right
}
