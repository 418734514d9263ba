package index

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"sync"
	"unsafe"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// A checkpoint is a file of sections in one order, each with its length in front
// and padded to eight bytes, so that reading one is looking at its bytes:
//
//	magic, 8 bytes · length of all, 8 bytes · sections · CRC-32C of all before, 8 bytes
//
// Numbers are in the order of bytes of the machines that we run on; another
// machine calls the magic bad, and builds the index from rows.

// ErrCheckpoint is below every reason why a checkpoint cannot be used.
var ErrCheckpoint = errors.New("the checkpoint cannot be used")

// magic changes with the format.
const magic = uint64(0x36_58_44_4e_49_5a_54_42) // "BTZINDX6"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkpointHead is what a checkpoint says of itself.
type checkpointHead struct {
	Commit  ledger.Number
	Content string // identity of the catalogue that judged
	Rules   []checkpointRule
	Points  []score.Control
	Names   []evaluated            // by number of an evaluation
	Cut     map[uint32][][5]uint32 // all verdicts of tuples of which some do not show
	Layings []checkpointLaying
	Scopes  []checkpointScope
	Titles  map[uint32]string // names of resources that are no ends of their ids

	References checkpointReferences
	Stands     map[uint32][][2]uint32 // by tuple that has some: evaluation and place among the lists
	Unders     [][]Under
}

// checkpointRule is a rule whose words are numbers.
type checkpointRule struct {
	ID, Policy, Control string
	Severity            uint8
	Scored              bool
}

// content is what judged.
func (h *checkpointHead) content() Content {
	c := Content{Controls: h.Points, References: h.References.all()}
	for _, r := range h.Rules {
		c.Rules = append(c.Rules, Rule{r.ID, r.Policy, posture.Severity(r.Severity), r.Control, r.Scored})
	}
	return c
}

// checkpointScope is a scope whose words are numbers.
type checkpointScope struct {
	ID, Parent, Name   string
	Kind, Cloud, Named uint8
}

// checkpointLaying is a laying whose words are numbers.
type checkpointLaying struct {
	ID, Scope   string
	Keys        []uint64
	Selector    Selector
	Rules       []string
	Assignment  string
	Members     []string
	Mark, State uint8
}

func (x *Index) checkpointHead(content string) checkpointHead {
	head := checkpointHead{
		Commit: x.commit, Content: content, Titles: x.resources.names, Points: x.rules.content.Controls, Names: x.rules.names, Cut: map[uint32][][5]uint32{},
		References: referencesIn(x.rules.content.References), Stands: x.tuples.allStands(), Unders: x.tuples.unders.lists,
	}
	for _, r := range x.rules.content.Rules {
		head.Rules = append(head.Rules, checkpointRule{r.ID, r.Policy, r.Control, uint8(r.Severity), r.Scored})
	}
	for n, all := range x.tuples.cut {
		for _, v := range all {
			head.Cut[n] = append(head.Cut[n], [5]uint32{v.Evaluation, uint32(v.State), uint32(v.Judged), uint32(v.Reason), uint32(v.Mark)})
		}
	}
	for _, s := range x.tree.scopes {
		head.Scopes = append(head.Scopes, checkpointScope{s.ID, s.Parent, s.Name, uint8(s.Kind), uint8(s.Cloud), uint8(s.Named)})
	}
	slices.SortFunc(head.Scopes, func(a, b checkpointScope) int { return compare(a.ID, b.ID) })
	for _, l := range x.cover.layings {
		head.Layings = append(head.Layings, checkpointLaying{l.ID, l.Scope, l.Keys, l.Selector, l.Rules, l.Assignment, l.Members, uint8(l.Mark), uint8(l.State)})
	}
	return head
}

// learn takes in what a checkpoint says of itself, and gives the layings.
func (h *checkpointHead) learn(x *Index) []Laying {
	x.commit, x.resources.names = h.Commit, h.Titles
	x.rules.recall(h.Names)
	x.tuples.cut = make(map[uint32][]Verdict, len(h.Cut))
	for n, all := range h.Cut {
		for _, v := range all {
			x.tuples.cut[n] = append(x.tuples.cut[n], Verdict{v[0], posture.State(v[1]), posture.State(v[2]), posture.Reason(v[3]), Mark(v[4])})
		}
	}
	for _, s := range h.Scopes {
		x.tree.set(posture.Scope{
			ID: s.ID, Parent: s.Parent, Name: s.Name, Kind: posture.ScopeKind(s.Kind), Cloud: posture.Cloud(s.Cloud), Named: posture.NameSource(s.Named),
		})
	}
	var layings []Laying
	for _, l := range h.Layings {
		layings = append(layings, Laying{l.ID, l.Scope, l.Keys, l.Selector, l.Rules, l.Assignment, l.Members, Mark(l.Mark), posture.State(l.State)})
	}
	return layings
}

