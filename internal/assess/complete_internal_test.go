package assess

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Records are found by what they are about: a unit, what it stands in, and what
// stands in it, but not by half a name.
func TestScopedReads(t *testing.T) {
	const unit = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a"
	k := newKnowledge()
	for _, scope := range []string{unit, "/", unit + "b", unit + "/resourceGroups/g/providers/A.B/c/d", "111122223333", unit + "/resourceGroups/g"} {
		k.reads = append(k.reads, readAt{ReadRecord: posture.ReadRecord{Scope: scope}})
	}
	reads := newScopedReads(k)
	for name, want := range map[string][]int{unit: {0, 1, 3, 5}, unit + "b": {1, 2}, "111122223333": {1, 4}, "444455556666": {1}} {
		if diff := cmp.Diff(want, reads.about(name, []string{name, "/"})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
