package inventory

import (
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

func TestIsWhole(t *testing.T) {
	tests := map[string]struct {
		kind, body string
		want       bool
	}{
		"properties":       {"A/b", `{"properties":{}}`, true},
		"none":             {"A/b", `{"id":"x","location":"y","sku":{}}`, false},
		"null":             {"A/b", `{"properties":null}`, false},
		"text":             {"A/b", `{"properties":"x"}`, false},
		"group":            {"Microsoft.Resources/resourceGroups", `{"id":"x","tags":{}}`, true},
		"group_without":    {"microsoft.resources/subscriptions/resourcegroups", `{"id":"x","name":"y","type":"z","tags":null}`, false},
		"subscription":     {"Microsoft.Resources/subscriptions", `{"id":"x","displayName":"y"}`, true},
		"outside_of_azure": {"AWS::S3::Bucket", `{"id":"x","tags":{}}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := IsWhole(test.kind, fastjson.MustParse(test.body)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// What az <service> show prints is told, and not whole; what only lacks properties
// is not whole without a word.
func TestFlattened(t *testing.T) {
	const id = `"id":"/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"`
	tests := map[string]struct{ line, told string }{
		"flattened":     {`{` + id + `,"accessTier":"Hot","kind":"StorageV2","b":1,"c":2,"d":3,"resourceGroup":"g"}`, "accessTier, b, c, … beside its id"},
		"list":          {`{` + id + `,"location":"x","changedTime":"t","createdTime":"t","provisioningState":"Succeeded","properties":null,"resourceGroup":"g"}`, ""},
		"columns":       {`{` + id + `,"location":"x","resourceGroup":"g","subscriptionId":"00000000-0000-0000-0000-00000000000a","tier":"Hot"}`, ""},
		"whole":         {`{` + id + `,"accessTier":"Hot","properties":{}}`, ""},
		"group":         {`{"id":"/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/g","location":"x","more":1}`, ""},
		"nulls_besides": {`{` + id + `,"location":"x","accessTier":null}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.line)
			told := strings.Join(f.Notices, "\n")
			if test.told == "" && told != "" || !strings.Contains(told, test.told) || test.told != "" && f.Resources[0].Whole {
				t.Errorf("told %q, want %q; whole %v", told, test.told, f.Resources[0].Whole)
			}
		})
	}
}
