package cli

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

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
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			findings, err := s.Check(cmd.Context())
			if err != nil {
				return err
			}
			sealed, err := a.sealedFinding(cmd.Context(), s, set)
			if err != nil {
				return err
			}
			return a.tellFindings(append(findings, sealed), format)
		},
	}
	database.register(cmd)
	choiceFlag(cmd, &format, "format", "how to print it", "text", formatJSON)
	return cmd
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
