package inventory

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fastjson"
)

// Dated says of when a record is, for shapes in which several records tell of one
// resource at different times: configuration items of AWS Config, and what Cloud
// Asset Inventory dates. The zero value is a record that is not of that kind.
type Dated struct {
	// Of is the hash of what the record is about. Also is another one by which a
	// record that says it is gone may call it, 0 for none.
	Of, Also uint64
	// At is the time in nanoseconds since 1970, noTime if the record does not say.
	At int64
	// State says that the record is a state of the resource, which replaces older
	// ones, and not a part of one.
	State bool
}

// noTime is before every time.
const noTime = math.MinInt64

// moment reads a time as the clouds' tools write it: a text, or seconds since
// 1970.
func moment(v *fastjson.Value) int64 {
	s := text(v)
	if v != nil && v.Type() == fastjson.TypeNumber {
		s = string(v.MarshalTo(nil))
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixNano()
		}
	}
	if seconds, err := strconv.ParseFloat(s, 64); err == nil && seconds > 0 && seconds < math.MaxInt64/1e9 {
		return int64(seconds * 1e9)
	}
	return noTime
}

// timeline knows, of each resource with dated records, the newest one and whether
// one says that it is gone. It serves several goroutines.
type timeline struct {
	mu    sync.Mutex
	known map[uint64]*known
	final bool // everything is known: nothing changes any more
	late  bool // something was handed on that turned out to be old
	also  bool // something was handed on that may be gone under another hash
}

// known is what is known of a resource.
type known struct {
	at, gone   int64 // the newest state, and the newest record that says it is gone
	isGone     bool
	from       Problem // where the newest state stands
	goneFrom   Problem
	handed     bool // a state was handed on
	handedFrom int64
}

func newTimeline() *timeline { return &timeline{known: map[uint64]*known{}} }

// again is for another reading of the same inputs.
func (t *timeline) again() *timeline { return &timeline{known: t.known, final: true} }

func (t *timeline) of(hash uint64) *known {
	k := t.known[hash]
	if k == nil {
		k = &known{at: noTime, gone: noTime}
		t.known[hash] = k
	}
	return k
}

// outdated says why a record does not count, "" if it does.
func (t *timeline) outdated(d Dated) string {
	if d.Of == 0 {
		return ""
	}
	k := t.known[d.Of]
	switch {
	case k != nil && k.isGone && d.At <= k.gone:
		return k.goneFrom.Place() + " says that it is gone"
	case k != nil && d.State && d.At != noTime && d.At < k.at:
		return "a newer state stands in " + k.from.Place()
	}
	if k := t.known[d.Also]; k != nil && k.isGone && d.At <= k.gone {
		return k.goneFrom.Place() + " says that it is gone"
	}
	return ""
}

// old is outdated for while others take notes.
func (t *timeline) old(d Dated) string {
	if !t.final {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	return t.outdated(d)
}

// take notes a state, and says why it does not count, "" if it does.
func (t *timeline) take(r *Resource) string {
	d := r.Dated
	if d.Of == 0 {
		return ""
	}
	if !t.final {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	why := t.outdated(d)
	if why != "" || t.final {
		return why
	}
	k := t.of(d.Of)
	if d.State && d.At > k.at {
		t.late = t.late || k.handed && k.at != noTime
		k.at, k.from = d.At, Problem{File: strings.Clone(r.File), Line: r.Line}
	}
	if !k.handed || d.At < k.handedFrom {
		k.handedFrom = d.At
	}
	k.handed, t.also = true, t.also || d.Also != 0
	return ""
}

// gone notes a record that says that a resource is gone.
func (t *timeline) gone(r *Resource) {
	if t.final || r.Dated.Of == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.of(r.Dated.Of)
	if k.isGone && r.Dated.At <= k.gone {
		return
	}
	k.isGone, k.gone, k.goneFrom = true, r.Dated.At, Problem{File: strings.Clone(r.File), Line: r.Line}
	t.late = t.late || k.handed && k.handedFrom <= k.gone || t.also && r.Dated.Also == r.Dated.Of
}

// timeSink leaves out what a timeline knows to be outdated.
type timeSink struct {
	Sink
	times *timeline
}

func (s *timeSink) Resource(r *Resource) {
	if why := s.times.take(r); why != "" {
		s.Sink.Outdated(r, why)
		return
	}
	s.Sink.Resource(r)
}

func (s *timeSink) Outdated(r *Resource, why string) {
	if why == "" {
		s.times.gone(r)
	}
	s.Sink.Outdated(r, why)
}
