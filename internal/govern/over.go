package govern

import (
	"cmp"
	"time"
)

// Over is what lies over one check.
type Over struct {
	Exemptions  []*Exemption
	Attestation *Attestation // the one that counts, nil for none
}

// Exemption is the one that says what kind of exemption they come to, and why, as
// assess has it: the longest of those that mitigate, else the longest waiver. The check
// is exempt as long as any of them holds; zero is for good.
func (o *Over) Exemption() (first *Exemption, ends time.Time) {
	var mitigates, waives *Exemption
	for _, e := range o.Exemptions {
		longest := &waives
		if e.Category == "mitigated" {
			longest = &mitigates
		}
		if was := *longest; was == nil || e.outlasts(was) || !was.outlasts(e) && e.words() < was.words() {
			*longest = e
		}
	}
	if first = cmp.Or(mitigates, waives); first == nil {
		return nil, time.Time{}
	}
	ends = first.Ends()
	if waives != nil && waives.outlasts(first) {
		ends = waives.Ends()
	}
	return first, ends
}

func (e *Exemption) outlasts(other *Exemption) bool {
	own, others := e.Ends(), other.Ends()
	return !others.IsZero() && (own.IsZero() || others.Before(own))
}

// words are why, for people.
func (e *Exemption) words() string { return cmp.Or(e.Reason, e.DisplayName) }
