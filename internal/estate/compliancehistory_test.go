package estate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// benchmark asks for one standard at one scope. Of some units nobody has to say
// anything of manual controls; it says what is good.
type benchmark struct {
	catalog  *catalog.Catalog
	standard *catalog.Standard
	scope    string
}

func benchmarkOf(t testing.TB, c *catalog.Catalog, scope string) *benchmark {
	t.Helper()
	all, err := c.Standards()
	if err != nil {
		t.Fatal(err)
	}
	return &benchmark{c, catalog.StandardNamed(all, "mcsb-v1"), scope}
}

func (b *benchmark) asked(x *index.Index) (*estate.Asked, error) {
	evidence, err := estate.NewEvidence(b.catalog, x.Content().Rules)
	if err != nil {
		return nil, err
	}
	return &estate.Asked{Standard: b.standard, Evidence: evidence.Of(b.standard), Filter: index.Filter{Scopes: []string{b.scope}}}, nil
}

func (b *benchmark) Asked(_ context.Context, s *follow.Step) (*estate.Asked, error) {
	return b.asked(s.Index)
}

func (b *benchmark) People(context.Context, *follow.Step, estate.People) (estate.People, error) {
	return b, nil
}

func (b *benchmark) Verdict(_, unit string) (v index.Verdict, there bool) {
	v.State = posture.Manual
	if unit == otherUnit {
		v.State = posture.Healthy
	}
	return v, true
}

func (b *benchmark) Without(ledger.DocumentKind, string) estate.People { return b }

