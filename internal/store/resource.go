package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// resourceColumns are those of resource r, in the order of scanResource.
const resourceColumns = "r.number, r.key, r.id, r.type, r.unit, r.grp, r.name, r.cloud, r.region"

// resourceRow is a resource with words by number.
type resourceRow struct {
	ledger.Resource
	kind, unit, group int64
	cloud             string
}

// scanned gives the places of a row of resourceColumns. The key has a place of
// its own: SQL has no unsigned integers.
func (r *resourceRow) scanned(key *int64) []any {
	return []any{&r.Number, key, &r.ID, &r.kind, &r.unit, &r.group, &r.Name, &r.cloud, &r.Region}
}

// spellResources gives words for numbers.
func (s *Store) spellResources(ctx context.Context, at *session, rows []resourceRow) error {
	types, scopes := map[int64]bool{}, map[int64]bool{}
	for i := range rows {
		types[rows[i].kind], scopes[rows[i].unit], scopes[rows[i].group] = true, true, true
	}
	if err := s.types.spell(ctx, at, types); err != nil {
		return err
	}
	if err := s.scopes.spell(ctx, at, scopes); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		r.Type, r.Unit, r.Group = s.types.name(r.kind), s.scopes.name(r.unit), s.scopes.name(r.group)
		var err error
		if r.Cloud, err = parseCloud(r.cloud); err != nil {
			return fmt.Errorf("resource %d: %w", r.Number, err)
		}
		if r.Key == ledger.FormerKey(r.Key, r.Number) {
			r.Key = ledger.KeyOf(r.Identity())
		}
	}
	return nil
}

func parseCloud(word string) (posture.Cloud, error) {
	if word == "" {
		return posture.NoCloud, nil
	}
	return posture.ParseCloud(word)
}

// readResources reads the resources that a query, which begins with
// resourceColumns, gives.
func (s *Store) readResources(ctx context.Context, at *session, query string, args ...any) ([]resourceRow, error) {
	var rows []resourceRow
	err := at.each(ctx, query, args, func(scan func(...any) error) error {
		var r resourceRow
		var key int64
		if err := scan(r.scanned(&key)...); err != nil {
			return err
		}
		r.Key = uint64(key)
		rows = append(rows, r)
		return nil
	})
	if err == nil {
		err = s.spellResources(ctx, at, rows)
	}
	if err != nil {
		return nil, fmt.Errorf("read resources: %w", err)
	}
	return rows, nil
}

// Resources gives the resources that had a number as of commit n, by number,
// also those that are gone by then.
func (s *Store) Resources(ctx context.Context, n ledger.Number) iter.Seq2[ledger.Resource, error] {
	return s.resourcesBetween(ctx, n, 0)
}

// NewResources gives the resources that got their number after commit from, up
// to and with commit to, by number.
func (s *Store) NewResources(ctx context.Context, from, to ledger.Number) iter.Seq2[ledger.Resource, error] {
	return s.resourcesBetween(ctx, to, from)
}

func (s *Store) resourcesBetween(ctx context.Context, n, from ledger.Number) iter.Seq2[ledger.Resource, error] {
	const query = "SELECT " + resourceColumns + ` FROM resource r WHERE r.number > ?
		AND r.number > coalesce((SELECT last_resource FROM commit_log WHERE number = ?), 0)
		AND r.number <= coalesce((SELECT last_resource FROM commit_log WHERE number = ?), 0) ORDER BY r.number LIMIT ?`
	rows := pages(ctx, s, n, func(at *session, last *resourceRow) ([]resourceRow, error) {
		var after uint32
		if last != nil {
			after = last.Number
		}
		return s.readResources(ctx, at, query, int64(after), int64(from), int64(n), pageRows)
	})
	return mapped(rows, func(r resourceRow) ledger.Resource { return r.Resource })
}

// Find gives the resources of identities that have a number, in no order; of an
// identity that has several the one that counts.
func (s *Store) Find(ctx context.Context, identities ...posture.Identity) (found []ledger.Resource, err error) {
	err = s.reading(ctx, func(at *session) error {
		for some := range slices.Chunk(identities, inBatch) {
			keys := make([]any, len(some))
			for i, identity := range some {
				keys[i] = int64(ledger.KeyOf(identity))
			}
			rows, err := s.readResources(ctx, at, "SELECT "+resourceColumns+" FROM resource r WHERE r.key IN "+list(len(keys)), keys...)
			if err != nil {
				return err
			}
			for _, r := range rows {
				found = append(found, r.Resource)
			}
		}
		return nil
	})
	return found, err
}

