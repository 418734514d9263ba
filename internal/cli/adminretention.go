package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/settings"
)

// retentionJSON is what admin retention prints.
type retentionJSON struct {
	Retention string `json:"retention"`
	Rows      int64  `json:"rows"`   // that were given up
	Oldest    int64  `json:"oldest"` // commit that can still be asked for
}

func (a *app) adminRetention() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use:   "retention",
		Short: "Give up history that is older than the retention",
		Long: `Gives up what was before the retention: then no list, score or query of that time
can be answered any more. What is now, and what was at any time since, stays. A
server does this by itself every day.`,
		Example: `  bartizan admin retention --retention 90d --data /var/lib/bartizan`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.giveUpHistory(cmd.Context(), &f)
		},
	}
	f.registerWith(cmd, func(d settings.Setting) bool { return d.Common || d.Name == "retention" })
	f.registerFormat(cmd)
	return cmd
}

func (a *app) giveUpHistory(ctx context.Context, f *adminFlags) (err error) {
	s, set, err := f.open(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rows, oldest, err := estate.GiveUp(ctx, s, a.Now(), set.Retention, "system")
	if err != nil {
		return err
	}
	kept := settings.ShownDuration(set.Retention)
	since := "all history"
	if set.Retention > 0 {
		since = "since " + a.Now().Add(-set.Retention).UTC().Format(time.RFC3339)
	}
	return a.tellMade(f.format, retentionJSON{kept, rows, int64(oldest)}, [2]string{"kept", kept + ", " + since}, [2]string{"rows", fmt.Sprint(rows)}, [2]string{"oldest", fmt.Sprintf("commit %d", oldest)})
}
