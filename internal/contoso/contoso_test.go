package contoso

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// estateBytes gives what Estate writes.
func estateBytes(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Estate(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// records gives the estate's lines, read back.
func records(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	for i, line := range bytes.Split(bytes.TrimSpace(estateBytes(t)), []byte("\n")) {
		var r map[string]any
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		out = append(out, r)
	}
	return out
}

// kindOf gives a record's type, "" for scopes and read records.
func kindOf(r map[string]any) string {
	if r["bartizan"] != nil {
		return ""
	}
	for _, key := range []string{"type", "assetType"} {
		if kind, ok := r[key].(string); ok {
			return kind
		}
	}
	return ""
}

func idOf(r map[string]any) string {
	if id, ok := r["id"].(string); ok {
		return id
	}
	name, _ := r["name"].(string)
	return name
}

// resources gives the resources among the estate's lines.
func resources(t *testing.T) []map[string]any {
	return slices.DeleteFunc(records(t), func(r map[string]any) bool { return kindOf(r) == "" })
}

func TestEstateIsTheSameEveryTime(t *testing.T) {
	if first, second := estateBytes(t), estateBytes(t); !bytes.Equal(first, second) {
		t.Error("two runs differ")
	}
	for i, f := range Files() {
		var first, second bytes.Buffer
		if err := f.Write(&first); err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		if err := Files()[i].Write(&second); err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two runs differ", f.Path)
		}
	}
}

func TestIDsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range resources(t) {
		id := strings.ToLower(kindOf(r) + " " + idOf(r))
		if idOf(r) == "" || seen[id] {
			t.Errorf("%s: empty or twice", id)
		}
		seen[id] = true
	}
	if n := len(seen); n < 450 || n > 1200 {
		t.Errorf("%d resources, want 450 to 1200", n)
	}
}

func TestCounts(t *testing.T) {
	counts := map[string]int{}
	for _, r := range resources(t) {
		counts[kindOf(r)]++
	}
	var kinds []string
	for kind := range counts {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	var got strings.Builder
	for _, kind := range kinds {
		fmt.Fprintf(&got, "%3d %s\n", counts[kind], kind)
	}
	const golden = "testdata/counts.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("counts differ from %s (-want +got), go test -update writes it:\n%s", golden, diff)
	}
}

// texts walks every text in a value, keys left out.
func texts(v any, path string, visit func(path, s string)) {
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			texts(item, path+"."+key, visit)
		}
	case []any:
		for _, item := range v {
			texts(item, path+"[]", visit)
		}
	case string:
		visit(path, v)
	}
}

func TestNothingPrivateInside(t *testing.T) {
	address := regexp.MustCompile(`[\w.+-]+@[\w.-]+`)
	allowed := []string{"@contoso.com", "@example.com", ".gserviceaccount.com"}
	public := regexp.MustCompile(`\b(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}\b`)
	for _, f := range Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		for _, found := range address.FindAllString(b.String(), -1) {
			if !slices.ContainsFunc(allowed, func(end string) bool { return strings.HasSuffix(found, end) }) {
				t.Errorf("%s: address %q", f.Path, found)
			}
		}
		for _, m := range public.FindAllString(b.String(), -1) {
			if !invented(m) {
				t.Errorf("%s: address %s is neither private nor kept for documentation", f.Path, m)
			}
		}
		for _, secret := range []string{"AKIA", "BEGIN PRIVATE", "BEGIN RSA", "AccountKey=", "SharedAccessKey="} {
			if strings.Contains(b.String(), secret) {
				t.Errorf("%s holds %q", f.Path, secret)
			}
		}
	}
}

// invented reports whether an address is private, kept for documentation, a
// whole range, a published one of Google, or a version number.
func invented(address string) bool {
	for _, prefix := range []string{
		"10.", "172.31.", "127.0.0.1", "0.0.0.0", "255.255.255.255", "203.0.113.", "198.51.100.",
		"130.211.", "35.191.", "35.235.",
	} {
		if strings.HasPrefix(address, prefix) {
			return true
		}
	}
	return false
}

func TestReadsTellTheirGaps(t *testing.T) {
	var got []string
	for _, r := range records(t) {
		if r["bartizan"] != "read" {
			continue
		}
		for _, list := range []string{"denied", "throttled", "error"} {
			gaps, _ := r[list].([]any)
			for _, g := range gaps {
				kind, _ := g.(map[string]any)["type"].(string)
				got = append(got, fmt.Sprintf("%s %s %s", r["scope"], list, kind))
			}
		}
		if r["complete"] != true {
			got = append(got, fmt.Sprintf("%s incomplete", r["scope"]))
		}
	}
	want := []string{
		corporate.scope() + " throttled Microsoft.Insights/diagnosticSettings",
		development.scope() + " denied Microsoft.KeyVault/vaults",
		development.scope() + " denied Microsoft.KeyVault/vaults/keys",
		development.scope() + " denied Microsoft.KeyVault/vaults/secrets",
		development.scope() + " denied Microsoft.KeyVault/vaults/certificates",
		"777788889999 denied AWS::S3::BucketPolicy",
		"777788889999 denied AWS::IAM::AccountPasswordPolicy",
		"machines/stores denied machine",
		"projects/contoso-build error storage.googleapis.com/Bucket",
		"projects/contoso-build error container.googleapis.com/Cluster",
		"projects/contoso-build incomplete",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryUnitHasAScopeAndARead(t *testing.T) {
	scopes, reads := map[string]bool{}, map[string]bool{}
	for _, r := range records(t) {
		scope, _ := r["scope"].(string)
		switch {
		case r["bartizan"] == "read":
			reads[scope] = true
		case kindOf(r) == "":
			scopes[idOf(r)] = true
		}
	}
	var units []string
	for _, s := range subscriptions {
		units = append(units, s.scope())
	}
	for _, a := range awsAccounts {
		units = append(units, a.id)
	}
	for _, p := range projects {
		units = append(units, "projects/"+p.id)
	}
	units = append(units, "machines/"+headOffice, "machines/"+plant, "machines/"+stores)
	for _, unit := range units {
		if !scopes[unit] || !reads[unit] {
			t.Errorf("%s: scope %v, read %v", unit, scopes[unit], reads[unit])
		}
	}
	for _, r := range records(t) {
		if parent, ok := r["parent"].(string); ok && kindOf(r) == "" && !scopes[parent] {
			t.Errorf("%s stands below %s, which is not there", idOf(r), parent)
		}
	}
}
