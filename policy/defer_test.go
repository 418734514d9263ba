package policy

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const (
	aboutStores = `{"policyRule": {"if": {"field": "type", "equals": "Contoso.Shop/stores"}, "then": {"effect": "audit"}}}`
	locked      = `{"policyRule": {"if": {"field": "type", "equals": "Contoso.Shop/stores"}, "then": {"effect": "auditIfNotExists",
		"details": {"type": "Microsoft.Authorization/locks", "existenceCondition": {"field": "kind", "equals": "x"}}}}}`
)

func boundOf(t *testing.T, text string) *Bound {
	t.Helper()
	d, problems := ParseDefinition("rule.json", []byte(text))
	if d == nil {
		t.Fatalf("%v\n%s", problems, text)
	}
	return Bind(d, nil)
}

// A rule is bound when its type is met or the one that it looks for, and not
// before.
func TestSet_binds_deferred_rules_when_their_types_are_met(t *testing.T) {
	const shop, shelf = shopGroup + "/providers/Contoso.Shop/stores/s", `"type": "Contoso.Shop/stores/shelves"`
	for name, test := range map[string]struct {
		resource string
		want     []string
	}{
		"another_type":        {`{"id": "` + shop + `/shelves/a", ` + shelf + `}`, nil},
		"its_type":            {`{"id": "` + shop + `", "type": "contoso.shop/STORES"}`, []string{aboutStores, locked}},
		"the_type_looked_for": {`{"id": "` + shop + `/providers/Microsoft.Authorization/locks/l", "type": "Microsoft.Authorization/locks"}`, []string{locked}},
	} {
		t.Run(name, func(t *testing.T) {
			set := NewSet(NewAliases(), testClock)
			var bound []string
			for _, text := range []string{aboutStores, locked} {
				trial := NewSet(NewAliases(), testClock)
				brief, ok := trial.Brief(trial.Add(boundOf(t, text)))
				if !ok {
					t.Fatalf("no brief of %s", text)
				}
				set.Defer(brief, func() (*Bound, error) {
					bound = append(bound, text)
					return boundOf(t, text), nil
				})
			}
			set.JudgeAll([]*Resource{parsed(t, test.resource), parsed(t, test.resource)}, nil)
			if diff := gocmp.Diff(test.want, bound); diff != "" {
				t.Errorf("bound (-want +got):\n%s", diff)
			}
			if set.Rule(0).Effect != "Audit" {
				t.Error("asked for by its number: the rule is not bound")
			}
		})
	}
}

func TestSet_Brief_is_of_rules_that_may_wait(t *testing.T) {
	for name, text := range map[string]string{
		"no_type":       `{"policyRule": {"if": {"field": "kind", "equals": "x"}, "then": {"effect": "audit"}}}`,
		"disabled":      `{"policyRule": {"if": {"field": "type", "equals": "a/b"}, "then": {"effect": "disabled"}}}`,
		"unknown_alias": `{"policyRule": {"if": {"allOf": [{"field": "type", "equals": "a/b"}, {"field": "a/b/c", "equals": 1}]}, "then": {"effect": "audit"}}}`,
		"writes":        `{"policyRule": {"if": {"field": "type", "equals": "a/b"}, "then": {"effect": "append", "details": [{"field": "tags['x']", "value": "y"}]}}}`,
	} {
		set := NewSet(NewAliases(), testClock)
		if brief, ok := set.Brief(set.Add(boundOf(t, text))); ok {
			t.Errorf("%s: got %v, want none", name, brief)
		}
	}
}

func TestSet_takes_a_deferred_rule_that_does_not_bind_for_one_that_cannot_be_judged(t *testing.T) {
	set := NewSet(NewAliases(), testClock)
	number := set.Defer(Brief{Types: []string{"contoso.shop/stores"}}, func() (*Bound, error) { return nil, errors.New("torn") })
	found := set.JudgeAll([]*Resource{parsed(t, `{"id": "`+shopGroup+`/providers/Contoso.Shop/stores/s", "type": "Contoso.Shop/stores"}`)}, nil)
	if len(found) != 0 || set.Broken(number) != "torn" {
		t.Errorf("got %v and %q, want no finding and the reason", found, set.Broken(number))
	}
}

