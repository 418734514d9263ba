package resourcegraph

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/kql"
)

// lookingQueries look at columns and into bodies in the ways that differ for
// outlines: by type, by texts, at paths, through arrays, at all of a value.
var lookingQueries = []string{
	"resources",
	"resources | count",
	"resources | where type =~ 'microsoft.test/things' and properties.a.b == true | summarize count() by location",
	"resources | where type =~ 'Microsoft.Compute/virtualMachines' | project id, properties.hardwareProfile.vmSize, tags",
	"resources | where properties.a.b == false | project id",
	"resources | where properties.a == true or properties.A == true | project id, properties.a, properties.A",
	"resources | where properties.a.b == 'x' | project name, properties.a.b, properties.a",
	"resources | where tags.env =~ 'PROD' | project id, tags.env, tags.ENV, sku.name",
	"resources | where sku.name startswith 'st' and location == 'westeurope' | project id, kind, sku",
	"resources | where kind == 'a\"b' | project id, kind, managedBy, tenantId",
	"resources | project id, properties.list[0].x, properties.list[-1], properties.a.b.c, zones[0], identity.type",
	"resources | where properties.list[1].x == 'y' | project id, properties",
	"resources | extend k = bag_keys(properties) | project id, k, properties.a",
	"resources | where type startswith 'microsoft.' | project id, type, resourceGroup, subscriptionId, extendedLocation, plan.name",
	"resources | where properties.none !contains 'x' and tags.env !startswith 'p' and kind !has 'st' | project id, tags.env, kind",
	"resources | where properties.none contains dynamic(null) and tags.env =~ '' and sku.name !in~ ('x', '') | project id, tags.env",
	"resources | where tags.env in~ ('prod', '') or sku.name has_any (dynamic(null)) or kind startswith '' | project id, tags.env",
	"resources | where isnotempty(properties.provisioningState) | summarize count() by type, tostring(properties.provisioningState)",
}

// What outlines tell is what parsing tells, and so are the problems; the rows
// are those of a plan that leaves nothing to the table.
func TestOutlines_agree_with_parsing(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	estates := map[string]string{"odd": oddRecords(rand.New(rand.NewPCG(5, 6)), 6000)}
	for _, name := range []string{"recorded-azure", "recorded-gcp"} {
		if text, err := sharedEstate(name); err == nil {
			estates[name] = text
		} else {
			t.Logf("no ../shared/estates/%s: %v", name, err)
		}
	}
	for name, text := range estates {
		t.Run(name, func(t *testing.T) {
			for _, query := range lookingQueries {
				want, got := asked(t, text, query, true), asked(t, text, query, false)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-parsed +outlined):\n%s", query, diff)
				}
				if name == "odd" && len(want) < 20 && !strings.Contains(query, "count") && !strings.Contains(query, "virtualMachines") {
					t.Errorf("%s: only %d lines", query, len(want))
				}
			}
		})
	}
}

// asked gives the rows of a query over JSON lines, and the problems.
func asked(t *testing.T, text, query string, parsed bool) []string {
	t.Helper()
	in := assess.Input{Name: "in", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	e := New(assess.Options{Inputs: []assess.Input{in}})
	tables := kql.Named{resources: &inventoryTable{estate: e, name: resources, parsed: parsed}}
	q, err := kql.Prepare(query, tables, kql.Options{Plain: parsed})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var lines []string
	for row, err := range q.Run(context.Background()).Rows() {
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var line []byte
		for _, v := range row {
			line = append(kql.AppendJSON(line, v), ' ')
		}
		lines = append(lines, string(line))
	}
	for _, p := range e.Problems() {
		lines = append(lines, fmt.Sprintf("line %d: %s", p.Line, p.Reason))
	}
	return lines
}

// sharedEstate is all of a recorded estate beside the checkout.
func sharedEstate(name string) (string, error) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "estates", name, "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		return "", os.ErrNotExist
	}
	var all bytes.Buffer
	for _, file := range files {
		packed, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return "", err
		}
		if _, err := all.ReadFrom(r); err != nil {
			return "", err
		}
	}
	return all.String(), nil
}

