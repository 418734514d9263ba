package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// notAllRead is an estate where whole types were not read: one recommendation has
// nothing to judge for that, another is healthy as far as is known.
func notAllRead(types int) *Run {
	run := single()
	rules := run.Result.Recommendations
	for i := range rules {
		switch rules[i].ID {
		case "no-such-thing":
			rules[i].NotRead = []string{"microsoft.keyvault/vaults"}
		case "all-good":
			rules[i].NotRead = []string{"", "microsoft.compute/disks"}
		}
	}
	c := &run.Result.Coverage
	c.NotReadTotal = types
	for i := range min(types, 100) {
		c.NotRead = append(c.NotRead, assess.FailedRead{Type: fmt.Sprintf("microsoft.keyvault/vaults%03d", i), Scope: subscription, Reason: posture.Denied})
	}
	c.NotRead[0] = assess.FailedRead{Scope: "1111\x1b[31m22223333", Reason: posture.Partial}
	return run
}

// Each format with a place for what is true of all of a run tells the types that were
// not read.
func TestNotRead(t *testing.T) {
	const first, second = "microsoft.keyvault/vaults001", "microsoft.keyvault/vaults005"
	tests := map[string]struct {
		format string
		width  int
		has    []string
		lacks  []string
	}{
		"table": {"table", 0, []string{
			"\n  not read  everything in 1111\uFFFD[31m22223333 (partial)\n  not read  " + first + " in " + subscription + " (denied)\n",
			"\n  and 115 more; --format json names up to 100\n",
			"\n  healthy as far as was read: 1 recommendation; not read: everything, microsoft.compute/disks\n" +
				"  nothing read that they apply to: 1 recommendation; not read: microsoft.keyvault/vaults\n",
		}, []string{second, "nothing here that they apply to", "wherever they apply"}},
		"table_wrapped": {"table", 60, []string{"\n  not read  " + first + " in\n    " + subscription + "\n    (denied)\n"}, nil},
		"json": {"json", 0, []string{
			"\"notRead\": [\n      {\n        \"type\": \"*\",\n        \"scope\": \"1111\\u001b[31m22223333\",\n        \"reason\": \"partial\"\n      },", first,
			"vaults099", `"notReadTotal": 120`, "\"notRead\": [\n        \"*\",\n        \"microsoft.compute/disks\"\n      ]",
		}, nil},
		"md": {"md", 0, []string{
			"\n**Not read,** or not all of it, and in no number: `everything` in ", "; `" + first + "` in `" + subscription + "` (denied); ", "; and 115 more.\n",
		}, []string{second}},
		"html": {"html", 0, []string{
			`<a class="door unknown" href="#input">120 types not read</a>`, "vaults099</td>", "and 20 more types", "Healthy as far as was read", "Nothing read that they apply to",
			"Not all was read of everything, microsoft.compute/disks",
		}, []string{"Healthy wherever they apply"}},
		"sarif": {"sarif", 0, []string{
			`"toolExecutionNotifications":[{"level":"warning","message":{"text":"Not all was read of everything in `, "Not all was read of " + first + " in " + subscription + " (denied)",
			"Not all was read of 20 more types",
		}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := notAllRead(120)
			run.Style.Width = test.width
			text := written(t, test.format, run)
			for _, words := range test.has {
				if !strings.Contains(text, words) {
					t.Errorf("lacks %q", words)
				}
			}
			for _, words := range test.lacks {
				if strings.Contains(text, words) {
					t.Errorf("has %q", words)
				}
			}
			if t.Failed() && len(text) < 10_000 {
				t.Log(text)
			}
		})
	}
}

func written(t *testing.T, format string, run *Run) string {
	t.Helper()
	found, err := Parse([]string{format})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := found[0].Write(&out, run); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
