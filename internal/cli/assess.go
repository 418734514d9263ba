package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/baseline"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/report"
)

func (a *app) assessCommand() *cobra.Command {
	var estate estateFlags
	var shown filterFlags
	var out outputFlags
	var limits thresholdFlags
	var earlier baselineFlags
	var on serverFlags
	cmd := &cobra.Command{
		Use:   "assess PATH...|--server URL",
		Short: "Assess exported inventories",
		Long: `Reads inventories, judges every resource and says how secure the estate is.

A PATH is a file, a folder (all files in it) or - for standard input; .gz and
.zst are unpacked. The shape is recognised: Azure Resource Manager JSON, output
of az resource list and az graph query, AWS Config snapshots and
CloudFormation-shaped lines, Google Cloud Asset exports, machines.

Without flags the built-in recommendations are judged. --catalog adds Azure
Policy definitions; all of them are judged with their default parameters unless
--initiative, --policy or --assignments choose. What --initiative and --policy
name adds up; of it, what --assignments assigns is judged where and how it is
assigned, and the rest everywhere. --severity and --state choose the rows and
checks that are printed, --resource-type and --scope the resources that are
counted; neither changes what is judged.

With --server the posture that a Bartizan server keeps is printed, as far as the
token's owner may see it; import sends inventories to it.

A single format goes to standard output and everything else to standard error;
several formats need --output DIR, and then the summary goes to standard output.`,
		Example: `  az graph query -q "resources" --first 1000 -o json > azure.json
  bartizan assess azure.json
  bartizan assess azure.json config-snapshots/ --format json,csv --output report/
  bartizan assess export/ --initiative mcsb-v1 --severity high,critical
  bartizan assess export/ --catalog azure-policy/ --initiative NAME
  bartizan assess export/ --fail-on high --fail-coverage-below 90 --quiet
  bartizan assess export/ --baseline verdicts.jsonl.gz --fail-on-new medium --format md
  zstdcat estate.jsonl.zst | bartizan assess - --format jsonl > verdicts.jsonl
  bartizan assess --server https://posture.example.com --scope contoso --fail-on critical`,
		Args: paths(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			var wrong problemList
			output, err := out.parse()
			wrong.add(err)
			filter, err := shown.parse()
			wrong.add(err)
			threshold, err := limits.parse(cmd)
			wrong.add(err)
			threshold, err = earlier.parse(cmd, threshold)
			wrong.add(err)
			_, err = estate.check(args)
			wrong.add(err)
			wrong.add(on.refuse(cmd, slices.Concat(judgedHere, []string{"resource-type"})...))
			switch {
			case on.given() && len(args) > 0:
				wrong.add(usagef("%s and --server: a server judges what it has; want import to send it more", several(len(args), "PATH")))
			case !on.given() && len(args) == 0:
				wrong.add(usagef("0 arguments: want %s", cmd.Use))
			}
			if err := wrong.err(); err != nil {
				return err
			}
			old, err := earlier.read(a.reading)
			if err != nil {
				return err
			}
			if on.given() {
				c, err := on.client(a)
				if err != nil {
					return err
				}
				return a.assessServer(cmd, &asked{Client: c, scopes: shown.scopes}, estate.standards, filter, old, output, threshold)
			}
			o, err := estate.options(a, args)
			if err != nil {
				return err
			}
			// The use case counts what the thresholds look at; which rows and
			// checks are printed is the report's business.
			o.Filter = assess.Filter{Scopes: shown.scopes, ResourceTypes: shown.types}
			return a.assess(cmd.Context(), o, filter, old, output, threshold)
		},
	}
	estate.register(cmd)
	shown.register(cmd)
	out.register(cmd)
	limits.register(cmd)
	earlier.register(cmd)
	on.register(cmd)
	return cmd
}

