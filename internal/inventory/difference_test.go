package inventory

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDifferences(t *testing.T) {
	tests := map[string]struct {
		before, after string
		want          []string
	}{
		"equal":             {`{"a":1,"b":{"c":[1,2]}}`, `{"b":{"c":[1,2]},"a":1}`, nil},
		"changed":           {`{"properties":{"https":true}}`, `{"properties":{"https":false}}`, []string{"properties.https: true > false"}},
		"came_and_went":     {`{"a":{"b":1}}`, `{"c":null}`, []string{`a: {"b":1} > `, "c:  > null"}},
		"another_kind":      {`{"a":{"b":1}}`, `{"a":[1]}`, []string{`a: {"b":1} > [1]`}},
		"list_by_place":     {`{"a":[1,2]}`, `{"a":[1,3,4]}`, []string{"a[1]: 2 > 3", "a[2]:  > 4"}},
		"list_by_name":      {`{"a":[{"name":"x","p":1},{"name":"y","p":2}]}`, `{"a":[{"name":"n"},{"name":"y","p":2},{"name":"x","p":3}]}`, []string{`a[n]:  > {"name":"n"}`, "a[x].p: 1 > 3"}},
		"names_met_twice":   {`{"a":[{"name":"x","p":1},{"name":"x","p":2}]}`, `{"a":[{"name":"x","p":1}]}`, []string{`a[1]: {"name":"x","p":2} > `}},
		"list_emptied":      {`{"a":[{"id":"x"}]}`, `{"a":[]}`, []string{`a[x]: {"id":"x"} > `}},
		"number_as_written": {`{"a":12345678901234567890}`, `{"a":12345678901234567891}`, []string{"a: 12345678901234567890 > 12345678901234567891"}},
		"nothing_before":    {"", `{"a":1}`, []string{`:  > {"a":1}`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			raw := func(text string) json.RawMessage {
				if text == "" {
					return nil
				}
				return json.RawMessage(text)
			}
			found, err := Differences(raw(test.before), raw(test.after))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range found {
				got = append(got, fmt.Sprintf("%s: %s > %s", d.Path, d.Before, d.After))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBodyOf(t *testing.T) {
	for record, want := range map[string]string{
		`{"id":"x","properties":{}}`: `{"id":"x","properties":{}} []`,
		`{"bartizan":"resource","id":"x","unread":["properties.a"],"body":{"properties":{}}}`: `{"properties":{}} [properties.a]`,
	} {
		body, unread, err := BodyOf([]byte(record))
		if got := fmt.Sprintf("%s %v", body, unread); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", record, got, err, want)
		}
	}
}
