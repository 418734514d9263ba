package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/report"
)

func (a *app) explainCommand() *cobra.Command {
	var estate estateFlags
	var on listServerFlags
	format := formatText
	cmd := &cobra.Command{
		Use:   "explain RESOURCE RECOMMENDATION PATH...|--server URL",
		Short: "Show what one verdict was judged on",
		Long: `Judges one resource by one recommendation or policy, and shows each condition,
the path it read, the value it found, and the outcome, below the state that
assess gives the check, exemptions and attestations included. RESOURCE is the id
as the cloud writes it, or a name that only one resource has; where several have
the id it is ACCOUNT/REGION/TYPE/ID, as the answer lists them. RECOMMENDATION is
an id of list recommendations, or the name or id of a policy from --catalog; the
PATHs are those that assess gets.

For a manual control of a standard, such as mcsb-v1:IR-1 or one of a file that
--standard names, RESOURCE is a unit:
a subscription, an account, a project or a group of machines.

With --server a Bartizan server is asked, in the place of PATHs.`,
		Example: `  bartizan explain arn:aws:s3:::logs s3-bucket-block-public-access export/
  bartizan explain 111122223333 mcsb-v1:IR-1 export/ --attestations attestations.jsonl
  bartizan explain "/subscriptions/.../storageAccounts/shop" 34c877ad-507e-4c82-993e-3452a6e0ad3c azure.json --catalog policies/
  bartizan explain arn:aws:s3:::logs s3-bucket-block-public-access --server https://posture.example.com`,
		Args: paths(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := on.asked(a, cmd, slices.Concat(judgedHere, []string{"standard"})...)
			switch {
			case err != nil:
				return err
			case s != nil && len(args) > 2:
				return usagef("%d arguments: want no PATH with --server", len(args))
			case s != nil:
				return a.explainByServer(cmd.Context(), s, args[0], args[1], format)
			case len(args) < 3:
				return usagef("%d arguments: want %s", len(args), cmd.Use)
			}
			o, err := estate.options(a, args[2:])
			if err != nil {
				return err
			}
			found, err := controlNamed(&o, args[1])
			if err != nil {
				return err
			}
			if found != nil {
				e, err := a.explainControl(cmd.Context(), o, args[0], found)
				if err != nil {
					return err
				}
				return a.printExplanation(e, format)
			}
			if err := explainable(&o, args[1]); err != nil {
				return usage(err)
			}
			e, err := a.explain(cmd.Context(), o, args[0], args[1])
			if err != nil {
				return err
			}
			return a.printExplanation(e, format)
		},
	}
	estate.register(cmd)
	on.register(cmd)
	choiceFlag(cmd, &format, "format", "how to print it", formatText, formatJSON)
	return cmd
}

// explainable says what is wrong with a name that stands for no rule.
func explainable(o *assess.Options, name string) error {
	named := assess.Options{BuiltIn: o.BuiltIn, Library: o.Library, Policies: []string{name}}
	if assess.UnknownNames(&named) == nil {
		return nil
	}
	named.Policies, named.Initiatives = nil, []string{name}
	own := slices.ContainsFunc(o.OwnStandards, func(s *catalog.Standard) bool { return strings.EqualFold(s.ID, name) })
	if own || assess.UnknownNames(&named) == nil {
		return fmt.Errorf("RECOMMENDATION %q is a standard or an initiative; want one of its recommendations or policies, or STANDARD:CONTROL", name)
	}
	return fmt.Errorf("RECOMMENDATION %q: neither a recommendation, a control of a built-in standard or one of --standard (STANDARD:CONTROL), nor a policy of --catalog%s", name, assess.MeantName(o, name))
}

// explanation is anything that explains itself, in words and as JSON.
type explanation interface{ Text() string }

func (a *app) printExplanation(e explanation, format string) error {
	if format == formatJSON {
		return a.printJSON(e)
	}
	_, err := fmt.Fprintln(a.Out, report.Harmless(strings.TrimRight(e.Text(), "\n")))
	return err
}
