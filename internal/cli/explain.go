package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/policy"
)

func (a *app) explainCommand() *cobra.Command {
	var estate estateFlags
	format := formatText
	cmd := &cobra.Command{
		Use:   "explain RESOURCE RECOMMENDATION PATH...",
		Short: "Show what one verdict was judged on",
		Long: `Judges one resource by one recommendation or policy, and shows each condition,
the path it read, the value it found, and the outcome. RESOURCE is the id as the
cloud writes it; RECOMMENDATION is an id of list recommendations, or the name or
id of a policy from --catalog; the PATHs are those that assess gets.`,
		Example: `  bartizan explain arn:aws:s3:::logs s3-bucket-public-access-blocked export/
  bartizan explain "/subscriptions/.../storageAccounts/shop" 34c877ad-507e-4c82-993e-3452a6e0ad3c azure.json --catalog policies/`,
		Args: paths(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := estate.options(a, args[2:])
			if err != nil {
				return err
			}
			done := a.progress(&o)
			explanation, err := assess.Explain(cmd.Context(), o, args[0], args[1])
			done()
			if err != nil {
				return err
			}
			return a.printExplanation(explanation, format)
		},
	}
	estate.register(cmd)
	choiceFlag(cmd, &format, "format", "how to print it", formatText, formatJSON)
	return cmd
}

func (a *app) printExplanation(e *policy.Explanation, format string) error {
	if format == formatJSON {
		return a.printJSON(e)
	}
	_, err := fmt.Fprintln(a.Out, report.Harmless(strings.TrimRight(e.Text(), "\n")))
	return err
}
