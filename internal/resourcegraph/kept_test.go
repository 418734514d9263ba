package resourcegraph_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// keptEstate is the estate of Contoso as a store keeps it.
type keptEstate struct {
	store *store.Store
	x     *index.Index
	kept  resourcegraph.Kept
}

func keepDemo(t testing.TB) *keptEstate {
	t.Helper()
	var b bytes.Buffer
	if err := contoso.Estate(&b); err != nil {
		t.Fatal(err)
	}
	return keep(t, b.String())
}

// keep imports records, and looks at them as the server's owner.
func keep(t testing.TB, records string) *keptEstate {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	c := builtIn(t)
	e, err := estate.Open(ctx, s, estate.Options{Catalog: c, Key: []byte("key"), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	in := intake.Input{Name: "in", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(records)), nil }}
	if _, err := e.Import(ctx, estate.ImportOptions{Inputs: []intake.Input{in}, Actor: "tester"}); err != nil {
		t.Fatal(err)
	}
	content, err := e.Judges().Content(nil)
	if err != nil {
		t.Fatal(err)
	}
	k := &keptEstate{store: s}
	if k.x, err = follow.Load(ctx, s, content, e.Head(), nil); err != nil {
		t.Fatal(err)
	}
	k.kept = ungoverned(t, c, content.Rules)
	k.kept.Find, k.kept.Store = k.x.Find, s
	return k
}

// ungoverned is what is kept where nobody said or assigned anything.
func ungoverned(t testing.TB, c *catalog.Catalog, rules []index.Rule) resourcegraph.Kept {
	t.Helper()
	evidence, err := estate.NewEvidence(c, rules)
	if err != nil {
		t.Fatal(err)
	}
	standards, err := c.Standards()
	if err != nil {
		t.Fatal(err)
	}
	var told []resourcegraph.KeptStandard
	for _, standard := range standards {
		told = append(told, resourcegraph.KeptStandard{Standard: standard, Asked: true, Evidence: evidence.Of(standard)})
	}
	return resourcegraph.Kept{
		Catalog: c, Now: now,
		Exemptions: func(context.Context) ([]resourcegraph.KeptExemption, error) { return nil, nil },
		Standards:  func() ([]resourcegraph.KeptStandard, error) { return told, nil },
		Manual:     func() (func(control, unit string) (index.Verdict, bool), error) { return waiting, nil },
		Policies: func() (*resourcegraph.KeptPolicies, error) {
			return &resourcegraph.KeptPolicies{Documents: govern.PoliciesOf(nil, nil), Assigned: &assess.Assigned{}}, nil
		},
	}
}

// waiting is the verdict of a control of which nobody said anything.
func waiting(string, string) (index.Verdict, bool) {
	return index.Verdict{State: posture.Manual, Judged: posture.Manual}, true
}

// seen is the estate as far as somebody sees it who has a role at some scopes.
func (k *keptEstate) seen(scopes ...string) *resourcegraph.Estate {
	tree := access.NewTree(k.x.Scopes())
	kept := k.kept
	kept.Excerpt = k.x.Select(index.Filter{Visible: scopes}).Excerpt()
	kept.Shows = func(scope string) bool {
		return slices.ContainsFunc(scopes, func(top string) bool { return tree.Covers(top, scope) })
	}
	return resourcegraph.NewKept(kept)
}

// streamed is what is kept as an inventory that is read.
func (k *keptEstate) streamed(t testing.TB) *resourcegraph.Estate {
	t.Helper()
	ctx := context.Background()
	head := k.x.Commit()
	hierarchy, err := estate.Hierarchy(ctx, k.store, head)
	if err != nil {
		t.Fatal(err)
	}
	return resourcegraph.New(assess.Options{
		Hierarchy: hierarchy, Partial: true, BuiltIn: builtIn(t), Now: now, Standards: []string{"all"},
		Inputs: []assess.Input{{Name: "what is kept", Open: func() (io.ReadCloser, error) { return estate.Stream(ctx, k.store, head), nil }}},
	})
}

