package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

func (a *app) policyTest() *cobra.Command {
	var extra []string
	cmd := &cobra.Command{
		Use:   "test PATH...",
		Short: "Run the cases beside definitions",
		Long: `Judges each case and compares the state. Cases stand in an array: in the
definition's own file as "cases" (JSON or YAML), or in a file beside it,
NAME.cases.json beside NAME.json. A case is

  {"name": "open", "resource": {...}, "want": "unhealthy"}

and may have related (other resources of the unit), complete (types that were
read completely), collected (whether the body was wholly read; it is if it has
properties), unread (paths), parameters, now, reason, effect. docs/commands.md describes them.

Exit code 1 if a case fails or there is none.`,
		Example: `  bartizan policy test require-tls.json
  bartizan policy test policies/ --catalog aliases.json.gz`,
		Args: paths(1),
		RunE: func(_ *cobra.Command, args []string) error {
			aliases, err := a.aliases(extra)
			if err != nil {
				return err
			}
			told := slices.Clone[[]string]
			if len(extra) == 0 {
				told = hinted
			}
			return a.test(args, aliases, told)
		},
	}
	cmd.Flags().StringArrayVar(&extra, "catalog", nil, "file or folder with alias tables (repeatable); without it the built-in table, which has the commonest")
	wantValue(cmd, "the name of a file or folder", "catalog")
	return cmd
}

// aliases gives the alias table that --catalog brings, else the built-in one.
func (a *app) aliases(extra []string) (*policy.Aliases, error) {
	if len(extra) > 0 {
		lib, err := a.library(extra)
		if err != nil {
			return nil, err
		}
		if lib.Aliases != nil {
			return lib.Aliases, nil
		}
	}
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	table, err := c.Aliases()
	if err != nil {
		return nil, err
	}
	aliases := policy.NewAliases()
	return aliases, aliases.LoadAliasDump(table)
}

// test runs all cases of the files in paths and prints what is not as wanted.
// Told is what to say of warnings.
func (a *app) test(paths []string, aliases *policy.Aliases, told func([]string) []string) error {
	all, problems, err := testFiles(a.reading, paths)
	if err != nil {
		return err
	}
	if err := problems.Err(); err != nil {
		return err
	}
	cases, failed := 0, 0
	for _, t := range all {
		for _, c := range t.cases {
			cases++
			wrong, idle := t.run(c, aliases, told)
			for _, path := range idle {
				if _, err := fmt.Fprintf(a.Out, "%s:%d: case %q: %s\n", t.file, c.pos.Line, c.name, idleUnread(path)); err != nil {
					return err
				}
			}
			if wrong != "" {
				failed++
				if _, err := fmt.Fprintf(a.Out, "%s:%d: case %q: %s\n", t.file, c.pos.Line, c.name, wrong); err != nil {
					return err
				}
			}
		}
	}
	if _, err := fmt.Fprintf(a.Out, "%d cases of %d definitions: %d failed\n", cases, len(all), failed); err != nil {
		return err
	}
	switch {
	case cases == 0:
		return errors.New("policy test: no cases; want some as \"cases\" in a definition's file, or in NAME.cases.json beside NAME.json")
	case failed > 0:
		return errTold
	}
	return nil
}

