package assess

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// spot is a place with the signatures that resources there have, shown or not.
type spot struct {
	at     *place
	finals []*policy.Signature
}

// spots lists the spots of a reading. A place may be among those of several
// workers.
func (run *run) spots(rd *reading) []spot {
	met := run.book.set.SignaturesMet()
	var all []spot
	for _, w := range rd.workers {
		type key struct{ place, number int32 }
		seen := map[key]bool{}
		last := make([]int32, len(met)) // by signature: the place where it was met last
		own := make([]spot, len(w.places))
		for i, at := range w.places {
			own[i].at = at
		}
		w.each(func(r *record) {
			for _, number := range w.of(r) {
				if last[number] == r.place || r.place == 0 {
					continue
				}
				last[number] = r.place
				if k := (key{r.place, number}); !seen[k] {
					seen[k] = true
					own[r.place-1].finals = append(own[r.place-1].finals, met[number])
				}
			}
		})
		all = append(all, own...)
	}
	return all
}

// views yields the checks at a spot, each kind once or more.
func (s *spot) views(run *run, p *placer, yield func(view)) {
	for _, final := range s.finals {
		run.views(final, placementOf(s.at, p), yield)
	}
}

// isJudgedBy reports whether one of some rules applies at a spot, were it put to work
// there.
func (s *spot) isJudgedBy(rules map[int]bool) bool {
	for _, final := range s.finals {
		for _, st := range final.Statuses {
			if judged, _ := stateOf(st); rules[int(st.Rule)] && judged != posture.NotApplicable {
				return true
			}
		}
	}
	return false
}

// used are the exemptions and attestations that something is as it is by.
type used struct {
	exemptions   map[*policy.Exemption]bool
	attestations map[*policy.Attestation]bool
}

func (run *run) used(spots []spot, p *placer) used {
	u := used{map[*policy.Exemption]bool{}, map[*policy.Attestation]bool{}}
	told := map[string]bool{}
	for _, s := range run.toldHere() {
		told[foldName(s.ID)] = true
	}
	for _, s := range spots {
		s.views(run, p, func(v view) {
			if v.mark == nil || v.judged == posture.NotApplicable {
				return
			}
			for _, e := range v.mark.by {
				u.exemptions[e.Exemption] = true
			}
			for _, c := range v.mark.controls {
				standard, _, _ := strings.Cut(c.name, ":")
				switch {
				case c.reference < 0 && v.state != posture.Exempt && told[standard],
					c.reference >= 0 && (c.whole || run.tells(run.book.references[c.reference].initiative)):
					for _, e := range c.exempt.by {
						u.exemptions[e.Exemption] = true
					}
				}
			}
			if v.attested {
				u.attestations[v.mark.attested.by] = true
			}
		})
	}
	for _, c := range run.manualOf(p, everyControl) {
		for _, e := range c.by {
			u.exemptions[e.Exemption] = true
		}
		u.attestations[c.attested] = true
	}
	return u
}

// tells reports whether compliance with an initiative that is at work is told.
func (run *run) tells(s *policy.Initiative) bool {
	told := run.book.told
	return !told.any || slices.Contains(told.initiatives, s)
}
