package policy

import (
	"slices"
	"strings"
	"time"
)

// Place is where a resource stands, as far as assignments, exemptions and
// attestations look at it. [PlaceOf] makes one from a resource.
type Place struct {
	// Within reports whether the resource is what a scope names, or stands below it.
	Within         func(scope string) bool
	Type, Location string
	// Unread is why the location was not read, one of the words of [Gap]; "" for one
	// that was, and for a resource that has none.
	Unread string
	// NoGroup says that the resource stands in no resource group.
	NoGroup bool
}

// PlaceOf gives the place of a resource in the scopes that its id tells, and in
// those above, such as the ids of its management groups, which it does not.
func PlaceOf(r *Resource, above ...string) *Place {
	return &Place{
		Within: func(scope string) bool {
			return withinID(r.ID, scope) || slices.ContainsFunc(above, func(id string) bool { return withinID(id, scope) })
		},
		Type: r.Type, Location: r.Location, Unread: r.UnreadLocation(), NoGroup: GroupOf(r.ID) == "" && UnitOf(r.ID) != "",
	}
}

// withinID reports whether an id is a scope or, by its text, stands below it.
func withinID(id, scope string) bool {
	scope = strings.TrimRight(scope, "/")
	return len(id) >= len(scope) && strings.EqualFold(id[:len(scope)], scope) && (len(id) == len(scope) || id[len(scope)] == '/')
}

// Covers reports whether an assignment is for the resource at a place: in its
// scope, in none of its notScopes, and admitted by its resource selectors. It is
// not known where a selector asks for a location that was not read. An assignment
// that is not enforced covers what it would.
func (a *Assignment) Covers(at *Place) Outcome {
	if !at.Within(a.Scope) || slices.ContainsFunc(a.NotScopes, at.Within) {
		return isFalse
	}
	return at.SelectedBy(a.ResourceSelectors)
}

// EffectOf gives the effect that an assignment's overrides put in place of the
// one of a member of the assigned initiative ("" for a definition that is assigned
// alone), for the resource at a place: of those that hold the first. "" is that of
// the definition; give any other to [Bound.WithEffect], after [Bound.WhyNot]. It is
// certain unless the outcome is not known.
func (a *Assignment) EffectOf(member string, at *Place) (effect string, certain Outcome) {
	for i := range a.Overrides {
		o := &a.Overrides[i]
		if !strings.EqualFold(o.Kind, overrideKinds[0]) {
			continue
		}
		if holds := o.Holds(member, at); !holds.False() {
			return o.Value, holds
		}
	}
	return "", isTrue
}

// Holds reports whether an override is about a member of the assigned initiative
// at a place.
func (o *Override) Holds(member string, at *Place) Outcome {
	if !o.IsAbout(member) {
		return isFalse
	}
	return at.admittedBy(o.Selectors)
}

// IsAbout reports whether an override is about a member of the assigned
// initiative, wherever a resource stands.
func (o *Override) IsAbout(member string) bool {
	return !slices.ContainsFunc(o.Selectors, func(s Selector) bool {
		return strings.EqualFold(s.Kind, "policyDefinitionReferenceId") && !s.Admits(member)
	})
}

// SelectedBy reports whether one of the selectors of an assignment or exemption
// admits the resource at a place; where there are none, everything is.
func (at *Place) SelectedBy(selectors []ResourceSelector) Outcome {
	if len(selectors) == 0 {
		return isTrue
	}
	any := Outcome(isFalse)
	for i := range selectors {
		any = any.or(at.admittedBy(selectors[i].Selectors))
	}
	return any
}

// admittedBy reports whether all selectors that look at the resource admit it.
func (at *Place) admittedBy(selectors []Selector) Outcome {
	all := Outcome(isTrue)
	for i := range selectors {
		s := &selectors[i]
		switch strings.ToLower(s.Kind) {
		case "resourcelocation":
			if at.Unread != "" {
				all = all.and(unsure(s.Admits(at.Location), gapReason(at.Unread)))
				continue
			}
			all = all.and(outcomeOf(s.Admits(at.Location)))
		case "resourcetype":
			all = all.and(outcomeOf(s.Admits(at.Type)))
		case "resourcewithoutlocation":
			level := ""
			if at.NoGroup {
				level = subscriptionLevel
			}
			all = all.and(outcomeOf(s.Admits(level)))
		}
	}
	return all
}

// Covers reports whether an exemption is for the resource at a place; whose
// checks it exempts are those of AssignmentID and ReferenceIDs. Where that is not
// known nothing is exempt. It does not look at the clock: see InForce.
func (e *Exemption) Covers(at *Place) Outcome {
	if !at.Within(e.Scope) {
		return isFalse
	}
	return at.SelectedBy(e.ResourceSelectors)
}

// IsAbout reports whether an exemption is about a member of the assigned
// initiative; where it names none, about all.
func (e *Exemption) IsAbout(member string) bool {
	return len(e.ReferenceIDs) == 0 || slices.ContainsFunc(e.ReferenceIDs, func(id string) bool { return strings.EqualFold(id, member) })
}

// InForce reports whether an exemption has not expired. One whose expiry cannot be
// read has.
func (e *Exemption) InForce(now time.Time) bool { return inForce(e.ExpiresOn, now) }

// Covers reports whether an attestation is for the resource at a place, which it is
// for what its scope names and all below it.
func (a *Attestation) Covers(at *Place) bool { return at.Within(a.Scope) }

// InForce reports whether an attestation has not expired. One whose expiry cannot
// be read has.
func (a *Attestation) InForce(now time.Time) bool { return inForce(a.ExpiresOn, now) }

func inForce(expiresOn string, now time.Time) bool {
	if expiresOn == "" {
		return true
	}
	t, ok := ParseExpiry(expiresOn)
	return ok && t.After(now)
}

// UnreadLocation says why a resource's location is not known, in one of the words
// of [Gap]; "" where it is, and where there is none for certain.
func (r *Resource) UnreadLocation() string {
	if wholly(r) {
		return ""
	}
	_, reason := locationField.special(r)
	if reason == 0 {
		return ""
	}
	return (mayTrue | mayFalse | reason).Reasons()[0]
}

var locationField = &field{kind: fieldLocation, name: "location"}