// TestKeptTables: every table says over what is kept what it says over the same
// records that are read and assessed, whatever of it is asked for.
func TestKeptTables(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	k := keepDemo(t)
	kept, streamed := k.seen("/"), k.streamed(t)
	const checks = "securityresources | where type == 'microsoft.security/assessments' | "
	tests := map[string]string{
		"known columns":         "resources | project id, name, type, location, resourceGroup, subscriptionId",
		"containers":            "resourcecontainers",
		"authorizations":        "authorizationresources",
		"policies":              "policyresources",
		"bodies":                "resources",
		"paths":                 "resources | where tags.owner != '' | project id, properties.supportsHttpsTrafficOnly, tags.owner, kind, sku",
		"aliases":               "resources | project id, aliases['Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly'], aliases",
		"one type":              "resources | where type == 'microsoft.storage/storageaccounts' | project id, properties",
		"one unit":              "resources | where subscriptionId == '444455556666' and location startswith 'eu' | project id, tags",
		"checks":                checks + "project id, name, location, resourceGroup, subscriptionId, tenantId, properties.displayName, properties.status, properties.resourceDetails, properties.links, properties.metadata, properties.bartizan.state, properties.bartizan.reason",
		"of a state":            checks + "where properties.status.code == 'Unhealthy' and properties.metadata.severity == 'High' | project id, properties.bartizan.state",
		"of a manual control":   checks + "where name startswith 'cis' and properties.bartizan.state == 'manual' and properties.metadata.severity == 'Low' | project id",
		"of a rule":             checks + "where name == 'storage-secure-transfer' and resourceGroup != '' | project id, properties.bartizan.state",
		"evidence":              checks + "project id, properties.bartizan.evidence, properties.bartizan.detail",
		"evidence of a rule":    checks + "where name == 'storage-secure-transfer' | project id, properties.bartizan.evidence",
		"scores and compliance": "securityresources | where type !in ('microsoft.security/assessments', 'bartizan/resources')",
	}
	for name, query := range tests {
		t.Run(name, func(t *testing.T) {
			got, want := withProjects(ask(t, kept, query)), withProjects(ask(t, streamed, query))
			slices.Sort(got)
			slices.Sort(want)
			if len(want) == 0 && name != "policies" {
				t.Error("no rows")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-read +kept):\n%.3000s", diff)
			}
		})
	}
}

// notReadOfUnits counts over a server types that no rule judges, too.
var notReadOfUnits = regexp.MustCompile(`"notRead":\d+`)

// withProjects calls Google's projects by their ids, as lists do, not by numbers.
func withProjects(rows []string) []string {
	ids := strings.NewReplacer(`"481500001001"`, `"contoso-shop-prod"`, `"481500001002"`, `"contoso-analytics-prod"`, `"481500001003"`, `"contoso-build"`)
	for i := range rows {
		rows[i] = notReadOfUnits.ReplaceAllLiteralString(ids.Replace(rows[i]), `"notRead":0`)
	}
	return rows
}

// TestKeptBodies: no more bodies are read than a query asks for.
func TestKeptBodies(t *testing.T) {
	k := keepDemo(t)
	tests := map[string]struct {
		query string
		want  int64
	}{
		"known columns":     {"resources | summarize count() by type, location, subscriptionId", 0},
		"take":              {"resources | take 7", 7},
		"take of a type":    {"resources | where type == 'microsoft.storage/storageaccounts' | take 3 | project properties", 3},
		"take of a folder":  {"resources | where type =~ 'AWS::S3::Bucket' and location in ('eu-west-1', 'eu-central-1') | take 2 | project tags", 2},
		"a block at a time": {"resources | where properties.none == 'x' or type != '' | take 1 | project properties", 64},
		"of a type":         {"resources | where type == 'aws::s3::bucket' and properties.BucketName == 'none' | project properties", k.count("AWS::S3::Bucket")},
		"one by its id":     {"resources | where id =~ '" + strings.ToUpper(k.anyID("/subscriptions/")) + "' | project properties", 1},
		"none by its id":    {"resources | where id == '/subscriptions/none/providers/Microsoft.Web/sites/x' | project properties", 0},
		"checks":            {"securityresources | where type == 'microsoft.security/assessments' | summarize count() by tostring(properties.status.code), name, tostring(properties.bartizan.tags.owner)", 0},
		"scores":            {"securityresources | where type startswith 'microsoft.security/s' | project properties", 0},
		"compliance":        {"securityresources | where type startswith 'microsoft.security/r' | project properties", 0},
		"states":            {"securityresources | where type == 'bartizan/resources' | project properties, tags, sku", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := k.seen("/")
			rows := ask(t, e, test.query)
			if got := e.BodiesRead(); got != test.want {
				t.Errorf("%d bodies read for %d rows, want %d", got, len(rows), test.want)
			}
		})
	}
}