// testFiles reads the definitions that paths name, with the cases inside or
// beside them.
func testFiles(ctx context.Context, paths []string) ([]*tested, policy.Problems, error) {
	texts := map[string][]byte{}
	var names []string
	inputs, notes, err := files.ExpandNotes(paths)
	if err != nil && len(notes) == 0 {
		return nil, nil, err
	}
	for _, n := range notes {
		if isYAML(n.Path) && !n.Twice && !n.Hidden {
			inputs = append(inputs, files.Input{Path: n.Path})
		}
	}
	for _, in := range inputs {
		text, err := in.Text(ctx)
		if err != nil {
			return nil, nil, err
		}
		texts[in.Path] = []byte(text)
		names = append(names, in.Path)
	}
	slices.Sort(names)
	var all []*tested
	var problems policy.Problems
	for _, name := range names {
		if isCases(name) {
			of := name[:len(name)-len(casesSuffix)] + ".json"
			if _, there := texts[of]; !there && sibling(ctx, of) == nil {
				problems = append(problems, policy.Problem{File: name, Text: "cases of no definition; want it beside them in " + of})
			}
			continue
		}
		beside := strings.TrimSuffix(name, ".json") + casesSuffix
		if _, ok := texts[beside]; !ok {
			texts[beside] = sibling(ctx, beside)
		}
		t, wrong := caseFile(name, texts[name], beside, texts[beside])
		problems = append(problems, wrong...)
		if t != nil {
			all = append(all, t)
		}
	}
	return all, problems, nil
}

// sibling reads the file with the cases of a definition that was named alone;
// nil if there is none.
func sibling(ctx context.Context, name string) []byte {
	found, err := files.Expand([]string{name})
	if err != nil {
		return nil
	}
	text, err := found[0].Text(ctx)
	if err != nil {
		return nil
	}
	return []byte(text)
}

// run judges a case and says how the outcome differs, "" if it does not, and
// which paths of unread change nothing.
func (t *tested) run(c testCase, aliases *policy.Aliases, told func([]string) []string) (wrong string, idle []string) {
	resource, err := policy.ParseResource(c.resource)
	if err != nil {
		return err.Error(), nil
	}
	asAssessed(resource)
	if c.said {
		resource.Partial = !c.collected
	}
	for _, path := range c.unread {
		resource.Gaps = append(resource.Gaps, policy.Gap{Path: path, Reason: posture.NotCollected.String()})
	}
	bound, env := t.bound(c.parameters), policy.Environment{Aliases: aliases, Related: c, Now: c.now}
	return c.differs(bound.Judge(resource, env), told), bound.IdleGaps(resource, env)
}

// differs says how a verdict differs from the one that a case wants, "" if it
// does not.
func (c testCase) differs(v policy.Verdict, told func([]string) []string) string {
	got := stateOf(v.Compliance)
	warnings := ""
	if len(v.Warnings) > 0 {
		warnings = " (" + strings.Join(told(v.Warnings), "; ") + ")"
	}
	switch {
	case got != c.want:
		return fmt.Sprintf("got %s, want %s%s", got, c.want, warnings)
	case c.reason != "" && !slices.Contains(v.Reasons, c.reason):
		return fmt.Sprintf("unknown because of %s, want %s%s", strings.Join(v.Reasons, ", "), c.reason, warnings)
	case c.effect != "" && !strings.EqualFold(c.effect, v.Effect):
		return fmt.Sprintf("effect %q, want %q%s", v.Effect, c.effect, warnings)
	}
	return ""
}

// stateOf puts Azure's word for a result into ours.
func stateOf(compliance string) posture.State {
	switch compliance {
	case policy.Compliant, policy.Protected:
		return posture.Healthy
	case policy.NonCompliant:
		return posture.Unhealthy
	case policy.Unattested:
		return posture.Manual
	case policy.NoResult:
		return posture.NotApplicable
	}
	return posture.Unknown
}

// Candidates gives the related resources of a case: of the type that is looked
// for, below the resource where that is asked.
func (c testCase) Candidates(r *policy.Resource, q policy.Query) (found []*policy.Resource, complete bool, reason string) {
	complete = contains(c.complete, q.Type)
	for _, body := range c.related {
		candidate, err := policy.ParseResource(body)
		if err != nil || !strings.EqualFold(candidate.Type, q.Type) {
			continue
		}
		candidate.Partial = !inventory.IsWhole(candidate.Type, candidate.Body)
		complete = complete || c.complete == nil
		if q.Relation == policy.InGroup || q.Relation == policy.InSubscription || posture.Within(candidate.ID, r.ID) {
			found = append(found, candidate)
		}
	}
	return found, complete, posture.NotCollected.String()
}
