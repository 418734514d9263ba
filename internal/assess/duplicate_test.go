package assess_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// Of duplicate ids the wholly read body wins, then the first.
func TestDuplicates(t *testing.T) {
	first, second := account(groupA, "a", secure), account(groupA, "a", plain)
	bodiless := account(groupA, "a", "")
	shouted := `{"id":"` + upper(groupA) + `/PROVIDERS/microsoft.storage/STORAGEACCOUNTS/A/","name":"A","type":"Microsoft.Storage/storageAccounts","properties":{"supportsHttpsTrafficOnly":false}}`
	tests := map[string]struct {
		inputs [][]string
		want   string
	}{
		"first_counts":              {[][]string{{first, second}}, "https a healthy"},
		"first_counts_too":          {[][]string{{second, first}}, "https a unhealthy"},
		"whole_counts":              {[][]string{{bodiless, second, first}}, "https a unhealthy"},
		"whole_counts_before":       {[][]string{{first, bodiless}}, "https a healthy"},
		"across_files":              {[][]string{{first}, {second}}, "https a healthy"},
		"across_files_whole":        {[][]string{{bodiless}, {second}}, "https a unhealthy"},
		"on_one_line":               {[][]string{{"[" + first + "," + second + "]"}}, "https a healthy"},
		"on_one_line_too":           {[][]string{{"[" + second + "," + first + "]"}}, "https a unhealthy"},
		"on_one_line_whole":         {[][]string{{"[" + bodiless + "," + second + "]"}}, "https a unhealthy"},
		"on_one_line_across_files":  {[][]string{{"[" + bodiless + "]"}, {"[" + second + "," + first + "]"}}, "https a unhealthy"},
		"in_another_case":           {[][]string{{first, shouted}}, "https a healthy"},
		"in_another_case_and_first": {[][]string{{shouted, first}}, "https A unhealthy"},
	}
	for name, test := range tests {
		for _, workers := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				o := options(t, []string{https})
				o.Inputs, o.Workers = nil, workers
				for i, lines := range test.inputs {
					o.Inputs = append(o.Inputs, text(string(rune('a'+i)), lines...))
				}
				want(t, o, test.want)
				if result, _ := run(t, o); result.Total != 1 {
					t.Errorf("%d resources, want 1", result.Total)
				}
			})
		}
	}
}

// Of dated records the newest counts; of those of one time the whole one, then the
// first.
func TestNewestRecords(t *testing.T) {
	item := func(day, tags, more string) string {
		return `{"configurationItemCaptureTime":"2026-01-0` + day + `T00:00:00Z","configurationItemStatus":"OK","awsAccountId":"111122223333","awsRegion":"eu-west-1","resourceType":"AWS::IAM::Role","resourceId":"AROA","ARN":"arn:aws:iam::111122223333:role/r","tags":{` + tags + `},"configuration":{"roleName":"r","maxSessionDuration":3600}` + more + `}`
	}
	const closed, opened = `"a":"b"`, `"open":"x"`
	gone := strings.Replace(item("3", "", ""), `"OK"`, `"ResourceDeleted"`, 1)
	cloudFormation := aws("AWS::IAM::Role", "arn:aws:iam::111122223333:role/r", firstAccount, "", true)
	healthy, unhealthy := []string{"arn:aws:iam::111122223333:role/r healthy"}, []string{"arn:aws:iam::111122223333:role/r unhealthy"}
	tests := map[string]struct {
		inputs     [][]string
		want       []string
		duplicates int
	}{
		"newest_last":        {[][]string{{item("1", closed, ""), item("2", opened, "")}}, unhealthy, 1},
		"newest_first":       {[][]string{{item("2", opened, ""), item("1", closed, "")}}, unhealthy, 1},
		"across_files":       {[][]string{{item("1", closed, "")}, {item("2", opened, "")}, {item("1", closed, "")}}, unhealthy, 2},
		"of_one_time":        {[][]string{{item("1", closed, "")}, {item("2", opened, ""), item("2", closed, "")}}, unhealthy, 2},
		"on_one_line":        {[][]string{{"[" + item("1", closed, "") + "," + item("2", opened, "") + "]"}}, unhealthy, 1},
		"on_one_line_turned": {[][]string{{"[" + item("2", opened, "") + "," + item("1", closed, "") + "]"}}, unhealthy, 1},
		"gone":               {[][]string{{item("1", closed, ""), item("2", opened, "")}, {gone}}, nil, 2},
		"there_again":        {[][]string{{gone}, {item("4", closed, ""), item("2", opened, "")}}, healthy, 1},
		"of_another_shape":   {[][]string{{item("1", closed, "")}, {cloudFormation}}, healthy, 1},
		"gone_elsewhere":     {[][]string{{cloudFormation}, {item("1", closed, ""), gone}}, unhealthy, 1},
	}
	for name, test := range tests {
		for _, workers := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				o := options(t, []string{open})
				o.Inputs, o.Workers = nil, workers
				for i, lines := range test.inputs {
					o.Inputs = append(o.Inputs, text(string(rune('a'+i)), lines...))
				}
				if diff := cmp.Diff(test.want, judgedAs(t, o)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				result, _ := run(t, o)
				if result.Duplicates != test.duplicates || len(result.Problems) != test.duplicates {
					t.Errorf("%d duplicates, told %v; want %d", result.Duplicates, result.Problems, test.duplicates)
				}
			})
		}
	}
}

