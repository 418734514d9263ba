package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bartizan-dev/bartizan/internal/settings"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// insteadOf says what to do where a server owns the data directory that a command
// wants: the same command as a client of the server or, where it has no such form, what
// else; "" where no server is the reason.
func insteadOf(cmd *cobra.Command, err error) string {
	var owned *store.OwnedError
	switch {
	case !errors.As(err, &owned) || owned.Listen == "":
		return ""
	case cmd.Flags().Lookup("server") != nil:
		return fmt.Sprintf("ask that server, with a token in $%s or a file that --token-file names:\n  %s", tokenVariable, asClient(cmd, owned.Listen))
	case cmd.Name() == "serve":
		return "other commands ask it with --server " + owned.Listen
	}
	return fmt.Sprintf("%s has no --server form: stop that server first; what the API has is at %s/api/docs, and other commands ask it with --server %s", cmd.CommandPath(), owned.Listen, owned.Listen)
}

// asClient is a command as it was given, with a server in the place of what says where
// the data directory is.
func asClient(cmd *cobra.Command, server string) string {
	words := append(strings.Fields(cmd.CommandPath()), cmd.Flags().Args()...)
	here := map[string]bool{"config": true}
	for _, s := range settings.All {
		here[s.Flag()] = s.Common
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if here[f.Name] {
			return
		}
		of := f.Value
		if wanted, ok := of.(*valueWanted); ok {
			of = wanted.Value
		}
		if many, ok := of.(pflag.SliceValue); ok {
			for _, value := range many.GetSlice() {
				words = append(words, "--"+f.Name+"="+value)
			}
			return
		}
		if f.Value.Type() == "bool" && f.Value.String() == "true" {
			words = append(words, "--"+f.Name)
			return
		}
		words = append(words, "--"+f.Name+"="+f.Value.String())
	})
	for i, word := range words {
		words[i] = forShell(word)
	}
	return strings.Join(append(words, "--server", server), " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// forShell is a word as a shell takes it for one.
func forShell(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
