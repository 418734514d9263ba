package assess

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// oddPlaces have ids of all clouds, several names, and scopes above them that only the
// tree knows.
func oddPlaces() []*place {
	places := []*place{
		{id: "i-1", unit: "111122223333", typeName: "AWS::EC2::Instance", location: "eu-west-1"},
		{id: "web|sg-1", unit: "111122223333", typeName: "AWS::EC2::SecurityGroup", location: "eu-west-1"},
		{id: "arn:aws:iam::111122223333:role/app/web", unit: "111122223333", typeName: "AWS::IAM::Role", location: "global"},
		{id: "arn:aws:lambda:eu-west-1:111122223333:function:f", unit: "111122223333", typeName: "AWS::Lambda::Function", location: "eu-west-1"},
		{id: "//storage.googleapis.com/b", unit: "projects/p", typeName: "storage.googleapis.com/Bucket"},
		{id: "m1", unit: "machines/web", typeName: "machine"},
		{id: placedGroup, typeName: "Microsoft.Management/managementGroups"},
	}
	for unit := range 3 {
		for number := range 4 {
			places = append(places, placedAt(unit, number-1, number, "A.B/c", "eastus"))
		}
	}
	return places
}

// oddScopes are names of the places and what stands above them, and some of nothing.
func oddScopes(places []*place) []string {
	scopes := []string{
		"/", "//", placedGroup, placedGroup + "/", "web", "sg-1", "arn:aws:iam::111122223333:role/web", "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST",
		"projects", "nothing", placedSubscription + "0/resourceGroups/G1/", placedSubscription,
	}
	for _, r := range places {
		scopes = append(scopes, r.id, r.unit, r.group, r.id+"/x/y", r.id+"/")
		for _, n := range r.names() {
			scopes = append(scopes, n.Text)
		}
	}
	return scopes
}

// The scopes that a place is found in are those that it lies in, of all.
func TestScopesOfPlaces(t *testing.T) {
	p := somePlacer(t, &Options{})
	places := oddPlaces()
	p.scopes = newScopeIndex(oddScopes(places))
	for _, r := range places {
		var want, got []string
		for _, scope := range p.scopes.all {
			if p.within(r, scope) {
				want = append(want, scope)
			}
		}
		for _, n := range p.in(r) {
			got = append(got, p.scopes.all[n])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is in\n%q, want\n%q", r.id, got, want)
		}
	}
}

// The spots that a scope has to do with are those in it and above it, of all.
func TestSpotsAroundScopes(t *testing.T) {
	p := somePlacer(t, &Options{})
	places := oddPlaces()
	p.scopes = newScopeIndex(oddScopes(places))
	spots := make([]spot, len(places))
	for i := range spots {
		spots[i].at = places[i]
	}
	index := newSpotIndex(spots, p)
	for _, scope := range p.scopes.all {
		var want, got []string
		for _, r := range places {
			if p.within(r, scope) || posture.Within(scope, r.id) {
				want = append(want, r.id)
			}
		}
		for s := range index.around(scope) {
			got = append(got, s.at.id)
		}
		if !slices.Equal(got, want) {
			t.Errorf("around %q are\n%q, want\n%q", scope, got, want)
		}
	}
}

// However many exemptions there are of single resources, the places that none is of
// share a placement.
func TestPlacementsBesideManyExemptions(t *testing.T) {
	o := &Options{Library: &policy.Library{}, Now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	for i := range 2000 {
		o.Exemptions = append(o.Exemptions, &policy.Exemption{ID: fmt.Sprint("/e/", i), Category: "Waiver", ReferenceIDs: []string{"x"}, Scope: placedAt(0, 0, i, "A.B/c", "").id})
	}
	p := somePlacer(t, o)
	for number := range 4000 {
		p.at(placedAt(0, 0, number, "A.B/c", "eastus"))
	}
	if want := 2000 + 1; len(p.alike) != want {
		t.Errorf("%d placements, want %d: one of each that is exempt, and one of the rest", len(p.alike), want)
	}
}
