package index

import (
	"bytes"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestFind: of several numbers of one key the highest counts, whichever the index has
// learnt since, also when it is read from a checkpoint.
func TestFind(t *testing.T) {
	l := NewLoader(Content{})
	for n, key := range []uint64{0, 7, 5, 7, 7, 9} {
		if n > 0 {
			l.Resource(&ledger.Resource{Number: uint32(n), Key: key, ID: "r", Type: "a/b", Unit: "u"})
		}
	}
	x := l.Index(1, nil)
	find := func(name string, x *Index, want map[uint64]uint32) {
		t.Helper()
		for key, number := range want {
			if n, ok := x.Find(key); !ok || n != number {
				t.Errorf("%s: key %d is of %d, want %d", name, key, n, number)
			}
		}
	}
	find("loaded", x, map[uint64]uint32{5: 2, 7: 4, 9: 5})
	c := &ledger.Change{Commit: ledger.Commit{Number: 2}, Resources: []ledger.Resource{{Number: 6, Key: 5, ID: "r", Type: "a/b", Unit: "v"}}}
	if _, err := x.Apply(c, Contents{}); err != nil {
		t.Fatal(err)
	}
	find("changed", x, map[uint64]uint32{5: 6, 7: 4, 9: 5})
	var file bytes.Buffer
	if err := x.WriteTo(&file, "rules"); err != nil {
		t.Fatal(err)
	}
	read, err := ReadCheckpoint(file.Bytes(), "rules")
	if err != nil {
		t.Fatal(err)
	}
	find("settled", x, map[uint64]uint32{5: 6, 7: 4, 9: 5})
	find("read", read, map[uint64]uint32{5: 6, 7: 4, 9: 5})
}