// A policy that is newer than the end of its asset counts, in whatever order the
// records come.
func TestPolicyOfAnAssetThatIsGone(t *testing.T) {
	const bucket = `"name":"//storage.googleapis.com/b","assetType":"storage.googleapis.com/Bucket","ancestors":["projects/42"]`
	lines := []string{
		`{` + bucket + `,"iamPolicy":{"bindings":[{"role":"r","members":["allUsers"]}]},"updateTime":"2026-01-26T10:00:00Z"}`,
		`{` + bucket + `,"resource":{"data":{"location":"US"}},"updateTime":"2026-01-02T10:00:00Z"}`,
		`{` + bucket + `,"resource":{"data":{"location":"EU"}},"updateTime":"2026-01-03T10:00:00Z"}`,
		`{"asset":{` + bucket + `},"deleted":true,"window":{"startTime":"2026-01-14T10:00:00Z"}}`,
	}
	granted := definition("granted", `"if":{"allOf":[{"field":"type","equals":"storage.googleapis.com/Bucket"},
		{"field":"storage.googleapis.com/Bucket/iamPolicy.bindings[*].role","equals":"r"}]},"then":{"effect":"audit"}`, "")
	want := []string{"//storage.googleapis.com/b unhealthy"}
	var permute func(n int)
	permute = func(n int) {
		if n == len(lines) {
			if diff := cmp.Diff(want, judgedAs(t, options(t, []string{granted}, lines...))); diff != "" {
				t.Errorf("(-want +got):\n%s\nof\n%s", diff, strings.Join(lines, "\n"))
			}
			return
		}
		for i := n; i < len(lines); i++ {
			lines[n], lines[i] = lines[i], lines[n]
			permute(n + 1)
			lines[n], lines[i] = lines[i], lines[n]
		}
	}
	permute(0)
}

