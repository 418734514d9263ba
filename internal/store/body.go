package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var bodyContents = &contents{table: "body", columns: []string{"type", "dictionary", "size", "data"}}

// pageBytes is how much of bodies is read at a time, in bytes before
// compression; one body may be larger.
const pageBytes = 4 << 20

// PutBodies gives the numbers of bodies, in the order given; new ones are added.
// Some hundreds at a time are best. A Hash that is zero is computed.
func (in *Intake) PutBodies(ctx context.Context, bodies []ledger.Body) ([]int64, error) {
	numbers, err := in.store.putBodies(ctx, bodies)
	if err != nil {
		return nil, fmt.Errorf("put bodies: %w", err)
	}
	return numbers, nil
}

func (s *Store) putBodies(ctx context.Context, bodies []ledger.Body) ([]int64, error) {
	hashes := hashesOf(bodies)
	var known map[ledger.Hash]int64
	var types map[string]int64
	err := s.reading(ctx, func(at *session) (err error) {
		if known, err = at.find(ctx, bodyContents, distinct(hashes)); err != nil {
			return err
		}
		if err := s.codec.load(ctx, at); err != nil {
			return err
		}
		types, err = s.types.known(ctx, at, typesOf(bodies))
		return err
	})
	if err != nil {
		return nil, err
	}
	if fresh := lacking(bodies, hashes, known); len(fresh) > 0 {
		added, err := s.addBodies(ctx, fresh, types)
		if err != nil {
			return nil, err
		}
		maps.Copy(known, added)
	}
	s.fail("put bodies")
	return numbersOf(hashes, known)
}

// PutBodies is like [Intake.PutBodies], as part of the commit: good for a few.
func (t *Tx) PutBodies(ctx context.Context, bodies []ledger.Body) ([]int64, error) {
	hashes := hashesOf(bodies)
	known, err := t.at.find(ctx, bodyContents, distinct(hashes))
	if err != nil {
		return nil, fmt.Errorf("put bodies: %w", err)
	}
	fresh := lacking(bodies, hashes, known)
	if len(fresh) == 0 {
		return numbersOf(hashes, known)
	}
	typeOf, err := t.numbers(ctx, t.store.types, typesOf(bodies))
	if err != nil {
		return nil, fmt.Errorf("put bodies: %w", err)
	}
	if err := t.store.codec.load(ctx, t.at); err != nil {
		return nil, fmt.Errorf("put bodies: %w", err)
	}
	rows := map[ledger.Hash][]any{}
	for h, b := range fresh {
		kind := typeOf(b.Type)
		if rows[h], err = t.store.codec.row(ctx, t.at, kind, t.store.codec.dictionary(kind).number, b.Record); err != nil {
			return nil, fmt.Errorf("put bodies: %w", err)
		}
	}
	added, err := t.at.add(ctx, bodyContents, rows)
	if err != nil {
		return nil, fmt.Errorf("put bodies: %w", err)
	}
	maps.Copy(known, added)
	return numbersOf(hashes, known)
}

func hashesOf(bodies []ledger.Body) []ledger.Hash {
	hashes := make([]ledger.Hash, len(bodies))
	for i, b := range bodies {
		if hashes[i] = b.Hash; b.Hash == (ledger.Hash{}) {
			hashes[i] = ledger.HashOf(b.Record)
		}
	}
	return hashes
}

func typesOf(bodies []ledger.Body) []string {
	types := map[string]bool{}
	for _, b := range bodies {
		types[b.Type] = true
	}
	return slices.Collect(maps.Keys(types))
}

// lacking gives the bodies that are not there, each once.
func lacking(bodies []ledger.Body, hashes []ledger.Hash, known map[ledger.Hash]int64) map[ledger.Hash]ledger.Body {
	fresh := map[ledger.Hash]ledger.Body{}
	for i, h := range hashes {
		if known[h] == 0 {
			fresh[h] = bodies[i]
		}
	}
	return fresh
}

func numbersOf(hashes []ledger.Hash, known map[ledger.Hash]int64) ([]int64, error) {
	numbers := make([]int64, len(hashes))
	for i, h := range hashes {
		if numbers[i] = known[h]; numbers[i] == 0 {
			return nil, fmt.Errorf("body %x: added and not there", h)
		}
	}
	return numbers, nil
}

