package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// contents is a table that keeps equal contents once, by their hash.
type contents struct {
	table   string
	columns []string // besides number and hash
}

// content is one row to be.
type content struct {
	hash  ledger.Hash
	cells []any
}

// find gives the numbers of the contents that are there.
func (s *session) find(ctx context.Context, in *contents, hashes []ledger.Hash) (map[ledger.Hash]int64, error) {
	found := make(map[ledger.Hash]int64, len(hashes))
	keys := make([][]byte, 0, len(hashes))
	for i := range hashes {
		keys = append(keys, hashes[i][:])
	}
	err := eachOf(ctx, s, "SELECT hash, number FROM "+in.table+" WHERE hash IN ", nil, keys, func(scan func(...any) error) error {
		var hash []byte
		var number int64
		if err := scan(&hash, &number); err != nil {
			return err
		}
		if len(hash) != len(ledger.Hash{}) {
			return fmt.Errorf("%s %d: hash of %d bytes", in.table, number, len(hash))
		}
		found[ledger.Hash(hash)] = number
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", in.table, err)
	}
	return found, nil
}

// add adds contents unless they are there by now, and gives their numbers.
func (s *session) add(ctx context.Context, in *contents, rows map[ledger.Hash][]any) (map[ledger.Hash]int64, error) {
	// One order for all, so that nobody waits in a circle.
	hashes := slices.SortedFunc(maps.Keys(rows), func(a, b ledger.Hash) int { return slices.Compare(a[:], b[:]) })
	cells := make([][]any, len(hashes))
	for i, h := range hashes {
		cells[i] = append([]any{h[:]}, rows[h]...)
	}
	err := s.insertValues(ctx, in.table, append([]string{"hash"}, in.columns...), " ON CONFLICT (hash) DO NOTHING", cells)
	if err != nil {
		return nil, err
	}
	return s.find(ctx, in, hashes)
}

// findOrAdd gives the numbers of contents, in their order.
func (s *session) findOrAdd(ctx context.Context, in *contents, all []content) ([]int64, error) {
	hashes := make([]ledger.Hash, len(all))
	for i := range all {
		hashes[i] = all[i].hash
	}
	known, err := s.find(ctx, in, distinct(hashes))
	if err != nil {
		return nil, err
	}
	missing := map[ledger.Hash][]any{}
	for _, c := range all {
		if known[c.hash] == 0 {
			missing[c.hash] = c.cells
		}
	}
	if len(missing) > 0 {
		more, err := s.add(ctx, in, missing)
		if err != nil {
			return nil, err
		}
		maps.Copy(known, more)
	}
	numbers := make([]int64, len(all))
	for i, h := range hashes {
		numbers[i] = known[h]
	}
	return numbers, nil
}

func distinct(hashes []ledger.Hash) []ledger.Hash {
	seen := make(map[ledger.Hash]bool, len(hashes))
	return slices.DeleteFunc(slices.Clone(hashes), func(h ledger.Hash) bool {
		again := seen[h]
		seen[h] = true
		return again
	})
}
