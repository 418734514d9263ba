package server

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestUnitGroups: the groups of checks on units are what each document says of each
// control in each unit, one by one; and what differs between two moments is what
// differs there.
func TestUnitGroups(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	scopes := []posture.Scope{{ID: "top", Parent: "/"}, {ID: "left", Parent: "top"}, {ID: "right", Parent: "top"}}
	var units, controls []string
	for i := range 8 {
		units = append(units, fmt.Sprintf("%012d", i))
		scopes = append(scopes, posture.Scope{ID: units[i], Parent: []string{"left", "right"}[i%2]})
		controls = append(controls, fmt.Sprint("Std:", i))
	}
	tree := access.NewTree(scopes)
	var before map[string]index.Verdict
	var last []index.UnitChecks
	for range 300 {
		people := &said{scopes: tree, about: map[string][]govern.Version{}, documents: drawDocuments(random, units, controls)}
		g := unitGroups{people: people, sharing: map[shared][]verdictIn{}}
		want := map[string]index.Verdict{}
		for i, control := range controls {
			in := units[i%2*4:]
			g.add(control, in)
			for _, unit := range in {
				if v, there := people.verdictBy(naming(people.documents, control), unit); there {
					want[unit+" "+control] = v
				}
			}
		}
		got, rows := map[string]index.Verdict{}, 0
		for _, group := range g.all {
			for _, unit := range group.Units {
				for _, c := range group.Checks {
					got[unit+" "+c.Control] = c.Verdict
					rows++
				}
			}
		}
		if !maps.Equal(got, want) || rows != len(want) {
			t.Fatalf("%d rows %v, want %v", rows, got, want)
		}
		if got, want := turned(last, g.all), differing(before, want); !maps.Equal(got, want) {
			t.Fatalf("turned: %v, want %v", got, want)
		}
		before, last = want, g.all
	}
}

func drawDocuments(random *rand.Rand, units, controls []string) (all []govern.Version) {
	for range random.IntN(5) {
		scope := slices.Concat([]string{"top", "left", "right"}, units)[random.IntN(3+len(units))]
		control := strings.ToUpper(controls[random.IntN(len(controls))])
		var d govern.Document
		switch random.IntN(5) {
		case 0:
			d = &govern.Exemption{Place: govern.Place{Scope: scope}, Category: "waiver"}
		case 1:
			d = &govern.Exemption{Place: govern.Place{Scope: scope}, Category: "mitigated", Recommendations: []string{control, controls[0], "other"}}
		case 2:
			d = &govern.Exemption{Place: govern.Place{Scope: scope}, Selector: &govern.Selector{}}
		case 3:
			d = &govern.Attestation{Place: govern.Place{Scope: scope}, Recommendation: control, State: []string{"healthy", "unhealthy"}[random.IntN(2)]}
		default:
			d = &govern.Disabling{Scope: scope, Recommendation: control}
		}
		all = append(all, govern.Version{Document: d})
	}
	return all
}

// naming gives the documents about a control, looked at one by one.
func naming(all []govern.Version, control string) (about []govern.Version) {
	for _, d := range all {
		exemption, ok := d.Document.(*govern.Exemption)
		if ok && exemption.Recommendations == nil && exemption.Selector == nil ||
			slices.ContainsFunc(d.Rules(), func(id string) bool { return strings.EqualFold(id, control) }) {
			about = append(about, d)
		}
	}
	return about
}

// differing counts the checks that two moments have otherwise, by unit.
func differing(before, now map[string]index.Verdict) map[string]int {
	checks := map[string]bool{}
	for _, pair := range [][2]map[string]index.Verdict{{before, now}, {now, before}} {
		for at, v := range pair[0] {
			if other, there := pair[1][at]; !there || other != v {
				checks[at] = true
			}
		}
	}
	units := map[string]int{}
	for at := range checks {
		unit, _, _ := strings.Cut(at, " ")
		units[unit]++
	}
	return units
}
