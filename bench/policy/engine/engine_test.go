package engine

import (
	"bytes"
	"slices"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/bench/estate/tenant"
	"github.com/bartizan-dev/bartizan/bench/handwritten/check"
	"github.com/bartizan-dev/bartizan/bench/rules"
)

// The engine and the checks written by hand give the same verdicts, and the
// estate has both outcomes of every rule, so that agreement means something.
func TestAgreesWithHandwritten(t *testing.T) {
	engine, err := New()
	if err != nil {
		t.Fatal(err)
	}
	hand, err := check.New()
	if err != nil {
		t.Fatal(err)
	}
	all, err := rules.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	unhealthy, judged := make([]int, len(all)), 0
	for _, line := range sixTypes(t) {
		got, err := engine(line)
		if err != nil {
			t.Fatal(err)
		}
		want, err := hand(line)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("engine %030b, by hand %030b: %s", got, want, line)
		}
		for i := range all {
			unhealthy[i] += int(got >> i & 1)
		}
		judged++
	}
	if judged < 10_000 {
		t.Errorf("%d resources judged, want at least 10,000", judged)
	}
	for i, n := range unhealthy {
		if n == 0 {
			t.Errorf("%s: never unhealthy", all[i].Name)
		}
	}
}

// sixTypes gives the lines of an estate whose type the rules are about.
func sixTypes(t *testing.T) [][]byte {
	t.Helper()
	var out bytes.Buffer
	if err := tenant.Write(&out, tenant.Options{Resources: 40_000, Seed: 11}); err != nil {
		t.Fatal(err)
	}
	var parser fastjson.Parser
	var kept [][]byte
	for line := range bytes.Lines(out.Bytes()) {
		v, err := parser.ParseBytes(line)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(rules.Types, string(v.GetStringBytes("type"))) {
			kept = append(kept, line)
		}
	}
	return kept
}
