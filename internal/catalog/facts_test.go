package catalog

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// sharedFile gives the path of a reference file, which lies beside the module in
// the project's own checkouts only; without it the test is skipped.
func sharedFile(t *testing.T, parts ...string) string {
	t.Helper()
	file := filepath.Join(append([]string{"..", "..", "..", "shared"}, parts...)...)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the reference data is not here: %v", err)
	}
	return file
}

// TestAliases_are_the_providers_own compares each of our aliases with a dump
// of the provider's list.
func TestAliases_are_the_providers_own(t *testing.T) {
	f, err := os.Open(sharedFile(t, "azure-policy", "aliases.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var theirs map[string]map[string]string
	if err := json.NewDecoder(z).Decode(&theirs); err != nil {
		t.Fatal(err)
	}
	var ours map[string]map[string]string
	if err := json.Unmarshal(all(t, parseContent(t).Aliases), &ours); err != nil {
		t.Fatal(err)
	}
	own, pass := contentFacts(t).own, allowed(t, ofAlias)
	for resourceType, aliases := range ours {
		for name, path := range aliases {
			got := theirs[resourceType][name]
			below, ok := strings.CutPrefix(path, "properties.")
			if got != path && (got != "" || !ok || !own.has(resourceType, below)) && !pass.has(fullAlias(resourceType, name)) {
				t.Errorf("%s/%s: we say %q, the provider %q", resourceType, name, path, got)
			}
		}
	}
	pass.close(t)
}

// sourceSlips are ids of the reference that the standards do not have, with
// what they come from.
var sourceSlips = map[string]string{
	"cis-azure-3.0:3.1.6.":   "stands beside 3.1.6.1 for the same",
	"nist-800-53-r5:CP-1(2)": "no control of revision 5: CP-1 has no enhancements",
	"nist-800-53-r5:SA-1(1)": "the same for SA-1",
	"nist-800-53-r5:SI-1(1)": "the same for SI-1",
}

func TestStandards_have_all_published_ids(t *testing.T) {
	data, err := os.ReadFile(sharedFile(t, "reference", "catalog", "standards.json"))
	if err != nil {
		t.Fatal(err)
	}
	var published []struct {
		ID       string
		Controls []struct{ ID, Parent string }
	}
	if err := json.Unmarshal(data, &published); err != nil {
		t.Fatal(err)
	}
	for _, s := range all(t, parseContent(t).Standards) {
		at := slices.IndexFunc(published, func(p struct {
			ID       string
			Controls []struct{ ID, Parent string }
		},
		) bool {
			return p.ID == s.ID
		})
		if at < 0 {
			t.Errorf("%s: not a published standard", s.ID)
			continue
		}
		want, got := map[string]string{}, map[string]string{}
		for _, c := range published[at].Controls {
			want[c.ID] = c.Parent
		}
		for _, n := range s.Nodes {
			got[n.ID] = n.Parent
		}
		for slip := range sourceSlips {
			if id, ok := strings.CutPrefix(slip, s.ID+":"); ok {
				delete(want, id)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: ids and parents (-published +ours):\n%s", s.ID, diff)
		}
	}
}

// The sixteen classic controls with their published points.
func TestControls_have_their_published_points(t *testing.T) {
	points := map[float64]int{}
	sum := 0.0
	for _, c := range parseContent(t).Controls() {
		points[c.Max]++
		sum += c.Max
	}
	want := map[float64]int{10: 1, 8: 1, 6: 2, 4: 5, 3: 1, 2: 2, 1: 1, 0: 3}
	if diff := cmp.Diff(want, points); diff != "" || sum != 58 {
		t.Errorf("controls by points, sum %v, want 58 (-want +got):\n%s", sum, diff)
	}
}

// TestCorners_are_all_there: the content shows how each of them is written.
func TestCorners_are_all_there(t *testing.T) {
	recommendations := all(t, parseContent(t).Recommendations)
	has := func(parts ...string) func(*Recommendation) bool {
		return func(r *Recommendation) bool {
			for _, p := range parts {
				if !strings.Contains(string(r.Definition), p) {
					return false
				}
			}
			return true
		}
	}
	aCase := func(is func(Case) bool) func(*Recommendation) bool {
		return func(r *Recommendation) bool { return slices.ContainsFunc(r.Cases, is) }
	}
	corners := map[string]func(*Recommendation) bool{
		"azure":   func(r *Recommendation) bool { return r.Cloud == posture.Azure },
		"aws":     func(r *Recommendation) bool { return r.Cloud == posture.AWS },
		"gcp":     func(r *Recommendation) bool { return r.Cloud == posture.GCP },
		"machine": func(r *Recommendation) bool { return r.Cloud == posture.Machine },

		"plain_property":          has(`"field":"Microsoft.Storage/storageAccounts/allowBlobPublicAccess","notEquals":false`),
		"array_in_one_go":         has(`"not":{"field":"storage.googleapis.com/Bucket/iamPolicy.bindings[*].members[*]"`),
		"count":                   has(`"count":{"field":"AWS::EC2::SecurityGroup/SecurityGroupIngress[*]"`),
		"count_in_a_count":        has(`"count":{"field":"Microsoft.Network/networkSecurityGroups/securityRules[*].destinationPortRanges[*]"`),
		"diagnostic_settings":     has(`"type":"Microsoft.Insights/diagnosticSettings"`),
		"related_by_name":         has(`"existenceScope":"subscription"`, `"name":"KeyVaults"`),
		"related_by_reference":    has(`"equals":"[field('AWS::EC2::VPC/VpcId')]"`),
		"parameter":               has(`"in":"[parameters('retiredRuntimes')]"`),
		"clock":                   has("utcNow()"),
		"manual_on_a_unit":        has(`"equals":"Microsoft.Resources/subscriptions"`, `"effect":"manual"`),
		"applies_by_kind":         func(r *Recommendation) bool { return strings.Contains(string(r.Applies), `"kind"`) },
		"applies_by_sku":          func(r *Recommendation) bool { return strings.Contains(string(r.Applies), "sku.name") },
		"fix":                     func(r *Recommendation) bool { return r.Remediation.Fix != nil },
		"several_related":         aCase(func(c Case) bool { return len(c.Related) > 1 && c.Want == posture.Healthy }),
		"unset":                   aCase(func(c Case) bool { return strings.HasPrefix(c.Name, "unset_means") }),
		"related_type_not_read":   aCase(func(c Case) bool { return c.Reason == posture.NotCollected }),
		"part_of_a_body_not_read": aCase(func(c Case) bool { return len(c.Unread) > 0 && c.Want == posture.Unknown }),
	}
	for name, is := range corners {
		if !slices.ContainsFunc(recommendations, is) {
			t.Errorf("no recommendation shows the corner %s", name)
		}
	}
}

// TestStandards_are_manual_where_the_reference_says_so compares the controls
// that a person has to attest.
func TestStandards_are_manual_where_the_reference_says_so(t *testing.T) {
	text, err := os.ReadFile(sharedFile(t, "reference", "catalog", "coverage.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, lists, _ := strings.Cut(string(text), "## Controls that are necessarily manual")
	listed := func(standard string) []string {
		_, line, _ := strings.Cut(lists, "- **"+standard+"** (")
		line, _, _ = strings.Cut(line, "\n")
		_, line, _ = strings.Cut(line, ": ")
		return strings.Split(line, ", ")
	}
	want := map[string][]string{
		"mcsb-v1":       listed("mcsb-v1"),
		"mcsb-v2":       listed("mcsb-v2"),
		"cis-azure-3.0": listed("cis-azure-3.0"),
		"cis-gcp-3.0":   listed("cis-gcp-3.0"),
		// The security questions of the root user; AWS does not show them.
		"cis-aws-3.0": {"1.3"},
	}
	for _, s := range all(t, parseContent(t).Standards) {
		var got []string
		for _, n := range s.Nodes {
			if n.Manual {
				got = append(got, n.ID)
			}
		}
		if s.ID == "nist-800-53-r5" {
			// Only families with their numbers are listed, leaves that an initiative
			// of Azure attests by hand; beside these come the families of process,
			// people and contracts as a whole, and the policy of each family.
			if len(got) < 300 || slices.Contains(got, "AC-3") || !slices.Contains(got, "PL-2") || !slices.Contains(got, "AU-1") {
				t.Errorf("%s: %d manual controls: %v", s.ID, len(got), got)
			}
			continue
		}
		slices.Sort(want[s.ID])
		slices.Sort(got)
		if diff := cmp.Diff(want[s.ID], got); diff != "" {
			t.Errorf("%s (-reference +ours):\n%s", s.ID, diff)
		}
	}
}
