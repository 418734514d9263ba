package govern_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

func TestParse(t *testing.T) {
	at := time.Date(2026, 12, 31, 22, 0, 0, 5e6, time.UTC)
	prod := "prod"
	tests := map[string]struct {
		kind ledger.DocumentKind
		text string
		want govern.Document
		bad  []string // lines of the error
	}{
		"exemption_of_a_scope": {
			kind: ledger.ExemptionOf,
			text: `{"id":"A-1","displayName":"old","scope":"/subscriptions/S","selector":{"types":["t/x"],"locations":["west"],"tags":[{"key":"env","value":"prod"},{"key":"owner","not":true}],"text":"legacy"},"recommendations":["r","r"],"category":"mitigated","owner":"anna","reason":" a firewall ","expiresOn":"2026-12-31T23:00:00.0056+01:00"}`,
			want: &govern.Exemption{
				ID: "a-1", DisplayName: "old", Place: govern.Place{Scope: "/subscriptions/S"}, Recommendations: []string{"r"}, Category: "mitigated", Owner: "anna", Reason: "a firewall", ExpiresOn: &at,
				Selector: &govern.Selector{Types: []string{"t/x"}, Locations: []string{"west"}, Tags: []govern.Tag{{Key: "env", Value: &prod}, {Key: "owner", Not: true}}, Text: "legacy"},
			},
		},
		"exemption_of_resources": {
			kind: ledger.ExemptionOf,
			text: `{"resources":[{"id":"/a"},{"id":"web","type":"AWS::EC2::Instance","unit":"111111111111","region":"eu-west-1"}],"category":"waiver","reason":"x","selector":null}`,
			want: &govern.Exemption{Place: govern.Place{Resources: []govern.Resource{{ID: "/a"}, {ID: "web", Type: "AWS::EC2::Instance", Unit: "111111111111", Region: "eu-west-1"}}}, Category: "waiver", Reason: "x"},
		},
		"attestation": {
			kind: ledger.AttestationOf,
			text: `{"recommendation":"r","scope":"/","state":"healthy","text":"looked at","link":"https://proof.example"}`,
			want: &govern.Attestation{Recommendation: "r", Place: govern.Place{Scope: "/"}, State: "healthy", Text: "looked at", Link: "https://proof.example"},
		},
		"disabling": {
			kind: ledger.Disabling,
			text: `{"scope":"root","recommendation":"r","reason":"not ours"}`,
			want: &govern.Disabling{Scope: "root", Recommendation: "r", Reason: "not ours"},
		},
		"an_expiry_of_null_is_none": {
			kind: ledger.ExemptionOf, text: `{"scope":"s","category":"waiver","reason":"x","expiresOn":null}`,
			want: &govern.Exemption{Place: govern.Place{Scope: "s"}, Category: "waiver", Reason: "x"},
		},
		"an_empty_expiry_is_no_time": {
			kind: ledger.ExemptionOf, text: `{"scope":"s","category":"waiver","reason":"x","expiresOn":""}`,
			bad: []string{`expiresOn: want an instant such as 2026-12-31T23:59:00Z, or a day such as 2026-12-31, to the end of which it holds, not ""; null, or leaving it out, is for good`},
		},
		"nor_of_an_attestation": {
			kind: ledger.AttestationOf, text: `{"recommendation":"r","scope":"/","state":"healthy","text":"x","expiresOn":" "}`,
			bad: []string{`expiresOn: want an instant such as 2026-12-31T23:59:00Z, or a day such as 2026-12-31, to the end of which it holds, not ""; null, or leaving it out, is for good`},
		},
		"all_problems_at_once": {
			kind: ledger.ExemptionOf,
			text: `{"scope":"s","resources":[{"name":"x"},7],"selector":{"tag":[]},"recomendations":["r"],"recommendations":[""],"category":"waver","expiresOn":"tomorrow","owner":3}`,
			bad: []string{
				`resources[1]: want an object, not a number`,
				`resources[0].id: it has to be given`,
				`resources[0].name: there is no such property; want some of id, region, type, unit`,
				`resources: want either a scope or resources, not both; a selector narrows a scope`,
				`selector: want types, locations, tags or text; leave the selector out to mean all`,
				`selector.tag: there is no such property; want some of locations, tags, text, types; did you mean "tags"?`,
				`recommendations[0]: want 1 to 400 characters`,
				`category: want waiver or mitigated, not "waver"; did you mean "waiver"?`,
				`owner: want a text, not a number`,
				`reason: it has to be given`,
				`expiresOn: want an instant such as 2026-12-31T23:59:00Z, or a day such as 2026-12-31, to the end of which it holds, not "tomorrow"`,
				`recomendations: there is no such property; want some of assignment, assignmentScopeValidation, category, displayName, expiresOn, id, members, owner, reason, recommendations, resourceSelectors, resources, scope, selector; did you mean "recommendations"?`,
			},
		},
		"never": {
			kind: ledger.ExemptionOf, text: `{"scope":"s","category":"waiver","reason":"x","expiresOn":"9999-12-31T23:59:59-10:00"}`,
			bad: []string{`expiresOn: want an instant such as 2026-12-31T23:59:00Z, or a day such as 2026-12-31, to the end of which it holds, not "9999-12-31T23:59:59-10:00"`},
		},
		"nothing":           {kind: ledger.AttestationOf, text: `{}`, bad: []string{"recommendation: it has to be given", "scope: want a scope, or resources instead", "state: want healthy or unhealthy", "text: it has to be given"}},
		"empty_lists":       {kind: ledger.ExemptionOf, text: `{"resources":[],"recommendations":[],"category":"waiver","reason":"x"}`, bad: []string{"resources: want at least one resource", "recommendations: want at least one; leave it out to mean all"}},
		"too_long":          {kind: ledger.Disabling, text: `{"scope":"s","recommendation":"r","reason":"` + strings.Repeat("é", 4001) + `"}`, bad: []string{"reason: want at most 4000 characters"}},
		"bad_link":          {kind: ledger.AttestationOf, text: `{"recommendation":"r","scope":"/","state":"healthy","text":"t","link":"javascript:1"}`, bad: []string{"link: want an address that begins with https:// or http://"}},
		"a_list":            {kind: ledger.Disabling, text: `[]`, bad: []string{"want an object, not a list"}},
		"two_values":        {kind: ledger.Disabling, text: `{} {}`, bad: []string{"want a JSON object: something stands behind it"}},
		"of_another_kind":   {kind: ledger.Definition, text: `{}`, bad: []string{`a document of kind "definition" lies over no verdict; want an exemption, attestation or disabling`}},
		"too_many_to_waive": {kind: ledger.ExemptionOf, text: `{"category":"waiver","reason":"x","resources":[` + strings.Repeat(`{"id":"/a"},`, govern.MaxResources) + `{"id":"/a"}]}`, bad: []string{"resources: want at most 10000, there are 10001"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := govern.Parse(test.kind, []byte(test.text))
			var bad []string
			if err != nil {
				bad = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(test.bad, bad); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzParse: there is a document or an error, and a document that is kept is read
// as the same.
func FuzzParse(f *testing.F) {
	f.Add(uint8(0), []byte(`{"scope":"/","selector":{"tags":[{"key":"a","value":""}]},"category":"waiver","reason":"x","expiresOn":"2026-12-31T23:00:00Z"}`))
	f.Add(uint8(1), []byte(`{"recommendation":"r","resources":[{"id":"/a"}],"state":"healthy","text":"t"}`))
	f.Add(uint8(2), []byte(`{"scope":"/","recommendation":"r","reason":"x"}`))
	kinds := []ledger.DocumentKind{ledger.ExemptionOf, ledger.AttestationOf, ledger.Disabling}
	f.Fuzz(func(t *testing.T, kind uint8, text []byte) {
		k := kinds[int(kind)%len(kinds)]
		d, err := govern.Parse(k, text)
		if (d == nil) == (err == nil) {
			t.Fatalf("document %v, error %v", d, err)
		}
		if err != nil {
			return
		}
		kept, err := govern.Text(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := govern.Parse(k, kept)
		if diff := cmp.Diff(d, again); diff != "" || err != nil {
			t.Errorf("read again: %v\n%s", err, diff)
		}
	})
}

// TestParse_expiry: an end is taken in every form in which files of exemptions have it; a
// day is in it.
func TestParse_expiry(t *testing.T) {
	for text, want := range map[string]string{
		"2026-12-01": "2026-12-02T00:00:00Z", "9999-12-31": "9999-12-31T23:59:59Z", "2026-12-01T12:00:00Z": "2026-12-01T12:00:00Z", "2026-12-01T12:00:00+02:00": "2026-12-01T10:00:00Z",
		"2026-12-01T12:00:00": "2026-12-01T12:00:00Z", "2026-12-01 12:00:00Z": "2026-12-01T12:00:00Z", "2026-12-01T12:00:00.9999Z": "2026-12-01T12:00:00.999Z",
	} {
		for kind, body := range map[ledger.DocumentKind]string{
			ledger.ExemptionOf:   `{"scope":"s","category":"waiver","reason":"x","expiresOn":"` + text + `"}`,
			ledger.AttestationOf: `{"scope":"s","recommendation":"r","state":"healthy","text":"x","expiresOn":"` + text + `"}`,
		} {
			d, err := govern.Parse(kind, []byte(body))
			if err != nil || d.Ends().Format(time.RFC3339Nano) != want {
				t.Errorf("%s until %s: %v, error %v; want %s", kind, text, d, err, want)
			}
		}
	}
}