// WriteTo writes a checkpoint with the content. The text names the catalogue among
// what judged: a checkpoint is read with the same one only.
func (x *Index) WriteTo(w io.Writer, content string) error {
	x.resources.settle()
	x.facts.bodies.settle()
	s := &sectionWriter{}
	s.json(x.checkpointHead(content))
	for _, words := range []*words{x.units, x.groups, x.types, x.locations} {
		s.json(words.texts)
	}
	put(s, x.facts.stored)
	put(s, x.facts.locations)
	s.texts(&x.facts.bodies)
	put(s, x.tuples.verdicts)
	put(s, x.tuples.ends)
	put(s, x.tuples.stored)
	put(s, x.tuples.rollUp)
	c := &x.resources
	put(s, c.cloud)
	for _, column := range [][]uint32{c.kind, c.unit, c.group, c.region, c.facts, c.judged, c.laid, c.numbers, x.names.names, x.sets.perTuple} {
		put(s, column)
	}
	put(s, c.nameLength)
	put(s, c.keys)
	s.texts(&c.ids)
	s.scores(x)
	s.details(x.sets)
	if err := s.sets(x.sets); err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	var head [16]byte
	binary.NativeEndian.PutUint64(head[:], magic)
	binary.NativeEndian.PutUint64(head[8:], uint64(len(s.out))+24)
	sum := crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, s.out)
	var end [8]byte
	binary.NativeEndian.PutUint64(end[:], uint64(sum))
	for _, part := range [][]byte{head[:], s.out, end[:]} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("writing a checkpoint: %w", err)
		}
	}
	return nil
}

// ReadCheckpoint gives the index that a checkpoint holds, with its content; it uses
// the bytes, which nobody may change any more. Every error is below [ErrCheckpoint].
func ReadCheckpoint(file []byte, content string) (*Index, error) {
	if len(file) < 24 || binary.NativeEndian.Uint64(file) != magic {
		return nil, fmt.Errorf("%w: it is none of this version", ErrCheckpoint)
	}
	if length := binary.NativeEndian.Uint64(file[8:]); length != uint64(len(file)) {
		return nil, fmt.Errorf("%w: it has %d bytes, want %d", ErrCheckpoint, len(file), length)
	}
	body, end := file[:len(file)-8], file[len(file)-8:]
	s := &sectionReader{in: body[16:]}
	var head checkpointHead
	var reading sync.WaitGroup // of what stands where damage is only an error, while all of it is summed up
	reading.Go(func() { s.json(&head) })
	sum := crc32.Checksum(body, castagnoli)
	if reading.Wait(); uint64(sum) != binary.NativeEndian.Uint64(end) {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrCheckpoint)
	}
	if s.err == nil && head.Content != content {
		return nil, fmt.Errorf("%w: it was judged by other rules", ErrCheckpoint)
	}
	x := newIndex(head.content())
	layings := head.learn(x)
	for _, words := range []*words{x.units, x.groups, x.types, x.locations} {
		var texts []string
		s.json(&texts)
		for _, text := range texts {
			words.number(text)
		}
	}
	take(s, &x.facts.stored)
	take(s, &x.facts.locations)
	s.texts(&x.facts.bodies)
	take(s, &x.tuples.verdicts)
	take(s, &x.tuples.ends)
	take(s, &x.tuples.stored)
	take(s, &x.tuples.rollUp)
	r := &x.resources
	take(s, &r.cloud)
	names := []uint32(nil)
	for _, column := range []*[]uint32{&r.kind, &r.unit, &r.group, &r.region, &r.facts, &r.judged, &r.laid, &r.numbers, &names, &x.sets.perTuple} {
		take(s, column)
	}
	take(s, &r.nameLength)
	take(s, &r.keys)
	s.texts(&r.ids)
	x.names = orderOf(names, r.len())
	s.scores(x)
	s.details(x.sets)
	s.sets(x.sets)
	if s.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, s.err)
	}
	for n, group := range r.group {
		if group != 0 {
			x.unitOfGroup[group] = r.unit[n]
		}
	}
	x.tuples.recallStands(&head)
	x.cover = x.coverOf(layings)
	return x, nil
}

// sectionWriter appends sections.
type sectionWriter struct{ out []byte }

func (s *sectionWriter) bytes(b []byte) {
	s.out = binary.NativeEndian.AppendUint64(s.out, uint64(len(b)))
	s.out = append(s.out, b...)
	for len(s.out)%8 != 0 {
		s.out = append(s.out, 0)
	}
}

