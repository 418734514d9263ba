package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/client"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/server"
)

// pageRows is how many rows a server is asked for at a time.
const pageRows = "200"

// asked is a server with what of it is asked about.
type asked struct {
	*client.Client
	scopes []string
	at     string
}

// conditions are the parameters of every list.
func (s *asked) conditions() url.Values {
	query := url.Values{}
	for _, scope := range s.scopes {
		query.Add("scope", scope)
	}
	if s.at != "" {
		query.Set("at", s.at)
	}
	return query
}

// get asks for one document.
func (s *asked) get(ctx context.Context, path string, query url.Values, answer any) error {
	return misused(s.Do(ctx, client.Request{Method: http.MethodGet, Path: path, Query: query}, answer))
}

// allRows asks for a list, page by page, and yields each row until told to stop.
func allRows[R any](ctx context.Context, s *asked, path string, query url.Values, yield func(*R) bool) error {
	for query.Set("limit", pageRows); ; {
		var page server.List[R]
		if err := s.get(ctx, path, query, &page); err != nil {
			return err
		}
		for i := range page.Rows {
			if !yield(&page.Rows[i]) {
				return nil
			}
		}
		if page.Cursor == "" {
			return nil
		}
		query.Set("cursor", page.Cursor)
	}
}

// allOf asks for all rows of a list.
func allOf[R any](ctx context.Context, s *asked, path string, query url.Values) (all []R, err error) {
	err = allRows(ctx, s, path, query, func(r *R) bool {
		all = append(all, *r)
		return true
	})
	return all, err
}

// listServerFlags say which server a list is asked of, and of what.
type listServerFlags struct {
	serverFlags
	scopes []string
	at     string
}

func (f *listServerFlags) register(cmd *cobra.Command) {
	f.serverFlags.register(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.scopes, "scope", nil, "with --server: only what lies in this scope (repeatable; any of them)")
	flags.StringVar(&f.at, "at", "", "with --server: as of then, a day (its end, UTC) or a time such as 2026-01-31T10:00:00Z")
	wantValue(cmd, "the id of a scope", "scope")
	wantValue(cmd, "a day or a time", "at")
}

// asked gives the server, nil where the list is of what is built in.
func (f *listServerFlags) asked(a *app, cmd *cobra.Command, refused ...string) (*asked, error) {
	if err := f.refuse(cmd, refused...); err != nil {
		return nil, err
	}
	if !f.given() {
		if len(f.scopes) > 0 || f.at != "" {
			return nil, usagef("--scope and --at: want --server with them")
		}
		return nil, nil
	}
	on, err := f.client(a)
	if err != nil {
		return nil, err
	}
	return &asked{on, f.scopes, f.at}, nil
}

// printList prints rows as a lister does.
func printList[T any](a *app, format string, list []T, columns []report.Column, cells func(T) []report.Cell) error {
	if format == formatJSON {
		return a.printJSON(append([]T{}, list...))
	}
	grid := report.Grid{Columns: columns}
	for _, row := range list {
		grid.Add(cells(row)...)
	}
	return grid.Write(a.Out, a.style(a.Out))
}

// ofServer makes a list be asked of a server where --server says so.
func ofServer(a *app, cmd *cobra.Command, refused []string, print func(ctx context.Context, s *asked, format string) error) *cobra.Command {
	var f listServerFlags
	f.register(cmd)
	local := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := f.asked(a, cmd, refused...)
		if err != nil || s == nil {
			if err == nil {
				err = local(cmd, args)
			}
			return err
		}
		return print(cmd.Context(), s, cmd.Flag("format").Value.String())
	}
	return cmd
}

func (a *app) serverRecommendations(clouds *[]string) func(context.Context, *asked, string) error {
	columns := []report.Column{
		{Title: "severity"},
		{Title: "id", Flexible: true},
		{Title: "title", Flexible: true},
		{Title: "cloud"},
		{Title: "unhealthy", Right: true},
		{Title: "unknown", Right: true},
		{Title: "healthy", Right: true},
		{Title: "exempt", Right: true, Optional: true},
		{Title: "gain", Right: true},
	}
	return func(ctx context.Context, s *asked, format string) error {
		of, err := parseClouds(*clouds)
		if err != nil {
			return err
		}
		rows, err := allOf[server.RecommendationRow](ctx, s, "/api/v1/recommendations", s.conditions())
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r server.RecommendationRow) bool { return len(of) > 0 && !slices.Contains(of, r.Cloud.String()) })
		return printList(a, format, rows, columns, func(r server.RecommendationRow) []report.Cell {
			cells := []report.Cell{{Text: r.Severity.String(), Ink: report.SeverityInk(r.Severity)}, {Text: r.ID}, {Text: r.Title}, {Text: r.Cloud.String()}}
			exempt := ""
			if r.Exempt > 0 {
				exempt = strconv.Itoa(r.Exempt)
			}
			gain := ""
			if r.Gain > 0 {
				gain = fmt.Sprintf("+%.2f", r.Gain)
			}
			return append(cells, report.Cell{Text: strconv.Itoa(r.Unhealthy)}, report.Cell{Text: strconv.Itoa(r.Unknown)}, report.Cell{Text: strconv.Itoa(r.Healthy)},
				report.Cell{Text: exempt}, report.Cell{Text: gain})
		})
	}
}

