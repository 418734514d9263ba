package report

import (
	"iter"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// rows yields the checks that are a pass, a failure or a question, with what
// formats say beside them. What does not apply is left out, beneath an
// exemption too: it is neither. A row holds until the next one.
func (r *Run) rows() iter.Seq2[*row, error] {
	return func(yield func(*row, error) bool) {
		rules, accounts := rulesOf(r.Result), accountsOf(r.Scopes)
		for check, err := range r.Checks {
			if err != nil {
				yield(nil, err)
				return
			}
			if check.State == posture.NotApplicable || check.Judged == posture.NotApplicable {
				continue
			}
			if !yield(&row{check, r, rules.of(check), accounts.of(check.Unit)}, nil) {
				return
			}
		}
	}
}
