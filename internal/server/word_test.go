package server

import "testing"

// TestWords: every parameter and every field of the API says what it is: in its doc
// tag, or by a name that means the same everywhere.
func TestWords(t *testing.T) {
	api := newRunning(t).server.api.OpenAPI()
	for path, item := range api.Paths {
		for _, o := range operationsOf(item) {
			for _, p := range o.Parameters {
				if p.Description == "" {
					t.Errorf("%s %s: parameter %s says nothing", o.Method, path, p.Name)
				}
			}
			if o.Summary == "" {
				t.Errorf("%s %s says nothing", o.Method, path)
			}
		}
	}
	for name, schema := range api.Components.Schemas.Map() {
		for field, property := range schema.Properties {
			if property.Description == "" && property.Ref == "" {
				t.Errorf("%s.%s says nothing", name, field)
			}
		}
	}
}
