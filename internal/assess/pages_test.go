package assess_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// page is an answer of a list call, with members behind its list.
func page(list, more string, records ...string) string {
	return `{"` + list + `":[` + strings.Join(records, ",") + `]` + more + `}`
}

// A list of which the input has a part says nothing of what it lacks.
func TestCompletenessOfPages(t *testing.T) {
	a, b := account(groupA, "a", secure), account(groupA, "b", secure)
	more, last := `,"nextLink":"https://x/?page=2"`, `,"nextLink":null`
	failed, open := "logged b unhealthy", "logged b unknown partial"
	tests := map[string]struct {
		files  [][]string
		want   string
		warned string // file and line
	}{
		"last_page":             {[][]string{{page("value", last, a, b, setting("a"))}}, failed, ""},
		"one_page_of_many":      {[][]string{{page("value", more, a, b, setting("a"))}}, open, "a:1"},
		"link_in_front":         {[][]string{{`{"nextLink":"x","value":[` + a + `,` + b + `,` + setting("a") + `]}`}}, open, "a:1"},
		"empty_link":            {[][]string{{page("value", `,"nextLink":""`, a, b, setting("a"))}}, failed, ""},
		"graph":                 {[][]string{{page("data", `,"count":3,"total_records":5000,"skip_token":"abc"`, a, b, setting("a"))}}, open, "a:1"},
		"graph_of_all":          {[][]string{{page("data", `,"count":3,"total_records":3,"skip_token":null`, a, b, setting("a"))}}, failed, ""},
		"graph_without_token":   {[][]string{{page("data", `,"count":3,"total_records":5000`, a, b, setting("a"))}}, open, "a:1"},
		"graph_truncated":       {[][]string{{page("data", `,"count":3,"totalRecords":3000,"resultTruncated":"true"`, a, b, setting("a"))}}, open, "a:1"},
		"graph_not_truncated":   {[][]string{{page("data", `,"count":3,"totalRecords":3,"resultTruncated":"false"`, a, b, setting("a"))}}, failed, ""},
		"token":                 {[][]string{{page("resources", `,"NextToken":"x"`, a, b, setting("a"))}}, open, "a:1"},
		"next_link":             {[][]string{{page("value", `,"NextLink":"x"`, a, b, setting("a"))}}, open, "a:1"},
		"skip_token":            {[][]string{{page("value", `,"SkipToken":"x"`, a, b, setting("a"))}}, open, "a:1"},
		"page_token":            {[][]string{{page("value", `,"NextPageToken":"x"`, a, b, setting("a"))}}, open, "a:1"},
		"continuation":          {[][]string{{page("value", `,"continuationToken":"x"`, a, b, setting("a"))}}, open, "a:1"},
		"continuation_capital":  {[][]string{{page("value", `,"ContinuationToken":"x"`, a, b, setting("a"))}}, open, "a:1"},
		"continuation_ended":    {[][]string{{page("value", `,"continuationToken":null`, a, b, setting("a"))}}, failed, ""},
		"pages_in_order":        {[][]string{{page("value", more, a, setting("a")), page("value", last, b)}}, failed, ""},
		"pages_without_the_end": {[][]string{{page("value", more, a, setting("a")), page("value", more, b)}}, open, "a:2"},
		"empty_last_page":       {[][]string{{page("value", more, a, b, setting("a")), page("value", "")}}, failed, ""},
		"another_list_follows":  {[][]string{{page("value", more, setting("a")), page("value", last, a, b)}}, open, "a:1"},
		"another_key_follows":   {[][]string{{page("value", more, a, setting("a")), page("data", "", b)}}, open, "a:1"},
		"pages_on_one_line":     {[][]string{{page("value", more, a, setting("a")) + page("value", last, b)}}, open, "a:1"},
		"a_page_twice": {[][]string{{
			page("data", `,"count":3,"total_records":5,"skip_token":"abc"`, a, b, setting("a")),
			page("data", `,"count":3,"total_records":5,"skip_token":"abc"`, a, b, setting("a")),
		}}, open, "a:2"},
		"pretty_pages":     {[][]string{{"{", `"value": [`, a + ",", setting("a"), "],", `"nextLink": "x"`, "}", "{", `"value": [`, b, "]", "}"}}, failed, ""},
		"pretty_open_page": {[][]string{{"{", `"value": [`, a + ",", b + ",", setting("a"), "],", `"nextLink": "x"`, "}"}}, open, "a:1"},
		"among_lines":      {[][]string{{a, b, page("value", more, setting("a"))}}, open, "a:3"},
		"graph_pages_by_file": {[][]string{
			{page("data", `,"count":2,"total_records":3,"skip_token":"abc"`, a, setting("a"))},
			{page("data", `,"count":1,"total_records":3,"skip_token":null`, b)},
		}, failed, ""},
		"empty_last_page_elsewhere": {[][]string{
			{page("data", `,"count":3,"total_records":3,"skip_token":"abc"`, a, b, setting("a"))},
			{page("data", `,"count":0,"total_records":3,"skip_token":null`)},
		}, failed, ""},
		"empty_last_page_without_a_total": {[][]string{
			{page("data", `,"count":3,"total_records":3,"skip_token":"abc"`, a, b, setting("a"))},
			{page("data", `,"count":0,"skip_token":null`)},
		}, open, "a:1"},
		"empty_last_page_of_a_larger_total": {[][]string{
			{page("data", `,"count":3,"total_records":4,"skip_token":"abc"`, a, b, setting("a"))},
			{page("data", `,"count":0,"total_records":4,"skip_token":null`)},
		}, open, "a:1 b:1"},
		"rows_of_a_last_page_elsewhere": {[][]string{
			{page("data", `,"count":3,"totalRecords":4,"$skipToken":"abc"`, a, b, setting("a"))},
			{`{"data":{"columns":[{"name":"id"},{"name":"type"},{"name":"location"}],"rows":[["` + unitA + `/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v","microsoft.keyvault/vaults","x"]]},"totalRecords":4}`},
		}, failed, ""},
		"two_first_pages_of_one_total": {[][]string{
			{page("data", `,"count":3,"total_records":6,"skip_token":"abc"`, a, b, setting("a"))},
			{page("data", `,"count":3,"total_records":6,"skip_token":"xyz"`, subscription(unitA), subscription(unitB), subscription(unitA))},
		}, open, "a:1 b:1"},
		"graph_without_count": {[][]string{{page("data", `,"total_records":9,"skip_token":null`, a, b, setting("a"))}}, open, "a:1"},
		"another_query_follows": {[][]string{{
			page("data", `,"count":3,"total_records":9,"skip_token":"abc"`, a, b, setting("a")),
			page("data", `,"count":1,"total_records":1,"skip_token":null`, subscription(unitA)),
		}}, open, "a:1"},
		"another_query_of_the_same_total": {[][]string{
			{page("data", `,"count":3,"total_records":4,"skip_token":"abc"`, a, b, setting("a"))},
			{page("data", `,"count":4,"total_records":4,"skip_token":null`, vault(1), vault(2), vault(3), vault(4))},
		}, open, "a:1"},
		"another_query_makes_up_for_it": {[][]string{
			{page("data", `,"count":3,"total_records":5`, a, b, setting("a"))},
			{page("data", `,"count":6,"total_records":6`, vault(1), vault(2), vault(3), vault(4), vault(5), vault(6))},
		}, open, "a:1"},
		"two_queries_of_one_total": {[][]string{
			{page("data", `,"count":2,"total_records":3,"skip_token":"abc"`, a, setting("a"))},
			{page("data", `,"count":2,"total_records":3,"skip_token":"xyz"`, vault(1), vault(2))},
			{page("data", `,"count":1,"total_records":3,"skip_token":null`, vault(3))},
			{page("data", `,"count":1,"total_records":3,"skip_token":null`, b)},
		}, failed, ""},
		"a_record_of_a_page_elsewhere": {[][]string{
			{page("data", `,"count":2,"total_records":3,"skip_token":"abc"`, a, setting("a"))},
			{page("data", `,"count":1,"total_records":3,"skip_token":null`, b)},
			{b},
		}, failed, ""},
		"the_total_changes": {[][]string{{
			page("data", `,"count":2,"total_records":2,"skip_token":"abc"`, a, setting("a")),
			page("data", `,"count":1,"total_records":3,"skip_token":null`, b),
		}}, open, "a:2"},
		"the_total_changes_a_little": {[][]string{{
			page("data", `,"count":152,"total_records":152,"skip_token":"abc"`, append(vaults(150), a, setting("a"))...),
			page("data", `,"count":1,"total_records":153,"skip_token":null`, b),
		}}, failed, ""},
		"in_a_file_without_the_type": {[][]string{{a, b, setting("a")}, {page("value", more, subscription(unitA))}}, failed, "b:1"},
	}
	for name, test := range tests {
		for _, workers := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				o := options(t, []string{logged})
				o.Inputs, o.Workers = nil, workers
				for i, lines := range test.files {
					o.Inputs = append(o.Inputs, text(string(rune('a'+i)), lines...))
				}
				want(t, o, "logged a healthy", test.want)
				if got := pageWarnings(t, o); strings.Join(got, " ") != test.warned {
					t.Errorf("warned of %q, want %q", got, test.warned)
				}
			})
		}
	}
}

