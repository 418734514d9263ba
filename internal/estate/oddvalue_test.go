package estate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// otherTypes are values of which none is of the type of all others.
var otherTypes = []any{true, 5.0, "5", []any{}, map[string]any{}}

// mutate gives a value of another type to one of the leaves below v; what it gives
// is v, or what stands in its place.
func mutate(v any, random *rand.Rand) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && random.IntN(8) > 0 {
			keys := slices.Sorted(maps.Keys(v))
			key := keys[random.IntN(len(keys))]
			v[key] = mutate(v[key], random)
			return v
		}
	case []any:
		if len(v) > 0 && random.IntN(8) > 0 {
			at := random.IntN(len(v))
			v[at] = mutate(v[at], random)
			return v
		}
	}
	other := otherTypes[random.IntN(len(otherTypes))]
	if fmt.Sprintf("%T", other) == fmt.Sprintf("%T", v) {
		return nil
	}
	return other
}

// mutated gives some lines of an inventory a value of another type in their bodies.
func mutated(t *testing.T, text string, random *rand.Rand, oneIn int) string {
	t.Helper()
	var all strings.Builder
	for line := range strings.Lines(text) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		holder, member := record, "properties"
		if asset, ok := record["resource"].(map[string]any); ok {
			holder, member = asset, "data"
		}
		body, ok := holder[member].(map[string]any)
		if id, _ := record["id"].(string); ok && len(body) > 0 && !strings.HasPrefix(id, "/subscriptions/") && record["bartizan"] == nil && random.IntN(oneIn) == 0 {
			keys := slices.Sorted(maps.Keys(body))
			key := keys[random.IntN(len(keys))]
			body[key] = mutate(body[key], random)
			changed, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			line = string(changed) + "\n"
		}
		all.WriteString(line)
	}
	return all.String()
}

// A value of another type than its provider returns is told, and makes unknown what
// rests on it, as assess has it; everything else of the import lands.
func TestImport_of_values_of_other_types(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	text := demo(t)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 8))
			k := newKept(t)
			for _, oneIn := range []int{2, 40} { // most units as a whole, then what is near a change
				in := input("in.jsonl", mutated(t, text, random, oneIn))
				if oneIn == 40 {
					k.imports(input("in.jsonl", text))
				}
				answer := k.imports(in)
				counts, problems := k.assessedIn(in)
				if diff := cmp.Diff(counts, k.counts()); diff != "" {
					t.Errorf("one in %d: -assess +kept:\n%s", oneIn, diff)
				}
				var told []inventory.Problem
				for _, p := range answer.Rejected {
					told = append(told, inventory.Problem{File: p.File, Line: p.Line, Reason: p.Reason})
				}
				if diff := cmp.Diff(problems, told); diff != "" || len(problems) == 0 {
					t.Errorf("one in %d: -assess +import:\n%s", oneIn, diff)
				}
			}
		})
	}
}

// damaged is a store in which the record of one resource is no record any more.
type damaged struct {
	estate.Store
	name string
}

func (s *damaged) UnitBodies(ctx context.Context, n ledger.Number, unit string, types ...string) iter.Seq2[ledger.ResourceBody, error] {
	return s.damage(s.Store.UnitBodies(ctx, n, unit, types...))
}

func (s *damaged) Neighbours(ctx context.Context, n ledger.Number, unit string, part ledger.Neighbourhood) iter.Seq2[ledger.ResourceBody, error] {
	return s.damage(s.Store.Neighbours(ctx, n, unit, part))
}

func (s *damaged) damage(bodies iter.Seq2[ledger.ResourceBody, error]) iter.Seq2[ledger.ResourceBody, error] {
	return func(yield func(ledger.ResourceBody, error) bool) {
		for r, err := range bodies {
			if r.Resource.Name == s.name {
				r.Record = []byte(`{"id":`)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// A record that is kept and cannot be read makes the checks of its resource unknown;
// the import lands, and says so.
func TestImport_beside_a_kept_record_that_cannot_be_read(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", accounts("a", "b", "c", "d", "e")))
	e, err := estate.Open(t.Context(), &damaged{k.store, "b"}, estate.Options{Catalog: k.catalog, Workers: 2, Now: func() time.Time { return k.now }})
	if err != nil {
		t.Fatal(err)
	}
	k.estate = e
	answer := k.imports(input("b.jsonl", account("a", "false")))
	if answer.Changed != 1 || len(answer.Rejected) > 0 || len(answer.Notices) != 1 || !strings.Contains(answer.Notices[0].Reason, "/storageAccounts/b cannot be read") {
		t.Errorf("answer %+v", answer)
	}
	for name, want := range map[string]string{"a": "unhealthy", "b": "unknown error", "c": "healthy"} {
		if got := k.state(name, secureTransfer); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
