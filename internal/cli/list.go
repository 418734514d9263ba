package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/report"
)

func (a *app) listCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List recommendations, standards, controls or initiatives",
		Example: `  bartizan list recommendations
  bartizan list controls --standard mcsb-v1`,
		Args: subcommandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.listRecommendations(), a.listStandards(), a.listControls(), a.listInitiatives())
	return cmd
}

// lister makes a command that prints rows as a table, with lines below it, or as
// JSON. The rows are made only when it runs.
func lister[T any](a *app, cmd *cobra.Command, rows func() ([]T, error), columns []report.Column, cells func(T) []report.Cell, below ...func([]T) string) *cobra.Command {
	format := formatTable
	choiceFlag(cmd, &format, "format", "how to print it", formatTable, formatJSON)
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(*cobra.Command, []string) error {
		list, err := rows()
		if err != nil {
			return err
		}
		if format == formatJSON {
			return a.printJSON(append([]T{}, list...))
		}
		grid := report.Grid{Columns: columns}
		for _, row := range list {
			grid.Add(cells(row)...)
		}
		if err := grid.Write(a.Out, a.style(a.Out)); err != nil {
			return err
		}
		for _, line := range below {
			if _, err := fmt.Fprintln(a.Out, line(list)); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

type listedRecommendation struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Cloud    string `json:"cloud"`
	Service  string `json:"service"`
	Severity string `json:"severity"`
	Control  string `json:"control"` // id of the secure-score control
	Preview  bool   `json:"preview"`
	severity report.Ink
}

func (a *app) listRecommendations() *cobra.Command {
	var standards, policies, clouds []string
	cmd := &cobra.Command{
		Use:   "recommendations",
		Short: "List what is checked",
		Long: `Lists the recommendations that are built in. With --server it lists those that a
server judges something by, with their checks in numbers and what mending is worth.`,
		Example: `  bartizan list recommendations
  bartizan list recommendations --cloud aws,gcp
  bartizan list recommendations --standard mcsb-v1 --format json
  bartizan list recommendations --server https://posture.example.com --scope contoso`,
	}
	cmd.Flags().StringSliceVar(&clouds, "cloud", nil, "only those of these clouds: azure, aws, gcp, machine")
	wantValue(cmd, "a cloud", "cloud")
	complete(cmd, "cloud", cloudWords)
	cmd.Flags().StringSliceVar(&standards, "standard", nil, "only those that give evidence for one of these standards, by name or file")
	wantValue(cmd, "a name or the name of a file", "standard")
	completeStandards(cmd)
	policyFlag(cmd, &policies)
	columns := []report.Column{
		{Title: "severity"},
		{Title: "id", Flexible: true},
		{Title: "title", Flexible: true},
		{Title: "cloud"},
		{Title: "service"},
		{Title: "control", Flexible: true},
	}
	rows := func() ([]listedRecommendation, error) {
		of, err := parseClouds(clouds)
		if err != nil {
			return nil, err
		}
		list, err := a.recommendations(standards, policies)
		return slices.DeleteFunc(list, func(r listedRecommendation) bool { return len(of) > 0 && !slices.Contains(of, r.Cloud) }), err
	}
	local := lister(a, cmd, rows, columns, func(r listedRecommendation) []report.Cell {
		return []report.Cell{{Text: r.Severity, Ink: r.severity}, {Text: r.ID}, {Text: r.Title}, {Text: r.Cloud}, {Text: r.Service}, {Text: r.Control}}
	}, totals)
	return ofServer(a, local, []string{"standard", "catalog"}, a.serverRecommendations(&clouds))
}

// parseClouds reads the words of --cloud, and says all that are wrong.
func parseClouds(words []string) (clouds []string, err error) {
	var wrong problemList
	for _, word := range words {
		cloud, err := posture.ParseCloud(word)
		wrong.add(meaning(err, word, cloudWords))
		clouds = append(clouds, cloud.String())
	}
	if err := wrong.err(); err != nil {
		return nil, usage(err)
	}
	return clouds, nil
}

// totals counts recommendations by cloud and by severity.
func totals(list []listedRecommendation) string {
	byCloud, bySeverity := map[string]int{}, map[string]int{}
	for _, r := range list {
		byCloud[r.Cloud]++
		bySeverity[r.Severity]++
	}
	counts := func(of map[string]int, words ...string) string {
		var parts []string
		for _, word := range words {
			if n := of[word]; n > 0 {
				parts = append(parts, fmt.Sprint(n, " ", word))
			}
		}
		return strings.Join(parts, ", ")
	}
	recommendations := "recommendations"
	if len(list) == 1 {
		recommendations = "recommendation"
	}
	text := fmt.Sprintf("\n  %d %s", len(list), recommendations)
	if len(list) > 0 {
		text += ": " + counts(byCloud, "azure", "aws", "gcp", "machine") + "; " + counts(bySeverity, "critical", "high", "medium", "low")
	}
	return text
}

// recommendations decodes no more than the list of entries, unless the
// standards that each belongs to are asked for.
func (a *app) recommendations(standards, policies []string) ([]listedRecommendation, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	var list []listedRecommendation
	if len(standards) == 0 {
		for _, e := range c.Entries() {
			list = append(list, listedOf(e))
		}
		return list, nil
	}
	chosen, err := a.chosenStandards(c, standards, policies)
	if err != nil {
		return nil, err
	}
	gives := map[string]bool{}
	for _, s := range chosen {
		nodes, err := s.coverage(c)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			for _, id := range n.Recommendations {
				gives[id] = true
			}
		}
	}
	for _, e := range c.Entries() {
		if gives[e.ID] {
			list = append(list, listedOf(e))
		}
	}
	return list, nil
}

func listedOf(e catalog.Entry) listedRecommendation {
	return listedRecommendation{e.ID, e.Title, e.Cloud.String(), e.Service, e.Severity.String(), e.Control, e.Preview, report.SeverityInk(e.Severity)}
}

type listedInitiative struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Version  string `json:"version"`
	Category string `json:"category"`
	Policies int    `json:"policies"`
	Groups   int    `json:"groups"`
}

