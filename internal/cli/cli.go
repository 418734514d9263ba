// Package cli is the command line: it reads flags, opens files, calls the use
// cases and writes what they found. It decides nothing about posture.
//
// Start with [Run]. Each command is one file with its flags, its help and its
// examples; docs/commands.md is the reference. What people may rely on (exit
// codes, which output goes where) is in exit.go and output.go.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/terminal"
)

// Process is what the operating system hands to a command.
type Process struct {
	Args     []string // without the program's name
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Environ  func() []string // NAME=VALUE each; nil where it is not to be looked through
	Now      func() time.Time
	// BoundMemory bounds what the process holds to about so many bytes; nil
	// where somebody else has decided on it.
	BoundMemory func(bytes int64)
}

// Run runs one command line and returns its exit code. Errors are on Err by
// then.
func Run(ctx context.Context, process Process) int {
	app := &app{Process: process, reading: ctx}
	root := app.root()
	root.SetArgs(process.Args)
	root.SetIn(process.In)
	root.SetErr(process.Err)
	cmd, err := misnamed(root, process.Args)
	if err == nil {
		cmd, err = root.ExecuteContextC(ctx)
	}
	err = errors.Join(clearer(err), app.close())
	switch {
	case err == nil && app.help.err != nil:
		return app.fail(cmd, app.help.err)
	case err == nil:
		return exitFine
	}
	// What went wrong before a command began is the command line's fault.
	if !app.begun {
		err = usage(err)
	}
	return app.fail(cmd, err)
}

// app is one run of the program.
type app struct {
	Process
	reading context.Context // ends the reading of what may never end, such as a pipe
	begun   bool
	noColor bool
	quiet   bool
	help    remembering // Out, for help
	closers []io.Closer // what lives as long as the run
	unread  []inventory.Problem
	leftOut []inventory.Problem   // of what lies below folders, or is named twice
	refused []assess.NotEvaluated // documents of --catalog
	meter   meter
	purpose string // what the checks are read for, "" for the only output
}

// close frees what the command kept.
func (a *app) close() error {
	var wrong problemList
	for _, c := range a.closers {
		wrong.add(c.Close())
	}
	return wrong.err()
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "bartizan",
		Short: "Assess clouds and machines against policies, and show what every verdict rests on",
		Long: `Bartizan judges an inventory of cloud resources and machines against its own
recommendations and against policies written in the Azure Policy language. It
says how secure the estate is, what to mend first, how far the answer goes, and
for every verdict what it was judged on. It changes nothing in any cloud.

Exit codes of every command:
  0  fine (findings alone are fine unless --fail-on is given)
  1  something went wrong: a path that cannot be read, no resource in the input
  2  the command line is wrong
  3  findings at or above --fail-on
  4  coverage below --fail-coverage-below`,
		Example: `  bartizan demo                              see a whole report, without any data of your own
  bartizan assess inventory.json             assess an export of your cloud
  bartizan list recommendations              what is checked
  bartizan explain RESOURCE RULE export/     why one verdict is what it is
  bartizan query --inventory export/         ask questions in KQL`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          subcommandsOnly,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.help.to = a.Out
	root.SetOut(&a.help)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().BoolVar(&a.noColor, "no-color", false, "no colour, as with NO_COLOR in the environment")
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "nothing on standard error but errors")
	root.AddCommand(a.assessCommand(), a.listCommand(), a.explainCommand(), a.policyCommand(), a.catalogCommand(), a.demoCommand(), a.queryCommand(), a.importCommand(), a.backupCommand(), a.restoreCommand(), a.doctorCommand(), a.serveCommand(), a.configCommand(), a.adminCommand(), a.versionCommand())
	root.InitDefaultHelpCmd()
	completion(root)
	a.narrowHelp(root)
	a.marked(root)
	return root
}

// marked makes every command note that it began, which is after all checks of
// flags and arguments.
func (a *app) marked(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.begun = true
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		a.marked(sub)
	}
}

// remembering is a writer that remembers the first error: who writes help does not
// tell it.
type remembering struct {
	to  io.Writer
	err error
}

// Write implements io.Writer.
func (r *remembering) Write(p []byte) (int, error) {
	n, err := r.to.Write(p)
	if r.err == nil {
		r.err = err
	}
	return n, err
}

// device describes one of the process's outputs.
func (a *app) device(w io.Writer) terminal.Device {
	return terminal.Describe(w, a.Getenv, terminal.Colouring(!a.noColor))
}

// note writes a line for people that is no result.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.Err, format+"\n", args...)
	}
}
