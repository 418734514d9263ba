package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/client"
	"github.com/bartizan-dev/bartizan/internal/server"
)

// A server's resource is found by each of its names, and only if it has that alone.
func TestNamedOnServer(t *testing.T) {
	const first, other = "111122223333", "444455556666"
	group := func(unit, id string) server.ResourceRow {
		return server.ResourceRow{ResourceRef: server.ResourceRef{ID: id, Name: "web", Type: "AWS::EC2::SecurityGroup", Unit: unit, Region: "eu-west-1"}}
	}
	rows := []server.ResourceRow{
		group(first, "web|sg-1"), group(other, "sg-1"), group(first, "web|sg-2"),
		{ResourceRef: server.ResourceRef{ID: "arn:aws:iam::" + first + ":role/ops/Admin", Name: "Admin", Type: "AWS::IAM::Role", Unit: first}},
		{ResourceRef: server.ResourceRef{ID: "f", Name: "f", Type: "AWS::Lambda::Function", Unit: first, Region: "eu-west-1"}},
	}
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var found server.List[server.ResourceRow]
		for _, row := range rows {
			if q := strings.ToLower(r.URL.Query().Get("q")); strings.Contains(strings.ToLower(row.ID), q) || strings.Contains(strings.ToLower(row.Name), q) {
				found.Rows = append(found.Rows, row)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(found); err != nil {
			t.Error(err)
		}
	}))
	defer stub.Close()
	c, err := client.New(client.Options{Server: stub.URL})
	if err != nil {
		t.Fatal(err)
	}
	const there = "/eu-west-1/AWS::EC2::SecurityGroup/"
	tests := map[string]struct{ name, unit, id, fails string }{
		"identifier_of_two":    {"sg-1", "", "", "2 resources have the id \"sg-1\"; give one of them as:\n" + first + there + "web|sg-1\n" + other + there + "sg-1"},
		"identifier":           {"sg-2", first, "web|sg-2", ""},
		"qualified_identifier": {first + there + "sg-1", first, "web|sg-1", ""},
		"given_to_two":         {"web", "", "", `2 resources have the id "web"`},
		"no_path":              {"arn:aws:iam::" + first + ":role/Admin", first, "arn:aws:iam::" + first + ":role/ops/Admin", ""},
		"latest":               {"arn:aws:lambda:eu-west-1:" + first + ":function:f:$LATEST", first, "f", ""},
		"name":                 {"admin", first, "arn:aws:iam::" + first + ":role/ops/Admin", ""},
		"none":                 {"sg-3", "", "", `no resource "sg-3" on the server`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found, err := (&asked{Client: c}).named(t.Context(), test.name)
			switch {
			case test.fails != "":
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("error %v, want %s", err, test.fails)
				}
			case err != nil:
				t.Error(err)
			case found.Get("id") != test.id || found.Get("unit") != test.unit:
				t.Errorf("found %v, want %s of %s", found, test.id, test.unit)
			}
		})
	}
}