// A record that only tells what a resource of AWS is called was not read, whatever it
// calls it.
func TestIdentifiersDoNotCount(t *testing.T) {
	called := `{"type":"AWS::EC2::Instance","id":"srv","account":"` + firstAccount + `","region":"eu-west-1","tags":{"other":"x"},"properties":{"InstanceId":"i-1"}}`
	read := aws("AWS::EC2::Instance", "i-1", firstAccount, "eu-west-1", true)
	want := []string{firstAccount + "/eu-west-1/AWS::EC2::Instance/i-1 unhealthy"}
	if diff := cmp.Diff(want, judgedAs(t, options(t, []string{open}, called, read))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A duplicate that lost is nobody's related resource.
func TestDuplicatesAreNoCandidates(t *testing.T) {
	enabled := definition("watched", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Network/networkWatchers", "existenceScope": "Subscription",
		"existenceCondition": {"field": "Microsoft.Network/networkWatchers/enabled", "equals": true}}}`, "")
	watcher := func(enabled string) string {
		return `{"id":"` + groupA + `/providers/Microsoft.Network/networkWatchers/w","name":"w","type":"Microsoft.Network/networkWatchers","properties":{"enabled":` + enabled + `}}`
	}
	a, off, on := account(groupA, "a", secure), watcher("false"), watcher("true")
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"lost_on_another_line": {[]string{a, off, on}, "watched a unhealthy"},
		"lost_on_the_line":     {[]string{a, "[" + off + "," + on + "]"}, "watched a unhealthy"},
		"won":                  {[]string{a, on, off}, "watched a healthy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{enabled}, test.lines...), test.want)
		})
	}
}

// tagged is unhealthy outside groups that are tagged for production.
var tagged = definition("tagged", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
	{"value": "[resourceGroup().tags.stage]", "notEquals": "production"}]}, "then": {"effect": "Audit"}`, "")

func group(id, rest string) string {
	return `{"id":"` + id + `","name":"app","type":"Microsoft.Resources/resourceGroups","location":"westeurope"` + rest + `}`
}

// Groups and subscriptions may come behind what asks for them.
func TestSurroundings(t *testing.T) {
	a := account(groupA, "a", secure)
	production, test := `,"tags":{"stage":"production"}`, `,"tags":{"stage":"test"}`
	named := definition("named", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		{"value": "[subscription().displayName]", "notEquals": "Shop"}]}, "then": {"effect": "Audit"}`, "")
	managed := definition("managed", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		{"value": "[empty(resourceGroup().managedBy)]", "equals": true}, {"value": "[length(resourceGroup().tags)]", "equals": 0}]}, "then": {"effect": "Audit"}`, "")
	untagged := definition("untagged", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		{"value": "[length(subscription().tags)]", "equals": 0}]}, "then": {"effect": "Audit"}`, "")
	shop := `{"id":"` + unitA + `","name":"x","type":"Microsoft.Resources/subscriptions","properties":{"displayName":"Shop"}}`
	tests := map[string]struct {
		policy string
		lines  []string
		want   string
	}{
		"group_before":             {tagged, []string{group(groupA, production), a}, "tagged a healthy"},
		"group_behind":             {tagged, []string{a, group(groupA, production)}, "tagged a healthy"},
		"group_in_another_case":    {tagged, []string{a, group(upper(groupA), production)}, "tagged a healthy"},
		"first_of_two_groups":      {tagged, []string{a, group(groupA, test), group(groupA, production)}, "tagged a unhealthy"},
		"group_not_read":           {tagged, []string{a}, "tagged a unknown notCollected"},
		"another_group":            {tagged, []string{a, group(unitA+"/resourceGroups/other", production)}, "tagged a unknown notCollected"},
		"subscription_before":      {named, []string{shop, a}, "named a healthy"},
		"subscription_behind":      {named, []string{a, shop}, "named a healthy"},
		"subscriptions_have_tags":  {untagged, []string{shop, a}, "untagged a unhealthy"},
		"always_tags_and_managers": {managed, []string{a, group(groupA, "")}, "managed a unhealthy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{test.policy}, test.lines...), test.want)
		})
	}
}

// What stands around a resource that was not read decides as it does around others: a
// check that such a resource may pass is open.
func TestSurroundings_of_what_was_not_read(t *testing.T) {
	const other = groupA + "/providers/A.B/c/d"
	looks := func(condition string) string {
		return definition("looks", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
			"then": {"effect": "AuditIfNotExists", "details": {"type": "A.B/c", "existenceCondition": `+condition+`}}`, "")
	}
	shop := `{"id":"` + unitA + `","name":"x","type":"Microsoft.Resources/subscriptions","properties":{"displayName":"Shop"}}`
	denied := read(unitA, "*", "true", `,"denied":[{"id":"`+other+`"}]`)
	listed := `{"id":"` + other + `","type":"A.B/c","name":"d"}`
	for name, test := range map[string]struct{ condition, beside, want string }{
		"name":          {`{"value": "[subscription().displayName]", "equals": "Shop"}`, denied, "looks a unknown denied"},
		"another":       {`{"value": "[subscription().displayName]", "equals": "Bank"}`, denied, "looks a unhealthy"},
		"id":            {`{"value": "[subscription().id]", "exists": true}`, denied, "looks a unknown denied"},
		"listed":        {`{"value": "[subscription().displayName]", "equals": "Shop"}`, listed + "\n" + read(unitA, "*", "true"), "looks a healthy"},
		"group_of_both": {`{"value": "[resourceGroup().name]", "equals": "app"}`, denied, "looks a unknown denied"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{looks(test.condition)}, shop, group(groupA, ""), account(groupA, "a", plain), test.beside), test.want)
		})
	}
}

