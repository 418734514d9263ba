package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// dictionary numbers words that many rows repeat: types, and ids of scopes.
// Words that fold alike are one, in the spelling that came first. It is never
// shrunk. Number 0 is the empty word.
type dictionary struct {
	table string
	fold  func(string) string

	mu      sync.RWMutex
	numbers map[string]int64 // by folded word; only what is committed
	names   map[int64]string
}

func newDictionary(table string, fold func(string) string) *dictionary {
	return &dictionary{table: table, fold: fold, numbers: map[string]int64{"": 0}, names: map[int64]string{0: ""}}
}

func foldType(name string) string { return strings.ToLower(name) }

func foldScope(id string) string { return posture.Fold(id) }

// entry is one word of a dictionary.
type entry struct {
	number       int64
	folded, name string
}

func (d *dictionary) remember(entries []entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range entries {
		d.numbers[e.folded], d.names[e.number] = e.number, e.name
	}
}

// missing gives what of the folded words is not remembered.
func (d *dictionary) missing(folded []string) []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.DeleteFunc(folded, func(f string) bool { _, known := d.numbers[f]; return known })
}

// find looks words up in the database, as at sees it.
func (d *dictionary) find(ctx context.Context, at *session, folded []string) ([]entry, error) {
	var found []entry
	err := eachOf(ctx, at, "SELECT number, folded, name FROM "+d.table+" WHERE folded IN ", nil, folded, func(scan func(...any) error) error {
		var e entry
		if err := scan(&e.number, &e.folded, &e.name); err != nil {
			return err
		}
		found = append(found, e)
		return nil
	})
	return found, err
}

// make adds words, by their folded form. The entries count once at's
// transaction is committed.
func (d *dictionary) make(ctx context.Context, at *session, words map[string]string) ([]entry, error) {
	folded := slices.Sorted(maps.Keys(words)) // one order for all, so that nobody waits in a circle
	rows := make([][]any, len(folded))
	for i, f := range folded {
		if err := checkKey("name of a type or scope", f); err != nil {
			return nil, err
		}
		rows[i] = []any{f, clean(words[f])}
	}
	if err := at.insertValues(ctx, d.table, []string{"folded", "name"}, " ON CONFLICT (folded) DO NOTHING", rows); err != nil {
		return nil, err
	}
	return d.find(ctx, at, folded)
}

// known gives the numbers of words that are in the dictionary already; others
// are left out.
func (d *dictionary) known(ctx context.Context, at *session, words []string) (map[string]int64, error) {
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = d.fold(w)
	}
	if missing := d.missing(slices.Clone(folded)); len(missing) > 0 {
		found, err := d.find(ctx, at, missing)
		if err != nil {
			return nil, err
		}
		d.remember(found)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	numbers := make(map[string]int64, len(words))
	for i, w := range words {
		if n, ok := d.numbers[folded[i]]; ok {
			numbers[w] = n
		}
	}
	return numbers, nil
}

// spell makes sure that the names of numbers are remembered. They come from rows
// that at sees, which is no transaction that writes.
func (d *dictionary) spell(ctx context.Context, at *session, numbers map[int64]bool) error {
	d.mu.RLock()
	missing := make([]int64, 0, len(numbers))
	for n := range numbers {
		if _, ok := d.names[n]; !ok {
			missing = append(missing, n)
		}
	}
	d.mu.RUnlock()
	if len(missing) == 0 {
		return nil
	}
	var found []entry
	err := eachOf(ctx, at, "SELECT number, folded, name FROM "+d.table+" WHERE number IN ", nil, missing, func(scan func(...any) error) error {
		var e entry
		if err := scan(&e.number, &e.folded, &e.name); err != nil {
			return err
		}
		found = append(found, e)
		return nil
	})
	d.remember(found)
	return err
}

// name is the word of a number that spell was asked for.
func (d *dictionary) name(number int64) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.names[number]
}

// recall moves what is remembered of the wanted words, by their folded form, to
// numbers.
func (d *dictionary) recall(numbers map[string]int64, wanted map[string]string) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for folded := range wanted {
		if n, ok := d.numbers[folded]; ok {
			numbers[folded] = n
			delete(wanted, folded)
		}
	}
}
