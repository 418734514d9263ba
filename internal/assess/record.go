package assess

import "github.com/bartizan-dev/bartizan/policy"

// record is what is kept of one resource. It holds no pointers, so that the
// garbage collector passes by a million of them.
type record struct {
	id         uint64 // hash of the identity
	order      uint64 // file and line: which of duplicates came first
	pending    policy.Pending
	signatures uint32 // where they begin, see records
	count      uint32 // of signatures
	place      int32  // number among the worker's places, from 1; 0 if places do not matter
	unit       int32  // number among the worker's units, and then among all
	typeNumber int32
	whole      bool
	placed     bool // the record names the unit
}

// records are those of one worker, in blocks, with the numbers of their
// signatures, which are settled once all is read.
type records struct {
	blocks [][]record
	room   [][]int32
}

const (
	blockSize = 1 << 12
	roomBits  = 16 // of the place of a signature in its block of room
)

// add makes a record of what was judged.
func (rs *records) add(judged *policy.Judged) *record {
	n := len(rs.blocks)
	if n == 0 || len(rs.blocks[n-1]) == blockSize {
		rs.blocks = append(rs.blocks, make([]record, 0, blockSize))
		n++
	}
	block := &rs.blocks[n-1]
	*block = append(*block, record{
		pending: judged.Pending, typeNumber: int32(judged.Type), signatures: rs.keep(judged.Signatures), count: uint32(len(judged.Signatures)),
	})
	return &(*block)[len(*block)-1]
}

// keep writes the numbers of signatures into the room and tells where.
func (rs *records) keep(signatures []*policy.Signature) uint32 {
	n := len(rs.room)
	if n == 0 || cap(rs.room[n-1])-len(rs.room[n-1]) < len(signatures) {
		rs.room = append(rs.room, make([]int32, 0, max(1<<roomBits, len(signatures))))
		n++
	}
	room := rs.room[n-1]
	at := len(room)
	for _, s := range signatures {
		room = append(room, int32(s.ID))
	}
	rs.room[n-1] = room
	return uint32(n-1)<<roomBits | uint32(at)
}

// of gives the numbers of a record's signatures, to be replaced by those of
// settled ones.
func (rs *records) of(r *record) []int32 {
	at := r.signatures & (1<<roomBits - 1)
	return rs.room[r.signatures>>roomBits][at : at+r.count]
}

// each yields all records.
func (rs *records) each(yield func(*record)) {
	for _, block := range rs.blocks {
		for i := range block {
			yield(&block[i])
		}
	}
}

// settler settles records.
type settler struct {
	*policy.Settler
	met    []*policy.Signature // by ID
	judged policy.Judged
}

func (run *run) settler() *settler {
	st := &settler{Settler: run.settlement.Settler(), met: run.book.set.SignaturesMet()}
	if run.options.Evidence {
		run.noted = append(run.noted, st.Note())
	}
	return st
}

// settle replaces the signatures of a record by settled ones.
func (st *settler) settle(rs *records, r *record, unit string) {
	if r.pending == (policy.Pending{}) {
		return
	}
	numbers := rs.of(r)
	st.judged.Pending, st.judged.Signatures = r.pending, st.judged.Signatures[:0]
	for _, n := range numbers {
		st.judged.Signatures = append(st.judged.Signatures, st.met[n])
	}
	st.Settle(&st.judged, unit)
	for i, s := range st.judged.Signatures {
		numbers[i] = int32(s.ID)
	}
}
