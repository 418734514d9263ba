package estate_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// writesDocument keeps a document that ends so much later, or not at all.
func (k *kept) writesDocument(kind ledger.DocumentKind, id string, after time.Duration, text string) {
	k.t.Helper()
	if after > 0 {
		text = fmt.Sprintf(`%s,"expiresOn":%q}`, strings.TrimSuffix(text, "}"), k.now.Add(after).Format(time.RFC3339))
	}
	if _, err := k.estate.SetDocument(k.t.Context(), anna, kind, id, []byte(text)); err != nil {
		k.t.Fatal(err)
	}
}

// ended lists what the audit log and the commits say of what ended, the first first.
func (k *kept) ended() (all []string) {
	k.t.Helper()
	at := map[ledger.Number]ledger.Commit{}
	commits, err := k.store.Commits(k.t.Context(), 0, k.estate.Head()+10)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, c := range commits {
		at[c.Number] = c
	}
	for e, err := range k.store.AuditLog(k.t.Context(), ledger.AuditFilter{}) {
		if err != nil {
			k.t.Fatal(err)
		}
		if strings.HasSuffix(e.Action, ".end") {
			all = append(all, fmt.Sprintf("%s %s: %s", e.Action, e.Object, at[e.Commit].Words))
		}
	}
	slices.Reverse(all)
	return all
}

// TestTick_what_lies_beneath: what ends under something that holds longer is told too,
// as the check is exempt by another kind, or in other words, from then on.
func TestTick_what_lies_beneath(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "false")+subscription))
	shared := fmt.Sprintf(`{"scope":%q,"recommendations":[%q],"reason":"x","category":`, unit, secureTransfer)
	said := fmt.Sprintf(`{"scope":%q,"recommendation":%q,"text":"x","state":`, unit, emergency)
	k.writesDocument(ledger.ExemptionOf, "waiver", 9*time.Hour, shared+`"waiver"}`)
	k.writesDocument(ledger.ExemptionOf, "mitigated", time.Hour, shared+`"mitigated"}`)
	k.writesDocument(ledger.AttestationOf, "older", 9*time.Hour, said+`"healthy"}`)
	k.writesDocument(ledger.AttestationOf, "newer", 2*time.Hour, said+`"healthy"}`)
	k.writesDocument(ledger.ExemptionOf, "over", 0, strings.Replace(shared, secureTransfer, emergency, 1)+`"waiver"}`)
	k.writesDocument(ledger.AttestationOf, "beneath", 3*time.Hour, said+`"unhealthy"}`)
	k.writesDocument(ledger.ExemptionOf, "replaced", 4*time.Hour, shared+`"waiver"}`)
	k.writesDocument(ledger.ExemptionOf, "replaced", 0, shared+`"waiver"}`)
	k.writesDocument(ledger.ExemptionOf, "removed", 4*time.Hour, shared+`"waiver"}`)
	if _, err := k.estate.RemoveDocument(t.Context(), anna, ledger.ExemptionOf, "removed"); err != nil {
		t.Fatal(err)
	}
	k.now = k.now.Add(8 * time.Hour)
	for range 2 {
		if _, err := k.estate.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		k.reopen()
	}
	want := []string{"exemption.end mitigated: 1 exemption ended", "attestation.end newer: 1 attestation ended", "attestation.end beneath: 1 attestation ended"}
	if diff := cmp.Diff(want, k.ended()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestTick_late: what ended before another commit has its own commits after it, each
// once, also if the process is gone in between, or another one does the rest.
func TestTick_late(t *testing.T) {
	for name, goesOn := range map[string]func(*testing.T, *kept, *estate.Estate) *estate.Estate{
		"the_same":        func(_ *testing.T, k *kept, _ *estate.Estate) *estate.Estate { return k.estate },
		"one_that_starts": func(_ *testing.T, k *kept, _ *estate.Estate) *estate.Estate { k.reopen(); return k.estate },
		"one_that_was_there": func(t *testing.T, _ *kept, other *estate.Estate) *estate.Estate {
			if err := other.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			return other
		},
		"one_that_does_not_know": func(_ *testing.T, _ *kept, other *estate.Estate) *estate.Estate { return other },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			k.imports(input("a.jsonl", account("a", "false")+account("b", "false")+account("c", "true")))
			for n, name := range []string{"a", "b"} {
				k.writesDocument(ledger.ExemptionOf, name, time.Duration(1+n)*time.Hour, fmt.Sprintf(`{"resources":[{"id":%q}],"category":"waiver","reason":"x"}`, accountID(name)))
			}
			one := k.estate
			k.reopen()
			other := k.estate
			k.estate = one
			begin := k.now
			k.now = begin.Add(90 * time.Minute)
			c := ledger.Commit{At: begin.Add(3 * time.Hour), Kind: ledger.Access, Actor: "tester", Object: "x"}
			if _, err := k.store.Write(t.Context(), c, func(tx ledger.Tx) error { tx.Stand(); return nil }); err != nil {
				t.Fatal(err)
			}
			if _, err := k.estate.Tick(t.Context()); err != nil { // by its clock only one has ended
				t.Fatal(err)
			}
			k.now = begin.Add(4 * time.Hour)
			k.estate = goesOn(t, k, other)
			want := []string{"exemption.end a: 1 exemption ended", "exemption.end b: 1 exemption ended"}
			for _, e := range []*estate.Estate{k.estate, one, other} { // the last two come to nothing
				if _, err := e.Tick(t.Context()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, k.ended()); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			}
			k.effectsAddUp()
			k.sameScore()
		})
	}
}

