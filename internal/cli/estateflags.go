package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/policy"
)

// mostWorkers bounds --workers: more goroutines than any machine has cores
// would only take memory.
const mostWorkers = 1024

// estateFlags say what is judged, and by which rules: the same for every
// command that reads an estate.
type estateFlags struct {
	catalog      []string
	initiatives  []string
	policies     []string
	standards    []string
	assignments  string
	parameters   string
	exemptions   string
	attestations string
	hierarchy    string
	complete     []string
	partial      bool
	workers      int
	now          string
}

func (f *estateFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.catalog, "catalog", nil, "file or folder with Azure Policy definitions, initiatives, alias tables (repeatable)")
	flags.StringSliceVar(&f.initiatives, "initiative", nil, "judge only this initiative, by name or id (repeatable; adds to --policy)")
	flags.StringSliceVar(&f.policies, "policy", nil, "judge only this policy or recommendation, by name or id (repeatable; adds to --initiative)")
	flags.StringSliceVar(&f.standards, "standard", nil, "tell compliance with these: standards, initiatives of --catalog, files of your own, or all (default: the benchmarks of the clouds that are met)")
	flags.StringVar(&f.assignments, "assignments", "", "file with policy assignments: judge what they assign, where they assign it")
	flags.StringVar(&f.parameters, "parameters", "", "file {policy: {name: value}}: values for parameters")
	flags.StringVar(&f.exemptions, "exemptions", "", "file with exemptions")
	flags.StringVar(&f.attestations, "attestations", "", "file with attestations of what is manual")
	flags.StringVar(&f.hierarchy, "hierarchy", "", "file with the tree above the units, one {id, parent, kind, name} a line")
	flags.StringArrayVar(&f.complete, "complete", nil, "all, SCOPE or SCOPE=TYPE: was read completely, so what is absent is not there (repeatable)")
	flags.BoolVar(&f.partial, "partial", false, "nothing was read completely: what is absent may only be unread")
	flags.IntVar(&f.workers, "workers", 0, "goroutines that judge (0, the default: one a core)")
	flags.StringVar(&f.now, "now", "", "judge as of this time, such as 2026-01-31T10:00:00Z, what rules and exemptions say of dates (default: the present)")
	cmd.MarkFlagsMutuallyExclusive("complete", "partial")
	wantValue(cmd, "the name of a file or folder", "catalog")
	wantValue(cmd, "a name or id", "initiative", "policy")
	wantValue(cmd, "a name or id, the name of a file, or all", "standard")
	completeStandards(cmd)
	wantValue(cmd, "the name of a file", "assignments", "parameters", "exemptions", "attestations", "hierarchy")
	wantValue(cmd, "all, SCOPE or SCOPE=TYPE", "complete")
	wantValue(cmd, wantedTime, "now")
}

// options reads what the flags name and gives the use case's options. What is
// wrong with several of the files is reported at once.
func (f *estateFlags) options(a *app, paths []string) (assess.Options, error) {
	o := assess.Options{
		Initiatives: f.initiatives, Policies: f.policies, Partial: f.partial,
		Workers: f.workers,
	}
	var err error
	if o.Now, err = f.instant(a); err != nil {
		return o, usage(err)
	}
	if o.Complete, err = f.check(paths); err != nil {
		return o, err
	}
	if o.BuiltIn, err = catalog.Load(); err != nil {
		return o, err
	}
	if err := f.readFiles(a, &o); err != nil {
		return o, err
	}
	if err := assess.UnknownNames(&o); err != nil {
		return o, usage(err)
	}
	if len(paths) > 0 {
		o.Inputs, err = a.inputs(paths)
		o.Unread = a.unread
	}
	return o, err
}

// check says all that is wrong with flags and paths without opening a file, and
// gives what --complete says.
func (f *estateFlags) check(paths []string) ([]assess.Completeness, error) {
	var wrong problemList
	if f.workers < 0 || f.workers > mostWorkers {
		wrong.add(fmt.Errorf("--workers %d: want 0 to %d", f.workers, mostWorkers))
	}
	if _, err := parseInstant(f.now); err != nil {
		wrong.add(err)
	}
	if n := standardInputs(paths); n > 1 {
		wrong.add(fmt.Errorf("%d times - among the PATHs: standard input can be read once", n))
	}
	complete, err := completeness(f.complete)
	wrong.add(err)
	wrong.add(assess.CheckComplete(completeFlag, complete))
	if err := wrong.err(); err != nil {
		return nil, usage(err)
	}
	return complete, nil
}

const wantedTime = "a time such as 2026-01-31T10:00:00Z"

// instant is the time as of which is judged.
func (f *estateFlags) instant(a *app) (time.Time, error) {
	if f.now == "" {
		return a.Now(), nil
	}
	return parseInstant(f.now)
}

// parseInstant reads the value of --now; "" is the zero time.
func parseInstant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		return time.Time{}, fmt.Errorf("--now %q: want %s", text, wantedTime)
	}
	return at.UTC(), nil
}

func standardInputs(paths []string) int {
	n := 0
	for _, path := range paths {
		if path == files.Stdin {
			n++
		}
	}
	return n
}

// readFiles reads the small files while it reads the catalogue.
func (f *estateFlags) readFiles(a *app, o *assess.Options) error {
	var wrong problemList
	var library *policy.Library
	var libraryErr error
	var running sync.WaitGroup
	own, err := a.ownStandards(f.standards)
	wrong.add(err)
	o.Standards, o.OwnStandards, o.OwnInitiatives = own.names(), own.standards(), own.initiatives()
	if len(own.files)+len(f.catalog) > 0 {
		running.Go(func() { library, libraryErr = a.library(f.catalog, own.files...) })
	}
	given, err := readOptionFile(a, "parameters", f.parameters, readParameters)
	o.Parameters, o.ParameterPlaces = given.values, given.places
	wrong.add(err)
	o.Assignments, err = readOptionFile(a, "assignments", f.assignments, readAssignments)
	wrong.add(err)
	o.Exemptions, err = readOptionFile(a, "exemptions", f.exemptions, readExemptions)
	wrong.add(err)
	o.Attestations, err = readOptionFile(a, "attestations", f.attestations, readAttestations)
	wrong.add(err)
	told, err := readOptionFile(a, "hierarchy", f.hierarchy, readHierarchy)
	o.Hierarchy = told.scopes
	wrong.add(err)
	running.Wait()
	o.Library = library
	wrong.add(libraryErr)
	if len(wrong) > 0 && libraryErr == nil {
		wrong.add(unknownInStandards(o.BuiltIn, library, &own))
	}
	return wrong.err()
}

// completeFlag is the flag that says what was read completely.
const completeFlag = "--complete"

func completeness(list []string) ([]assess.Completeness, error) {
	return assess.ParseComplete(completeFlag, list)
}