// history goes through the history from a commit on, and gives the causes with what
// became of one control.
func (b *benchmark) history(t *testing.T, k *kept, from ledger.Number, control string) (said []string) {
	t.Helper()
	m := &month{kept: k}
	m.open(t.Fatal)
	end := follow.Moment{Commit: k.estate.Head(), At: k.now}
	commits, err := k.store.Commits(t.Context(), from-1, from)
	if err != nil || len(commits) != 1 {
		t.Fatal(commits, err)
	}
	var last estate.ComplianceMove
	for move, err := range estate.ComplianceHistory(t.Context(), b, m.follower.Replay(t.Context(), follow.Moment{Commit: from, At: commits[0].At}, end)) {
		if err != nil {
			t.Fatal(err)
		}
		last = move
		for _, c := range move.Causes {
			for _, turn := range c.Controls {
				if turn.ID == control {
					said = append(said, fmt.Sprintf("%s %s: %s > %s", c.Kind, c.Object, turn.Before, turn.Now))
				}
			}
		}
	}
	if err := m.follower.Read(func(x *index.Index) error {
		asked, err := b.asked(x)
		if err != nil {
			return err
		}
		selected := x.Select(asked.Filter)
		tally := selected.Tally()
		now := estate.RollUp(b.standard, x.Content().Rules, []estate.Counted{{Evidence: asked.Evidence, Tally: &tally}}, nil, func(control string) (t compliance.Tally) {
			return estate.ManualTally(selected.WholeUnitsOf(b.standard.Clouds), func(unit string) (index.Verdict, bool) { return b.Verdict(control, unit) })
		})
		if now.Controls != last.Result.Controls {
			t.Errorf("the history ends with %+v, compliance is %+v", last.Result.Controls, now.Controls)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return said
}

// TestComplianceHistory_another_catalogue: what one does that judges otherwise is told
// by recommendation, and what it no longer covers is told of it as a whole.
func TestComplianceHistory_another_catalogue(t *testing.T) {
	k := newKept(t)
	const keys = "storage-shared-key-off" // the only one about IM-1 here
	k.catalog = storageCatalogue(t, func(name, text string) string {
		if strings.HasSuffix(name, "/"+keys+".yaml") {
			return "" // it is to come
		}
		return text
	})
	k.reopen()
	k.imports(input("a.jsonl", account("a", "true")+strings.ReplaceAll(account("c", "true"), unit, otherUnit)))
	if err := k.estate.Rejudge(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	from := k.estate.Head()
	k.catalog = storageCatalogue(t, func(_, text string) string {
		return strings.Replace(text, "supportsHttpsTrafficOnly, notEquals: true", "supportsHttpsTrafficOnly, notEquals: false", 1)
	})
	k.reopen()
	if err := k.estate.Rejudge(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	b := benchmarkOf(t, k.catalog, "/")
	for control, want := range map[string]string{
		"DP-3": "rules " + secureTransfer + ": Passed > Failed",
		"IM-1": "rules catalogue: Not covered > Failed",
	} {
		if got := b.history(t, k, from, control); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q", control, got, want)
		}
	}
}

// TestComplianceHistory_moves: a unit that comes to stand elsewhere comes or goes.
func TestComplianceHistory_moves(t *testing.T) {
	const tenant = "0a1b2c3d-0000-4000-8000-0000000000ff"
	k := newKept(t)
	stands := func(parent, text string) {
		t.Helper()
		o := estate.ImportOptions{Inputs: []intake.Input{input("a.jsonl", text)}, Actor: "tester", Hierarchy: []posture.Scope{
			{ID: folder, Kind: posture.Folder, Cloud: posture.Azure, Parent: "default"}, {ID: tenant, Kind: posture.Tenant, Cloud: posture.Azure, Parent: "default"}, {ID: otherUnit, Kind: posture.Unit, Cloud: posture.Azure, Parent: parent},
		}}
		if _, err := k.estate.Import(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	stands(tenant, account("a", "true")+strings.ReplaceAll(account("c", "false"), unit, otherUnit))
	from := k.estate.Head()
	stands(folder, "")
	comes, goes := "scope "+otherUnit+": Not applicable > Failed", "scope "+otherUnit+": Failed > Not applicable"
	tests := map[string]struct{ scope, control, want string }{
		"where_it_comes":              {folder, "DP-3", comes},
		"where_it_goes":               {tenant, "DP-3", goes},
		"a_manual_control_where":      {folder, "AM-1", "scope " + otherUnit + ": Manual > Passed"},
		"a_manual_control_no_longer":  {tenant, "AM-1", "scope " + otherUnit + ": Passed > Manual"},
		"seen_from_above_it_is_there": {"default", "DP-3", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := benchmarkOf(t, k.catalog, test.scope)
			if got := strings.Join(b.history(t, k, from, test.control), ", "); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// BenchmarkComplianceHistory replays commits of one changed resource each, over estates
// of two sizes.
func BenchmarkComplianceHistory(b *testing.B) {
	for _, resources := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(resources), func(b *testing.B) {
			k := newKept(b)
			var text strings.Builder
			for n := range resources {
				text.WriteString(account(fmt.Sprint("a", n), []string{"true", "false"}[n%2]))
			}
			k.imports(input("a.jsonl", text.String()))
			from := k.estate.Head()
			const commits = 40
			for n := range commits {
				k.now = k.now.Add(time.Hour)
				k.imports(input("a.jsonl", account(fmt.Sprint("a", 2*n), "false")))
			}
			m := &month{kept: k}
			m.open(b.Fatal)
			asked := benchmarkOf(b, k.catalog, "/")
			asked.scope = unit
			for b.Loop() {
				begin, first := time.Now(), time.Duration(0)
				for _, err := range m.follower.Replay(b.Context(), follow.Moment{Commit: from, At: k.now}, follow.Moment{Commit: from, At: k.now}) {
					if err != nil {
						b.Fatal(err)
					}
					first = time.Since(begin)
				}
				begin = time.Now()
				for _, err := range estate.ComplianceHistory(b.Context(), asked, m.follower.Replay(b.Context(), follow.Moment{Commit: from, At: k.now}, follow.Moment{Commit: k.estate.Head(), At: k.now})) {
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(first.Milliseconds()), "ms/index")
				b.ReportMetric(float64((time.Since(begin)-first).Microseconds())/commits/1000, "ms/commit")
			}
		})
	}
}
