package server

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// demoText is the demo's estate, with texts replaced.
func demoText(t *testing.T, oldnew ...string) string {
	t.Helper()
	var b bytes.Buffer
	if err := contoso.Estate(&b); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(oldnew...).Replace(b.String())
}

// TestOverview_agrees with the lists that its numbers lead to; and so do search,
// reads and the difference of two times.
func TestOverview(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.imports(owner)
	then := url.QueryEscape(r.now.Format(time.RFC3339))
	score := get[Score](r, "/api/v1/score", owner)
	t.Run("overview", func(t *testing.T) { r.overviewAgrees(t, owner, &score) })
	t.Run("search", func(t *testing.T) { r.searchAgrees(t, owner) })
	t.Run("reads", func(t *testing.T) { r.readsAgree(t, owner) })
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, demoText(t, `"supportsHttpsTrafficOnly":false`, `"supportsHttpsTrafficOnly":true`)); status != http.StatusOK {
		t.Fatalf("import: %d %s", status, text)
	}
	t.Run("difference", func(t *testing.T) { r.differenceAgrees(t, owner, then, &score) })
	changes := get[Overview](r, "/api/v1/overview", owner).Changes
	if len(changes) == 0 || changes[0].Kind != "import" || len(changes[0].Causes) == 0 || changes[0].Causes[0].Points <= 0 || !strings.Contains(changes[0].Words, "changed") {
		t.Errorf("newest changes: %+v", changes)
	}
	t.Run("stale", func(t *testing.T) { r.staleIsMarked(t, owner) })
}

func total(r *running, path, token string) int {
	return get[struct{ Total int }](r, path, token).Total
}

func (r *running) overviewAgrees(t *testing.T, owner string, score *Score) {
	o := get[Overview](r, "/api/v1/overview", owner)
	if *o.Score.Percent != *score.Percent || o.Score.Current != nil || o.Coverage.Unknown != score.Coverage.Unknown || o.AsOf != score.AsOf {
		t.Errorf("score %+v %+v, want %v %+v", o.Score, o.Coverage, *score.Percent, score.Coverage)
	}
	for _, s := range o.Severities {
		filter := "state=unhealthy&severity=" + s.Severity.String()
		if n, m := total(r, "/api/v1/checks?"+filter, owner), total(r, "/api/v1/recommendations?"+filter, owner); n != s.Checks || m != s.Recommendations {
			t.Errorf("severity %+v: lists have %d checks, %d recommendations", s, n, m)
		}
	}
	if o.Severities[0].Severity != posture.Critical || len(o.Severities) < 4 {
		t.Errorf("severities %+v", o.Severities)
	}
	best := get[struct{ Rows []RecommendationRow }](r, "/api/v1/recommendations?state=unhealthy&limit=5", owner).Rows
	if len(o.FixFirst.Rows) != 5 || o.FixFirst.Rows[0].ID != best[0].ID || o.FixFirst.Together < best[0].Gain || math.Abs(*o.FixFirst.Percent-*score.Percent-o.FixFirst.Together) > 1e-9 {
		t.Errorf("fix first %+v, the list begins with %+v", o.FixFirst, best[0])
	}
	for _, row := range o.FixFirst.Rows { // distinct resources, whatever else keeps them unhealthy
		if n := total(r, "/api/v1/resources?state=unhealthy&recommendation="+row.ID, owner); n != row.Resources {
			t.Errorf("fix %s: %d resources, the list has %d", row.ID, row.Resources, n)
		}
	}
	for _, c := range o.Clouds {
		all := 0
		for state, count := range c.States {
			all += count
			if n := total(r, "/api/v1/resources?cloud="+c.Cloud.String()+"&resourceState="+state, owner); n != count {
				t.Errorf("%s %s: %d, the list has %d", c.Cloud, state, count, n)
			}
		}
		if n := total(r, "/api/v1/resources?cloud="+c.Cloud.String(), owner); n != c.Total || all > n {
			t.Errorf("%s: %d resources, %d with a state, the list has %d", c.Cloud, c.Total, all, n)
		}
	}
	if len(o.Clouds) < 3 || len(o.Compliance) == 0 || !slices.IsSortedFunc(o.Compliance, func(a, b StandardRow) int { return int(*a.Rate*1000 - *b.Rate*1000) }) {
		t.Errorf("clouds %+v, compliance %+v", o.Clouds, o.Compliance)
	}
	part := get[Overview](r, "/api/v1/overview?scope="+url.QueryEscape(score.Units[0].Scope), owner)
	if part.Resources >= o.Resources || part.Score.Units > 1 || part.Score.Percent != nil && *part.Score.Percent != *score.Units[0].Percent {
		t.Errorf("of one unit: %+v", part.Score)
	}
}

