package inventory

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func TestRecordedAzure(t *testing.T) {
	f := decodeAll(t, sharedFile(t, "estates", "recorded-azure", "resources.jsonl.gz"), "azure")
	types, whole, groups := map[string]bool{}, 0, map[string]bool{}
	for _, r := range f.Resources {
		types[strings.ToLower(r.Type)] = true
		groups[strings.ToLower(r.Group)] = true
		if r.Whole {
			whole++
		}
		if strings.HasPrefix(r.ID, "/subscriptions/") && r.Unit != r.ID[:len("/subscriptions/")+guidLength] {
			t.Errorf("%s: unit %q", r.ID, r.Unit)
		}
		if r.Name == "" || !strings.HasSuffix(strings.TrimRight(r.ID, "/"), "/"+r.Name) {
			t.Errorf("%s: name %q", r.ID, r.Name)
		}
	}
	if len(f.Resources) != 622 || len(types) != 107 || whole != 599 {
		t.Errorf("got %d resources, %d types, %d whole; want 622, 107, 599", len(f.Resources), len(types), whole)
	}
	if len(f.Problems) > 0 {
		t.Errorf("problems: %q", f.Problems)
	}
	if want := "Azure Resource Manager, JSON lines"; !strings.HasPrefix(f.seen.Format, want) {
		t.Errorf("format %q, want %q", f.seen.Format, want)
	}
}

// Azure's bodies go through as they came.
func TestRecordedAzureBodies(t *testing.T) {
	lines := bufio.NewScanner(sharedFile(t, "estates", "recorded-azure", "resources.jsonl.gz"))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		f := decodeText(t, lines.Text())
		if len(f.Resources) != 1 {
			t.Fatalf("%d resources in %.200s", len(f.Resources), lines.Text())
		}
		var want, got any
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(f.Resources[0].Body), &got); err != nil {
			t.Fatalf("%v in %s", err, f.Resources[0].Body)
		}
		if object := want.(map[string]any); strings.EqualFold(object["type"].(string), otherGroupType) {
			object["type"] = groupType
		} else if object["name"] == nil {
			continue // only the derived name differs
		}
		if a, b := marshal(t, want), marshal(t, got); a != b {
			t.Errorf("body changed:\n got %s\nwant %s", b, a)
		}
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRecordedGoogle(t *testing.T) {
	f := decodeAll(t, sharedFile(t, "estates", "recorded-gcp", "resources.jsonl.gz"), "gcp")
	if len(f.Resources) != 2305 || len(f.Problems) > 0 {
		t.Fatalf("got %d resources, problems %q; want 2305 and none", len(f.Resources), f.Problems)
	}
	units, tagged := map[string]int{}, 0
	for _, r := range f.Resources {
		units[r.Unit]++
		if !r.Whole || r.Name == "" || r.Cloud != "gcp" {
			t.Errorf("%+v", r)
		}
		if !strings.Contains(r.Body, `"tags":{}`) {
			tagged++
		}
	}
	if units["projects/cloud-custodian"] < 300 {
		t.Errorf("units %v", units)
	}
	if tagged < 300 {
		t.Errorf("%d resources with labels, want hundreds", tagged)
	}
	t.Logf("%d units, %d without unit, %d with labels, %d scopes", len(units), units[""], tagged, len(f.Scopes))
}

func TestRecordedGooglePolicies(t *testing.T) {
	lines := bufio.NewScanner(sharedFile(t, "estates", "recorded-gcp", "iam-policies.jsonl.gz"))
	lines.Buffer(nil, 16<<20)
	var exported strings.Builder
	n := 0
	for ; lines.Scan(); n++ {
		var answer struct {
			Host, Path string
			Policy     json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		line, _ := json.Marshal(map[string]any{
			"name": "//" + answer.Host + "/projects/p/" + answer.Path, "asset_type": answer.Host + "/Thing", "iam_policy": answer.Policy,
		})
		exported.Write(append(line, '\n'))
	}
	f := decodeText(t, exported.String())
	if len(f.Resources) != n || len(f.Problems) > 0 {
		t.Fatalf("got %d, want %d; problems %q", len(f.Resources), n, f.Problems)
	}
	for _, r := range f.Resources {
		if !r.PolicyOnly || r.Whole {
			t.Errorf("%+v", r)
		}
	}
}

// The recordings wrap each answer; what was wrapped is what the AWS command
// line prints.
func TestRecordedConfig(t *testing.T) {
	for name, want := range map[string]struct{ resources, deleted, rejected int }{
		"GetResourceConfigHistory.jsonl.gz": {13, 1, 0}, // which of them count is [Merger]'s to say,
	} {
		f := decodeAll(t, strings.NewReader(answers(t, sharedFile(t, "estates", "recorded-aws", "config", name))), name)
		for _, r := range f.Resources {
			t.Logf("%s %s whole %v", r.Type, r.ID, r.Whole)
		}
		if len(f.Resources) != want.resources || f.seen.Deleted != want.deleted || len(f.Problems) != want.rejected {
			t.Errorf("%s: got %d resources, %d deleted, problems %q; want %+v", name, len(f.Resources), f.seen.Deleted, f.Problems, want)
		}
	}
}

func answers(t *testing.T, r io.Reader) string {
	t.Helper()
	var out strings.Builder
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var answer struct{ Data json.RawMessage }
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		out.Write(append(answer.Data, '\n'))
	}
	return out.String()
}

// What the Azure command line was answered: lists, pages, tables, errors.
func TestRecordedAzureAnswers(t *testing.T) {
	tests := map[string]struct{ resources, scopes int }{
		"resource-graph.jsonl":    {1, 4},
		"management-groups.jsonl": {1, 4},
	}
	for name, least := range tests {
		t.Run(name, func(t *testing.T) {
			lines := bufio.NewScanner(sharedFile(t, "recordings", "azure-cli", name))
			lines.Buffer(nil, 16<<20)
			resources, scopes := 0, 0
			for lines.Scan() {
				var recorded struct {
					Response struct{ Body json.RawMessage }
				}
				if err := json.Unmarshal(lines.Bytes(), &recorded); err != nil {
					t.Fatal(err)
				}
				if recorded.Response.Body == nil {
					continue
				}
				f := decodeText(t, string(recorded.Response.Body))
				resources, scopes = resources+len(f.Resources), scopes+len(f.Scopes)
				for _, problem := range f.Problems {
					t.Log(problem)
				}
			}
			if resources < least.resources || scopes < least.scopes {
				t.Errorf("%d resources, %d scopes; want at least %+v", resources, scopes, least)
			}
		})
	}
}