// A subscription's name is that of its record, as `policy eval` has it, and in the
// full name its id stands.
func TestNameOfSubscription(t *testing.T) {
	named := definition("named", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Resources/subscriptions"},
		{"field": "name", "equals": "Shop"}, {"field": "fullName", "notEquals": "Shop"}]}, "then": {"effect": "Audit"}`, "")
	record := func(name string) string {
		return `{"id":"` + unitA + `","type":"Microsoft.Resources/subscriptions"` + name + `,"properties":{"state":"Enabled"}}`
	}
	for name, test := range map[string]struct{ record, want string }{
		"of_resource_graph": {record(`,"name":"Shop"`), "named Shop unhealthy"},
		"none":              {record(`,"displayName":"Shop"`), "named " + unitA[len("/subscriptions/"):] + " notApplicable"},
	} {
		t.Run(name, func(t *testing.T) { want(t, options(t, []string{named}, test.record), test.want) })
	}
}

// Of other clouds the account or the project stands for the subscription, and there
// are no resource groups: what is not known of the account decides nothing.
func TestSubscriptionOfOtherClouds(t *testing.T) {
	rule := func(typeName, condition string) string {
		return definition("rule", `"if": {"allOf": [{"field": "type", "equals": "`+typeName+`"}, `+condition+`]}, "then": {"effect": "Audit"}`, "")
	}
	const bucket, store, machine = "AWS::S3::Bucket", "storage.googleapis.com/Bucket", "machine"
	const (
		first  = `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::a","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"a"}}`
		second = `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"999988887777","region":"eu-west-1","properties":{"BucketName":"b"}}`
		google = `{"name":"//storage.googleapis.com/g","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"name":"g"}},"ancestors":["projects/shop"]}`
		number = `{"name":"//storage.googleapis.com/g","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"name":"g"}},"ancestors":["projects/42"]}`
		server = `{"type":"machine","id":"m","group":"plant","properties":{"os":{"family":"linux"}}}`
	)
	tests := map[string]struct {
		policy string
		lines  []string
		want   []string
	}{
		"accounts": {
			rule(bucket, `{"value": "[subscription().subscriptionId]", "equals": "111122223333"}`),
			[]string{first, second},
			[]string{"rule a unhealthy", "rule b healthy"},
		},
		"project":           {rule(store, `{"value": "[subscription().id]", "equals": "projects/shop"}`), []string{google}, []string{"rule g unhealthy"}},
		"project_id":        {rule(store, `{"value": "[subscription().subscriptionId]", "equals": "shop"}`), []string{google}, []string{"rule g unhealthy"}},
		"project_by_number": {rule(store, `{"value": "[subscription().subscriptionId]", "equals": "shop"}`), []string{number}, []string{"rule g unknown notCollected"}},
		"project_left_open": {
			rule(store, `{"value": "[subscription().subscriptionId]", "equals": "shop"}`),
			[]string{strings.Replace(number, "//storage.googleapis.com/g", "//storage.googleapis.com/projects/_/buckets/g", 1)},
			[]string{"rule g unknown notCollected"},
		},
		"account_not_known":  {rule("AWS::EC2::Volume", `{"value": "[subscription().subscriptionId]", "equals": "1"}`), []string{`{"type":"AWS::EC2::Volume","id":"v","properties":{"Encrypted":true}}`}, []string{"rule v unknown notCollected"}},
		"name":               {rule(bucket, `{"value": "[subscription().displayName]", "equals": "shop"}`), []string{first}, []string{"rule a unknown notCollected"}},
		"tags":               {rule(bucket, `{"value": "[subscription().tags.stage]", "equals": "test"}`), []string{first}, []string{"rule a unknown notCollected"}},
		"tags_by_key":        {rule(bucket, `{"value": "[contains(subscription(), 'tags')]", "equals": true}`), []string{first}, []string{"rule a unknown notCollected"}},
		"no_group":           {rule(bucket, `{"value": "[empty(resourceGroup())]", "equals": true}`), []string{first}, []string{"rule a unhealthy"}},
		"machines_have_none": {rule(machine, `{"value": "[empty(subscription())]", "equals": true}`), []string{server}, []string{"rule m unhealthy"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{test.policy}, test.lines...), test.want...)
		})
	}
}

// Assessing twice reads twice; nothing of the first run is left in the second.
func TestChecksMayBeReadTwice(t *testing.T) {
	o := options(t, []string{https, logged}, account(groupA, "a", plain), account(groupA, "a", secure), account(groupA, "b", plain))
	_, checks, err := assess.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		n := 0
		for _, err := range checks {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 4 {
			t.Errorf("%d checks, want 4", n)
		}
	}
	for range checks { // stopping early is no error
		break
	}
}
