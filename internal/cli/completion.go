package cli

import "github.com/spf13/cobra"

// completion gives the command that prints scripts for shells, which cobra
// makes, the manners of the others.
func completion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	cmd, _, err := root.Find([]string{"completion"})
	if err != nil {
		return // cobra has none
	}
	cmd.Short = "Print a script that completes commands in a shell"
	cmd.Long = `Prints a script that makes a shell complete commands, flags and their words.
The help of each shell says where to put it.`
	cmd.Example = `  source <(bartizan completion bash)
  bartizan completion zsh > "${fpath[1]}/_bartizan"`
	cmd.Args = subcommandsOnly
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	for _, shell := range cmd.Commands() {
		if example, ok := completionExamples[shell.Name()]; ok {
			shell.Example = example
		}
	}
}

var completionExamples = map[string]string{
	"bash": `  source <(bartizan completion bash)
  bartizan completion bash > /etc/bash_completion.d/bartizan`,
	"zsh": `  source <(bartizan completion zsh)
  bartizan completion zsh > "${fpath[1]}/_bartizan"`,
	"fish": `  bartizan completion fish | source
  bartizan completion fish > ~/.config/fish/completions/bartizan.fish`,
	"powershell": `  bartizan completion powershell | Out-String | Invoke-Expression`,
}
