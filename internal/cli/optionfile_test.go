package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// lines gives the problems as a user sees them.
func lines(problems policy.Problems) []string {
	var texts []string
	for _, p := range problems {
		if !p.Warning {
			texts = append(texts, p.Error())
		}
	}
	return texts
}

func TestReadHierarchy(t *testing.T) {
	tests := map[string]struct {
		in       string
		want     []posture.Scope
		problems []string
	}{
		"lines": {
			`{"id":"t","kind":"tenant","name":"T"}` + "\n\n" + `{"id":"/subscriptions/1","parent":"t","kind":"subscription"}`,
			[]posture.Scope{{ID: "t", Kind: posture.Tenant, Name: "T"}, {ID: "/subscriptions/1", Parent: "t", Kind: posture.Unit}},
			nil,
		},
		"array": {`[{"id":"a","kind":"ou"}]`, []posture.Scope{{ID: "a", Kind: posture.Folder}}, nil},
		"all_problems_with_their_lines": {
			`{"id":"a","kind":"ou"}` + "\n" + `{"kind":"planet"}` + "\n" + `{"id":1,"kind":"ou","nmae":"x"}` + "\n{",
			nil,
			[]string{
				`f:4:2: unexpected end of file; want a property name in double quotes`,
				`f:2:1: scope without "id"`,
				`f:2:1: kind "planet"; want tenant, organization, managementGroup, folder, ou, subscription, account, project, machines or resourceGroup`,
				`f:3:21: unknown property "nmae"; want id, parent, kind, name`,
				`f:3:7: id is integer; want a string`,
			},
		},
		"byte_order_mark_and_crlf": {
			"\xef\xbb\xbf" + `{"id":"a","kind":"OU"}` + "\r\n" + `{"id":"b","parent":"a","kind":"account"}` + "\r\n",
			[]posture.Scope{{ID: "a", Kind: posture.Folder}, {ID: "b", Parent: "a", Kind: posture.Unit}},
			nil,
		},
		"no_object": {`{"id":"a","kind":"ou"}` + "\n\"b\"\n5", nil, []string{
			"f:2:1: scope is string; want {id, parent, kind, name}", "f:3:1: scope is integer; want {id, parent, kind, name}",
		}},
		"in_itself": {`{"id":"a","parent":"b","kind":"ou"}` + "\n" + `{"id":"b","parent":"c","kind":"ou"}` + "\n" + `{"id":"c","parent":"a","kind":"ou"}`, nil, []string{
			`f:3:1: "c" stands in itself: c, in a, in b, in c`,
		}},
		"its_own_parent": {`{"id":"a","parent":"a","kind":"ou"}`, nil, []string{`f:1:1: "a" stands in itself: a, in a`}},
		"two_parents": {`{"id":"a","parent":"b","kind":"ou"}` + "\n" + `{"id":"a","parent":"c","kind":"ou"}`, nil, []string{
			`f:2:1: "a" stands in "c", but in another scope in line 1; want one parent`,
		}},
		"twice_alike": {`{"id":"a","parent":"b","kind":"ou"}` + "\n" + `{"id":"a","kind":"ou","name":"A"}`, []posture.Scope{
			{ID: "a", Parent: "b", Kind: posture.Folder}, {ID: "a", Kind: posture.Folder, Name: "A"},
		}, nil},
		"no_json": {"kind: ou", nil, []string{`f:1:1: unexpected 'k'; want a JSON value`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, problems := readHierarchy("f", []byte(test.in))
			if diff := cmp.Diff(test.problems, lines(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if test.problems == nil {
				if diff := cmp.Diff(test.want, got.scopes); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// What a line says without effect is a warning with its place, and does not come in.
func TestReadHierarchy_warns(t *testing.T) {
	const group = "/providers/Microsoft.Management/managementGroups/m"
	tests := map[string]struct {
		in   string
		want posture.Scope
		warn string // "" for none
	}{
		"fine":                 {`{"id":"/subscriptions/1","parent":"` + group + `","kind":"subscription"}`, posture.Scope{ID: "/subscriptions/1", Parent: group, Kind: posture.Unit}, ""},
		"the_uppermost_group":  {`{"id":"` + group + `","kind":"tenant"}`, posture.Scope{ID: group, Kind: posture.Tenant}, ""},
		"a_project_s_number":   {`{"id":"projects/12","parent":"projects/p","kind":"project"}`, posture.Scope{ID: "projects/12", Parent: "projects/p", Kind: posture.Unit}, ""},
		"a_group_in_its_unit":  {`{"id":"/subscriptions/1/resourceGroups/g","parent":"/Subscriptions/1","kind":"resourceGroup"}`, posture.Scope{ID: "/subscriptions/1/resourceGroups/g", Parent: "/Subscriptions/1", Kind: posture.Group}, ""},
		"above_all":            {`{"id":"/","parent":"x","kind":"folder"}`, posture.Scope{ID: "/", Parent: "x", Kind: posture.Folder}, `f:1:1: warning: "/" stands above all`},
		"a_unit_as_a_folder":   {"\n" + `{"id":"/subscriptions/1","kind":"folder"}`, posture.Scope{ID: "/subscriptions/1", Kind: posture.Unit}, `f:2:33: warning: kind "folder" of "/subscriptions/1" has no effect: the id is that of a unit`},
		"a_folder_as_a_unit":   {`{"id":"ou-1","kind":"account"}`, posture.Scope{ID: "ou-1", Kind: posture.Folder}, `the id is that of a folder`},
		"a_group_as_a_folder":  {`{"id":"/subscriptions/1/resourceGroups/g","kind":"managementGroup"}`, posture.Scope{ID: "/subscriptions/1/resourceGroups/g", Kind: posture.Group}, `the id is that of a group`},
		"a_unit_of_no_cloud":   {`{"id":"shop","kind":"account"}`, posture.Scope{ID: "shop", Kind: posture.Unit}, `none lies in a unit of such an id`},
		"a_folder_in_a_unit":   {`{"id":"` + group + `","parent":"/subscriptions/1","kind":"managementGroup"}`, posture.Scope{ID: group, Kind: posture.Folder}, `nothing but its resource groups stands in a unit`},
		"a_unit_in_a_project":  {`{"id":"projects/p","parent":"projects/q","kind":"project"}`, posture.Scope{ID: "projects/p", Kind: posture.Unit}, `nothing but its resource groups stands in a unit`},
		"a_group_of_elsewhere": {`{"id":"/subscriptions/1/resourceGroups/g","parent":"/subscriptions/2","kind":"group"}`, posture.Scope{ID: "/subscriptions/1/resourceGroups/g", Parent: "/subscriptions/1", Kind: posture.Group}, `it stands in /subscriptions/1`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, problems := readHierarchy("f", []byte(test.in))
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]posture.Scope{test.want}, got.scopes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			warned := ""
			for _, p := range problems.Warnings() {
				warned += p.Error()
			}
			if !strings.Contains(warned, test.warn) || (warned == "") != (test.warn == "") {
				t.Errorf("warned %q, want %q", warned, test.warn)
			}
		})
	}
}

func TestReadParameters(t *testing.T) {
	got, problems := readParameters("f", []byte(`{"tls": {"minimumVersion": "1.2", "list": [1, true]}}`))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for policyName, values := range got.values {
		for name, v := range values {
			text[policyName+" "+name] = v.String()
		}
	}
	if diff := cmp.Diff(map[string]string{"tls minimumversion": `"1.2"`, "tls list": "[1,true]"}, text); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, problems = readParameters("f", []byte("{\"tls\": \"1.2\",\n \"other\": 3}"))
	want := []string{
		`f:1:9: parameters of "tls": string; want an object {name: value}`,
		`f:2:11: parameters of "other": integer; want an object {name: value}`,
	}
	if diff := cmp.Diff(want, lines(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestReadExemptions(t *testing.T) {
	arm := `{"id":"/subscriptions/1/providers/Microsoft.Authorization/policyExemptions/e","properties":{"policyAssignmentId":"/subscriptions/1/providers/Microsoft.Authorization/policyAssignments/a","exemptionCategory":"Waiver"}}`
	short := `{"recommendation":"r","scope":"/subscriptions/1","category":"mitigated","expiresOn":"2027-01-31","reason":"why"}`
	got, problems := readExemptions("f", []byte(arm+"\n"+short+"\n"+short))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got = got[:2]
	type exemption struct{ Scope, Assignment, Rules, Category, Expires string }
	var have []exemption
	for _, e := range got {
		have = append(have, exemption{e.Scope, e.AssignmentID, strings.Join(e.ReferenceIDs, ","), e.Category, e.ExpiresOn})
	}
	want := []exemption{
		{"/subscriptions/1", "/subscriptions/1/providers/Microsoft.Authorization/policyAssignments/a", "", "Waiver", ""},
		{"/subscriptions/1", "", "r", "Mitigated", "2027-01-31"},
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	_, problems = readExemptions("f", []byte(`[
{"recommendation":"r","policy":"p","scope":"s","category":"waiver"},
{"policy":"p","category":"forever","expiresOn":"soon"},
{"scope":"s"}]`))
	wantProblems := []string{
		`f:4:1: no exemption; want one as Azure writes it, or recommendation or policy or control with what it is about`,
		`f:2:1: has both "recommendation" and "policy"; want one of them`,
		`f:3:1: has none of scope, resource; want one of them`,
		`f:3:1: category "forever"; want waiver or mitigated`,
		`f:3:48: expiresOn "soon"; want a time such as 2027-01-31 or 2027-01-31T00:00:00Z`,
	}
	if diff := cmp.Diff(wantProblems, lines(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// A scope that is none is refused, whichever form and file it stands in, all at once.
func TestScopesOfOptionFiles(t *testing.T) {
	_, problems := readExemptions("f", []byte(`[{"policy":"p","scope":" ","category":"waiver"},
{"policy":"p","scope":"","category":"waiver"},
{"policy":"p","resource":"/subscriptions/1/resourceGroups/","category":"waiver"},
{"policy":"p","resource":"/aws/lambda/resize","category":"waiver"}]`))
	want := []string{
		`f:1:24: scope " " is blank; want the id of what it is for, such as /subscriptions/GUID, or / for everything`,
		`f:2:1: has none of scope, resource; want one of them`,
		`f:3:26: resource "/subscriptions/1/resourceGroups/" ends in a slash; want the id without it`,
	}
	if diff := cmp.Diff(want, lines(problems)); diff != "" {
		t.Errorf("exemptions (-want +got):\n%s", diff)
	}
	_, problems = readAttestations("f", []byte(`{"policy":"p","scope":"subscriptions/1","state":"healthy"}`))
	if diff := cmp.Diff([]string{`f:1:23: scope "subscriptions/1" is no id; did you mean "/subscriptions/1"?`}, lines(problems)); diff != "" {
		t.Errorf("attestations (-want +got):\n%s", diff)
	}
	_, problems = readAssignments("f", []byte(`[{"policyDefinitionId":"d","scope":""},
{"policyDefinitionId":"d","scope":"/subscriptions/1","notScopes":["projects/"]}]`))
	want = []string{
		`f:1:36: scope is blank; want the id of what it is for, such as /subscriptions/GUID, or / for everything`,
		`f:2:67: notScopes "projects/" ends in a slash; want the id without it`,
	}
	if diff := cmp.Diff(want, lines(problems)); diff != "" {
		t.Errorf("assignments (-want +got):\n%s", diff)
	}
}

// A file of which all exemptions or attestations were taken out holds none, which is
// told and no error.
func TestEmptyOptionFiles(t *testing.T) {
	for _, text := range []string{"", " \n", "[]", `{"value":[]}`} {
		_, exempt := readExemptions("f", []byte(text))
		_, attest := readAttestations("f", []byte(text))
		for what, problems := range map[string]policy.Problems{"exemption": exempt, "attestation": attest} {
			if want := "f: warning: no " + what + " in it"; len(problems) != 1 || problems[0].Error() != want {
				t.Errorf("%q: %v, want %s", text, problems, want)
			}
		}
	}
}

func TestReadAttestations(t *testing.T) {
	got, problems := readAttestations("f", []byte(`[{"control":"mcsb-v1:IR-1","scope":"/subscriptions/1","state":"healthy"},{"policy":"p","resource":"x","state":"unhealthy"}]`))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if len(problems) > 0 {
		t.Errorf("%v, want no warnings", problems)
	}
	type attestation struct{ Scope, Rule, State string }
	var have []attestation
	for _, a := range got {
		have = append(have, attestation{a.Scope, a.ReferenceID, a.State})
	}
	want := []attestation{{"/subscriptions/1", "mcsb-v1:IR-1", "Compliant"}, {"x", "p", "NonCompliant"}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, problems = readAttestations("f", []byte(`{"control":"c","scope":"s","state":"fine"}`))
	if diff := cmp.Diff([]string{`f:1:1: state "fine"; want healthy or unhealthy`}, lines(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestReadAssignments(t *testing.T) {
	_, problems := readAssignments("f", []byte(`{"some": "thing"}`))
	if diff := cmp.Diff([]string{"f:1:1: no assignment; want one as Azure writes it, with policyDefinitionId and scope"}, lines(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestOptionFilesTogether: what is wrong with several option files comes out
// in one go.
func TestOptionFilesTogether(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"p": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	f := estateFlags{parameters: bad, hierarchy: filepath.Join(dir, "missing.json")}
	err := f.readFiles(&app{}, &assess.Options{})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"--parameters:", "bad.json:1:7: parameters of", "--hierarchy:", "missing.json"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

func TestCompleteness(t *testing.T) {
	tests := map[string]struct {
		in   []string
		want []assess.Completeness
		err  string
	}{
		"none":       {nil, nil, ""},
		"all":        {[]string{"ALL"}, []assess.Completeness{{All: true}}, ""},
		"scope":      {[]string{"/subscriptions/1"}, []assess.Completeness{{Scope: "/subscriptions/1"}}, ""},
		"with_type":  {[]string{"123456789012=AWS::S3::Bucket"}, []assess.Completeness{{Scope: "123456789012", Type: "AWS::S3::Bucket"}}, ""},
		"all_type":   {[]string{"All=AWS::S3::Bucket"}, nil, `--complete "All=AWS::S3::Bucket": all takes no type; want all, SCOPE or SCOPE=TYPE`},
		"tag":        {[]string{"tag:a=b"}, nil, `--complete "tag:a=b": a tag says nothing of what was read; want all, SCOPE or SCOPE=TYPE`},
		"tag_alone":  {[]string{"tag:a"}, nil, `--complete "tag:a": a tag says nothing of what was read; want all, SCOPE or SCOPE=TYPE`},
		"empty_type": {[]string{"x="}, nil, `--complete "x=": want all, SCOPE or SCOPE=TYPE`},
		"empty":      {[]string{""}, nil, `--complete "": want all, SCOPE or SCOPE=TYPE`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := completeness(test.in)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" || text != test.err {
				t.Errorf("error %q, want %q (-want +got):\n%s", text, test.err, diff)
			}
		})
	}
}

func TestReadParameters_refuses(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []string
	}{
		"as_assignments_have_them": {`{"tls": {"version": {"value": "1.2"}}}`, nil},
		"policy_twice":             {"{\"tls\": {\"a\": 1},\n \"TLS\": {\"a\": 2}}", []string{`f:2:2: policy "TLS" has values in line 1 too; want them once`}},
		"policy_in_two_lines":      {"{\"tls\": {\"a\": 1}}\n{\"tls\": {\"a\": 2}}", []string{`f:2:2: policy "tls" has values in line 1 too; want them once`}},
		"parameter_twice":          {`{"tls": {"a": 1, "A": 2}}`, []string{`f:1:18: parameter "A" has values in line 1 too; want them once`}},
		"nothing":                  {`[]`, []string{`f:1:1: no parameters in it; want an object {policy: {name: value}}`}},
		"no_object":                {`[5, {"tls": []}]`, []string{`f:1:2: parameters: integer; want an object {policy: {name: value}}`, `f:1:13: parameters of "tls": array; want an object {name: value}`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, problems := readParameters("f", []byte(test.in))
			if diff := cmp.Diff(test.want, lines(problems)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if test.want == nil && got.values["tls"]["version"].String() != `"1.2"` {
				t.Errorf("got %v", got.values)
			}
		})
	}
}

// What is no assignment is told beside what is wrong with those that are.
func TestReadAssignments_refuses(t *testing.T) {
	_, problems := readAssignments("f", []byte(`[5, "x", null, {"foo": 1},
{"name": "d", "properties": {"policyRule": {"if": {"field": "type", "equals": "A/b"}, "then": {"effect": "audit"}}}},
{"name": "a", "type": "Microsoft.Authorization/policyAssignments", "properties": {"policyDefinitionId": "d"}}]`))
	want := []string{
		`f:3:82: assignment without "scope"; want the id of what it is for, such as /subscriptions/GUID, or / for everything`,
		`f:1:2: no assignment; want one as Azure writes it, with policyDefinitionId and scope`,
		`f:1:5: no assignment; want one as Azure writes it, with policyDefinitionId and scope`,
		`f:1:10: no assignment; want one as Azure writes it, with policyDefinitionId and scope`,
		`f:1:16: no assignment; want one as Azure writes it, with policyDefinitionId and scope`,
		`f:2:1: no assignment; want one as Azure writes it, with policyDefinitionId and scope`,
	}
	if diff := cmp.Diff(want, lines(problems)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAsUTF8(t *testing.T) {
	tests := map[string]string{
		"plain":         "{}",
		"little_endian": "\xff\xfe{\x00}\x00",
		"big_endian":    "\xfe\xff\x00{\x00}",
		"half_a_unit":   "\xff\xfe{\x00}\x00x",
		"little_bare":   "{\x00}\x00",
		"big_bare":      "\x00{\x00}",
	}
	for name, in := range tests {
		if got := asUTF8(in); got != "{}" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// What is neither form is left out, and told with its place; what is of the
// short form is not.
func TestOptionFilesTellWhatTheyLeaveOut(t *testing.T) {
	other := `{"id":"/subscriptions/1/providers/Microsoft.Web/sites/s","type":"Microsoft.Web/sites","properties":{}}`
	_, problems := readExemptions("f", []byte(`{"recommendation":"r","scope":"s","category":"waiver"}`+"\n"+other))
	if diff := cmp.Diff("f:2:1: warning: left out: no exemption", problems.Error()); diff != "" {
		t.Errorf("exemptions (-want +got):\n%s", diff)
	}
	_, problems = readAttestations("f", []byte(other+"\n"+`{"recommendation":"r","scope":"s","state":"healthy"}`))
	if diff := cmp.Diff("f:1:1: warning: left out: no attestation", problems.Error()); diff != "" {
		t.Errorf("attestations (-want +got):\n%s", diff)
	}
}

// A file in which nothing is what the flag wants is refused; one with nothing in it
// is not.
func TestOptionFilesWithoutAny(t *testing.T) {
	other := `{"id":"/subscriptions/1/providers/Microsoft.Web/sites/s","type":"Microsoft.Web/sites","properties":{}}`
	for in, refused := range map[string]bool{other: true, "[" + other + "]": true, "[]": false} {
		_, problems := readExemptions("f", []byte(in))
		if err := problems.Err(); (err != nil) != refused || refused && !strings.Contains(err.Error(), "f: no exemption in it") {
			t.Errorf("exemptions %s: %v", in, err)
		}
		_, problems = readAttestations("f", []byte(in))
		if err := problems.Err(); (err != nil) != refused || refused && !strings.Contains(err.Error(), "f: no attestation in it") {
			t.Errorf("attestations %s: %v", in, err)
		}
	}
}
