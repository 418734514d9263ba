package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

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