// addBodies adds bodies in a transaction of their own. Types that are not known
// yet get their number before it, and those without a good dictionary one.
func (s *Store) addBodies(ctx context.Context, fresh map[ledger.Hash]ledger.Body, types map[string]int64) (added map[ledger.Hash]int64, err error) {
	if err := s.addTypes(ctx, fresh, types); err != nil {
		return nil, err
	}
	if err := s.addDictionaries(ctx, fresh, types); err != nil {
		return nil, err
	}
	// Which dictionaries are used is settled before they are read: others make
	// new ones meanwhile, which that reading would not see.
	dictionaries := map[int64]int64{}
	for _, b := range fresh {
		dictionaries[types[b.Type]] = s.codec.dictionary(types[b.Type]).number
	}
	rows := make(map[ledger.Hash][]any, len(fresh))
	// Type by type: an encoder is large.
	hashes := slices.SortedFunc(maps.Keys(fresh), func(a, b ledger.Hash) int { return cmp.Compare(types[fresh[a].Type], types[fresh[b].Type]) })
	err = s.reading(ctx, func(at *session) (err error) {
		for _, h := range hashes {
			b := fresh[h]
			if ledger.HashOf(b.Record) != h {
				return fmt.Errorf("body of type %q: its hash is not %x", b.Type, h)
			}
			kind := types[b.Type]
			if rows[h], err = s.codec.row(ctx, at, kind, dictionaries[kind], b.Record); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.inTransaction(ctx, s.puts, nil, func(at *session) error {
		added, err = at.add(ctx, bodyContents, rows)
		return err
	})
	return added, err
}

// row is a body's row but for its hash.
func (c *codec) row(ctx context.Context, at *session, kind, dictionary int64, record []byte) ([]any, error) {
	encoder, err := c.encoder(ctx, at, dictionary)
	if err != nil {
		return nil, err
	}
	return []any{kind, dictionary, int64(len(record)), encoder.EncodeAll(record, make([]byte, 0, len(record)/4+64))}, nil
}

// addTypes numbers the types that have no number yet.
func (s *Store) addTypes(ctx context.Context, fresh map[ledger.Hash]ledger.Body, types map[string]int64) error {
	unknown := map[string]string{}
	for _, b := range fresh {
		if types[b.Type] == 0 && b.Type != "" {
			unknown[s.types.fold(b.Type)] = b.Type
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	var entries []entry
	err := s.inTransaction(ctx, s.puts, nil, func(at *session) (err error) {
		entries, err = s.types.make(ctx, at, unknown)
		return err
	})
	s.types.remember(entries)
	for _, b := range fresh {
		for _, e := range entries {
			if e.folded == s.types.fold(b.Type) {
				types[b.Type] = e.number
			}
		}
	}
	return err
}

// addDictionaries makes dictionaries for types that have none, or only one of
// few samples where there are more now.
func (s *Store) addDictionaries(ctx context.Context, fresh map[ledger.Hash]ledger.Body, types map[string]int64) error {
	records := map[int64][][]byte{}
	for _, b := range fresh {
		records[types[b.Type]] = append(records[types[b.Type]], b.Record)
	}
	for _, kind := range slices.Sorted(maps.Keys(records)) {
		now := s.codec.dictionary(kind)
		if now.number != 0 && (now.samples >= fewSamples || len(records[kind]) < 2*now.samples) {
			continue
		}
		if err := s.addDictionary(ctx, kind, records[kind]); err != nil {
			return fmt.Errorf("make a dictionary: %w", err)
		}
	}
	return nil
}

func (s *Store) addDictionary(ctx context.Context, kind int64, records [][]byte) error {
	data, samples := sampled(records)
	packed, err := pack(data)
	if err != nil || len(data) == 0 {
		return err
	}
	made := latest{samples: samples}
	err = s.inTransaction(ctx, s.puts, nil, func(at *session) error {
		_, err := at.one(ctx, "INSERT INTO body_dictionary (type, samples, data) VALUES (?, ?, ?) RETURNING number", []any{kind, int64(samples), packed}, &made.number)
		return err
	})
	if err == nil {
		s.codec.made(kind, made)
		s.fail("put dictionary")
	}
	return err
}

// Bodies gives bodies by their numbers, in the order given.
func (s *Store) Bodies(ctx context.Context, numbers []int64) (bodies []ledger.Body, err error) {
	err = s.reading(ctx, func(at *session) error {
		found, err := s.readBodies(ctx, at, numbers)
		for _, n := range numbers {
			bodies = append(bodies, found[n])
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read bodies: %w", err)
	}
	return bodies, nil
}

// bodyRow is a body as it is kept.
type bodyRow struct {
	number, kind, dictionary, size int64
	hash, data                     []byte
}

func (s *Store) readBodies(ctx context.Context, at *session, numbers []int64) (map[int64]ledger.Body, error) {
	rows := make([]bodyRow, 0, len(numbers))
	kinds := map[int64]bool{}
	err := eachOf(ctx, at, "SELECT number, type, dictionary, size, hash, data FROM body WHERE number IN ", nil, numbers, func(scan func(...any) error) error {
		var r bodyRow
		err := scan(&r.number, &r.kind, &r.dictionary, &r.size, &r.hash, &r.data)
		rows = append(rows, r)
		kinds[r.kind] = true
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.types.spell(ctx, at, kinds); err != nil {
		return nil, err
	}
	found := make(map[int64]ledger.Body, len(rows))
	for _, r := range rows {
		record, err := s.codec.record(ctx, at, r)
		if err != nil {
			return nil, err
		}
		b := ledger.Body{Type: s.types.name(r.kind), Record: record}
		copy(b.Hash[:], r.hash)
		found[r.number] = b
	}
	for _, n := range numbers {
		if _, there := found[n]; !there {
			return nil, fmt.Errorf("body %d: not there", n)
		}
	}
	return found, nil
}

// record is what was compressed.
func (c *codec) record(ctx context.Context, at *session, r bodyRow) ([]byte, error) {
	decoder, err := c.decoder(ctx, at, r.dictionary)
	if err != nil {
		return nil, fmt.Errorf("body %d: %w", r.number, err)
	}
	record, err := decoder.DecodeAll(r.data, make([]byte, 0, min(max(r.size, 0), pageBytes)))
	if err != nil {
		return nil, fmt.Errorf("body %d: decompress: %w", r.number, err)
	}
	return record, nil
}
