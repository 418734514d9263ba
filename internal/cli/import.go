package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/terminal"
)

func (a *app) importCommand() *cobra.Command {
	var database databaseFlags
	var on serverFlags
	var root, parent, hierarchy string
	format := "text"
	var complete []string
	var workers int
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "import PATH...",
		Short: "Take exported inventories into a database, judged",
		Long: `Reads what assess reads and keeps it: resources with their history, verdicts,
scores and what moved them. What is new or changed is judged; what is as it was
writes nothing.

A stream is taken as a part of the truth unless it says more: what it does not
have stays. --complete, or read records in the stream, say that everything of a
scope or type is there; what is missing then is gone. A unit lands whole or not
at all. An import that was stopped can be repeated, and goes on.

With --server the inventory is sent to a Bartizan server, which keeps it where the
token's owner may import.

Secrets in resources are replaced by a keyed hash before anything is kept. The
key is ` + sealingFile + ` in the data directory, or $` + sealingSetting.Variable() + `.`,
		Example: `  bartizan import export/
  bartizan import export/ --complete all --data /var/lib/bartizan
  bartizan import aws.jsonl.gz --complete 111122223333=AWS::S3::Bucket
  bartizan import export/ --complete all --dry-run
  bartizan import export/ --root contoso --database postgres://bartizan@db/bartizan
  bartizan import export/ --server https://posture.example.com --token-file token`,
		Args: paths(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var wrong problemList
			if n := standardInputs(args); n > 1 {
				wrong.add(fmt.Errorf("%d times - among the PATHs: standard input can be read once", n))
			}
			if workers < 0 || workers > mostWorkers {
				wrong.add(fmt.Errorf("--workers %d: want 0 to %d", workers, mostWorkers))
			}
			said, err := completeness(complete)
			wrong.add(err)
			wrong.add(on.refuse(cmd, "data", "database", "hierarchy", "workers"))
			wrong.add(assess.CheckComplete(completeFlag, said))
			if err := wrong.err(); err != nil {
				return usage(err)
			}
			if on.given() {
				return a.importToServer(cmd, &on, args, root, parent, complete, dryRun, format)
			}
			o := estate.ImportOptions{Root: root, Parent: parent, DryRun: dryRun, Actor: "system"}
			for _, c := range said {
				if c.All {
					o.CompleteAll = true
					continue
				}
				o.Complete = append(o.Complete, posture.ReadRecord{Scope: c.Scope, Type: orEvery(c.Type), Complete: true})
			}
			told, err := readOptionFile(a, "hierarchy", hierarchy, readHierarchy)
			if err != nil {
				return err
			}
			o.Hierarchy, o.HierarchyAt = told.scopes, told.at
			return a.importPaths(cmd, &database, args, o, workers, format)
		},
	}
	database.register(cmd)
	on.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&root, "root", "", "our own node that new scopes belong below (default: the only one, made as \"default\")")
	flags.StringVar(&parent, "parent", "", "scope below which new units stand that the inputs tell no parent of (default: the root)")
	flags.StringVar(&hierarchy, "hierarchy", "", "file with the tree above the units, one {id, parent, kind, name} a line")
	flags.StringArrayVar(&complete, "complete", nil, "all, SCOPE or SCOPE=TYPE: was read completely, so what is missing is gone (repeatable)")
	flags.BoolVar(&dryRun, "dry-run", false, "say what would be new, changed, gone or rejected, and keep nothing")
	choiceFlag(cmd, &format, "format", "how to print the answer", "text", formatJSON)
	flags.IntVar(&workers, "workers", 0, "goroutines that read and judge (0, the default: one a core)")
	wantValue(cmd, "a name", "root")
	wantValue(cmd, "the id of a scope", "parent")
	wantValue(cmd, "the name of a file", "hierarchy")
	wantValue(cmd, "all, SCOPE or SCOPE=TYPE", "complete")
	return cmd
}

func orEvery(typeName string) string {
	if typeName == "" {
		return "*"
	}
	return typeName
}

// importProgress shows how far an import is on standard error, unless quiet; what it
// returns takes the bar away.
func (a *app) importProgress(o *estate.ImportOptions) func() {
	if a.quiet {
		return func() {}
	}
	p := terminal.NewProgress(a.Err, a.device(a.Err), a.Now)
	o.Progress = func(stage string, done, total int64) {
		if stage == "reading" { // of packed inputs the stored bytes, once more where they are read twice
			p.Update(stage, terminal.Bytes, a.meter.of(total), total)
			return
		}
		p.Update(stage+" units", terminal.Items, done, total)
	}
	return p.Clear
}

