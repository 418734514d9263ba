package assess_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// golden compares text with a file below testdata, or writes it there.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	expected, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff.Diff(strings.Split(string(expected), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s is another; look at each difference, then run with -update (-golden +got):\n%s", path, d)
	}
}

// goldenCounts writes what a whole assessment came to: resources, coverage,
// score, and the states of each rule.
func goldenCounts(b *strings.Builder, result *assess.Result) {
	fmt.Fprintf(b, "%d resources in %d units:", result.Total, result.Units)
	for _, s := range posture.States {
		fmt.Fprintf(b, " %d %s", result.Resources[s], s)
	}
	c := result.Coverage
	fmt.Fprintf(b, "\nchecks: %d judged, %d unknown", c.Judged, c.Unknown)
	for r := posture.Denied; r <= posture.NotEvaluable; r++ {
		if c.Reasons[r] > 0 {
			fmt.Fprintf(b, ", %d %s", c.Reasons[r], r)
		}
	}
	fmt.Fprintf(b, "; %d manual, %d exempt\nscore %v %%\n%d policies not evaluated, %d problems\n\n",
		c.Manual, c.Exempt, result.Score.Percent, len(result.NotEvaluated), len(result.Problems))
	goldenRules(b, result)
}

// goldenRules writes the states of each rule that has any.
func goldenRules(b *strings.Builder, result *assess.Result) {
	b.WriteString("healthy unhealthy unknown manual exempt notApplicable rule\n")
	rows := slices.Clone(result.Recommendations)
	slices.SortFunc(rows, func(x, y assess.RuleResult) int { return cmp.Compare(x.ID, y.ID) })
	for _, r := range rows {
		if r.Healthy+r.Unhealthy+r.Unknown+r.Manual+r.Exempt+r.NotApplicable > 0 {
			fmt.Fprintf(b, "%7d %9d %7d %6d %6d %13d %s\n", r.Healthy, r.Unhealthy, r.Unknown, r.Manual, r.Exempt, r.NotApplicable, r.ID[strings.LastIndexByte(r.ID, '/')+1:])
		}
	}
}

// goldenCheck writes one check with its evidence; text makes texts of the
// estate fit to print.
func goldenCheck(c *posture.Check, text func(string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", c.State)
	if c.State == posture.Unknown {
		fmt.Fprintf(&b, " (%s)", c.Reason)
	}
	fmt.Fprintf(&b, " | %s | %s %s\n", c.Rule[strings.LastIndexByte(c.Rule, '/')+1:], c.Type, text(c.Resource))
	for _, e := range c.Evidence {
		found := "nothing"
		if !e.Absent {
			found = value(e.Found, text)
		}
		fmt.Fprintf(&b, "    %s: found %s, wanted %s\n", e.Path, found, e.Wanted)
	}
	return b.String()
}

func value(v any, text func(string) string) string {
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(v, "unknown (") {
			return v // said of what was not read
		}
		return text(v)
	case nil, bool, float64:
		return fmt.Sprint(v)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return text(string(data))
}

func verbatim(s string) string { return s }

// hashed hides a text of the recorded estate behind a short hash.
func hashed(s string) string { return fmt.Sprintf("#%x", sha256.Sum256([]byte(s)))[:9] }

func TestGoldenContoso(t *testing.T) {
	result, checks := run(t, assess.Options{Inputs: []assess.Input{contosoEstate(t)}, BuiltIn: builtIn(t), Now: now, Workers: 2})
	var b strings.Builder
	goldenCounts(&b, result)
	b.WriteString("\nchecks, apart from the standard's manual controls:\n")
	var all []string
	for _, c := range checks {
		if c.Type != "unit" {
			all = append(all, goldenCheck(c, verbatim))
		}
	}
	slices.Sort(all)
	b.WriteString(strings.Join(all, ""))
	b.WriteString("\nnot evaluated:\n")
	for _, n := range result.NotEvaluated {
		fmt.Fprintf(&b, "%s: %s\n", n.Policy, n.Why)
	}
	golden(t, "contoso.golden", b.String())
}

// The golden file of the recorded estate has no texts of it but hashes.
func TestGoldenRecordedAzure(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	o := assess.Options{Inputs: []assess.Input{recordedAzure(t)}, Library: builtIns(t), BuiltIn: builtIn(t), Now: now, Workers: 2}
	result, checks := run(t, o)
	var b strings.Builder
	goldenCounts(&b, result)
	var all []string
	for _, c := range checks {
		if c.State != posture.Manual {
			all = append(all, goldenCheck(c, hashed))
		}
	}
	slices.Sort(all)
	fmt.Fprintf(&b, "\nsha256 of all %d checks that are not manual: %x\n", len(all), sha256.Sum256([]byte(strings.Join(all, ""))))
	chosen := sample(checks, 100)
	fmt.Fprintf(&b, "\n%d of them, texts hashed:\n", len(chosen))
	for _, c := range chosen {
		b.WriteString(goldenCheck(c, hashed))
	}
	golden(t, "recorded-azure.golden", b.String())
	if review := os.Getenv("BARTIZAN_REVIEW"); review != "" {
		b.Reset()
		for _, c := range chosen {
			b.WriteString(goldenCheck(c, verbatim))
		}
		if err := os.WriteFile(review, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// sample picks n checks: of each state in turn, each time of the rule that has
// been picked least, by a hash of rule and resource.
func sample(checks []*posture.Check, n int) []*posture.Check {
	byState := map[posture.State][]*posture.Check{}
	for _, c := range checks {
		byState[c.State] = append(byState[c.State], c)
	}
	for _, list := range byState {
		slices.SortFunc(list, func(a, b *posture.Check) int {
			return cmp.Compare(hashed(a.Rule+a.Resource), hashed(b.Rule+b.Resource))
		})
		met := map[string]int{}
		turn := map[*posture.Check]int{}
		for _, c := range list {
			turn[c] = met[c.Rule]
			met[c.Rule]++
		}
		slices.SortStableFunc(list, func(a, b *posture.Check) int { return cmp.Compare(turn[a], turn[b]) })
	}
	var picked []*posture.Check
	for at := 0; len(picked) < n; at++ {
		before := len(picked)
		for _, s := range []posture.State{posture.Unhealthy, posture.Healthy, posture.Unknown, posture.NotApplicable} {
			if at < len(byState[s]) && len(picked) < n {
				picked = append(picked, byState[s][at])
			}
		}
		if len(picked) == before {
			break
		}
	}
	return picked
}
