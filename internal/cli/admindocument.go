package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// adminDocumentKinds are the documents that commands keep, with what they are.
var adminDocumentKinds = []struct {
	kind       ledger.DocumentKind
	what, file string
}{
	{ledger.Definition, "policy definitions", "definition.json"},
	{ledger.Initiative, "initiatives (policy set definitions)", "initiative.json"},
	{ledger.Assignment, "assignments of definitions, initiatives and standards", "assignment.json"},
	{ledger.Standard, "standards of your own", "house.yaml --scope contoso"},
	{ledger.AliasTable, "tables of aliases", "aliases.json"},
	{ledger.ExemptionOf, "exemptions", "exemption.json"},
	{ledger.AttestationOf, "attestations of manual checks", "attestation.json"},
	{ledger.Disabling, "recommendations that are disabled at a scope", "disabling.json"},
}

// adminDocuments are the commands of what judges and what lies over verdicts.
func (a *app) adminDocuments() []*cobra.Command {
	var nouns []*cobra.Command
	for _, d := range adminDocumentKinds {
		word := adminWord(d.kind)
		nouns = append(nouns, adminNoun(word, "Keep, list and remove "+d.what, "  bartizan admin "+word+" set "+d.file,
			a.adminListDocuments(d.kind, d.what), a.adminSetDocument(d.kind, d.what, d.file), a.adminRemoveDocument(d.kind)))
	}
	return nouns
}

// adminWord is the noun of the commands for a kind of documents.
func adminWord(kind ledger.DocumentKind) string {
	if kind == ledger.AliasTable {
		return kind.Plural()
	}
	return string(kind)
}

// documentJSON is a document in a list.
type documentJSON struct {
	ID     string `json:"id"`
	Title  string `json:"title,omitempty"`
	Scope  string `json:"scope"`
	Commit int64  `json:"commit"` // that wrote it
}

func (a *app) adminListDocuments(kind ledger.DocumentKind, what string) *cobra.Command {
	rows := func(ctx context.Context, s *store.Store) (list []documentJSON, err error) {
		head, err := s.Head(ctx)
		if err != nil {
			return nil, err
		}
		kept, err := s.Documents(ctx, head, kind)
		if err != nil {
			return nil, err
		}
		titles := map[string]string{}
		for _, p := range govern.PoliciesOf(kept, nil).Of(kind) {
			titles[p.ID] = p.Title()
		}
		for _, v := range govern.Versions(kept) {
			titles[v.Name()] = v.Why()
		}
		for _, d := range kept {
			list = append(list, documentJSON{d.ID, titles[d.ID], d.Scope, int64(d.Since)})
		}
		return list, nil
	}
	cmd := &cobra.Command{Use: "list", Short: "List " + what, Example: "  bartizan admin " + adminWord(kind) + " list --format json"}
	told := func(ctx context.Context, on *remote) ([]documentJSON, error) { return on.documents(ctx, kind) }
	return adminLister(a, cmd, rows, told, "*id *title *scope commit", func(d documentJSON) []string {
		return []string{d.ID, d.Title, d.Scope, fmt.Sprint(d.Commit)}
	})
}

// documentFlags say how a document is called, and whether it is only tried.
type documentFlags struct {
	adminFlags
	id, scope string
	dryRun    bool
}

// writtenJSON is what a change of a document came to, or would.
type writtenJSON struct {
	ID          string   `json:"id,omitempty"`        // none of several
	Documents   int      `json:"documents,omitempty"` // of several
	Commit      int64    `json:"commit,omitempty"`    // none if nothing was written
	Checks      int      `json:"checks"`              // that show otherwise
	Resources   int      `json:"resources"`           // that they are of
	ScoreBefore *float64 `json:"scoreBefore"`         // of where it lies; null for none
	ScoreAfter  *float64 `json:"scoreAfter"`
	Warnings    []string `json:"warnings,omitempty"`
}

