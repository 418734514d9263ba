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

type listedStandard struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Authority  string   `json:"authority"`
	Version    string   `json:"version"`
	Clouds     []string `json:"clouds"`
	Default    bool     `json:"default"`  // compliance is told without being asked for
	Controls   int      `json:"controls"` // groups apart
	Automatic  int      `json:"automatic"`
	Manual     int      `json:"manual"`
	Unknown    int      `json:"unknown"` // what would give evidence cannot be judged
	NotCovered int      `json:"notCovered"`
}

func (a *app) listStandards() *cobra.Command {
	var own []string
	var policies []string
	cmd := &cobra.Command{
		Use:   "standards",
		Short: "List the standards that recommendations give evidence for",
		Long: `Lists the built-in standards, with --standard those of your own and Azure initiatives
too, and what of them is covered. A control is automatic where recommendations or
policies give evidence for it, manual where a person attests it (see assess
--attestations), unknown where only policies do that cannot be judged, and else not
covered yet. With --server it lists how far a server's estate complies with each.`,
		Example: `  bartizan list standards
  bartizan list standards --standard ours.yaml,initiative.json --catalog policies/
  bartizan list standards --server https://posture.example.com --at 2026-09-30`,
	}
	cmd.Flags().StringSliceVar(&own, "standard", nil, "list these after the built-in ones: files with a standard or an Azure initiative, or names of initiatives of --catalog")
	wantValue(cmd, "the name of a file or of an initiative", "standard")
	policyFlag(cmd, &policies)
	columns := []report.Column{
		{Title: "id"},
		{Title: "title", Flexible: true},
		{Title: "version"},
		{Title: "clouds"},
		{Title: "default"},
		{Title: "controls", Right: true},
		{Title: "automatic", Right: true},
		{Title: "manual", Right: true},
		{Title: "unknown", Right: true},
		{Title: "not covered", Right: true},
	}
	rows := func() ([]listedStandard, error) { return a.listedStandards(own, policies) }
	local := lister(a, cmd, rows, columns, func(s listedStandard) []report.Cell {
		shown := ""
		if s.Default {
			shown = "yes"
		}
		cells := []report.Cell{{Text: s.ID}, {Text: s.Title}, {Text: s.Version}, {Text: strings.Join(s.Clouds, ", ")}, {Text: shown}}
		for _, n := range []int{s.Controls, s.Automatic, s.Manual, s.Unknown, s.NotCovered} {
			cells = append(cells, report.Cell{Text: fmt.Sprint(n)})
		}
		return cells
	})
	return ofServer(a, local, []string{"standard", "catalog"}, a.serverStandards)
}

// listedStandards lists the built-in standards and those that are named.
func (a *app) listedStandards(names, policies []string) ([]listedStandard, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	all, err := c.Standards()
	if err != nil {
		return nil, err
	}
	own, err := a.chosenStandards(c, names, policies)
	if err != nil {
		return nil, err
	}
	var list []listedStandard
	for _, s := range all {
		own = slices.DeleteFunc(own, func(o chosenStandard) bool { return o.standard == s })
		row, err := chosenStandard{standard: s}.listed(c)
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	for _, s := range own {
		row, err := s.listed(c)
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, nil
}

// listed counts what of a standard is covered.
func (s chosenStandard) listed(c *catalog.Catalog) (listedStandard, error) {
	var row listedStandard
	nodes, err := s.coverage(c)
	if err != nil {
		return row, err
	}
	if i := s.initiative; i != nil {
		row = listedStandard{ID: i.Name, Title: i.DisplayName, Version: i.Version, Clouds: []string{posture.Azure.String()}}
	} else {
		own := s.standard
		row = listedStandard{ID: own.ID, Title: own.Title, Authority: own.Authority, Version: own.Version, Clouds: []string{}, Default: own.Default}
		for _, cloud := range own.Clouds {
			row.Clouds = append(row.Clouds, cloud.String())
		}
	}
	kinds := map[catalog.Kind]int{}
	for _, n := range nodes {
		kinds[n.Kind]++
	}
	row.Controls, row.Automatic = len(nodes)-kinds[catalog.Group], kinds[catalog.Automatic]
	row.Manual, row.Unknown, row.NotCovered = kinds[catalog.ByHand], kinds[catalog.Unjudged], kinds[catalog.NotCovered]
	return row, nil
}
