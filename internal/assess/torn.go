package assess

import (
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Records that name no account, such as answers of Cloud Control, may tell of several
// resources under one identity: each account has its own parameter group "default".
// Where such records differ in contents, the resource is torn: it is there, and nothing
// of what they tell is believed of it.

// vagueRecord is the contents, by its hash, of a record whose resource others may share
// their identity with.
type vagueRecord struct{ id, contents uint64 }

// noteVague keeps what finds torn resources.
func (w *worker) noteVague(r *inventory.Resource, id uint64) {
	if r.Dated.Of != 0 || !posture.MayBeSeveral(r.ID, r.Type, r.Unit, r.Location) {
		return
	}
	w.vague = append(w.vague, vagueRecord{id, r.Contents()})
}

// torn finds the resources whose records contradict each other, by record.id.
func (rd *reading) torn() map[uint64]bool {
	if len(rd.run.repeated) == 0 {
		return nil
	}
	first, torn := map[uint64]uint64{}, map[uint64]bool{}
	for _, w := range rd.workers {
		for _, v := range w.vague {
			if len(rd.run.repeated[v.id]) == 0 {
				continue
			}
			contents, met := first[v.id]
			if !met {
				first[v.id] = v.contents
			} else if contents != v.contents {
				torn[v.id] = true
			}
		}
	}
	return torn
}
