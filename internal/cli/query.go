package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/client"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// The formats of a query's result.
const (
	formatJSONL  = "jsonl"
	formatCSV    = "csv"
	formatResult = "result"
)

var queryFormats = []string{formatTable, formatJSON, formatJSONL, formatCSV, formatResult}

// allTables is what --schema without a table stands for.
const allTables = "*"

// mostRows is how many rows a result may have that is not streamed, unless
// --max-rows says otherwise: as many as Kusto gives.
const mostRows = 500_000

// anyRows is what --max-rows is that was not given.
const anyRows = math.MinInt32

// leastMemory is what every query may hold.
const leastMemory = 1e6

// queryFlags say what is asked, of what, and how the answer is printed.
type queryFlags struct {
	database  databaseFlags
	server    serverFlags
	scopes    []string // with a server
	at        string   // with a server
	estate    estateFlags
	inventory []string
	tables    []string
	params    []string
	format    string
	name      string
	cases     string
	schema    string
	list      bool
	explain   bool
	memory    string
	rows      int
	timeout   time.Duration
}

func (a *app) queryCommand() *cobra.Command {
	f := &queryFlags{format: formatTable, memory: "512MB", rows: anyRows}
	cmd := &cobra.Command{
		Use:   "query [QUERY|@FILE|-] [--inventory PATH]...",
		Short: "Ask questions in KQL, as of Azure Resource Graph",
		Long: `Runs a query in KQL, the language of Azure Resource Graph, over exported
inventories and over what Bartizan says of them. Public queries for Resource
Graph run as they are; AWS, Google Cloud and machines stand in the same tables.

A query is given as text, as @FILE or on standard input with -; without one, on
a terminal, questions are asked one after the other. --inventory takes what
assess takes as PATH; behind it further arguments are PATHs too. It gives the
tables of Resource Graph (--schema lists them): resources, resourcecontainers,
securityresources with every check, score and control, policyresources and the
others. Only what the query needs is read and assessed. --tables adds tables of
your own: CSV files, whose headers may say name:type (and have to where a name
has a colon in it), or JSON lines, which may begin with
{"$schema":[[name,type]…]}. Files whose names do not end in .csv or .tsv are
read as JSON lines, unless NAME=csv:FILE says otherwise.

--data and --database ask what bartizan import keeps there, in the place of
files, and --server a Bartizan server, as far as the token's owner may see it.

--list names questions that come with Bartizan, --name asks one of them, in the
place of a query: bartizan query --name NAME --inventory PATH….`,
		Example: `  bartizan query 'resources | summarize count() by type' --inventory export/
  bartizan query @unhealthy.kql --inventory azure.json aws/ --format csv
  bartizan query --name unhealthy-by-severity --inventory export/ aws/
  bartizan query --name unhealthy-by-severity --data /var/lib/bartizan
  bartizan query 'resources | count' --server https://posture.example.com --token-file token
  bartizan query 'sales | summarize sum(price) by city' --tables sales=sales.csv
  bartizan query --schema securityresources
  bartizan query --inventory export/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.query(cmd, f, args)
		},
	}
	f.register(cmd)
	return cmd
}

func (f *queryFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.inventory, "inventory", nil, "file or folder with an inventory, or - for standard input (repeatable; with it, arguments behind the query are PATHs too)")
	flags.StringSliceVar(&f.tables, "tables", nil, "tables of your own: NAME=FILE or NAME=FORMAT:FILE, with csv, tsv or jsonl as FORMAT (repeatable)")
	flags.StringArrayVar(&f.params, "param", nil, "value of a declared query parameter: NAME=VALUE (repeatable)")
	choiceFlag(cmd, &f.format, "format", "how to print it", queryFormats...)
	flags.StringVar(&f.name, "name", "", "ask one of the questions that --list names")
	flags.BoolVar(&f.list, "list", false, "list the questions that come with Bartizan")
	flags.StringVar(&f.schema, "schema", "", "list the tables, or the columns of the table that is the argument")
	flags.Lookup("schema").NoOptDefVal = allTables
	flags.BoolVar(&f.explain, "explain", false, "print the plan, with what is left to the tables, instead of running it")
	flags.StringVar(&f.cases, "cases", "", "file of JSON lines {id, query, tables}: answer each on a line")
	flags.StringVar(&f.memory, "max-memory", f.memory, "most memory that a query may hold: a number with kB, MB or GB")
	flags.IntVar(&f.rows, "max-rows", f.rows, "most rows of a result, 0 for any number (default 500000; any number of jsonl and csv)")
	flags.Lookup("max-rows").DefValue = "0"
	flags.DurationVar(&f.timeout, "timeout", 0, "end a query that runs longer, such as 30s or 5m; 0: never")
	flags.Lookup("timeout").DefValue = ""
	f.estate.register(cmd)
	f.database.register(cmd)
	f.server.register(cmd)
	flags.StringArrayVar(&f.scopes, "scope", nil, "with --server: only what lies in this scope (repeatable; any of them)")
	flags.StringVar(&f.at, "at", "", "with --server: as of then, a day (its end, UTC) or a time such as 2026-01-31T10:00:00Z")
	wantValue(cmd, "the id of a scope", "scope")
	wantValue(cmd, "a day or a time", "at")
	for _, kept := range []string{"data", "database"} {
		for _, other := range []string{"inventory", "hierarchy", "complete", "partial"} {
			cmd.MarkFlagsMutuallyExclusive(kept, other)
		}
	}
	wantValue(cmd, "the name of a file or folder", "inventory")
	wantValue(cmd, "NAME=FILE or NAME=FORMAT:FILE", "tables")
	wantValue(cmd, "NAME=VALUE", "param")
	wantValue(cmd, "a name that --list has", "name")
	wantValue(cmd, "the name of a file", "cases")
	wantValue(cmd, "the name of a table", "schema")
	wantValue(cmd, "a number with kB, MB or GB", "max-memory")
	_ = cmd.RegisterFlagCompletionFunc("name", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return questionNames(), cobra.ShellCompDirectiveNoFileComp
	})
}

// query does what the flags ask for.
func (a *app) query(cmd *cobra.Command, f *queryFlags, args []string) error {
	for _, group := range [][]string{
		{"cases", "list", "name", "schema"},
		{"cases", "explain"},
		{"explain", "list"},
		{"explain", "schema"},
		{"cases", "format"},
		{"explain", "format"}, // whose answers have one form
	} {
		if err := oneOf(cmd, group); err != nil {
			return err
		}
	}
	if f.list {
		if len(args) > 0 {
			return usagef("%d arguments: want none with --list", len(args))
		}
		return a.listQuestions(cmd.Context(), f)
	}
	limited, stop := f.limited(cmd.Context())
	defer stop()
	a.reading = limited
	s, args, err := a.session(cmd, f, args)
	if err != nil {
		return late(limited, err)
	}
	switch {
	case cmd.Flags().Changed("schema") && s.remote != nil:
		if s.own, err = s.serverSchema(cmd.Context()); err != nil {
			return err
		}
		s.estate = nil
		return s.printSchema(cmd.Context(), args)
	case cmd.Flags().Changed("schema"):
		if err := s.readAll(limited); err != nil {
			return late(limited, err)
		}
		return s.printSchema(cmd.Context(), args)
	case f.cases != "":
		return s.answerCases(cmd.Context(), args)
	}
	text, from, err := s.text(args)
	switch {
	case err != nil:
		return late(limited, err)
	case text == "" && from == "":
		if err := s.readAll(limited); err != nil {
			return late(limited, err)
		}
		return s.prompt(cmd.Context())
	}
	return s.ask(limited, text, from)
}

// oneOf tells of flags that say different things to do.
func oneOf(cmd *cobra.Command, names []string) error {
	var given []string
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	if len(given) < 2 {
		return nil
	}
	return usagef("%s: want one of them", strings.Join(given, " and "))
}

// session is what queries are asked of, and how.
type session struct {
	*app
	flags   *queryFlags
	options kql.Options
	own     kql.Tables
	files   *ownFiles                  // own, where it is read from files
	estate  *resourcegraph.Estate      // nil without an inventory
	remote  *client.Client             // nil without a server
	bar     func()                     // takes the progress away, until the next query
	silent  *atomic.Bool               // the result is being written
	several bool                       // queries are asked, of which each takes the parameters that it declares
	dotted  bool                       // at the prompt, where commands begin with a dot
	noted   map[inventory.Problem]bool // problems of the inputs
}

// showProgress shows it as long as nothing is written.
func (s *session) showProgress(o *assess.Options) {
	clear := s.progress(o)
	if show := o.Progress; show != nil {
		o.Progress = func(stage string, done, total int64) {
			if !s.silent.Load() {
				show(stage, done, total)
			}
		}
	}
	s.bar = func() {
		s.silent.Store(true)
		clear()
	}
}

// session reads flags and what they name, and gives the arguments that are no PATHs.
func (a *app) session(cmd *cobra.Command, f *queryFlags, args []string) (*session, []string, error) {
	s := &session{app: a, flags: f, own: kql.Named{}, bar: func() {}, silent: &atomic.Bool{}}
	var wrong problemList
	var err error
	s.options, err = f.options(a)
	wrong.add(err)
	paths, rest := f.paths(cmd, args)
	if len(paths) > 0 {
		_, err := f.estate.check(paths)
		wrong.add(err)
	}
	wrong.add(f.tooMany(rest))
	wrong.add(f.stdinOnce(paths, rest))
	wrong.add(f.server.check())
	if !f.server.given() && (len(f.scopes) > 0 || f.at != "") {
		wrong.add(usagef("--scope and --at: want --server with them"))
	}
	if err := wrong.err(); err != nil {
		return nil, nil, err
	}
	if f.server.given() {
		err := s.server(cmd)
		s.meansResources()
		return s, rest, err
	}
	estate := len(paths) > 0 || f.database.given()
	if !estate {
		s.boundMemory()
	}
	if s.files, err = a.ownFiles(f.tables, &tableRoom{limit: s.options.MaxMemory, given: f.memory}); err != nil {
		return nil, nil, err
	}
	s.own = s.files
	if estate {
		o, err := f.estate.options(a, paths)
		kept := 0 // places that imports could not read
		if err == nil && f.database.given() {
			kept, err = f.database.inventory(cmd.Context(), a, &o)
		}
		if err != nil {
			return nil, nil, err
		}
		s.showProgress(&o)
		s.estate = resourcegraph.New(o)
		if f.database.given() {
			s.estate.Rejected(kept)
		}
	}
	s.meansResources()
	return s, rest, nil
}

// tooMany tells of arguments that are neither what is asked nor PATHs.
func (f *queryFlags) tooMany(rest []string) error {
	asked := f.takesArguments()
	if len(rest) <= asked {
		return nil
	}
	place := map[int]string{0: "--name and --cases take the place of the query", 1: "want one query"}[asked]
	return usagef("%q: %s; PATHs stand behind --inventory: --inventory %s", rest[asked], place, rest[asked])
}

// takesArguments is how many arguments are no PATHs: the query, or the table
// whose columns are listed.
func (f *queryFlags) takesArguments() int {
	if f.name != "" || f.cases != "" {
		return 0
	}
	return 1
}

// paths are those of the inventory: what the flag says, and all arguments
// behind the query.
func (f *queryFlags) paths(cmd *cobra.Command, args []string) (paths, rest []string) {
	asked := f.takesArguments()
	if len(f.inventory) == 0 || len(args) <= asked {
		return f.inventory, args
	}
	return append(f.inventory, args[asked:]...), args[:asked]
}

// options are those of every query.
func (f *queryFlags) options(a *app) (kql.Options, error) {
	o := kql.Options{Params: map[string]string{}, Workers: f.estate.workers, MaxRows: f.rows}
	var wrong problemList
	var err error
	if o.Now, err = f.estate.instant(a); err != nil {
		wrong.add(usage(err))
	}
	for _, text := range f.params {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			wrong.add(usagef("--param %q: want NAME=VALUE", text))
		}
		if _, twice := o.Params[name]; twice {
			wrong.add(usagef("--param %s is given twice; want each once", name))
		}
		o.Params[name] = value
	}
	o.MaxMemory, err = parseBytes(f.memory)
	if err != nil {
		wrong.add(usage(fmt.Errorf("--max-memory %w", err)))
	}
	if o.MaxMemory > 0 && o.MaxMemory < leastMemory {
		wrong.add(usagef("--max-memory %q: want at least 1 MB, or 0 for no limit", f.memory))
	}
	if f.timeout < 0 {
		wrong.add(usagef("--timeout %s: want how long a query may run, or 0 for no limit", f.timeout))
	}
	switch {
	case f.rows == anyRows && (f.format == formatJSONL || f.format == formatCSV):
		o.MaxRows = 0
	case f.rows == anyRows:
		o.MaxRows = mostRows
	case f.rows < 0:
		wrong.add(usagef("--max-rows %d: want a number of rows, or 0 for any number", f.rows))
	}
	return o, wrong.err()
}

// text is the query's text and where it comes from: "" for the command line.
// Both are "" where questions are to be asked at a prompt.
func (s *session) text(args []string) (text, from string, err error) {
	switch {
	case s.flags.name != "":
		q, err := s.question(s.flags.name)
		if err != nil {
			return "", "", err
		}
		return q.Text, q.Name, nil
	case len(args) == 0:
		in, isFile := s.In.(*os.File)
		if isFile && s.device(in).Terminal && s.device(s.Out).Terminal {
			return "", "", nil
		}
		return "", "", usagef("want a query: as text, as @FILE, or - for standard input")
	case args[0] == files.Stdin:
		text, err := s.read(files.Stdin)
		return string(text), files.Stdin, err
	case strings.HasPrefix(args[0], "@"):
		text, err := s.read(args[0][1:])
		return string(text), args[0][1:], err
	case strings.TrimSpace(args[0]) == "":
		return "", "", usagef("the query is empty")
	}
	return args[0], "", nil
}

// ask runs one query and prints its result.
func (s *session) ask(ctx context.Context, text, from string) error {
	s.silent.Store(false)
	limited, stop := s.flags.limited(ctx)
	defer stop()
	if s.remote != nil {
		return late(limited, s.askServer(limited, text, from))
	}
	q, err := s.prepare(limited, text, from)
	if err != nil {
		return late(limited, err)
	}
	if err := s.undeclared(q); err != nil {
		return err
	}
	if s.flags.explain {
		_, err := fmt.Fprint(s.Out, q.Explain())
		return err
	}
	err = late(limited, s.print(limited, q.Run(limited)))
	s.bar()
	read := s.estate != nil && s.estate.Asked()
	missing, unknown := s.notRead(limited)
	err = cmp.Or(err, late(limited, unknown))
	var wrong *kql.Error // of what is known only when columns are
	if errors.As(err, &wrong) {
		s.printProblems(text, from, wrong)
		return coded{exitError, errTold}
	}
	if err != nil || !read {
		return err
	}
	s.notes()
	s.noteNotRead(missing, len(missing))
	if s.estate.Empty() {
		return errors.New("no resource found in the input; docs/inventory.md lists the shapes that are read")
	}
	return nil
}

// limited is the context of one query and of what is read for it, which ends after
// --timeout.
func (f *queryFlags) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, f.timeout, lateError(f.timeout))
}

// lateError says that the time of --timeout is over.
type lateError time.Duration

func (e lateError) Error() string {
	return fmt.Sprintf("the query ran longer than %s (--timeout)", time.Duration(e))
}

// late says it of an error that came because the time was over.
func late(limited context.Context, err error) error {
	var over lateError
	if err == nil || !errors.As(context.Cause(limited), &over) {
		return err
	}
	return over
}

// undeclared tells of a --param that a query knows nothing of.
func (s *session) undeclared(q *kql.Query) error {
	declared := q.Params()
	var wrong problemList
	for _, name := range slices.Sorted(maps.Keys(s.options.Params)) {
		switch {
		case s.several || slices.Contains(declared, name):
		case len(declared) == 0:
			wrong.add(usagef("--param %s: the query declares no parameter", name))
		default:
			wrong.add(usagef("--param %s: the query declares %s", name, strings.Join(declared, ", ")))
		}
	}
	return wrong.err()
}

// prepare reads and binds a query; what is wrong with it is printed, and what
// may surprise in it.
func (s *session) prepare(ctx context.Context, text, from string) (*kql.Query, error) {
	q, err := s.bind(ctx, text)
	var wrong *kql.Error
	if errors.As(err, &wrong) {
		s.bar()
		s.printProblems(text, from, wrong)
		return nil, coded{exitError, errTold}
	}
	if err != nil {
		return nil, err
	}
	for _, w := range q.Warnings() {
		s.note("%d:%d: %s", w.Line, w.Column, w.Message)
	}
	return q, nil
}

// question finds a question that comes with the program, if there is what it
// asks of.
func (s *session) question(name string) (*catalog.Question, error) {
	q, near, err := questionNamed(name)
	switch {
	case err != nil:
		return nil, err
	case q == nil && s.dotted:
		return nil, usagef(".ask %s: there is no such question%s; .list names them", name, near)
	case q == nil:
		return nil, usagef("--name %q: there is no such question%s; bartizan query --list names them", name, near)
	}
	for _, table := range q.Tables {
		if _, ok := s.Table(table); !ok {
			return nil, usagef("%s asks of %s: want --inventory PATH", q.Name, strings.Join(q.Tables, ", "))
		}
	}
	return q, nil
}

// questionNamed finds a question that comes with the program, or says which one was
// probably meant.
func questionNamed(name string) (q *catalog.Question, near string, err error) {
	all, err := catalog.Questions()
	if err != nil {
		return nil, "", err
	}
	for _, q := range all {
		if strings.EqualFold(q.Name, name) {
			return q, "", nil
		}
	}
	if found := nearest(name, questionNames()); found != "" {
		near = fmt.Sprintf("; did you mean %s?", found)
	}
	return nil, near, nil
}

func questionNames() []string {
	all, err := catalog.Questions()
	if err != nil {
		return nil
	}
	names := make([]string, len(all))
	for i, q := range all {
		names[i] = q.Name
	}
	return names
}

// nearest is the name that was probably meant, by the means by which commands
// are suggested.
func nearest(name string, names []string) string {
	var all cobra.Command
	for _, n := range names {
		all.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
	}
	all.SuggestionsMinimumDistance = 4
	if near := all.SuggestionsFor(name); len(near) > 0 {
		return near[0]
	}
	return ""
}
