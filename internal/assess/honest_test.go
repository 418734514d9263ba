package assess_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// brokenOff is an input that ends in an error behind its lines.
func brokenOff(name string, lines ...string) assess.Input {
	content := strings.Join(lines, "\n") + "\n"
	return assess.Input{Name: name, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(content), failing{})), nil
	}}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("unexpected EOF") }

// What could not be read is never full coverage.
func TestRejectedInputLowersCoverage(t *testing.T) {
	a, b := account(groupA, "a", secure), account(groupA, "b", secure)
	tests := map[string]struct {
		input    assess.Input
		rejected int
		percent  float64
	}{
		"nothing_lost":     {text("in", a, b), 0, 100},
		"a_broken_line":    {text("in", a, `{"id":`), 1, 50},
		"two_broken_lines": {text("in", a, `{"id":`, b, `7`), 2, 50},
		"breaks_off":       {brokenOff("in", a), 1, 50},
		"read_twice":       {text("in", a, `{"id":`, a), 1, 50},
		"breaks_off_twice": {brokenOff("in", a, a), 1, 50},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https})
			o.Inputs = []assess.Input{test.input}
			result, _ := run(t, o)
			c := result.Coverage
			if c.Rejected != test.rejected || c.Unknown != test.rejected || c.Reasons[posture.Failed] != test.rejected || c.Percent != test.percent {
				t.Errorf("%+v, want %d rejected and %v %%", c, test.rejected, test.percent)
			}
		})
	}
}

// cut breaks a line behind the name of its resource.
func cut(line string) string { return line[:strings.Index(line, `","type"`)+len(`","type`)] }