// vault is a resource of a type that nothing here asks for.
func vault(n int) string {
	return fmt.Sprintf(`{"id":"%s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v%d","type":"Microsoft.KeyVault/vaults","name":"v%d","properties":{}}`, unitA, n, n)
}

func vaults(n int) (all []string) {
	for i := range n {
		all = append(all, vault(100+i))
	}
	return all
}

// pageWarnings gives file and line of warnings about pages.
func pageWarnings(t *testing.T, o assess.Options) (at []string) {
	t.Helper()
	result, _ := run(t, o)
	for _, p := range result.Problems {
		if strings.HasPrefix(p.Reason, "one page of a list") && p.Notice {
			at = append(at, p.File+":"+string(rune('0'+p.Line)))
		}
	}
	return at
}

// Whoever says how much was read goes before what a page says.
func TestPagesGiveWay(t *testing.T) {
	a, b := account(groupA, "a", secure), account(groupA, "b", secure)
	cut := page("value", `,"nextLink":"x"`, a, b, setting("a"))
	said := options(t, []string{logged}, cut)
	said.Complete = []assess.Completeness{{Scope: unitA}}
	want(t, said, "logged a healthy", "logged b unhealthy")
	want(t, options(t, []string{logged}, cut, read(unitA, "*", "true")), "logged a healthy", "logged b unhealthy")
	// Older states of one resource are no other resources.
	item := `{"awsAccountId":"111122223333","awsRegion":"eu-west-1","resourceType":"AWS::EC2::Volume","resourceId":"vol-1","configuration":{"volumeId":"vol-1"},"configurationItemStatus":"OK"}`
	if got := pageWarnings(t, options(t, []string{logged}, page("configurationItems", `,"nextToken":"x"`, item))); got != nil {
		t.Errorf("history of a resource: warned of %q", got)
	}
}
