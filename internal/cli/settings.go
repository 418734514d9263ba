package cli

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bartizan-dev/bartizan/internal/settings"
)

// settingFlags are the flags of settings, and that of the file they stand in.
type settingFlags struct {
	cmd  *cobra.Command
	file string
}

// register adds --config and the flags of some settings.
func (f *settingFlags) register(cmd *cobra.Command, wanted func(settings.Setting) bool) {
	f.cmd = cmd
	flags := cmd.Flags()
	flags.StringVar(&f.file, "config", "", "file with settings (default: $"+settings.FileVariable+"); flags win over the environment, that over the file")
	wantValue(cmd, "the name of a file", "config")
	for _, d := range settings.All {
		if wanted(d) {
			addSettingFlag(cmd, d)
		}
	}
}

func addSettingFlag(cmd *cobra.Command, d settings.Setting) {
	flags := cmd.Flags()
	switch d.Kind {
	case settings.Truth:
		flags.Bool(d.Flag(), d.Default == "true", d.Help)
		return
	case settings.List:
		flags.StringSlice(d.Flag(), nil, d.Help+" (a comma list or repeated)")
	case settings.Hidden:
		flags.String(d.Flag(), "", d.Help)
		wantValue(cmd, "the name of a file", d.Flag())
		return
	case settings.Word:
		flags.String(d.Flag(), d.Default, d.Help)
		complete(cmd, d.Flag(), d.Words)
	default:
		flags.String(d.Flag(), d.Default, d.Help)
	}
	wantValue(cmd, d.Want, d.Flag())
}

// given are the texts of the flags that were given.
func (f *settingFlags) given() map[string][]string {
	texts := map[string][]string{}
	f.cmd.Flags().Visit(func(flag *pflag.Flag) {
		if list, err := f.cmd.Flags().GetStringSlice(flag.Name); err == nil {
			texts[flag.Name] = list
			return
		}
		text := flag.Value.String()
		if is, err := f.cmd.Flags().GetBool(flag.Name); err == nil {
			text = strconv.FormatBool(is)
		}
		texts[flag.Name] = []string{text}
	})
	return texts
}

// path is the configuration file's name, "" for none.
func (f *settingFlags) path(a *app) string {
	if f.file != "" {
		return f.file
	}
	return a.Getenv(settings.FileVariable)
}

// sources reads where settings come from.
func (f *settingFlags) sources(a *app) (settings.Sources, error) {
	from := settings.Sources{Getenv: a.Getenv, Flags: f.given()}
	if path := f.path(a); path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return from, fmt.Errorf("reading the settings: %w", err)
		}
		from.File = settings.ReadFile(path, text)
	}
	return from, nil
}

// load gives the settings, and refuses them with all that is wrong.
func (f *settingFlags) load(a *app) (*settings.Settings, error) {
	from, err := f.sources(a)
	if err != nil {
		return nil, err
	}
	s, problems := settings.Load(from)
	if err := problems.Err(); err != nil {
		return nil, usage(err)
	}
	for _, p := range problems.Warnings() {
		a.note("%s", p.Error())
	}
	return s, nil
}

// secret reads one of the settings, and warns of a file that others may read.
func (a *app) secret(what string, s settings.Secret) (string, error) {
	open := func(name string) (io.ReadCloser, error) {
		file, err := os.Open(name)
		if err == nil {
			a.noteReadable(what, file)
		}
		return file, err
	}
	text, err := s.Read(open, a.Getenv)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	return text, nil
}

// noteReadable warns of a file with a secret that others may read.
func (a *app) noteReadable(what string, file *os.File) {
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		a.note("%s %s: others may read it; chmod 600 forbids that", what, file.Name())
	}
}
