package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// nasty is what somebody may call a resource to break what reads of it.
var nasty = []string{
	"]]><failure/>", `"quoted" 'and' back\slash`, "nul\x00bell\x07escape\x1b[31m", "\u202egnp.exe\u200f\u2066", "<script>alert(1)</script>&amp;",
	"bad utf-8 \xff\xfe", "line\nof\r\ntwo\ttabs", "| pipe | `code` ``` **bold** @somebody #12 [link](https://example.org) <!-- {0}",
	"\uFFFE\uFFFF\u2028", "../../etc/passwd", strings.Repeat("long ", 2000), "</details></td>", "",
}

// hostile is an estate that is called nasty everywhere.
func hostile() *Run {
	run := single()
	var list []posture.Check
	for check := range run.Checks {
		for _, name := range nasty {
			c := *check
			c.Name, c.Location, c.Resource, c.Detail = name, name, check.Resource+"/"+name, name
			c.Tags = map[string]string{name: name, "owner": name}
			c.Evidence = append([]posture.Evidence{{Path: name, Found: name, Wanted: name, Resource: name}}, check.Evidence...)
			list = append(list, c)
		}
	}
	for _, name := range nasty {
		run.Result.Recommendations = append(run.Result.Recommendations, assess.RuleResult{ID: "policy-" + name, Title: name, Unhealthy: 1})
		list = append(list, posture.Check{
			Rule: "policy-" + name, Resource: "x", Type: name, Cloud: posture.GCP, Unit: name, Scope: name,
			State: posture.Unhealthy, Judged: posture.Unhealthy,
		})
	}
	run.Checks = checks(list...)
	return run
}

// demo is the estate of the invented company, assessed by the real pipeline.
func demo(t *testing.T) *Run {
	t.Helper()
	builtIn, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	var estate bytes.Buffer
	if err := contoso.Estate(&estate); err != nil {
		t.Fatal(err)
	}
	input := assess.Input{
		Name: "contoso", Size: int64(estate.Len()),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(estate.Bytes())), nil },
	}
	result, found, err := assess.Run(context.Background(), assess.Options{Inputs: []assess.Input{input}, BuiltIn: builtIn, Now: at, Evidence: true})
	if err != nil {
		t.Fatal(err)
	}
	return &Run{Result: result, Checks: fewManual(found), At: at, Version: "0.1.0", Scopes: result.Scopes}
}

// fewManual leaves some of the thousands of manual checks that standards make,
// all of one form.
func fewManual(all assess.Checks) assess.Checks {
	return func(yield func(*posture.Check, error) bool) {
		manual := 0
		for check, err := range all {
			if err == nil && check.State == posture.Manual {
				if manual++; manual > 50 {
					continue
				}
			}
			if !yield(check, err) {
				return
			}
		}
	}
}

// eachRun writes the named format of every run that there is here.
func eachRun(t *testing.T, format string, check func(t *testing.T, text []byte)) {
	formats, err := Parse([]string{format})
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]*Run{"single": single(), "empty": empty(), "hostile": hostile(), "demo": demo(t)} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := formats[0].Write(&out, run); err != nil {
				t.Fatal(err)
			}
			if !utf8.Valid(out.Bytes()) {
				t.Error("not UTF-8")
			}
			if at := bytes.IndexFunc(out.Bytes(), func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }); at >= 0 {
				t.Errorf("a control character: %q", out.Bytes()[max(0, at-40):at+1])
			}
			check(t, out.Bytes())
		})
	}
}

func schemaFile(name string) string { return filepath.Join("testdata", "schemas", name) }

func TestSARIFSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile("sarif-2.1.0-rtm.5.json"))
	if err != nil {
		t.Fatal(err)
	}
	eachRun(t, "sarif", func(t *testing.T, text []byte) {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
		var log struct {
			Runs []struct {
				Tool    sarifTool
				Results []sarifResult
			}
		}
		if err := json.Unmarshal(text, &log); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, r := range log.Runs[0].Results {
			if r.RuleIndex < 0 || log.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
				t.Errorf("rule %s is not at %d", r.RuleID, r.RuleIndex)
			}
			if (r.Kind == "fail") == (r.Level == "none") {
				t.Errorf("kind %s, level %s", r.Kind, r.Level)
			}
			uri := r.Locations[0].Physical.Artifact.URI
			if strings.HasPrefix(uri, "/") || strings.Contains("/"+uri+"/", "/../") {
				t.Errorf("uri %s leads out", uri)
			}
			if id := r.Fingerprints["bartizanCheck/v1"]; seen[id] {
				t.Errorf("fingerprint %s twice", id)
			} else {
				seen[id] = true
			}
		}
	})
}

