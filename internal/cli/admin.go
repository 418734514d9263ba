package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/store"
)

func (a *app) adminCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Say who may see and do what, and what is judged where; look after what is kept",
		Long: `Adds, lists and removes users, service principals, roles and tokens; definitions,
initiatives, assignments and standards; exemptions, attestations and disabled
recommendations; seals secrets with another key; gives up history. Whoever can open
the database may do everything here; the audit log has it as done by system.
A server that owns the data directory has to be stopped first, or asked with
--server: then it is done as whom the token is of, within its rights.`,
		Example: `  bartizan admin user create anna --password-file anna.txt
  bartizan admin role create --principal anna --role owner --scope /
  bartizan admin token create --principal anna --role reader --scope / --expires 30d
  bartizan admin user list --server https://posture.example.com --token-file token`,
		Args: subcommandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.adminUser(), a.adminServicePrincipal(), a.adminRole(), a.adminToken(), a.adminReseal(), a.adminRetention())
	cmd.AddCommand(a.adminDocuments()...)
	return cmd
}

// adminNoun is a command of a noun, with those of its verbs.
func adminNoun(noun, short, example string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: noun, Short: short, Example: example, Args: subcommandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(verbs...)
	return cmd
}

// administration is an open store with its accounts.
type administration struct {
	*account.Accounts
	store *store.Store
}

// administer opens the store for a change, and makes faults of the command line
// what they are.
func (a *app) administer(ctx context.Context, f *databaseFlags, work func(*administration) error) (err error) {
	s, _, err := f.open(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	o := account.Options{Store: s, Passwords: access.NewPasswords(rand.Reader, 1), Random: rand.Reader, Now: a.Now}
	return asUsage(work(&administration{account.New(o), s}))
}

// asUsage marks what the command line names wrongly.
func asUsage(err error) error {
	switch access.FaultOf(err) {
	case access.Invalid, access.Missing, access.Ambiguous:
		return usage(err)
	}
	return err
}

// adminFlags are those of every command that opens the store to administer it, or
// asks a server to.
type adminFlags struct {
	databaseFlags
	on     serverFlags
	format string
}

func (f *adminFlags) register(cmd *cobra.Command) {
	f.databaseFlags.register(cmd)
	f.on.register(cmd)
	f.registerFormat(cmd)
}

func (f *adminFlags) registerFormat(cmd *cobra.Command) {
	f.format = formatTable
	choiceFlag(cmd, &f.format, "format", "how to print it", formatTable, formatJSON)
}

// adminLister makes a command that lists what is read from the store, or told by a
// server.
func adminLister[T any](a *app, cmd *cobra.Command, rows func(context.Context, *store.Store) ([]T, error), told func(context.Context, *remote) ([]T, error), titles string, cells func(T) []string) *cobra.Command {
	var database databaseFlags
	var on serverFlags
	database.register(cmd)
	on.register(cmd)
	read := func() (list []T, err error) {
		r, err := a.remote(cmd, &on)
		if err != nil {
			return nil, err
		}
		if r != nil {
			list, err = told(cmd.Context(), r)
			return list, misused(err)
		}
		s, err := database.openOnly(cmd.Context(), a)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		list, err = rows(cmd.Context(), s)
		return list, asUsage(err)
	}
	return lister(a, cmd, read, adminColumns(titles), func(row T) []report.Cell { return adminCells(cells(row)) })
}

// tellMade prints what a change made: as JSON, or each on a line behind its name, so
// that no terminal cuts a secret.
func (a *app) tellMade(format string, answer any, lines ...[2]string) error {
	if format == formatJSON {
		return a.printJSON(answer)
	}
	width := 0
	for _, line := range lines {
		width = max(width, len(line[0]))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(a.Out, line[0]+strings.Repeat(" ", width-len(line[0])+2)+line[1]); err != nil {
			return err
		}
	}
	return nil
}

// removedJSON is what is printed of something that was removed.
type removedJSON struct {
	ID string `json:"id"`
}

// noteScope warns of a scope that is not there yet, at which a role gives
// nothing.
func (a *app) noteScope(ctx context.Context, s *store.Store, scope string) error {
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	kept, err := s.Scopes(ctx, head)
	if err != nil {
		return err
	}
	if tree := treeOf(kept); scope != access.Top && tree.RootOf(scope) == "" {
		a.note("scope %q is not known yet; nothing is given until it is", scope)
	}
	return nil
}

// principal finds the one that a word of the command line names.
func (on *administration) principal(ctx context.Context, text string, kinds ...access.PrincipalKind) (access.Principal, error) {
	all, err := on.store.Principals(ctx)
	if err != nil {
		return access.Principal{}, err
	}
	return access.FindPrincipal(all, text, kinds...)
}

// principalsByID gives all principals by their id.
func principalsByID(ctx context.Context, s *store.Store) (map[string]access.Principal, error) {
	all, err := s.Principals(ctx)
	named := map[string]access.Principal{}
	for _, p := range all {
		named[p.ID] = p
	}
	return named, err
}

func treeOf(kept []ledger.ScopeVersion) *access.Tree {
	scopes := make([]posture.Scope, len(kept))
	for i, s := range kept {
		scopes[i] = s.Scope
	}
	return access.NewTree(scopes)
}

// adminColumns makes columns of titles; _ in one stands for a blank, and one behind a
// * may be cut.
func adminColumns(titles string) []report.Column {
	var columns []report.Column
	for title := range strings.FieldsSeq(titles) {
		name, flexible := strings.CutPrefix(title, "*")
		columns = append(columns, report.Column{Title: strings.ReplaceAll(name, "_", " "), Flexible: flexible})
	}
	return columns
}

func adminCells(texts []string) []report.Cell {
	cells := make([]report.Cell, len(texts))
	for i, text := range texts {
		cells[i] = report.Cell{Text: text}
	}
	return cells
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// day is a time as a table shows it, "" for none.
func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}

// byID finds a row by its id.
func byID[T any](rows []T, id string, of func(T) string, what string) (T, error) {
	i := slices.IndexFunc(rows, func(row T) bool { return of(row) == id })
	if i < 0 {
		var none T
		return none, access.Errorf(access.Missing, "%s %q: there is none of this id", what, id)
	}
	return rows[i], nil
}
