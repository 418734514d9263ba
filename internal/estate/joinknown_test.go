package estate_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
)

// A Google export has data and policies in files of their own: each replaces what was
// known of just that, in whatever order and in how many imports they come.
func TestImport_of_single_contents(t *testing.T) {
	line := func(rest string) string {
		return `{"name":"//storage.googleapis.com/b","assetType":"storage.googleapis.com/Bucket","ancestors":["projects/p"],` + rest + "}\n"
	}
	data := func(prevention string) string {
		return line(fmt.Sprintf(`"resource":{"version":"v1","discoveryName":"Bucket","data":{"name":"b","kind":"storage#bucket","iamConfiguration":{"publicAccessPrevention":%q}},"location":"eu"}`, prevention))
	}
	policy := func(member string) string {
		return line(fmt.Sprintf(`"iamPolicy":{"bindings":[{"role":"roles/storage.objectViewer","members":[%q]}]}`, member))
	}
	elsewhere := func(line string) string { return strings.ReplaceAll(line, "projects/p", "projects/q") }
	const read = `{"bartizan":"read","scope":"projects/p","type":"*","complete":true}` + "\n"
	tests := map[string]struct {
		imports []string
		like    string
		last    string // new, changed, unchanged and deleted of the last import
	}{
		"becomes_public":                 {[]string{data("inherited") + policy("user:a@x.com") + read, policy("allUsers")}, data("inherited") + policy("allUsers") + read, "0 1 0 0"},
		"becomes_public_in_a_whole_read": {[]string{data("inherited") + policy("user:a@x.com") + read, policy("allUsers") + read}, data("inherited") + policy("allUsers") + read, "0 1 0 0"},
		"another_body":                   {[]string{data("inherited") + policy("allUsers") + read, data("enforced")}, data("enforced") + policy("allUsers") + read, "0 1 0 0"},
		"the_policy_again":               {[]string{data("inherited") + policy("allUsers") + read, policy("allUsers")}, data("inherited") + policy("allUsers") + read, "0 0 1 0"},
		"the_body_again":                 {[]string{data("inherited") + policy("allUsers") + read, data("inherited")}, data("inherited") + policy("allUsers") + read, "0 0 1 0"},
		"the_policy_first":               {[]string{policy("allUsers"), data("inherited") + read}, data("inherited") + policy("allUsers") + read, "0 1 0 0"},
		"the_body_first":                 {[]string{data("inherited") + read, policy("allUsers")}, data("inherited") + policy("allUsers") + read, "0 1 0 0"},
		"in_another_project":             {[]string{data("inherited") + policy("allUsers") + read, elsewhere(data("inherited"))}, elsewhere(data("inherited")) + read, "0 1 0 0"},
		"no_policy_yet":                  {[]string{data("inherited") + read, data("enforced")}, data("enforced") + read, "0 1 0 0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			got := ""
			for n, text := range test.imports {
				in, before := input(fmt.Sprintf("%d.jsonl", n), text), k.dump()
				dry, err := k.estate.Import(t.Context(), estate.ImportOptions{Inputs: []intake.Input{in}, Actor: "tester", DryRun: true})
				if err != nil {
					t.Fatal(err)
				}
				if k.dump() != before {
					t.Errorf("import %d: the dry run wrote something", n)
				}
				a := k.imports(in)
				got = fmt.Sprint(a.New, a.Changed, a.Unchanged, a.Deleted)
				if told := fmt.Sprint(dry.New, dry.Changed, dry.Unchanged, dry.Deleted); told != got {
					t.Errorf("import %d: the dry run tells of %s, it has %s", n, told, got)
				}
			}
			if got != test.last {
				t.Errorf("the last import has %s, want %s", got, test.last)
			}
			if diff := cmp.Diff(k.assessed(test.like), k.counts()); diff != "" {
				t.Errorf("-assess +kept:\n%s", diff)
			}
		})
	}
	t.Run("any_order", func(t *testing.T) {
		files := []intake.Input{input("data.jsonl", data("inherited")+read), input("policy.jsonl", policy("allUsers")+read), input("again.jsonl", policy("allUsers"))}
		random := rand.New(rand.NewPCG(6, 1))
		for range 4 {
			random.Shuffle(len(files), func(a, b int) { files[a], files[b] = files[b], files[a] })
			k := newKept(t)
			for _, f := range files {
				k.imports(f)
			}
			if diff := cmp.Diff(k.assessed(data("inherited")+policy("allUsers")+read), k.counts()); diff != "" {
				t.Errorf("%s, %s, %s: -assess +kept:\n%s", files[0].Name, files[1].Name, files[2].Name, diff)
			}
		}
	})
}
