package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
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

// lister makes a command that prints rows as a table or as JSON. The rows are
// made only when it runs.
func lister[T any](a *app, cmd *cobra.Command, rows func() ([]T, error), columns []report.Column, cells func(T) []report.Cell) *cobra.Command {
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
		return grid.Write(a.Out, a.style(a.Out))
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
	var standard string
	cmd := &cobra.Command{
		Use:   "recommendations",
		Short: "List what is checked",
		Example: `  bartizan list recommendations
  bartizan list recommendations --standard mcsb-v1 --format json`,
	}
	cmd.Flags().StringVar(&standard, "standard", "", "only those that give evidence for this standard")
	columns := []report.Column{
		{Title: "severity"},
		{Title: "id", Flexible: true},
		{Title: "title", Flexible: true},
		{Title: "cloud"},
		{Title: "service"},
		{Title: "control", Flexible: true},
	}
	rows := func() ([]listedRecommendation, error) { return recommendations(standard) }
	return lister(a, cmd, rows, columns, func(r listedRecommendation) []report.Cell {
		return []report.Cell{{Text: r.Severity, Ink: r.severity}, {Text: r.ID}, {Text: r.Title}, {Text: r.Cloud}, {Text: r.Service}, {Text: r.Control}}
	})
}

// recommendations decodes no more than the list of entries, unless the
// standards that each belongs to are asked for.
func recommendations(standard string) ([]listedRecommendation, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	var list []listedRecommendation
	if standard == "" {
		for _, e := range c.Entries() {
			list = append(list, listedOf(e))
		}
		return list, nil
	}
	s, err := standardOf(c, standard)
	if err != nil {
		return nil, err
	}
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if slices.ContainsFunc(r.Standards, func(ref catalog.StandardRef) bool { return ref.Standard == s.ID }) {
			list = append(list, listedOf(r.Entry()))
		}
	}
	return list, nil
}

func listedOf(e catalog.Entry) listedRecommendation {
	return listedRecommendation{e.ID, e.Title, e.Cloud.String(), e.Service, e.Severity.String(), e.Control, e.Preview, report.SeverityInk(e.Severity)}
}

// standardOf finds a standard by its id or title.
func standardOf(c *catalog.Catalog, id string) (*catalog.Standard, error) {
	all, err := c.Standards()
	if err != nil {
		return nil, err
	}
	if s := catalog.StandardNamed(all, id); s != nil {
		return s, nil
	}
	return nil, usagef("standard %q: want %s", id, catalog.StandardIDs(all))
}

type listedStandard struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Authority string   `json:"authority"`
	Version   string   `json:"version"`
	Clouds    []string `json:"clouds"`
	Controls  int      `json:"controls"`
}

func (a *app) listStandards() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "standards",
		Short:   "List the standards that recommendations give evidence for",
		Example: `  bartizan list standards`,
	}
	columns := []report.Column{{Title: "id"}, {Title: "title", Flexible: true}, {Title: "version"}, {Title: "clouds"}, {Title: "controls", Right: true}}
	return lister(a, cmd, standards, columns, func(s listedStandard) []report.Cell {
		return []report.Cell{{Text: s.ID}, {Text: s.Title}, {Text: s.Version}, {Text: strings.Join(s.Clouds, ", ")}, {Text: fmt.Sprint(s.Controls)}}
	})
}

func standards() ([]listedStandard, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	all, err := c.Standards()
	if err != nil {
		return nil, err
	}
	var list []listedStandard
	for _, s := range all {
		row := listedStandard{ID: s.ID, Title: s.Title, Authority: s.Authority, Version: s.Version, Clouds: []string{}}
		for _, cloud := range s.Clouds {
			row.Clouds = append(row.Clouds, cloud.String())
		}
		parents := map[string]bool{}
		for _, n := range s.Nodes {
			parents[n.Parent] = true
		}
		for _, n := range s.Nodes {
			if !parents[n.ID] {
				row.Controls++
			}
		}
		list = append(list, row)
	}
	return list, nil
}

type listedControl struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Points float64 `json:"points"`
	Parent string  `json:"parent"`
	Manual bool    `json:"manual"`
}

func (a *app) listControls() *cobra.Command {
	var standard string
	cmd := &cobra.Command{
		Use:   "controls",
		Short: "List the secure-score controls, or those of a standard",
		Example: `  bartizan list controls
  bartizan list controls --standard mcsb-v1 --format json`,
	}
	cmd.Flags().StringVar(&standard, "standard", "", "the controls of this standard instead")
	columns := []report.Column{
		{Title: "id"},
		{Title: "points", Right: true, Optional: true},
		{Title: "title", Flexible: true},
		{Title: "below", Optional: true},
		{Title: "manual", Optional: true},
	}
	rows := func() ([]listedControl, error) { return controls(standard) }
	return lister(a, cmd, rows, columns, func(c listedControl) []report.Cell {
		points, manual := "", ""
		if standard == "" {
			points = fmt.Sprint(c.Points)
		}
		if c.Manual {
			manual = "manual"
		}
		return []report.Cell{{Text: c.ID}, {Text: points}, {Text: c.Title}, {Text: c.Parent}, {Text: manual}}
	})
}

func controls(standard string) ([]listedControl, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	var list []listedControl
	if standard == "" {
		for _, control := range c.Controls() {
			list = append(list, listedControl{ID: control.ID, Title: control.Name, Points: control.Max})
		}
		return list, nil
	}
	s, err := standardOf(c, standard)
	if err != nil {
		return nil, err
	}
	for _, n := range s.Nodes {
		list = append(list, listedControl{ID: n.ID, Title: n.Title, Parent: n.Parent, Manual: n.Manual})
	}
	return list, nil
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
