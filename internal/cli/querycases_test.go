package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// A stopping writer ends a run with the first thing that it writes.
type stopping struct {
	bytes.Buffer
	stop func()
}

func (s *stopping) Write(text []byte) (int, error) {
	s.stop()
	return s.Buffer.Write(text)
}

// TestCasesAreAnsweredAsTheyCome: a case is answered before the file is read to its end.
func TestCasesAreAnsweredAsTheyCome(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, out := repeat("", `{"id":1,"query":"print n = 1"}`+"\n"), &stopping{stop: cancel}
	code := Run(ctx, Process{
		Args: []string{"query", "--cases", "-"}, In: in, Out: out, Err: io.Discard, Now: time.Now, Getenv: func(string) string { return "" },
	})
	if want := `{"id":1,"columns":[{"name":"n","type":"long"}],"rows":[[1]],"error":null}` + "\n"; code != exitError || out.String() != want {
		t.Errorf("exit %d, answered %.200q, want %q", code, out.String(), want)
	}
	if read := in.read.Load(); read > 4<<20 {
		t.Errorf("read %d bytes before the first answer", read)
	}
}

// TestCasesHaveACap: a case that would take more than --max-memory is an error of it alone.
func TestCasesHaveACap(t *testing.T) {
	const fine = `{"id":3,"query":"print n = 3"}`
	const answered = `{"id":3,"columns":[{"name":"n","type":"long"}],"rows":[[3]],"error":null}`
	rows := strings.TrimSuffix(strings.Repeat(`["a"],`, 30000), ",")
	for name, test := range map[string]struct{ memory, line, want string }{
		"line": {
			"1MB", `{"id":2,"query":"print '` + strings.Repeat("x", 3<<20) + `'"}`,
			`{"id":null,"columns":[],"rows":[],"error":"line 2 is longer than a quarter of --max-memory 1MB; raise it (0: any number), or make cases of fewer rows"}`,
		},
		"table": {
			"1MB", `{"id":2,"query":"T | count","tables":{"T":{"columns":[["a","dynamic"]],"rows":[` + rows + `]}}}`,
			`{"id":2,"columns":[],"rows":[],"error":"table T: row 10743: the tables up to here take more memory than --max-memory 1MB; raise it (0: any number), or leave out rows and columns"}`,
		},
		"result": {
			"1MB", `{"id":2,"query":"range x from 1 to 300000 step 1"}`,
			`{"id":2,"columns":[],"rows":[],"error":"the result takes more memory than --max-memory 1MB; raise it (0: any number), or take fewer rows"}`,
		},
		"any_number": {
			"0", `{"id":2,"query":"print n = strlen('` + strings.Repeat("x", 3<<20) + `')"}`,
			`{"id":2,"columns":[{"name":"n","type":"long"}],"rows":[[3145728]],"error":null}`,
		},
	} {
		for form, last := range map[string]string{"": "\n", ", no_end": "", ", blank": "\r\n \n\n"} {
			t.Run(name+form, func(t *testing.T) {
				var out bytes.Buffer
				code := Run(t.Context(), Process{
					Args: []string{"query", "--cases", "-", "--max-memory", test.memory}, In: strings.NewReader("\n" + test.line + "\n" + fine + last),
					Out: &out, Err: &out, Now: time.Now, Getenv: func(string) string { return "" },
				})
				if want := test.want + "\n" + answered + "\n"; code != exitFine || out.String() != want {
					t.Errorf("exit %d, printed\n%.400s\nwant\n%s", code, out.String(), want)
				}
			})
		}
	}
}
