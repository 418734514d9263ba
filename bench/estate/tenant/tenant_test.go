package tenant

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

func estate(t *testing.T, o Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSameSeedGivesSameBytes(t *testing.T) {
	first := sha256.Sum256(sampleText())
	if again := sha256.Sum256(estate(t, sampleOptions)); first != again {
		t.Error("two runs with one seed differ")
	}
	other := sampleOptions
	other.Seed++
	if second := sha256.Sum256(estate(t, other)); first == second {
		t.Error("two seeds give the same estate")
	}
}

// sampleOptions make two subscriptions, whose lines have different orders.
var sampleOptions = Options{Resources: 11_000, Seed: 3}

var sampleText = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	if err := Write(&out, sampleOptions); err != nil {
		panic(err)
	}
	return out.Bytes()
})

var sampleResources []resource

// sample gives the lines of one estate, read once for all tests.
func sample(t *testing.T) []resource {
	t.Helper()
	if sampleResources == nil {
		sampleResources = read(t, sampleText())
	}
	return sampleResources
}

// resource is what the tests look at.
type resource struct {
	Bartizan, Scope, ID, Name, Type string
	line                            int // from 1
	body                            map[string]any
}

func read(t *testing.T, text []byte) []resource {
	t.Helper()
	var all []resource
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r := resource{line: len(all) + 1}
		if err := json.Unmarshal(lines.Bytes(), &r.body); err != nil {
			t.Fatalf("line %d: %v: %s", r.line, err, lines.Bytes())
		}
		for key, text := range map[string]*string{"bartizan": &r.Bartizan, "scope": &r.Scope, "id": &r.ID, "name": &r.Name, "type": &r.Type} {
			*text, _ = r.body[key].(string)
		}
		all = append(all, r)
	}
	return all
}

func TestCounts(t *testing.T) {
	for name, want := range map[string]int{
		"none": 0, "a_subscription_only": 1, "too_few_for_a_hub": 57, "one_subscription": 4_000, "several": 7_777,
	} {
		t.Run(name, func(t *testing.T) {
			got := 0
			for _, r := range read(t, estate(t, Options{Resources: want, Seed: 9})) {
				if r.Bartizan == "" {
					got++
				}
			}
			if got != want {
				t.Errorf("got %d resources, want %d", got, want)
			}
		})
	}
}

func TestIDsAreUnique(t *testing.T) {
	lines := map[string]int{}
	for _, r := range sample(t) {
		if r.Bartizan != "" {
			continue
		}
		id := strings.ToLower(r.ID)
		if other, ok := lines[id]; ok {
			t.Fatalf("line %d: id of line %d again: %s", r.line, other, r.ID)
		}
		lines[id] = r.line
		if last := r.ID[strings.LastIndexByte(r.ID, '/')+1:]; last != r.Name && r.Type != "Microsoft.Resources/subscriptions" {
			t.Errorf("line %d: name %q, but the id ends in %q", r.line, r.Name, last)
		}
	}
}

// The order that readers rely on: read record, subscription, groups, the rest.
func TestSubscriptionsComeFirst(t *testing.T) {
	scope, groups, rest := "", map[string]bool{}, 0
	for _, r := range sample(t) {
		switch {
		case r.Bartizan == "read":
			scope, rest = r.Scope, 0
			if r.body["complete"] != true || r.body["type"] != "*" || r.body["startedAt"] == "" {
				t.Errorf("line %d: incomplete read record: %v", r.line, r.body)
			}
		case !strings.HasPrefix(r.ID, scope):
			t.Fatalf("line %d: %s stands below the read record of %s", r.line, r.ID, scope)
		case r.Type == "Microsoft.Resources/resourceGroups":
			groups[r.ID] = true
			if rest > 0 {
				t.Errorf("line %d: group after a resource", r.line)
			}
		case r.Type != "Microsoft.Resources/subscriptions":
			rest++
			if parts := strings.SplitN(r.ID, "/providers/", 2); strings.Contains(parts[0], "/resourceGroups/") && !groups[parts[0]] {
				t.Errorf("line %d: %s: its group is not in the estate", r.line, r.ID)
			}
		}
	}
}

