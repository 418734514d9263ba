package inventory

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// policyWords are the words behind the numbers that exports in snake case may have,
// by member and number.
var policyWords = map[string][]string{
	"logType":           {"LOG_TYPE_UNSPECIFIED", "ADMIN_READ", "DATA_WRITE", "DATA_READ"},
	"allValues":         {"ALL_VALUES_UNSPECIFIED", "ALLOW", "DENY"},
	"combiningFunction": {"AND", "OR"},
	"perimeterType":     {"PERIMETER_TYPE_REGULAR", "PERIMETER_TYPE_BRIDGE"},
}

// spellPolicy writes the members of a policy of Google, at every depth, as its JSON
// has them: audit_configs as auditConfigs, and a log type 1 as ADMIN_READ. Of a
// member in both spellings that in camel case stays; clash is the path to one where
// these say different things, "" for none.
func (d *Decoder) spellPolicy(v *fastjson.Value) (clash string) {
	if isArray(v) {
		for i, element := range v.GetArray() {
			if at := d.spellPolicy(element); at != "" {
				clash = joinPath("["+strconv.Itoa(i)+"]", at)
			}
		}
		return clash
	}
	if !isObject(v) {
		return ""
	}
	var snakes []string
	v.GetObject().Visit(func(key []byte, member *fastjson.Value) {
		if strings.IndexByte(string(key), '_') > 0 {
			snakes = append(snakes, string(key))
		}
		if at := d.spellPolicy(member); at != "" {
			clash = joinPath(string(key), at)
		}
	})
	for _, snake := range snakes {
		name := camelCase(snake)
		switch {
		case !v.Exists(name):
			v.Set(name, v.Get(snake))
			v.Del(snake)
		case differ(v.Get(name), v.Get(snake)):
			clash = name
		}
	}
	for name, words := range policyWords {
		if number := v.Get(name); number != nil && number.Type() == fastjson.TypeNumber {
			if i, err := number.Int(); err == nil && 0 <= i && i < len(words) {
				v.Set(name, d.string(words[i]))
			}
		}
	}
	return clash
}

// joinPath puts the path below a member behind its name.
func joinPath(name, below string) string {
	if below[0] != '[' {
		name += "."
	}
	return name + below
}
