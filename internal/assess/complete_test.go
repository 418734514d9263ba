package assess_test

import (
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

func upper(s string) string { return strings.ToUpper(s) }

// read makes a read record.
func read(scope, kind, complete string, more ...string) string {
	return `{"bartizan":"read","scope":"` + scope + `","type":"` + kind + `","complete":` + complete + strings.Join(more, "") + `}`
}

const (
	settings  = "Microsoft.Insights/diagnosticSettings"
	hierarchy = `{"id":"` + unitA + `","parent":"` + top + `","kind":"subscription","name":"a"}`
	earlier   = `,"startedAt":"2026-11-20T00:00:00Z"`
	later     = `,"startedAt":"2026-11-21T00:00:00Z"`
)

func gap(list, kind string) string {
	return `,"` + list + `":[{"type":"` + kind + `","action":"list"}]`
}

// An existence check fails only where what it looks for is certainly all read.
func TestCompleteness(t *testing.T) {
	a, b := account(groupA, "a", secure), account(groupA, "b", secure)
	other := account(unitB+"/resourceGroups/app", "other", secure)
	all := func(c ...assess.Completeness) []assess.Completeness { return c }
	tests := map[string]struct {
		lines    []string
		complete []assess.Completeness
		partial  bool
		want     []string
	}{
		"type_occurs":             {[]string{a, b, setting("a")}, nil, false, []string{"logged a healthy", "logged b unhealthy"}},
		"type_does_not_occur":     {[]string{a}, nil, false, []string{"logged a unknown notCollected"}},
		"occurs_in_another_unit":  {[]string{a, setting("a"), other}, nil, false, []string{"logged a healthy", "logged other unknown notCollected"}},
		"partial":                 {[]string{a, b, setting("a")}, nil, true, []string{"logged a healthy", "logged b unknown partial"}},
		"said_all":                {[]string{a, other}, all(assess.Completeness{All: true}), false, []string{"logged a unhealthy", "logged other unhealthy"}},
		"said_of_unit":            {[]string{a, other}, all(assess.Completeness{Scope: upper(unitA)}), false, []string{"logged a unhealthy", "logged other unknown notCollected"}},
		"said_of_type":            {[]string{a}, all(assess.Completeness{Scope: unitA, Type: strings.ToLower(settings)}), false, []string{"logged a unhealthy"}},
		"said_of_every_type":      {[]string{a}, all(assess.Completeness{Scope: unitA, Type: "*"}), false, []string{"logged a unhealthy"}},
		"said_of_another_type":    {[]string{a}, all(assess.Completeness{Scope: unitA, Type: "A/b"}), false, []string{"logged a unknown notCollected"}},
		"said_of_tree":            {[]string{a, hierarchy}, all(assess.Completeness{Scope: top}), false, []string{"logged a unhealthy"}},
		"record_of_all":           {[]string{read(unitA, "*", "true"), a}, nil, false, []string{"logged a unhealthy"}},
		"record_behind":           {[]string{a, read(unitA, "*", "true")}, nil, false, []string{"logged a unhealthy"}},
		"record_of_type":          {[]string{a, read(upper(unitA), upper(settings), "true")}, nil, false, []string{"logged a unhealthy"}},
		"record_of_another_type":  {[]string{a, read(unitA, "A/b", "true")}, nil, false, []string{"logged a unknown notCollected"}},
		"record_of_another_unit":  {[]string{a, read(unitB, "*", "true")}, nil, false, []string{"logged a unknown notCollected"}},
		"record_of_group_only":    {[]string{a, read(groupA, "*", "true")}, nil, false, []string{"logged a unknown notCollected"}},
		"record_incomplete":       {[]string{a, b, setting("a"), read(unitA, "*", "false")}, nil, false, []string{"logged a healthy", "logged b unknown partial"}},
		"record_above":            {[]string{a, hierarchy, read(top, "*", "true")}, nil, false, []string{"logged a unhealthy"}},
		"record_above_incomplete": {[]string{a, b, setting("a"), hierarchy, read(top, settings, "false")}, nil, false, []string{"logged a healthy", "logged b unknown partial"}},
		"record_before_flag":      {[]string{a, read(unitA, "*", "false")}, all(assess.Completeness{All: true}), false, []string{"logged a unknown partial"}},
		"record_before_partial":   {[]string{a, read(unitA, "*", "true")}, nil, true, []string{"logged a unhealthy"}},
		"denied":                  {[]string{a, read(unitA, "*", "true", gap("denied", settings))}, nil, false, []string{"logged a unknown denied"}},
		"throttled":               {[]string{a, read(unitA, "*", "true", gap("throttled", upper(settings)))}, nil, false, []string{"logged a unknown throttled"}},
		"error":                   {[]string{a, read(unitA, settings, "true", gap("error", ""))}, nil, false, []string{"logged a unknown error"}},
		"denied_everything":       {[]string{a, read(unitA, "*", "true", gap("denied", "*"))}, nil, false, []string{"logged a unknown denied"}},
		"denied_beats_error":      {[]string{a, read(unitA, settings, "true", gap("error", settings), gap("denied", settings))}, nil, false, []string{"logged a unknown denied"}},
		"gap_of_one_id": {
			[]string{a, read(unitA, "*", "true", `,"denied":[{"id":"`+groupA+`/providers/Microsoft.Storage/storageAccounts/b","type":"`+settings+`"}]`)},
			nil, false,
			[]string{"logged a unhealthy"},
		},
		"id_alone": {
			[]string{a, b, strings.Replace(setting("a"), `,"properties":{"workspaceId":"w"}`, "", 1), read(unitA, "*", "true")},
			nil, false,
			[]string{"logged a healthy", "logged b unhealthy"},
		},
		"id_alone_and_whole": {
			[]string{a, strings.Replace(setting("a"), `,"properties":{"workspaceId":"w"}`, "", 1), setting("a"), read(unitA, "*", "true")},
			nil, false,
			[]string{"logged a healthy"},
		},
		"type_before_star":    {[]string{a, read(unitA, settings, "true"), read(unitA, "*", "false")}, nil, false, []string{"logged a unhealthy"}},
		"type_after_star":     {[]string{a, read(unitA, "*", "false"), read(unitA, settings, "true")}, nil, false, []string{"logged a unhealthy"}},
		"near_before_far":     {[]string{a, hierarchy, read(unitA, "*", "false"), read(top, "*", "true")}, nil, false, []string{"logged a unknown partial"}},
		"near_after_far":      {[]string{a, hierarchy, read(top, "*", "false"), read(unitA, "*", "true")}, nil, false, []string{"logged a unhealthy"}},
		"type_beats_near":     {[]string{a, hierarchy, read(top, "*", "true", gap("denied", settings)), read(unitA, "*", "true")}, nil, false, []string{"logged a unknown denied"}},
		"newest_counts":       {[]string{a, read(unitA, "*", "true", later), read(unitA, "*", "false", earlier)}, nil, false, []string{"logged a unhealthy"}},
		"newest_counts_too":   {[]string{a, read(unitA, "*", "true", earlier), read(unitA, "*", "false", later)}, nil, false, []string{"logged a unknown partial"}},
		"of_equals_the_worse": {[]string{a, read(unitA, "*", "false"), read(unitA, "*", "true")}, nil, false, []string{"logged a unknown partial"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{logged}, test.lines...)
			o.Complete, o.Partial = test.complete, test.partial
			want(t, o, test.want...)
		})
	}
}

