package policy

import "strings"

// Outcome is what a condition came to. It is not just true or false: a
// condition may be true, may be false (both, if something it needs could not be
// told), and has the value that Azure would take, where a failed expression
// counts as false and an unread property as null.
//
// Outcomes combine by Kleene's three-valued logic, so that what is missing
// matters only where it could change the result. The reasons for not knowing
// travel along.
type Outcome uint8

const (
	mayTrue Outcome = 1 << iota
	mayFalse
	taken // the value Azure would take
	becauseDenied
	becauseThrottled
	becauseFailed
	becausePartial
	becauseNotCollected

	reasonBits = becauseDenied | becauseThrottled | becauseFailed | becausePartial | becauseNotCollected
	isTrue     = mayTrue | taken
	isFalse    = mayFalse
	// failed is the outcome of a leaf whose expression could not be evaluated.
	failed = mayTrue | mayFalse | becauseFailed
)

// Known reports whether the outcome is certain.
func (o Outcome) Known() bool { return o&(mayTrue|mayFalse) != mayTrue|mayFalse }

// True reports whether the outcome is certainly true.
func (o Outcome) True() bool { return o&(mayTrue|mayFalse) == mayTrue }

// False reports whether the outcome is certainly false.
func (o Outcome) False() bool { return o&(mayTrue|mayFalse) == mayFalse }

// Taken is the value that Azure would go on with.
func (o Outcome) Taken() bool { return o&taken != 0 }

// Reasons lists why the outcome is not certain: denied, throttled, error,
// partial, notCollected. It is empty for a certain one.
func (o Outcome) Reasons() []string {
	var reasons []string
	for i, word := range [...]string{"denied", "throttled", "error", "partial", "notCollected"} {
		if o&(becauseDenied<<i) != 0 {
			reasons = append(reasons, word)
		}
	}
	return reasons
}

// String gives "true", "false", or "unknown" with its reasons.
func (o Outcome) String() string {
	switch {
	case o.True():
		return "true"
	case o.False():
		return "false"
	}
	return "unknown (" + strings.Join(o.Reasons(), ", ") + ")"
}

func outcomeOf(b bool) Outcome {
	if b {
		return isTrue
	}
	return isFalse
}

// unsure is the outcome of a leaf that read something unread: value is what
// Azure would take, reason one of the because bits.
func unsure(value bool, reason Outcome) Outcome {
	o := mayTrue | mayFalse | reason
	if value {
		o |= taken
	}
	return o
}

// doubted is the outcome of a leaf of which a part failed that has a value all
// the same.
func (o Outcome) doubted() Outcome { return unsure(o.Taken(), o&reasonBits|becauseFailed) }

func (o Outcome) not() Outcome {
	n := o & reasonBits
	if o&mayTrue != 0 {
		n |= mayFalse
	}
	if o&mayFalse != 0 {
		n |= mayTrue
	}
	if o&taken == 0 {
		n |= taken
	}
	return n
}

func (o Outcome) and(p Outcome) Outcome {
	r := o&p&(mayTrue|taken) | (o|p)&mayFalse
	return r.because(o, p)
}

func (o Outcome) or(p Outcome) Outcome {
	r := (o|p)&(mayTrue|taken) | o&p&mayFalse
	return r.because(o, p)
}

// because adds the reasons of those of p and q that are not certain, if the
// combined outcome is not.
func (o Outcome) because(p, q Outcome) Outcome {
	if o.Known() {
		return o
	}
	if !p.Known() {
		o |= p & reasonBits
	}
	if !q.Known() {
		o |= q & reasonBits
	}
	return o
}
