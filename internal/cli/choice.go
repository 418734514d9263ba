package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// The formats of commands that print one thing.
const (
	formatText  = "text"
	formatTable = "table"
	formatJSON  = "json"
)

// choice is the value of a flag that takes one of a few words.
type choice struct {
	value *string
	words []string
}

// choiceFlag adds such a flag, which completes its words. The value holds the
// default before.
func choiceFlag(cmd *cobra.Command, value *string, name, help string, words ...string) {
	cmd.Flags().Var(choice{value, words}, name, help+": "+strings.Join(words, ", "))
	complete(cmd, name, words)
}

// complete offers words to the shell.
func complete(cmd *cobra.Command, name string, words []string) {
	// The only error is that of a flag that is not there or done twice.
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// completeStandards offers the ids of the built-in standards to --standard, and to
// --initiative where there is one; files stay on offer.
func completeStandards(cmd *cobra.Command) {
	offer := func(more ...string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			c, err := catalog.Load()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			standards, err := c.Standards()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			var ids []string
			for _, s := range standards {
				ids = append(ids, s.ID+"\t"+s.Title)
			}
			return append(ids, more...), cobra.ShellCompDirectiveDefault
		}
	}
	_ = cmd.RegisterFlagCompletionFunc("standard", offer("all\tall of them"))
	if cmd.Flags().Lookup("initiative") != nil {
		_ = cmd.RegisterFlagCompletionFunc("initiative", offer())
	}
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return "word" }

func (c choice) Set(text string) error {
	for _, word := range c.words {
		if strings.EqualFold(text, word) {
			*c.value = word
			return nil
		}
	}
	return fmt.Errorf("want %s%s", strings.Join(c.words, ", "), spelling.Meant(text, c.words))
}

// The words of flags that are not a choice.
var (
	severityWords = []string{"critical", "high", "medium", "low", "notRated"}
	stateWords    = []string{"unhealthy", "unknown", "healthy", "manual", "exempt", "notApplicable"}
	cloudWords    = []string{"azure", "aws", "gcp", "machine"}
)

// meaning adds to the error for a word the one of words that was probably
// meant; it is nil for none.
func meaning(err error, word string, words []string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w%s", err, spelling.Meant(word, words))
}