// NewResources gives resources their numbers and keys, in place. Those whose id
// has no number yet, or one in another unit, get one, in the order of unit, type and
// id; of the others nothing but number and key changes, neither here nor in the
// store. Without a unit a resource is that of its id, whichever has that.
func (t *Tx) NewResources(ctx context.Context, resources []ledger.Resource) error {
	numbers, former, err := t.keyed(ctx, resources)
	if err == nil {
		err = t.setFormer(ctx, former)
	}
	if err != nil {
		return fmt.Errorf("number resources: %w", err)
	}
	var added []ledger.Resource
	for _, r := range resources {
		if _, known := numbers[r.Key]; !known {
			numbers[r.Key] = 0
			added = append(added, r)
		}
	}
	slices.SortFunc(added, func(a, b ledger.Resource) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
	})
	for i := range added {
		added[i].Number = t.last + uint32(i) + 1
		numbers[added[i].Key] = added[i].Number
	}
	for i := range resources {
		resources[i].Number = numbers[resources[i].Key]
	}
	if err := t.addResources(ctx, added); err != nil {
		return fmt.Errorf("number resources: %w", err)
	}
	return nil
}

// keyed sets the resources' keys and finds the numbers of those that have one; former
// are those that are in another unit, by key.
func (t *Tx) keyed(ctx context.Context, resources []ledger.Resource) (numbers, former map[uint64]uint32, err error) {
	type wanted struct {
		identity posture.Identity
		unit     string
	}
	identities := make(map[int64]wanted, len(resources))
	keys, units := make([]int64, 0, len(resources)), make([]string, 0, 1)
	for i := range resources {
		r := &resources[i]
		if err := checkKey("id of a resource", r.ID); err != nil {
			return nil, nil, err
		}
		r.Region = clean(r.Region)
		r.Key = ledger.KeyOf(r.Identity())
		if _, seen := identities[int64(r.Key)]; !seen {
			keys = append(keys, int64(r.Key))
		}
		identities[int64(r.Key)] = wanted{r.Identity(), r.Unit}
		if len(units) == 0 || units[len(units)-1] != r.Unit {
			units = append(units, r.Unit)
		}
	}
	numbers, former = make(map[uint64]uint32, len(keys)), map[uint64]uint32{}
	if t.last == 0 {
		return numbers, former, nil
	}
	unitOf, err := t.numbers(ctx, t.store.scopes, units)
	if err != nil {
		return nil, nil, err
	}
	err = eachOf(ctx, t.at, "SELECT key, number, id, unit FROM resource WHERE key IN ", nil, keys, func(scan func(...any) error) error {
		var key, unit int64
		var number uint32
		var id string
		if err := scan(&key, &number, &id, &unit); err != nil {
			return err
		}
		of := identities[key]
		if !of.identity.Calls(id) {
			return fmt.Errorf("%q and %q have one key", id, of.identity.ID)
		}
		if in := unitOf(of.unit); in != 0 && in != unit {
			former[uint64(key)] = number
			return nil
		}
		numbers[uint64(key)] = number
		return nil
	})
	return numbers, former, err
}

// setFormer gives keys free for other numbers than those that have them.
func (t *Tx) setFormer(ctx context.Context, former map[uint64]uint32) error {
	for key, number := range former {
		if _, err := t.at.exec(ctx, "UPDATE resource SET key = ? WHERE number = ?", int64(ledger.FormerKey(key, number)), int64(number)); err != nil {
			return err
		}
		t.wrote = true
	}
	return nil
}

func (t *Tx) addResources(ctx context.Context, added []ledger.Resource) error {
	if len(added) == 0 {
		return nil
	}
	var types, scopes []string
	for i := range added {
		types, scopes = append(types, added[i].Type), append(scopes, added[i].Unit, added[i].Group)
	}
	typeOf, err := t.numbers(ctx, t.store.types, types)
	if err != nil {
		return err
	}
	scopeOf, err := t.numbers(ctx, t.store.scopes, scopes)
	if err != nil {
		return err
	}
	rows := make([][]any, len(added))
	for i := range added {
		r := &added[i]
		rows[i] = []any{int64(r.Number), int64(r.Key), r.ID, typeOf(r.Type), scopeOf(r.Unit), scopeOf(r.Group), clean(r.Name), r.Cloud.String(), r.Region}
	}
	t.last += uint32(len(added))
	t.wrote = true
	return t.at.insert(ctx, "resource", []string{"number", "key", "id", "type", "unit", "grp", "name", "cloud", "region"}, rows)
}
