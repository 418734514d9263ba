package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// fullDisk takes nothing.
type fullDisk struct{}

var errFull = errors.New("write /dev/full: no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// Whatever cannot be written is an error, help too.
func TestHelpThatCannotBeWritten(t *testing.T) {
	for _, line := range []string{"", "--help", "help", "help assess", "assess --help", "policy", "policy --help", "version", "completion bash"} {
		for _, columns := range []string{"", "40"} {
			var errs bytes.Buffer
			code := Run(context.Background(), Process{
				Args: strings.Fields(line), Out: fullDisk{}, Err: &errs, Now: time.Now,
				Getenv: func(name string) string { return map[string]string{"COLUMNS": columns}[name] },
			})
			if code != exitError || errs.String() != "bartizan: "+errFull.Error()+"\n" {
				t.Errorf("%q: exit code %d and %q, want %d and one line", line, code, errs.String(), exitError)
			}
		}
	}
}

func TestWrongCommandLines(t *testing.T) {
	for line, want := range map[string]string{
		"assess x --complete all --partial":                   "--complete and --partial exclude each other; want one of them",
		"query T --data d --inventory i":                      "--data and --inventory exclude each other; want one of them",
		"serve --data d --database u":                         "--data and --database exclude each other; want one of them",
		"assess x --server https://localhost:1":               "1 PATH and --server: a server judges what it has; want import to send it more",
		"assess x y --server https://localhost:1":             "2 PATHs and --server: a server judges what it has; want import to send it more",
		"list standards --server-ca a --server-fingerprint b": "--server-ca and --server-fingerprint exclude each other; want one of them",
	} {
		var out, errs bytes.Buffer
		code := Run(context.Background(), Process{Args: strings.Fields(line), Out: &out, Err: &errs, Now: time.Now, Getenv: func(string) string { return "" }})
		if first, _, _ := strings.Cut(errs.String(), "\n"); code != exitUsage || first != "bartizan: "+want {
			t.Errorf("%s: exit code %d and %q, want %d and %q", line, code, first, exitUsage, want)
		}
	}
}

// What is below the limit must not look as if it were not.
func TestCoverageThatMissesItsLimit(t *testing.T) {
	for name, test := range map[string]struct {
		limit, percent float64
		want           string
	}{
		"long":  {99, 98.19607843137256, "--fail-coverage-below 99: coverage is 98.19 %"},
		"close": {98.2, 98.19607843137256, "--fail-coverage-below 98.2: coverage is 98.19 %"},
		"whole": {99, 98, "--fail-coverage-below 99: coverage is 98 %"},
	} {
		t.Run(name, func(t *testing.T) {
			err := threshold{coverage: test.limit}.check(&assess.Result{Coverage: assess.Coverage{Judged: 1, Percent: test.percent}}, nil)
			if err == nil || err.Error() != test.want {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
