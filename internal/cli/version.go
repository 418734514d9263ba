package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is the release; the linker may set another one.
var version = "0.1.0-dev"

type versionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"` // "" where the build did not know
	Dirty   bool   `json:"dirty"`  // built from a changed checkout
	Go      string `json:"go"`
	System  string `json:"system"`
}

func (a *app) versionCommand() *cobra.Command {
	format := formatText
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and Go version",
		Example: `  bartizan version
  bartizan version --format json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := thisVersion()
			if format == formatJSON {
				return a.printJSON(v)
			}
			_, err := fmt.Fprintln(a.Out, v)
			return err
		},
	}
	choiceFlag(cmd, &format, "format", "how to print it", formatText, formatJSON)
	return cmd
}

func thisVersion() versionInfo {
	v := versionInfo{Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			v.Commit = setting.Value
		case "vcs.modified":
			v.Dirty = setting.Value == "true"
		}
	}
	return v
}

func (v versionInfo) String() string {
	commit := ""
	if v.Commit != "" {
		commit = " commit " + v.Commit[:min(12, len(v.Commit))]
	}
	if v.Dirty {
		commit += " with changes"
	}
	return fmt.Sprintf("bartizan %s%s, %s %s", v.Version, commit, v.Go, v.System)
}

func (a *app) printJSON(v any) error {
	encoder := json.NewEncoder(a.Out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
