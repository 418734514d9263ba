package estate

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Scratch is a temporary place: what was written can be read again at any offset,
// until Close removes it.
type Scratch interface {
	io.WriteCloser
	io.ReaderAt
}

// memory is a scratch for who hands in none.
type memory struct{ written []byte }

func (m *memory) Write(b []byte) (int, error) {
	m.written = append(m.written, b...)
	return len(b), nil
}

func (m *memory) ReadAt(b []byte, from int64) (int, error) {
	n := copy(b, m.written[min(from, int64(len(m.written))):])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) Close() error { return nil }

// bodyReader gives the bodies that an intake has.
type bodyReader interface {
	Bodies(ctx context.Context, numbers []int64) ([]ledger.Body, error)
}

// forgetful is the intake of a dry run. It has the records of Google assets, which are
// joined with what is known of these, in a scratch, and nothing else.
type forgetful struct {
	open    func() (Scratch, error) // nil: memory
	mu      sync.Mutex              // several write at a time
	scratch Scratch                 // records one behind another; nil for none
	ends    []int64                 // of the records, by number from 1 on
}

// PutBodies implements [ledger.Intake]; a body that it does not have is 0.
func (f *forgetful) PutBodies(_ context.Context, bodies []ledger.Body) ([]int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	numbers := make([]int64, len(bodies))
	for i := range bodies {
		if !strings.Contains(bodies[i].Type, ".googleapis.com/") {
			continue
		}
		if err := f.put(bodies[i].Record); err != nil {
			return nil, fmt.Errorf("keep a record for the dry run: %w", err)
		}
		numbers[i] = int64(len(f.ends))
	}
	return numbers, nil
}

func (f *forgetful) put(record []byte) (err error) {
	switch {
	case f.scratch != nil:
	case f.open == nil:
		f.scratch = &memory{}
	default:
		if f.scratch, err = f.open(); err != nil {
			return err
		}
	}
	n, err := f.scratch.Write(record)
	f.ends = append(f.ends, f.begin(len(f.ends))+int64(n))
	return err
}

// begin is where the record at an index begins.
func (f *forgetful) begin(at int) int64 {
	if at == 0 {
		return 0
	}
	return f.ends[at-1]
}

// Bodies gives the records of bodies that it has.
func (f *forgetful) Bodies(_ context.Context, numbers []int64) ([]ledger.Body, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	bodies := make([]ledger.Body, len(numbers))
	for i, n := range numbers {
		if n < 1 || n > int64(len(f.ends)) {
			return nil, fmt.Errorf("the dry run has no body %d", n)
		}
		begin := f.begin(int(n - 1))
		record := make([]byte, f.ends[n-1]-begin)
		if _, err := io.ReadFull(io.NewSectionReader(f.scratch, begin, int64(len(record))), record); err != nil {
			return nil, fmt.Errorf("read a record of the dry run: %w", err)
		}
		bodies[i] = ledger.Body{Hash: ledger.HashOf(record), Record: record}
	}
	return bodies, nil
}

// PutFacts implements [ledger.Intake].
func (*forgetful) PutFacts(_ context.Context, facts []ledger.Facts) ([]int64, error) {
	return make([]int64, len(facts)), nil
}

// Close implements [ledger.Intake].
func (f *forgetful) Close() {
	if f.scratch != nil {
		_ = f.scratch.Close() // nobody needs what it had
	}
}