func (r *running) searchAgrees(t *testing.T, owner string) {
	type answer struct{ Groups []SearchGroup }
	found := func(query, token string) map[string]SearchGroup {
		groups := map[string]SearchGroup{}
		for _, g := range get[answer](r, "/api/v1/search?"+query, token).Groups {
			groups[g.Kind] = g
		}
		return groups
	}
	all := found("q=STORAGE", owner)
	if n := total(r, "/api/v1/resources?q=storage", owner); all["resources"].Total != n || len(all["resources"].Rows) != 3 || n < 4 {
		t.Errorf("resources %+v, the list has %d", all["resources"], n)
	}
	if all["recommendations"].Total < 4 || all["controls"].Total == 0 {
		t.Errorf("found %+v", all)
	}
	if one := found("q=storage-secure-transfer&kind=recommendations&limit=50", owner); len(one) != 1 || one["recommendations"].Rows[0].ID != "storage-secure-transfer" {
		t.Errorf("one recommendation: %+v", one)
	}
	if people := found("q=anna&kind=people", owner)["people"]; people.Total != 1 {
		t.Errorf("people: %+v", people)
	}
	reader := r.token("annabel", access.Reader, "default")
	if people := found("q=anna&kind=people", reader)["people"]; people.Total != 1 || people.Rows[0].Title != "annabel" {
		t.Errorf("a reader finds %+v, want himself", people)
	}
	if scopes := found("q=contoso&kind=scopes,queries", owner); scopes["scopes"].Total == 0 || len(scopes) != 1 {
		t.Errorf("scopes: %+v", scopes)
	}
}

func (r *running) readsAgree(t *testing.T, owner string) {
	all := rows(r, "/api/v1/reads?", owner)
	denied := rows(r, "/api/v1/reads?gap=denied", owner)
	whole := total(r, "/api/v1/reads?complete=true", owner)
	if len(all) == 0 || len(denied) == 0 || len(denied) >= len(all) || whole+total(r, "/api/v1/reads?complete=false", owner) != len(all) {
		t.Errorf("%d reads, %d with denied parts, %d complete", len(all), len(denied), whole)
	}
	for _, row := range denied {
		if !strings.Contains(fmt.Sprint(row["gaps"]), "denied") {
			t.Errorf("read %v", row)
		}
	}
	var paged []map[string]any
	for cursor := ""; ; {
		page := get[struct {
			Rows   []map[string]any
			Cursor string
		}](r, "/api/v1/reads?limit=7&cursor="+cursor, owner)
		if paged = append(paged, page.Rows...); page.Cursor == "" {
			break
		}
		cursor = page.Cursor
	}
	if fmt.Sprint(paged) != fmt.Sprint(all) {
		t.Errorf("page by page there are %d reads, want %d", len(paged), len(all))
	}
}

// staleIsMarked: after a read of a type that failed, what is known of the type is the
// same, and marked wherever it is told.
func (r *running) staleIsMarked(t *testing.T, owner string) {
	const kind = "Microsoft.Storage/storageAccounts"
	of := "type=" + url.QueryEscape(kind)
	accounts := get[struct{ Rows []ResourceRow }](r, "/api/v1/resources?"+of, owner).Rows
	before := get[Coverage](r, "/api/v1/coverage", owner)
	record := fmt.Sprintf(`{"bartizan":"read","scope":%q,"type":%q,"complete":false}`, accounts[0].Unit, kind)
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, record); status != http.StatusOK {
		t.Fatalf("import: %d %s", status, text)
	}
	unit := "&scope=" + url.QueryEscape(accounts[0].Unit)
	marked := get[struct{ Rows []ResourceRow }](r, "/api/v1/resources?"+of+unit, owner).Rows
	others := get[struct{ Rows []ResourceRow }](r, "/api/v1/resources?type=!"+url.QueryEscape(kind)+unit, owner).Rows
	one := get[ResourceBody](r, "/api/v1/resource?id="+url.QueryEscape(accounts[0].ID), owner)
	for _, row := range append(marked, one.ResourceRow) {
		if row.Stale == nil || row.Stale.Reason != posture.Partial || row.Stale.Since.IsZero() {
			t.Errorf("%s has the mark %+v", row.ID, row.Stale)
		}
	}
	if len(others) == 0 || slices.ContainsFunc(others, func(row ResourceRow) bool { return row.Stale != nil }) {
		t.Errorf("of another type: %+v", others)
	}
	after := get[struct {
		Coverage
		Stale      []ReadRow
		StaleTotal int
	}](r, "/api/v1/coverage?scope="+url.QueryEscape(accounts[0].Unit), owner)
	if after.StaleTotal != 1 || len(after.Stale) != 1 || !after.Stale[0].Complete || after.Stale[0].Stale != posture.Partial || after.Stale[0].Since == nil {
		t.Errorf("coverage tells of %d stale reads: %+v", after.StaleTotal, after.Stale)
	}
	if now := get[Coverage](r, "/api/v1/coverage", owner); now.Judged != before.Judged || now.Unknown != before.Unknown {
		t.Errorf("coverage %+v, before %+v", now, before)
	}
}