// That a type occurs does not make it complete where records were lost.
func TestRejectedInputAndCompleteness(t *testing.T) {
	a, b, lost := account(groupA, "a", secure), account(groupA, "b", secure), `{"id":"`
	tests := map[string]struct {
		lines    []string
		complete []assess.Completeness
		partial  bool
		want     []string
	}{
		"type_occurs":         {[]string{a, b, setting("a"), lost}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
		"lost_first":          {[]string{lost, a, b, setting("a")}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
		"type_does_not_occur": {[]string{a, lost}, nil, false, []string{"logged a unknown notCollected"}},
		"record_decides":      {[]string{a, lost, read(unitA, settings, "true")}, nil, false, []string{"logged a unhealthy"}},
		"flag_decides":        {[]string{a, lost}, []assess.Completeness{{All: true}}, false, []string{"logged a unhealthy"}},
		"partial":             {[]string{a, b, setting("a"), lost}, nil, true, []string{"logged a healthy", "logged b unknown partial"}},

		// A line that breaks behind its id was one of that type and unit, or one of the others that it names.
		"another_type":          {[]string{a, b, setting("a"), cut(account(groupA, "c", secure))}, nil, false, []string{"logged a healthy", "logged b unhealthy"}},
		"the_type":              {[]string{a, b, setting("a"), cut(setting("c"))}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
		"the_type_elsewhere":    {[]string{a, b, setting("a"), cut(strings.Replace(setting("c"), unitA, unitB, 1))}, nil, false, []string{"logged a healthy", "logged b unhealthy"}},
		"two_on_a_line":         {[]string{a, b, setting("a"), cut(account(groupA, "c", secure)) + setting("c")}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
		"two_and_no_fault":      {[]string{a, b, setting("a"), account(groupA, "c", `,"tags":{"x":`) + setting("c")}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
		"within_the_id":         {[]string{a, b, setting("a"), account(groupA, "c", secure)[:90]}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
		"before_the_id":         {[]string{a, b, setting("a"), `{"properties":{,"id":"` + groupA + `/providers/A.B/c/d"}`}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
		"one_key_twice":         {[]string{a, b, setting("a"), account(groupA, "c", `,"name":"d"`)}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
		"a_type_that_is_none":   {[]string{a, b, setting("a"), `{"id":"` + groupA + `/providers/Microsoft.Storage/storageAccounts/c","type":5}`}, nil, false, []string{"logged a healthy", "logged b unhealthy"}},
		"not_utf-8":             {[]string{a, b, setting("a"), account(groupA, "c", ",\"tags\":{\"x\":\"\xff\"}")}, nil, false, []string{"logged a healthy", "logged b unhealthy"}},
		"odd_but_there":         {[]string{a, b, setting("a"), account(unitB+"/resourceGroups/g", "c", `,"properties":7`)}, nil, false, []string{"logged a healthy", "logged b unhealthy", "logged c unknown notCollected"}},
		"an_odd_machine":        {[]string{a, b, setting("a"), `{"type":"machine","id":"m","properties":{"kernel":null}}`}, nil, false, []string{"logged a healthy", "logged b unhealthy"}},
		"an_id_alone":           {[]string{a, b, setting("a"), `{"id":"` + unitB + `/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/c"}`}, nil, false, []string{"logged a healthy", "logged b unhealthy"}},
		"and_one_of_which_none": {[]string{a, b, setting("a"), cut(account(groupA, "c", secure)), lost}, nil, false, []string{"logged a healthy", "logged b unknown error"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{logged}, test.lines...)
			o.Complete, o.Partial = test.complete, test.partial
			want(t, o, test.want...)
		})
	}
}

// A gap of a resource that was not read at all leaves open whether there is one.
func TestGapsOfRelatedResources(t *testing.T) {
	a, b := account(groupA, "a", secure), account(groupA, "b", secure)
	id := groupA + "/providers/Microsoft.Storage/storageAccounts/a"
	one := id + "/providers/" + settings + "/log"
	denied := func(entry string) string { return `,"denied":[{` + entry + `}]` }
	tests := map[string]struct {
		lines []string
		want  []string
	}{
		"setting":                {[]string{a, read(unitA, settings, "true", denied(`"id":"`+one+`"`))}, []string{"logged a unknown denied"}},
		"setting_in_other_case":  {[]string{a, read(unitA, "*", "true", denied(`"id":"`+upper(one)+`"`))}, []string{"logged a unknown denied"}},
		"setting_first":          {[]string{read(unitA, "*", "true", denied(`"id":"`+one+`"`)), a}, []string{"logged a unknown denied"}},
		"collection":             {[]string{a, read(unitA, settings, "true", denied(`"id":"`+id+"/providers/"+settings+`"`))}, []string{"logged a unknown denied"}},
		"collection_of_all":      {[]string{a, read(unitA, "*", "true", denied(`"id":"`+id+"/providers/"+settings+`"`))}, []string{"logged a unknown denied"}},
		"all_of_the_resource":    {[]string{a, b, read(unitA, "*", "true", denied(`"id":"`+id+`"`))}, []string{"logged a unknown denied", "logged b unhealthy"}},
		"body_of_the_resource":   {[]string{a, read(unitA, "Microsoft.Storage/storageAccounts", "true", denied(`"id":"`+id+`"`)), read(unitA, settings, "true")}, []string{"logged a unhealthy"}},
		"settings_of_a_resource": {[]string{a, b, read(unitA, settings, "true", denied(`"type":"`+settings+`","id":"`+id+`"`))}, []string{"logged a unknown denied", "logged b unhealthy"}},
		"that_was_read":          {[]string{a, b, setting("a"), read(unitA, settings, "true", denied(`"id":"`+one+`"`))}, []string{"logged a healthy", "logged b unhealthy"}},
		"a_path_of_it":           {[]string{a, read(unitA, settings, "true", denied(`"id":"`+one+`","path":"properties.x"`))}, []string{"logged a unknown denied"}},
		"setting_of_another":     {[]string{a, b, read(unitA, settings, "true", denied(`"id":"`+one+`"`))}, []string{"logged a unknown denied", "logged b unhealthy"}},
		"collection_of_another":  {[]string{a, b, read(unitA, settings, "true", denied(`"id":"`+id+"/providers/"+settings+`"`))}, []string{"logged a unknown denied", "logged b unhealthy"}},
		"of_one_not_in_input":    {[]string{b, read(unitA, settings, "true", denied(`"type":"`+settings+`","id":"`+id+`"`))}, []string{"logged b unhealthy"}},
		"of_the_group":           {[]string{a, group(groupA, `,"properties":{}`), read(unitA, "*", "true", denied(`"type":"`+settings+`","id":"`+groupA+`"`))}, []string{"logged a unknown denied"}},
		"read_completely_later":  {[]string{a, read(unitA, settings, "true", denied(`"id":"`+one+`"`), earlier), read(unitA, settings, "true", later)}, []string{"logged a unhealthy"}},
		"read_completely_before": {[]string{a, read(unitA, settings, "true", denied(`"id":"`+one+`"`), later), read(unitA, settings, "true", earlier)}, []string{"logged a unknown denied"}},
		"and_the_rest_unread":    {[]string{a, b, read(unitA, settings, "false", denied(`"id":"`+one+`"`))}, []string{"logged a unknown denied", "logged b unknown partial"}},
		"in_another_unit":        {[]string{a, read("/", settings, "true", denied(`"id":"`+strings.Replace(one, unitA, unitB, 1)+`"`))}, []string{"logged a unhealthy"}},
		"of_another_type":        {[]string{a, read(unitA, "*", "true", denied(`"id":"`+groupA+`/providers/A.B/c/d"`))}, []string{"logged a unhealthy"}},
		"found_all_the_same":     {[]string{a, setting("a"), read(unitA, "*", "true", denied(`"id":"`+id+`"`))}, []string{"logged a healthy"}},
		"denied_in_a_group":      {[]string{a, read("/", settings, "true"), read(groupA, settings, "true", gap("denied", settings))}, []string{"logged a unknown denied"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{logged}, test.lines...), test.want...)
		})
	}
}

// The account of an ARN tells where a related resource that was not read lies.
func TestGapsOfRelatedResourcesOfAWS(t *testing.T) {
	rule := definition("watched", `"if": {"field": "type", "equals": "AWS::S3::Bucket"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "AWS::Logs::LogGroup", "existenceScope": "Subscription"}}`, "")
	bucket := `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`
	for arn, expected := range map[string]string{
		"arn:aws:logs:eu-west-1:111122223333:log-group:x": "unknown throttled",
		"arn:aws:logs:eu-west-1:444455556666:log-group:x": "unhealthy",
		"arn:aws:logs:::x": "unknown throttled",
		"//logging.googleapis.com/projects/p/sinks/x": "unhealthy",
		"arn:aws:s3:::b": "unknown throttled", // what belongs to the bucket
	} {
		throttled := `,"throttled":[{"id":"` + arn + `"}]`
		want(t, options(t, []string{rule}, bucket, read("/", "AWS::Logs::LogGroup", "true", throttled)), "watched b "+expected)
	}
}

// Where a provider has a list, and the input an object or a text, nobody can tell:
// that is named, and what rests on it is unknown, also of a related resource.
func TestValuesOfAnotherType(t *testing.T) {
	const ports = `{"count": {"field": "AWS::EC2::SecurityGroup/SecurityGroupIngress[*]",
		"where": {"field": "AWS::EC2::SecurityGroup/SecurityGroupIngress[*].CidrIp", "equals": "0.0.0.0/0"}}, "greater": 0}`
	closed := definition("closed", `"if": {"allOf": [{"field": "type", "equals": "AWS::EC2::SecurityGroup"}, `+ports+`]}, "then": {"effect": "Audit"}`, "")
	guarded := definition("guarded", `"if": {"field": "type", "equals": "AWS::EC2::VPC"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "AWS::EC2::SecurityGroup", "existenceScope": "Subscription", "existenceCondition": `+ports+`}}`, "")
	named := definition("named", `"if": {"allOf": [{"field": "type", "equals": "AWS::EC2::SecurityGroup"}, {"field": "AWS::EC2::SecurityGroup/GroupName", "equals": "x"}]},
		"then": {"effect": "Audit"}`, "")
	group := func(ingress string) string {
		return `{"type":"AWS::EC2::SecurityGroup","id":"sg","account":"111122223333","region":"eu-west-1","properties":{"GroupName":"x","SecurityGroupIngress":` + ingress + `}}`
	}
	vpc := `{"type":"AWS::EC2::VPC","id":"vpc","account":"111122223333","region":"eu-west-1","properties":{"VpcId":"vpc"}}`
	tests := map[string]struct {
		ingress string
		want    []string
		told    string
	}{
		"list":   {`[{"CidrIp":"0.0.0.0/0"}]`, []string{"closed sg unhealthy", "guarded vpc healthy", "named sg unhealthy"}, ""},
		"object": {`{"CidrIp":"0.0.0.0/0"}`, []string{"closed sg unknown error", "guarded vpc unknown error", "named sg unhealthy"}, "properties.SecurityGroupIngress is object, want array"},
		"text":   {`"[{}]"`, []string{"closed sg unknown error", "guarded vpc unknown error", "named sg unhealthy"}, "properties.SecurityGroupIngress is string, want array"},
		"item":   {`["0.0.0.0/0"]`, []string{"closed sg unknown error", "guarded vpc unknown error", "named sg unhealthy"}, "properties.SecurityGroupIngress[0] is string, want object"},
		"other_items_tell": {
			`["0.0.0.0/0",{"CidrIp":"0.0.0.0/0"}]`,
			[]string{"closed sg unhealthy", "guarded vpc healthy", "named sg unhealthy"},
			"properties.SecurityGroupIngress[0] is string, want object",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{closed, guarded, named}, vpc, group(test.ingress))
			want(t, o, test.want...)
			result, _ := run(t, o)
			told := ""
			for _, p := range result.Problems {
				told += p.Place() + ": " + p.Reason
			}
			if test.told != "" {
				test.told = `in.jsonl:2: AWS::EC2::SecurityGroup "sg": ` + test.told
			}
			if told != test.told || (result.Coverage.Rejected == 1) != (told != "") {
				t.Errorf("told %q, %d rejected; want %q", told, result.Coverage.Rejected, test.told)
			}
		})
	}
}

// Paths of gaps may leave out properties.
func TestGapPathsWithoutProperties(t *testing.T) {
	for _, path := range []string{"supportsHttpsTrafficOnly", "properties.supportsHttpsTrafficOnly"} {
		denied := `,"denied":[{"id":"` + groupA + `/providers/Microsoft.Storage/storageAccounts/a","path":"` + path + `"}]`
		want(t, options(t, []string{https}, account(groupA, "a", `,"properties":{}`), read(unitA, "*", "true", denied)), "https a unknown denied")
	}
}

// What a body has at a path that was not read is not believed; if nobody knows which
// path is meant, nothing of it is.
func TestGapPathsOfWhatIsThere(t *testing.T) {
	for path, state := range map[string]string{
		`"/properties/supportsHttpsTrafficOnly"`:                       "unknown denied",
		`"/properties/other"`:                                          "healthy",
		`"supportsHttpsTrafficOnly/"`:                                  "unknown denied",
		`"Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly"`: "unknown denied",
		`5`:                    "unknown denied",
		`["properties.other"]`: "unknown denied",
		`{"path":"tags"}`:      "unknown denied",
		`null`:                 "healthy",
	} {
		denied := `,"denied":[{"id":"` + groupA + `/providers/Microsoft.Storage/storageAccounts/a","path":` + path + `}]`
		want(t, options(t, []string{https}, account(groupA, "a", secure), read(unitA, "*", "true", denied)), "https a "+state)
	}
}

// A location that was not read is not "global", nor what the record has; nor is a name
// where the id does not tell it.
func TestGapsOfLocations(t *testing.T) {
	located := definition("located", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		{"field": "location", "notIn": ["westeurope", "global"]}]}, "then": {"effect": "audit"}`, "")
	group := definition("group", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"},
		{"field": "location", "equals": "northeurope"}]}, "then": {"effect": "audit"}`, "")
	bucket := definition("bucket", `"if": {"allOf": [{"field": "type", "equals": "storage.googleapis.com/Bucket"},
		{"field": "location", "equals": "eu"}]}, "then": {"effect": "audit"}`, "")
	named := definition("named", `"if": {"allOf": [{"field": "type", "in": ["machine", "Microsoft.Network/virtualNetworks"]}, {"field": "name", "like": "bad*"}]},
		"then": {"effect": "audit"}`, "")
	machine := `{"type":"machine","id":"m","group":"g","properties":{"a":{"b":1}}}`
	network := groupA + "/providers/Microsoft.Network/virtualNetworks/n"
	bare := strings.Replace(account(groupA, "a", secure), `"location":"westeurope",`, "", 1)
	id := groupA + "/providers/Microsoft.Storage/storageAccounts/a"
	asset := `{"name":"//storage.googleapis.com/b","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"id":"b","location":"us"}},"ancestors":["projects/42"]}`
	tests := map[string]struct{ line, denied, want string }{
		"read":              {bare, "", "located a healthy"},
		"denied":            {bare, `{"id":"` + id + `","path":"location"}`, "located a unknown denied"},
		"denied_pointer":    {bare, `{"id":"` + id + `","path":"/location"}`, "located a unknown denied"},
		"denied_all":        {bare, `{"id":"` + id + `"}`, "located a unknown denied"},
		"denied_by_type":    {bare, `{"type":"Microsoft.Storage/storageAccounts"}`, "located a unknown denied"},
		"denied_there":      {account(groupA, "a", secure), `{"id":"` + id + `","path":"location"}`, "located a unknown denied"},
		"denied_all_there":  {account(groupA, "a", secure), `{"id":"` + id + `"}`, "located a healthy"},
		"denied_of_a_group": {`{"id":"` + groupA + `","name":"app","type":"Microsoft.Resources/resourceGroups","tags":{}}`, `{"id":"` + groupA + `","path":"location"}`, "group app unknown denied"},
		"asset":             {asset, "", "bucket b healthy"},
		"asset_data":        {asset, `{"id":"//storage.googleapis.com/b","path":"resource.data.location"}`, "bucket b unknown denied"},
		"asset_pointer":     {asset, `{"id":"//storage.googleapis.com/b","path":"/resource/data/location"}`, "bucket b unknown denied"},
		"asset_properties":  {asset, `{"id":"//storage.googleapis.com/b","path":"properties.location"}`, "bucket b unknown denied"},
		"asset_location":    {asset, `{"id":"//storage.googleapis.com/b","path":"location"}`, "bucket b unknown denied"},
		"machine":           {machine, `{"id":"m","path":"tags"}`, "named m healthy"},
		"machine_name":      {machine, `{"id":"m","path":"name"}`, "named m unknown denied"}, // it may have another than its id
		"azure_name":        {`{"id":"` + network + `","name":"n","type":"Microsoft.Network/virtualNetworks","location":"x"}`, `{"id":"` + network + `","path":"name"}`, "named n healthy"},
		"asset_other":       {asset, `{"id":"//storage.googleapis.com/b","path":"data.locationType"}`, "bucket b healthy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			scope := unitA
			switch test.line {
			case asset:
				scope = "projects/42"
			case machine:
				scope = "machines/g"
			}
			want(t, options(t, []string{located, group, bucket, named}, test.line, read(scope, "*", "true", `,"denied":[`+test.denied+`]`)), test.want)
		})
	}
}