func (a *app) importPaths(cmd *cobra.Command, database *databaseFlags, paths []string, o estate.ImportOptions, workers int, format string) (err error) {
	ctx := cmd.Context()
	found, err := a.inputs(paths)
	if err != nil {
		return nothingImported(err)
	}
	o.Unread = a.unread
	for _, in := range found {
		o.Inputs = append(o.Inputs, intake.Input{Name: in.Name, Size: in.Size, Open: in.Open})
	}
	builtIn, err := catalog.Load()
	if err != nil {
		return err
	}
	s, set, key, done, err := database.openForImport(ctx, a, o.DryRun)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	defer a.importProgress(&o)()
	known, err := readIfThere(set.Data, knownFile)
	if err != nil {
		return err
	}
	e, err := estate.Open(ctx, s, estate.Options{Catalog: builtIn, Key: key, Workers: workers, Now: a.Now, Known: known, Scratch: newEstateScratch})
	if err != nil {
		return err
	}
	head := e.Head()
	if !o.DryRun {
		err = e.Rejudge(ctx, func(done, total int64) {
			if o.Progress != nil {
				o.Progress("judging anew", done, total)
			}
		})
	}
	if err != nil {
		return err
	}
	answer, err := e.Import(ctx, o)
	var misused *estate.UsageError
	if errors.As(err, &misused) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	if e.Head() != head || known == nil && !o.DryRun {
		if err := keepKnown(ctx, set.Data, e); err != nil {
			return err
		}
	}
	return a.tellImport(answer, format, o.DryRun)
}

// nothingImported is about an input that ends an import before anything is kept.
func nothingImported(err error) error { return fmt.Errorf("nothing is imported: %w", err) }

// importJSON is what --format json prints.
type importJSON struct {
	Read      int              `json:"read"`
	New       int              `json:"new"`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Deleted   int              `json:"deleted"`
	Rejected  []rejectedJSON   `json:"rejected"`
	Reads     []importReadJSON `json:"reads"`
}

type rejectedJSON struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Reason string `json:"reason"`
	Unread bool   `json:"unread,omitempty"` // the file, to its end
}

type importReadJSON struct {
	Scope    string `json:"scope"`
	Type     string `json:"type"`
	Complete bool   `json:"complete"`
}

// tellImport prints what an import came to. That a file could not be read is an error
// all the same.
func (a *app) tellImport(answer *estate.Answer, format string, dryRun bool) error {
	if err := a.printImport(answer, format); err != nil {
		return err
	}
	return unreadError(answer.Rejected, dryRun)
}

// mostUnreadNamed is how many files that could not be read an error names.
const mostUnreadNamed = 3

// unreadError is that files could not be read to their end; nil for none.
func unreadError(rejected []inventory.Problem, dryRun bool) error {
	met, named := map[string]bool{}, []string(nil)
	for _, p := range rejected {
		if !p.Unread || met[p.File] {
			continue
		}
		if met[p.File] = true; len(met) <= mostUnreadNamed {
			named = append(named, p.File+": "+p.Reason)
		}
	}
	if len(met) == 0 {
		return nil
	}
	if more := len(met) - len(named); more > 0 {
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	words := "is kept"
	if dryRun {
		words = "would be kept"
	}
	return fmt.Errorf("import: files that could not be read: %d (%s); what could be read %s, and no read counts as complete", len(met), strings.Join(named, "; "), words)
}

func (a *app) printImport(answer *estate.Answer, format string) error {
	if format == formatJSON {
		a.notePlaces(answer.Notices)
		out := importJSON{
			Read: answer.Read, New: answer.New, Changed: answer.Changed, Unchanged: answer.Unchanged, Deleted: answer.Deleted,
			Rejected: []rejectedJSON{}, Reads: []importReadJSON{},
		}
		for _, p := range answer.Rejected {
			out.Rejected = append(out.Rejected, rejectedJSON{p.File, p.Line, p.Reason, p.Unread})
		}
		for _, r := range answer.Reads {
			out.Reads = append(out.Reads, importReadJSON{r.Scope, r.Type, r.Complete})
		}
		encoder := json.NewEncoder(a.Out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(out)
	}
	a.notePlaces(answer.Rejected)
	a.notePlaces(answer.Notices)
	parts := []string{fmt.Sprintf("%d resources read", answer.Read)}
	for _, part := range []struct {
		count int
		word  string
	}{{answer.New, "new"}, {answer.Changed, "changed"}, {answer.Unchanged, "as they were"}, {answer.Deleted, "gone"}, {len(answer.Rejected), "places could not be read"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.word))
		}
	}
	_, err := fmt.Fprintln(a.Out, strings.Join(parts, ", "))
	return err
}

// notePlaces tells of problems, each with its place if it has one.
func (a *app) notePlaces(all []inventory.Problem) {
	for _, p := range all {
		if place := p.Place(); place != "" {
			a.note("%s: %s", place, p.Reason)
			continue
		}
		a.note("%s", p.Reason)
	}
}