// sameScore holds the kept score of the unit against that of an index of now.
func (k *kept) sameScore() {
	k.t.Helper()
	m := &month{kept: k}
	m.open(k.t.Fatal)
	if err := m.follower.Read(func(x *index.Index) error {
		if got, kept := x.UnitScore(unit).Percent, k.estate.UnitScore(unit).Percent; got != kept {
			k.t.Errorf("the score is %v, kept is %v", got, kept)
		}
		return nil
	}); err != nil {
		k.t.Fatal(err)
	}
}

// TestScoreHistory_of_what_ends: a unit whose share changes as something ends has the
// cause of what ended, also if its own number stays.
func TestScoreHistory_of_what_ends(t *testing.T) {
	bad := strings.NewReplacer("TLS1_2", "TLS1_0", `"allowBlobPublicAccess":false`, `"allowBlobPublicAccess":true`).Replace(account("a", "false"))
	attestation := fmt.Sprintf(`{"scope":%q,"recommendation":%q,"text":"x","state":"unhealthy"}`, unit, emergency)
	exemption := fmt.Sprintf(`{"scope":%q,"recommendations":[%q,"storage-blob-anonymous-access-off"],"category":"waiver","reason":"x"}`, unit, secureTransfer)
	tests := map[string]struct {
		documents map[string]string
		want      []string
	}{
		"an_attestation": {map[string]string{"attestation": attestation}, []string{"attestation weight 7-6"}},
		"an_exemption":   {map[string]string{"exemption": exemption}, []string{"exemption weight 4-6"}},
		"both_at_once":   {map[string]string{"exemption": exemption, "attestation": attestation}, []string{"attestation weight 5-4", "exemption weight 4-6"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			k.imports(input("a.jsonl", bad+subscription+strings.ReplaceAll(account("c", "true"), unit, otherUnit)))
			end := k.now.Add(time.Hour)
			for _, kind := range slices.Sorted(maps.Keys(test.documents)) {
				k.writesDocument(ledger.DocumentKind(kind), "x", end.Sub(k.now), test.documents[kind])
			}
			head := k.estate.Head()
			if u := k.estate.UnitScore(unit); u.Percent != 0 || u.Weight == 0 {
				t.Fatalf("score %+v, want 0 of something", u)
			}
			k.now = end.Add(time.Second)
			if _, err := k.estate.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			var got []string
			var last float64
			history := estate.ScoreHistory{Rows: k.store, Scope: "/", Sees: func(string, *access.Tree) bool { return true }}
			for move, err := range history.Moves(t.Context(), head, k.estate.Head()) {
				if err != nil {
					t.Fatal(err)
				}
				var points float64
				for _, c := range move.Causes {
					got = append(got, fmt.Sprintf("%s %s %d-%d", c.Kind, c.Object, c.Before, c.Now))
					points += c.Points
				}
				if len(move.Causes) > 0 && (math.Abs(points-(move.Percent-last)) > 1e-9 || move.Percent == last) {
					t.Errorf("from %v to %v by %+v", last, move.Percent, move.Causes)
				}
				last = move.Percent
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("causes %q, want %q", got, test.want)
			}
		})
	}
}
