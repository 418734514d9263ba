package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

func (a *app) catalogCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "Write and test recommendations",
		Long: `For those who add to the catalogue: a folder with controls.yaml, aliases.yaml,
standards/ and one file for each recommendation. docs/authoring.md tells how.`,
		Example: `  bartizan catalog new azure/storage/storage-secure-transfer --type Microsoft.Storage/storageAccounts
  bartizan catalog test catalog/azure/storage/storage-secure-transfer.yaml`,
		Args: subcommandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.catalogNew(), a.catalogTest())
	return cmd
}

func (a *app) catalogNew() *cobra.Command {
	var draft catalog.Draft
	folder := "catalog"
	cmd := &cobra.Command{
		Use:   "new CLOUD/SERVICE/ID",
		Short: "Scaffold a recommendation",
		Long: `Writes the file of a new recommendation, with marks where words and values go and
cases that agree with its rule; for Azure they do once the rule's field is in
aliases.yaml. Nothing that exists is overwritten, and an id is taken once.`,
		Example: `  bartizan catalog new aws/sqs/sqs-queue-encrypted --type AWS::SQS::Queue
  bartizan catalog new azure/web/webapp-logs --type Microsoft.Web/sites --related Microsoft.Insights/diagnosticSettings`,
		Args: paths(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%d arguments: want one CLOUD/SERVICE/ID", len(args))
			}
			draft.Path = strings.TrimSuffix(args[0], ".yaml")
			text, err := catalog.Scaffold(draft)
			if err != nil {
				return usage(err)
			}
			if !isCatalogue(folder) {
				return usagef("--dir %s: no catalogue there (it has a controls.yaml)", folder)
			}
			if taken, _ := filepath.Glob(filepath.Join(folder, "*", "*", filepath.Base(draft.File()))); len(taken) > 0 {
				return fmt.Errorf("%s is there: an id is unique over all clouds", taken[0])
			}
			name := filepath.Join(folder, filepath.FromSlash(draft.File()))
			if err := writeNew(name, text); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.Out, "%s\nfill it in, then: bartizan catalog test %s\n", name, name)
			return err
		},
	}
	cmd.Flags().StringVar(&draft.Type, "type", "", "type of the resources that are judged")
	cmd.Flags().StringVar(&draft.Related, "related", "", "type of related resources, one of which has to exist")
	cmd.Flags().StringVar(&folder, "dir", folder, "the catalogue's folder")
	wantValue(cmd, "a type of resources", "type", "related")
	wantValue(cmd, "the name of a folder", "dir")
	return cmd
}

func isCatalogue(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "controls.yaml"))
	return err == nil
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

func (a *app) catalogTest() *cobra.Command {
	folder, facts := "catalog", ""
	cmd := &cobra.Command{
		Use:   "test [PATH...]",
		Short: "Check recommendations and judge their cases",
		Long: `Reads the catalogue that the files and folders belong to, says what is wrong with
their form and words, and judges every case. A case that comes out otherwise is shown
with how it was judged: each condition, the path it read, the value it found. A
folder is the catalogue, or what it has of one cloud or one service; without PATH
everything is tested.

Where the catalogue has a folder facts, or --facts names one, commands are held to
the tools' own commands and flags, and types and fields of AWS and Google Cloud to
the providers' own.

Exit code 1 if something is wrong.`,
		Example: `  bartizan catalog test
  bartizan catalog test catalog/aws
  bartizan catalog test catalog/aws/sns/sns-topic-encrypted.yaml`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				found, err := catalogueOf(args)
				if err != nil {
					return err
				}
				folder = found
			}
			if !isCatalogue(folder) {
				return usagef("%s: no catalogue there (it has a controls.yaml); name a PATH or --dir", folder)
			}
			known, err := a.facts(folder, facts)
			if err != nil {
				return err
			}
			return a.testCatalogue(folder, args, known)
		},
	}
	cmd.Flags().StringVar(&facts, "facts", "", "folder that says what tools and providers have; without it the catalogue's own facts/")
	cmd.Flags().StringVar(&folder, "dir", folder, "the catalogue's folder, where no PATH tells it")
	wantValue(cmd, "the name of a folder", "dir", "facts")
	return cmd
}

