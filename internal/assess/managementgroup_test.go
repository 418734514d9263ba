package assess_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestManagementGroups_are_judged_where_they_stand: what is assigned at a management
// group judges those below it and no others, in whatever order they come.
func TestManagementGroups_are_judged_where_they_stand(t *testing.T) {
	const prefix = "/providers/Microsoft.Management/managementGroups/"
	node := func(name, parent string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"type":"Microsoft.Management/managementGroups","properties":{"details":{"parent":{"id":%q}}}}`, prefix+name, name, prefix+parent)
	}
	library := &policy.Library{}
	library.Add("definition.json", []byte(`{"id":"/providers/Microsoft.Authorization/policyDefinitions/tagged","name":"tagged","properties":{"mode":"All","policyRule":{"if":{"field":"tags['owner']","exists":false},"then":{"effect":"audit"}}}}`))
	assignment := &policy.Assignment{ID: "x", Scope: prefix + "top", DefinitionID: "/providers/Microsoft.Authorization/policyDefinitions/tagged"}
	lines := []string{node("top", "root"), node("child", "top"), node("beside", "root")}
	for range lines {
		lines = append(lines[1:], lines[0])
		_, checks := run(t, assess.Options{Inputs: []assess.Input{content("in.jsonl", []byte(strings.Join(lines, "\n")))}, Library: library, Assignments: []*policy.Assignment{assignment}, Now: now, Bare: true})
		var got []string
		for _, c := range checks {
			got = append(got, strings.TrimPrefix(c.Resource, prefix)+" "+c.State.String())
		}
		slices.Sort(got)
		if want := []string{"child unhealthy", "top unhealthy"}; !slices.Equal(got, want) {
			t.Errorf("%s first: %v, want %v", lines[0][:70], got, want)
		}
	}
}

// What lies at a management group stands there: under the assignments for it, whatever
// comes first, and in the reads of it.
func TestResourcesOfManagementGroups(t *testing.T) {
	const prefix = "/providers/Microsoft.Management/managementGroups/"
	const roles = "Microsoft.Authorization/roleAssignments"
	node := func(name, parent string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"type":"Microsoft.Management/managementGroups","properties":{"details":{"parent":{"id":%q}}}}`, prefix+name, name, prefix+parent)
	}
	role := func(name, at string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"type":%q,"properties":{}}`, prefix+at+"/providers/"+roles+"/"+name, name, roles)
	}
	const head = `{"id":"/providers/Microsoft.Authorization/policyDefinitions/`
	library := func(rule string) *policy.Library {
		l := &policy.Library{}
		l.Add("definition.json", []byte(head+`rule","name":"rule","properties":{"mode":"All","policyRule":`+rule+`}}`))
		return l
	}
	named := library(`{"if":{"field":"type","equals":"` + roles + `"},"then":{"effect":"audit"}}`)
	has := library(`{"if":{"field":"type","equals":"Microsoft.Management/managementGroups"},"then":{"effect":"auditIfNotExists","details":{"type":"` + roles + `"}}}`)
	tree := []string{node("top", "root"), node("mid", "top"), node("side", "top"), node("leaf", "mid")}
	both := append(slices.Clone(tree), role("r1", "mid"), role("r2", "side"))
	read := func(scope, rest string) string {
		return fmt.Sprintf(`{"bartizan":"read","scope":%q,%s}`, prefix+scope, rest)
	}
	for name, test := range map[string]struct {
		library *policy.Library
		scope   string // of the assignment, below the prefix; "" for none
		rest    []string
		lines   []string
		want    []string
	}{
		"of_mid":        {named, "mid", nil, both, []string{"r1 unhealthy"}},
		"of_top":        {named, "top", nil, both, []string{"r1 unhealthy", "r2 unhealthy"}},
		"not_of_mid":    {named, "top", []string{prefix + "MID"}, both, []string{"r2 unhealthy"}},
		"not_read":      {has, "", nil, append(slices.Clone(tree[3:]), read("leaf", `"type":"`+roles+`","complete":false`)), []string{"leaf unknown partial"}},
		"denied":        {has, "", nil, append(slices.Clone(tree[3:]), read("leaf", `"type":"*","complete":true,"denied":[{"type":"`+roles+`"}]`)), []string{"leaf unknown denied"}},
		"read":          {has, "", nil, append(slices.Clone(tree[3:]), read("LEAF", `"type":"*","complete":true`)), []string{"leaf unhealthy"}},
		"read_above":    {has, "", nil, append(slices.Clone(tree[1:2]), read("mid", `"type":"*","complete":true`), node("leaf", "mid")), []string{"leaf unhealthy", "mid unhealthy"}},
		"met_elsewhere": {has, "", nil, append(slices.Clone(tree[2:]), role("r2", "side")), []string{"leaf unknown notCollected", "side healthy"}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := test.lines
			for range lines {
				lines = append(slices.Clone(lines[1:]), lines[0])
				o := assess.Options{Inputs: []assess.Input{content("in.jsonl", []byte(strings.Join(lines, "\n")))}, Library: test.library, Now: now, Bare: true}
				if test.scope != "" {
					o.Assignments = []*policy.Assignment{{ID: "x", Scope: prefix + test.scope, NotScopes: test.rest, DefinitionID: "/providers/Microsoft.Authorization/policyDefinitions/rule"}}
				}
				_, checks := run(t, o)
				var got []string
				for _, c := range checks {
					words := c.Resource[strings.LastIndexByte(c.Resource, '/')+1:] + " " + c.State.String()
					if c.State == posture.Unknown {
						words += " " + c.Reason.String()
					}
					got = append(got, words)
				}
				slices.Sort(got)
				if !slices.Equal(got, test.want) {
					t.Errorf("%.80s first: %v, want %v", lines[0], got, test.want)
				}
			}
		})
	}
}

