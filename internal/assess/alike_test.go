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

// look is a record of a case and of what lies around it, in a subscription of its own.
type look struct {
	of     string // the recommendation
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

// looksOf are the cases of recommendations of Azure, each many times with something in
// it as it is in others.
func looksOf(t *testing.T, random *rand.Rand, times int) (looks []look) {
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
		if r.Cloud != posture.Azure {
			continue
		}
		for _, c := range r.Cases {
			one := look{of: r.ID}
			for _, raw := range append([]json.RawMessage{c.Resource}, c.Related...) {
				var body map[string]any
				if err := json.Unmarshal(raw, &body); err != nil {
					t.Fatal(err)
				}
				seen.note(body["properties"], fmt.Sprint(strings.ToLower(body["type"].(string))))
				one.bodies = append(one.bodies, body)
			}
			looks = append(looks, one)
		}
	}
	for _, of := range slices.Clone(looks) {
		for range times {
			other := look{of: of.of, bodies: slices.Clone(of.bodies)}
			at := random.IntN(len(other.bodies))
			body := maps.Clone(other.bodies[at])
			if body["properties"] != nil {
				body["properties"] = seen.otherwise(random, body["properties"], strings.ToLower(body["type"].(string)))
			}
			other.bodies[at] = body
			looks = append(looks, other)
		}
	}
	return looks
}

// linesOf writes bodies, each look in a subscription of its own; parsed ones in a way in
// which no reader of outlines takes them.
func linesOf(t *testing.T, looks []look, parsed bool) (lines []string) {
	t.Helper()
	for i, l := range looks {
		for _, body := range l.bodies {
			b, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			line := subscriptionOfID.ReplaceAllString(string(b), fmt.Sprintf("/subscriptions/%08x-0000-4000-8000-000000000001", i))
			if parsed {
				line = strings.Replace(line, `"id":"/`, `"id":"\u002f`, 1)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// TestManyAlike: what a resource is judged does not hang on which others of its type
// stood before it: many that look alike, in any order, are judged as each is by itself
// by all of its body, by all recommendations and by each alone, which reads less.
func TestManyAlike(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	random := rand.New(rand.NewPCG(31, 4))
	looks := looksOf(t, random, 8)
	random.Shuffle(len(looks), func(i, j int) { looks[i], looks[j] = looks[j], looks[i] })
	checks := holdsAlike(t, looks, nil)
	by := map[string][]look{}
	for _, l := range looks {
		by[l.of] = append(by[l.of], l)
	}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		checks += holdsAlike(t, by[id], []string{id})
	}
	t.Logf("%d looks, %d checks", len(looks), checks)
}

// holdsAlike holds looks that are judged by their outlines against those by their
// bodies, and gives the number of checks.
func holdsAlike(t *testing.T, looks []look, policies []string) int {
	t.Helper()
	judged := func(parsed bool) map[string]string {
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
				all[c.Rule+" "+c.Resource] = fmt.Sprint(c.State, " ", c.Reason)
			}
		}
		return all
	}
	want := judged(true)
	if diff := cmp.Diff(want, judged(false)); diff != "" {
		t.Fatalf("%v: judged by all of each body (-) and among many (+):\n%.4000s", policies, diff)
	}
	return len(want)
}
