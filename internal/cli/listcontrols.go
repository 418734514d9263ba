package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/report"
)

// listedControl is a secure-score control with its points, or a node of a
// standard with what gives evidence for it.
type listedControl struct {
	Standard string  `json:"standard,omitempty"` // of several
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Points   float64 `json:"points"`
	Parent   string  `json:"parent"`
	Manual   bool    `json:"manual"`
	// Evidence is automatic, manual, unknown, not covered or group; "" for a secure-score
	// control.
	Evidence        catalog.Kind `json:"evidence,omitempty"`
	Recommendations []string     `json:"recommendations"`
	// Policies are names of definitions, of a standard of one's own as it has
	// them; called is what they are called in an initiative.
	Policies []string `json:"policies"`
	called   []string
}

func (a *app) listControls() *cobra.Command {
	var standards, policies []string
	cmd := &cobra.Command{
		Use:   "controls",
		Short: "List the secure-score controls, or those of a standard",
		Long: `Lists the secure-score controls with their points, or the controls of a standard
with what gives evidence for each: recommendations and policies (automatic), a
person (manual), only policies that are not there or cannot be judged (unknown), or
nothing yet (not covered).

Of an Azure initiative the groups are the controls. Its policies give evidence if
--catalog has their definitions, or if a recommendation checks the same. They are
taken as its assignments in --catalog have them, else with its defaults: one that
lacks a parameter then cannot be judged, and one that is disabled counts for nothing.

With --server it lists how the controls stand that a server judges.`,
		Example: `  bartizan list controls
  bartizan list controls --standard cis-aws-3.0
  bartizan list controls --standard ours.yaml,mcsb-v1 --format json
  bartizan list controls --standard initiative.json --catalog policies/
  bartizan list controls --standard mcsb-v1 --server https://posture.example.com`,
	}
	cmd.Flags().StringSliceVar(&standards, "standard", nil, "the controls of these standards instead, by name or file")
	wantValue(cmd, "a name or the name of a file", "standard")
	completeStandards(cmd)
	policyFlag(cmd, &policies)
	columns := []report.Column{
		{Title: "standard", Optional: true},
		{Title: "id"},
		{Title: "points", Right: true, Optional: true},
		{Title: "title", Flexible: true},
		{Title: "below", Optional: true},
		{Title: "evidence", Optional: true},
		{Title: "recommendations", Flexible: true, Optional: true},
		{Title: "policies", Flexible: true, Optional: true},
	}
	rows := func() ([]listedControl, error) { return a.controls(standards, policies) }
	local := lister(a, cmd, rows, columns, func(c listedControl) []report.Cell {
		points := ""
		if len(standards) == 0 {
			points = fmt.Sprint(c.Points)
		}
		evidence := string(c.Evidence)
		if c.Evidence == catalog.Group {
			evidence = ""
		}
		return []report.Cell{{Text: c.Standard}, {Text: c.ID}, {Text: points}, {Text: c.Title}, {Text: c.Parent}, {Text: evidence}, {Text: few(c.Recommendations)}, {Text: few(c.called)}}
	})
	return ofServer(a, local, []string{"catalog"}, a.serverControls(&standards))
}

func (a *app) controls(standards, policies []string) ([]listedControl, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	var list []listedControl
	if len(standards) == 0 {
		return scoreControls(c), nil
	}
	chosen, err := a.chosenStandards(c, standards, policies)
	if err != nil {
		return nil, err
	}
	for _, s := range chosen {
		nodes, err := s.coverage(c)
		if err != nil {
			return nil, err
		}
		of := ""
		if len(chosen) > 1 {
			of = s.id()
		}
		for _, n := range nodes {
			list = append(list, listedControl{
				Standard: of, ID: n.ID, Title: n.Title, Parent: n.Parent, Manual: n.Manual,
				Evidence: n.Kind, Recommendations: append([]string{}, n.Recommendations...),
				Policies: append([]string{}, n.Policies...), called: n.Called,
			})
		}
	}
	return list, nil
}

// scoreControls lists the secure-score controls with their recommendations.
func scoreControls(c *catalog.Catalog) []listedControl {
	var list []listedControl
	for _, control := range c.Controls() {
		row := listedControl{ID: control.ID, Title: control.Name, Points: control.Max, Recommendations: []string{}, Policies: []string{}}
		for _, e := range c.Entries() {
			if e.Control == control.ID {
				row.Recommendations = append(row.Recommendations, e.ID)
			}
		}
		list = append(list, row)
	}
	return list
}

// few names the first of many ids and counts the rest; --format json has all.
func few(ids []string) string {
	const most = 3
	if len(ids) <= most+1 {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
}
