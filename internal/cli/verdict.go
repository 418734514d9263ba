package cli

import (
	"context"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/report"
)

func (a *app) explain(ctx context.Context, o assess.Options, resource, rule string) (report.Explained, error) {
	defer a.progress(&o)()
	e, err := assess.Explain(ctx, o, resource, rule)
	return report.Explained{Explanation: e}, err
}

// checksOf assesses and gives the checks that want chooses.
func checksOf(ctx context.Context, o assess.Options, want func(*posture.Check) bool) ([]posture.Check, error) {
	o.Evidence = true
	_, all, err := assess.Run(ctx, o)
	if err != nil {
		return nil, err
	}
	var found []posture.Check
	for check, err := range all {
		if err != nil {
			return nil, err
		}
		if want(check) {
			found = append(found, *check)
		}
	}
	return found, nil
}
