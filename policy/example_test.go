package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/policy"
)

// storageRule wants storage accounts to ask for a version of TLS.
const storageRule = `{
  "mode": "Indexed",
  "parameters": {
    "version": {"type": "String", "defaultValue": "TLS1_2"}
  },
  "policyRule": {
    "if": {"allOf": [
      {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
      {"field": "Microsoft.Storage/storageAccounts/minimumTlsVersion", "notEquals": "[parameters('version')]"}
    ]},
    "then": {"effect": "audit"}
  }
}`

// lockRule wants vaults to be locked.
const lockRule = `{
  "policyRule": {
    "if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"},
    "then": {"effect": "auditIfNotExists", "details": {
      "type": "Microsoft.Authorization/locks",
      "existenceCondition": {"field": "Microsoft.Authorization/locks/level", "equals": "CanNotDelete"}
    }}
  }
}`

const (
	group   = `/subscriptions/6d1f0d5c-0000-0000-0000-000000000000/resourceGroups/shop`
	account = `{
  "id": "` + group + `/providers/Microsoft.Storage/storageAccounts/orders",
  "name": "orders", "type": "Microsoft.Storage/storageAccounts", "location": "westeurope",
  "properties": {"minimumTlsVersion": "TLS1_0"}
}`
	vault = `{
  "id": "` + group + `/providers/Microsoft.KeyVault/vaults/keys",
  "name": "keys", "type": "Microsoft.KeyVault/vaults", "location": "westeurope", "properties": {}
}`
	lock = `{
  "id": "` + group + `/providers/Microsoft.KeyVault/vaults/keys/providers/Microsoft.Authorization/locks/keep",
  "name": "keep", "type": "Microsoft.Authorization/locks", "properties": {"level": "CanNotDelete"}
}`
)

// table is an alias table of our own. "az provider list --expand
// resourceTypes/aliases" writes one for all of Azure: see LoadProviderList.
const table = `{
  "Microsoft.Storage/storageAccounts/minimumTlsVersion":
    {"type": "Microsoft.Storage/storageAccounts", "path": "properties.minimumTlsVersion"},
  "Microsoft.Authorization/locks/level":
    {"type": "Microsoft.Authorization/locks", "path": "properties.level"}
}`

func aliases() *policy.Aliases {
	a := policy.NewAliases()
	if err := a.LoadAliasTable([]byte(table)); err != nil {
		panic(err)
	}
	return a
}

func resource(text string) *policy.Resource {
	r, err := policy.ParseResource([]byte(text))
	if err != nil {
		panic(err)
	}
	return r
}

// One rule, one resource: from JSON text to a verdict.
func Example() {
	definition, problems := policy.ParseDefinition("tls.json", []byte(storageRule))
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	r, err := policy.ParseResource([]byte(account))
	if err != nil {
		fmt.Println(err)
		return
	}
	rule := policy.Bind(definition, nil) // nil: all parameters have their defaults
	verdict := rule.Judge(r, policy.Environment{Aliases: aliases(), Now: time.Now()})
	fmt.Println(verdict.Compliance)
	// Output:
	// NonCompliant
}

