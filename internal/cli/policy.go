package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/policy"
)

func (a *app) policyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Check, test, evaluate and explain Azure Policy definitions",
		Example: `  bartizan policy lint policies/
  bartizan policy explain require-tls.json account.json`,
		Args: subcommandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.policyLint(), a.policyTest(), a.policyEval(), a.policyExplain())
	return cmd
}

func (a *app) policyLint() *cobra.Command {
	var aliases []string
	cmd := &cobra.Command{
		Use:   "lint PATH...",
		Short: "Say what is wrong with policy files",
		Long: `Reads definitions, initiatives, assignments, exemptions and alias tables from
files and folders (.json, .jsonl, .gz) and prints every problem with file, line
and column. What Azure would refuse is an error; what is probably not meant is
a warning, and so is an unknown alias. Aliases are looked up in the tables that a
PATH or --catalog holds, such as az provider list --expand resourceTypes/aliases
makes; without one in the built-in table, which has the commonest.

The last line counts what loaded. Exit code 1 if anything is refused or cannot
be read, or a PATH names a file that holds nothing of this.`,
		Example: `  bartizan policy lint require-tls.json
  bartizan policy lint policies/ --catalog aliases.json.gz`,
		Args: paths(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.lint(args, aliases)
		},
	}
	cmd.Flags().StringArrayVar(&aliases, "catalog", nil, "file or folder with alias tables and definitions that the PATHs refer to (repeatable)")
	wantValue(cmd, "the name of a file or folder", "catalog")
	return cmd
}

// lint prints the problems of the documents in paths. What extra has is known,
// and not linted itself.
func (a *app) lint(paths, extra []string) error {
	var lib policy.Library
	var problems policy.Problems
	read := map[string]bool{}
	found, notes, err := files.ExpandNotes(paths)
	if err != nil {
		return err
	}
	unread := 0
	fail := func(name, text string) {
		problems = append(problems, policy.Problem{File: name, Text: text})
		unread++
	}
	for _, n := range notes {
		if n.Unreadable {
			fail(n.Path, n.Reason)
		}
	}
	for one, err := range eachContent(a.reading, found, isPolicyFile, policy.ReadContents) {
		read[one.name] = true
		switch {
		case a.reading.Err() != nil:
			return a.reading.Err()
		case err != nil && (one.value.Empty() || one.value.Broken()):
			fail("", err.Error())
			continue
		case err != nil:
			fail("", err.Error()+"; what stands before that is looked at")
		}
		problems = append(problems, lib.Keep(one.value)...)
		if err == nil && one.value.Empty() && one.named {
			fail(one.name, "nothing of Azure Policy in it; want a definition, an initiative, an assignment, an exemption, an attestation or a table of aliases")
		}
	}
	definitions, initiatives, refused := len(lib.Definitions), len(lib.Initiatives), lib.Refused
	var unused []string
	err = policyFiles(a.reading, extra, func(name string, found *policy.Contents) {
		if found.Empty() {
			unused = append(unused, name)
		}
		if !read[name] {
			lib.Keep(found)
		}
	})
	if err != nil {
		return err
	}
	a.tellUnused(unused)
	ownTable := lib.Aliases != nil
	if !ownTable {
		if err := a.checkBuiltIn(&lib); err != nil {
			return err
		}
	}
	for _, p := range policy.Lint(&lib) {
		if !ownTable {
			p.Text = hintedOne(p.Text)
		}
		if read[p.File] {
			problems = append(problems, p)
		}
	}
	for _, p := range problems {
		if _, err := fmt.Fprintln(a.Out, report.Harmless(p.Error())); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(a.Out, "%d definitions, %d initiatives loaded; %d refused\n", definitions, initiatives, refused); err != nil {
		return err
	}
	if refused > 0 || unread > 0 {
		return errTold
	}
	return nil
}

func (a *app) policyEval() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "eval --cases FILE",
		Short: "Evaluate cases, one JSON object a line",
		Long: `Reads cases, one JSON object a line with definition, parameters, resource,
related resources and aliases, and writes one answer a line in the same order:
the effect that Azure would take, compliance, details, warnings. It is how the
engine is held against others. docs/commands.md describes the fields.

FILE may be packed (.gz, .zst) or - for standard input.`,
		Example: `  bartizan policy eval --cases cases.jsonl.gz > answers.jsonl`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in, err := files.Input{Path: file}.Open(a.reading, nil)
			if err != nil {
				return err
			}
			defer in.Close()
			return policy.EvalCases(in, a.Out, a.Now())
		},
	}
	cmd.Flags().StringVar(&file, "cases", "", "file with the cases")
	wantValue(cmd, "the name of a file", "cases")
	// The only error is a flag that is not there.
	_ = cmd.MarkFlagRequired("cases")
	return cmd
}

