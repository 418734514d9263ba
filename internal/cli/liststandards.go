package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/report"
)

// standardOf finds a standard by its id or title, or reads a file with one.
func (a *app) standardOf(c *catalog.Catalog, name string) (*catalog.Standard, error) {
	if isFileName(name) {
		own, err := a.ownStandards([]string{name})
		if err != nil {
			return nil, err
		}
		if len(own.standards) == 0 {
			return nil, usagef("--standard %s: an Azure initiative; list initiatives --catalog %s shows it", name, name)
		}
		return own.standards[0], nil
	}
	all, err := c.Standards()
	if err != nil {
		return nil, err
	}
	if s := catalog.StandardNamed(all, name); s != nil {
		return s, nil
	}
	return nil, usagef("standard %q: want %s, or a file", name, catalog.StandardIDs(all))
}

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
	NotCovered int      `json:"notCovered"`
}

func (a *app) listStandards() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "standards",
		Short: "List the standards that recommendations give evidence for",
		Long: `Lists the built-in standards and what of them is covered. A control is automatic
where recommendations give evidence for it, manual where a person attests it (see
assess --attestations), and else not covered yet.`,
		Example: `  bartizan list standards`,
	}
	columns := []report.Column{
		{Title: "id"},
		{Title: "title", Flexible: true},
		{Title: "version"},
		{Title: "clouds"},
		{Title: "default"},
		{Title: "controls", Right: true},
		{Title: "automatic", Right: true},
		{Title: "manual", Right: true},
		{Title: "not covered", Right: true},
	}
	return lister(a, cmd, standards, columns, func(s listedStandard) []report.Cell {
		shown := ""
		if s.Default {
			shown = "yes"
		}
		cells := []report.Cell{{Text: s.ID}, {Text: s.Title}, {Text: s.Version}, {Text: strings.Join(s.Clouds, ", ")}, {Text: shown}}
		for _, n := range []int{s.Controls, s.Automatic, s.Manual, s.NotCovered} {
			cells = append(cells, report.Cell{Text: fmt.Sprint(n)})
		}
		return cells
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
		row := listedStandard{ID: s.ID, Title: s.Title, Authority: s.Authority, Version: s.Version, Clouds: []string{}, Default: s.Default}
		for _, cloud := range s.Clouds {
			row.Clouds = append(row.Clouds, cloud.String())
		}
		nodes, err := c.Coverage(s)
		if err != nil {
			return nil, err
		}
		kinds := map[catalog.Kind]int{}
		for _, n := range nodes {
			kinds[n.Kind]++
		}
		row.Controls, row.Automatic = len(nodes)-kinds[catalog.Group], kinds[catalog.Automatic]
		row.Manual, row.NotCovered = kinds[catalog.ByHand], kinds[catalog.NotCovered]
		list = append(list, row)
	}
	return list, nil
}