func (a *app) adminSetDocument(kind ledger.DocumentKind, what, example string) *cobra.Command {
	var f documentFlags
	word := adminWord(kind)
	long := "Keeps what a file holds, or changes what is kept under the same id: effective at once,\nwith what it does in the history of scores. FILE is - for standard input."
	switch {
	case kind == ledger.AliasTable:
		long += `

It holds for all definitions, wherever they are kept. FILE is what
az provider list --expand resourceTypes/aliases prints, or {TYPE: {ALIAS: PATH}},
packed or not; it is reduced to what judges before it is sent or kept. Where tables
say different things of an alias, the last one's counts by name, and the built-in
table's before all.`
	case kind == ledger.ExemptionOf:
		long += "\n\nFILE may be a policyExemption as Azure writes it: its id says where it lies, and the\nexemption is of the assignment, or of the members of its initiative, that it names."
	case govern.IsPolicy(kind):
		long += "\n\nThe id, or a name with --scope, says where it is kept; what it refers to has to be\nkept there or above. All that is wrong with it is told with its place."
		if govern.Several(kind) {
			long += "\n\nFILE may hold several: an array, such as az policy definition list prints, or JSON\nlines. All of them are kept, in one change, or none."
		}
	}
	cmd := &cobra.Command{
		Use: "set FILE", Short: "Keep one of the " + what, Long: long, Example: "  bartizan admin " + word + " set " + example, Args: one,
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := files.Input{Path: args[0]}.Text(a.reading)
			if err != nil {
				return err
			}
			switch {
			case f.id != "":
			case kind == ledger.Standard: // as assess calls it
				f.id = strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
			case kind == ledger.AliasTable && args[0] == files.Stdin:
				return usagef("--name: want one for what standard input has")
			case kind == ledger.AliasTable:
				f.id, _, _ = strings.Cut(filepath.Base(args[0]), ".")
			}
			on, err := a.remote(cmd, &f.on)
			if err != nil {
				return err
			}
			if on != nil {
				written, err := on.setDocument(cmd.Context(), kind, &f, []byte(asUTF8(text)))
				return a.tellWritten(&f, written, inFile(args[0], err))
			}
			return a.administerEstate(cmd.Context(), &f, func(e *estate.Estate, c *catalog.Catalog) (*writtenJSON, error) {
				written, err := setDocument(cmd.Context(), e, c, kind, &f, []byte(asUTF8(text)))
				return written, inFile(args[0], err)
			})
		},
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.dryRun, "dry-run", false, "only say what it would do")
	if kind == ledger.AliasTable {
		flags.StringVar(&f.id, "name", "", "how it is called (default: as the file, up to the first dot)")
		wantValue(cmd, "a name", "name")
		return cmd
	}
	flags.StringVar(&f.id, "id", "", "how it is called, where the file does not say")
	wantValue(cmd, "an id", "id")
	if govern.IsPolicy(kind) {
		flags.StringVar(&f.scope, "scope", "", "where it is kept, where the file does not say: /, a root's name, or the id of a scope")
		wantValue(cmd, "the id of a scope", "scope")
	}
	return cmd
}

