package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/settings"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check and show how a server is set up",
		Long: `Settings of serve stand in one YAML file, in variables of the environment
(BARTIZAN_ and the name, in capitals) and in flags. Flags win over the environment,
that over the file, and that over defaults. The file is named by --config or
$` + settings.FileVariable + `; every command that opens the database reads it.`,
		Example: `  bartizan config validate bartizan.yaml
  bartizan config show --config bartizan.yaml`,
		Args: subcommandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.configValidate(), a.configShow(), a.configSchema())
	return cmd
}

func (a *app) configValidate() *cobra.Command {
	return &cobra.Command{
		Use:   "validate [FILE...]",
		Short: "Tell everything that is wrong with files of settings",
		Long: `Reads files of settings, by default the one of $` + settings.FileVariable + `, and tells all that
is wrong, each with its place and what was probably meant. Variables of the
environment count, as they do when a server starts. Files of secrets and
certificates are not opened.

Exit codes: 0 fine, 1 something is wrong.`,
		Example: `  bartizan config validate
  bartizan config validate staging.yaml production.yaml`,
		RunE: func(_ *cobra.Command, paths []string) error {
			if name := a.Getenv(settings.FileVariable); len(paths) == 0 && name != "" {
				paths = []string{name}
			}
			if len(paths) == 0 {
				return usagef("no file: want FILE, or %s in the environment", settings.FileVariable)
			}
			return a.validateSettings(paths)
		},
	}
}

func (a *app) validateSettings(paths []string) error {
	wrong := 0
	for _, path := range paths {
		text, err := a.read(path)
		if err != nil {
			return fmt.Errorf("reading the settings: %w", err)
		}
		s, problems := settings.Load(settings.Sources{File: settings.ReadFile(path, text), Getenv: a.Getenv})
		problems = append(problems, s.CheckServing()...)
		if a.Environ != nil {
			problems = append(problems, settings.CheckVariables(a.Environ(), tokenVariable)...)
		}
		for _, p := range problems {
			if _, err := fmt.Fprintln(a.Out, report.Harmless(p.Error())); err != nil {
				return err
			}
		}
		warnings := len(problems.Warnings())
		wrong += len(problems) - warnings
		if _, err := fmt.Fprintf(a.Out, "%s: %d problems, %d warnings\n", path, len(problems)-warnings, warnings); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return errTold
	}
	return nil
}

func (a *app) configSchema() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of a file of settings, for editors",
		Example: `  bartizan config schema > bartizan.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.Out.Write(settings.Schema())
			return err
		},
	}
}

// shownSetting is a row of config show.
type shownSetting struct {
	Setting string `json:"setting"`
	Value   string `json:"value"`
	From    string `json:"from"`
}

func (a *app) configShow() *cobra.Command {
	var f databaseFlags
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the settings that count, and where each comes from",
		Long: `Takes the flags of serve and prints the settings that a server would have with
them, each with where it comes from: a flag, a variable, a place in the file, or
the default. Secrets are not printed, but where they are. Sign-ins that were set
up over the API stand in the database and are not shown.`,
		Example: `  bartizan config show --config bartizan.yaml
  bartizan config show --config bartizan.yaml --listen :443 --format json`,
	}
	rows := func() ([]shownSetting, error) {
		s, err := f.load(a)
		if err != nil {
			return nil, err
		}
		return a.shownSettings(s), nil
	}
	cmd = lister(a, cmd, rows, adminColumns("setting *value from"), func(s shownSetting) []report.Cell {
		return adminCells([]string{s.Setting, s.Value, s.From})
	})
	f.registerWith(cmd, func(settings.Setting) bool { return true })
	return cmd
}

func (a *app) shownSettings(s *settings.Settings) []shownSetting {
	var rows []shownSetting
	if dir, err := dataDirectory(a.Getenv); err == nil && s.Data == "" && s.Database == "" {
		s.Data = dir
	}
	for _, d := range settings.All {
		row := shownSetting{d.Name, s.Shown(d), s.Origin(d.Name).String()}
		if d.Name == sealingSetting.Name && !s.SealingKey.Given() && s.Database == "" {
			row.Value = "file " + filepath.Join(s.Data, sealingFile)
		}
		rows = append(rows, row)
	}
	for _, p := range s.SignOn {
		name := "sign-on." + p.Name
		more := [][2]string{
			{"issuer", p.Issuer},
			{"client-id", p.ClientID},
			{"client-secret", p.Secret.Place()},
			{"scopes", strings.Join(p.Scopes, ", ")},
			{"groups-claim", p.GroupsClaim},
			{"name-claim", p.NameClaim},
		}
		for _, r := range p.Roles {
			more = append(more, [2]string{"role of " + r.Group, r.Role.String() + " at " + r.Scope})
		}
		for _, m := range more {
			rows = append(rows, shownSetting{name + "." + m[0], m[1], p.Origin.String()})
		}
	}
	return rows
}