func (s *sectionWriter) json(of any) {
	text, err := json.Marshal(of)
	if err != nil {
		panic(err) // texts and numbers only
	}
	s.bytes(text)
}

// put writes numbers, or what consists of nothing else, as they are in memory.
func put[T any](s *sectionWriter, of []T) {
	if len(of) == 0 {
		s.bytes(nil)
		return
	}
	s.bytes(unsafe.Slice((*byte)(unsafe.Pointer(&of[0])), len(of)*int(unsafe.Sizeof(of[0]))))
}

func (s *sectionWriter) texts(t *texts) {
	put(s, t.ends)
	s.bytes(t.block)
}

func (s *sectionWriter) scores(x *Index) {
	var counts []int64
	for _, u := range x.score {
		counts = append(counts, int64(u.weight), int64(len(u.controls)))
		for _, c := range u.controls {
			counts = append(counts, int64(c.Healthy), int64(c.Unhealthy), int64(c.Unknown))
		}
	}
	put(s, counts)
}

// details are two numbers each: what it is, and how many checks have it.
func (s *sectionWriter) details(of *sets) {
	var numbers []uint64
	for d, count := range of.details {
		numbers = append(numbers, uint64(d.evaluation)<<24|uint64(d.state)<<16|uint64(d.reason)<<8|uint64(d.mark), uint64(count))
	}
	put(s, numbers)
}

func (s *sectionReader) details(of *sets) {
	var numbers []uint64
	take(s, &numbers)
	for ; len(numbers) > 1; numbers = numbers[2:] {
		d := numbers[0]
		of.details[detail{uint32(d >> 24), posture.State(d >> 16 & 255), posture.Reason(d >> 8 & 255), Mark(d & 255)}] = int(numbers[1])
	}
}

func (s *sectionWriter) sets(of *sets) error {
	write := func(set *roaring.Bitmap) error {
		if set == nil {
			s.bytes(nil)
			return nil
		}
		text, err := set.ToBytes()
		s.bytes(text)
		return err
	}
	if err := write(of.here); err != nil {
		return err
	}
	for _, by := range of.words() {
		put(s, []uint64{uint64(len(*by))})
		for _, set := range *by {
			if err := write(set); err != nil {
				return err
			}
		}
	}
	return nil
}

// sectionReader reads what a sectionWriter wrote; after an error it gives nothing.
type sectionReader struct {
	in  []byte
	err error
}

func (s *sectionReader) bytes() []byte {
	if s.err != nil {
		return nil
	}
	if len(s.in) < 8 {
		s.err = errors.New("it ends early")
		return nil
	}
	length := binary.NativeEndian.Uint64(s.in)
	padded := (length + 7) &^ 7
	if padded > uint64(len(s.in)-8) {
		s.err = errors.New("it ends within a section")
		return nil
	}
	b := s.in[8 : 8+length : 8+length]
	s.in = s.in[8+padded:]
	return b
}

func (s *sectionReader) json(to any) {
	if b := s.bytes(); s.err == nil {
		s.err = json.Unmarshal(b, to)
	}
}

func take[T any](s *sectionReader, to *[]T) {
	b := s.bytes()
	if len(b) == 0 {
		*to = nil
		return
	}
	var one T
	*to = unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/int(unsafe.Sizeof(one)))
}

func (s *sectionReader) texts(t *texts) {
	take(s, &t.ends)
	t.block = s.bytes()
	t.later = nil
}

func (s *sectionReader) scores(x *Index) {
	var counts []int64
	take(s, &counts)
	for len(counts) >= 2 && s.err == nil {
		u := unitCount{weight: int(counts[0])}
		controls := counts[1]
		if counts = counts[2:]; controls < 0 || controls > int64(len(counts)/3) {
			s.err = errors.New("it ends within a unit's score")
			return
		}
		for range controls {
			u.controls = append(u.controls, score.Count{Healthy: int(counts[0]), Unhealthy: int(counts[1]), Unknown: int(counts[2])})
			counts = counts[3:]
		}
		x.score = append(x.score, u)
	}
}

func (s *sectionReader) sets(of *sets) {
	read := func() *roaring.Bitmap {
		b := s.bytes()
		if len(b) == 0 {
			return nil
		}
		set := roaring.New()
		if _, err := set.FromBuffer(b); err != nil && s.err == nil {
			s.err = err
		}
		return set
	}
	if set := read(); set != nil {
		of.here = set
	}
	for _, by := range of.words() {
		var length []uint64
		take(s, &length)
		if s.err != nil || len(length) != 1 {
			return
		}
		*by = make(byWord, length[0])
		for n := range *by {
			(*by)[n] = read()
		}
	}
	of.recount()
}
