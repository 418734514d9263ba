package assess_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An input that breaks off is a problem of that input; what came before counts
// and the other inputs go on.
func TestInputThatBreaksOff(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 2000 {
		fmt.Fprintln(z, account(groupA, fmt.Sprintf("a%d-%x", i, i*i*7919), plain))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	broken := assess.Input{Name: "broken.gz", Open: func() (io.ReadCloser, error) {
		return gzip.NewReader(bytes.NewReader(packed.Bytes()[:packed.Len()*3/4]))
	}}
	o := options(t, []string{https})
	o.Inputs = []assess.Input{broken, text("rest.jsonl", account(groupA, "last", secure))}
	result, checks := run(t, o)
	if len(checks) < 100 || len(checks) >= 2000 || verdict(checks[len(checks)-1]) != "https last healthy" {
		t.Errorf("%d checks, the last %q; want a part of broken.gz and all of the rest", len(checks), verdict(checks[len(checks)-1]))
	}
	found := false
	for _, p := range result.Problems {
		found = found || p.File == "broken.gz" && strings.Contains(p.Reason, "ends early")
	}
	if !found {
		t.Errorf("problems %+v, want one of broken.gz", result.Problems)
	}
}

func TestInputThatCannotBeOpened(t *testing.T) {
	o := options(t, []string{https})
	denied := errors.New("denied")
	o.Inputs = []assess.Input{{Name: "x", Open: func() (io.ReadCloser, error) { return nil, denied }}}
	if _, _, err := assess.Run(t.Context(), o); !errors.Is(err, denied) || !strings.Contains(err.Error(), "open x") {
		t.Errorf("got %v, want the input and the cause", err)
	}
}

// An adapter that names the input already is not repeated.
func TestOpenErrorsAreSaidOnce(t *testing.T) {
	o := options(t, []string{https})
	o.Inputs = []assess.Input{{Name: "x", Open: func() (io.ReadCloser, error) { return nil, errors.New("open x: denied") }}}
	if _, _, err := assess.Run(t.Context(), o); err == nil || err.Error() != "open x: denied" {
		t.Errorf("error %v, want it once", err)
	}
}

// Problems are kept in the order of the input, as many as can be looked at.
func TestManyProblems(t *testing.T) {
	lines := make([]string, 6000)
	for i := range lines {
		lines[i] = `{"a":1}`
	}
	for _, workers := range []int{1, 4} {
		o := options(t, []string{https}, lines...)
		o.Workers = workers
		result, _ := run(t, o)
		if n := len(result.Problems); n != 1001 || result.Problems[0].Line != 1 || result.Problems[999].Line != 1000 {
			t.Fatalf("%d problems, want the first 1000 and one that counts", n)
		}
		want := inventory.Problem{Reason: "and 5000 more problems, only counted"}
		if got := result.Problems[1000]; got != want {
			t.Errorf("last problem %+v, want %+v", got, want)
		}
	}
}

func TestNoResources(t *testing.T) {
	o := options(t, []string{https}, "[]")
	o.BuiltIn = builtIn(t)
	result, checks := run(t, o)
	if result.Total != 0 || len(checks) != 0 || result.Score.HasScore || result.Coverage.Percent != 100 || len(result.Fixes) != 0 {
		t.Errorf("result %+v, want nothing", result)
	}
	o.Inputs = nil
	if result, _ := run(t, o); len(result.Seen) != 0 {
		t.Errorf("seen %+v, want nothing", result.Seen)
	}
}

// However many goroutines judge, the results are the same to the byte.
func TestWorkersAgree(t *testing.T) {
	inputs := append(contosoFiles(t), text("more.jsonl", estateOfTwo...))
	// Enough to fill several chunks, with duplicates and broken lines.
	var lines []string
	for i := range 6000 {
		lines = append(lines, account(fmt.Sprintf("%s%d", groupA, i%7), fmt.Sprintf("s%d", i%5500), []string{plain, secure, ""}[i%3]))
		if i%1000 == 0 {
			lines = append(lines, "{", read(unitA, settings, "false"), account(groupA, "s", plain), setting("s"))
		}
	}
	inputs = append(inputs, text("many.jsonl", lines...))
	o := options(t, []string{
		https, logged, tagged, attest, assignment("x", unitA, "policyDefinitions/https", ""),
		assignment("y", groupA+"1", "policyDefinitions/logged", ""), exempting(groupA+"2", unitA+assignments+"x", ""),
	})
	o.Inputs, o.BuiltIn = inputs, builtIn(t)
	o.Workers = 1
	first, checks := run(t, o)
	for _, workers := range []int{2, 8} {
		o.Workers = workers
		again, checksAgain := run(t, o)
		if diff := cmp.Diff(first, again, cmpopts.IgnoreUnexported(inventory.Seen{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("1 and %d workers (-1 +%d):\n%s", workers, workers, diff)
		}
		// To see that a hundred thousand checks are equal cmp.Diff takes its time.
		if !reflect.DeepEqual(checks, checksAgain) {
			t.Errorf("checks by 1 and %d workers (-1 +%d):\n%.3000s", workers, workers, cmp.Diff(checks, checksAgain))
		}
	}
}

// endless gives resources for as long as somebody reads, and stops the
// assessment after some.
type endless struct {
	n      int
	after  int
	cancel context.CancelFunc
}

func (e *endless) Read(b []byte) (int, error) {
	if e.n++; e.n == e.after {
		e.cancel()
	}
	return copy(b, account(groupA, fmt.Sprint("a", e.n), plain)+"\n"), nil
}

func (e *endless) Close() error { return nil }

// A context that ends ends the reading; TestMain looks for what is left.
func TestCancellation(t *testing.T) {
	for _, workers := range []int{1, 8} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		o := options(t, []string{https})
		o.Workers = workers
		o.Inputs = []assess.Input{{Name: "endless", Open: func() (io.ReadCloser, error) { return &endless{after: 20000, cancel: cancel}, nil }}}
		if _, _, err := assess.Run(ctx, o); !errors.Is(err, context.Canceled) {
			t.Errorf("%d workers: got %v, want that it was cancelled", workers, err)
		}
	}
	t.Run("checks", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var lines []string
		for i := range 20000 {
			lines = append(lines, account(groupA, fmt.Sprint("a", i), plain))
		}
		_, checks, err := assess.Run(ctx, options(t, []string{https}, lines...))
		if err != nil {
			t.Fatal(err)
		}
		n, last := 0, error(nil)
		for _, err := range checks {
			if n++; n == 10 {
				cancel()
			}
			last = err
		}
		if !errors.Is(last, context.Canceled) || n >= 20000 {
			t.Errorf("%d checks, then %v; want fewer, then that it was cancelled", n, last)
		}
	})
}

// generated gives n small resources without holding them.
type generated struct {
	n, made int
	rest    []byte
}

func (g *generated) Read(b []byte) (int, error) {
	if len(g.rest) == 0 {
		if g.made == g.n {
			return 0, io.EOF
		}
		g.made++
		g.rest = append(g.rest[:0], account(groupA, fmt.Sprint("account", g.made), []string{plain, secure}[g.made%2])...)
		g.rest = append(g.rest, '\n')
	}
	n := copy(b, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

func (g *generated) Close() error { return nil }

// Memory grows by some bytes a resource and not with their bodies.
func TestMemoryPerResource(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	heap := func(n int) int64 {
		o := options(t, []string{https, logged})
		o.Inputs = []assess.Input{{Name: "generated", Open: func() (io.ReadCloser, error) { return &generated{n: n}, nil }}}
		result, checks, err := assess.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if result.Total != n {
			t.Fatalf("%d resources, want %d", result.Total, n)
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(checks) // which holds all that a second reading needs
		return int64(m.HeapAlloc)
	}
	few, many := heap(20_000), heap(200_000)
	if each := (many - few) / 180_000; each > 250 || each < 20 {
		t.Errorf("%d bytes a resource are kept, want the record and not the body", each)
	}
}

// Progress tells how much of the inputs is read, up to all.
func TestProgress(t *testing.T) {
	o := options(t, []string{https}, account(groupA, "a", plain))
	seen := map[string]int64{}
	o.Progress = func(stage string, done, total int64) {
		if total != o.Inputs[0].Size {
			t.Errorf("total %d, want %d", total, o.Inputs[0].Size)
		}
		seen[stage] = done
	}
	run(t, o)
	want := map[string]int64{"reading": o.Inputs[0].Size, "checks": o.Inputs[0].Size}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("bytes by stage (-want +got):\n%s", diff)
	}
}

// Unknown checks say in words what was not read.
func TestDetails(t *testing.T) {
	o := options(t, []string{https, logged, tagged}, account(groupA, "a", ""), read(unitA, "*", "true", gap("throttled", settings)))
	_, checks := run(t, o)
	got := map[string]string{}
	for _, c := range checks {
		got[c.Rule[len(idOf):]] = c.State.String() + ": " + c.Detail
	}
	want := map[string]string{
		"https":  "unknown: the resource was read in part only",
		"logged": "unknown: whether all Microsoft.Insights/diagnosticSettings of " + unitA + " were read: throttled",
		"tagged": "unknown: a part of the resource, or its resource group or subscription, was not read",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
}

// A verdict that rests on the type alone says so; one that rests on nothing of the
// resource says on what.
func TestEvidenceOfRules(t *testing.T) {
	tests := map[string]struct {
		condition string
		state     posture.State
		want      []posture.Evidence
	}{
		"a_type": {
			`{"not": {"field": "type", "in": ["A/b"]}}`, posture.Unhealthy,
			[]posture.Evidence{{Path: "type", Found: "Microsoft.Storage/storageAccounts", Wanted: "a type that the rule does not name"}},
		},
		"a_constant": {
			`{"value": "[length(createArray(1))]", "equals": 2}`, posture.Healthy,
			[]posture.Evidence{{Path: "value", Found: 1.0, Wanted: "length(createArray(1)) notEquals 2"}},
		},
		"nothing": {
			`{"allOf": []}`, posture.Unhealthy,
			[]posture.Evidence{{Path: "value", Found: true, Wanted: "allOf of no conditions equals false"}},
		},
		"what_is_missing": {
			`{"field": "name", "notEquals": "[policy().none]"}`, posture.Unknown,
			[]posture.Evidence{{Path: "expression", Found: "what to compare with is missing, want a value (in [policy().none])", Wanted: "name equals policy().none"}},
		},
		"what_is_around": {
			`{"not": {"field": "name", "equals": "[subscription().none]"}}`, posture.Unknown,
			[]posture.Evidence{{Path: "subscription().none", Found: "unknown (notCollected)", Wanted: "name equals subscription().none"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rule := definition("rule", `"if": `+test.condition+`, "then": {"effect": "Audit"}`, "")
			_, checks := run(t, options(t, []string{rule}, account(groupA, "a", secure)))
			if checks[0].State != test.state {
				t.Errorf("got %s, want %s", checks[0].State, test.state)
			}
			if diff := cmp.Diff(test.want, checks[0].Evidence); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
		})
	}
}