// count counts the resources of a type.
func (k *keptEstate) count(typ string) int64 {
	return int64(k.x.Select(index.Filter{Types: index.Any(typ)}).Resources())
}

// anyID is the id of some resource in the table of resources that begins so.
func (k *keptEstate) anyID(prefix string) string {
	for n := uint32(1); ; n++ {
		if r, _ := k.x.Resource(n); strings.HasPrefix(r.ID, prefix) && r.Type == "Microsoft.Storage/storageAccounts" {
			return r.ID
		}
	}
}

// TestKeptIsFiltered: whatever scopes somebody sees, he gets of every table the
// rows of the owner that are about what he sees, and no others.
func TestKeptIsFiltered(t *testing.T) {
	k := keepDemo(t)
	tree := access.NewTree(k.x.Scopes())
	perResource := map[string]string{ // queries that give a key
		"resources":  "securityresources | where type == 'bartizan/resources' | project tostring(properties.bartizan.key), id",
		"checks":     "securityresources | where type == 'microsoft.security/assessments' and properties.metadata.assessmentType != 'ManualBuiltIn' | project tostring(properties.bartizan.key), id, properties.bartizan",
		"inventory":  "union resources, authorizationresources | project strcat(type, '|', id, '|', subscriptionId, '|', location), resourceGroup",
		"containers": "resourcecontainers | project id, properties",
		"units":      "securityresources | where type startswith 'microsoft.security/securescores' or properties.metadata.assessmentType == 'ManualBuiltIn' | project subscriptionId, id, properties",
	}
	const rolledUp = "securityresources | where type startswith 'microsoft.security/regulatory' | project id, properties"
	all := map[string][]string{}
	for name, query := range perResource {
		all[name] = ask(t, k.seen("/"), query)
	}
	random := rand.New(rand.NewPCG(1, 2))
	scopes := k.x.Scopes()
	slices.SortFunc(scopes, func(a, b posture.Scope) int { return strings.Compare(a.ID, b.ID) })
	for range 6 {
		var tops []string
		for range 1 + random.IntN(3) {
			tops = append(tops, scopes[random.IntN(len(scopes))].ID)
		}
		sees := func(scope string) bool {
			return slices.ContainsFunc(tops, func(top string) bool { return tree.Covers(top, scope) })
		}
		visible, whole := k.visible(sees)
		e := k.seen(tops...)
		for name, query := range perResource {
			var want []string
			for _, row := range all[name] {
				key, _, _ := strings.Cut(strings.TrimPrefix(row, `["`), `"`)
				if visible[key] || name == "units" && whole[key] || name == "containers" && sees(key) {
					want = append(want, row)
				}
			}
			got := ask(t, e, query)
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s of who sees %v (-filtered +got):\n%.2000s", name, tops, diff)
			}
		}
		narrowed := k.kept
		narrowed.Excerpt, narrowed.Shows = k.x.Select(index.Filter{Scopes: tops}).Excerpt(), sees
		if diff := cmp.Diff(ask(t, resourcegraph.NewKept(narrowed), rolledUp), ask(t, e, rolledUp)); diff != "" {
			t.Errorf("compliance of who sees %v (-owner at these scopes +got):\n%.2000s", tops, diff)
		}
	}
}

