package assess

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

const (
	placedSubscription = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000"
	placedGroup        = "/providers/Microsoft.Management/managementGroups/web"
)

// somePlacer is a placer of what a few assignments, exemptions and attestations say,
// in a tree of a management group above two subscriptions.
func somePlacer(t *testing.T, o *Options) *placer {
	t.Helper()
	k := newKnowledge()
	k.scope(posture.Scope{ID: placedGroup, Kind: posture.Folder, Cloud: posture.Azure})
	for i := range 3 {
		unit := posture.Scope{ID: fmt.Sprint(placedSubscription, i), Kind: posture.Unit, Cloud: posture.Azure}
		if i > 0 {
			unit.Parent = placedGroup
		}
		k.scope(unit)
	}
	book, err := newRuleBook(o)
	if err != nil {
		t.Fatal(err)
	}
	return newPlacer(book, k)
}

func placedAt(unit, group, number int, typeName, location string) *place {
	p := &place{unit: fmt.Sprint(placedSubscription, unit), typeName: typeName, location: location}
	p.id = p.unit
	if group >= 0 {
		p.group = fmt.Sprint(p.unit, "/resourceGroups/g", group)
		p.id = p.group
	}
	p.id = fmt.Sprint(p.id, "/providers/", typeName, "/r", number)
	return p
}

// placedOptions assigns policies about three types to what scopes gives.
func placedOptions(t *testing.T, scopes func() (scope string, notScopes []string, selectors []policy.ResourceSelector), assignments int) *Options {
	t.Helper()
	o := &Options{Library: &policy.Library{}, Now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	var definitions []*policy.Definition
	for i, typeName := range []string{"A.B/c", "A.B/d", "A.B/e"} {
		for _, effect := range []string{"audit", "manual"} {
			d, problems := policy.ParseDefinition("d", []byte(fmt.Sprintf(
				`{"id":"/p/%s%d","name":"%[1]s%[2]d","properties":{"policyRule":{"if":{"field":"type","equals":"%s"},"then":{"effect":"%[1]s"}}}}`, effect, i, typeName)))
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			definitions = append(definitions, d)
		}
	}
	o.Library = policy.LibraryOf(definitions, nil)
	o.Library.Aliases = policy.NewAliases()
	for i := range assignments {
		d := definitions[i%len(definitions)]
		a := &policy.Assignment{ID: fmt.Sprint("/a/", i), Name: fmt.Sprint(i), DefinitionID: d.ID}
		a.Scope, a.NotScopes, a.ResourceSelectors = scopes()
		e := &policy.Exemption{ID: fmt.Sprint("/e/", i), AssignmentID: a.ID, Category: "Waiver"}
		e.Scope, _, e.ResourceSelectors = scopes()
		said := &policy.Attestation{ID: fmt.Sprint("/t/", i), AssignmentID: a.ID, State: "Compliant", AssessmentDate: "2026-11-01T00:00:00Z"}
		said.Scope, _, _ = scopes()
		o.Assignments, o.Exemptions, o.Attestations = append(o.Assignments, a), append(o.Exemptions, e), append(o.Attestations, said)
	}
	return o
}

// Places share a placement by what it depends on, and each has the one that is its
// own.
func TestPlacementsAreShared(t *testing.T) {
	for seed := range uint64(40) {
		m := rand.New(rand.NewPCG(seed, 3))
		scopes := func() (scope string, not []string, selectors []policy.ResourceSelector) {
			pick := func() string {
				p := placedAt(m.IntN(3), m.IntN(3), m.IntN(3), "A.B/"+string("cde"[m.IntN(3)]), "")
				return []string{"/", placedGroup, p.unit, p.unit, p.group, p.id}[m.IntN(6)]
			}
			if m.IntN(3) == 0 {
				not = append(not, pick())
			}
			if m.IntN(4) == 0 {
				selectors = []policy.ResourceSelector{{Selectors: []policy.Selector{{Kind: "resourceLocation", In: []string{"eastus"}}}}}
			}
			return pick(), not, selectors
		}
		o := placedOptions(t, scopes, 1+m.IntN(12))
		p, direct := somePlacer(t, o), somePlacer(t, o)
		for range 200 {
			r := placedAt(m.IntN(3), m.IntN(4)-1, m.IntN(3), "A.B/"+string("cde"[m.IntN(3)]), []string{"eastus", "westus", ""}[m.IntN(3)])
			if r.location == "" && m.IntN(2) == 0 {
				r.unread = "denied"
			}
			if got, want := p.at(r), direct.find(r); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: %+v\ngot  %+v\nwant %+v", seed, r, got, want)
			}
		}
	}
}

// What is assigned to whole subscriptions takes one placement a type, however many
// groups there are, and knows the rules of the type alone.
func TestPlacementsOfManyGroups(t *testing.T) {
	o := placedOptions(t, func() (string, []string, []policy.ResourceSelector) { return placedSubscription + "0", nil, nil }, 6)
	p := somePlacer(t, o)
	for group := range 1000 {
		for _, typeName := range []string{"A.B/c", "A.B/d"} {
			if found := p.at(placedAt(0, group, group, typeName, "eastus")); len(found.marks) != 2 {
				t.Fatalf("a placement of %s has %d marks, want the 2 of its type", typeName, len(found.marks))
			}
		}
	}
	if len(p.alike) != 2 {
		t.Errorf("%d placements of 2,000 places, want 2", len(p.alike))
	}
}
