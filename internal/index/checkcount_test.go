package index

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestCountsOfWords: whatever resources come, go, lie elsewhere or are judged otherwise,
// what is kept of the checks of each word, and what lists say by it, is what going
// through the resources gives.
func TestCountsOfWords(t *testing.T) {
	x := grown(6_000)
	random := rand.New(rand.NewPCG(9, 10))
	away := map[uint32]bool{}
	for round := range 60 {
		stir(t, random, x, away)
		if round == 30 { // something lies over verdicts from now on
			x.SetLayings([]Laying{
				{ID: "waived", Scope: "root", Selector: Selector{Types: []string{"microsoft.things/kind7"}}, Rules: []string{"rule-107"}, Mark: Waived},
				{ID: "mended", Scope: x.units.texts[1], Rules: []string{"rule-3", "rule-4"}, Mark: Mitigated},
				{ID: "off", Scope: "root", Rules: []string{"rule-20"}},
			})
		}
		for _, by := range x.sets.columns() {
			for word, set := range *by {
				if set != nil && (round%10 == 0 || random.IntN(4) == 0) {
					compareCounts(t, x, fmt.Sprintf("round %d, word %d", round, word), set)
				}
			}
		}
		if round%12 == 11 {
			compareTallies(t, random, x)
		}
	}
}

// compareCounts holds what is kept of a set against what counting it gives.
func compareCounts(t *testing.T, x *Index, at string, set *roaring.Bitmap) {
	t.Helper()
	got := x.checksIn(set)
	if got == nil {
		if set.GetCardinality() >= worthCounting {
			t.Fatalf("%s: nothing is kept", at)
		}
		return
	}
	want, total, all := map[uint32]int{}, 0, details{}
	each(set, func(n uint32) {
		for _, v := range x.Tuple(x.Laid(n)) {
			want[v.Evaluation*statesEach+uint32(v.State)]++
			all.count(v, 1)
			total++
		}
	})
	checks := map[uint32]int{}
	for i, c := range got.checks {
		if i > 0 && got.checks[i-1].check >= c.check {
			t.Fatalf("%s: not in order", at)
		}
		if c.count > 0 {
			checks[c.check] = int(c.count)
		}
	}
	if got.total != total || !maps.Equal(checks, want) || !maps.Equal(got.details, all) {
		t.Fatalf("%s: counted %d checks %v, want %d %v", at, got.total, got.details, total, all)
	}
}

// plain is the selection as one of which nothing is kept.
func plain(s *Selection) *Selection {
	s.resources, s.all, s.of = s.resources.Clone(), false, nil
	s.parted, s.looked = &counted{rest: s.resources}, true
	return s
}

// compareTallies holds the numbers of lists against those of the same resources of which
// nothing is kept, and jumps against whole lists.
func compareTallies(t *testing.T, random *rand.Rand, x *Index) {
	t.Helper()
	for name, f := range map[string]Filter{
		"a type":           {Types: Any("microsoft.things/kind7")},
		"a unit":           {Units: Any(x.units.texts[1])},
		"a place":          {Locations: Any("region-3")},
		"a cloud":          {Clouds: Any(posture.Azure)},
		"bad ones":         {States: Any(posture.Unhealthy)},
		"denied ones":      {Checks: CheckFilter{Reasons: Any(posture.Denied)}},
		"not denied":       {Checks: CheckFilter{Reasons: Choice[posture.Reason]{Values: []posture.Reason{posture.Denied}, Not: true}}},
		"rule of a type":   {Checks: CheckFilter{Rules: Any("rule-31"), States: Any(posture.Unhealthy, posture.Unknown)}},
		"types":            {Types: Any("microsoft.things/kind7", "microsoft.things/kind8", "Microsoft.Things/Kind7")},
		"scopes":           {Scopes: []string{x.units.texts[1], x.groups.texts[len(x.groups.texts)-1]}},
		"denied in scopes": {Scopes: []string{x.units.texts[1], x.groups.texts[len(x.groups.texts)-1]}, Checks: CheckFilter{Reasons: Any(posture.Denied)}},
		"nothing":          {Types: Any("microsoft.things/none")},
		"bad in a place":   {Locations: Any("region-3"), Checks: CheckFilter{States: Any(posture.Unhealthy)}},
		"denied":           {Locations: Any("region-3"), Checks: CheckFilter{Reasons: Any(posture.Denied)}},
		"severe":           {Clouds: Any(posture.Azure), Checks: CheckFilter{Severities: Any(posture.High)}},
	} {
		s, other := x.Select(f), plain(x.Select(f))
		if got, want := s.Tally(), other.Tally(); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: tally %+v, want %+v", name, got, want)
		}
		if got, want := s.ByState(), other.ByState(); got != want {
			t.Fatalf("%s: states %v, want %v", name, got, want)
		}
		orders := [][]Order{{{By: ByUnit}}, {{By: ByType}}, {{By: ByLocation}, {By: ByUnit}}, {{By: BySeverity}, {By: ByUnit}}, {{By: ByCloud}, {By: BySeverity}}, {{By: ByName}}}
		random.Shuffle(len(orders), func(a, b int) { orders[a], orders[b] = orders[b], orders[a] })
		for _, o := range orders[:2] {
			whole := other.Page(true, o, nil, 1<<30)
			if len(whole) == 0 {
				continue
			}
			for _, k := range []int{1, len(whole) / 3, len(whole) / 2, len(whole) - 1} {
				if got := s.Page(true, o, s.Skip(true, o, k), 7); !slices.Equal(got, whole[k:min(k+7, len(whole))]) {
					t.Fatalf("%s by %s: another page behind %d of %d rows", name, o[0].By, k, len(whole))
				}
			}
		}
	}
}
