package estate

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// What is known of resources can be kept beside the database, since reading it
// from there costs more than comparing a whole import with it. The file is a line
// of JSON, the resources by number, 41 bytes each, and a checksum. It holds for
// the commit that it names by its mark, and for later ones that change no
// resource.

// knownHead is the line of JSON.
type knownHead struct {
	Version   int
	Commit    ledger.Number
	Mark      ledger.Hash
	Resources int
	Units     []string
	Types     []string
}

const (
	knownVersion = 1
	knownRow     = 8 + 16 + 8 + 4 + 4 + 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteKnown writes what is known of resources, for [Options.Known].
func (e *Estate) WriteKnown(ctx context.Context, w io.Writer) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	mark, err := markOf(ctx, e.store, e.head)
	if err != nil {
		return fmt.Errorf("writing what is known: %w", err)
	}
	k := e.known
	head, err := json.Marshal(knownHead{knownVersion, e.head, mark, len(k.resources), k.units.texts, k.types.texts})
	if err != nil {
		return fmt.Errorf("writing what is known: %w", err)
	}
	sum := crc32.New(castagnoli)
	to := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16)
	_, err = to.Write(append(head, '\n'))
	row := make([]byte, 0, knownRow)
	for i := range k.resources {
		r := &k.resources[i]
		row = binary.LittleEndian.AppendUint64(row[:0], r.key)
		row = append(row, r.record[:]...)
		row = binary.LittleEndian.AppendUint64(row, uint64(r.tuple))
		row = binary.LittleEndian.AppendUint32(row, uint32(r.unit))
		row = binary.LittleEndian.AppendUint32(row, uint32(r.kind))
		partial := byte(0)
		if r.partial {
			partial = 1
		}
		_, wrong := to.Write(append(row, partial))
		err = errors.Join(err, wrong)
	}
	if err = errors.Join(err, to.Flush()); err == nil {
		_, err = w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	}
	if err != nil {
		return fmt.Errorf("writing what is known: %w", err)
	}
	return nil
}

// markOf is that of a commit, zero where there is none of the number.
func markOf(ctx context.Context, s Store, n ledger.Number) (ledger.Hash, error) {
	commits, err := s.Commits(ctx, n-1, n)
	if err != nil || len(commits) == 0 {
		return ledger.Hash{}, err
	}
	return commits[0].Mark(), nil
}

// readKnownFile gives what a file of WriteKnown knows as of head; nil, with the
// reason, if it cannot be used for that.
func readKnownFile(ctx context.Context, s Store, file []byte, head ledger.Number) (*known, error) {
	end := len(file) - 4
	line := bytes.IndexByte(file, '\n')
	if end < 0 || line < 0 || line >= end {
		return nil, errors.New("it is none")
	}
	if crc32.Checksum(file[:end], castagnoli) != binary.LittleEndian.Uint32(file[end:]) {
		return nil, errors.New("its checksum is wrong")
	}
	var h knownHead
	if err := json.Unmarshal(file[:line], &h); err != nil || h.Version != knownVersion || h.Resources*knownRow != end-line-1 {
		return nil, errors.New("it is none of this version")
	}
	mark, err := markOf(ctx, s, h.Commit)
	if err != nil {
		return nil, err
	}
	if mark != h.Mark || h.Commit > head {
		return nil, fmt.Errorf("the database has another commit %d, or none", h.Commit)
	}
	for c, err := range s.Changed(ctx, h.Commit) {
		if err != nil {
			return nil, err
		}
		if len(c.Resources)+len(c.Versions)+len(c.Judged) > 0 || c.Commit.Forgets() {
			return nil, fmt.Errorf("commit %d changed resources after it", c.Commit.Number)
		}
	}
	return h.known(file[line+1 : end]), nil
}

func (h *knownHead) known(rows []byte) *known {
	k := &known{resources: make([]resource, h.Resources), members: map[int32][]uint32{}}
	for _, unit := range h.Units {
		k.units.number(unit, posture.Fold(unit))
	}
	for _, kind := range h.Types {
		k.types.number(kind, foldType(kind))
	}
	for i := 1; i < h.Resources; i++ { // 0 is nobody
		row := rows[i*knownRow:]
		r := &k.resources[i]
		r.key = binary.LittleEndian.Uint64(row)
		copy(r.record[:], row[8:])
		r.tuple = int64(binary.LittleEndian.Uint64(row[24:]))
		r.unit = int32(binary.LittleEndian.Uint32(row[32:]))
		r.kind = int32(binary.LittleEndian.Uint32(row[36:]))
		r.partial = row[40] != 0
		if r.record != (ledger.Hash{}) {
			k.members[r.unit] = append(k.members[r.unit], uint32(i))
		}
	}
	return k
}