// Values for parameters, as an assignment has them or plain.
func ExampleBind() {
	definition, _ := policy.ParseDefinition("tls.json", []byte(storageRule))
	given, err := policy.ParseParameters([]byte(`{"version": {"value": "TLS1_0"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	given, problems := policy.CheckParameters(definition.Parameters, given)
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	verdict := policy.Bind(definition, given).Judge(resource(account), policy.Environment{Aliases: aliases()})
	fmt.Println(verdict.Compliance)
	// Output:
	// Compliant
}

// Many rules on many resources, related ones among them.
func ExampleSet_JudgeAll() {
	set := policy.NewSet(aliases(), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	for _, text := range []string{storageRule, lockRule} {
		definition, problems := policy.ParseDefinition("rule.json", []byte(text))
		if err := problems.Err(); err != nil {
			fmt.Println(err)
			return
		}
		number := set.Add(policy.Bind(definition, nil))
		if why := set.Broken(number); why != "" {
			fmt.Println(why)
		}
	}
	estate := []*policy.Resource{resource(account), resource(vault), resource(lock)}
	for _, f := range set.JudgeAll(estate, nil) {
		fmt.Printf("rule %d on %s: %v\n", f.Rule, f.Resource.Name, f.Status)
	}

	// Without the lock, and not sure whether all locks were read:
	unsure := func(unit, resourceType string) (bool, string) {
		return resourceType != "microsoft.authorization/locks", "denied"
	}
	for _, f := range set.JudgeAll(estate[1:2], unsure) {
		fmt.Printf("rule %d on %s: %v %v\n", f.Rule, f.Resource.Name, f.Status, f.Reasons)
	}
	// Output:
	// rule 0 on orders: NonCompliant
	// rule 1 on keys: Compliant
	// rule 1 on keys: Unknown [denied]
}

// What a verdict rests on, in words. MarshalJSON gives the same as JSON.
func ExampleBound_Explain() {
	definition, _ := policy.ParseDefinition("tls.json", []byte(storageRule))
	explanation := policy.Bind(definition, nil).Explain(resource(account), policy.Environment{Aliases: aliases()})
	for _, e := range explanation.Evidence {
		fmt.Printf("%s is %v; wanted: %s\n", e.Path, e.Found, e.Wanted)
	}
	// Output:
	// properties.minimumTlsVersion is "TLS1_0"; wanted: equals "TLS1_2"
}

// All problems of a file at once, each with its place.
func ExampleParseDefinition() {
	_, problems := policy.ParseDefinition("broken.json", []byte(`{
  "policyRule": {
    "if": {"allOf": [
      {"field": "type", "equls": "Microsoft.Storage/storageAccounts"},
      {"value": "[tolowr(field('name'))]", "equals": "x"}
    ]},
    "then": {"effect": "audti"}
  }
}`))
	fmt.Println(problems.Err())

	var first policy.Problem
	fmt.Println(errors.As(problems.Err(), &first), first.Pos.Line, first.Suggestion)
	// Output:
	// broken.json:4:25: unknown operator "equls"; did you mean "equals"?
	// broken.json:5:19: expression: unknown function "tolowr"; did you mean "toLower"?
	// broken.json:7:24: unknown effect "audti"; did you mean "Audit"?
	// true 4 equals
}

// An alias that no table has: the rule is read, but applies to nothing.
func ExampleLint() {
	definition, _ := policy.ParseDefinition("tls.json", []byte(`{
  "policyRule": {
    "if": {"field": "Microsoft.Storage/storageAccounts/minimumTlsVersoin", "equals": "TLS1_0"},
    "then": {"effect": "audit"}
  }
}`))
	for _, p := range policy.Lint(&policy.Library{Definitions: []*policy.Definition{definition}, Aliases: aliases()}) {
		fmt.Println(p)
	}
	// Output:
	// tls.json:3:21: warning: unknown alias "Microsoft.Storage/storageAccounts/minimumTlsVersoin"; did you mean "Microsoft.Storage/storageAccounts/minimumTlsVersion"?
}

// A rule for another cloud: the field is the type, a slash and the path below
// properties, and no alias table is needed.
func Example_otherClouds() {
	definition, problems := policy.ParseDefinition("bucket.json", []byte(`{
  "policyRule": {
    "if": {"allOf": [
      {"field": "type", "equals": "AWS::S3::Bucket"},
      {"not": {"field": "AWS::S3::Bucket/PublicAccessBlockConfiguration.BlockPublicAcls", "equals": true}}
    ]},
    "then": {"effect": "audit"}
  }
}`))
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	r := resource(`{
  "id": "arn:aws:s3:::orders", "name": "orders", "type": "AWS::S3::Bucket", "location": "eu-central-1",
  "properties": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": false}}
}`)
	rule := policy.Bind(definition, nil)
	fmt.Println(rule.Judge(r, policy.Environment{}).Compliance)

	// Where the configuration could not be read, there is no guess.
	r = resource(`{"id": "arn:aws:s3:::logs", "name": "logs", "type": "AWS::S3::Bucket", "properties": {}}`)
	r.Gaps = []policy.Gap{{Path: "properties.PublicAccessBlockConfiguration", Reason: "denied"}}
	verdict := rule.Judge(r, policy.Environment{})
	fmt.Println(verdict.Compliance, verdict.Reasons)
	// Output:
	// NonCompliant
	// NoData [denied]
}

// An initiative that is assigned to a management group: whom it is for, with which
// parameters and effects, and what is exempt.
func ExampleAssignment_Covers() {
	const (
		root = "/providers/Microsoft.Management/managementGroups/contoso"
		ids  = "/providers/Microsoft.Authorization/policyDefinitions/"
		sets = "/providers/Microsoft.Authorization/policySetDefinitions/"
	)
	var library policy.Library
	for _, text := range []string{
		`{"id": "` + ids + `tls", "name": "tls", "properties": ` + storageRule + `}`,
		`{"id": "` + sets + `floor", "name": "floor", "properties": {
  "parameters": {"lowest": {"type": "String", "defaultValue": "TLS1_2"}},
  "policyDefinitions": [{"policyDefinitionReferenceId": "storage", "policyDefinitionId": "` + ids + `tls",
    "parameters": {"version": {"value": "[parameters('lowest')]"}}}]}}`,
		`{"id": "` + root + `/providers/Microsoft.Authorization/policyAssignments/a", "name": "a", "properties": {
  "policyDefinitionId": "` + sets + `floor",
  "notScopes": ["` + group + `/providers/Microsoft.Storage/storageAccounts/archive"],
  "resourceSelectors": [{"name": "here", "selectors": [{"kind": "resourceLocation", "in": ["West Europe"]}]}],
  "overrides": [{"kind": "policyEffect", "value": "deny", "selectors": [{"kind": "policyDefinitionReferenceId", "in": ["storage"]}]}]}}`,
		`{"id": "` + group + `/providers/Microsoft.Authorization/policyExemptions/e", "name": "e", "properties": {
  "policyAssignmentId": "` + root + `/providers/Microsoft.Authorization/policyAssignments/a",
  "exemptionCategory": "Waiver", "expiresOn": "2026-12-31"}}`,
	} {
		if err := library.Add("documents.json", []byte(text)).Err(); err != nil {
			fmt.Println(err)
			return
		}
	}
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	assigned := library.Assignments[0]
	initiative, _ := library.Initiative(assigned.DefinitionID)
	r := resource(account)
	at := policy.PlaceOf(r, root)
	if covers := assigned.Covers(at); !covers.True() {
		fmt.Println("not covered, or not known to be:", covers)
		return
	}
	values, problems := policy.CheckParameters(initiative.Parameters, assigned.Parameters)
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	for i := range initiative.Members {
		member := &initiative.Members[i]
		definition, ok := library.Definition(member.DefinitionID)
		if !ok {
			fmt.Println("no definition", member.DefinitionID)
			continue
		}
		own, err := member.Resolve(values)
		if err != nil {
			fmt.Println(err)
			continue
		}
		rule := policy.Bind(definition, own)
		if effect, certain := assigned.EffectOf(member.ReferenceID, at); effect != "" && certain.True() && rule.WhyNot(effect) == "" {
			rule = rule.WithEffect(effect)
		}
		exempt := false
		for _, e := range library.Exemptions {
			exempt = exempt || strings.EqualFold(e.AssignmentID, assigned.ID) &&
				e.IsAbout(member.ReferenceID) && e.InForce(now) && e.Covers(at).True()
		}
		verdict := rule.Judge(r, policy.Environment{Aliases: aliases(), Now: now})
		fmt.Println(member.ReferenceID, rule.Effect, verdict.Compliance, "exempt:", exempt)
	}
	// Output:
	// storage Deny NonCompliant exempt: true
}

// Two policies that would write different values to one field cannot both be
// satisfied: Azure's word for that is Conflict.
func ExampleConflicts() {
	var rules []*policy.Bound
	for _, value := range []string{"dev", "prod"} {
		definition, problems := policy.ParseDefinition(value+".json", []byte(`{"name": "`+value+`", "policyRule": {
  "if": {"field": "tags['env']", "notEquals": "`+value+`"},
  "then": {"effect": "modify", "details": {"roleDefinitionIds": ["contributor"],
    "operations": [{"operation": "addOrReplace", "field": "tags['env']", "value": "`+value+`"}]}}
}}`))
		if err := problems.Err(); err != nil {
			fmt.Println(err)
			return
		}
		rules = append(rules, policy.Bind(definition, nil))
	}
	r := resource(`{"id": "/subscriptions/s/resourceGroups/g/providers/Contoso.Shop/stores/one", "name": "one", "type": "Contoso.Shop/stores"}`)
	conflicts := policy.NewConflicts(nil, time.Time{})
	conflicts.On(r)
	for _, c := range conflicts.Between(rules[0], rules[1]) {
		fmt.Println(c.Path, c.Own, c.Other)
	}
	// Output:
	// tags['env'] "dev" "prod"
}
