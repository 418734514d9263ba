package estate

import (
	"bufio"
	"context"
	"io"
	"iter"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// UnitStore is what streams of units need of where they are kept.
type UnitStore interface {
	Reads(ctx context.Context, n ledger.Number) ([]ledger.Read, error)
	Losses(ctx context.Context, n ledger.Number) ([]ledger.Loss, error)
	UnitBodies(ctx context.Context, n ledger.Number, unit string, types ...string) iter.Seq2[ledger.ResourceBody, error]
}

// UnitStream gives one unit as of commit n as an inventory: the read records that
// are about it, and the records of its resources, each of which is told to met
// before it comes. Scopes are the tree of then. Errors of the store come from
// reading. Once the stream is closed, nothing more is read.
func UnitStream(ctx context.Context, s UnitStore, n ledger.Number, unit string, scopes []posture.Scope, met func(*ledger.ResourceBody)) io.ReadCloser {
	ctx, stop := context.WithCancel(ctx)
	r, w := io.Pipe()
	go func() {
		to := bufio.NewWriterSize(w, 1<<16)
		err := writeUnit(ctx, s, n, unit, scopes, met, to)
		if err == nil {
			err = to.Flush()
		}
		w.CloseWithError(err)
	}()
	return &stopping{r, stop}
}

// stopping is a pipe whose writer ends with it.
type stopping struct {
	*io.PipeReader
	stop func()
}

// Close implements io.Closer.
func (s *stopping) Close() error {
	s.stop()
	return s.PipeReader.Close()
}

func writeUnit(ctx context.Context, s UnitStore, n ledger.Number, unit string, scopes []posture.Scope, met func(*ledger.ResourceBody), to *bufio.Writer) error {
	reads, err := s.Reads(ctx, n)
	if err != nil {
		return err
	}
	t := &tree{scopes: map[string]posture.Scope{}}
	for _, scope := range scopes {
		t.set(scope)
	}
	var line []byte
	about := readsOf(reads, t, unit)
	for i := range about {
		line = append(inventory.AppendRead(line[:0], &about[i]), '\n')
		if _, err := to.Write(line); err != nil {
			return err
		}
	}
	for body, err := range s.UnitBodies(ctx, n, unit) {
		if err != nil {
			return err
		}
		met(&body)
		line = append(append(line[:0], body.Record...), '\n')
		if _, err := to.Write(line); err != nil {
			return err
		}
	}
	return nil
}
