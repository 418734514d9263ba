package index

import (
	"encoding/json"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// facts are those that a store keeps, by numbers of our own. Number 0 is none.
type facts struct {
	stored    []int64  // by number: the store's number
	locations []uint32 // by number: a word
	bodies    texts    // by number: JSON
	numbers   map[int64]uint32
}

func newFacts() *facts {
	f := &facts{stored: []int64{0}, locations: []uint32{0}}
	f.bodies.add("")
	return f
}

func (f *facts) find(stored int64) (uint32, bool) {
	if f.numbers == nil {
		f.numbers = make(map[int64]uint32, len(f.stored))
		for n, s := range f.stored {
			f.numbers[s] = uint32(n)
		}
	}
	n, ok := f.numbers[stored]
	return n, ok
}

func (f *facts) learn(stored int64, of ledger.Facts, locations *words) error {
	if _, ok := f.find(stored); ok {
		return nil
	}
	text, err := json.Marshal(of)
	if err != nil {
		return err
	}
	f.numbers[stored] = uint32(len(f.stored))
	f.stored = append(f.stored, stored)
	f.locations = append(f.locations, locations.number(of.Location))
	f.bodies.add(string(text))
	return nil
}

// at gives facts. They were written by learn, so that they can be read.
func (f *facts) at(n uint32) (of ledger.Facts) {
	if n > 0 {
		_ = json.Unmarshal([]byte(f.bodies.at(n)), &of)
	}
	return of
}
