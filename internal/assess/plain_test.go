package assess

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/policy"
)

// TestPlain_of_what_was_not_read: what was not read stands in evidence as the words
// for it, what may be there besides under the name …; in time that does not grow
// with the square of the number of keys.
func TestPlain_of_what_was_not_read(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	v, err := policy.FromJSON([]byte(`{"o": {"k": 1}, "l": ["u", "w"]}`))
	if err != nil {
		t.Fatal(err)
	}
	const denied = "unknown (denied)"
	got := plain(v.WithGaps("", []policy.Gap{{Path: "o.z", Reason: "denied"}, {Path: "l[5]", Reason: "denied"}}))
	want := any(map[string]any{"o": map[string]any{"k": 1.0, "z": denied}, "l": []any{"u", "w", denied}})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places: -want +got:\n%s", diff)
	}
	got = plain(v.WithGaps("", []policy.Gap{{Path: "", Reason: "denied"}}))
	want = map[string]any{"o": map[string]any{"k": 1.0, "…": denied}, "l": []any{"u", "w"}, "…": denied}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the whole: -want +got:\n%s", diff)
	}

	var members strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&members, `"k%d":"v",`, i)
	}
	if v, err = policy.FromJSON([]byte("{" + members.String() + `"z":1}`)); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	all, _ := plain(v.WithGaps("", []policy.Gap{{Path: "q", Reason: "denied"}})).(map[string]any)
	if took := time.Since(start); took > 10*time.Second || len(all) != 200_002 || all["q"] != denied {
		t.Errorf("took %s for %d keys, q is %v", took, len(all), all["q"])
	}
}
