package server

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
)

func historyPath(scope string) string {
	return "/api/v1/score/history?scope=" + url.QueryEscape(scope)
}

// TestScoreHistory: whatever scope somebody sees, the history of its score ends with
// the score, the causes of each point add up to its change, and pages are the whole.
func TestScoreHistory(t *testing.T) {
	r, owner := twoCompanies(t)
	reader := r.token("reader", access.Reader, ownUnit)
	good := func(id string) string {
		return strings.Replace(storageAccount(id), `"supportsHttpsTrafficOnly":false`, `"supportsHttpsTrafficOnly":true`, 1) + "\n"
	}
	for _, step := range []struct{ path, body string }{
		{"/api/v1/inventory?root=own", good(ownID+"2") + good(ownID+"3")},
		{"/api/v1/inventory?root=foreign", good(foreignID)},
		{"/api/v1/exemptions", `{"scope":"/","recommendations":["` + storageRule + `"],"category":"waiver","reason":"x"}`},
	} {
		if status, text := r.ask(http.MethodPost, step.path, owner, step.body); status != http.StatusOK {
			t.Fatalf("%s: %d %s", step.path, status, text)
		}
	}
	tests := map[string]struct {
		token, scope string
		units        string // that causes are of
		words        bool   // of the exemption
	}{
		"all":              {owner, "/", "own foreign ", true},
		"a_root":           {owner, "own", "own ", true},
		"a_unit":           {owner, ownUnit, "own ", true},
		"all_that_i_see":   {reader, "/", "own ", false},
		"a_root_on_my_way": {reader, "own", "own ", false},
		"my_unit":          {reader, ownUnit, "own ", false},
	}
	for _, path := range []string{"/api/v1/score/history", historyPath("")} {
		all := get[ScoreHistory](r, historyPath("/"), reader)
		if diff := cmp.Diff(all, get[ScoreHistory](r, path, reader)); diff != "" {
			t.Errorf("%s is not that of all that is seen (-/ +got):\n%s", path, diff)
		}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			history := get[ScoreHistory](r, historyPath(test.scope), test.token)
			r.addsUp(t, history.Points)
			score := get[Score](r, "/api/v1/score?scope="+url.QueryEscape(test.scope), test.token)
			weight := 0
			for _, u := range score.Units {
				weight += u.Weight
			}
			if last := history.Points[len(history.Points)-1]; *last.Percent != *score.Percent || last.Weight != weight {
				t.Errorf("the history ends with %v and weight %d, the score is %v and %d", *last.Percent, last.Weight, *score.Percent, weight)
			}
			units, words := map[string]bool{}, false
			for _, p := range history.Points {
				for _, c := range p.Causes {
					units[c.Scope] = true
					words = words || c.Words == "exemption granted"
				}
			}
			got := ""
			for _, u := range []string{ownUnit, foreignUnit} {
				if units[u] {
					got += map[string]string{ownUnit: "own ", foreignUnit: "foreign "}[u]
				}
			}
			if got != test.units || words != test.words {
				t.Errorf("causes are of %q and tell of the exemption: %t; want %q, %t", got, words, test.units, test.words)
			}
			var paged []ScorePoint
			for cursor := ""; ; {
				page := get[ScoreHistory](r, historyPath(test.scope)+"&limit=1"+cursor, test.token)
				paged = append(paged, page.Points...)
				if cursor = "&cursor=" + page.Cursor; page.Cursor == "" {
					break
				}
			}
			if diff := cmp.Diff(history.Points, paged); diff != "" {
				t.Errorf("-whole +pages:\n%s", diff)
			}
		})
	}
	after := get[ScoreHistory](r, historyPath("/")+"&from="+url.QueryEscape(r.now.Format("2006-01-02T15:04:05Z")), owner)
	if len(after.Points) != 1 || len(after.Points[0].Causes) != 0 || after.Points[0].Time.IsZero() {
		t.Errorf("where nothing happened: %+v", after.Points)
	}
}

// addsUp holds causes against what they led to.
func (r *running) addsUp(t *testing.T, points []ScorePoint) {
	t.Helper()
	if len(points) < 2 {
		t.Fatalf("%d points", len(points))
	}
	before := 0.0
	for _, p := range points {
		sum := p.Rest
		for _, c := range p.Causes {
			sum += c.Points
		}
		if math.Abs(before+sum-*p.Percent) > 1e-9 {
			t.Errorf("commit %d: %v and %+v are not %v", p.Commit, before, p.Causes, *p.Percent)
		}
		before = *p.Percent
	}
}

// TestScoreHistory_refused: what one does not see is not there, and of parts of units
// there is no history.
func TestScoreHistory_refused(t *testing.T) {
	r, owner := twoCompanies(t)
	reader, ofGroup := r.token("reader", access.Reader, ownUnit), r.token("ofGroup", access.Reader, ownUnit+"/resourceGroups/g")
	tests := map[string]struct {
		token, query string
		status       int
		want         string
	}{
		"nothing":              {owner, "none", 404, "there is no scope none"},
		"another_root":         {reader, "foreign", 404, "there is no scope foreign"},
		"a_unit_of_another":    {reader, foreignUnit, 404, "there is no scope"},
		"a_group":              {owner, ownUnit + "/resourceGroups/g", 422, "not of parts of units"},
		"a_group_of_another":   {reader, foreignUnit + "/resourceGroups/g", 404, "there is no scope"},
		"a_tag":                {owner, "tag:env=prod", 422, "not of parts of units"},
		"a_part_of_it_is_seen": {ofGroup, ownUnit, 404, "there is no scope"},
		"a_cursor":             {owner, "/&cursor=x", 422, "cursor"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			scope, more, _ := strings.Cut(test.query, "&")
			status, text := r.ask(http.MethodGet, historyPath(scope)+"&"+more, test.token, "")
			if status != test.status || !strings.Contains(string(text), test.want) {
				t.Errorf("%d %s, want %d %s", status, text, test.status, test.want)
			}
		})
	}
	if history := get[ScoreHistory](r, historyPath("/"), ofGroup); len(history.Points) != 0 {
		t.Errorf("who sees a part of a unit is told %+v", history.Points)
	}
}

// TestScorePoint_left_out: what is told of a commit that touched many units is bounded,
// and says what it leaves out.
func TestScorePoint_left_out(t *testing.T) {
	move := moveOf(mostCauses + 20)
	p := scorePoint(&move)
	if len(p.Causes) != mostCauses || p.More != 20 || p.Rest != 0.2 || p.Causes[0].Points != 0.5 {
		t.Errorf("%d causes, %d more of %v, the first %+v", len(p.Causes), p.More, p.Rest, p.Causes[0])
	}
	if text := fmt.Sprint(move.Causes[0].Points); text != "0.01" {
		t.Errorf("what was given is in another order: %s", text)
	}
}

// moveOf is a commit with causes of which the last did most.
func moveOf(causes int) estate.ScoreMove {
	var m estate.ScoreMove
	for range causes - 1 {
		m.Causes = append(m.Causes, estate.ScoreCause{Points: 0.01, Exact: 0.01})
	}
	m.Causes = append(m.Causes, estate.ScoreCause{Points: 0.5, Exact: 0.5})
	return m
}