// visible finds by looking at every resource what is seen: keys as rows have them,
// and the units of which all is, as subscriptionId names them.
func (k *keptEstate) visible(sees func(string) bool) (keys, whole map[string]bool) {
	keys, whole = map[string]bool{}, map[string]bool{}
	part, nodes := map[string]bool{}, map[string]bool{}
	for _, s := range k.x.Scopes() {
		nodes[s.ID] = true
	}
	for n := uint32(1); n <= 5000; n++ {
		r, there := k.x.Resource(n)
		if !there {
			continue
		}
		unit := r.Unit[strings.LastIndexByte(r.Unit, '/')+1:]
		place := k.x.PlaceOf(n)
		if place == "" { // what stands above units is seen if it is a scope that is
			if place = strings.TrimPrefix(r.ID, "//cloudresourcemanager.googleapis.com/"); !nodes[place] {
				continue
			}
		}
		if !sees(place) {
			part[unit] = true
			continue
		}
		whole[unit] = true
		location := strings.ReplaceAll(strings.ToLower(r.Facts.Location), " ", "")
		keys[strings.ToLower(r.Type)+"|"+r.ID+"|"+unit+"|"+location] = true
		keys[strconv.FormatUint(ledger.KeyOf(posture.IdentityOf(r.ID, r.Type, r.Unit, r.Region)), 16)] = true
		keys[r.ID] = true
	}
	for unit := range part {
		delete(whole, unit)
	}
	return keys, whole
}

// other is a store in which a setting of every body is another one than when it
// was judged.
type other struct{ resourcegraph.Store }

func (o other) UnitBodies(ctx context.Context, n ledger.Number, unit string, types ...string) iter.Seq2[ledger.ResourceBody, error] {
	return func(yield func(ledger.ResourceBody, error) bool) {
		for b, err := range o.Store.UnitBodies(ctx, n, unit, types...) {
			b.Record = bytes.ReplaceAll(b.Record, []byte(`"supportsHttpsTrafficOnly":false`), []byte(`"supportsHttpsTrafficOnly":true`))
			if !yield(b, err) {
				return
			}
		}
	}
}

// TestKeptEvidence: evidence is shown only of checks that are found again to be
// what is kept of them.
func TestKeptEvidence(t *testing.T) {
	k := keepDemo(t)
	k.kept.Store = other{k.store}
	got := ask(t, k.seen("/"), `securityresources | where type == 'microsoft.security/assessments' and name == 'storage-secure-transfer'
		| project state = tostring(properties.bartizan.state), why = tostring(properties.bartizan.evidenceMissing), shown = isnotnull(properties.bartizan.evidence)
		| distinct state, why, shown | order by state asc`)
	want := []string{
		`["healthy","",true]`, `["unhealthy","judged again, the check was found to be healthy",false]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestKeptScores: a unit in which nothing is scored has no score, and checks of manual
// controls count in a unit's coverage where their standard is told without being named.
func TestKeptScores(t *testing.T) {
	k := keep(t, `{"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a","name":"a","type":"Microsoft.Storage/storageAccounts","location":"westeurope","properties":{"supportsHttpsTrafficOnly":true}}
{"id":"/subscriptions/bare/resourceGroups/g/providers/Contoso.Things/things/b","name":"b","type":"Contoso.Things/things","location":"westeurope","properties":{}}
`)
	told, err := k.kept.Standards()
	if err != nil {
		t.Fatal(err)
	}
	manual := 0
	for i := range told {
		if told[i].Asked = told[i].Default; told[i].Asked && slices.Contains(told[i].Clouds, posture.Azure) {
			for _, n := range told[i].Nodes {
				if n.Manual {
					manual++
				}
			}
		}
	}
	got := ask(t, k.seen("/"), `securityresources | where type == 'microsoft.security/securescores' | project subscriptionId, manual = tolong(properties.bartizan.coverage.manual)`)
	if want := []string{fmt.Sprintf(`["s",%d]`, manual)}; manual == 0 || !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
