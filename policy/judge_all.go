package policy

import (
	"slices"
	"strings"
)

// Finding is what one rule of a set came to on one resource.
type Finding struct {
	Rule     int // as [Set.Add] numbered it
	Resource *Resource
	Status   Status
	// Reasons says why Status is StatusUnknown: denied, throttled, error,
	// partial, notCollected. It is empty otherwise.
	Reasons []string
}

var statusWords = [...]string{
	StatusNotApplicable: "NotApplicable", StatusCompliant: Compliant, StatusNonCompliant: NonCompliant,
	StatusProtected: Protected, StatusManual: "Manual", StatusUnknown: "Unknown",
}

// String gives the status in one word, Azure's own where it has one.
func (s Status) String() string {
	if int(s) >= len(statusWords) || statusWords[s] == "" {
		return "unsettled"
	}
	return statusWords[s]
}

// JudgeAll judges resources that are all in memory by all rules of the set,
// existence checks included, and gives the findings in the order of the
// resources, then of the rules. Rules that do not apply to a resource have no
// finding there, and those of [NewUnseen] none at all.
//
// Complete says whether every resource of a type in a unit (a subscription, an
// account, a project) is among the given ones; if not, the reason, one of the
// words of [Finding]. Nil stands for a complete estate.
//
// For streams, or to use several cores, see [Set.Judge] and [Set.Settle].
func (s *Set) JudgeAll(resources []*Resource, complete func(unit, resourceType string) (bool, string)) []Finding {
	if complete == nil {
		complete = func(string, string) (bool, string) { return true, "" }
	}
	judge := s.Judge()
	judged := make([]Judged, len(resources))
	for i, r := range resources {
		if r.Unseen != "" {
			judge.Unseen(r)
			continue
		}
		judged[i] = judge.Resource(r)
		judged[i].Signatures = slices.Clone(judged[i].Signatures)
	}
	settler := s.Settle([]*Judge{judge}, complete).Settler()
	var findings []Finding
	for i, r := range resources {
		settler.Settle(&judged[i], r.unit())
		findings = append(findings, findingsOf(r, judged[i].Signatures)...)
	}
	return findings
}

// unit is the scope in which related resources of r are looked for.
func (r *Resource) unit() string {
	if r.Unit != "" || r.Native {
		return r.Unit
	}
	return UnitOf(r.ID)
}

func findingsOf(r *Resource, signatures []*Signature) []Finding {
	var findings []Finding
	for _, n := range signatures {
		for _, st := range n.Statuses {
			if st.Status == StatusNotApplicable {
				continue
			}
			f := Finding{Rule: int(st.Rule), Resource: r, Status: st.Status}
			if st.Status == StatusUnknown {
				f.Reasons = (mayTrue | mayFalse | st.Reasons).Reasons()
			}
			findings = append(findings, f)
		}
	}
	slices.SortFunc(findings, func(a, b Finding) int { return a.Rule - b.Rule })
	return findings
}

// Resources are related resources to look among, as [Environment] asks for
// them: nothing else exists. Every look-up goes through all of them; for more
// than some thousands use a [Set].
type Resources []*Resource

// Candidates implements [Related].
func (rs Resources) Candidates(r *Resource, q Query) (found []*Resource, complete bool, reason string) {
	wanted := groupAsOne(strings.ToLower(q.Type))
	for _, c := range rs {
		if groupAsOne(strings.ToLower(c.Type)) == wanted && q.Stands(c, r) {
			found = append(found, c)
		}
	}
	return found, true, ""
}
