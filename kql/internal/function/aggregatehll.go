package function

import (
	"container/heap"
	"fmt"
	"hash/fnv"
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A sketch estimates how many distinct values there are: it keeps the smallest
// of their hashes. It is exact while there are no more values than it holds.
// In dynamic it is [["kmv", room], [hash, …]]; Kusto's own hll is another
// encoding with the same uses.
type sketch struct {
	room   int
	hashes maxHeap
	has    map[uint64]struct{}
}

// sketchRoom is the room by accuracy 0 to 4: errors of about 1.6 % to 0.2 %.
var sketchRoom = [...]int{4096, 16384, 65536, 131072, 262144}

func newSketch(room int) *sketch { return &sketch{room: room, has: map[uint64]struct{}{}} }

type maxHeap []uint64

func (h maxHeap) Len() int           { return len(h) }
func (h maxHeap) Less(i, j int) bool { return h[i] > h[j] }
func (h maxHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *maxHeap) Push(x any)        { *h = append(*h, x.(uint64)) }
func (h *maxHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

func (s *sketch) add(hash uint64) {
	if _, ok := s.has[hash]; ok {
		return
	}
	if len(s.hashes) >= s.room {
		if hash >= s.hashes[0] {
			return
		}
		delete(s.has, heap.Pop(&s.hashes).(uint64))
	}
	s.has[hash] = struct{}{}
	heap.Push(&s.hashes, hash)
}

func (s *sketch) count() int64 {
	if len(s.hashes) < s.room {
		return int64(len(s.hashes))
	}
	return int64(math.Round(float64(s.room-1) / float64(s.hashes[0]) * (1 << 63)))
}

func (s *sketch) merge(o *sketch) {
	s.room = min(s.room, o.room)
	for len(s.hashes) > s.room {
		delete(s.has, heap.Pop(&s.hashes).(uint64))
	}
	for _, hash := range o.hashes {
		s.add(hash)
	}
}

func (s *sketch) node() *data.Node {
	hashes := slices.Clone(s.hashes)
	slices.Sort(hashes)
	items := make([]*data.Node, len(hashes))
	for i, hash := range hashes {
		items[i] = data.NodeOfLong(int64(hash))
	}
	head := data.NodeOfArray([]*data.Node{data.NodeOfString("kmv"), data.NodeOfLong(int64(s.room))})
	return data.NodeOfArray([]*data.Node{head, data.NodeOfArray(items)})
}

// readSketch reads node's form; nil where it is another.
func readSketch(n *data.Node) *sketch {
	head := n.Index(0)
	room := head.Index(1).Long()
	if n.Len() != 2 || head.Index(0).Text() != "kmv" || room < 1 || room > 1<<20 {
		return nil
	}
	s := newSketch(int(room))
	for _, item := range n.Index(1).Items() {
		s.add(uint64(item.Long()))
	}
	return s
}

// sketchHash is the same in every run, since sketches are stored and merged.
func sketchHash(n *data.Node) uint64 {
	h := fnv.New64a()
	h.Write([]byte{byte(plainKind(n))})
	h.Write(n.AppendJSON(nil))
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return (x ^ x>>33) >> 1
}

// sketching is hll and hll_merge.
type sketching struct {
	room   int
	merged bool // the argument is a sketch
	groups []*sketch
}

func newSketching(args []Arg) (Accumulator, error) {
	accuracy := 1
	if len(args) > 1 {
		c := args[1].Const
		if c == nil || c.IsNull() || c.Long() < 0 || int(c.Long()) >= len(sketchRoom) {
			return nil, fmt.Errorf("hll: want a constant accuracy from 0 to %d", len(sketchRoom)-1)
		}
		accuracy = int(c.Long())
	}
	return &sketching{room: sketchRoom[accuracy]}, nil
}

func newSketchMerge([]Arg) (Accumulator, error) {
	return &sketching{room: sketchRoom[len(sketchRoom)-1], merged: true}, nil
}

func (s *sketching) of(g uint32) *sketch {
	if s.groups[g] == nil {
		s.groups[g] = newSketch(s.room)
	}
	return s.groups[g]
}

func (s *sketching) Add(size int, groups []uint32, args []*data.Vector) {
	s.groups = grow(s.groups, size)
	v := flat(args[0])
	for i, g := range groups {
		if v.Null(i) {
			continue
		}
		n := data.NodeOf(v.Value(i))
		if !s.merged {
			s.of(g).add(sketchHash(n))
		} else if o := readSketch(n); o != nil {
			s.of(g).merge(o)
		}
	}
}

func (s *sketching) Merge(size int, other Accumulator, into []uint32) {
	s.groups = grow(s.groups, size)
	for g, o := range other.(*sketching).groups {
		if o != nil {
			s.of(into[g]).merge(o)
		}
	}
}

func (s *sketching) Results(size int) []*data.Vector {
	s.groups = grow(s.groups, size)
	return nodesOf(s.groups, size)
}

// nodesOf gives a dynamic for each group, null for one that was never added to.
func nodesOf[G interface {
	comparable
	node() *data.Node
}](groups []G, size int,
) []*data.Vector {
	var none G
	out := data.NewVector(data.Dynamic, size)
	for g := range size {
		if groups[g] != none {
			out.Nodes[g] = groups[g].node()
		}
	}
	return []*data.Vector{out}
}

func (s *sketching) Bytes() int {
	n := 0
	for _, g := range s.groups {
		if g != nil {
			n += 40 * len(g.hashes)
		}
	}
	return n
}

// plainKind does not tell int from long.
func plainKind(n *data.Node) data.Kind {
	if k := n.Kind(); k != data.KindInt {
		return k
	}
	return data.KindLong
}
