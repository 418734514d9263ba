package inventory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lastReading reads lines as often as it takes, as an assessment does.
func lastReading(t *testing.T, budget int, lines ...string) *found {
	t.Helper()
	m := NewMerger(budget)
	f := mergedBy(t, m, lines...)
	if !m.Late() {
		return f
	}
	return mergedBy(t, m.Again(), lines...)
}

// Of states of one resource the newest counts, in whatever order they come.
func TestNewestState(t *testing.T) {
	const volume = "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1"
	item := func(time, id, arn, status, size string) string {
		return fmt.Sprintf(`{"configurationItemCaptureTime":%s,"configurationItemStatus":"%s","awsAccountId":"111122223333","awsRegion":"eu-west-1","resourceType":"AWS::EC2::Volume","resourceId":"%s","ARN":%s,"configuration":{"volumeId":"%s","size":%s}}`,
			time, status, id, arn, id, size)
	}
	state := func(time, size string) string { return item(time, "vol-1", `"`+volume+`"`, "OK", size) }
	gone := func(time string) string { return item(time, "vol-1", `"`+volume+`"`, "ResourceDeleted", "0") }
	const first, second, third = `"2026-01-01T00:00:00Z"`, `"2026-01-02T00:00:00.5Z"`, `"2026-01-03T01:00:00+02:00"`
	asset := func(window, size string) string {
		return `{"asset":{"name":"//compute.googleapis.com/projects/p/zones/z/disks/d","assetType":"compute.googleapis.com/Disk","resource":{"data":{"size":"` + size + `"}}},` + window + `}`
	}
	exported := func(time, size string) string {
		return `{"name":"//compute.googleapis.com/projects/p/zones/z/disks/d","asset_type":"compute.googleapis.com/Disk","update_time":` + time + `,"resource":{"data":{"size":"` + size + `"}}}`
	}
	broken := func(time string) string {
		return strings.Replace(state(time, "9"), `{"volumeId":"vol-1","size":9}`, `"{broken"`, 1)
	}
	brokenAsset := strings.Replace(exported(third, "9"), `{"size":"9"}`, `"{broken"`, 1)
	tests := map[string]struct {
		lines []string
		want  []string // sizes
	}{
		"newest_is_broken":   {[]string{state(first, "1"), broken(second)}, []string{""}},
		"older_is_broken":    {[]string{broken(first), state(second, "2")}, []string{"2"}},
		"asset_is_broken":    {[]string{exported(first, "1"), brokenAsset}, []string{""}},
		"newest":             {[]string{state(second, "2"), state(first, "1"), state(third, "3")}, []string{"3"}},
		"gone":               {[]string{state(first, "1"), gone(second)}, nil},
		"gone_at_that_time":  {[]string{state(first, "1"), gone(first)}, nil},
		"there_again":        {[]string{state(first, "1"), gone(second), state(third, "3")}, []string{"3"}},
		"made_anew":          {[]string{state(first, "1"), gone(second), item(third, "vol-2", `"`+volume+`"`, "OK", "3")}, []string{"3"}},
		"gone_without_arn":   {[]string{state(first, "1"), item(second, "vol-1", "null", "ResourceDeleted", "0")}, nil},
		"other_is_gone":      {[]string{state(first, "1"), item(second, "vol-2", "null", "ResourceDeleted", "0")}, []string{"1"}},
		"same_time":          {[]string{state(first, "1"), state(first, "1")}, []string{"1", "1"}}, // duplicates, as any other
		"seconds":            {[]string{state("1767225600.5", "1"), state("1767312000", "2")}, []string{"2"}},
		"no_time":            {[]string{state("null", "1"), state(first, "1")}, []string{"1", "1"}},
		"gone_and_no_time":   {[]string{state("null", "1"), gone(first)}, nil},
		"gone_at_no_time":    {[]string{state(first, "1"), gone("null")}, []string{"1"}},
		"query_of_today":     {[]string{`{"Results":["{\"resourceType\":\"AWS::EC2::Volume\",\"arn\":\"` + volume + `\",\"configuration\":{\"size\":5}}"]}`, gone(first)}, []string{"5"}},
		"asset_gone":         {[]string{asset(`"window":{"startTime":`+first+`}`, "1"), asset(`"deleted":true,"window":{"startTime":`+second+`}`, "1")}, nil},
		"asset_gone_snake":   {[]string{asset(`"window":{"start_time":`+first+`}`, "1"), asset(`"deleted":true,"window":{"start_time":`+second+`}`, "1")}, nil},
		"asset_newest":       {[]string{asset(`"window":{"startTime":`+first+`}`, "1"), asset(`"window":{"startTime":`+second+`}`, "2")}, []string{"2"}},
		"asset_there_again":  {[]string{asset(`"deleted":true,"window":{"startTime":`+first+`}`, "1"), asset(`"window":{"startTime":`+second+`}`, "2")}, []string{"2"}},
		"export_then_gone":   {[]string{exported(first, "1"), asset(`"deleted":true,"window":{"startTime":`+second+`}`, "1")}, nil},
		"gone_before_export": {[]string{exported(third, "3"), asset(`"deleted":true,"window":{"startTime":`+second+`}`, "1")}, []string{"3"}},
		"two_exports":        {[]string{exported(first, "1"), exported(third, "3")}, []string{"3"}},
		"gone_has_name_only": {[]string{exported(first, "1"), `{"asset":{"name":"//compute.googleapis.com/projects/p/zones/z/disks/d","assetType":"compute.googleapis.com/Disk"},"deleted":true,"window":{"startTime":` + second + `}}`}, nil},
		"deleted_line":       {[]string{`{"name":"//x.googleapis.com/a","assetType":"x.googleapis.com/A","data":{"size":"1"},"deleted":true}`}, nil},
		"policy_of_the_gone": {[]string{`{"name":"//compute.googleapis.com/projects/p/zones/z/disks/d","assetType":"compute.googleapis.com/Disk","updateTime":` + first + `,"iamPolicy":{}}`, asset(`"deleted":true,"window":{"startTime":`+second+`}`, "1")}, nil},
		"search_is_no_state": {[]string{exported(first, "1"), `{"name":"//compute.googleapis.com/projects/p/zones/z/disks/d","assetType":"compute.googleapis.com/Disk","project":"projects/1","updateTime":` + third + `}`}, []string{"", "1"}},
	}
	for name, test := range tests {
		for _, budget := range []int{0, 1 << 20} {
			for _, order := range permutations(test.lines) {
				t.Run(name, func(t *testing.T) {
					f := lastReading(t, budget, order...)
					var got []string
					for _, r := range f.Resources {
						_, size, _ := strings.Cut(strings.ToLower(r.Body), `"size":`)
						size, _, _ = strings.Cut(size, "}")
						got = append(got, strings.Trim(size, `"`))
					}
					slices.Sort(got)
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("(-want +got)\n%s%s", diff, strings.Join(order, "\n"))
					}
					if told := len(f.Problems) > 0; told != strings.Contains(name, "broken") {
						t.Errorf("problems %q", f.Problems)
					}
				})
			}
		}
	}
}

