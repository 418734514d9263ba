package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestDescribeWithoutTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tests := map[string]struct {
		env  map[string]string
		want Device
	}{
		"no_locale":            {nil, Device{Unicode: true}},
		"utf8":                 {map[string]string{"LANG": "de_DE.UTF-8"}, Device{Unicode: true}},
		"lc_all_beats_lang":    {map[string]string{"LC_ALL": "de_DE.ISO-8859-1", "LANG": "de_DE.UTF-8"}, Device{}},
		"colour_needs_a_tty":   {map[string]string{"TERM": "xterm-256color"}, Device{Unicode: true}},
		"dumb_is_no_tty":       {map[string]string{"TERM": "dumb"}, Device{Unicode: true}},
		"columns":              {map[string]string{"COLUMNS": "100"}, Device{Unicode: true, Width: 100}},
		"no_columns":           {map[string]string{"COLUMNS": "-3x"}, Device{Unicode: true}},
		"posix_is_a_container": {map[string]string{"LANG": "C"}, Device{Unicode: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Describe(file, env(test.env), ColourWhereShown)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, Describe(&bytes.Buffer{}, env(test.env), ColourWhereShown)); diff != "" {
				t.Errorf("buffer (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDescribeTerminal asks a real pseudo terminal where the system has one.
func TestDescribeTerminal(t *testing.T) {
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo terminal here: ", err)
	}
	defer pty.Close()
	tests := map[string]struct {
		env    map[string]string
		colour Colouring
		want   Device
	}{
		"plain":    {nil, ColourWhereShown, Device{Terminal: true, Width: 80, Colour: true, Unicode: true}},
		"no_color": {map[string]string{"NO_COLOR": "1"}, ColourWhereShown, Device{Terminal: true, Width: 80, Unicode: true}},
		"flag":     {nil, NoColour, Device{Terminal: true, Width: 80, Unicode: true}},
		"dumb":     {map[string]string{"TERM": "dumb"}, ColourWhereShown, Device{Unicode: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Describe(pty, env(test.env), test.colour)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
