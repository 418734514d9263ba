package policy_test

import (
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/policy"
)

func TestAliasEntry_ValuesIn(t *testing.T) {
	body := fastjson.MustParse(`{"sku":{"name":"S1"},"properties":{"Rules":[{"ports":[1,2]},{"name":"b"},{"ports":[3]}],"a.b":true,"old":1,"none":null}}`)
	tests := map[string]struct {
		path, version, want string
		many                bool
	}{
		"a_value":         {"sku.name", "", `"S1"`, false},
		"any_case":        {"properties.rules", "", `[{"ports":[1,2]},{"name":"b"},{"ports":[3]}]`, false},
		"of_all_members":  {"properties.rules[*].name", "", `"b"`, true},
		"of_their_arrays": {"properties.rules[*].ports[*]", "", `1 2 3`, true},
		"a_quoted_name":   {"properties['a.b']", "", `true`, false},
		"null":            {"properties.none", "", `null`, false},
		"nothing":         {"properties.none.x", "", ``, false},
		"no_array":        {"sku[*].name", "", ``, true},
		"of_a_version":    {"properties.new", "2020-01-01", `1`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := policy.AliasEntry{Path: test.path, Versions: map[string]string{"2020-01-01": "properties.old"}}
			values, many := e.ValuesIn(body, test.version)
			var texts []string
			for _, v := range values {
				texts = append(texts, v.String())
			}
			if got := strings.Join(texts, " "); got != test.want || many != test.many {
				t.Errorf("got %s, many %v; want %s, %v", got, many, test.want, test.many)
			}
		})
	}
}