// A newest record whose body cannot be read makes what it is about unknown: an older
// one does not stand in for it, and alone it does not vanish.
func TestNewestBodyThatCannotBeRead(t *testing.T) {
	volume := definition("volume", `"if": {"allOf": [{"field": "type", "equals": "AWS::EC2::Volume"},
		{"field": "AWS::EC2::Volume/Encrypted", "notEquals": true}]}, "then": {"effect": "audit"}`, "")
	tagged := definition("tagged", `"if": {"allOf": [{"field": "type", "equals": "AWS::EC2::Volume"},
		{"field": "tags['a']", "exists": false}]}, "then": {"effect": "audit"}`, "")
	located := definition("located", `"if": {"allOf": [{"field": "type", "equals": "AWS::EC2::Volume"},
		{"field": "location", "notEquals": "eu-west-1"}]}, "then": {"effect": "audit"}`, "")
	bucket := definition("bucket", `"if": {"allOf": [{"field": "type", "equals": "storage.googleapis.com/Bucket"},
		{"field": "storage.googleapis.com/Bucket/on", "notEquals": true}]}, "then": {"effect": "audit"}`, "")
	item := func(day, rest string) string {
		return `{"configurationItemCaptureTime":"2026-03-` + day + `T00:00:00Z","configurationItemStatus":"OK","awsAccountId":"111122223333","awsRegion":"eu-west-1",` +
			`"resourceType":"AWS::EC2::Volume","resourceId":"v","ARN":"arn:aws:ec2:eu-west-1:111122223333:volume/v","configuration":` + rest + `}`
	}
	asset := func(day, data string) string {
		return `{"name":"//storage.googleapis.com/b","assetType":"storage.googleapis.com/Bucket","resource":{"data":` + data + `},"ancestors":["projects/42"],"updateTime":"2026-03-` + day + `T00:00:00Z"}`
	}
	older := item("01", `{"volumeId":"v","encrypted":true}`)
	unknown := []string{"located v healthy", "tagged v unknown error", "volume v unknown error"}
	tests := map[string]struct{ lines, want []string }{
		"item":           {[]string{item("02", `"{broken"`), older}, unknown},
		"item_of_text":   {[]string{older, item("02", `"text"`)}, unknown},
		"item_of_a_list": {[]string{older, item("02", `[1]`)}, unknown},
		"item_alone":     {[]string{item("02", `"{broken"`)}, unknown},
		"item_with_tags": {[]string{item("02", `"{broken","tags":{"a":"b"}`)}, []string{"located v healthy", "tagged v healthy", "volume v unknown error"}},
		"older_item":     {[]string{item("02", `{"volumeId":"v","encrypted":true}`), item("01", `"{broken"`)}, []string{"located v healthy", "tagged v unhealthy", "volume v healthy"}},
		"asset":          {[]string{asset("01", `{"on":true}`), asset("02", `"{broken"`)}, []string{"bucket b unknown error"}},
		"asset_alone":    {[]string{asset("02", `"{broken"`)}, []string{"bucket b unknown error"}},
		"asset_in_text":  {[]string{asset("01", `{}`), asset("02", `"{\"on\":true}"`)}, []string{"bucket b healthy"}},
		"older_asset":    {[]string{asset("01", `"{broken"`), asset("02", `{"on":true}`)}, []string{"bucket b healthy"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{volume, tagged, located, bucket}, test.lines...), test.want...)
		})
	}
}

