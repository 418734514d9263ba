package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/store"
)

func (a *app) backupCommand() *cobra.Command {
	var database databaseFlags
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy what is kept into one file",
		Long: `Writes a copy of the database as of now to FILE, which must not be there yet.
The copy is read once before it gets its name. The sealing key is not in it:
keep ` + sealingFile + ` apart. PostgreSQL has its own tool, which is named.`,
		Example: `  bartizan backup /backup/bartizan-2026-11-29.db --data /var/lib/bartizan`,
		Args:    one,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			s, err := database.openOnly(cmd.Context(), a)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			head, err := s.Backup(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if _, err = fmt.Fprintf(a.Out, "%s has everything up to commit %d\n", args[0], head); err != nil {
				return err
			}
			a.note("the sealing key is not in it: keep a copy of that apart (%s, or where sealing-key says)", sealingFile)
			return nil
		},
	}
	database.register(cmd)
	return cmd
}

func (a *app) restoreCommand() *cobra.Command {
	var database databaseFlags
	var damaged bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of what is kept",
		Long: `Puts a file of bartizan backup in the place of the database. What was there is
kept beside it, under its name with .replaced behind it. Without the sealing key
of then, secrets that are imported again look changed. The backup is read wholly
first, as bartizan doctor does; one with faults is taken only with --damaged, and
only if it opens at all. bartizan doctor tells then what is missing.`,
		Example: `  bartizan restore /backup/bartizan-2026-11-29.db --data /var/lib/bartizan`,
		Args:    one,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := database.options(a)
			if err != nil {
				return err
			}
			head, err := store.Restore(cmd.Context(), args[0], damaged, options)
			if errors.Is(err, store.ErrOwned) {
				return usage(err)
			}
			if errors.Is(err, store.ErrDamagedBackup) && !damaged {
				return fmt.Errorf("%w; if there is no better one, --damaged takes it as it is", err)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.Out, "restored everything up to commit %d\n", head)
			return err
		},
	}
	cmd.Flags().BoolVar(&damaged, "damaged", false, "take a backup in which faults are found, as it is, if it opens at all")
	database.register(cmd)
	return cmd
}