// Both names of resource groups are one type in read records.
func TestCompletenessKnowsResourceGroupsByBothNames(t *testing.T) {
	grouped := definition("grouped", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Resources/resourceGroups", "existenceScope": "Subscription"}}`, "")
	for _, name := range []string{"Microsoft.Resources/resourceGroups", "Microsoft.Resources/subscriptions/resourceGroups"} {
		want(t, options(t, []string{grouped}, account(groupA, "a", secure), read(unitA, name, "true")), "grouped a unhealthy")
	}
}

// A record that says that something has none of a type was an answer about the type:
// it counts as one that occurs, and as no more than that.
func TestCompletenessOfWhatHasNone(t *testing.T) {
	item := func(account, policy string) string {
		return `{"configurationItemCaptureTime":"2026-01-31T10:00:00Z","configurationItemStatus":"OK","awsAccountId":"` + account + `","resourceType":"AWS::S3::Bucket",` +
			`"resourceId":"b","resourceName":"b","configuration":{"name":"b"},"supplementaryConfiguration":{"BucketPolicy":` + policy + `}}`
	}
	tests := map[string]struct {
		policy  string
		partial bool
		want    posture.State
	}{
		"none":            {`{"policyText":null}`, false, posture.Unhealthy},
		"none_in_a_text":  {`"{\"policyText\":null}"`, false, posture.Unhealthy},
		"none_of_partial": {`{"policyText":null}`, true, posture.Unknown},
		"nothing_said":    {`null`, false, posture.Unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			options := assess.Options{BuiltIn: builtIn(t), Now: now, Workers: 1, Partial: test.partial}
			options.Inputs = []assess.Input{text("items", item("111122223333", test.policy))}
			_, checks := run(t, options)
			for _, c := range checks {
				if c.Rule == "s3-bucket-policy-tls-only" {
					if c.State != test.want {
						t.Errorf("got %s, want %s", c.State, test.want)
					}
					return
				}
			}
			t.Error("no check")
		})
	}
}