// So does what lies at a folder or an organisation of Google Cloud.
func TestResourcesOfFolders(t *testing.T) {
	asset := func(host, kind, name, above string) string {
		return fmt.Sprintf(`{"name":"//%s/%s","assetType":%q,"resource":{"data":{"name":%q}},"ancestors":[%s]}`, host, name, kind, name, above)
	}
	const sink, of7, of8 = "logging.googleapis.com/LogSink", `"folders/7","organizations/9"`, `"folders/8","organizations/9"`
	lines := []string{
		asset("logging.googleapis.com", sink, "folders/7/sinks/a", of7), asset("logging.googleapis.com", sink, "folders/8/sinks/b", of8),
		asset("logging.googleapis.com", sink, "organizations/9/sinks/c", `"organizations/9"`),
	}
	l := &policy.Library{}
	l.Add("definition.json", []byte(`{"id":"/providers/Microsoft.Authorization/policyDefinitions/rule","name":"rule","properties":{"mode":"All","policyRule":{"if":{"field":"type","equals":"`+sink+`"},"then":{"effect":"audit"}}}}`))
	for scope, want := range map[string][]string{"folders/7": {"a"}, "folders/8": {"b"}, "organizations/9": {"a", "b", "c"}, "/": {"a", "b", "c"}} {
		for range lines {
			lines = append(slices.Clone(lines[1:]), lines[0])
			o := assess.Options{Inputs: []assess.Input{content("in.jsonl", []byte(strings.Join(lines, "\n")))}, Library: l, Now: now, Bare: true}
			o.Assignments = []*policy.Assignment{{ID: "x", Scope: scope, DefinitionID: "/providers/Microsoft.Authorization/policyDefinitions/rule"}}
			result, checks := run(t, o)
			var got []string
			for _, c := range checks {
				got = append(got, c.Resource[strings.LastIndexByte(c.Resource, '/')+1:])
			}
			if slices.Sort(got); !slices.Equal(got, want) || result.Units != 0 {
				t.Errorf("%s: %v in %d units, want %v in none", scope, got, result.Units, want)
			}
		}
	}
}
