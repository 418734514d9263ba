package server

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// groupedLists are the lists that answer in groups.
var groupedLists = []string{"/api/v1/checks", "/api/v1/resources", "/api/v1/recommendations"}

// groupedPage is a page of one, whatever its rows are.
type groupedPage struct {
	Rows   []map[string]any
	Total  int
	Cursor string
	Groups []ListGroup
}

// drawConditions gives some conditions of lists.
func drawConditions(random *rand.Rand, key string) url.Values {
	all := map[string][]string{
		"state": {"unhealthy", "!healthy", "unknown,manual,unhealthy"}, "severity": {"high,medium", "!low"}, "cloud": {"azure", "!aws", "gcp,machine"},
		"q": {"a", "web", "p"}, "resourceState": {"unhealthy", "!notApplicable", "unknown,healthy"}, "control": {"!none", "none"}, "owner": {"none", "!none"},
		"standard": {"mcsb-v1", "mcsb-v1,cis-azure-3.0", "none", "!none"}, "reason": {"notCollected,denied", "!none"}, "location": {"!westeurope", "none"}, "type": {"!unit"},
	}
	conditions := url.Values{}
	for name, of := range all {
		if random.IntN(len(all)) < 2 && (name != "location" || key != string(regionFacet)) {
			conditions.Set(name, of[random.IntN(len(of))])
		}
	}
	return conditions
}

