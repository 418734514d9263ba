package resourcegraph_test

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/policy"
)

const (
	unitA = "/subscriptions/00000000-0000-0000-0000-00000000000a"
	unitB = "/subscriptions/00000000-0000-0000-0000-00000000000b"

	httpsOnly = `{"id":"/providers/Microsoft.Authorization/policyDefinitions/https","name":"https","type":"Microsoft.Authorization/policyDefinitions",
		"properties":{"displayName":"HTTPS","policyType":"BuiltIn","mode":"Indexed","metadata":{"category":"Storage"},
		"parameters":{"effect":{"type":"String","defaultValue":"Audit","allowedValues":["Audit","Deny"]}},
		"policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Storage/storageAccounts"},{"field":"Microsoft.Storage/storageAccounts/https","notEquals":true}]},
		"then":{"effect":"[parameters('effect')]"}}}}`
	aliasTable = `{"Microsoft.Storage/storageAccounts":{"https":"properties.https"}}`
	initiative = `{"id":"/providers/Microsoft.Authorization/policySetDefinitions/set","name":"set","type":"Microsoft.Authorization/policySetDefinitions",
		"properties":{"displayName":"Set","metadata":{"category":"Security"},"policyDefinitionGroups":[{"name":"DP-1"}],
		"policyDefinitions":[{"policyDefinitionReferenceId":"h","policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/https","groupNames":["DP-1"],"parameters":{"effect":{"value":"Deny"}}}]}}`
	assignment = `{"id":"` + unitA + `/providers/Microsoft.Authorization/policyAssignments/base","name":"base","type":"Microsoft.Authorization/policyAssignments",
		"properties":{"displayName":"Base","policyDefinitionId":"/providers/Microsoft.Authorization/policySetDefinitions/set","scope":"` + unitA + `"}}`
	exemption = `{"id":"` + unitA + `/resourceGroups/old/providers/Microsoft.Authorization/policyExemptions/later","name":"later","type":"Microsoft.Authorization/policyExemptions",
		"properties":{"policyAssignmentId":"` + unitA + `/providers/Microsoft.Authorization/policyAssignments/base","exemptionCategory":"Waiver","expiresOn":"2027-01-01T00:00:00Z"}}`
)

func account(group, name, properties string) string {
	return `{"id":"` + unitA + `/resourceGroups/` + group + `/providers/Microsoft.Storage/storageAccounts/` + name + `","name":"` + name + `","type":"Microsoft.Storage/storageAccounts","location":"westeurope","properties":` + properties + `}`
}