// What a list names that is not as it should be was not read.
func TestGapsThatAreNotUnderstood(t *testing.T) {
	const id = groupA + "/providers/Microsoft.Storage/storageAccounts/a"
	storage := "Microsoft.Storage/storageAccounts"
	tests := map[string]struct{ said, a, logs string }{
		"unknown_list":         {read(unitA, "*", "true", `,"forbidden":[{"id":"`+id+`"}]`), "unknown error", "unknown error"},
		"unknown_list_of_ids":  {read(unitA, "*", "true", `,"forbidden":["`+upper(id)+`"]`), "unknown error", "unknown error"},
		"unknown_list_of_type": {read(unitA, "*", "true", `,"forbidden":["`+storage+`"]`), "unknown error", "unknown partial"},
		"unknown_other_list":   {read(unitA, "*", "true", `,"regions":["westeurope"]`), "unhealthy", "unknown partial"},
		"id_as_a_text":         {read(unitA, storage, "true", `,"denied":["`+id+`"]`), "unknown denied", "unknown notCollected"},
		"anything_as_a_text":   {read(unitA, storage, "true", `,"denied":["key"]`), "unknown denied", "unknown notCollected"},
		"no_list":              {read(unitA, storage, "true", `,"throttled":true`), "unknown throttled", "unknown notCollected"},
		"false_start":          {read(unitA, "*", "true", `,"startedAt":7,"denied":[{"id":"`+id+`"}]`), "unknown denied", "unknown denied"},
		"no_scope":             {`{"bartizan":"read","type":"*","denied":[{"id":"` + id + `"}]}`, "unknown denied", "unknown denied"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https, logged}, account(groupA, "a", `,"properties":{}`), test.said)
			want(t, o, "https a "+test.a, "logged a "+test.logs)
			if result, _ := run(t, o); result.Coverage.Rejected != 1 {
				t.Errorf("%d rejected, want the record", result.Coverage.Rejected)
			}
		})
	}
}

