package govern

import (
	"cmp"
	"slices"
	"time"
)

// Over is what lies over one check.
type Over struct {
	// Needed are lists of exemptions of which each has to have one that holds: one list
	// for each way in which an exempt check is judged, if some of them are of such.
	Needed      [][]*Exemption
	Attestation *Attestation // the one that counts, nil for none
}

// Exemptions are all of them, each once.
func (o *Over) Exemptions() (all []*Exemption) {
	for _, list := range o.Needed {
		for _, e := range list {
			if !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	return all
}

// Exemption is the one that says what kind of exemption they come to, and why, as
// assess has it: of a list the longest of those that mitigate, else the longest waiver;
// of these one that mitigates, and that ends first. The check is exempt as long as any
// of each list holds; zero is for good.
func (o *Over) Exemption() (first *Exemption, ends time.Time) {
	for _, list := range o.Needed {
		own, until := longest(list)
		if own == nil {
			return nil, time.Time{}
		}
		if first == nil || own.saysBefore(first) {
			first = own
		}
		if endsBefore(until, ends) {
			ends = until
		}
	}
	return first, ends
}

// longest is what exemptions come to of which each suffices.
func longest(all []*Exemption) (first *Exemption, ends time.Time) {
	var mitigates, waives *Exemption
	for _, e := range all {
		longest := &waives
		if e.mitigates() {
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

func (e *Exemption) mitigates() bool { return e.Category == "mitigated" }

// saysBefore reports whether of two that are both needed this one says what they come
// to.
func (e *Exemption) saysBefore(other *Exemption) bool {
	switch {
	case e.mitigates() != other.mitigates():
		return e.mitigates()
	case e.Ends().Equal(other.Ends()):
		return e.words() < other.words()
	}
	return other.outlasts(e)
}

func (e *Exemption) outlasts(other *Exemption) bool { return endsBefore(other.Ends(), e.Ends()) }

// endsBefore compares instants of which zero is never.
func endsBefore(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }

// words are why, for people.
func (e *Exemption) words() string { return cmp.Or(e.Reason, e.DisplayName) }