func (a *app) adminRemoveDocument(kind ledger.DocumentKind) *cobra.Command {
	var f documentFlags
	cmd := &cobra.Command{
		Use: "remove ID", Short: "Remove one, as of now", Example: "  bartizan admin " + adminWord(kind) + " remove ID", Args: one,
		RunE: func(cmd *cobra.Command, args []string) error {
			on, err := a.remote(cmd, &f.on)
			if err != nil {
				return err
			}
			if on != nil {
				written, err := on.removeDocument(cmd.Context(), kind, &f, args[0])
				return a.tellWritten(&f, written, err)
			}
			return a.administerEstate(cmd.Context(), &f, func(e *estate.Estate, _ *catalog.Catalog) (*writtenJSON, error) {
				return removeDocument(cmd.Context(), e, kind, &f, args[0])
			})
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only say what it would do")
	return cmd
}

// administerEstate opens what is kept for a change of a document, and prints what
// that came to.
func (a *app) administerEstate(ctx context.Context, f *documentFlags, work func(*estate.Estate, *catalog.Catalog) (*writtenJSON, error)) (err error) {
	builtIn, err := catalog.Load()
	if err != nil {
		return err
	}
	s, _, err := f.open(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	e, err := estate.Open(ctx, s, estate.Options{Catalog: builtIn, Now: a.Now}) // it takes no inventory in, and needs no key
	if err != nil {
		return err
	}
	if err := e.Rejudge(ctx, nil); err != nil {
		return err
	}
	written, err := work(e, builtIn)
	var wrong govern.Problems
	var needed *estate.NeededError
	if errors.As(err, &wrong) || errors.As(err, &needed) {
		err = usage(err)
	}
	return a.tellWritten(f, written, asUsage(err))
}

// tellWritten prints what a change of a document came to.
func (a *app) tellWritten(f *documentFlags, written *writtenJSON, err error) error {
	if err != nil {
		return err
	}
	for _, w := range written.Warnings {
		a.note("%s", w)
	}
	what := [2]string{"id", written.ID}
	if written.Documents > 0 {
		what = [2]string{"documents", fmt.Sprint(written.Documents)}
	}
	return a.tellMade(f.format, written, what, [2]string{"checks", fmt.Sprint(written.Checks)},
		[2]string{"resources", fmt.Sprint(written.Resources)}, [2]string{"score", percentText(written.ScoreBefore) + " → " + percentText(written.ScoreAfter)})
}

func percentText(p *float64) string {
	if p == nil {
		return "none"
	}
	return fmt.Sprintf("%.2f %%", *p)
}

// inFile says in which file something is wrong.
func inFile(file string, err error) error {
	var wrong govern.Problems
	if !errors.As(err, &wrong) {
		return err
	}
	lines := make([]string, len(wrong))
	for i, p := range wrong {
		lines[i] = file + ":" + p.Error()
		if p.Pos.Line == 0 {
			lines[i] = file + ": " + p.Error()
		}
	}
	return usage(errors.New(strings.Join(lines, "\n")))
}

func setDocument(ctx context.Context, e *estate.Estate, c *catalog.Catalog, kind ledger.DocumentKind, f *documentFlags, text []byte) (*writtenJSON, error) {
	if govern.IsPolicy(kind) {
		ps, err := govern.ParsePolicies(kind, govern.Home{ID: f.id, Scope: f.scope}, text)
		if err != nil {
			return nil, err
		}
		var scopes []string
		for _, p := range ps {
			if !slices.Contains(scopes, p.Scope) {
				scopes = append(scopes, p.Scope)
			}
		}
		return changePolicy(ctx, e, estate.PolicyRequest{Kind: kind, ID: ps[0].ID, Policy: ps[0], Others: ps[1:], DryRun: f.dryRun}, scopes...)
	}
	d, err := govern.Parse(kind, text)
	if err != nil {
		return nil, err
	}
	for _, id := range d.Rules() {
		if _, kept := e.Policies().Find(ledger.Definition, id); !kept && !slices.ContainsFunc(c.Entries(), func(e catalog.Entry) bool { return e.ID == id }) {
			return nil, govern.Problems{{Path: "recommendation", Want: "there is no recommendation or kept definition " + id}}
		}
	}
	if err := e.NameWholly(ctx, d); err != nil {
		return nil, err
	}
	warnings, err := e.CheckReferences(d, func(*govern.Policy) bool { return true })
	if err != nil {
		return nil, err
	}
	id := strings.ToLower(f.id)
	if x, ok := d.(*govern.Exemption); ok && x.IsAzures() && id != "" && id != x.ID {
		return nil, govern.Problems{{Path: "id", Want: "it says itself how it is called; leave --id out"}}
	}
	if id == "" {
		id = d.Name()
	}
	if id == "" {
		if id, err = access.NewID(rand.Reader); err != nil {
			return nil, err
		}
	}
	written, err := previewed(ctx, e, kind, id, d, d)
	if err != nil {
		return nil, err
	}
	if written.Warnings = append(warnings, written.Warnings...); f.dryRun {
		return written, nil
	}
	kept, err := govern.Text(d)
	if err != nil {
		return nil, err
	}
	commit, err := e.SetDocument(ctx, account.System, kind, id, kept)
	written.Commit = int64(commit.Number)
	return written, err
}

func removeDocument(ctx context.Context, e *estate.Estate, kind ledger.DocumentKind, f *documentFlags, id string) (*writtenJSON, error) {
	if govern.IsPolicy(kind) {
		p, ok := e.Policies().Find(kind, id)
		if !ok {
			return nil, access.Errorf(access.Missing, "there is no %s %s", kind.Words(), id)
		}
		return changePolicy(ctx, e, estate.PolicyRequest{Kind: kind, ID: p.ID, DryRun: f.dryRun}, p.Scope)
	}
	id = strings.ToLower(id)
	d, ok := e.Document(kind, id)
	if !ok {
		return nil, access.Errorf(access.Missing, "there is no %s %s", kind.Words(), id)
	}
	written, err := previewed(ctx, e, kind, id, nil, d)
	if err != nil || f.dryRun {
		return written, err
	}
	commit, err := e.RemoveDocument(ctx, account.System, kind, id)
	written.Commit = int64(commit.Number)
	return written, err
}

func changePolicy(ctx context.Context, e *estate.Estate, r estate.PolicyRequest, scopes ...string) (*writtenJSON, error) {
	r.Of = &index.Filter{Scopes: scopes}
	p, commit, err := e.ChangePolicy(ctx, account.System, r)
	if err != nil {
		return nil, err
	}
	written := writtenOf(r.ID, p)
	written.Commit, written.Warnings = int64(commit.Number), p.Warnings
	if r.Policy == nil {
		return written, nil
	}
	if len(r.Others) > 0 {
		written.ID, written.Documents = "", 1+len(r.Others)
	}
	written.Warnings = append(written.Warnings, govern.Warnings(append([]*govern.Policy{r.Policy}, r.Others...))...)
	return written, nil
}

// previewed says what a change would do where the document lies.
func previewed(ctx context.Context, e *estate.Estate, kind ledger.DocumentKind, id string, d, lies govern.Document) (*writtenJSON, error) {
	p, err := e.PreviewDocument(ctx, kind, id, d, index.Filter{Scopes: e.Scopes(lies)})
	if err != nil {
		return nil, err
	}
	written := writtenOf(id, p)
	written.Warnings = p.Warnings
	return written, nil
}

func writtenOf(id string, p *estate.Preview) *writtenJSON {
	w := &writtenJSON{ID: id, Checks: p.Checks, Resources: p.Resources}
	if p.Before.HasScore {
		w.ScoreBefore = &p.Before.Percent
	}
	if p.After.HasScore {
		w.ScoreAfter = &p.After.Percent
	}
	return w
}