func TestPolicies(t *testing.T) {
	o := lines(t, account("app", "good", `{"https":true}`), account("app", "bad", `{"https":false}`), account("old", "bad", `{"https":false}`))
	o.Library = library(t, aliasTable, httpsOnly, initiative, assignment, exemption)
	e := resourcegraph.New(o)
	tests := map[string]struct {
		query string
		want  []string
	}{
		"states": {
			`policyresources | where type == 'microsoft.policyinsights/policystates' | project resourceGroup, tostring(properties.complianceState), tostring(properties.policyAssignmentName), tostring(properties.policySetDefinitionName), tostring(properties.policyDefinitionReferenceId), properties.policyDefinitionGroupNames, properties.isCompliant`,
			[]string{`["app","Compliant","base","set","h",["dp-1"],true]`, `["app","NonCompliant","base","set","h",["dp-1"],false]`, `["old","Exempt","base","set","h",["dp-1"],true]`},
		},
		"documents": {
			`policyresources | where type startswith 'microsoft.authorization/' | project type, name, tostring(properties.displayName), subscriptionId`,
			[]string{
				`["microsoft.authorization/policydefinitions","https","HTTPS",""]`, `["microsoft.authorization/policysetdefinitions","set","Set",""]`,
				`["microsoft.authorization/policyassignments","base","Base","00000000-0000-0000-0000-00000000000a"]`,
				`["microsoft.authorization/policyexemptions","later","","00000000-0000-0000-0000-00000000000a"]`,
			},
		},
		"definition": {
			`policyresources | where type == 'microsoft.authorization/policydefinitions' | project properties.policyType, properties.parameters.effect.allowedValues, properties.policyRule.then.effect`,
			[]string{`["BuiltIn",["Audit","Deny"],"audit"]`},
		},
		"exemption": {
			`policyresources | where type == 'microsoft.authorization/policyexemptions' | project resourceGroup, properties.exemptionCategory, todatetime(properties.expiresOn)`,
			[]string{`["old","Waiver","2027-01-01T00:00:00.0000000Z"]`},
		},
		"metadata_of_all_kinds": {
			`securityresources | where type == 'microsoft.security/assessments' | summarize by kind = tostring(properties.metadata.assessmentType), keys = tostring(array_sort_asc(bag_keys(properties.metadata)))
				| summarize kinds = dcount(kind) by keys | where keys has 'userImpact'`,
			[]string{`["[\"assessmentType\",\"categories\",\"description\",\"displayName\",\"implementationEffort\",\"policyDefinitionId\",\"preview\",\"remediationDescription\",\"severity\",\"techniques\",\"threats\",\"userImpact\"]",3]`},
		},
		"assessments_of_policies": {
			`securityresources | where type == 'microsoft.security/assessments' and properties.metadata.assessmentType == 'BuiltInPolicy' | project name, tostring(properties.status.code), tostring(properties.status.cause)`,
			[]string{`["https","Healthy",""]`, `["https","Unhealthy",""]`, `["https","NotApplicable","Exempt"]`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ask(t, e, test.query)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The weights by which public queries find the worst state of a resource. What is
// unknown counts as nothing of all that, and is neither compliant nor not.
func TestPolicyStateWeights(t *testing.T) {
	o := lines(
		t,
		account("app", "good", `{"https":true}`), account("app", "bad", `{"https":false}`), account("old", "bad", `{"https":false}`), account("app", "open", `{"https":true}`),
		`{"bartizan":"read","scope":"`+unitA+`","type":"Microsoft.Storage/storageAccounts","complete":true,"denied":[{"id":"`+unitA+`/resourceGroups/app/providers/Microsoft.Storage/storageAccounts/open","path":"properties.https"}]}`,
	)
	o.Library = library(t, aliasTable, httpsOnly, initiative, assignment, exemption)
	got := ask(t, resourcegraph.New(o), `policyresources | where type == 'microsoft.policyinsights/policystates'
		| project resourceGroup, tostring(properties.complianceState), tolong(properties.stateWeight), tobool(properties.isCompliant)`)
	want := []string{`["app","Compliant",200,true]`, `["app","NonCompliant",300,false]`, `["old","Exempt",50,true]`, `["app","Unknown",0,null]`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Ids of policy states are in lower case, as recorded; what is not known is there.
func TestPolicyStateSpelling(t *testing.T) {
	const storage = `/resourceGroups/App/providers/Microsoft.Storage/storageAccounts/Good`
	o := lines(
		t,
		`{"id":"`+unitA+storage+`","name":"Good","type":"Microsoft.Storage/storageAccounts","location":"West Europe","properties":{"https":true}}`,
		`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::Case","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"Case"}}`,
	)
	o.Library = library(t, aliasTable, httpsOnly, strings.Replace(initiative, `"policyDefinitions":`, `"parameters":{"some":{"type":"Array"}},"policyDefinitions":`, 1), strings.Replace(assignment, `"scope":`, `"parameters":{"Some":{"value":[1,"A"]}},"scope":`, 1))
	got := ask(t, resourcegraph.New(o), `policyresources | where type == 'microsoft.policyinsights/policystates' | project p = properties
		| project p.resourceId, p.resourceType, p.resourceLocation, p.policyDefinitionId, p.policyAssignmentId, p.policyAssignmentScope, p.policySetDefinitionId, p.policyAssignmentParameters,
			p.policySetDefinitionCategory, p.policySetDefinitionOwner, p.resourceTags`)
	want := []string{`["` + unitA + strings.ToLower(storage) + `","Microsoft.Storage/storageAccounts","westeurope","/providers/microsoft.authorization/policydefinitions/https",` +
		`"` + unitA + `/providers/microsoft.authorization/policyassignments/base","` + unitA + `","/providers/Microsoft.Authorization/policySetDefinitions/set","{\"some\":{\"value\":[1,\"A\"]}}","security","",""]`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Our policy states and assignments have every property that Azure's recorded answers
// have, whether they come of an assignment or not.
func TestRecordedPolicyShapes(t *testing.T) {
	estate := []string{account("app", "good", `{"https":true}`)}
	libraries := map[string]*policy.Library{
		"assigned": library(t, aliasTable, httpsOnly, initiative, assignment),
		"alone":    library(t, aliasTable, httpsOnly),
	}
	for name, l := range libraries {
		t.Run(name, func(t *testing.T) {
			o := lines(t, estate...)
			o.Library = l
			rows := properties(t, ask(t, resourcegraph.New(o), `policyresources | where type == 'microsoft.policyinsights/policystates' | project properties`))
			if len(rows) != 1 {
				t.Fatalf("%d rows", len(rows))
			}
			for key := range recordedState(t) {
				if _, ok := rows[0][key]; !ok {
					t.Errorf("lacks properties.%s", key)
				}
			}
		})
	}
}

// recordedState is a policy state that Azure answered, without what belongs to OData
// and what only $expand asks for.
func recordedState(t *testing.T) map[string]any {
	for _, line := range strings.Split(read(t, shared(t, "recordings/azure-cli/policyinsights-states.jsonl")), "\n") {
		var call struct {
			Response struct {
				Body struct{ Value []map[string]any }
			}
		}
		if json.Unmarshal([]byte(line), &call) != nil {
			continue
		}
		for _, state := range call.Response.Body.Value {
			if state["complianceState"] == nil {
				continue
			}
			maps.DeleteFunc(state, func(key string, _ any) bool {
				return strings.HasPrefix(key, "@") || key == "policyEvaluationDetails"
			})
			return state
		}
	}
	t.Fatal("no policy state is recorded")
	return nil
}

func read(t *testing.T, file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestContainers(t *testing.T) {
	hierarchy := []string{
		`{"id":"` + unitA + `","name":"00000000-0000-0000-0000-00000000000a","type":"Microsoft.Resources/subscriptions","displayName":"Shop","properties":{"state":"Enabled"}}`,
		`{"id":"/providers/Microsoft.Management/managementGroups/web","name":"web","type":"Microsoft.Management/managementGroups","properties":{"displayName":"Web","details":{"parent":{"id":"/providers/Microsoft.Management/managementGroups/top","name":"top"}}}}`,
	}
	o := lines(t, append(hierarchy,
		`{"id":"`+unitA+`/resourceGroups/App","name":"App","type":"Microsoft.Resources/resourceGroups","location":"westeurope","tags":{"owner":"a"},"properties":{}}`,
		account("App", "s", `{}`), account("Left", "s", `{}`),
		`{"id":"`+unitB+`/resourceGroups/b/providers/Microsoft.Storage/storageAccounts/s","name":"s","type":"Microsoft.Storage/storageAccounts","properties":{}}`,
		`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`,
	)...)
	got := ask(t, resourcegraph.New(o), `resourcecontainers | project type, name, subscriptionId, resourceGroup, location`)
	want := []string{
		`["microsoft.resources/subscriptions","Shop","00000000-0000-0000-0000-00000000000a","",""]`,
		`["microsoft.management/managementgroups","web","","",""]`,
		`["microsoft.resources/subscriptions/resourcegroups","App","00000000-0000-0000-0000-00000000000a","app","westeurope"]`,
		`["microsoft.resources/subscriptions/resourcegroups","Left","00000000-0000-0000-0000-00000000000a","left",""]`,
		`["microsoft.resources/subscriptions","00000000-0000-0000-0000-00000000000b","00000000-0000-0000-0000-00000000000b","",""]`,
		`["microsoft.resources/subscriptions/resourcegroups","b","00000000-0000-0000-0000-00000000000b","b",""]`,
		`["aws::organizations::account","111122223333","111122223333","",""]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Where nobody said what something hangs from, the chain is null, not empty: the
// tenant of a subscription says nothing of management groups.
func TestAncestors_unknown(t *testing.T) {
	const top = "/providers/Microsoft.Management/managementGroups/"
	o := lines(
		t,
		`{"id":"`+unitA+`","subscriptionId":"00000000-0000-0000-0000-00000000000a","type":"Microsoft.Resources/subscriptions","tenantId":"00000000-0000-0000-0000-0000000000ff","displayName":"Shop"}`,
		`{"id":"`+unitB+`/resourceGroups/b/providers/Microsoft.Storage/storageAccounts/s","name":"s","type":"Microsoft.Storage/storageAccounts","properties":{}}`,
		`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`,
		`{"id":"`+top+`00000000-0000-0000-0000-0000000000ff","name":"00000000-0000-0000-0000-0000000000ff","type":"Microsoft.Management/managementGroups","properties":{"tenantId":"00000000-0000-0000-0000-0000000000ff","displayName":"Tenant Root Group"}}`,
		`{"id":"`+top+`web","name":"web","type":"Microsoft.Management/managementGroups","properties":{"tenantId":"00000000-0000-0000-0000-0000000000ff","displayName":"Web","details":{"parent":{"id":"`+top+`00000000-0000-0000-0000-0000000000ff"}}}}`,
	)
	got := ask(t, resourcegraph.New(o), `resourcecontainers | where type !endswith '/resourcegroups' | project name, array_length(properties.managementGroupAncestorsChain)`)
	want := []string{
		`["Shop",null]`, `["00000000-0000-0000-0000-0000000000ff",0]`, `["web",1]`,
		`["00000000-0000-0000-0000-00000000000b",null]`, `["111122223333",null]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The chain of management groups comes from wherever the tree is told.
func TestAncestors(t *testing.T) {
	o, _ := demo(t)
	e := resourcegraph.New(o)
	tests := map[string]struct{ query, want string }{
		"subscription": {"resourcecontainers | where name == 'Contoso Production' | project tostring(properties.managementGroupAncestorsChain[0].displayName), array_length(properties.managementGroupAncestorsChain)", `["Online",4]`},
		"account":      {"resourcecontainers | where subscriptionId == '444455556666' | project tostring(properties.managementGroupAncestorsChain[0].displayName), tenantId", `["Workloads","o-c0nt0s0a1b"]`},
		"project":      {"resourcecontainers | where subscriptionId == 'contoso-shop-prod' | project tostring(properties.managementGroupAncestorsChain[0].displayName), array_length(properties.managementGroupAncestorsChain)", `["Production",2]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]string{test.want}, ask(t, e, test.query)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