// Estates must have children before and after their parents.
func TestBothOrdersOccur(t *testing.T) {
	seen := map[string]int{}
	before, after := 0, 0
	all := sample(t)
	for _, r := range all {
		seen[r.ID] = r.line
	}
	for _, r := range all {
		if !strings.HasSuffix(r.Type, "virtualMachines/extensions") {
			continue
		}
		if vm := r.ID[:strings.LastIndex(r.ID, "/extensions/")]; seen[vm] > r.line {
			before++
		} else {
			after++
		}
	}
	if before < 100 || after < 100 {
		t.Errorf("%d extensions before their machine, %d after; want many of both", before, after)
	}
}

// inline are the segments of ids that name a part of a body.
var inline = []string{
	"/ipconfigurations/", "/securityrules/", "/defaultsecurityrules/", "/routes/", "/delegations/", "/privateendpointconnections/",
	"/privatelinkserviceconnections/", "/privatednszoneconfigs/", "/frontendipconfigurations/", "/backendaddresspools/", "/probes/",
	"/loadbalancingrules/", "/bastionhostipconfigurations/", "/azurefirewallipconfigurations/", "/gatewayipconfigurations/",
	"/frontendports/", "/httplisteners/", "/reports/",
}

// outside are parts of ids that the provider has and no estate lists.
var outside = []string{
	"/roledefinitions/", "/publicmaintenanceconfigurations/", "/providers/microsoft.compute/locations/",
	"/providers/microsoft.web/locations/", "/resourcegroups/databricks-managed", "/virtualnetworks/ipconfigurations/",
}

func TestReferencesExist(t *testing.T) {
	all := sample(t)
	ids := map[string]bool{}
	for _, r := range all {
		ids[strings.ToLower(r.ID)] = true
	}
	references := 0
	for _, r := range all {
		eachText(r.body, func(s string) {
			s = strings.ToLower(s)
			if !strings.HasPrefix(s, "/subscriptions/") || has(s, outside) {
				return
			}
			references++
			for _, part := range inline {
				s, _, _ = strings.Cut(s, part)
			}
			if !ids[s] {
				t.Fatalf("line %d: %s refers to %s, which is not in the estate", r.line, r.ID, s)
			}
		})
	}
	if references < 20_000 {
		t.Errorf("%d references, want at least two a resource", references)
	}
}

func has(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, x := range v {
			eachText(x, visit)
		}
	case map[string]any:
		for _, x := range v {
			eachText(x, visit)
		}
	}
}

func TestMix(t *testing.T) {
	text := sampleText()
	types := map[string]int{}
	total := 0
	for _, r := range sample(t) {
		if r.Bartizan == "" {
			types[r.Type]++
			total++
			if r.body["properties"] == nil {
				t.Fatalf("line %d: %s has no properties", r.line, r.Type)
			}
		}
	}
	if size := len(text) / total; size < 1_700 || size > 2_300 {
		t.Errorf("%d bytes a resource, want about 2,000", size)
	}
	if len(types) < 100 {
		t.Errorf("%d types, want at least 100", len(types))
	}
	for name, want := range map[string][2]float64{ // percent, from and to
		"Microsoft.Compute/virtualMachines":            {6.5, 9},
		"Microsoft.Network/networkInterfaces":          {7, 11},
		"Microsoft.Compute/disks":                      {8, 14},
		"Microsoft.Compute/virtualMachines/extensions": {8, 14},
		"Microsoft.Network/networkSecurityGroups":      {1.5, 4},
		"Microsoft.Storage/storageAccounts":            {1, 4},
		"Microsoft.Web/sites":                          {0.8, 3},
		"Microsoft.Insights/diagnosticSettings":        {3, 9},
		"Microsoft.Authorization/roleAssignments":      {3, 9},
		"Microsoft.Sql/servers/databases":              {0.6, 3},
	} {
		if got := 100 * float64(types[name]) / float64(total); got < want[0] || got > want[1] {
			t.Errorf("%s: %.2f %%, want %v to %v", name, got, want[0], want[1])
		}
	}
}

// Every template must be used, or it is dead text.
func TestEveryTemplateIsUsed(t *testing.T) {
	lib, err := load(templates)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, template := range lib.templates {
		kinds[template.kind] = true
	}
	for _, r := range sample(t) {
		delete(kinds, r.Type)
	}
	if len(kinds) > 0 {
		t.Errorf("never made: %v", slices.Sorted(maps.Keys(kinds)))
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk is full") }

func TestWriteReportsErrors(t *testing.T) {
	err := Write(broken{}, Options{Resources: 5_000, Seed: 1})
	if err == nil || err.Error() != "write estate: disk is full" {
		t.Errorf("got %v, want the disk's error", err)
	}
}
