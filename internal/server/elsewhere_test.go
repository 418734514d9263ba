package server

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestResource_that_moved: a bucket that another account has by now is found there, as
// of before where it was then, and who sees only the one account hears what was there.
func TestResource_that_moved(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	const one, other, arn = "444455556666", "777788889999", "arn:aws:s3:::b"
	put := func(account, more string) {
		t.Helper()
		record := `{"type":"AWS::S3::Bucket","id":"` + arn + `","name":"b","account":"` + account + `","region":"eu-west-1","properties":{"BucketName":"b"` + more + `}}` + "\n" +
			`{"type":"AWS::SQS::Queue","id":"q","name":"q","account":"` + account + `","region":"eu-west-1","properties":{}}`
		if status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, record); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
	}
	put(one, "")
	put(one, `,"Tags":[]`)
	then := url.QueryEscape(r.now.Format("2006-01-02T15:04:05Z"))
	put(other, "")
	sees := map[string]string{"": owner, one: r.token("one", access.Reader, one), other: r.token("other", access.Reader, other)}
	tests := []struct{ who, query, want string }{
		{"", "", other},
		{"", "&at=" + then, one},
		{one, "", ""},
		{one, "&at=" + then, one},
		{other, "", other},
		{other, "&at=" + then, ""},
		{"", "&unit=" + one, ""},
		{"", "&unit=" + other, other},
		{"", "&unit=" + one + "&at=" + then, one},
	}
	for _, test := range tests {
		path := "/api/v1/resource?id=" + arn + test.query
		if status, _ := r.ask(http.MethodGet, path, sees[test.who], ""); status == http.StatusNotFound && test.want == "" {
			continue
		}
		if got := get[ResourceBody](r, path, sees[test.who]); got.Unit != test.want {
			t.Errorf("%q asks for %s: it is in %q, want %q", test.who, path, got.Unit, test.want)
		}
	}
	for _, test := range []struct{ who, query, want string }{
		{"", "", "[false]"},
		{"", "&unit=" + one, "[true false false]"},
		{"", "&unit=" + other, "[false]"},
		{one, "", "[true false false]"},
		{other, "", "[false]"},
		{one, "&unit=" + other, "404"},
		{"", "&unit=111122223333", "404"},
	} {
		path := "/api/v1/resource/versions?id=" + arn + test.query
		if status, _ := r.ask(http.MethodGet, path, sees[test.who], ""); fmt.Sprint(status) == test.want {
			continue
		}
		var gone []bool
		for _, row := range get[struct{ Rows []VersionRow }](r, path, sees[test.who]).Rows {
			gone = append(gone, row.Gone)
		}
		if got := fmt.Sprint(gone); got != test.want {
			t.Errorf("%q asks for %s: %s, want %s", test.who, path, got, test.want)
		}
	}
	var turns []string
	for _, row := range get[DifferenceBody](r, "/api/v1/difference?by=resource&q=b&before="+then, owner).Rows {
		if row.Resource.ID == arn {
			turns = append(turns, row.Change+" "+row.Resource.Unit)
		}
	}
	if got, want := fmt.Sprint(turns), fmt.Sprintf("[went %s came %s]", one, other); got != want {
		t.Errorf("between the two: %s, want %s", got, want)
	}
}
