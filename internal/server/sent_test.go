package server

import (
	"bytes"
	"context"
	"os"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// nothingKnown knows and keeps nothing.
type nothingKnown struct{}

func (nothingKnown) Record(ledger.Hash) (intake.Standing, bool) { return intake.Standing{}, false }
func (nothingKnown) Resource(uint64) (intake.Standing, bool)    { return intake.Standing{}, false }
func (nothingKnown) PutBodies(_ context.Context, bodies []ledger.Body) ([]int64, error) {
	return make([]int64, len(bodies)), nil
}

// TestSent_is_never_read_beyond_its_end: what is told of reading something packed ends at
// its size, also when it is read again.
func TestSent_is_never_read_beyond_its_end(t *testing.T) {
	var packed bytes.Buffer
	to, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if err := contoso.Estate(to); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	size := int64(packed.Len())
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	from, err := receive(&packed, "application/zstd", "in", file)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var mu sync.Mutex
		last := int64(0)
		found, err := intake.Read(t.Context(), intake.Options{Inputs: from.inputs, Known: nothingKnown{}, Keeper: nothingKnown{}, Progress: func(_, total int64) {
			mu.Lock()
			defer mu.Unlock()
			if last = from.read(); last <= 0 || last > total || total != size {
				t.Errorf("%d of %d, want at most %d", last, total, size)
			}
		}})
		if err != nil || found.Resources == 0 {
			t.Fatalf("%+v, %v", found, err)
		}
		if last != size {
			t.Errorf("it ends at %d, want %d", last, size)
		}
	}
}
