package assess_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// difference is one row of testdata/differences.tsv: on so many resources our
// recommendation says one thing and Microsoft's definition of the same check
// another. Where nothing can be compared, both states are "-" and the reason
// is that of the engine.
type difference struct {
	rule, guid, ours, theirs string
	recorded, demo           int
	reason                   string
	example                  string // one of the resources; not in the file
}

const (
	differencesFile = "testdata/differences.tsv"
	reasonWanted    = "reason wanted"
	differencesHead = "# Where our recommendation and Microsoft's built-in definition of the same check differ, over the recorded and the\n" +
		"# demo estate. go test ./internal/assess -run Differential -update writes the rows and keeps the reasons.\n" +
		"# recommendation, built-in, ours, theirs, resources recorded, in the demo, reason\n"
)

func (d difference) key() string {
	return strings.Join([]string{d.rule, d.guid, d.ours, d.theirs}, "\t")
}

func (d difference) String() string {
	return fmt.Sprintf("%s\t%d\t%d\t%s", d.key(), d.recorded, d.demo, d.reason)
}

func readDifferences(t *testing.T) map[string]difference {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(differencesFile))
	if err != nil && !*update {
		t.Fatal(err)
	}
	rows := map[string]difference{}
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 7 {
			t.Fatalf("%s:%d: %d cells, want 7", differencesFile, i+1, len(c))
		}
		d := difference{rule: c[0], guid: c[1], ours: c[2], theirs: c[3], reason: c[6]}
		var bad [2]error
		d.recorded, bad[0] = strconv.Atoi(c[4])
		d.demo, bad[1] = strconv.Atoi(c[5])
		if bad[0] != nil || bad[1] != nil {
			t.Fatalf("%s:%d: %q and %q are no numbers of resources", differencesFile, i+1, c[4], c[5])
		}
		rows[d.key()] = d
	}
	return rows
}

var policyGUID = regexp.MustCompile(`\bazpolicy:([0-9a-f-]{36})`)

// builtInsOf are, by recommendation, the definitions that the reference calls
// the same check.
func builtInsOf(t *testing.T) map[string][]string {
	t.Helper()
	ours := map[string]bool{}
	for _, e := range builtIn(t).Entries() {
		ours[e.Cloud.String()+" "+e.ID] = true
	}
	guids := map[string][]string{}
	for _, line := range strings.Split(string(shared(t, "reference/catalog/checks.tsv")), "\n") {
		c := strings.Split(line, "\t")
		if len(c) < 9 || !ours[c[0]+" "+c[3]] {
			continue
		}
		for _, found := range policyGUID.FindAllStringSubmatch(c[8], -1) {
			guids[c[3]] = append(guids[c[3]], found[1])
		}
	}
	return guids
}

