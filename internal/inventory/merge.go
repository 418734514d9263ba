package inventory

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// DefaultHold is the budget, in bytes of detached bodies, that suits a run on
// a small machine: some thirty thousand assets.
const DefaultHold = 64 << 20

// Merger brings together the halves of Google assets: data from one record,
// IAM, organisation or access policies from others, in either order and from
// any file. Put [Merger.Sink] between each decoder and its sink, and call
// [Merger.Flush] after the last chunk. It serves any number of goroutines.
//
// A resource without a policy waits, detached, for the policy to come, and
// policies are kept to the end because they are small. When more than the
// budget waits, the oldest goes on alone; an export that holds no policies
// thus streams with the budget's memory. If a policy comes after its resource
// has gone, [Merger.Late] says so, and [Merger.Again] is for another reading, in
// which nothing has to wait: files with the policies first need neither.
type Merger struct {
	mu       sync.Mutex
	budget   int
	held     int
	waiting  map[string][]*half // by name: more than one where a name occurs twice
	order    []*half            // of waiting, oldest first; taken ones stay until they are oldest
	policies map[string]*half
	gone     map[uint64]bool // hashes of names that went on alone
	late     bool            // a policy came for one of them

	joining [2]fastjson.Parser
}

// half is a detached resource or policy.
type half struct {
	res   Resource
	body  []byte
	taken bool
}

// NewMerger makes a Merger that holds back at most budget bytes of resources.
func NewMerger(budget int) *Merger {
	return &Merger{budget: budget, waiting: map[string][]*half{}, policies: map[string]*half{}, gone: map[uint64]bool{}}
}

// Late reports whether a resource went on without its policy, which came later.
// Ask when no decoder works any more.
func (m *Merger) Late() bool { return m.late }

// Again makes a Merger for another reading of the same inputs. If something
// came late in this one, it knows the policies from the start.
func (m *Merger) Again() *Merger {
	again := NewMerger(m.budget)
	if m.late {
		again.late = true
		for id, h := range m.policies {
			again.policies[id] = &half{res: h.res, body: h.body}
		}
	}
	return again
}

// Sink gives a sink for one decoder: what needs no merging goes straight on to
// next, from the decoder's goroutine. What was held for another decoder may
// arrive through it too.
func (m *Merger) Sink(next Sink) Sink { return &mergeSink{Sink: next, m: m} }

type mergeSink struct {
	Sink
	m *Merger
}

// Resource lets r through, holds it, or completes it.
func (s *mergeSink) Resource(r *Resource) {
	if r.Cloud != posture.GCP || !r.PolicyOnly && (r.Body.Exists("iamPolicy") || !r.Whole) {
		s.Sink.Resource(r)
		return
	}
	s.m.take(r, s.Sink)
}

func (m *Merger) take(r *Resource, next Sink) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.PolicyOnly {
		m.takePolicy(r, next)
		return
	}
	if policy := m.policies[r.ID]; policy != nil {
		policy.taken = true
		h := detach(r)
		m.join(&h, policy, next)
		return
	}
	h := detach(r)
	// Duplicates wait too, so that each gets the policy whatever the order; the
	// sink knows what to do with them.
	m.waiting[h.res.ID] = append(m.waiting[h.res.ID], &h)
	m.order = append(m.order, &h)
	m.held += len(h.body)
	m.shrink(next)
}

// takePolicy joins policies that come in several records, and gives them to
// the resource that waits.
func (m *Merger) takePolicy(r *Resource, next Sink) {
	h := detach(r)
	if earlier := m.policies[h.res.ID]; earlier != nil {
		h.body = m.joinBodies(h.body, earlier.body)
		h.taken = earlier.taken
	}
	m.policies[h.res.ID] = &h
	if waits := m.waiting[h.res.ID]; waits != nil {
		delete(m.waiting, h.res.ID)
		h.taken = true
		for _, w := range waits {
			m.release(w)
			m.join(w, &h, next)
		}
		return
	}
	if m.gone[hashOf(h.res.ID)] {
		h.taken, m.late = true, true
	}
}

// release marks a half that waits no longer.
func (m *Merger) release(h *half) {
	h.taken = true
	m.held -= len(h.body)
	for len(m.order) > 0 && m.order[0].taken {
		m.order[0] = nil
		m.order = m.order[1:]
	}
}

// shrink lets the oldest go on alone until the rest is within the budget.
func (m *Merger) shrink(next Sink) {
	for m.held > m.budget && len(m.order) > 0 {
		oldest := m.order[0]
		// Of one name the oldest is the first in its list.
		if rest := m.waiting[oldest.res.ID][1:]; len(rest) > 0 {
			m.waiting[oldest.res.ID] = rest
		} else {
			delete(m.waiting, oldest.res.ID)
		}
		m.release(oldest)
		m.gone[hashOf(oldest.res.ID)] = true
		m.alone(oldest, next)
	}
}

// Flush hands on all that still waits: resources whose policies are unknown,
// and policies whose resource never came, as resources that are not whole.
// Call it when no decoder works any more.
func (m *Merger) Flush(next Sink) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// Decoders work at the same time: who came first is no order.
	slices.SortStableFunc(m.order, func(a, b *half) int {
		return cmp.Or(strings.Compare(a.res.File, b.res.File), cmp.Compare(a.res.Line, b.res.Line))
	})
	for _, h := range m.order {
		if !h.taken {
			m.alone(h, next)
		}
	}
	for _, id := range sortedKeys(m.policies) {
		if h := m.policies[id]; !h.taken {
			m.alone(h, next)
		}
	}
	m.order, m.held = nil, 0
	clear(m.waiting)
	if !m.late { // nobody will ask for them again
		clear(m.policies)
	}
}

// alone hands on one half.
func (m *Merger) alone(h *half, next Sink) {
	body, err := m.joining[0].ParseBytes(h.body)
	if err != nil {
		next.Problem(Problem{File: h.res.File, Line: h.res.Line, Reason: "held back: " + err.Error()})
		return
	}
	h.res.Body, h.res.Unread = body, unreadOf(body)
	next.Resource(&h.res)
}

// join hands on a resource with its policy.
func (m *Merger) join(resource, policy *half, next Sink) {
	resource.body = m.joinBodies(resource.body, policy.body)
	m.alone(resource, next)
}

// joinBodies gives body the policies of other that it does not have.
func (m *Merger) joinBodies(body, other []byte) []byte {
	to, err := m.joining[0].ParseBytes(body)
	if err != nil {
		return body
	}
	from, err := m.joining[1].ParseBytes(other)
	if err != nil {
		return body
	}
	for _, key := range policyFields {
		if v := from.Get(key); present(v) && !to.Exists(key) {
			to.Set(key, v)
		}
	}
	return AppendJSON(nil, to)
}

// detach copies what belongs to the decoder.
func detach(r *Resource) half {
	h := half{res: *r, body: AppendJSON(nil, r.Body)}
	h.res.Body = nil
	h.res.ID, h.res.Type, h.res.Name = strings.Clone(r.ID), strings.Clone(r.Type), strings.Clone(r.Name)
	h.res.Unit, h.res.Group = strings.Clone(r.Unit), strings.Clone(r.Group)
	h.res.Location = strings.Clone(r.Location)
	return h
}
