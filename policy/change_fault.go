package policy

import "time"

// ChangeFaults tells why would-be changes of many resources cannot be computed.
// It is for one goroutine.
type ChangeFaults struct{ env Environment }

// NewChangeFaults makes one. The clock is an input: utcNow() is now.
func NewChangeFaults(aliases *Aliases, now time.Time) *ChangeFaults {
	return &ChangeFaults{Environment{Aliases: aliases, Now: now, prepared: newPrepared(aliases)}}
}

// ComputesChanges reports whether modify or append of b writes something that
// is computed, so that it may fail. A literal cannot.
func (b *Bound) ComputesChanges() bool {
	if b.family != familyChange || b.details == nil {
		return false
	}
	given := b.known()
	for i := range b.details.Operations {
		o := &b.details.Operations[i]
		if !isLiteral(o.Field.fold(given)) || o.Value != nil && !isLiteral(o.Value.fold(given)) {
			return true
		}
	}
	return b.details.ConflictEffect != nil && !isLiteral(b.details.ConflictEffect.fold(given))
}

// Of gives what fails where b matches r, in the words of [Explanation]; none if
// all can be computed.
func (c *ChangeFaults) Of(b *Bound, r *Resource) []string {
	j := newJudgement(b, r, c.env)
	j.hides, j.warnings = true, nil
	if j.bound.family != familyChange {
		return nil
	}
	j.changes()
	return j.warnings
}
