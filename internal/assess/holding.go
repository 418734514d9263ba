package assess

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// timed is an exemption with the instant from which on it holds no more, zero for
// never.
type timed struct {
	*policy.Exemption
	ends time.Time
}

func timedOf(e *policy.Exemption) *timed {
	ends, _ := policy.ParseExpiry(e.ExpiresOn)
	return &timed{e, ends}
}

// outlasts reports whether an exemption holds longer than another one.
func (t *timed) outlasts(other *timed) bool { return endsBefore(other.ends, t.ends) }

// endsBefore compares instants of which zero is never.
func endsBefore(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }

// holding is what exemptions in force come to together; nil is no exemption.
// Nothing hangs on their order: it ends when what is exempt would no more be, and is
// mitigated if one of them says so, since what protects a resource does so whatever
// else was accepted.
type holding struct {
	posture.ExemptMark
	says time.Time // when that ends which gives category and reason
	by   []*timed  // those without which it would be another
}

// together is what exemptions come to of which each suffices: as long as one holds.
func together(all []*timed) *holding {
	var mitigates, waives *timed // the longest
	for _, e := range all {
		longest := &waives
		if strings.EqualFold(e.Category, mitigated) {
			longest = &mitigates
		}
		if was := *longest; was == nil || e.outlasts(was) || !was.outlasts(e) && e.reason() < was.reason() {
			*longest = e
		}
	}
	first := cmp.Or(mitigates, waives)
	if first == nil {
		return nil
	}
	h := &holding{posture.ExemptMark{Category: strings.ToLower(first.Category), ExpiresOn: first.ends, Reason: first.reason()}, first.ends, []*timed{first}}
	if waives != nil && waives.outlasts(first) {
		h.ExpiresOn, h.by = waives.ends, append(h.by, waives)
	}
	return h
}

// reason is why, in words of those who exempted.
func (t *timed) reason() string { return cmp.Or(t.Description, t.DisplayName) }

// mark is what a check tells of its exemption, nil for none.
func (h *holding) mark() *posture.ExemptMark {
	if h == nil {
		return nil
	}
	return &h.ExemptMark
}

// or is what exempts where either suffices, as together has it.
func (h *holding) or(other *holding) *holding {
	if h == nil || other == nil {
		return cmp.Or(h, other)
	}
	first, second := h, other
	is, others := h.Category == mitigated, other.Category == mitigated
	if others && !is || is == others && endsBefore(h.ExpiresOn, other.ExpiresOn) {
		first, second = other, h
	}
	either := *first
	if endsBefore(first.ExpiresOn, second.ExpiresOn) {
		either.ExpiresOn, either.by = second.ExpiresOn, slices.Concat(first.by, second.by)
	}
	return &either
}

// and is what exempts where both are needed: as long as each of them holds. Of two
// of one category the one that ends first gives the reason.
func (h *holding) and(other *holding) *holding {
	if h == nil || other == nil {
		return nil
	}
	both := *h
	if other.saysBefore(h) {
		both = *other
	}
	if both.ExpiresOn = h.ExpiresOn; endsBefore(other.ExpiresOn, h.ExpiresOn) {
		both.ExpiresOn = other.ExpiresOn
	}
	both.by = slices.Clone(h.by)
	for _, e := range other.by {
		if !slices.Contains(both.by, e) {
			both.by = append(both.by, e)
		}
	}
	return &both
}

// saysBefore reports whether of two that are both needed this one says what they come
// to.
func (h *holding) saysBefore(other *holding) bool {
	switch is, others := h.Category == mitigated, other.Category == mitigated; {
	case is != others:
		return is
	case h.says.Equal(other.says):
		return h.Reason < other.Reason
	}
	return endsBefore(h.says, other.says)
}

// makesIdle gives the first of some exemptions that says the same as another one of
// the subject, for as long or longer; nil for none, and if that one is among them.
func makesIdle(e *policy.Exemption, by []*timed) *policy.Exemption {
	if slices.ContainsFunc(by, func(other *timed) bool { return other.Exemption == e }) {
		return nil
	}
	this := timedOf(e)
	for _, other := range by {
		ofBoth := other.AssignmentID == "" || strings.EqualFold(other.AssignmentID, e.AssignmentID)
		if ofBoth && !this.outlasts(other) {
			return other.Exemption
		}
	}
	return nil
}
