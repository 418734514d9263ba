package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// misnamed finds a sub-command that there is not, and the command that was to
// have it. cobra would first complain of flags that the right one has, or show
// the help of the command above.
func misnamed(root *cobra.Command, args []string) (*cobra.Command, error) {
	cmd, rest, err := root.Find(args)
	if err != nil {
		return root, nil // cobra says what
	}
	if cmd.Name() == "help" && cmd.Parent() == root {
		if cmd, rest, err = root.Find(rest); err != nil {
			return root, nil
		}
	}
	if !cmd.HasSubCommands() {
		return cmd, nil
	}
	for _, word := range rest {
		switch {
		case strings.HasPrefix(word, "__"): // what the scripts of shells ask
			return cmd, nil
		case !strings.HasPrefix(word, "-"):
			return cmd, subcommandsOnly(cmd, []string{word})
		case !isSwitch(cmd, word):
			return cmd, nil // whether the next word is its value is not known
		}
	}
	return cmd, nil
}

// isSwitch reports whether a word is a flag of a command that takes no value,
// or the help that each has.
func isSwitch(cmd *cobra.Command, word string) bool {
	if word == "-h" || word == "--help" {
		return true
	}
	flags := cmd.Root().PersistentFlags()
	f := flags.Lookup(strings.TrimPrefix(word, "--"))
	if len(word) == 2 {
		f = flags.ShorthandLookup(word[1:])
	}
	return f != nil && f.NoOptDefVal != ""
}

// subcommandsOnly is the argument check of a command that only groups others.
func subcommandsOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = max(2, len(args[0])/4)
	text := fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("%s; did you mean %s?", text, strings.Join(near, " or "))
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	text += "; want " + strings.Join(names, ", ")
	return errors.New(text)
}
