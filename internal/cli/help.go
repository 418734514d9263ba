package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// narrow is the width under which help is laid out anew; its lines are written
// for more.
const narrow = 80

// narrowHelp makes help fit into the columns that there are. Where there is
// room it stays as it was written.
func (a *app) narrowHelp(root *cobra.Command) {
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		width := a.device(a.Out).Width
		if width <= 0 || width >= narrow {
			help(cmd, args)
			return
		}
		_, _ = io.WriteString(cmd.OutOrStdout(), helpText(cmd, max(width, 20)))
	})
}

func helpText(cmd *cobra.Command, width int) string {
	var b strings.Builder
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	fmt.Fprintf(&b, "%s\n\nUsage:\n%s", wrapText(about, width), wrapLine("  "+cmd.UseLine(), width, 4))
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\n\nExamples:\n%s", cmd.Example) // to be copied, so lines stay whole
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\nCommands:")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				b.WriteString("\n  " + sub.Name() + "\n" + wrapLine("    "+sub.Short, width, 4))
			}
		}
	}
	for _, flags := range []struct{ name, usages string }{
		{"Flags", cmd.LocalFlags().FlagUsages()},
		{"Global Flags", cmd.InheritedFlags().FlagUsages()},
	} {
		if flags.usages != "" {
			fmt.Fprintf(&b, "\n\n%s:\n%s", flags.name, flagText(flags.usages, width))
		}
	}
	return b.String() + "\n"
}

// flagText puts what a flag means below its name.
func flagText(usages string, width int) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(usages, "\n"), "\n") {
		name, about, _ := strings.Cut(strings.TrimSpace(line), "   ")
		lines = append(lines, "  "+name, wrapLine("      "+strings.TrimSpace(about), width, 6))
	}
	return strings.Join(lines, "\n")
}

// wrapText wraps paragraphs. A line that begins with a blank is one of a list.
func wrapText(text string, width int) string {
	var paragraphs []string
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		last := len(paragraphs) - 1
		if last >= 0 && line != "" && paragraphs[last] != "" && !strings.HasPrefix(line, " ") {
			paragraphs[last] += " " + line
			continue
		}
		paragraphs = append(paragraphs, line)
	}
	for i, p := range paragraphs {
		hanging := len(p) - len(strings.TrimLeft(p, " "))
		paragraphs[i] = wrapLine(p, width, 2*hanging)
	}
	return strings.Join(paragraphs, "\n")
}

// wrapLine breaks a line at blanks; what follows the first break is indented.
// A word that is too long for a line has one of its own.
func wrapLine(line string, width, indent int) string {
	words := slices.Collect(strings.FieldsSeq(line))
	if len(words) == 0 {
		return ""
	}
	begin := line[:len(line)-len(strings.TrimLeft(line, " "))]
	text := begin + words[0]
	columns := utf8.RuneCountInString(text)
	for _, word := range words[1:] {
		n := utf8.RuneCountInString(word)
		if columns+1+n > width {
			text += "\n" + strings.Repeat(" ", indent) + word
			columns = indent + n
			continue
		}
		text += " " + word
		columns += 1 + n
	}
	return text
}