func permutations(lines []string) [][]string {
	if len(lines) < 2 {
		return [][]string{lines}
	}
	var all [][]string
	for i := range lines {
		rest := slices.Delete(slices.Clone(lines), i, i+1)
		for _, p := range permutations(rest) {
			all = append(all, append([]string{lines[i]}, p...))
		}
	}
	return all
}

// A bucket's policy goes with the state of the bucket that has it.
func TestNewestBucketPolicy(t *testing.T) {
	item := func(time, policy string) string {
		return `{"configurationItemCaptureTime":"` + time + `","configurationItemStatus":"OK","awsAccountId":"111122223333","resourceType":"AWS::S3::Bucket","resourceId":"b","resourceName":"b","ARN":"arn:aws:s3:::b","configuration":{"name":"b"},"supplementaryConfiguration":{` + policy + `}}`
	}
	with := `"BucketPolicy":{"policyText":"{\"Statement\":[]}"}`
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"taken_away": {[]string{item("2026-01-01T00:00:00Z", with), item("2026-01-02T00:00:00Z", "")}, "AWS::S3::Bucket"},
		"given":      {[]string{item("2026-01-01T00:00:00Z", ""), item("2026-01-02T00:00:00Z", with)}, "AWS::S3::Bucket AWS::S3::BucketPolicy"},
	}
	for name, test := range tests {
		for _, order := range permutations(test.lines) {
			t.Run(name, func(t *testing.T) {
				var got []string
				for _, r := range lastReading(t, 0, order...).Resources {
					got = append(got, r.Type)
				}
				if strings.Join(got, " ") != test.want {
					t.Errorf("got %q, want %s", got, test.want)
				}
			})
		}
	}
}