// library reads what --catalog names, after what was read already: of two
// documents with one id the first counts. Documents that are refused are said and
// left out: one bad file among thousands must not stop an assessment, and must
// not go unseen either.
func (a *app) library(paths []string, read ...*policy.Contents) (*policy.Library, error) {
	var lib policy.Library
	for _, contents := range read {
		lib.Keep(contents) // whose problems were told
	}
	var refused policy.Problems
	var unused []string
	err := policyFiles(a.reading, paths, func(name string, found *policy.Contents) {
		if found.Empty() {
			unused = append(unused, name)
		}
		before, first := lib.Refused, len(refused)
		for _, p := range lib.Keep(found) {
			if !p.Warning {
				refused = append(refused, p)
			}
		}
		a.refused = append(a.refused, notEvaluated(refused[first:], lib.Refused-before)...)
	})
	if err != nil {
		return nil, err
	}
	if lib.Refused > 0 {
		a.tell(refused)
		fmt.Fprintf(a.Err, "bartizan: --catalog: %s refused and not judged\n", several(lib.Refused, "document"))
	}
	if len(lib.Definitions)+len(lib.Initiatives) == 0 && lib.Aliases == nil {
		return nil, fmt.Errorf("--catalog %s: no definition, initiative or alias table in it", strings.Join(paths, ", "))
	}
	a.tellUnused(unused)
	return &lib, nil
}

// checkBuiltIn lets the built-in table of aliases stand in where there is no other.
// It has the commonest only: what much is missing in is said once.
func (a *app) checkBuiltIn(lib *policy.Library) error {
	builtIn, err := a.aliases(nil)
	if err != nil {
		return err
	}
	const most = 20
	unknown := lib.UnknownAliases(builtIn)
	switch {
	case len(unknown) <= most:
		lib.Aliases = builtIn
	case !a.quiet:
		fmt.Fprintf(a.Err, "bartizan: %d aliases are not in the built-in table, and none was checked; --catalog FILE brings another\n", len(unknown))
	}
	return nil
}

// tellUnused says which files of --catalog held nothing that is used.
func (a *app) tellUnused(names []string) {
	const most = 10
	for i, name := range names {
		if i == most {
			fmt.Fprintf(a.Err, "bartizan: --catalog: and %d more files with nothing of Azure Policy\n", len(names)-most)
			return
		}
		fmt.Fprintf(a.Err, "bartizan: --catalog %s: nothing of Azure Policy in it; left out\n", name)
	}
}

// notEvaluated tells of a file's refused documents by their places: each
// problem by itself, unless all are known to be of one document.
func notEvaluated(problems policy.Problems, documents int) []assess.NotEvaluated {
	var told []assess.NotEvaluated
	for i, p := range problems {
		why := p
		why.File, why.Pos = "", policy.Position{}
		if i > 0 && documents <= 1 {
			told[0].Why += "; " + why.Error()
			continue
		}
		place := p.File
		if p.Pos.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", p.File, p.Pos.Line, p.Pos.Column)
		}
		told = append(told, assess.NotEvaluated{Policy: place, Why: "refused: " + why.Error()})
	}
	return told
}

// tell prints the first problems of many.
func (a *app) tell(problems policy.Problems) {
	const most = 10
	for i, p := range problems {
		if i == most {
			fmt.Fprintf(a.Err, "bartizan: and %d more problems; policy lint lists all\n", len(problems)-most)
			return
		}
		fmt.Fprintf(a.Err, "bartizan: %s\n", report.Harmless(p.Error()))
	}
}

// policyFiles calls use with what every file has that may hold policy documents.
func policyFiles(ctx context.Context, paths []string, use func(name string, found *policy.Contents)) error {
	return contents(ctx, paths, isPolicyFile, policy.ReadContents, use)
}

func isPolicyFile(name string) bool { return !isCases(name) }