func (a *app) listInitiatives() *cobra.Command {
	var paths []string
	cmd := &cobra.Command{
		Use:   "initiatives",
		Short: "List the initiatives that --catalog brings",
		Long: `Lists the Azure Policy initiatives (policy set definitions) that files given with
--catalog hold. None are built in; --initiative takes the id of a built-in standard too, see
list standards.`,
		Example: `  bartizan list initiatives --catalog policies/`,
	}
	cmd.Flags().StringArrayVar(&paths, "catalog", nil, "file or folder with initiatives (repeatable)")
	wantValue(cmd, "the name of a file or folder", "catalog")
	columns := []report.Column{
		{Title: "name", Flexible: true},
		{Title: "title", Flexible: true},
		{Title: "version"},
		{Title: "category"},
		{Title: "policies", Right: true},
		{Title: "groups", Right: true},
	}
	rows := func() ([]listedInitiative, error) { return a.initiatives(paths) }
	return lister(a, cmd, rows, columns, func(i listedInitiative) []report.Cell {
		return []report.Cell{{Text: i.Name}, {Text: i.Title}, {Text: i.Version}, {Text: i.Category}, {Text: fmt.Sprint(i.Policies)}, {Text: fmt.Sprint(i.Groups)}}
	})
}

func (a *app) initiatives(paths []string) ([]listedInitiative, error) {
	if len(paths) == 0 {
		a.note("no initiatives are built in; --catalog PATH lists those of policy files")
		return nil, nil
	}
	library, err := a.library(paths)
	if err != nil {
		return nil, err
	}
	var list []listedInitiative
	for _, i := range library.Initiatives {
		list = append(list, listedInitiative{i.ID, i.Name, i.DisplayName, i.Version, i.Category, len(i.Members), len(i.Groups)})
	}
	return list, nil
}
