package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// DefaultHold is the budget, in bytes of detached bodies, that suits a run on
// a small machine: some thirty thousand assets.
const DefaultHold = 64 << 20

// Merger brings together what several records say of one resource: the halves of
// Google assets, data from one record, IAM, organisation or access policies from
// others or from the same, in any order and from any file; and, of states of
// different times, the newest. Put [Merger.Sink] between each decoder and its sink,
// and call [Merger.Flush] after the last chunk. It serves any number of goroutines.
//
// All policies of an asset are held against each other, wherever they come from,
// and every record of it goes on with what they come to. A resource without a
// policy waits, detached, for the policy to come, and policies are kept to the end
// because they are small. When more than the budget waits, the oldest goes on
// alone; an export that holds no policies thus streams with the budget's memory. If
// a resource has gone on with other policies than it turns out to have, or an older
// state before a newer one, [Merger.Late] says so, and [Merger.Again] is for another
// reading, in which nothing has to wait: files with the policies or the newest first
// need neither.
type Merger struct {
	mu       sync.Mutex
	budget   int
	held     int
	waiting  map[string][]*half // by name: more than one where a name occurs twice
	order    []*half            // of waiting, oldest first; taken ones stay until they are oldest
	policies map[string]*policies
	gone     map[uint64]bool // hashes of names that went on alone
	late     bool            // a policy came for one of them, or others than were handed on
	final    bool            // policies has all there are
	met      bool            // resources came by that may have halves
	times    *timeline

	parser  fastjson.Parser
	parsers [len(policyFields)]fastjson.Parser
}

// half is a detached resource.
type half struct {
	res   Resource
	body  []byte
	taken bool
}

// NewMerger makes a Merger that holds back at most budget bytes of resources.
func NewMerger(budget int) *Merger {
	return &Merger{
		budget: budget, waiting: map[string][]*half{}, policies: map[string]*policies{}, gone: map[uint64]bool{}, times: newTimeline(),
	}
}

// Late reports whether a resource went on with other policies than it has, or an
// older state before a newer one. Ask after [Merger.Flush].
func (m *Merger) Late() bool { return m.late || m.times.late }

// Met reports whether resources came by of a kind that may have halves, so that what
// goes on depends on the order of records.
func (m *Merger) Met() bool { return m.met }

// Outdated reports whether a record that went on would not now.
func (m *Merger) Outdated(d Dated) bool { return m.times.outdated(d) != "" }

// Again makes a Merger for another reading of the same inputs. It knows the newest
// states, and from the start the policies of assets with which the order of their
// records plays a part; if a policy came late in this reading, those of all.
func (m *Merger) Again() *Merger {
	again := NewMerger(m.budget)
	again.times = m.times.again()
	again.late, again.final = m.late, m.late
	for id, p := range m.policies {
		if m.late || p.final || p.records > 1 {
			known := *p
			known.taken, known.final = false, true
			again.policies[id] = &known
		}
	}
	return again
}

// Sink gives a sink for one decoder: what needs no merging goes straight on to
// next, from the decoder's goroutine. What was held for another decoder may
// arrive through it too.
func (m *Merger) Sink(next Sink) Sink { return &mergeSink{Sink: &timeSink{next, m.times}, m: m} }

type mergeSink struct {
	Sink
	m *Merger
}

// Resource lets r through, holds it, or completes it.
func (s *mergeSink) Resource(r *Resource) {
	if r.Cloud != posture.GCP {
		s.Sink.Resource(r)
		return
	}
	s.m.take(r, s.Sink)
}

func (m *Merger) take(r *Resource, next Sink) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.met = true
	p := m.policies[r.ID]
	if statesPolicies(r) {
		p = m.learn(r, p, next)
	}
	switch {
	case r.PolicyOnly:
		return
	case p != nil && !p.final && !m.final && p.records == 1 && statesPolicies(r): // they are its own
		if m.times.old(r.Dated) == "" {
			p.hand(m.times)
		}
		next.Resource(r)
		return
	}
	if p != nil {
		h := detach(r)
		m.join(&h, p, next)
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

// learn adds a record's policies to those known of its asset, and gives them to
// the resources that wait.
func (m *Merger) learn(r *Resource, p *policies, next Sink) *policies {
	if m.final || p != nil && p.final {
		return p
	}
	if p == nil {
		p = &policies{of: hashOf(r.ID)}
		m.policies[strings.Clone(r.ID)] = p
	}
	p.add(r)
	if waits := m.waiting[r.ID]; waits != nil {
		delete(m.waiting, r.ID)
		for _, w := range waits {
			m.release(w)
			m.join(w, p, next)
		}
	}
	if m.gone[hashOf(r.ID)] {
		p.taken, m.late = true, true
	}
	return p
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
	next = &timeSink{next, m.times}
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
		p := m.policies[id]
		p.tell(id, m.times, next)
		m.late = m.late || p.taken && p.handed != p.outcomes(m.times)
		if !p.taken && p.alone.res.ID != "" && p.outcomes(m.times) != (outcomes{}) {
			m.join(p.standing(), p, next)
		}
	}
	m.order, m.held = nil, 0
	clear(m.waiting)
	maps.DeleteFunc(m.policies, func(_ string, p *policies) bool {
		return !m.late && !p.final && p.records < 2 // nobody will ask for them again
	})
}

// alone hands on a resource without policies from elsewhere.
func (m *Merger) alone(h *half, next Sink) { m.join(h, nil, next) }

// join hands on a resource with its policies.
func (m *Merger) join(h *half, p *policies, next Sink) {
	body, err := m.parser.ParseBytes(h.body)
	if err != nil {
		next.Problem(Problem{File: h.res.File, Line: h.res.Line, Reason: "held back: " + err.Error()})
		return
	}
	if p != nil {
		broken := p.joinTo(body, m.times, &m.parsers)
		others := slices.DeleteFunc(slices.Clone(h.res.Broken), func(path string) bool { return slices.Contains(policyFields[:], path) })
		h.res.Broken, h.res.Size = append(broken, others...), 0
		if m.times.old(h.res.Dated) == "" { // else it does not count
			p.hand(m.times)
		}
	}
	h.res.Body, h.res.Unread = body, unreadOf(body, h.res.Broken)
	next.Resource(&h.res)
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