// assess runs the use case, writes the report and applies the thresholds.
func (a *app) assess(ctx context.Context, o assess.Options, only report.Filter, old *baseline.Baseline, out output, limits threshold) error {
	o.Evidence = out.checks() || old != nil
	done := a.progress(&o)
	result, checks, err := assess.Run(ctx, o)
	done()
	if err != nil {
		return err
	}
	result.Problems = append(result.Problems, a.leftOut...)
	result.NotEvaluated = append(result.NotEvaluated, a.refused...)
	if !anything(result) {
		return nothingFound(result)
	}
	if err := nothingChosen(o.Filter, result); err != nil {
		return err
	}
	a.purpose = "the baseline"
	comparison, err := compare(old, o, result, checks)
	a.purpose = ""
	if err != nil {
		return err
	}
	run := &report.Run{
		Result: result, Checks: checks, At: o.Now, Version: version, Scopes: result.Scopes,
		Baseline: comparison, Scratch: newScratch,
	}
	if err := a.write(run.Only(only), out); err != nil {
		return err
	}
	return limits.check(result, comparison)
}

// anything says whether the inputs held a resource, printed or not.
func anything(result *assess.Result) bool {
	return slices.ContainsFunc(result.Seen, func(s inventory.Seen) bool { return s.Resources > 0 })
}

// nothingChosen says that a filter leaves nothing to assess: a gate must not pass
// because of a name that was written wrongly. What is known to be there and was not
// read is something.
func nothingChosen(f assess.Filter, result *assess.Result) error {
	types, scopes := strings.Join(f.ResourceTypes, ", "), strings.Join(f.Scopes, ", ")
	hint := ""
	if c := result.Coverage; len(c.NotRead) > 0 {
		hint = "; not read: " + report.NotReadText(c.NotRead[0])
	}
	switch {
	case types == "" && scopes == "", result.Selected > 0, result.Coverage.UnseenCount() > 0:
		return nil
	case len(f.Scopes) > 0 && len(result.Empty) == len(f.Scopes):
		return fmt.Errorf("--scope: no resource of the input is in %s%s", strings.Join(result.Empty, ", "), hint)
	case scopes == "":
		return fmt.Errorf("--resource-type: no resource of the input is of type %s%s", types, hint)
	case types == "":
		return fmt.Errorf("--scope: no resource of the input is in %s%s", scopes, hint)
	}
	return fmt.Errorf("--resource-type, --scope: no resource of the input that is in %s is of type %s%s", scopes, types, hint)
}

// nothingFound says why there is nothing to assess.
func nothingFound(result *assess.Result) error {
	lines := []string{"no resource found in the input; docs/inventory.md lists the shapes that are read"}
	for i, p := range result.Problems {
		if i == 10 {
			lines = append(lines, fmt.Sprintf("and %d more problems", len(result.Problems)-i))
			break
		}
		if place := p.Place(); place != "" {
			p.Reason = place + ": " + p.Reason
		}
		lines = append(lines, p.Reason)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// filterFlags choose what is printed.
type filterFlags struct{ scopes, types, severities, states []string }

func (f *filterFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.severities, "severity", nil, "print only these severities: critical, high, medium, low, notRated")
	flags.StringSliceVar(&f.types, "resource-type", nil, "only resources of these types")
	flags.StringSliceVar(&f.scopes, "scope", nil, "only what lies in these scopes, by id, or has this tag, as tag:KEY=VALUE")
	flags.StringSliceVar(&f.states, "state", nil, "print only these states: unhealthy, unknown, healthy, manual, exempt, notApplicable")
	wantValue(cmd, "a severity", "severity")
	wantValue(cmd, "a state", "state")
	wantValue(cmd, "a type of resources", "resource-type")
	wantValue(cmd, wantedScope, "scope")
	complete(cmd, "severity", severityWords)
	complete(cmd, "state", stateWords)
}

const wantedScope = "the id of a scope, or tag:KEY=VALUE"

// parse says what is wrong with the filter, and gives the part that is the report's.
func (f *filterFlags) parse() (report.Filter, error) {
	var filter report.Filter
	var wrong problemList
	for _, text := range f.severities {
		severity, err := posture.ParseSeverity(text)
		wrong.add(meaning(err, text, severityWords))
		filter.Severities = append(filter.Severities, severity)
	}
	for _, text := range f.states {
		state, err := posture.ParseState(text)
		wrong.add(meaning(err, text, stateWords))
		filter.States = append(filter.States, state)
	}
	for _, scope := range f.scopes {
		if tag, isTag := strings.CutPrefix(scope, "tag:"); isTag && strings.IndexByte(tag, '=') < 1 {
			wrong.add(fmt.Errorf("--scope %q: want %s", scope, wantedScope))
		}
	}
	if err := wrong.err(); err != nil {
		return filter, usage(err)
	}
	return filter, nil
}

// thresholdFlags turn an assessment into a gate.
type thresholdFlags struct {
	severity string
	coverage float64
}

func (f *thresholdFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.severity, "fail-on", "", "exit with 3 if a check of this severity or a higher one is unhealthy")
	cmd.Flags().Float64Var(&f.coverage, "fail-coverage-below", 0, "exit with 4 if the coverage is below this percentage")
	wantValue(cmd, "a severity", "fail-on")
	complete(cmd, "fail-on", severityWords)
}

