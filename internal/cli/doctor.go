package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/settings"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// errDamage is that something was found which should not be.
var errDamage = coded{exitFindings, errTold}

func (a *app) doctorCommand() *cobra.Command {
	var database databaseFlags
	format := "text"
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether what is kept is sound",
		Long: `Reads everything that is kept and says what is damaged; it changes nothing.

Exit codes: 0 sound, 3 damage, 1 it could not look.`,
		Example: `  bartizan doctor --data /var/lib/bartizan
  bartizan doctor --database postgres://bartizan@db/bartizan --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			s, set, err := database.openWith(cmd.Context(), a)
			if errors.Is(err, store.ErrDamaged) {
				return a.tellFindings([]store.Finding{store.Damage(err)}, format)
			}
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			findings, err := a.examine(cmd.Context(), s, set)
			if err != nil {
				return err
			}
			return a.tellFindings(findings, format)
		},
	}
	database.register(cmd)
	choiceFlag(cmd, &format, "format", "how to print it", "text", formatJSON)
	return cmd
}

// examine looks at rows one by one, then at what follows from them together: where
// rows are damaged, that would be a consequence.
func (a *app) examine(ctx context.Context, s *store.Store, set *settings.Settings) ([]store.Finding, error) {
	findings, err := s.Check(ctx)
	if err != nil {
		return nil, err
	}
	sealed, err := a.sealedFinding(ctx, s, set)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		sealed = store.Finding{Check: sealed.Check, Finding: fmt.Sprintf("cannot be read: %v", err), Remedy: store.FromBackup}
	}
	if slices.ContainsFunc(findings, func(f store.Finding) bool { return !f.OK }) {
		return append(findings, sealed), nil
	}
	followed, err := a.whatFollows(ctx, s)
	return append(append(findings, followed...), sealed), err
}

// mostComplaints is how many of one check are told.
const mostComplaints = 20

// whatFollows holds scores and their causes against the verdicts.
func (a *app) whatFollows(ctx context.Context, s *store.Store) ([]store.Finding, error) {
	builtIn, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	e, err := estate.Open(ctx, s, estate.Options{Catalog: builtIn, Now: a.Now})
	if err != nil {
		return nil, err
	}
	complaints, err := e.Complaints(ctx, s)
	if err != nil {
		return nil, err
	}
	var findings []store.Finding
	for _, check := range estate.SoundChecks {
		n := 0
		for _, c := range complaints {
			if c.Check != check {
				continue
			}
			if n++; n <= mostComplaints {
				findings = append(findings, store.Finding{Check: check, Finding: c.Text, Remedy: store.FromBackup})
			}
		}
		switch {
		case n == 0:
			findings = append(findings, store.Finding{Check: check, OK: true})
		case n > mostComplaints:
			findings = append(findings, store.Finding{Check: check, Finding: fmt.Sprintf("and %d more", n-mostComplaints), Remedy: store.FromBackup})
		}
	}
	return findings, nil
}

// findingJSON is a finding as --format json prints it.
type findingJSON struct {
	Check   string `json:"check"`
	OK      bool   `json:"ok"`
	Finding string `json:"finding"`
	Remedy  string `json:"remedy"`
}

func (a *app) tellFindings(findings []store.Finding, format string) error {
	damaged := false
	all := make([]findingJSON, len(findings))
	for i, f := range findings {
		all[i] = findingJSON(f)
		damaged = damaged || !f.OK
	}
	var err error
	if format == formatJSON {
		encoder := json.NewEncoder(a.Out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(all)
	} else {
		err = a.printFindings(all)
	}
	if err == nil && damaged {
		return errDamage
	}
	return err
}

func (a *app) printFindings(all []findingJSON) error {
	for _, f := range all {
		line := "sound    " + f.Check
		if !f.OK {
			line = fmt.Sprintf("damaged  %s: %s\n         %s", f.Check, f.Finding, f.Remedy)
		}
		if _, err := fmt.Fprintln(a.Out, line); err != nil {
			return err
		}
	}
	return nil
}