// TestOCSFSchema: of a machine outside clouds a finding lacks the profile, and
// with it the member, that the schema was put together for.
func TestOCSFSchema(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	file := schemaFile("ocsf-1.5.0-compliance_finding.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.Replace(text, []byte(`"cloud",`), nil, 1)))
	if err != nil {
		t.Fatal(err)
	}
	delete(bare.(map[string]any)["properties"].(map[string]any), "cloud")
	required := fmt.Sprint(bare.(map[string]any)["required"])
	if strings.Contains(required, "cloud") || !strings.Contains(required, "compliance") {
		t.Fatalf("required without the profile: %s", required)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("machine.json", bare); err != nil {
		t.Fatal(err)
	}
	ofMachine, ofCloud := compiler.MustCompile("machine.json"), jsonschema.NewCompiler().MustCompile(file)
	techniques := 0
	eachRun(t, "ocsf", func(t *testing.T, text []byte) {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range value.([]any) {
			schema := ofMachine
			if finding.(map[string]any)["metadata"].(map[string]any)["profiles"] != nil {
				schema = ofCloud
			}
			if err := schema.Validate(finding); err != nil {
				t.Fatalf("%v\n%v", finding, err)
			}
			attacks, _ := finding.(map[string]any)["finding_info"].(map[string]any)["attacks"].([]any)
			for _, attack := range attacks {
				for kind, named := range attack.(map[string]any) {
					named := named.(map[string]any)
					if name, _ := named["name"].(string); name == "" || strings.Contains(name, ": ") {
						t.Errorf("%s %v is called %q", kind, named["uid"], name)
					}
					techniques++
				}
			}
		}
	})
	if techniques == 0 {
		t.Error("no finding names a technique")
	}
}

func junitXSD(t *testing.T) xsd {
	t.Helper()
	file, err := os.Open(schemaFile("junit-10.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	root, err := parseXML(file)
	if err != nil {
		t.Fatal(err)
	}
	return xsd{root}
}

func TestJUnitSchema(t *testing.T) {
	schema := junitXSD(t)
	eachRun(t, "junit", func(t *testing.T, text []byte) {
		root, err := parseXML(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range schema.check(root) {
			t.Error(wrong)
		}
		var all junitCounts
		names := map[string]bool{}
		for _, suite := range root.children {
			if name := suite.attrs["name"]; names[name] {
				t.Errorf("two suites are called %q", name)
			} else {
				names[name] = true
			}
			if standard, control, ok := strings.Cut(suite.attrs["package"], ":"); ok && !strings.Contains(standard, " ") && !strings.HasPrefix(suite.attrs["name"], standard+" "+control+": ") {
				t.Errorf("the suite of control %s of %s is called %q", control, standard, suite.attrs["name"])
			}
			var c junitCounts
			for _, e := range suite.children {
				if e.name == "testcase" {
					c.tests++
				}
				if e.child("failure") != nil {
					c.failures++
				}
				if e.child("skipped") != nil {
					c.skipped++
				}
			}
			if got := (junitCounts{numberOf(t, suite, "tests"), numberOf(t, suite, "failures"), numberOf(t, suite, "skipped")}); got != c {
				t.Errorf("%s says %v, holds %v", suite.attrs["name"], got, c)
			}
			all.add(c)
		}
		if numberOf(t, root, "tests") != all.tests || numberOf(t, root, "failures") != all.failures {
			t.Errorf("says %v, holds %v", root.attrs, all)
		}
	})
}

func numberOf(t *testing.T, e *element, name string) int {
	t.Helper()
	n, err := strconv.Atoi(e.attrs[name])
	if err != nil {
		t.Error(err)
	}
	return n
}
