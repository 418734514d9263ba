package assess_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
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
