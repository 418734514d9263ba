package estate_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
)

// The bodies of the catalogue's cases have the same states where they are
// imported and where they are assessed; so has what is kept of them, which is
// what a server judges again.
func TestImport_of_the_catalogues_cases(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	content, problems := catalog.Parse(os.DirFS("../../catalog"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	recommendations, err := content.Recommendations()
	if err != nil {
		t.Fatal(err)
	}
	// Cases of one recommendation are about one resource, so each round has one of
	// each, and what stands for a project's variables in all of them.
	const most = 8
	judged := 0
	for round := range most {
		var lines strings.Builder
		for _, r := range recommendations {
			for i, one := range r.Cases {
				if i%most != round || i >= most && r.ID != "codebuild-project-no-secrets-variables" {
					continue
				}
				body := string(one.Resource)
				if r.ID == "codebuild-project-no-secrets-variables" {
					body = fmt.Sprintf(`{"type":"AWS::CodeBuild::Project","id":"case-%d","account":"111122223333","region":"eu-west-1","properties":%s}`, i, propertiesOf(t, one.Resource))
				}
				lines.WriteString(body + "\n")
				for _, related := range one.Related {
					lines.WriteString(string(related) + "\n")
				}
			}
		}
		// No pattern of the rule's own knows this name.
		lines.WriteString(`{"type":"AWS::CodeBuild::Project","id":"other","account":"111122223333","region":"eu-west-1","properties":{"Name":"other","Environment":{"EnvironmentVariables":[{"Name":"STRIPE_KEY","Type":"PLAINTEXT","Value":"abc"}]}}}` + "\n")
		k := newKept(t)
		k.imports(input("cases.jsonl", lines.String()))
		got := k.counts()
		want := statesOf(t, k, lines.String(), nil)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("round %d: -assess +kept:\n%s", round, diff)
		}
		if diff := cmp.Diff(want, statesOf(t, k, "", k)); diff != "" {
			t.Errorf("round %d: -assess +assess of what is kept:\n%s", round, diff)
		}
		for _, n := range got {
			judged += n
		}
	}
	t.Log(judged, "verdicts")
	if judged < 2000 {
		t.Errorf("%d verdicts, want many", judged)
	}
}

// propertiesOf gives the properties of a body.
func propertiesOf(t *testing.T, body []byte) string {
	t.Helper()
	v, err := fastjson.ParseBytes(body)
	if err != nil {
		t.Fatal(err)
	}
	return v.Get("properties").String()
}

// statesOf counts what assess finds, by rule and state, in lines or in what is
// kept.
func statesOf(t *testing.T, k *kept, lines string, in *kept) map[string]int {
	t.Helper()
	o := assess.Options{BuiltIn: k.catalog, Partial: true, Bare: true, Now: k.now}
	o.Inputs = []assess.Input{{Name: "cases.jsonl", Open: func() (io.ReadCloser, error) {
		if in != nil {
			return estate.Stream(t.Context(), in.store, in.estate.Head()), nil
		}
		return io.NopCloser(strings.NewReader(lines)), nil
	}}}
	_, checks, err := assess.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]int{}
	for c, err := range checks {
		if err != nil {
			t.Fatal(err)
		}
		if c.Type != "unit" { // a manual control's
			states[fmt.Sprint(c.Rule, " ", c.Judged, " ", c.Reason)]++
		}
	}
	return states
}