func told(problems []inventory.Problem) []string {
	var all []string
	for _, p := range problems {
		line := fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason)
		if p.Notice {
			line = "notice " + line
		}
		all = append(all, line)
	}
	return all
}

// Statements that come to nothing are told.
func TestStatementsWithoutEffect(t *testing.T) {
	a := account(groupA, "a", secure)
	tests := map[string]struct {
		line string
		want []string
	}{
		"of_the_unit":     {read(unitA, "*", "true"), nil},
		"of_everything":   {read("/", "*", "true"), nil},
		"of_nothing":      {read(unitB, "*", "true"), []string{`notice in.jsonl:2: read record of ` + unitB + `: no resource of the input is in this scope`}},
		"of_a_group":      {read(groupA, "*", "true"), []string{`notice in.jsonl:2: read record of ` + groupA + `: complete says nothing about a resource group, want its unit or a scope above`}},
		"of_some_account": {`{"id":"arn:aws:s3:::media","type":"AWS::S3::Bucket","properties":{}}` + "\n" + read("111122223333", "*", "true"), nil},
		"denied_nothing":  {read(unitB, "*", "false", gap("denied", "*")), []string{`notice in.jsonl:2: read record of ` + unitB + `: no resource of the input is in this scope`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result, _ := run(t, options(t, []string{https}, a, test.line))
			if diff := cmp.Diff(test.want, told(result.Problems)); diff != "" || result.Coverage.Rejected > 0 {
				t.Errorf("%d rejected; problems (-want +got):\n%s", result.Coverage.Rejected, diff)
			}
		})
	}
}

