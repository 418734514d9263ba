package policy

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/bench/estate/tenant"
	"github.com/bartizan-dev/bartizan/internal/outline"
)

// outlinedResource makes a resource of a record without parsing it.
func outlinedResource(record *outline.Record) *Resource {
	r := &Resource{Outline: record, Surroundings: surroundings{}}
	for head, to := range map[int]*string{outline.ID: &r.ID, outline.Name: &r.Name, outline.Type: &r.Type, outline.Location: &r.Location} {
		text, _ := record.HeadText(head)
		*to = string(text)
	}
	r.Name = lastSegment(r.Name)
	return r
}

// TestOutline_agrees_with_parsing holds judging by outlines against judging by
// bodies: every built-in that can be judged, on recorded and made-up resources,
// each twice with other resources of its type in between.
func TestOutline_agrees_with_parsing(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	lib := builtIns(t)
	set := NewSet(lib.Aliases, testClock)
	for _, d := range lib.Definitions {
		set.Add(Bind(d, madeUp(d)))
	}
	plain, outlined := set.Judge(), set.Judge()
	lines := slices.Collect(bytes.Lines(sharedData(t, "estates/recorded-azure/resources.jsonl.gz")))
	var estate bytes.Buffer
	if err := tenant.Write(&estate, tenant.Options{Resources: 3000, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	lines = append(lines, slices.Collect(bytes.Lines(estate.Bytes()))...)
	read, pairs := 0, 0
	for range 2 {
		for _, line := range lines {
			line = bytes.TrimSpace(line)
			body := fastjson.MustParseBytes(line)
			r := NewResource(body)
			if r.Surroundings = (surroundings{}); body.Get("properties") == nil {
				continue
			}
			want := statusesOf(plain.Resource(r))
			record := outlined.Outline(line)
			if record == nil {
				outlined.Resource(r)
				continue
			}
			read++
			o := outlinedResource(record)
			got := statusesOf(outlined.Resource(o))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: judged by its body (-) and its outline (+):\n%s", r.ID, diff)
			}
			pairs += len(got)
		}
	}
	if read < len(lines) {
		t.Errorf("%d of %d records were read as outlines", read, 2*len(lines))
	}
	t.Logf("%d of %d records, %d pairs", read, 2*len(lines), pairs)
}

func statusesOf(j Judged) map[int32]RuleStatus {
	all := map[int32]RuleStatus{}
	for _, n := range j.Signatures {
		for _, s := range n.Statuses {
			all[s.Rule] = s
		}
	}
	return all
}

// The same for random rules, which look at everything that a rule can look at.
func TestOutline_agrees_on_random_rules(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
		t.Fatal(err)
	}
	kinds := shopKinds(t)
	read, all, odd := 0, 0, 0
	for seed := range uint64(360) {
		m := maker{rand.New(rand.NewPCG(seed, 8))}
		set := NewSet(aliases, testClock)
		expects := seed%2 == 0
		if expects {
			set.Expect(kinds)
		}
		rules, write := 40, m.rule // of many something always asks for all of a value
		if seed >= 60 {
			rules, write = 1+m.IntN(3), m.plainRule
		}
		for set.Len() < rules {
			d, problems := ParseDefinition("rule.json", []byte(write()))
			if d == nil {
				t.Fatal(problems)
			}
			set.Add(Bind(d, nil))
		}
		plain, outlined := set.Judge(), set.Judge()
		for range 300 {
			id := "/subscriptions/s/resourceGroups/g" + m.pick("1", "2") + "/providers/Contoso.Shop/stores/" + m.pick("x", "t1", "other")
			line := []byte(m.resource(id, "Contoso.Shop/stores"))
			r := NewResource(fastjson.MustParseBytes(line))
			r.Surroundings = surroundings{}
			want := statusesOf(plain.Resource(r))
			all++
			misshapen := expects && kinds.Misshapes(r) != nil
			record := outlined.Outline(line)
			if misshapen {
				all, odd = all-1, odd+1
			}
			if record == nil {
				outlined.Resource(r)
				continue
			}
			if misshapen {
				t.Fatalf("seed %d: %s: was read, want a parser to look", seed, line)
			}
			read++
			if diff := cmp.Diff(want, statusesOf(outlined.Resource(outlinedResource(record)))); diff != "" {
				t.Fatalf("seed %d: %s: judged by its body (-) and its outline (+):\n%s", seed, line, diff)
			}
		}
	}
	if read < all*3/4 || odd < 1000 {
		t.Errorf("%d of %d records were read as outlines, %d had values of other kinds", read, all, odd)
	}
}

// shopKinds are some that random resources mostly have.
func shopKinds(t *testing.T) *Kinds {
	kinds, err := NewKinds(map[string][]PlaceKinds{"Contoso.Shop/stores": {
		{Path: "properties.a", Kinds: []string{"string", "boolean", "array"}},
		{Path: "properties.b", Kinds: []string{"word", "number", "object"}},
		{Path: "properties.list[*]", Kinds: []string{"string"}},
		{Path: "properties.other[*].n"},
		{Path: "properties.o.deep"},
		{Path: "properties.o", Kinds: []string{"array", "string", "number", "boolean", "record"}, Members: []string{"x"}},
		{Path: "properties.whole", Kinds: []string{"=x", "array", "object", "number", "boolean"}},
		{Path: "properties.rules[*].properties.ports[*].n", Kinds: []string{"number", "string"}},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}