// facts reads what a catalogue's commands and fields are held to, nil if there
// is nothing.
func (a *app) facts(catalogue, named string) (*catalog.Facts, error) {
	folder := named
	if folder == "" {
		folder = filepath.Join(catalogue, "facts")
		if _, err := os.Stat(folder); err != nil {
			a.note("no %s: commands and fields are not held to the tools and providers; --facts DIR names a folder that tells", folder)
			return nil, nil
		}
	}
	types := []fs.FS{os.DirFS(catalogue)}
	if beside := filepath.Dir(filepath.Clean(folder)); beside != filepath.Clean(catalogue) {
		types = append(types, os.DirFS(beside))
	}
	known, err := catalog.ReadFacts(os.DirFS(folder), types...)
	if err != nil {
		return nil, fmt.Errorf("facts %s: %w", folder, err)
	}
	return known, nil
}

// catalogueOf finds the folder that is a catalogue above files and folders, or one of
// these. What is wrong with several of them is reported at once.
func catalogueOf(names []string) (string, error) {
	var found []string
	var wrong problemList
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			wrong.add(err)
			continue
		}
		folder := filepath.Join(name, "..", "..", "..")
		if info.IsDir() {
			folder = catalogueAbove(name)
		}
		switch {
		case folder == "":
			wrong.add(usagef("%s: want a catalogue, or a folder CATALOGUE/CLOUD or CATALOGUE/CLOUD/SERVICE of one; neither this nor the two above it is a catalogue (it has a controls.yaml)", name))
		case !isCatalogue(folder):
			wrong.add(usagef("%s: want a file CATALOGUE/CLOUD/SERVICE/ID.yaml; %s is no catalogue (it has no controls.yaml)", name, folder))
		case !slices.Contains(found, folder):
			found = append(found, folder)
		}
	}
	if len(found) > 1 {
		wrong.add(usagef("%s are %d catalogues: test one at a time", strings.Join(found, " and "), len(found)))
	}
	if err := wrong.err(); err != nil {
		return "", err
	}
	return found[0], nil
}

// catalogueAbove gives the catalogue that a folder is, or is a cloud or a service of;
// "" for none.
func catalogueAbove(folder string) string {
	for _, at := range []string{folder, filepath.Join(folder, ".."), filepath.Join(folder, "..", "..")} {
		if isCatalogue(at) {
			return filepath.Clean(at)
		}
	}
	return ""
}

// askedFiles tells which files of a catalogue are asked for: those of some names,
// which are of files or of folders, or all of them where there are none.
type askedFiles []string // below the catalogue, with slashes; "." is the catalogue

func newAskedFiles(folder string, names []string) (askedFiles, error) {
	var all askedFiles
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		at, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		below, err := filepath.Rel(root, at)
		if err != nil {
			return nil, err
		}
		all = append(all, filepath.ToSlash(below))
	}
	return all, nil
}

func (all askedFiles) has(file string) bool {
	return len(all) == 0 || slices.ContainsFunc(all, func(name string) bool { return isOf(file, name) })
}

// isOf reports whether a file has a name or lies in the folder of that name.
func isOf(file, name string) bool {
	return name == "." || file == name || strings.HasPrefix(file, name+"/")
}

// empty gives the names of which no recommendation is.
func (all askedFiles) empty(recommendations []*catalog.Recommendation) (none []string) {
	for _, name := range all {
		if !slices.ContainsFunc(recommendations, func(r *catalog.Recommendation) bool { return isOf(r.File, name) }) {
			none = append(none, filepath.FromSlash(name))
		}
	}
	return none
}