// refusal runs what must not run, and gives the error's text.
func refusal(t *testing.T, o assess.Options) string {
	t.Helper()
	_, _, err := assess.Run(context.Background(), o)
	if err == nil {
		t.Fatal("no error")
	}
	return err.Error()
}

func TestCompleteOfNoUnitIsRefused(t *testing.T) {
	o := options(t, []string{https}, account(groupA, "a", secure))
	o.Complete = []assess.Completeness{{Scope: groupA, Type: settings}, {Scope: unitA}, {Scope: top}, {Scope: "/"}, {Scope: groupA + "/providers/A.B/c/d"}}
	want := "--complete " + groupA + "=" + settings + ": want a unit or something above it, because relations cross resource groups\n" +
		"--complete " + groupA + "/providers/A.B/c/d: want a unit or something above it, because relations cross resource groups"
	if diff := cmp.Diff(want, refusal(t, o)); diff != "" {
		t.Error(diff)
	}
}

// Every duplicate that is left out is told with the one that counts.
func TestDuplicatesAreTold(t *testing.T) {
	a, bare := account(groupA, "a", secure), account(groupA, "a", "")
	id := groupA + "/providers/Microsoft.Storage/storageAccounts/a"
	o := options(t, []string{https})
	o.Inputs = []assess.Input{text("x", bare, a), text("y", account(groupA, "b", secure), a, "["+a+","+a+"]")}
	result, _ := run(t, o)
	expected := []string{
		"notice x:1: " + id + " stands in x:2 too, which counts; this one is left out",
		"notice y:2: " + id + " stands in x:2 too, which counts; this one is left out",
		"notice y:3: " + id + " stands in x:2 too, which counts; this one is left out",
		"notice y:3: " + id + " stands in x:2 too, which counts; this one is left out",
	}
	if diff := cmp.Diff(expected, told(result.Problems)); diff != "" || result.Duplicates != 4 || result.Coverage.Percent != 100 {
		t.Errorf("%d duplicates, %v %%; problems (-want +got):\n%s", result.Duplicates, result.Coverage.Percent, diff)
	}
}

