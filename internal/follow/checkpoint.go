package follow

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// A checkpoint is that of the index behind the mark of its commit: a database that
// was restored, or another one, may have another commit of the same number.
const markSize = len(ledger.Hash{}) + 8 // the index's own begins at a multiple of eight

// WriteCheckpoint writes the index of now.
func (f *Follower) WriteCheckpoint(ctx context.Context, w io.Writer) error {
	f.mu.Lock() // it settles what came later
	defer f.mu.Unlock()
	mark, err := f.mark(ctx, f.now.Commit())
	if err != nil {
		return err
	}
	head := binary.NativeEndian.AppendUint64(mark[:], uint64(f.now.Commit()))
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	return f.now.WriteTo(w, f.options.ContentID)
}

// Checkpoint is one that was kept, read as far as that needs no database.
type Checkpoint struct {
	mark   ledger.Hash
	commit ledger.Number
	index  *index.Index
	err    error // why it cannot be used
}

// ReadCheckpoint reads a checkpoint for [Options]. It uses the bytes, which nobody may
// change any more; ContentID is that of the options.
func ReadCheckpoint(file []byte, contentID string) *Checkpoint {
	if len(file) < markSize {
		return &Checkpoint{err: errors.New("the checkpoint cannot be used: it is none")}
	}
	c := &Checkpoint{mark: ledger.Hash(file[:len(ledger.Hash{})])}
	c.commit = ledger.Number(binary.NativeEndian.Uint64(file[len(c.mark):]))
	if c.index, c.err = index.ReadCheckpoint(file[markSize:], contentID); c.err == nil && c.index.Commit() != c.commit {
		c.err = fmt.Errorf("the checkpoint cannot be used: it is of commit %d, and says %d", c.index.Commit(), c.commit)
	}
	return c
}

// begin begins with the index of a checkpoint, if it is of this database.
func (f *Follower) begin(ctx context.Context, c *Checkpoint) error {
	if c.err != nil {
		return c.err
	}
	mark, err := f.mark(ctx, c.commit)
	if err != nil || mark != c.mark {
		return errors.Join(fmt.Errorf("the checkpoint cannot be used: the database has another commit %d, or none", c.commit), err)
	}
	f.now = c.index
	return nil
}

// mark is that of a commit, zero where there is none of the number.
func (f *Follower) mark(ctx context.Context, n ledger.Number) (ledger.Hash, error) {
	commits, err := f.store.Commits(ctx, n-1, n)
	if err != nil || len(commits) == 0 {
		return ledger.Hash{}, err
	}
	return commits[0].Mark(), nil
}
