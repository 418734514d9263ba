package assess_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// Two records of one identity that name no account, and say different things, may tell
// of two resources: it is not the first of them that counts, nor the second.
func TestTorn(t *testing.T) {
	clusters := definition("clusters", `"if": {"field": "type", "equals": "AWS::Redshift::Cluster"}, "then": {"effect": "AuditIfNotExists", "details": {"type": "AWS::Redshift::ClusterParameterGroup",
		"name": "[field('AWS::Redshift::Cluster/ClusterParameterGroupName')]", "existenceScope": "subscription",
		"existenceCondition": {"field": "AWS::Redshift::ClusterParameterGroup/Description", "equals": "good"}}}`, "")
	groups := definition("groups", `"if": {"allOf": [{"field": "type", "equals": "AWS::Redshift::ClusterParameterGroup"}, {"field": "AWS::Redshift::ClusterParameterGroup/Description", "notEquals": "good"}]},
		"then": {"effect": "audit"}`, "")
	answer := func(typeName, id, properties string) string {
		return `{"TypeName":"` + typeName + `","ResourceDescription":{"Identifier":"` + id + `","Properties":"{` + strings.ReplaceAll(properties, `"`, `\"`) + `}"}}`
	}
	cluster := func(id string) string {
		return answer("AWS::Redshift::Cluster", id, `"ClusterIdentifier":"`+id+`","ClusterParameterGroupName":"pg"`)
	}
	group := func(description string) string {
		return answer("AWS::Redshift::ClusterParameterGroup", "pg", `"ParameterGroupName":"pg","Description":"`+description+`"`)
	}
	turned := answer("AWS::Redshift::ClusterParameterGroup", "pg", `"Description":"good","ParameterGroupName":"pg"`)
	line := func(account, region, description string) string {
		return `{"type":"AWS::Redshift::ClusterParameterGroup","id":"pg","account":"` + account + `","region":"` + region + `","properties":{"Description":"` + description + `"}}`
	}
	bucket := func(versioned string) string {
		return answer("AWS::S3::Bucket", "b", `"BucketName":"b","Description":"`+versioned+`"`)
	}
	buckets := strings.ReplaceAll(groups, "AWS::Redshift::ClusterParameterGroup", "AWS::S3::Bucket")
	tests := map[string]struct {
		rule  string
		lines []string
		want  []string
	}{
		"what_they_have":         {groups, []string{group("good"), group("bad")}, []string{"AWS::Redshift::ClusterParameterGroup/pg unknown error"}},
		"the_other_first":        {groups, []string{group("bad"), group("good")}, []string{"AWS::Redshift::ClusterParameterGroup/pg unknown error"}},
		"what_asks_for_them":     {clusters, []string{cluster("a"), group("good"), cluster("b"), group("bad")}, []string{"AWS::Redshift::Cluster/a unknown error", "AWS::Redshift::Cluster/b unknown error"}},
		"the_same_twice":         {clusters, []string{cluster("a"), group("good"), cluster("b"), group("good")}, []string{"AWS::Redshift::Cluster/a healthy", "AWS::Redshift::Cluster/b healthy"}},
		"in_another_order":       {groups, []string{group("good"), turned}, []string{"AWS::Redshift::ClusterParameterGroup/pg healthy"}},
		"an_account":             {groups, []string{line(firstAccount, "", "good"), line(firstAccount, "", "bad")}, []string{firstAccount + "/AWS::Redshift::ClusterParameterGroup/pg healthy"}},
		"a_region":               {groups, []string{line("", "eu-west-1", "good"), line("", "eu-west-1", "bad")}, []string{"eu-west-1/AWS::Redshift::ClusterParameterGroup/pg unknown error"}},
		"an_account_and_region":  {groups, []string{line(firstAccount, "eu-west-1", "good"), line(firstAccount, "eu-west-1", "bad")}, []string{firstAccount + "/eu-west-1/AWS::Redshift::ClusterParameterGroup/pg healthy"}},
		"one_name_in_all_clouds": {buckets, []string{bucket("good"), bucket("bad")}, []string{"AWS::S3::Bucket/b healthy"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, workers := range []int{1, 4} {
				o := options(t, []string{test.rule}, test.lines...)
				o.Workers = workers
				got := judgedAs(t, o)
				slices.Sort(got)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%d workers (-want +got):\n%s", workers, diff)
				}
				if strings.HasSuffix(test.want[0], "error") {
					result, _ := run(t, o)
					if !slices.ContainsFunc(told(result.Problems), func(line string) bool { return strings.Contains(line, "with other contents") }) {
						t.Errorf("told: %q", told(result.Problems))
					}
				}
			}
		})
	}
}