// The list of duplicates is bounded.
func TestManyDuplicates(t *testing.T) {
	var lines []string
	for range 300 {
		lines = append(lines, account(groupA, "a", secure))
	}
	result, _ := run(t, options(t, []string{https}, lines...))
	last := result.Problems[len(result.Problems)-1]
	if result.Duplicates != 299 || len(result.Problems) != 101 || last.Reason != "and 199 more notes, only counted" || !last.Notice {
		t.Errorf("%d duplicates, %d problems, the last %+v", result.Duplicates, len(result.Problems), last)
	}
}

// A bare row of a group knows no tags and beats no other.
func TestBareGroups(t *testing.T) {
	bare := `{"id":"` + groupA + `","name":"app","type":"Microsoft.Resources/resourceGroups"}`
	whole := group(groupA, `,"tags":{"stage":"production"},"properties":{}`)
	a := account(groupA, "a", secure)
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"bare":       {[]string{bare, a}, "tagged a unknown notCollected"},
		"bare_last":  {[]string{a, bare}, "tagged a unknown notCollected"},
		"bare_first": {[]string{bare, whole, a}, "tagged a healthy"},
		"whole_last": {[]string{bare, a, whole}, "tagged a healthy"},
		"bare_late":  {[]string{whole, a, bare}, "tagged a healthy"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{tagged}, test.lines...), test.want)
		})
	}
}

// A filter that admits nothing is told, with the part of it that is to blame.
func TestFilterThatAdmitsNothing(t *testing.T) {
	o := options(t, []string{https}, account(groupA, "a", secure))
	o.Filter = assess.Filter{
		Scopes:        []string{unitA, unitB, "tag:owner=nobody"},
		ResourceTypes: []string{"Microsoft.Storage/storageAccounts", "Microsoft.Storage/storageAcounts"},
	}
	result, _ := run(t, o)
	expected := []string{
		`filter: no resource of the input is in scope "` + unitB + `"`,
		`filter: no resource of the input is in scope "tag:owner=nobody"`,
		`filter: no resource of the input is of type "Microsoft.Storage/storageAcounts"`,
	}
	if diff := cmp.Diff(expected, result.Warnings); diff != "" || result.Selected != 1 || len(result.Empty) != 2 {
		t.Errorf("%d selected, empty %q; warnings (-want +got):\n%s", result.Selected, result.Empty, diff)
	}
	o.Filter = assess.Filter{Scopes: []string{unitB}}
	if result, _ := run(t, o); result.Selected != 0 || result.Coverage.Judged+result.Coverage.Unknown != 0 {
		t.Errorf("%d selected, %+v", result.Selected, result.Coverage)
	}
}

func TestScopesAreTold(t *testing.T) {
	o := options(t, []string{https}, account(groupA, "a", secure))
	o.Hierarchy = []posture.Scope{{ID: "o-1", Kind: posture.Tenant, Name: "org", Cloud: posture.AWS}}
	result, _ := run(t, o)
	expected := []posture.Scope{
		{ID: unitA, Kind: posture.Unit, Cloud: posture.Azure},
		{ID: groupA, Parent: unitA, Kind: posture.Group, Name: "app", Cloud: posture.Azure},
		{ID: "o-1", Kind: posture.Tenant, Name: "org", Cloud: posture.AWS},
	}
	if diff := cmp.Diff(expected, result.Scopes); diff != "" {
		t.Error(diff)
	}
}