func (a *app) serverStandards(ctx context.Context, s *asked, format string) error {
	columns := []report.Column{
		{Title: "id"},
		{Title: "title", Flexible: true},
		{Title: "rate", Right: true},
		{Title: "passed", Right: true},
		{Title: "failed", Right: true},
		{Title: "unknown", Right: true},
		{Title: "manual", Right: true},
		{Title: "not covered", Right: true},
	}
	var list server.Page[server.StandardRow]
	if err := s.get(ctx, "/api/v1/compliance", s.conditions(), &list); err != nil {
		return err
	}
	return printList(a, format, list.Rows, columns, func(r server.StandardRow) []report.Cell {
		rate := ""
		if r.Rate != nil {
			rate = fmt.Sprintf("%.1f %%", 100**r.Rate)
		}
		cells := []report.Cell{{Text: r.ID}, {Text: r.Title}, {Text: rate}}
		for _, n := range []int{r.Passed, r.Failed, r.Unknown, r.Manual, r.NotCovered} {
			cells = append(cells, report.Cell{Text: strconv.Itoa(n)})
		}
		return cells
	})
}

// serverStandard is compliance with one standard, as the server answers.
type serverStandard struct {
	server.StandardRow
	Controls []server.ControlRow `json:"controls"`
}

func (a *app) serverControls(standards *[]string) func(context.Context, *asked, string) error {
	return func(ctx context.Context, s *asked, format string) error {
		if len(*standards) == 0 {
			return a.serverScoreControls(ctx, s, format)
		}
		ids, err := s.standards(ctx, *standards)
		if err != nil {
			return err
		}
		var rows []serverControl
		for _, id := range ids {
			var found serverStandard
			if err := s.get(ctx, "/api/v1/compliance/"+url.PathEscape(id), s.conditions(), &found); err != nil {
				return fmt.Errorf("--standard %s: %w", id, err)
			}
			for _, c := range found.Controls {
				rows = append(rows, serverControl{found.ID, c})
			}
		}
		columns := []report.Column{
			{Title: "standard", Optional: true},
			{Title: "id"},
			{Title: "title", Flexible: true},
			{Title: "state"},
			{Title: "unhealthy", Right: true, Optional: true},
			{Title: "unknown", Right: true, Optional: true},
			{Title: "healthy", Right: true, Optional: true},
		}
		return printList(a, format, rows, columns, func(c serverControl) []report.Cell {
			of := ""
			if len(ids) > 1 {
				of = c.Standard
			}
			cells := []report.Cell{{Text: of}, {Text: c.ID}, {Text: c.Title}, {Text: c.State.String(), Ink: inkOf[c.State]}}
			for _, n := range []int{c.Unhealthy, c.Unknown, c.Healthy} {
				text := ""
				if n > 0 {
					text = strconv.Itoa(n)
				}
				cells = append(cells, report.Cell{Text: text})
			}
			return cells
		})
	}
}

// standards are the ids of those that are chosen, as assess has them of the server.
func (s *asked) standards(ctx context.Context, chosen []string) ([]string, error) {
	if !slices.Contains(chosen, "all") {
		return chosen, nil
	}
	builtIn, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	return (&serverPosture{asked: s, catalog: builtIn}).standards(ctx, chosen)
}

// serverControl is a control of a standard.
type serverControl struct {
	Standard string `json:"standard"`
	server.ControlRow
}

var inkOf = map[compliance.State]report.Ink{compliance.Failed: report.Bad, compliance.Passed: report.Good}

// pointsText writes points; of a part of a unit there are none.
func pointsText(told *float64) string {
	if told == nil {
		return ""
	}
	return fmt.Sprint(*told)
}

// serverScoreControls lists the controls of the secure score, summed up over units.
func (a *app) serverScoreControls(ctx context.Context, s *asked, format string) error {
	var found server.Score
	if err := s.get(ctx, "/api/v1/score", s.conditions(), &found); err != nil {
		return err
	}
	at := map[string]int{}
	var rows []server.ControlScore
	for _, u := range found.Units {
		for _, c := range u.Controls {
			n, ok := at[c.ID]
			if !ok {
				n = len(rows)
				at[c.ID] = n
				rows = append(rows, server.ControlScore{ID: c.ID, Name: c.Name, Max: c.Max})
			}
			rows[n].Healthy += c.Healthy
			rows[n].Unhealthy += c.Unhealthy
			rows[n].Unknown += c.Unknown
			if len(found.Units) == 1 {
				rows[n].Current = c.Current
			}
		}
	}
	columns := []report.Column{
		{Title: "id"}, {Title: "title", Flexible: true}, {Title: "points", Right: true}, {Title: "unhealthy", Right: true}, {Title: "unknown", Right: true}, {Title: "healthy", Right: true},
	}
	return printList(a, format, rows, columns, func(c server.ControlScore) []report.Cell {
		return []report.Cell{{Text: c.ID}, {Text: c.Name}, {Text: pointsText(c.Max)}, {Text: strconv.Itoa(c.Unhealthy)}, {Text: strconv.Itoa(c.Unknown)}, {Text: strconv.Itoa(c.Healthy)}}
	})
}