// testCatalogue tells what is wrong with a catalogue, or with some files of it.
func (a *app) testCatalogue(folder string, names []string, facts *catalog.Facts) error {
	only, err := newAskedFiles(folder, names)
	if err != nil {
		return err
	}
	asked := only.has
	c, problems := catalog.ParseAll(os.DirFS(folder))
	recommendations, err := c.Recommendations()
	if err != nil {
		return err
	}
	builtIn, err := ours()
	if err != nil {
		return err
	}
	problems = append(problems, catalog.SharedWith(recommendations, builtIn)...)
	for _, r := range recommendations {
		if facts != nil && asked(r.File) {
			problems = append(problems, facts.Check(r)...)
		}
	}
	problems.Sort()
	wrong := map[string]bool{}
	told := 0
	for _, p := range problems {
		wrong[p.File] = true
		// What is wrong with the shared files may come from the new one.
		if !asked(p.File) && !(p.With != "" && asked(p.With)) && strings.Count(p.File, "/") > 1 {
			continue
		}
		told++
		p.File = filepath.Join(folder, p.File)
		if _, err := fmt.Fprintln(a.Out, p.Error()); err != nil {
			return err
		}
	}
	t := caseTest{app: a, folder: folder, wrong: wrong}
	if err := t.all(c, asked); err != nil {
		return err
	}
	if none := only.empty(recommendations); len(none) > 0 && told == 0 {
		return usagef("%s: want recommendations; there is none of %s in it", strings.Join(none, ", "), folder)
	}
	skipped := ""
	if t.skipped > 0 {
		skipped = fmt.Sprintf(", %d not judged", t.skipped)
	}
	if _, err := fmt.Fprintf(a.Out, "%s, %s: %s, %s failed%s\n", several(t.recommendations, "recommendation"), several(t.cases+t.skipped, "case"), several(told, "problem"), several(t.failed, "case"), skipped); err != nil {
		return err
	}
	if told+t.failed > 0 {
		return errTold
	}
	return nil
}

// ours are the built-in recommendations.
func ours() ([]*catalog.Recommendation, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	return c.Recommendations()
}

// caseTest judges cases and prints what is not as wanted.
type caseTest struct {
	*app
	folder                         string
	wrong                          map[string]bool // files with problems, whose rules may not be whole
	recommendations, cases, failed int
	skipped                        int // cases that say nothing, because of what is wrong with their files
}

// all judges the cases of the recommendations whose files are asked for.
func (t *caseTest) all(c *catalog.Catalog, asked func(file string) bool) error {
	trial, err := catalog.NewTrial(c)
	if err != nil {
		return err
	}
	recommendations, err := c.Recommendations()
	if err != nil {
		return err
	}
	aliases, err := c.Aliases()
	if err != nil {
		return err
	}
	noAliases := t.wrong["aliases.yaml"] && string(aliases) == "{}" // it could not be read, which is told
	for _, r := range recommendations {
		if !asked(r.File) {
			continue
		}
		t.recommendations++
		if noAliases && r.Cloud == posture.Azure {
			t.skipped += len(r.Cases)
			continue
		}
		for _, one := range r.Cases {
			if err := t.one(trial, r, one); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *caseTest) one(trial *catalog.Trial, r *catalog.Recommendation, c catalog.Case) error {
	place := fmt.Sprintf("%s:%d", filepath.Join(t.folder, filepath.FromSlash(r.File)), c.Line)
	if c.Want == 0 {
		return t.skip(place, c)
	}
	outcome, err := trial.Judge(r, c)
	if err != nil {
		if t.wrong[r.File] {
			return t.skip(place, c)
		}
		return err
	}
	t.cases++
	for _, path := range outcome.IdleUnread {
		if _, err := fmt.Fprintf(t.Out, "%s: case %s: %s\n", place, c.Name, idleUnread(path)); err != nil {
			return err
		}
	}
	differs := outcome.Differs(c)
	if differs == "" {
		return t.fix(trial, r, c, place)
	}
	if t.wrong[r.File] && len(outcome.Warnings) > 0 {
		t.cases--
		return t.skip(place, c) // of an alias that is not there, for one: told, and every case would tell it again
	}
	t.failed++
	_, err = fmt.Fprintf(t.Out, "%s: case %s: %s\n%s\n", place, c.Name, differs, indented(outcome.Explanation.Text()))
	return err
}

// skip tells of a case that says nothing, because of what is wrong with its file.
func (t *caseTest) skip(place string, c catalog.Case) error {
	t.skipped++
	_, err := fmt.Fprintf(t.Out, "%s: case %s: not judged, because of the problems of the file\n", place, c.Name)
	return err
}

// fix tells if the fix does not mend an unhealthy case.
func (t *caseTest) fix(trial *catalog.Trial, r *catalog.Recommendation, c catalog.Case, place string) error {
	fails, err := trial.FixFails(r, c)
	if err != nil || fails == "" {
		return err
	}
	t.failed++
	_, err = fmt.Fprintf(t.Out, "%s: case %s: %s\n", place, c.Name, fails)
	return err
}

// idleUnread tells of a path of a case's unread that changes nothing.
func idleUnread(path string) string {
	return fmt.Sprintf("note: unread %q has no effect: the rule reads nothing there", path)
}

// indented sets every line of text in.
func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

// several writes a count with its noun.
func several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
