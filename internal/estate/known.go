package estate

import (
	"context"
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// known is what is known of every resource, by its number. It holds no texts
// but the names of units, groups and types.
type known struct {
	resources []resource // by number; 0 is nobody
	numbers   numbers
	once      sync.Once // of numbers; see numbered
	units     words
	types     words
	members   map[int32][]uint32 // by unit: those that are there, in the order in which they came
}

// numbers finds resources.
type numbers struct {
	byKey    map[uint64]uint32
	byRecord map[ledger.Hash]uint32
}

// numbered gives the numbers of resources. They are made when somebody asks, as a
// server starts without.
func (k *known) numbered() *numbers {
	k.once.Do(func() {
		k.numbers = numbers{make(map[uint64]uint32, len(k.resources)), make(map[ledger.Hash]uint32, len(k.resources))}
		for i := range k.resources {
			r := &k.resources[i]
			if r.key != 0 {
				k.numbers.byKey[r.key] = uint32(i)
			}
			if r.record != (ledger.Hash{}) {
				k.numbers.byRecord[r.record] = uint32(i)
			}
		}
	})
	return &k.numbers
}

// numbersOne reports whether a resource has a number.
func (k *known) numbersOne(n uint32) bool {
	return int(n) < len(k.resources) && k.resources[n].key != 0
}

// find gives the number of the resource that has a key.
func (k *known) find(key uint64) (number uint32, ok bool) {
	number, ok = k.numbered().byKey[key]
	return number, ok
}

// isEmpty reports whether no resource was ever known.
func (k *known) isEmpty() bool {
	return !slices.ContainsFunc(k.resources, func(r resource) bool { return r.key != 0 })
}

// resource is what is known of one.
type resource struct {
	key        uint64
	record     ledger.Hash // zero: it is gone
	tuple      int64       // 0: no verdicts
	unit, kind int32
	partial    bool
}

// words numbers texts.
type words struct {
	texts   []string
	numbers map[string]int32
}

func (w *words) number(text, folded string) int32 {
	n, ok := w.numbers[folded]
	if !ok {
		if w.numbers == nil {
			w.numbers = map[string]int32{}
		}
		n = int32(len(w.texts))
		w.texts = append(w.texts, text)
		w.numbers[folded] = n
	}
	return n
}

func readKnown(ctx context.Context, s Store, head ledger.Number) (*known, error) {
	k := &known{resources: make([]resource, 1), members: map[int32][]uint32{}}
	for r, err := range s.Resources(ctx, head) {
		if err != nil {
			return nil, err
		}
		k.add(&r)
	}
	for r, err := range s.Records(ctx, head) {
		if err != nil {
			return nil, err
		}
		k.set(r.Resource, r.Hash, r.Partial)
	}
	for j, err := range s.Judged(ctx, head) {
		if err != nil {
			return nil, err
		}
		k.resources[j.Resource].tuple = j.Tuple
	}
	return k, nil
}

// add makes room for a resource that has a number.
func (k *known) add(r *ledger.Resource) {
	for int(r.Number) >= len(k.resources) {
		k.resources = append(k.resources, resource{})
	}
	k.resources[r.Number] = resource{
		key: r.Key, unit: k.units.number(r.Unit, posture.Fold(r.Unit)), kind: k.types.number(r.Type, foldType(r.Type)),
	}
	k.numbered().byKey[r.Key] = r.Number
}

// set says what the record of a resource is now.
func (k *known) set(number uint32, record ledger.Hash, partial bool) {
	r, byRecord := &k.resources[number], k.numbered().byRecord
	if r.record == (ledger.Hash{}) {
		k.members[r.unit] = append(k.members[r.unit], number)
	} else {
		delete(byRecord, r.record)
	}
	r.record, r.partial = record, partial
	byRecord[record] = number
}

// has reports whether a unit has a resource of some types, in lower case.
func (k *known) has(unit int32, types []string) bool {
	wanted := map[int32]bool{}
	for _, t := range types {
		if n, ok := k.types.numbers[t]; ok {
			wanted[n] = true
		}
		if n, ok := k.types.numbers["microsoft.resources/resourcegroups"]; ok && t == "microsoft.resources/subscriptions/resourcegroups" {
			wanted[n] = true // one type has two names
		}
	}
	return len(wanted) > 0 && slices.ContainsFunc(k.members[unit], func(n uint32) bool { return wanted[k.resources[n].kind] })
}

// remove says that resources of one unit are gone.
func (k *known) remove(unit int32, gone map[uint32]bool) {
	var left []uint32
	for _, n := range k.members[unit] {
		if !gone[n] {
			left = append(left, n)
			continue
		}
		r := &k.resources[n]
		delete(k.numbered().byRecord, r.record)
		r.record, r.tuple = ledger.Hash{}, 0
	}
	k.members[unit] = left
}

func (k *known) standing(number uint32) intake.Standing {
	r := &k.resources[number]
	return intake.Standing{Number: number, Key: r.key, Record: r.record, Whole: r.record != (ledger.Hash{}) && !r.partial}
}

// Record implements intake.Known.
func (k *known) Record(h ledger.Hash) (intake.Standing, bool) {
	n, ok := k.numbered().byRecord[h]
	if !ok {
		return intake.Standing{}, false
	}
	return k.standing(n), true
}

// Resource implements intake.Known.
func (k *known) Resource(key uint64) (intake.Standing, bool) {
	n, ok := k.find(key)
	if !ok {
		return intake.Standing{}, false
	}
	return k.standing(n), true
}
