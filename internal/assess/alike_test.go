package assess_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// look is a record of a case and of what lies around it, in a unit of its own.
type look struct {
	of     string // the recommendation
	cloud  posture.Cloud
	number int // of the unit
	bodies []map[string]any
}

// variety has what stands at each place of some bodies, by type and path.
type variety map[string][]any

func (v variety) note(value any, path string) {
	switch below := value.(type) {
	case map[string]any:
		for key, one := range below {
			v.note(one, path+"."+key)
		}
	case []any:
		for _, one := range below {
			v.note(one, path+"[*]")
		}
	}
	v[path] = append(v[path], value)
}

// otherwise gives a value with one place below it as it is in some other body, or with a
// list in another order, longer or shorter.
func (v variety) otherwise(random *rand.Rand, value any, path string) any {
	switch below := value.(type) {
	case map[string]any:
		if len(below) > 0 && random.IntN(8) > 0 {
			key := slices.Sorted(maps.Keys(below))[random.IntN(len(below))]
			below = maps.Clone(below)
			below[key] = v.otherwise(random, below[key], path+"."+key)
			return below
		}
	case []any:
		below = slices.Clone(below)
		switch n := random.IntN(5); {
		case n == 0:
			random.Shuffle(len(below), func(i, j int) { below[i], below[j] = below[j], below[i] })
			return below
		case n == 1 && len(below) > 0:
			return below[1:]
		case n == 2 && len(v[path+"[*]"]) > 0:
			return append(below, v[path+"[*]"][random.IntN(len(v[path+"[*]"]))])
		case n == 3 && len(below) > 0:
			at := random.IntN(len(below))
			below[at] = v.otherwise(random, below[at], path+"[*]")
			return below
		}
	}
	if others := v[path]; len(others) > 0 {
		return others[random.IntN(len(others))]
	}
	return value
}

var subscriptionOfID = regexp.MustCompile(`(?i)/subscriptions/[^/"]+`)

// parts are those of a body in which a look has something as others have it.
var parts = []string{"properties", "iamPolicy", "tags"}

// looksOf are the cases of recommendations of some clouds, each many times with
// something in it as it is in others.
func looksOf(t *testing.T, random *rand.Rand, times int, clouds ...posture.Cloud) (looks []look) {
	t.Helper()
	content, problems := catalog.Parse(os.DirFS("../../catalog"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	seen := variety{}
	for _, e := range content.Entries() {
		r, err := content.Recommendation(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(clouds, r.Cloud) {
			continue
		}
		for _, c := range r.Cases {
			one := look{of: r.ID, cloud: r.Cloud}
			for _, raw := range append([]json.RawMessage{c.Resource}, c.Related...) {
				var body map[string]any
				if err := json.Unmarshal(raw, &body); err != nil {
					t.Fatal(err)
				}
				for _, part := range parts {
					seen.note(body[part], strings.ToLower(body["type"].(string))+" "+part)
				}
				one.bodies = append(one.bodies, body)
			}
			looks = append(looks, one)
		}
	}
	for _, of := range slices.Clone(looks) {
		for range times {
			other := of
			other.bodies = slices.Clone(of.bodies)
			at := random.IntN(len(other.bodies))
			body := maps.Clone(other.bodies[at])
			for _, part := range parts {
				if body[part] != nil {
					body[part] = seen.otherwise(random, body[part], strings.ToLower(body["type"].(string))+" "+part)
				}
			}
			other.bodies[at] = body
			looks = append(looks, other)
		}
	}
	random.Shuffle(len(looks), func(i, j int) { looks[i], looks[j] = looks[j], looks[i] })
	for i := range looks {
		looks[i].number = i
	}
	return looks
}

// linesOf writes bodies; parsed ones in a way in which no reader of outlines takes them.
func linesOf(t *testing.T, looks []look, parsed bool) (lines []string) {
	t.Helper()
	for _, l := range looks {
		for _, body := range l.bodies {
			b, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			line := string(b)
			if l.cloud == posture.Azure {
				line = subscriptionOfID.ReplaceAllString(line, fmt.Sprintf("/subscriptions/%08x-0000-4000-8000-000000000001", l.number))
			} else {
				unit := map[posture.Cloud]string{posture.AWS: fmt.Sprintf("%012d", l.number), posture.GCP: fmt.Sprint("projects/p-", l.number), posture.Machine: fmt.Sprint("machines/g-", l.number)}[l.cloud]
				line = fmt.Sprintf(`{"bartizan":"resource","id":%q,"type":%q,"cloud":%q,"unit":%q,"whole":true,"body":%s}`, body["id"], body["type"], l.cloud, unit, line)
				for _, other := range l.bodies { // ids that say all are no two units'
					line = strings.ReplaceAll(line, fmt.Sprintf("%q", other["id"]), fmt.Sprintf("%q", fmt.Sprint(other["id"], "-", l.number)))
				}
			}
			if parsed {
				line = strings.Replace(line, `"id":"/`, `"id":"\u002f`, 1)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// judgedStates are the checks of looks that are judged together, by policies or, of none, by
// all recommendations.
func judgedStates(t *testing.T, looks []look, parsed bool, policies ...string) map[string]string {
	t.Helper()
	o := assess.Options{
		BuiltIn: builtIn(t), Policies: policies, Now: now, Bare: true, Complete: []assess.Completeness{{All: true}}, Workers: 1,
		Inputs: []assess.Input{text("in.jsonl", linesOf(t, looks, parsed)...)},
	}
	_, checks, err := assess.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for c, err := range checks {
		if err != nil {
			t.Fatal(err)
		}
		if c.Type != "unit" { // a manual control's
			all[c.Rule+" "+c.Unit+" "+c.Resource] = fmt.Sprint(c.State, " ", c.Reason)
		}
	}
	return all
}

// TestManyAlike: what a resource of Azure is judged by its outline is what it is judged
// by all of its body, among many that look alike, by all recommendations and by each
// alone, which reads less.
func TestManyAlike(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	looks, checks := looksOf(t, rand.New(rand.NewPCG(31, 4)), 8, posture.Azure), 0
	hold := func(looks []look, policies ...string) {
		want := judgedStates(t, looks, true, policies...)
		if diff := cmp.Diff(want, judgedStates(t, looks, false, policies...)); diff != "" {
			t.Fatalf("%v: judged by all of each body (-) and by outlines (+):\n%.4000s", policies, diff)
		}
		checks += len(want)
	}
	hold(looks)
	for of, looks := range byRecommendation(looks) {
		hold(looks, of)
	}
	t.Logf("%d looks, %d checks", len(looks), checks)
}

// TestManyAndAlone: what a resource is judged does not hang on which others of its type
// stand before it.
func TestManyAndAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	looks, checks := looksOf(t, rand.New(rand.NewPCG(31, 5)), 2, posture.Azure, posture.AWS, posture.GCP, posture.Machine), 0
	for of, looks := range byRecommendation(looks) {
		alone := map[string]string{}
		for _, one := range looks {
			maps.Copy(alone, judgedStates(t, []look{one}, false, of))
		}
		if diff := cmp.Diff(alone, judgedStates(t, looks, false, of)); diff != "" {
			t.Fatalf("%s: judged alone (-) and among others (+):\n%.4000s", of, diff)
		}
		checks += len(alone)
	}
	t.Logf("%d looks, %d checks", len(looks), checks)
}

func byRecommendation(looks []look) map[string][]look {
	by := map[string][]look{}
	for _, l := range looks {
		by[l.of] = append(by[l.of], l)
	}
	return by
}
