package estate_test

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestInspection_finds_what_assess_does: what a resource of each type was judged
// on is the same, to the last piece of evidence, whether it is judged with what
// its rules need or with everything.
func TestInspection_finds_what_assess_does(t *testing.T) {
	k, ctx := newKept(t), t.Context()
	k.imports(input("estate", demo(t)))
	for name, text := range map[string]string{
		"https": httpsDefinition("/", "https", ""), "blob": blobDefinition("/", "blob"), "any": anyDefinition("/", "any", "westeurope"),
	} {
		if _, err := k.sets(ledger.Definition, text); err != nil {
			t.Fatal(err)
		}
		if _, err := k.sets(ledger.Assignment, assignment("/", name, definitionID("/", name), "")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.sets(ledger.Assignment, assignment("/", "lax", definitionID("/", "https"), `,"parameters":{"wanted":{"value":"false"}}`)); err != nil {
		t.Fatal(err)
	}
	head := k.estate.Head()
	tree, err := estate.Hierarchy(ctx, k.store, head)
	if err != nil {
		t.Fatal(err)
	}
	library, assignments := k.estate.Policies().Assigned(func(*policy.Assignment) bool { return true })
	_, all, err := assess.Run(ctx, assess.Options{
		Hierarchy: tree,
		Inputs:    []assess.Input{{Name: "kept", Open: func() (io.ReadCloser, error) { return estate.Stream(ctx, k.store, head), nil }}},
		Partial:   true, BuiltIn: k.catalog, Library: library, Assignments: assignments, Now: k.now, Evidence: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[posture.Identity][]posture.Check{}
	for check, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(check.Rule, ":") { // others are controls that no configuration shows
			wanted[check.Identity()] = append(wanted[check.Identity()], *check)
		}
	}
	met, pieces, policies := map[string]bool{}, 0, 0
	for unit := range unitsOf(t, k) {
		for r, err := range k.store.UnitBodies(ctx, head, unit) {
			if err != nil {
				t.Fatal(err)
			}
			want := wanted[r.Resource.Identity()]
			if met[strings.ToLower(r.Resource.Type)] || len(want) == 0 {
				continue
			}
			met[strings.ToLower(r.Resource.Type)] = true
			got, err := inspectionOf(k, head, &r).Checks(ctx, rulesOf(want)...)
			if err != nil {
				t.Fatal(err)
			}
			byRule := func(a, b posture.Check) int {
				return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ParametersHash, b.ParametersHash))
			}
			slices.SortFunc(got, byRule)
			slices.SortFunc(want, byRule)
			for i := range got {
				pieces += len(got[i].Evidence)
				if !got[i].Recommendation {
					policies += len(got[i].Evidence)
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-assess +inspection):\n%s", r.Resource.ID, diff)
			}
		}
	}
	if len(met) < 80 || pieces < 400 || policies < 10 {
		t.Errorf("%d types with %d pieces of evidence were looked at, %d of policies", len(met), pieces, policies)
	}
}

func unitsOf(t *testing.T, k *kept) map[string]bool {
	t.Helper()
	scopes, err := k.store.Scopes(t.Context(), k.estate.Head())
	if err != nil {
		t.Fatal(err)
	}
	units := map[string]bool{}
	for _, s := range scopes {
		if s.Kind == posture.Unit {
			units[s.ID] = true
		}
	}
	return units
}

func rulesOf(checks []posture.Check) (rules []string) {
	for _, c := range checks {
		if !c.Recommendation {
			c.Rule = index.PolicyRule(c.Rule, c.ParametersHash)
		}
		rules = append(rules, c.Rule)
	}
	return rules
}

func inspectionOf(k *kept, n ledger.Number, r *ledger.ResourceBody) *estate.Inspection {
	i := &estate.Inspection{Store: k.store, Catalog: k.catalog, Commit: n, At: k.now, Resource: r.Resource, Record: r.Record}
	kept, err := k.store.Scopes(k.t.Context(), n)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, s := range kept {
		i.Scopes = append(i.Scopes, s.Scope)
	}
	i.Judges = k.estate.Judges()
	if i.Documents, err = k.store.Documents(k.t.Context(), n, ""); err != nil {
		k.t.Fatal(err)
	}
	return i
}

// TestInspection_explains: the words are those of assess over everything.
func TestInspection_explains(t *testing.T) {
	k, ctx := newKept(t), t.Context()
	k.imports(input("estate", demo(t)))
	head := k.estate.Head()
	for unit := range unitsOf(t, k) {
		for r, err := range k.store.UnitBodies(ctx, head, unit, "Microsoft.Storage/storageAccounts") {
			if err != nil {
				t.Fatal(err)
			}
			for _, rule := range []string{"storage-secure-transfer", "storage-private-link"} {
				got, err := inspectionOf(k, head, &r).Explain(ctx, rule)
				if err != nil {
					t.Fatal(err)
				}
				want, err := assess.Explain(ctx, assess.Options{
					Inputs:  []assess.Input{{Name: "kept", Open: func() (io.ReadCloser, error) { return estate.Stream(ctx, k.store, head), nil }}},
					Partial: true, BuiltIn: k.catalog, Now: k.now,
				}, r.Resource.ID, rule)
				if err != nil {
					t.Fatal(err)
				}
				if got.Text() != want.Text() || len(got.Checks) != 1 || got.Checks[0].State != want.Checks[0].State {
					t.Errorf("%s on %s:\n%s\nwant\n%s", rule, r.Resource.ID, got.Text(), want.Text())
				}
			}
			return
		}
	}
}