// TestSet_agrees_with_deferred_rules holds rules that are bound late against
// the same bound at once, in whatever order resources come, and by several
// judges at once.
func TestSet_agrees_with_deferred_rules(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
		t.Fatal(err)
	}
	findings := 0
	for seed := range uint64(40) {
		m := maker{rand.New(rand.NewPCG(seed, 11))}
		atOnce, late := NewSet(aliases, testClock), NewSet(aliases, testClock)
		for range 40 {
			text := m.rule()
			number := atOnce.Add(boundOf(t, text))
			if brief, ok := atOnce.Brief(number); ok && m.IntN(4) > 0 {
				late.Defer(brief, func() (*Bound, error) { return boundOf(t, text), nil })
			} else {
				late.Add(boundOf(t, text))
			}
			if m.IntN(4) == 0 {
				atOnce.Together(number)
				late.Together(number)
			}
		}
		var estate []string
		for i := range 12 {
			estate = append(estate, m.resource(shopGroup+`/providers/Contoso.Shop/stores/st`+strconv.Itoa(i), "Contoso.Shop/stores"))
		}
		estate = append(
			estate,
			m.resource(shopGroup+`/providers/Contoso.Shop/tills/t1`, "Contoso.Shop/tills"), m.resource(shopGroup+`/providers/Contoso.Shop/tills/x`, "Contoso.Shop/tills"),
			m.resource(shopGroup+`/providers/Contoso.Shop/stores/st3/shelves/t1`, "Contoso.Shop/stores/shelves"),
			m.resource(shopGroup+`/providers/Contoso.Shop/stores/st4/providers/Microsoft.Authorization/locks/x`, "Microsoft.Authorization/locks"),
		)
		m.Shuffle(len(estate), func(i, j int) { estate[i], estate[j] = estate[j], estate[i] })
		want, got := judgedByThree(t, atOnce, estate), judgedByThree(t, late, estate)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-at once +late):\n%s", seed, diff)
		}
		findings += len(want)
	}
	if findings < 5000 {
		t.Errorf("%d findings compared, want many", findings)
	}
}

// settledFinding is what came of a rule on a resource.
type settledFinding struct {
	Resource string
	Status   RuleStatus
}

// judgedByThree judges resources by three judges at once.
func judgedByThree(t *testing.T, set *Set, estate []string) []settledFinding {
	t.Helper()
	const judges = 3
	var wait sync.WaitGroup
	all, judged, resources := make([]*Judge, judges), make([][]Judged, judges), make([][]*Resource, judges)
	for n := range judges {
		all[n] = set.Judge()
		for i := n; i < len(estate); i += judges {
			r := parsed(t, estate[i])
			r.Surroundings = surroundings{}
			resources[n] = append(resources[n], r)
		}
		wait.Go(func() {
			for _, r := range resources[n] {
				one := all[n].Resource(r)
				one.Signatures = slices.Clone(one.Signatures)
				judged[n] = append(judged[n], one)
			}
		})
	}
	wait.Wait()
	settler := set.Settle(all, func(string, string) (bool, string) { return true, "" }).Settler()
	var findings []settledFinding
	for n := range judges {
		for i, r := range resources[n] {
			settler.Settle(&judged[n][i], r.unit())
			for _, s := range judged[n][i].Signatures {
				for _, status := range s.Statuses {
					findings = append(findings, settledFinding{r.ID, status})
				}
			}
		}
	}
	slices.SortFunc(findings, func(a, b settledFinding) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Status.Rule, b.Status.Rule))
	})
	return findings
}
