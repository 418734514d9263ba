package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/report"
)

// The exit codes of every command. Where several apply, the order of
// precedence is usage, error, findings, coverage.
const (
	exitFine     = 0
	exitError    = 1
	exitUsage    = 2
	exitFindings = 3
	exitCoverage = 4
)

// coded carries the exit code of an error that has one of its own.
type coded struct {
	code int
	err  error
}

func (c coded) Error() string { return c.err.Error() }
func (c coded) Unwrap() error { return c.err }

// errTold is an error that has been said already: it only sets the exit code.
var errTold = errors.New("told")

// usage marks an error as one of the command line.
func usage(err error) error { return coded{exitUsage, err} }

func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// fail reports an error and gives its exit code.
func (a *app) fail(cmd *cobra.Command, err error) int {
	code := exitError
	var c coded
	if errors.As(err, &c) {
		code = c.code
	}
	if misused := (*assess.UsageError)(nil); errors.As(err, &misused) {
		code = exitUsage
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	if errors.Is(err, errTold) {
		return code
	}
	text := err.Error()
	if instead := insteadOf(cmd, err); instead != "" {
		text += "\n" + instead
	}
	for line := range strings.SplitSeq(report.Harmless(text), "\n") {
		fmt.Fprintf(a.Err, "bartizan: %s\n", line)
	}
	if code == exitUsage {
		fmt.Fprintf(a.Err, "%s --help shows how it is used\n", cmd.CommandPath())
	}
	return code
}

// flagError adds to an unknown flag the ones that were probably meant.
func flagError(cmd *cobra.Command, err error) error {
	if err := notParsed(err); err != nil {
		return err
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || len(unknown.GetSpecifiedName()) < 2 {
		return err
	}
	// cobra suggests commands only; flags as commands get the same treatment.
	var names cobra.Command
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	names.SuggestionsMinimumDistance = 2
	if near := names.SuggestionsFor(unknown.GetSpecifiedName()); len(near) > 0 {
		return fmt.Errorf("%w; did you mean --%s?", err, strings.Join(near, " or --"))
	}
	return err
}

// groupError is what cobra says of flags that were given together and may not be.
var groupError = regexp.MustCompile(`^if any flags in the group \[(\S+) (\S+)\] are set none of the others can be; `)

// clearer says in clearer words what cobra finds wrong with a command line.
func clearer(err error) error {
	if err == nil {
		return nil
	}
	if flags := groupError.FindStringSubmatch(err.Error()); flags != nil {
		return fmt.Errorf("--%s and --%s exclude each other; want one of them", flags[1], flags[2])
	}
	return err
}

// notParsed says of a value that is no number, or neither true nor false, what is
// wanted; nil for other errors.
func notParsed(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return nil
	}
	want, text := "", err.Error()
	switch {
	case strings.Contains(text, "value out of range"):
		want = "a smaller number"
	case strings.Contains(text, "strconv.ParseBool"):
		want = "true or false"
	case strings.Contains(text, "strconv.ParseFloat"):
		want = "a number"
	case strings.Contains(text, "strconv.Parse"):
		want = "a whole number"
	default:
		return nil
	}
	return fmt.Errorf("invalid argument %q for \"--%s\" flag: want %s", invalid.GetValue(), invalid.GetFlag().Name, want)
}

// paths checks that a command has at least n arguments, and says what is
// missing by its usage line.
func paths(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return fmt.Errorf("%d arguments: want %s", len(args), cmd.Use)
		}
		if at := slices.Index(args, ""); at >= 0 {
			return fmt.Errorf("argument %d is empty: want %s", at+1, cmd.Use)
		}
		return nil
	}
}

// one checks that a command has exactly one argument.
func one(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments: want %s", len(args), cmd.Use)
	}
	return nil
}
