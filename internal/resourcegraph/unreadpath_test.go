package resourcegraph

import "testing"

// TestPathInColumns: a path is told with dots, however a read record writes it.
func TestPathInColumns(t *testing.T) {
	for path, want := range map[string]string{
		"properties.attributes.exp":          "properties.attributes.exp",
		"properties['attributes']['exp']":    "properties.attributes.exp",
		`properties["attributes"].exp`:       "properties.attributes.exp",
		"['properties']['rules'][0]['name']": "properties.rules[0].name",
		"['EnableKeyRotation']":              "properties.EnableKeyRotation",
		"properties['a.b']":                  "properties['a.b']",
		"tags['owner']":                      "tags['owner']",
		"Properties.x":                       "properties.x",
	} {
		if got := pathInColumns(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