// An account and a project are there wherever something is in them: none in the input is
// one that was not read, whoever says that all were.
func TestCompleteness_of_units(t *testing.T) {
	owned := func(of, unit string) string {
		return definition("owned", `"if": {"field": "type", "equals": "`+of+`"}, "then": {"effect": "AuditIfNotExists", "details": {"type": "`+unit+`", "existenceScope": "subscription",
			"existenceCondition": {"field": "tags['open']", "exists": true}}}`, "")
	}
	topic := aws("AWS::SNS::Topic", "arn:aws:sns:eu-west-1:"+firstAccount+":t", firstAccount, "eu-west-1", false)
	bucket := `{"name":"//storage.googleapis.com/b","assetType":"storage.googleapis.com/Bucket","ancestors":["projects/1"],"resource":{"data":{"name":"b"}}}`
	project := `{"name":"//cloudresourcemanager.googleapis.com/projects/1","assetType":"cloudresourcemanager.googleapis.com/Project","ancestors":["projects/1"],"resource":{"data":{"projectNumber":"1"}}}`
	flowLog := func(account string) string { return aws("AWS::EC2::FlowLog", "fl-1", account, "eu-west-1", true) }
	tests := map[string]struct {
		rule  string
		lines []string
		want  string
	}{
		"account_that_is_not_there": {owned("AWS::SNS::Topic", "AWS::::Account"), []string{topic, read(firstAccount, "*", "true")}, "unknown notCollected"},
		"account_that_is":           {owned("AWS::SNS::Topic", "AWS::::Account"), []string{topic, aws("AWS::::Account", firstAccount, firstAccount, "", false), read(firstAccount, "*", "true")}, "unhealthy"},
		"account_that_was_denied":   {owned("AWS::SNS::Topic", "AWS::::Account"), []string{topic, read(firstAccount, "*", "true", gap("denied", "AWS::::Account"))}, "unknown denied"},
		"log_of_no_account":         {owned("AWS::SNS::Topic", "AWS::EC2::FlowLog"), []string{topic, flowLog(""), read(firstAccount, "*", "true")}, "unknown partial"},
		"topic_of_no_account":       {owned("AWS::SNS::Topic", "AWS::EC2::FlowLog"), []string{aws("AWS::SNS::Topic", "t", "", "eu-west-1", false), flowLog(firstAccount), read("/", "*", "true")}, "unknown partial"},
		"topic_and_a_log_denied":    {owned("AWS::SNS::Topic", "AWS::EC2::FlowLog"), []string{aws("AWS::SNS::Topic", "t", "", "eu-west-1", false), aws("AWS::EC2::FlowLog", "fl-2", "", "eu-west-1", false), read(firstAccount, "AWS::EC2::FlowLog", "true", gap("denied", "AWS::EC2::FlowLog"))}, "unknown denied"},
		"topic_and_logs_unread":     {owned("AWS::SNS::Topic", "AWS::EC2::FlowLog"), []string{aws("AWS::SNS::Topic", "t", "", "eu-west-1", false), aws("AWS::EC2::FlowLog", "fl-2", "", "eu-west-1", false), read(firstAccount, "AWS::EC2::FlowLog", "false")}, "unknown partial"},
		"topic_and_logs_read_since": {owned("AWS::SNS::Topic", "AWS::EC2::FlowLog"), []string{
			aws("AWS::SNS::Topic", "t", "", "eu-west-1", false), aws("AWS::EC2::FlowLog", "fl-2", "", "eu-west-1", false),
			strings.Replace(read(firstAccount, "AWS::EC2::FlowLog", "false"), "{", `{"startedAt":"2026-11-01T00:00:00Z",`, 1), strings.Replace(read(firstAccount, "AWS::EC2::FlowLog", "true"), "{", `{"startedAt":"2026-11-02T00:00:00Z",`, 1),
		}, "unhealthy"},
		"topic_and_others_unread":   {owned("AWS::SNS::Topic", "AWS::EC2::FlowLog"), []string{aws("AWS::SNS::Topic", "t", "", "eu-west-1", false), aws("AWS::EC2::FlowLog", "fl-2", "", "eu-west-1", false), read(firstAccount, "AWS::SQS::Queue", "false")}, "unhealthy"},
		"log_of_another_account":    {owned("AWS::SNS::Topic", "AWS::EC2::FlowLog"), []string{topic, flowLog(otherAccount), read(firstAccount, "*", "true")}, "unhealthy"},
		"project_that_is_not_there": {owned("storage.googleapis.com/Bucket", "cloudresourcemanager.googleapis.com/Project"), []string{bucket, read("projects/1", "*", "true")}, "unknown notCollected"},
		"project_that_is":           {owned("storage.googleapis.com/Bucket", "cloudresourcemanager.googleapis.com/Project"), []string{bucket, project, read("projects/1", "*", "true")}, "unhealthy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, everything := range []bool{false, true} {
				o := options(t, []string{test.rule}, test.lines...)
				if everything {
					o.Complete = []assess.Completeness{{All: true}}
				}
				if got := judgedAs(t, o); len(got) != 1 || !strings.HasSuffix(got[0], " "+test.want) {
					t.Errorf("%v, want %s", got, test.want)
				}
			}
		})
	}
}
