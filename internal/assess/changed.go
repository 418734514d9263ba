package assess

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// stamps gives what the inputs say of their state.
func (o *Options) stamps() []string {
	all := make([]string, len(o.Inputs))
	for i, in := range o.Inputs {
		if in.Stamp != nil {
			all[i] = in.Stamp()
		}
	}
	return all
}

// open opens an input. Its name stands in the error once.
func (in *Input) open() (io.ReadCloser, error) {
	stream, err := in.Open()
	if err != nil && !strings.HasPrefix(err.Error(), "open "+in.Name+": ") {
		err = fmt.Errorf("open %s: %w", in.Name, err)
	}
	return stream, err
}

// unchanged gives an error that names the inputs that are not what they were
// when the first reading began. Lost are, by input, the resources that were not
// found again.
func (run *run) unchanged(lost map[uint64]int, known map[uint64]int) error {
	var changed []error
	for i, stamp := range run.options.stamps() {
		name, n := run.options.Inputs[i].Name, uint64(i)
		switch {
		case lost[n] > 0:
			changed = append(changed, fmt.Errorf("%s changed while it was read: %d of its %d resources could not be told", name, lost[n], known[n]))
		case stamp != run.stamps[i]:
			changed = append(changed, fmt.Errorf("%s changed while it was read: what is told is not what was judged", name))
		}
	}
	return errors.Join(changed...)
}

// toTell are the records whose checks are told, for all who tell them.
type toTell struct {
	mu   sync.Mutex
	byID map[uint64]kept
	turn uint32 // from 1
}

// take gives the record of an identity, if it was judged and is told for the first time
// in this turn: an input that changed may have it twice.
func (all *toTell) take(id uint64) (k kept, first bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	k, known := all.byID[id]
	if !known || k.told == all.turn {
		return k, false
	}
	k.told = all.turn
	all.byID[id] = k
	return k, true
}

// unchanged gives an error if some of what was judged was not told.
func (all *toTell) unchanged(run *run) error {
	const lineBits = 40
	lost, known := map[uint64]int{}, map[uint64]int{}
	for _, k := range all.byID {
		file := k.record.order >> lineBits
		known[file]++
		if k.told != all.turn {
			lost[file]++
		}
	}
	return run.unchanged(lost, known)
}
