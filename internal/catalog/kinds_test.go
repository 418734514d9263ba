package catalog

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

func TestParse_kinds(t *testing.T) {
	const documents = "documents: {policy: {.: object, Rules: [array, words]}, words: {.: [array, word]}}\nkinds:\n"
	tests := map[string]struct {
		text string
		want []string
	}{
		"of_a_type_and_of_every_one": {documents + "  machine: {lock: [policy, json policy]}\n  '*': {iamPolicy.bindings: array}\n", nil},
		"no_such_kind":               {documents + "  machine: {lock: [policy, list]}\n", []string{`kinds.yaml:4:13: lock: kind "list": no such kind or document`}},
		"in_a_document": {
			"documents: {policy: {Rules: list}}\nkinds: {machine: {lock: policy}}\n",
			[]string{
				`kinds.yaml:2:22: Rules: kind "list": no such kind or document`,
				`kinds.yaml:3:19: lock: document policy: Rules: kind "list": no such kind or document`,
			},
		},
		"document_that_no_place_has": {
			"documents: {policy: {.: object}}\nkinds: {machine: {lock: array}}\n",
			[]string{"kinds.yaml:2:13: document policy: no place has it"},
		},
		"read_nowhere": {documents + "  machine: {lock: policy, locks: array}\n", []string{`kinds.yaml:4:27: field "locks": no recommendation reads it`}},
		"above":        {documents + "  machine: {lock.way: policy, \"lock.way.deep[*]\": policy}\n", nil},
		"of_Azure":     {documents + "  Microsoft.House/doors: {lock: policy}\n", nil},
		"without_an_alias": {
			documents + "  Microsoft.House/doors: {Bolt: policy}\n",
			[]string{`kinds.yaml:4:27: field "Bolt": is no alias of Microsoft.House/doors in aliases.yaml, nor above or below one`},
		},
		"twice": {documents + "  machine: {lock: policy, Lock: array}\n", []string{`kinds.yaml:4:27: field "Lock": is there twice`}},
		"empty": {"documents: []\nkinds: {machine: array}\n", []string{
			"kinds.yaml:2:12: documents: got a list, want a mapping",
			"kinds.yaml:3:18: machine: got str \"array\", want a mapping",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := &parser{places: map[string][]string{}, used: map[string]bool{"microsoft.house/doors/lock": true, "microsoft.house/doors/bolt.way": true}, reads: map[string]bool{"machine/lock": true, "storage.googleapis.com/bucket/iampolicy.bindings[*].role": true}}
			p.aliasTable = []aliasType{{"Microsoft.House/doors", [][2]string{{"lock", "properties.lock"}, {"bolt.way", "properties.bolt.way"}}}}
			p.files = fstest.MapFS{"kinds.yaml": {Data: []byte("# yaml-language-server: $schema=schema/kinds.schema.json\n" + test.text)}}
			p.kinds()
			p.checkUnusedKinds()
			p.problems.Sort()
			if diff := cmp.Diff(test.want, lines(p.problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// What is packed tells the same.
func TestKinds_are_packed(t *testing.T) {
	loaded, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*Catalog{"parsed": parseContent(t), "loaded": loaded} {
		kinds := all(t, c.Kinds)
		if !kinds.Tells("AWS::KMS::Key", "KeyPolicy.Statement[*].Principal.AWS") || kinds.Tells("AWS::KMS::Key", "KeyId") {
			t.Errorf("%s: does not tell of KeyPolicy", name)
		}
	}
}

// Of each place that a rule reads another spelling is told, and what leads there.
func TestKinds_of_all_places_that_rules_read(t *testing.T) {
	kinds := all(t, parseContent(t).Kinds)
	for body, want := range map[string]string{
		`{"type": "compute.googleapis.com/Instance", "properties": {"networkInterfaces": [{}, {"access_configs": []}]}}`:                              "properties.networkInterfaces[1].accessConfigs",
		`{"type": "compute.googleapis.com/Instance", "properties": {"networkInterfaces": "nic0"}}`:                                                    "properties.networkInterfaces",
		`{"type": "Microsoft.Network/networkSecurityGroups", "properties": {"securityRules": [{}, {"properties": {"destinationPortRanges": "22"}}]}}`: "properties.securityRules[1].properties.destinationPortRanges",
		`{"type": "microsoft.network/networksecuritygroups", "properties": {"securityRules": "System.Object[]"}}`:                                     "properties.securityRules",
		`{"type": "Microsoft.ContainerService/managedClusters", "properties": {"value": {"enableRBAC": false}}}`:                                      "properties",
		`{"type": "Microsoft.ContainerService/managedClusters", "properties": {"made": {"up": false}}}`:                                               "",
		`{"type": "Microsoft.Web/sites", "kind": 5, "properties": {}}`:                                                                                "kind",
		`{"type": "Microsoft.Web/sites", "kind": null, "identity": null, "properties": {}}`:                                                           "",
		`{"type": "Microsoft.Web/sites", "kind": null, "identity": "@{type=SystemAssigned}", "properties": {}}`:                                       "identity",
		`{"type": "Microsoft.Web/sites", "identity": {"value": {"type": "SystemAssigned"}}, "properties": {}}`:                                        "identity",
		`{"type": "Microsoft.Web/sites", "identity": {"type": ["SystemAssigned"]}, "properties": {}}`:                                                 "identity.type",
		`{"type": "Microsoft.Insights/actionGroups", "properties": {"emailReceivers": [null]}}`:                                                       "properties.emailReceivers[0]",
		`{"type": "Microsoft.Compute/virtualMachines", "properties": {"osProfile": "@{computerName=a}"}}`:                                             "properties.osProfile",
		`{"type": "Microsoft.Compute/virtualMachines", "properties": {"osProfile": {"linux_configuration": {}}}}`:                                     "properties.osProfile.linuxConfiguration",
		`{"type": "AWS::EC2::SecurityGroup", "properties": {"security_group_egress": []}}`:                                                            "properties.SecurityGroupEgress",
		`{"type": "AWS::EC2::SecurityGroup", "properties": {"SecurityGroupEgress": [], "security_group_egress": []}}`:                                 "",
	} {
		r, err := policy.ParseResource([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range kinds.Misshapes(r) {
			got = append(got, m.Path)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: told of %q, want %q", body, got, want)
		}
	}
}

// TestKinds_are_told_of_what_rules_read_as_values: of a list or an object that a rule
// goes through by a field's path, the engine itself knows what it should be. Of what
// it reads as a value kinds.yaml has to say so. In Azure it has for every alias that no
// other one goes on from.
func TestKinds_are_told_of_what_rules_read_as_values(t *testing.T) {
	c := parseContent(t)
	kinds := all(t, c.Kinds)
	values := 0
	for _, r := range all(t, c.Recommendations) {
		if r.Cloud == posture.Azure {
			found, err := readsOf(r)
			if err != nil {
				t.Fatal(err)
			}
			for field := range found.fields {
				if _, special, _ := strings.Cut(field, "/"); isBodys(field) && special == "" && !kinds.Tells(r.Types[0], field) {
					t.Errorf("catalog/%s: say in catalog/kinds.yaml of what kinds %s of %s is", r.File, field, r.Types[0])
				}
			}
			continue
		}
		bound, err := r.Bind(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(r.Types), bound.TargetType())))) {
			for _, field := range bound.ReadAsValues(of) {
				values++
				if !kinds.Tells(of, field) {
					t.Errorf("catalog/%s: reads %s/%s as a value: say in catalog/kinds.yaml of what kinds it is", r.File, of, field)
				}
			}
		}
	}
	for _, r := range all(t, c.Recommendations) { // what is in a list that is counted
		found, err := readsOf(r)
		if err != nil {
			t.Fatal(err)
		}
		for field := range found.fields {
			for of := range found.types {
				if below, ok := strings.CutPrefix(field, of+"/"); ok && policy.IsNativeType(of) && strings.HasSuffix(below, "[*]") && !kinds.Tells(of, below) {
					t.Errorf("catalog/%s: goes through %s: say in catalog/kinds.yaml of what kinds its elements are", r.File, field)
				}
			}
		}
	}
	table, err := c.Aliases()
	if err != nil {
		t.Fatal(err)
	}
	var aliases map[string]map[string]string
	if err := json.Unmarshal(table, &aliases); err != nil {
		t.Fatal(err)
	}
	for of, paths := range aliases {
		for name, path := range paths {
			values++
			if !kinds.Tells(of, path) {
				t.Errorf("catalog/aliases.yaml: say in catalog/kinds.yaml of what kinds %s/%s is", of, name)
			}
		}
	}
	if values < 400 {
		t.Errorf("%d values, want many", values)
	}
}