// TestGroups: by whatever a list is grouped, under whatever conditions, its groups are
// what it has with their values as conditions, in number and by state, and the rows of
// open groups are those that it has then, one group after another.
func TestGroups(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.imports(owner)
	for i, name := range []string{"none", "!none", "a, b", `c\`} {
		r.imported(owner, "", fmt.Sprintf(`{"id":%q,"name":"x","type":"Microsoft.Storage/storageAccounts","location":"westeurope","tags":{"owner":%q},"properties":{}}`, ownID+strconv.Itoa(i), name)+"\n")
	}
	writesPolicies(r, owner, ownUnit)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	groups := 0
	for _, list := range groupedLists {
		for _, key := range groupKeys {
			for n := range 2 {
				conditions := url.Values{}
				if n > 0 {
					conditions = drawConditions(random, string(key))
				}
				groups += compareGroups(r, random, list, string(key), conditions, owner)
			}
		}
	}
	if groups < 1000 {
		t.Errorf("%d groups", groups)
	}
}

// writesPolicies assigns an initiative in units, and tells a standard of each.
func writesPolicies(r *running, owner string, units ...string) {
	r.t.Helper()
	for _, unit := range units {
		for _, noun := range []string{"definition", "initiative", "assignment", "standard"} {
			query := ""
			if noun == "standard" {
				query = "?id=house&scope=" + url.QueryEscape(unit)
			}
			if status, text := r.ask(http.MethodPost, "/api/v1/"+noun+"s"+query, owner, strings.ReplaceAll(bodies["write-"+noun], foreignUnit, unit)); status != http.StatusOK {
				r.t.Fatalf("%s: %d %s", noun, status, text)
			}
		}
	}
}

// compareGroups holds the groups of a list against the lists that have their values as
// conditions.
func compareGroups(r *running, random *rand.Rand, list, key string, conditions url.Values, token string) int {
	r.t.Helper()
	sorts := map[string][]string{
		"/api/v1/checks": {"", "name", "-severity,unit", "state"}, "/api/v1/resources": {"", "-name", "type,location"}, "/api/v1/recommendations": {"", "title", "-unhealthy"},
	}[list]
	if sort := sorts[random.IntN(len(sorts))]; sort != "" {
		conditions.Set("sort", sort)
	}
	address := func(more ...string) string {
		all := url.Values{}
		for name, of := range conditions {
			all[name] = of
		}
		for i := 0; i < len(more); i += 2 {
			all.Set(more[i], more[i+1])
		}
		return list + "?" + all.Encode()
	}
	what := address("group", key)
	told := get[groupedPage](r, what, token)
	if len(told.Rows) != 0 || told.Rows == nil || told.Groups == nil || told.Total != total(r, address(), token) {
		r.t.Errorf("%s: rows %v, %d in all", what, told.Rows, told.Total)
	}
	var open []string
	var want []map[string]any
	shut := random.IntN(4) // a fourth of the groups
	for i, g := range told.Groups {
		of := rows(r, address(key, g.Value), token)
		if n := len(of); n != g.Count {
			r.t.Errorf("%s: %s counts %d, the list has %d", what, g.Value, g.Count, n)
		}
		compareSums(r, what, &g, list, of)
		if i%4 != shut || len(told.Groups) < 3 {
			open = append(open, g.Value)
			for _, row := range of {
				row["inGroup"] = g.Value
				want = append(want, row)
			}
		}
	}
	asked := slices.Clone(open) // in whatever order
	random.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
	what = address("group", key, "open", strings.Join(append(asked, "gone"), ","))
	var got []map[string]any
	for cursor, limit := "", 1+random.IntN(200); ; {
		page := get[groupedPage](r, what+"&limit="+strconv.Itoa(limit)+"&cursor="+url.QueryEscape(cursor), token)
		if got = append(got, page.Rows...); len(got) > len(want) || !reflect.DeepEqual(page.Groups, told.Groups) || page.Total != told.Total {
			r.t.Fatalf("%s: %d rows in groups of %d, %d in all", what, len(got), len(want), page.Total)
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	if at := differ(got, want); at >= 0 {
		r.t.Errorf("%s: row %d of %d is not that of %d", what, at, len(got), len(want))
	}
	for range 5 {
		seek := random.Float64()
		page := get[groupedPage](r, what+"&limit=7&seek="+strconv.FormatFloat(seek, 'f', -1, 64), token)
		begin := max(0, min(int(seek*float64(len(want))), len(want)-1))
		if at := differ(page.Rows, want[begin:min(begin+7, len(want))]); at >= 0 {
			r.t.Errorf("%s: at %v of %d stands another row at %d", what, seek, len(want), at)
		}
	}
	return len(told.Groups)
}

// compareSums holds the states and gains of a group against its rows.
func compareSums(r *running, what string, g *ListGroup, list string, of []map[string]any) {
	r.t.Helper()
	counts, gain := map[string]int{}, 0.0
	for _, row := range of {
		if list != "/api/v1/recommendations" {
			counts[row["state"].(string)]++
			continue
		}
		gain += row["gain"].(float64)
		for _, s := range posture.States {
			counts[s.String()] += int(row[s.String()].(float64))
		}
	}
	c := g.States
	got := map[string]int{"unhealthy": c.Unhealthy, "unknown": c.Unknown, "manual": c.Manual, "healthy": c.Healthy, "exempt": c.Exempt, "notApplicable": c.NotApplicable}
	for state, n := range got {
		if counts[state] != n {
			r.t.Errorf("%s: %s has %d %s, its rows %d", what, g.Value, n, state, counts[state])
		}
	}
	switch {
	case list != "/api/v1/recommendations":
		if g.Gain != nil {
			r.t.Errorf("%s: %s has a gain", what, g.Value)
		}
	case g.Gain == nil || math.Abs(*g.Gain-gain) > 1e-8:
		r.t.Errorf("%s: %s gains %v, its rows %v", what, g.Value, g.Gain, gain)
	}
}

// differ gives the first place at which rows differ, -1 for none. Gains are rounded.
func differ(a, b []map[string]any) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) {
			return i
		}
		for _, row := range []map[string]any{a[i], b[i]} {
			if gain, ok := row["gain"].(float64); ok {
				row["gain"] = math.Round(gain*1e8) / 1e8
			}
		}
		if !reflect.DeepEqual(a[i], b[i]) {
			return i
		}
	}
	return -1
}

// TestGroupsOfOneRoot: who sees one root has no groups, and no title, of another.
func TestGroupsOfOneRoot(t *testing.T) {
	r, owner := twoCompanies(t)
	writesPolicies(r, owner, ownUnit, foreignUnit)
	reader := r.token("reader", access.Reader, "own")
	for _, list := range groupedLists {
		for _, key := range groupKeys {
			address := list + "?open=!gone&group=" + string(key)
			all, own := get[groupedPage](r, address, owner), get[groupedPage](r, address, reader)
			rows := func(p groupedPage) (n int) {
				for _, g := range p.Groups {
					n += g.Count
				}
				return n
			}
			if len(own.Groups) == 0 || rows(own) != len(own.Rows) && own.Cursor == "" || list != "/api/v1/recommendations" && rows(own) >= rows(all) {
				t.Errorf("%s: %d rows in groups of one root, %d of both", address, rows(own), rows(all))
			}
			if text := fmt.Sprintf("%+v", own); strings.Contains(text, foreignUnit) {
				t.Errorf("%s: %s", address, text)
			}
		}
	}
	for key, part := range map[string]string{"recommendation": "#", "standard": ownUnit} { // the house's own
		if groups := get[groupedPage](r, "/api/v1/checks?group="+key, reader).Groups; !slices.ContainsFunc(groups, func(g ListGroup) bool { return strings.Contains(g.Value, part) && g.Title != "" }) {
			t.Errorf("%s: %+v", key, groups)
		}
	}
	units := get[groupedPage](r, "/api/v1/resources?group=unit", reader).Groups
	if len(units) != 1 || units[0].Value != ownUnit || units[0].Count != 1 {
		t.Errorf("units of one root: %+v", units)
	}
}

// TestGroupsAsked: what is wrong with groups is told with all else that is; a cursor is
// good for its own groups and order; of the past there are the groups of then; HEAD and
// exports are those of the list without groups.
func TestGroupsAsked(t *testing.T) {
	r, owner := twoCompanies(t)
	for _, list := range groupedLists {
		for address, words := range map[string][]string{
			"group=colour&sort=colour&facets=colour": {"query.group", "query.sort", "query.facets", "resourceState standard"},
			"open=high&severity=loud":                {"query.open", "query.severity", "want group too"},
			"group=state&cursor=x&sort=colour":       {"query.cursor", "query.sort"},
		} {
			status, text := r.ask(http.MethodGet, list+"?"+address, owner, "")
			for _, word := range words {
				if status != http.StatusUnprocessableEntity || !strings.Contains(string(text), word) {
					t.Errorf("%s?%s: %d %s, want %s", list, address, status, text, word)
				}
			}
		}
		grouped := list + "?limit=1&open=!gone&group=type"
		cursor := get[groupedPage](r, grouped, owner).Cursor
		if cursor == "" {
			t.Fatalf("%s: one page", grouped)
		}
		plain := get[groupedPage](r, list+"?limit=1", owner)
		if plain.Groups != nil || plain.Rows[0]["inGroup"] != nil {
			t.Errorf("%s without groups: %+v", list, plain)
		}
		for _, other := range []string{
			list + "?limit=1&cursor=" + cursor, list + "?limit=1&open=!gone&group=cloud&cursor=" + cursor, grouped + "&sort=-" + map[bool]string{true: "id", false: "name"}[list == groupedLists[2]] + "&cursor=" + cursor,
			grouped + "&cursor=" + plain.Cursor,
		} {
			if status, text := r.ask(http.MethodGet, other, owner, ""); status != http.StatusUnprocessableEntity || !strings.Contains(string(text), "query.cursor") {
				t.Errorf("%s: %d %s", other, status, text)
			}
		}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodHead, grouped, http.NoBody)
		request.Host = "127.0.0.1:7410"
		request.Header.Set("Authorization", "Bearer "+owner)
		answer := httptest.NewRecorder()
		r.server.ServeHTTP(answer, request)
		if got, want := answer.Header().Get("X-Total-Count"), strconv.Itoa(plain.Total); got != want {
			t.Errorf("HEAD %s: %s rows, want %s", grouped, got, want)
		}
		name := list[strings.LastIndexByte(list, '/')+1:]
		_, want := r.ask(http.MethodGet, "/api/v1/exports?format=jsonl&list="+name, owner, "")
		status, got := r.ask(http.MethodGet, "/api/v1/exports?format=jsonl&group=type&open=gone&list="+name, owner, "")
		if rowsOfExport(got) != rowsOfExport(want) || strings.Count(rowsOfExport(got), "\n") < plain.Total || status != http.StatusOK {
			t.Errorf("export of %s: %d %.500s, want %.500s", list, status, got, want)
		}
		if status, text := r.ask(http.MethodGet, "/api/v1/exports?group=colour&list="+name, owner, ""); status != http.StatusUnprocessableEntity {
			t.Errorf("export of %s by colour: %d %s", list, status, text)
		}
	}
	before := get[groupedPage](r, "/api/v1/resources?group=unit&at="+r.now.Format(time.RFC3339), owner).Groups
	then := r.now.Format(time.RFC3339)
	r.now = r.now.Add(time.Hour)
	r.imported(owner, "root=own", storageAccount(ownID+"2")+"\n")
	if now := get[groupedPage](r, "/api/v1/resources?group=unit", owner).Groups; len(now) != 2 || now[0].Count != 2 {
		t.Errorf("now: %+v", now)
	}
	if past := get[groupedPage](r, "/api/v1/resources?group=unit&at="+then, owner).Groups; len(past) != 2 || !reflect.DeepEqual(past, before) {
		t.Errorf("then: %+v, want %+v", past, before)
	}
}

// rowsOfExport leaves out of lines what says when an export was made.
func rowsOfExport(text []byte) string {
	return strings.Join(slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return strings.Contains(line, "2026-11-22T") }), "\n")
}

// TestGroupTitles: what has a name for people is told by it.
func TestGroupTitles(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.imports(owner)
	for key, values := range map[string][]string{
		"recommendation": {storageRule, "cis-azure-3.0:10.1"}, "control": {"encrypt-data-in-transit", "cis-azure-3.0:10.1"}, "standard": {"mcsb-v1"}, "unit": nil,
	} {
		titled := 0
		for _, g := range get[groupedPage](r, "/api/v1/checks?group="+key, owner).Groups {
			if g.Title != "" {
				titled++
			}
			if slices.Contains(values, g.Value) && g.Title == "" || g.Value == none && g.Title != "" || g.Title != "" && g.Title == g.Value {
				t.Errorf("%s: %+v", key, g)
			}
		}
		if titled < 3 {
			t.Errorf("%s: %d titles", key, titled)
		}
	}
}

// TestGroupLeft: a cursor of a group that is no longer there goes on with the one that
// came after it.
func TestGroupLeft(t *testing.T) {
	g := &grouped{}
	g.by.Facet, g.open.Not, g.open.Values = "type", true, []string{"shut"}
	for i, value := range []string{"a", "b", "shut", "c", "d"} {
		g.all = append(g.all, index.Group{Value: value, Count: 10 - 2*i})
	}
	for _, test := range []struct {
		value string
		count int
		want  string
		own   bool
	}{{"b", 1, "b c d", true}, {"gone", 9, "b c d", false}, {"gone", 8, "c d", false}, {"aa", 8, "b c d", false}, {"gone", 1, "", false}, {"shut", 6, "c d", false}} {
		open, own := g.behind(&cursor{Value: test.value, Count: test.count})
		var got []string
		for _, one := range open {
			got = append(got, one.Value)
		}
		if strings.Join(got, " ") != test.want || own != test.own {
			t.Errorf("behind %s of %d: %v %t, want %s", test.value, test.count, got, own, test.want)
		}
	}
}