// Parameters that fit nothing are errors, all of them at once.
func TestParametersThatFitNothing(t *testing.T) {
	o := options(t, []string{https}, account(groupA, "a", secure))
	o.Parameters = map[string]map[string]policy.Value{
		"nobody": {"effect": policy.StringValue("Audit")},
		"https":  {"efect": policy.StringValue("Audit"), "effect": policy.StringValue("Sing")},
	}
	got := refusal(t, o)
	for _, part := range []string{`policy "nobody"`, `policy "https"`, `"efect"`, `"effect"`, "Sing", "Audit"} {
		if !strings.Contains(got, part) {
			t.Errorf("%s\nwant it to name %s", got, part)
		}
	}
	o = assess.Options{Inputs: o.Inputs, BuiltIn: builtIn(t), Now: now, Parameters: map[string]map[string]policy.Value{
		"iam-access-key-age-90d": {"nothing": policy.StringValue("x")},
	}}
	if got := refusal(t, o); !strings.Contains(got, "iam-access-key-age-90d") || !strings.Contains(got, `"nothing"`) {
		t.Error(got)
	}
	// Another choice of policies does not make a known one unknown.
	o.Policies = []string{"iam-access-key-age-90d"}
	o.Parameters = map[string]map[string]policy.Value{builtIn(t).Entries()[0].ID: {}}
	run(t, o)
}

// Exemptions and attestations that hold for nothing are told.
func TestExemptionsForNothing(t *testing.T) {
	o := options(t, []string{https, attest}, account(groupA, "a", secure), subscription(unitA), hierarchy)
	o.Exemptions = []*policy.Exemption{
		{Name: "fine", ReferenceIDs: []string{"https"}, Category: "Waiver", Scope: groupA},
		{Name: "above", ReferenceIDs: []string{"https"}, Category: "Waiver", Scope: upper(top)},
		{Name: "one", ReferenceIDs: []string{"https"}, Category: "Waiver", Scope: groupA + "/providers/Microsoft.Storage/storageAccounts/a"},
		{Name: "typo", ReferenceIDs: []string{"htps"}, Category: "Waiver", Scope: unitA},
		{Name: "away", ReferenceIDs: []string{"https"}, Category: "Waiver", Scope: unitB},
		{Name: "unassigned", AssignmentID: unitA + "/providers/Microsoft.Authorization/policyAssignments/none", Category: "Waiver", Scope: unitA},
	}
	o.Attestations = []*policy.Attestation{
		{ReferenceID: "attest", State: "Compliant", Scope: unitA},
		{Name: "wrong", ReferenceID: "atest", State: "Compliant", Scope: unitA},
	}
	result, _ := run(t, o)
	expected := []string{
		`exemption "above": exemption "fine" holds already for all that it is about`,
		`exemption "one": exemption "fine" holds already for all that it is about`,
		`exemption "typo": no recommendation, policy or control "htps" is judged; did you mean "https"?`,
		`exemption "away": no resource of the input is in scope "` + unitB + `"`,
		`exemption "unassigned": there is no assignment "` + unitA + `/providers/Microsoft.Authorization/policyAssignments/none"`,
		`attestation "wrong": no recommendation, policy or control "atest" is judged; did you mean "attest"?`,
	}
	if diff := cmp.Diff(expected, result.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// A part of a body that could not be read is one place, told once.
func TestPropertiesThatAreNoObject(t *testing.T) {
	for _, properties := range []string{`"@{a=b}"`, `"x"`, `[]`, `3`} {
		o := options(t, nil, account(groupA, "a", `,"properties":`+properties))
		o.Library, o.BuiltIn = nil, builtIn(t)
		result, checks := run(t, o)
		if told := told(result.Problems); len(told) != 1 || result.Coverage.Rejected != 1 {
			t.Errorf("%s: %d rejected: %q", properties, result.Coverage.Rejected, told)
		}
		for _, c := range checks {
			if c.Judged != posture.Manual && (c.Judged != posture.Unknown || c.Reason != posture.Failed) {
				t.Errorf("%s: %s %s %s", properties, c.Rule, c.Judged, c.Reason)
			}
		}
		if len(checks) == 0 {
			t.Errorf("%s: no checks", properties)
		}
	}
}