// threshold is what a result is held against.
type threshold struct {
	findings bool
	severity posture.Severity
	coverage float64 // percent
	// Of checks that a baseline does not have.
	fresh         bool
	freshSeverity posture.Severity
}

func (f *thresholdFlags) parse(cmd *cobra.Command) (threshold, error) {
	t := threshold{findings: cmd.Flags().Changed("fail-on"), coverage: f.coverage}
	if !(f.coverage >= 0 && f.coverage <= 100) { // nor is NaN
		return t, usagef("--fail-coverage-below %v: want 0 to 100", f.coverage)
	}
	if t.findings {
		var err error
		if t.severity, err = posture.ParseSeverity(f.severity); err != nil {
			return t, usage(fmt.Errorf("--fail-on: %w", meaning(err, f.severity, severityWords)))
		}
	}
	return t, nil
}

// orHigher says of which severity checks are that pass a threshold.
func orHigher(severity posture.Severity) string {
	switch severity {
	case posture.NotRated:
		return "of any severity"
	case posture.Critical:
		return "of severity critical"
	}
	return fmt.Sprintf("of severity %s or higher", severity)
}

// check gives an error that names the limits that were passed, with the exit code
// of the first. Nothing judged passes no limit of the coverage.
func (t threshold) check(result *assess.Result, since *baseline.Comparison) error {
	findings, c := 0, result.Coverage
	for _, r := range result.Recommendations {
		if t.findings && r.Severity >= t.severity {
			findings += r.Unhealthy
		}
	}
	if t.findings && t.severity == posture.NotRated {
		findings += result.ControlsUnhealthy
	}
	var missed problemList // the first sets the exit code
	if findings > 0 {
		missed.add(coded{exitFindings, fmt.Errorf("--fail-on %s: %s %s", t.severity, several(findings, "unhealthy check"), orHigher(t.severity))})
	}
	missed.add(t.checkNew(since))
	switch {
	case t.coverage > 0 && c.Judged+c.Unknown == 0:
		missed.add(coded{exitCoverage, fmt.Errorf("--fail-coverage-below %v: nothing was judged", t.coverage)})
	case c.Percent < t.coverage:
		missed.add(coded{exitCoverage, fmt.Errorf("--fail-coverage-below %v: coverage is %v %%", t.coverage, down(c.Percent))})
	case c.Floor() < t.coverage:
		missed.add(coded{exitCoverage, fmt.Errorf("--fail-coverage-below %v: coverage is %v %% with an unknown check for each type that was not read in a scope (%d), %v %% without",
			t.coverage, down(c.Floor()), c.NotJudged, down(c.Percent))})
	}
	return missed.err()
}

// down rounds a percentage down to two decimals: what is below a limit must not look
// as if it had reached it.
func down(percent float64) float64 { return math.Floor(100*percent) / 100 }