func (r *running) differenceAgrees(t *testing.T, owner, then string, before *Score) {
	path := "/api/v1/difference?before=" + then
	d := get[DifferenceBody](r, path, owner)
	now := get[Score](r, "/api/v1/score", owner)
	if *d.Score.Before != *before.Percent || *d.Score.After != *now.Percent || *d.Score.After <= *d.Score.Before {
		t.Errorf("score %+v, was %v, is %v", d.Score, *before.Percent, *now.Percent)
	}
	var mended *DifferenceRow
	sum := 0
	for n := range d.Rows {
		if sum += d.Rows[n].Checks; d.Rows[n].Recommendation == storageRule {
			mended = &d.Rows[n]
		}
	}
	if mended == nil || len(mended.Transitions) != 1 || mended.Transitions[0].Before != posture.Unhealthy || mended.Transitions[0].After != posture.Healthy || mended.Transitions[0].Checks != mended.Checks {
		t.Fatalf("%s: %+v of %+v", storageRule, mended, d.Rows)
	}
	if sum != d.Sum.Checks || d.Sum.Came+d.Sum.Went != 0 || d.Total != d.Sum.Recommendations {
		t.Errorf("sum %+v, rows have %d checks", d.Sum, sum)
	}
	was := total(r, "/api/v1/checks?state=unhealthy&recommendation="+storageRule+"&at="+then, owner)
	if len(rows(r, path+"&by=check&recommendation="+storageRule, owner)) != mended.Checks || mended.Checks != was {
		t.Errorf("%d checks of the rule were unhealthy, %d differ", was, mended.Checks)
	}
	for _, by := range []string{"check", "resource"} {
		var paged []string
		for cursor := ""; ; {
			page := get[DifferenceBody](r, path+"&limit=2&by="+by+"&cursor="+cursor, owner)
			for _, row := range page.Rows {
				paged = append(paged, fmt.Sprint(row.Resource.ID, row.Recommendation))
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
		all := rows(r, path+"&by="+by, owner)
		slices.Sort(paged)
		if len(slices.Compact(paged)) != len(all) || len(all) == 0 {
			t.Errorf("by %s: %d rows page by page, want %d", by, len(paged), len(all))
		}
	}
	for unit, points := range map[string]float64{before.Units[0].Scope: 0} {
		for _, c := range get[DifferenceBody](r, path+"&scope="+url.QueryEscape(unit), owner).Score.Causes {
			points += c.Points
		}
		if moved := *now.Units[0].Percent - *before.Units[0].Percent; math.Abs(points-moved) > 1e-9 {
			t.Errorf("causes in %s add up to %v, the score moved by %v", unit, points, moved)
		}
	}
	if status, text := r.ask(http.MethodGet, "/api/v1/difference?before=2026-11-23", owner, ""); status != http.StatusUnprocessableEntity {
		t.Errorf("a time to come: %d %s", status, text)
	}
}

// TestUnknownScopes: a scope that is not there is not found, and neither is one that
// is not seen, in the same words, by every route that takes scopes.
func TestUnknownScopes(t *testing.T) {
	r, owner := twoCompanies(t)
	reader := r.token("reader", access.Reader, "own")
	nothing := "/subscriptions/99999999-9999-9999-9999-999999999999"
	routes := 0
	for path, item := range r.server.api.OpenAPI().Paths {
		if path == "/api/v1/views" || item.Get == nil || !slices.ContainsFunc(item.Get.Parameters, func(p *huma.Param) bool { return p.Name == "scope" }) {
			continue // views stand at scopes whether these are there or not
		}
		routes++
		target := strings.Replace(path, "{standard}", "mcsb-v1", 1) + "?" + strings.Replace(samples[item.Get.OperationID], "scope="+url.QueryEscape(ownUnit), "", 1) + "&scope="
		for _, scope := range []string{"own", ownUnit, "/"} {
			if status, text := r.ask(http.MethodGet, target+url.QueryEscape(scope), reader, ""); status != http.StatusOK {
				t.Errorf("%s%s: %d %s", target, scope, status, text)
			}
		}
		tells := map[string]bool{}
		for _, scope := range []string{nothing, foreignUnit, "foreign", foreignUnit + "/resourceGroups/g", foreignID} {
			status, text := r.ask(http.MethodGet, target+url.QueryEscape(scope), reader, "")
			if tells[strings.ReplaceAll(string(text), scope, "SCOPE")] = true; status != http.StatusNotFound {
				t.Errorf("%s%s: %d %s", target, scope, status, text)
			}
		}
		if len(tells) != 1 {
			t.Errorf("%s tells what is there: %v", target, tells)
		}
		if status, _ := r.ask(http.MethodGet, target+url.QueryEscape(nothing), owner, ""); status != http.StatusNotFound {
			t.Errorf("%s%s by an owner: %d", target, nothing, status)
		}
	}
	if routes < 15 {
		t.Errorf("%d routes", routes)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/query", reader, `{"query":"resources","scopes":["`+foreignUnit+`"]}`); status != http.StatusNotFound {
		t.Errorf("query: %d %s", status, text)
	}
}
