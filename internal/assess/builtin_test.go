package assess_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/policy"
)

// evaluable is a row of evaluable.tsv.
type evaluable struct {
	class, parameters, aliases string
	ready                      bool
}

func readEvaluable(t testing.TB) map[string]evaluable {
	t.Helper()
	rows := map[string]evaluable{}
	for i, line := range strings.Split(strings.TrimSpace(string(shared(t, "azure-policy/evaluable.tsv"))), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) < 6 {
			t.Fatalf("evaluable.tsv:%d: %d cells, want 6 or more", i+1, len(cells))
		}
		if i > 0 {
			rows[cells[0]] = evaluable{class: cells[1], ready: cells[3] == "yes", parameters: cells[4], aliases: cells[5]}
		}
	}
	return rows
}

// builtIns are all built-in definitions and initiatives with the alias table.
func builtIns(t testing.TB) *policy.Library {
	t.Helper()
	l, err := readBuiltIns(t)()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var builtInLibrary struct {
	sync.Once
	l   *policy.Library
	err error
}

// readBuiltIns reads them once for all tests: nothing changes a library.
func readBuiltIns(t testing.TB) func() (*policy.Library, error) {
	files := map[string][]byte{}
	for _, name := range []string{"azure-policy/builtin/definitions.jsonl.gz", "azure-policy/builtin/initiatives.jsonl.gz", "azure-policy/aliases.json.gz"} {
		files[strings.TrimSuffix(name, ".gz")] = shared(t, name)
	}
	return func() (*policy.Library, error) {
		builtInLibrary.Do(func() {
			var l policy.Library
			for name, data := range files {
				if err := l.Add(name, data).Err(); err != nil {
					builtInLibrary.err = err
				}
			}
			builtInLibrary.l = &l
		})
		return builtInLibrary.l, builtInLibrary.err
	}
}

func recordedAzure(t testing.TB) assess.Input {
	t.Helper()
	return content("recorded-azure", shared(t, "estates/recorded-azure/resources.jsonl.gz"))
}

// Every built-in definition is judged or says what it lacks, as the table of
// the shared data has it.
func TestBuiltInsAreJudgedOrSayWhatTheyLack(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	rows, l := readEvaluable(t), builtIns(t)
	if len(l.Definitions) != 3594 || len(l.Initiatives) != 181 || l.Refused != 0 {
		t.Fatalf("%d definitions, %d initiatives, %d refused; want 3594, 181, 0", len(l.Definitions), len(l.Initiatives), l.Refused)
	}
	result, checks := run(t, assess.Options{Inputs: []assess.Input{recordedAzure(t)}, Library: l, Now: now, Workers: 2})
	why := map[string]string{}
	for _, n := range result.NotEvaluated {
		why[guid(n.Policy)] = n.Why
	}
	judged := map[string]bool{}
	for _, r := range result.Recommendations {
		judged[guid(r.ID)] = true
	}
	counts := map[string]int{}
	for name, row := range rows {
		said, got := why[name], ""
		switch {
		case judged[name] && said == "":
			got = "judged"
		case judged[name] || said == "":
			got = "both or neither"
		case strings.HasPrefix(said, "needs parameter "):
			got = "needs parameter"
		case strings.HasPrefix(said, "unknown alias ") && strings.Contains(said, "az provider list --expand resourceTypes/aliases"):
			got = "unknown alias"
		default:
			got = said
		}
		kind := row.class
		if row.ready {
			kind += ", ready"
		}
		if problem := row.contradicts(got); problem != "" {
			t.Errorf("%s (%s): %s: %s", name, kind, why[name], problem)
		}
		counts[kind+": "+got]++
	}
	if diff := cmp.Diff(builtInCounts, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if len(checks) == 0 || result.Total == 0 {
		t.Errorf("%d checks of %d resources", len(checks), result.Total)
	}
}

// contradicts says how an outcome contradicts the table.
func (e *evaluable) contradicts(got string) string {
	related := e.class == "config" || e.class == "related"
	switch {
	case related && e.ready && got != "judged" && got != "disabled" && got != "unknown alias":
		return "want judged or disabled"
	case related && !e.ready && got != "needs parameter" && got != "unknown alias":
		return fmt.Sprintf("want what it lacks: parameters %q, aliases %q", e.parameters, e.aliases)
	case !related && e.class != "manual" && got != e.class:
		return "want its class"
	case e.class == "manual" && got != "judged":
		return "want manual checks"
	}
	return ""
}

func guid(id string) string { return strings.ToLower(id[strings.LastIndexByte(id, '/')+1:]) }

// builtInCounts is how many definitions of each class come to what.
var builtInCounts = map[string]int{
	"config, ready: disabled":                  27,
	"config, ready: judged":                    558,
	"config: needs parameter":                  45,
	"config: unknown alias":                    46,
	"data-plane: data-plane":                   49,
	"defender-results: defender-results":       94,
	"guest-configuration: guest-configuration": 213,
	"kubernetes: kubernetes":                   85,
	"manual: judged":                           557,
	"related, ready: disabled":                 39,
	"related, ready: judged":                   367,
	"related: needs parameter":                 675,
	"related: unknown alias":                   5,
	"request: request":                         2,
	"static: static":                           832,
}
