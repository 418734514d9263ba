package estate_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestImport_judges_what_is_near: resources that change one by one are judged with
// what is near them alone, and end as one judging of everything would have them.
func TestImport_judges_what_is_near(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	random := rand.New(rand.NewPCG(1, 2))
	lines := strings.Split(strings.TrimSpace(demo(t)), "\n")
	k := newKept(t)
	k.imports(input("demo.jsonl", strings.Join(lines, "\n")))
	before := k.counts()
	changes := 0
	for range 400 {
		at := random.IntN(len(lines))
		changed := lessOf(random, lines[at])
		if changed == "" {
			continue
		}
		if answer := k.imports(input("changed.jsonl", changed)); answer.Changed == 1 {
			lines[at] = changed
			changes++
		}
	}
	if changes < 100 {
		t.Fatalf("%d resources changed, want many", changes)
	}
	if cmp.Equal(before, k.counts()) {
		t.Error("no verdict changed")
	}
	at := newKept(t)
	at.imports(input("all.jsonl", strings.Join(lines, "\n")))
	if diff := cmp.Diff(at.counts(), k.counts()); diff != "" {
		t.Errorf("-at once +one by one:\n%s", diff)
	}
	k.effectsAddUp()
}

// lessOf takes something away from a resource's properties, or turns it round: ""
// where there is nothing of the kind.
func lessOf(random *rand.Rand, line string) string {
	var record map[string]any
	if err := json.Unmarshal([]byte(line), &record); err != nil || record["bartizan"] != nil {
		return ""
	}
	at := record
	for _, key := range []string{"properties", "resource", "data"} {
		if inner, ok := at[key].(map[string]any); ok {
			at = inner
		}
	}
	for len(at) > 0 {
		keys := slices.Sorted(maps.Keys(at))
		key := keys[random.IntN(len(keys))]
		switch v := at[key].(type) {
		case map[string]any:
			if len(v) > 0 && random.IntN(3) > 0 {
				at = v
				continue
			}
			at[key] = map[string]any{}
		case bool:
			at[key] = !v
		case []any:
			at[key] = v[:random.IntN(len(v)+1)]
		case string:
			if strings.Contains(strings.ToLower(key), "name") || strings.HasSuffix(strings.ToLower(key), "id") || strings.HasSuffix(strings.ToLower(key), "arn") {
				return "" // what it is called
			}
			at[key] = fmt.Sprint(v, "x")
		default:
			delete(at, key)
		}
		text, _ := json.Marshal(record)
		return string(text)
	}
	return ""
}
