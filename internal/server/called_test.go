package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestCalled: a resource may be meant by as much as tells it from the others: its
// rows have what that takes, and of several of a name the answer says which.
func TestCalled(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	volume := func(account, region string) string {
		return `{"type":"AWS::EC2::Volume","id":"vol-1","account":"` + account + `","region":"` + region + `","properties":{"VolumeId":"vol-1","Encrypted":false}}`
	}
	const unit = "111122223333"
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, volume(unit, "eu-west-1")); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	row := get[List[CheckRow]](r, "/api/v1/checks?type=AWS::EC2::Volume", owner).Rows[0]
	if row.Resource.Region != "eu-west-1" || row.Resource.Location != "eu-west-1" {
		t.Errorf("a check's resource: %+v", row.Resource)
	}
	whole := `{"id":"vol-1","type":"AWS::EC2::Volume","unit":"111122223333","region":"eu-west-1"}`
	try := func(status int, words string) {
		t.Helper()
		for _, query := range []string{"id=vol-1", "id=vol-1&type=AWS::EC2::Volume&unit=" + unit, "id=" + url.QueryEscape(unit+"/eu-west-1/AWS::EC2::Volume/vol-1")} {
			want, says := status, words
			if strings.Contains(query, "eu-west") {
				want, says = http.StatusOK, ""
			}
			for _, path := range []string{"/api/v1/resource?", "/api/v1/resource/versions?", "/api/v1/resource/explain?recommendation=ebs-volume-encrypted&"} {
				if strings.Contains(path, "explain") {
					path = strings.Replace(path, "ebs-volume-encrypted", row.Recommendation, 1)
				}
				if got, text := r.ask(http.MethodGet, path+query, owner, ""); got != want || !strings.Contains(string(text), says) {
					t.Errorf("%s%s: %d %.200s", path, query, got, text)
				}
			}
		}
		for _, resource := range []string{`{"id":"vol-1"}`, `{"id":"vol-1","type":"AWS::EC2::Volume","unit":"111122223333"}`} {
			body := `{"resources":[` + resource + `],"recommendations":["` + row.Recommendation + `"],"category":"waiver","reason":"x"}`
			if got, text := r.ask(http.MethodPost, "/api/v1/exemptions?dryRun=true", owner, body); got != status || !strings.Contains(string(text), words) {
				t.Errorf("exempting %s: %d %.200s", resource, got, text)
			}
		}
	}
	try(http.StatusOK, "")
	r.writes(http.MethodPost, "/api/v1/exemptions", owner, `{"resources":[{"id":"vol-1"}],"recommendations":["`+row.Recommendation+`"],"category":"waiver","reason":"x"}`)
	if _, text := r.ask(http.MethodGet, "/api/v1/exemptions", owner, ""); !strings.Contains(string(text), whole) {
		t.Errorf("kept %s, want %s", text, whole)
	}
	if got := get[List[CheckRow]](r, "/api/v1/checks?state=exempt", owner).Total; got != 1 {
		t.Errorf("%d checks are exempt", got)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, volume(unit, "us-east-1")); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	try(http.StatusUnprocessableEntity, unit+"/us-east-1/AWS::EC2::Volume/vol-1")
	if status, _ := r.ask(http.MethodGet, "/api/v1/resource?id=vol-2", owner, ""); status != http.StatusNotFound {
		t.Errorf("what is not there: %d", status)
	}
}

// TestUnchecked: a resource without a check is not applicable, in rows, facets,
// conditions, the overview and queries alike, so that the states add up to all.
func TestUnchecked(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, `{"type":"AWS::EC2::Volume","id":"vol-1","account":"111122223333","region":"eu-west-1","properties":{"VolumeId":"vol-1","Encrypted":false}}`+"\n"+
		`{"type":"AWS::Athena::WorkGroup","id":"wg","account":"111122223333","region":"eu-west-1","properties":{"Name":"wg","State":"ENABLED"}}`)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	list := get[List[ResourceRow]](r, "/api/v1/resources?facets=resourceState&sort=-state", owner)
	added := 0
	for _, v := range list.Facets["resourceState"] {
		added += v.Count
	}
	if list.Total != 2 || added != 2 || list.Rows[0].Name != "wg" || list.Rows[0].State.String() != "notApplicable" {
		t.Errorf("%d resources, %d in the facet %v, the last of them %+v", list.Total, added, list.Facets, list.Rows[0])
	}
	if one := get[List[ResourceRow]](r, "/api/v1/resources?resourceState=notApplicable", owner); one.Total != 1 {
		t.Errorf("%d resources are not applicable", one.Total)
	}
	if clouds := get[Overview](r, "/api/v1/overview", owner).Clouds; len(clouds) != 1 || clouds[0].States["notApplicable"] != 1 || clouds[0].States["unhealthy"] != 1 {
		t.Errorf("the overview: %+v", clouds)
	}
	if a := r.answered(owner, QueryRequest{Query: list.Query + " | where state == 'notApplicable'"}); len(a.Rows) != 1 {
		t.Errorf("the list's own query: %v", a.Rows)
	}
}
