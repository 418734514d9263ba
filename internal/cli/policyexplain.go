package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/policy"
)

func (a *app) policyExplain() *cobra.Command {
	var extra []string
	var parameters string
	format := formatText
	cmd := &cobra.Command{
		Use:   "explain DEFINITION RESOURCE",
		Short: "Show how a definition judges a resource",
		Long: `Judges the resource in the file RESOURCE by the definition in the file DEFINITION
and shows each condition, the path it read, the value it found and the outcome.
What a resource without properties lacks was not read: what rests on it is unknown.
Related resources are not known here; "bartizan explain" knows a whole estate.`,
		Example: `  bartizan policy explain require-tls.json account.json
  az resource show --ids "/subscriptions/.../storageAccounts/shop" | bartizan policy explain require-tls.json - --format json`,
		Args: cobra.MatchAll(paths(2), cobra.MaximumNArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error {
			given, err := readOptionFile(a, "parameters", parameters, readParameters)
			if err != nil {
				return err
			}
			aliases, err := a.aliases(extra)
			if err != nil {
				return err
			}
			definition, err := a.definition(args[0])
			if err != nil {
				return err
			}
			resource, flattened, err := a.resource(args[1])
			if err != nil {
				return err
			}
			bound := policy.Bind(definition, parametersOf(definition, given.values), policy.KnowingID)
			explained := bound.Explain(resource, policy.Environment{Aliases: aliases, Now: a.Now()})
			if len(extra) == 0 {
				explained.Verdict.Warnings = hinted(explained.Verdict.Warnings)
			}
			if flattened != "" {
				explained.Verdict.Warnings = append(explained.Verdict.Warnings, flattened)
			}
			return a.printExplanation(explained, format)
		},
	}
	cmd.Flags().StringArrayVar(&extra, "catalog", nil, "file or folder with alias tables (repeatable); without it the built-in table, which has the commonest")
	cmd.Flags().StringVar(&parameters, "parameters", "", "file {policy: {name: value}}: values for parameters")
	wantValue(cmd, "the name of a file or folder", "catalog")
	wantValue(cmd, "the name of a file", "parameters")
	choiceFlag(cmd, &format, "format", "how to print it", formatText, formatJSON)
	return cmd
}

// hinted says after each unknown alias, where there is only the built-in table, how
// to bring another.
func hinted(warnings []string) []string {
	told := slices.Clone(warnings)
	for i, w := range told {
		told[i] = hintedOne(w)
	}
	return told
}

func hintedOne(warning string) string {
	if !strings.HasPrefix(warning, "unknown alias ") {
		return warning
	}
	return warning + " in the built-in table; --catalog FILE brings another, such as az provider list --expand resourceTypes/aliases makes"
}

// definition reads the file of one definition, JSON or YAML.
func (a *app) definition(file string) (*policy.Definition, error) {
	data, err := a.read(file)
	if err != nil {
		return nil, err
	}
	n, problems := parseTree(file, data)
	if problems != nil {
		return nil, problems
	}
	definition, problems := parseDefinition(file, data, n)
	return definition, problems.Err()
}

// resource reads the file of one resource, and says whether its properties are
// where they cannot be read.
func (a *app) resource(file string) (resource *policy.Resource, flattened string, err error) {
	data, err := a.read(file)
	if err != nil {
		return nil, "", err
	}
	if resource, err = policy.ParseResource(data); err != nil {
		return nil, "", fmt.Errorf("%s: %w", file, err)
	}
	asAssessed(resource)
	return resource, inventory.Flattened(resource.Type, resource.Body), nil
}

// asAssessed makes of a resource what an assessment does: an ARM id names it,
// whatever else its body says, and a body without properties was read in part.
func asAssessed(r *policy.Resource) {
	if !r.Native && policy.LastProviders(r.ID) >= 0 {
		r.Name = r.ID[strings.LastIndexByte(r.ID, '/')+1:]
	}
	r.Partial = !inventory.IsWhole(r.Type, r.Body)
}

// parametersOf finds the values that are given for a definition, by its name
// or id.
func parametersOf(d *policy.Definition, all map[string]map[string]policy.Value) map[string]policy.Value {
	for name, values := range all {
		if strings.EqualFold(name, d.Name) || strings.EqualFold(name, d.ID) {
			return values
		}
	}
	return nil
}
