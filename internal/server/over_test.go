package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestOverChecks: a check tells what lies over it, as of any time, and of words only
// those that who asks may read: what is laid above all that they see is not told, but
// when it ends is.
func TestOverChecks(t *testing.T) {
	r, owner := twoCompanies(t)
	reader := r.token("reader", access.Reader, ownUnit)
	above := r.writes(http.MethodPost, "/api/v1/exemptions", owner,
		`{"scope":"/","recommendations":["`+storageRule+`"],"category":"mitigated","reason":"by the board","owner":"ann","expiresOn":"2027-03-01T00:00:00Z"}`).ID
	mine := r.writes(http.MethodPost, "/api/v1/exemptions", owner,
		`{"resources":[{"id":"`+ownID+`"}],"recommendations":["`+storageRule+`"],"category":"waiver","reason":"until it goes","owner":"bob","expiresOn":"2027-02-01T00:00:00Z"}`).ID
	r.writes(http.MethodPost, "/api/v1/attestations", owner, `{"recommendation":"mcsb-v1:IR-1","scope":"/","state":"healthy","text":"tested","link":"https://proof.example/"}`)
	both := url.QueryEscape(r.now.Format(time.RFC3339))
	r.writes(http.MethodDelete, "/api/v1/exemptions?id="+above, owner, "")
	// told is what each way of asking says of the check.
	told := func(token, rule, at string) string {
		t.Helper()
		of := func(path string) string {
			status, text := r.ask(http.MethodGet, path+at, token, "")
			if status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, status, text)
			}
			var body struct{ Rows, Checks []Check }
			if err := json.Unmarshal(text, &body); err != nil || len(body.Rows)+len(body.Checks) != 1 {
				t.Fatalf("%s: %v %s", path, err, text)
			}
			c := append(body.Rows, body.Checks...)[0]
			plain, _ := json.Marshal(struct {
				*CheckExemption
				Attestation *CheckAttestation `json:",omitempty"`
			}{c.Exemption, c.Attestation})
			return string(plain)
		}
		row := of("/api/v1/checks?unit=" + url.QueryEscape(ownUnit) + "&recommendation=" + url.QueryEscape(rule))
		if rule == storageRule {
			if one := of("/api/v1/resource?evidence=false&id=" + url.QueryEscape(ownID) + "&recommendation=" + rule); one != row {
				t.Errorf("the resource says %s, the list %s", one, row)
			}
		}
		return strings.NewReplacer(above, "ABOVE", mine, "MINE").Replace(row)
	}
	explained := func(token, id, rule, at string) string {
		return get[struct{ Text string }](r, "/api/v1/resource/explain?id="+url.QueryEscape(id)+"&recommendation="+rule+at, token).Text
	}
	at := "&at=" + both
	for _, test := range []struct{ name, got, want string }{
		{"now", told(reader, storageRule, ""), `{"ids":["MINE"],"expiresOn":"2027-02-01T00:00:00Z","reason":"until it goes","owner":"bob"}`},
		{"both_then", told(owner, storageRule, at), `{"ids":["ABOVE","MINE"],"expiresOn":"2027-03-01T00:00:00Z","reason":"by the board","owner":"ann"}`},
		{"one_hidden", told(reader, storageRule, at), `{"ids":["MINE"],"expiresOn":"2027-03-01T00:00:00Z","hidden":1}`},
		{"control", told(owner, "mcsb-v1:IR-1", ""), `"text":"tested","link":"https://proof.example/","expiresOn":null}}`},
		{"control_hidden", told(reader, "mcsb-v1:IR-1", ""), `{"Attestation":{"expiresOn":null,"hidden":true}}`},
		{"explained_now", explained(reader, ownID, storageRule, ""), "state: exempt (waiver, until 2027-02-01T00:00:00Z)\nexempt: \"until it goes\"\n"},
		{"explained_then", explained(owner, ownID, storageRule, at), "state: exempt (mitigated, until 2027-03-01T00:00:00Z)\nexempt: \"by the board\"\n"},
		{"explained_hidden", explained(reader, ownID, storageRule, at), "state: exempt (mitigated, until 2027-03-01T00:00:00Z)\njudged: unhealthy\n"},
		{"explained_control", explained(owner, ownUnit, "mcsb-v1:IR-1", ""), "state: healthy (attested)\nattested: \"tested\"\n"},
		{"explained_control_hidden", explained(reader, ownUnit, "mcsb-v1:IR-1", ""), "state: healthy (attested)\n\n"},
	} {
		if !strings.Contains(test.got, test.want) {
			t.Errorf("%s: %.300s, want %s", test.name, test.got, test.want)
		}
	}
}

// TestExplain_notApplicable: what does not apply is not exempt, whatever lies over it.
func TestExplain_notApplicable(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imports(owner)
	r.writes(http.MethodPost, "/api/v1/exemptions", owner, `{"scope":"/","category":"waiver","reason":"all of it"}`)
	list := get[List[CheckRow]](r, "/api/v1/checks?state=notApplicable&limit=5", owner).Rows
	if len(list) == 0 {
		t.Fatal("no check that does not apply")
	}
	for _, c := range list {
		which := url.Values{"id": {c.Resource.ID}, "type": {c.Resource.Type}, "unit": {c.Resource.Unit}, "region": {c.Resource.Region}, "recommendation": {c.Recommendation}}
		text := get[struct{ Text string }](r, "/api/v1/resource/explain?"+which.Encode(), owner).Text
		if c.Exemption != nil || strings.HasPrefix(text, "state: exempt") {
			t.Errorf("%s of %s: exempt by %+v, explained as %.100s", c.Recommendation, c.Resource.ID, c.Exemption, text)
		}
	}
}
