package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/baseline"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// newNamed is how many new checks a comparison names.
const newNamed = 50

// baselineFlags compare an assessment with an earlier one.
type baselineFlags struct{ file, severity string }

func (f *baselineFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "baseline", "", "compare with this earlier assessment, as --format jsonl wrote it")
	cmd.Flags().StringVar(&f.severity, "fail-on-new", "", "exit with 3 if a check of this severity or a higher one is unhealthy that was not in --baseline")
	wantValue(cmd, "the name of a file", "baseline")
	wantValue(cmd, "a severity", "fail-on-new")
	complete(cmd, "fail-on-new", severityWords)
	// The only error is a flag that is not there.
	_ = cmd.MarkFlagFilename("baseline")
}

// parse checks the flags and gives the threshold with what they say of it.
func (f *baselineFlags) parse(cmd *cobra.Command, t threshold) (threshold, error) {
	t.fresh = cmd.Flags().Changed("fail-on-new")
	switch {
	case f.file == files.Stdin:
		return t, usagef("--baseline -: want the name of a file; standard input is for what is assessed")
	case f.file == "" && t.fresh:
		return t, usagef("--fail-on-new: want --baseline FILE to tell what is new")
	}
	if t.fresh {
		var err error
		if t.freshSeverity, err = posture.ParseSeverity(f.severity); err != nil {
			return t, usage(fmt.Errorf("--fail-on-new: %w", meaning(err, f.severity, severityWords)))
		}
	}
	return t, nil
}

// read reads the baseline before anything is assessed; nil for none.
func (f *baselineFlags) read(ctx context.Context) (*baseline.Baseline, error) {
	if f.file == "" {
		return nil, nil
	}
	stream, err := files.Input{Path: f.file}.Open(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	b, err := baseline.Read(stream, f.file)
	if err := errors.Join(err, stream.Close()); err != nil {
		err = fmt.Errorf("--baseline: %w", err)
		if baseline.Wrong(err) {
			return nil, usage(err)
		}
		return nil, err
	}
	return b, nil
}

// compare ranges over all checks, whatever part of them is printed.
func compare(b *baseline.Baseline, o assess.Options, result *assess.Result, checks assess.Checks) (*baseline.Comparison, error) {
	if b == nil {
		return nil, nil
	}
	scope := baseline.Scope{Worst: newNamed, Part: len(o.Filter.Scopes)+len(o.Filter.ResourceTypes) > 0}
	for i := range result.Recommendations {
		r := &result.Recommendations[i]
		scope.Judged = append(scope.Judged, baseline.Rule{ID: r.ID, ParametersHash: r.ParametersHash})
	}
	comparison, err := b.Compare(checks, scope)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	return comparison, nil
}

// checkNew gives the error of the threshold for new checks, nil if it holds.
func (t threshold) checkNew(c *baseline.Comparison) error {
	if !t.fresh {
		return nil
	}
	if n := c.NewFrom(t.freshSeverity); n > 0 {
		return coded{exitFindings, fmt.Errorf("--fail-on-new %s: %s %s, compared with %s", t.freshSeverity, several(n, "new unhealthy check"), orHigher(t.freshSeverity), c.File)}
	}
	return nil
}
