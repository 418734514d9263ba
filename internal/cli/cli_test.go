package cli

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the scripts compare with")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"bartizan": func() {
			os.Exit(Run(context.Background(), Process{
				Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: time.Now,
			}))
		},
	})
}

// TestScripts types what people type. "exits N command…" is exec with an exit
// code.
func TestScripts(t *testing.T) {
	p := testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "judgedAlike": judgedAlike},
	}
	if testing.Short() {
		// Under the race detector: those of commands that read and judge at once.
		p.Dir, p.Files = "", []string{"testdata/assess.txt", "testdata/assess_options.txt", "testdata/query.txt", "testdata/explain.txt"}
	}
	testscript.Run(t, p)
}

// judgedAlike compares two reports for people up to what they say of the inputs.
func judgedAlike(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] judgedAlike FILE FILE")
	}
	one, before, _ := strings.Cut(ts.ReadFile(args[0]), "\nRead ")
	other, _, found := strings.Cut(ts.ReadFile(args[1]), "\nRead ")
	if before == "" || !found || (one == other) == neg {
		ts.Fatalf("%s and %s: alike %v, want %v", args[0], args[1], one == other, !neg)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