// Of policies of one asset the newest counts; where nothing says which that is, and
// they differ, none does, and both places are named.
func TestDifferingPolicies(t *testing.T) {
	policy := func(rest, policy string) string {
		return `{"name":"//storage.googleapis.com/a","assetType":"storage.googleapis.com/Bucket",` + rest + `"iamPolicy":` + policy + `}`
	}
	const (
		closed, open  = `{"bindings":[]}`, `{"bindings":[{"role":"r","members":["allUsers"]}]}`
		first, second = `"updateTime":"2026-01-01T00:00:00Z",`, `"updateTime":"2026-01-02T00:00:00Z",`
	)
	whole := func(rest, p string) string { return policy(rest+`"resource":{"data":{}},`, p) }
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"whole_is_older":     {[]string{whole(first, closed), policy(second, open)}, open},
		"whole_is_newer":     {[]string{whole(second, open), policy(first, closed)}, open},
		"whole_differs":      {[]string{whole("", closed), policy("", open)}, ""},
		"wholes_differ":      {[]string{whole("", closed), whole("", open)}, ""},
		"wholes_are_dated":   {[]string{whole(first, closed), whole(second, open)}, open},
		"old_one_is_like_it": {[]string{policy(first, closed), policy("", closed), policy(second, open)}, ""},
		"differing":          {[]string{policy("", closed), policy("", open)}, ""},
		"equal":              {[]string{policy("", open), policy("", open)}, open},
		"equal_but_in_order": {[]string{policy("", `{"version":1,"bindings":[]}`), policy("", `{"bindings":[],"version":1}`)}, "either"},
		"of_one_etag":        {[]string{policy("", `{"etag":"e","bindings":[{"role":"a"},{"role":"b"}]}`), policy("", `{"etag":"e","bindings":[{"role":"b"},{"role":"a"}]}`)}, "either"},
		"newest":             {[]string{policy(first, closed), policy(second, open)}, open},
		"of_one_time":        {[]string{policy(first, closed), policy(first, open)}, ""},
		"newer_than_both":    {[]string{policy(first, closed), policy(first, open), policy(second, closed)}, closed},
		"one_without_time":   {[]string{policy("", closed), policy(first, open), policy(second, open)}, ""},
	}
	for name, test := range tests {
		for _, budget := range []int{0, 1 << 20} {
			for _, order := range permutations(append(test.lines, bucketData)) {
				t.Run(name, func(t *testing.T) {
					m := NewMerger(budget)
					f := mergedBy(t, m, order...)
					problems := f.Problems
					if m.Late() {
						f = mergedBy(t, m.Again(), order...)
					}
					if len(f.Resources) == 0 {
						t.Fatal("no resource")
					}
					differ := test.want == ""
					for _, r := range f.Resources {
						if test.want != "either" && strings.Contains(r.Body, `"iamPolicy":`+test.want) == differ {
							t.Errorf("body %s, want policy %s", r.Body, test.want)
						}
						if slices.Contains(r.Broken, "iamPolicy") != differ || slices.Contains(r.Unread, "iamPolicy") || (len(problems) > 0) != differ {
							t.Errorf("broken %q, unread %q, problems %q", r.Broken, r.Unread, problems)
						}
					}
					if differ && strings.Count(problems[0], "in.json:") != 2 {
						t.Errorf("problem %s, want both places", problems[0])
					}
				})
			}
		}
	}
}