// TestDifferential: where Microsoft ships a definition for a check of ours,
// both say the same of every resource, or the difference has a reason.
func TestDifferential(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	l, guids := builtIns(t), builtInsOf(t)
	got := map[string]difference{}
	for demo, in := range []assess.Input{recordedAzure(t), contosoEstate(t)} {
		for _, d := range differences(t, l, guids, in) {
			sum := got[d.key()]
			if demo == 1 {
				d.recorded, d.demo = sum.recorded, d.recorded
			}
			got[d.key()] = d
		}
	}
	want := readDifferences(t)
	for key, d := range got {
		if d.reason == "" {
			d.reason = cmp.Or(want[key].reason, reasonWanted)
			got[key] = d
		}
		if d.reason == reasonWanted {
			t.Errorf("%s: we say %s, built-in %s says %s, for instance of %s: %s in %s", d.rule, d.ours, d.guid, d.theirs, d.example, reasonWanted, differencesFile)
		}
	}
	if *update {
		text := differencesHead
		for _, key := range slices.Sorted(maps.Keys(got)) {
			text += got[key].String() + "\n"
		}
		if err := os.WriteFile(filepath.FromSlash(differencesFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := diff.Diff(want, got, diff.AllowUnexported(difference{}), cmpopts.IgnoreFields(difference{}, "example")); d != "" {
		t.Errorf("%s is stale; run with -update and give reasons (-list +now):\n%s", differencesFile, d)
	}
}

// differences judges an estate by both and compares resource by resource. All
// resources are counted as recorded.
func differences(t *testing.T, l *policy.Library, guids map[string][]string, in assess.Input) []difference {
	t.Helper()
	o := assess.Options{Inputs: []assess.Input{in}, BuiltIn: builtIn(t), Now: now, Workers: 2}
	o.Policies = slices.Sorted(maps.Keys(guids))
	_, checks := run(t, o)
	ours := statesOf(checks)
	o = assess.Options{Inputs: o.Inputs, Library: l, Now: now, Workers: 2, Parameters: map[string]map[string]policy.Value{}}
	for _, list := range guids {
		for _, name := range list {
			if d, found := l.Definition("/providers/Microsoft.Authorization/policyDefinitions/" + name); found && !slices.Contains(o.Policies, name) {
				o.Policies = append(o.Policies, name)
				switchOn(o.Parameters, d)
			}
		}
	}
	slices.Sort(o.Policies)
	result, checks := run(t, o)
	theirs := statesOf(checks)
	why := map[string]string{}
	for _, n := range result.NotEvaluated {
		why[guid(n.Policy)] = n.Why
	}
	var all []difference
	for rule, list := range guids {
		for _, name := range list {
			if !slices.Contains(o.Policies, name) {
				all = append(all, difference{rule: rule, guid: name, ours: "-", theirs: "-", reason: "there is no such definition"})
				continue
			}
			if why[name] != "" {
				all = append(all, difference{rule: rule, guid: name, ours: "-", theirs: "-", reason: "not evaluated: " + why[name]})
				continue
			}
			all = append(all, compared(rule, name, ours[rule], theirs[name])...)
		}
	}
	return all
}

// switchOn gives a definition that is off by default the effect that judges.
func switchOn(parameters map[string]map[string]policy.Value, d *policy.Definition) {
	for _, p := range d.Parameters {
		if !strings.EqualFold(p.Name, "effect") || p.Default == nil || !strings.EqualFold(p.Default.Text(), "Disabled") {
			continue
		}
		for _, effect := range []string{"AuditIfNotExists", "Audit"} {
			at := slices.IndexFunc(p.Allowed, func(v policy.Value) bool { return strings.EqualFold(v.Text(), effect) })
			if at >= 0 {
				parameters[d.Name] = map[string]policy.Value{p.Name: p.Allowed[at]}
				return
			}
		}
	}
}

// statesOf gives the states in words, by rule and resource. Healthy and not
// applicable are both fine: where we say that a check does not apply, Azure
// says compliant.
func statesOf(checks []*posture.Check) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, c := range checks {
		rule := c.Rule
		if !c.Recommendation {
			rule = guid(c.Rule)
		}
		if all[rule] == nil {
			all[rule] = map[string]string{}
		}
		word := c.State.String()
		switch c.State {
		case posture.Healthy, posture.NotApplicable:
			word = fine
		case posture.Unknown:
			word += " (" + c.Reason.String() + ")"
		}
		all[rule][strings.ToLower(c.Resource)] = word
	}
	return all
}

const fine = "fine"

// compared counts the resources on which two rules differ. A resource that a
// rule does not look at is fine.
func compared(rule, name string, ours, theirs map[string]string) []difference {
	counts := map[[2]string]*difference{}
	resources := map[string]bool{}
	for _, list := range []map[string]string{ours, theirs} {
		for r := range list {
			resources[r] = true
		}
	}
	for _, r := range slices.Sorted(maps.Keys(resources)) {
		a, b := cmp.Or(ours[r], fine), cmp.Or(theirs[r], fine)
		if state, _, _ := strings.Cut(a, " "); a == b || state == posture.Unknown.String() && strings.HasPrefix(b, state) {
			continue
		}
		if counts[[2]string{a, b}] == nil {
			counts[[2]string{a, b}] = &difference{rule: rule, guid: name, ours: a, theirs: b, example: r}
		}
		counts[[2]string{a, b}].recorded++
	}
	var all []difference
	for _, d := range counts {
		all = append(all, *d)
	}
	return all
}