// oddRecords makes JSON lines that look like ARM resources, more or less.
func oddRecords(r *rand.Rand, lines int) string {
	pick := func(choices ...string) string { return choices[r.IntN(len(choices))] }
	value := func() string {
		return pick(`true`, `false`, `null`, `"x"`, `"a\"b"`, `"caf\u00e9 "`, `12`, `-1.50e3`, `[]`, `{}`, `[{"x":"y"},{"x":"y"},3]`,
			`{"b":true}`, `{"b":true}`, `{"b":false}`, `{"b":"x"}`, `{"B":true,"b":"X"}`, `{"b":false,"b":true}`, `{"b":{"c":[1]}}`, `{ "b" : true , "z":[ ] }`)
	}
	var b strings.Builder
	for range lines {
		id := fmt.Sprintf("/subscriptions/0000000%d-0000-0000-0000-000000000000/resourceGroups/%s/providers/Microsoft.Test/things/t%d",
			r.IntN(3), pick("rg", "RG", "rg2"), r.IntN(lines))
		var members []string
		add := func(often int, key, value string) {
			if r.IntN(100) < often {
				members = append(members, fmt.Sprintf("%q:%s", key, value))
			}
		}
		add(99, pick("id", "id", "id", "id", "ID"), fmt.Sprintf("%q", pick(id, id, id, id, "arn:x", "/providers/")))
		add(90, "name", `"t"`)
		add(95, pick("type", "type", "type", "Type"), pick(`"Microsoft.Test/things"`, `"microsoft.test/THINGS"`, `"Microsoft.Test\/things"`, `"Microsoft.Test/others"`,
			`"Microsoft.Resources/resourceGroups"`, `"Microsoft.Security/assessments"`, `7`, `null`, `""`))
		add(70, pick("location", "location", "Location"), pick(`"westeurope"`, `"West Europe"`, `"eastus"`, `""`, `null`, `5`))
		add(40, pick("kind", "kind", "KIND"), pick(`"a\"b"`, `"plain"`, `""`, `null`, `{}`))
		add(10, "managedBy", pick(`"/x"`, `""`))
		add(40, pick("tags", "tags", "Tags"), pick(`{"env":"prod"}`, `{"env":"PROD","ENV":"x"}`, `{"env":null}`, `null`, `"env"`, `{"env":"test","env":"prod"}`, `{"e\u006ev":"prod"}`))
		add(40, pick("sku", "SKU"), pick(`{"name":"Standard"}`, `{"name":"st\u0061"}`, `"Standard"`, `{"tier":"x"}`))
		add(20, "tenantId", pick(`"t"`, `null`, `3`))
		add(10, "resourceGroup", `"rg"`)
		add(10, "subscriptionId", `"s"`)
		add(5, "zones", pick(`["1"]`, `[]`))
		add(5, "identity", `{"type":"SystemAssigned"}`)
		add(5, "plan", `{"name":"p"}`)
		add(5, "extendedLocation", `{"name":"e"}`)
		add(2, "location", `"eastus"`)
		add(1, "bartizan", `"read"`)
		add(95, pick("properties", "properties", "properties", "Properties"), pick(value(), `{"a":`+value()+`}`, `{"a":`+value()+`,"list":`+value()+`}`,
			`{"a":`+value()+`,"A":`+value()+`}`, `{"a":`+value()+`,"a":`+value()+`}`, `{"\u0061":`+value()+`,"provisioningState":"Succeeded"}`, `{"list":[{"x":"z"},{"x":"y","a":1}],"provisioningState":5}`))
		if r.IntN(5) == 0 {
			r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		}
		record := "{" + strings.Join(members, pick(",", ",", ", ", " ,\t")) + "}"
		switch r.IntN(40) {
		case 0:
			at := r.IntN(len(record))
			record = record[:at] + pick("", "\"", "}", ",", "\x01", "\\", "\xff") + record[at+1:]
		case 1:
			record += pick(record, " ", `{"value":[]}`)
		case 2:
			record = `{"value":[` + record + `]}`
		}
		b.WriteString(record + pick("\n", "\n", "\r\n", "\n\n"))
	}
	return b.String()
}
