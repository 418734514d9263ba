package access

import (
	"container/list"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one may try to sign in: so often at once, and then once an interval.
// An address may try more, because people share them, but not without end, so
// that trying all names costs as well.
const (
	triesOfName    = 5
	everyOfName    = 30 * time.Second
	triesOfAddress = 50
	everyOfAddress = 3 * time.Second
)

// Limiter limits how often one may try to sign in, by name and address. It may
// be used by many goroutines.
type Limiter struct {
	most int

	mu      sync.Mutex
	buckets map[bucketKey]*list.Element
	recent  list.List // of *bucket, the one used last in front
}

// bucketKey is of a name from an address, or of an address if name is "".
type bucketKey struct{ name, address string }

type bucket struct {
	key   bucketKey
	limit *rate.Limiter
}

// NewLimiter makes a limiter that remembers at most so many names and addresses;
// those not heard of for longest are forgotten first.
func NewLimiter(most int) *Limiter {
	return &Limiter{most: max(most, 2), buckets: map[bucketKey]*list.Element{}}
}

// RetryError is a fault [TooOften], and says when to try again.
type RetryError struct {
	After time.Duration
}

// Error says how long to wait.
func (e *RetryError) Error() string {
	return fmt.Sprintf("sign in: tried too often; try again in %s", max(time.Second, e.After.Round(time.Second)))
}

// Unwrap gives the fault.
func (e *RetryError) Unwrap() error { return &Error{TooOften, e.Error()} }

// Try counts an attempt, or refuses it with a [RetryError]. The address is one of
// IP with or without a port; of IPv6 the network of 64 bits counts.
func (l *Limiter) Try(now time.Time, name, address string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	network := networkOf(address)
	keys := []bucketKey{{"", network}, {Fold(name), network}}
	if keys[1].name == "" {
		keys = keys[:1]
	}
	var taken []*rate.Reservation
	var wait time.Duration
	for _, key := range keys {
		r := l.bucket(key).ReserveN(now, 1)
		taken = append(taken, r)
		wait = max(wait, r.DelayFrom(now))
	}
	if wait == 0 {
		return nil
	}
	for _, r := range taken {
		r.CancelAt(now)
	}
	return &RetryError{wait}
}

// Succeeded forgets the attempts for a name from an address: who knows the
// password may mistype it again.
func (l *Limiter) Succeeded(name, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := bucketKey{Fold(name), networkOf(address)}
	if at := l.buckets[key]; at != nil && key.name != "" {
		l.forget(at)
	}
}

// bucket gives what counts for a key.
func (l *Limiter) bucket(key bucketKey) *rate.Limiter {
	if at := l.buckets[key]; at != nil {
		l.recent.MoveToFront(at)
		return at.Value.(*bucket).limit
	}
	for len(l.buckets) >= l.most {
		l.forget(l.recent.Back())
	}
	b := &bucket{key, rate.NewLimiter(rate.Every(everyOfName), triesOfName)}
	if key.name == "" {
		b.limit = rate.NewLimiter(rate.Every(everyOfAddress), triesOfAddress)
	}
	l.buckets[key] = l.recent.PushFront(b)
	return b.limit
}

func (l *Limiter) forget(at *list.Element) {
	delete(l.buckets, at.Value.(*bucket).key)
	l.recent.Remove(at)
}

// networkOf gives what of an address counts.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		withPort, err := netip.ParseAddrPort(address)
		if err != nil {
			return address
		}
		ip = withPort.Addr()
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}