// What stands in an input that could not be opened may be just what is looked for:
// whoever says that all was read.
func TestUnreadInputs(t *testing.T) {
	logged := definition("logged", `"if": {"field": "type", "equals": "AWS::SNS::Topic"}, "then": {"effect": "AuditIfNotExists", "details": {"type": "AWS::EC2::FlowLog", "existenceScope": "subscription",
		"existenceCondition": {"field": "tags['open']", "exists": true}}}`, "")
	topic := aws("AWS::SNS::Topic", "arn:aws:sns:eu-west-1:"+firstAccount+":t", firstAccount, "eu-west-1", false)
	closed := aws("AWS::EC2::FlowLog", "fl-1", firstAccount, "eu-west-1", false)
	for name, complete := range map[string][]assess.Completeness{"nobody_says": nil, "somebody_does": {{All: true}}} {
		for _, lines := range [][]string{{topic, closed}, {topic, closed, read(firstAccount, "*", "true")}} {
			t.Run(name, func(t *testing.T) {
				o := options(t, []string{logged}, lines...)
				o.Complete = complete
				if got := judgedAs(t, o); len(got) != 1 || !strings.HasSuffix(got[0], " unhealthy") {
					t.Errorf("everything could be read: %v", got)
				}
				o.Unread = []inventory.Problem{{File: "below", Reason: "permission denied", Unread: true}}
				reason := "partial"
				if complete == nil && len(lines) == 2 {
					reason = "error"
				}
				if got := judgedAs(t, o); len(got) != 1 || !strings.HasSuffix(got[0], " unknown "+reason) {
					t.Errorf("something could not: %v", got)
				}
				result, _ := run(t, o)
				if c := result.Coverage; c.Rejected != 1 || c.Unknown != 2 || c.Percent != 0 || !slices.Contains(told(result.Problems), "below:0: permission denied") {
					t.Errorf("coverage %+v, told %q", c, told(result.Problems))
				}
			})
		}
	}
}

// A read record that names a volume with its account is about the one of that name whose
// record names none: it may be that.
func TestGapsOfWhatNamesNoAccount(t *testing.T) {
	closed := definition("closed", `"if": {"allOf": [{"field": "type", "equals": "AWS::EC2::Volume"}, {"field": "AWS::EC2::Volume/Encrypted", "notEquals": true}]}, "then": {"effect": "audit"}`, "")
	volume := `{"TypeName":"AWS::EC2::Volume","ResourceDescription":{"Identifier":"vol-0a1","Properties":"{\"VolumeId\":\"vol-0a1\",\"Encrypted\":true}"}}`
	for id, want := range map[string]string{
		"vol-0a1": "unknown denied", "AWS::EC2::Volume/vol-0a1": "unknown denied", "arn:aws:ec2:eu-west-1:" + firstAccount + ":volume/vol-0a1": "unknown denied",
		firstAccount + "/eu-west-1/AWS::EC2::Volume/vol-0a1": "unknown denied", "vol-0a2": "healthy", "arn:aws:ec2:eu-west-1:" + firstAccount + ":volume/vol-0a2": "healthy",
	} {
		t.Run(id, func(t *testing.T) {
			record := `{"bartizan":"read","scope":"` + firstAccount + `","type":"AWS::EC2::Volume","complete":true,"denied":[{"id":"` + id + `","path":"Encrypted"}]}`
			for _, lines := range [][]string{{volume, record}, {record, volume}} {
				if got := judgedAs(t, options(t, []string{closed}, lines...)); len(got) != 1 || !strings.HasSuffix(got[0], " "+want) {
					t.Errorf("%v, want %s", got, want)
				}
			}
		})
	}
}

// What a newer record settles is not missing any more, however the older one calls it.
func TestUnseenThatANewerReadSettles(t *testing.T) {
	closed := definition("closed", `"if": {"allOf": [{"field": "type", "equals": "AWS::EC2::Volume"}, {"field": "AWS::EC2::Volume/Encrypted", "notEquals": true}]}, "then": {"effect": "audit"}`, "")
	volume := `{"type":"AWS::EC2::Volume","id":"vol-2","account":"` + firstAccount + `","region":"eu-west-1","properties":{"Encrypted":true}}`
	for _, id := range []string{"vol-9", "arn:aws:ec2:eu-west-1:" + firstAccount + ":volume/vol-9", firstAccount + "/eu-west-1/AWS::EC2::Volume/vol-9"} {
		for since, want := range map[string]int{"2026-02-01T00:00:00Z": 0, "2025-12-01T00:00:00Z": 1} {
			t.Run(id+" "+since, func(t *testing.T) {
				record := func(at, more string) string {
					return `{"bartizan":"read","scope":"` + firstAccount + `","type":"AWS::EC2::Volume","startedAt":"` + at + `","complete":true` + more + `}`
				}
				result, _ := run(t, options(t, []string{closed}, volume, record("2026-01-01T00:00:00Z", `,"denied":[{"id":"`+id+`"}]`), record(since, "")))
				if got := result.Coverage.UnseenCount(); got != want || result.Coverage.Judged != 1 {
					t.Errorf("%d unseen, %d judged; want %d, 1", got, result.Coverage.Judged, want)
				}
			})
		}
	}
}
