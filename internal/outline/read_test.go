package outline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// wanted has a slot of every kind.
func wanted() (*Want, int) {
	kids := func(pairs ...any) map[string]*Want {
		m := map[string]*Want{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1].(*Want)
		}
		return m
	}
	rules := &Part{Kids: map[string]*Part{"access": {Everything: true}, "port": {Everything: true}, "subnet": {Presence: true}}}
	return &Want{Slot: -1, Kids: kids(
		"location", &Want{Slot: 0, As: Text},
		"tags", &Want{Slot: 1, As: Keys, Kids: kids("env", &Want{Slot: 2, As: Text})},
		"properties", &Want{Slot: -1, Kids: kids(
			"a", &Want{Slot: 3, As: Kind},
			"b", &Want{Slot: 4, As: Whole, Kids: kids("c", &Want{Slot: 5, As: Text})},
			"rules", &Want{Slot: 6, As: Text, Below: rules, Members: true, Entire: 9},
			"list", &Want{Slot: 7, As: Text, Below: &Part{Everything: true}, Members: true},
		)},
	)}, 9
}

// seen is what counts of each slot's value, written by encoding/json.
func seen(record []byte) [9]string {
	v := decoded(record)
	if v == nil {
		return [9]string{}
	}
	tags, _ := at(v, "tags").(map[string]any)
	b, _ := at(v, "properties", "b").(map[string]any)
	return [9]string{
		text(at(v, "location")), keysOf(at(v, "tags")), text(at(tags, "env")), kindOf(at(v, "properties", "a")),
		text(at(v, "properties", "b")), text(at(b, "c")), text(part(at(v, "properties", "rules"))), text(at(v, "properties", "list")),
		text(at(v, "properties", "rules")),
	}
}

// decoded gives an object, nil for anything else. Numbers stay as they are
// written: no float64 holds all of them.
func decoded(record []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(record))
	d.UseNumber()
	var v map[string]any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// properties gives a record's properties.
func properties(record []byte) any {
	return at(decoded(record), "properties")
}

type absent struct{}

// at looks up a path, ignoring case.
func at(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = absent{}
		for key, value := range m {
			if strings.EqualFold(key, name) {
				v = value
			}
		}
	}
	return v
}

func text(v any) string {
	if v == (absent{}) {
		return ""
	}
	b, _ := json.Marshal(v)
	return string(b)
}

func kindOf(v any) string {
	switch v := v.(type) {
	case absent:
		return ""
	case nil, bool:
		return fmt.Sprint(v)
	}
	return "something"
}

func keysOf(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return text(v)
	}
	keys := []string{}
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return "keys " + strings.Join(keys, ",")
}

// part keeps what rules count.
func part(v any) any {
	switch v := v.(type) {
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = part(v[i])
		}
		return items
	case map[string]any:
		kept := map[string]any{}
		for _, key := range []string{"access", "port"} {
			if x := at(v, key); x != (absent{}) {
				kept[key] = x
			}
		}
		if x := at(v, "subnet"); x != (absent{}) {
			kept["subnet"] = x != nil
		}
		return kept
	}
	return v
}

// maker writes records that look alike.
type maker struct{ *rand.Rand }

func (m maker) pick(choices ...string) string { return choices[m.IntN(len(choices))] }

func (m maker) record() string {
	var members []string
	add := func(often int, key, value string) {
		if m.IntN(10) < often {
			members = append(members, fmt.Sprintf("%q:%s", key, value))
		}
	}
	add(9, "id", fmt.Sprintf("%q", fmt.Sprint("/subscriptions/x/", m.IntN(1000))))
	add(9, "location", m.pick(`"westeurope"`, `"eastus"`, `null`, `7`, `"caf\u00e9"`, `"café"`))
	add(7, m.pick("tags", "tags", "Tags"), m.pick(`{"env":"prod"}`, `{"env":"test","x":"\""}`, `{"x":1,"ENV":null}`, `{}`, `null`, `[1]`, `{"env":"a","env":"b"}`))
	add(5, "etag", `"W/\"`+fmt.Sprint(m.IntN(100))+`\""`)
	add(9, "properties", m.properties())
	if m.IntN(6) == 0 {
		m.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	return m.spaced("{" + strings.Join(members, ",") + "}")
}

func (m maker) properties() string {
	var members []string
	add := func(often int, key, value string) {
		if m.IntN(10) < often {
			members = append(members, fmt.Sprintf("%q:%s", key, value))
		}
	}
	add(5, "skipped", m.pick(`{"deep":[1,{"x":"y"},[]],"z":-1.5e3}`, `"text"`, `[true,false,null]`, `12`))
	add(8, "a", m.pick(`true`, `false`, `null`, `"x"`, `[1]`, `{"q":1}`, `3`))
	add(8, "b", m.pick(`{"c":"one"}`, `{"c":"two","d":[1]}`, `[]`, `"flat"`, `{"C":5}`))
	rule := func() string {
		return fmt.Sprintf(`{"name":"r%d","access":%s,"port":%s%s}`, m.IntN(50), m.pick(`"Allow"`, `"Deny"`), m.pick(`"22"`, `22`, `["22","80"]`),
			m.pick("", `,"subnet":null`, `,"subnet":{"id":"s`+fmt.Sprint(m.IntN(50))+`"}`))
	}
	add(8, "rules", m.pick("[]", "["+rule()+"]", "["+rule()+","+rule()+"]", "null"))
	add(5, "list", m.pick(`["x","y"]`, `["x"]`, `[]`, `{"o":1}`, `"x"`))
	return "{" + strings.Join(members, ",") + "}"
}

// spaced adds white space in a few records, and breaks a few.
func (m maker) spaced(record string) string {
	switch m.IntN(12) {
	case 0:
		var b strings.Builder
		for i, c := range record {
			b.WriteRune(c)
			if strings.ContainsRune(",:{[", c) && !strings.Contains(record[:i], `\`) {
				b.WriteString(m.pick(" ", "\n  ", ""))
			}
		}
		return b.String()
	case 1:
		at := m.IntN(len(record))
		return record[:at] + m.pick("", "\"", "}", ",", "\x01", "\\") + record[at+1:]
	}
	return record
}

// Equal codes mean that all that counts of two values is equal, a code of 0
// that there is none; what is read is JSON. So it is where a form is looked at too.
func TestRead(t *testing.T) {
	for name, form := range map[string]*Form{
		"without a form": nil,
		"with a form": {Kids: map[string]*Form{"properties": {Kinds: Object, Kids: map[string]*Form{
			"rules": {Kinds: Array, Items: &Form{Kinds: Object, Kids: map[string]*Form{"access": {Kinds: String}}}},
			"list":  {Kinds: Array | Object | String, Items: &Form{Kinds: String}},
			"b":     {Kinds: Array | Object | String, Items: &Form{}, Kids: map[string]*Form{"d": {Kinds: Array, Items: &Form{Kinds: Number}}}},
		}}}},
	} {
		t.Run(name, func(t *testing.T) { holdCodes(t, form) })
	}
}

func holdCodes(t *testing.T, form *Form) {
	m := maker{rand.New(rand.NewPCG(3, 4))}
	want, slots := wanted()
	r := NewReader(want, slots, form)
	var mapped Map
	meaning := make([]map[Code]string, slots)
	for i := range meaning {
		meaning[i] = map[Code]string{}
	}
	members := [2]map[Code]string{{}, {}}
	read, repeated := 0, 0
	for range 60_000 {
		record := []byte(m.record())
		mapped.Read(record)
		if !r.Read(&mapped) {
			continue
		}
		if read++; !json.Valid(record) || fastjson.ValidateBytes(record) != nil {
			t.Fatalf("read what is no JSON: %q", record)
		}
		for slot, text := range seen(record) {
			code := r.Record.Codes[slot]
			if (code == 0) != (text == "") {
				t.Fatalf("slot %d of %q: code %d for %q", slot, record, code, text)
			}
			if code <= 0 {
				continue
			}
			if known, ok := meaning[slot][code]; ok && known != text {
				t.Fatalf("slot %d of %q: code %d stands for %q and for %q", slot, record, code, known, text)
			} else if ok {
				repeated++
			}
			meaning[slot][code] = text
		}
		for i, array := range []string{"rules", "list"} {
			codes, isArray := r.Record.Members(6 + i)
			items, _ := at(properties(record), array).([]any)
			if array == "list" && !isArray && form == nil {
				continue // all of it is one text
			}
			if isArray != (items != nil) || len(codes) != len(items) {
				t.Fatalf("%q: %d codes of members of %s, want %d", record, len(codes), array, len(items))
			}
			for n, code := range codes {
				shown := text(items[n])
				if array == "rules" {
					shown = text(part(items[n]))
				}
				if known, ok := members[i][code]; code > 0 && ok && known != shown {
					t.Fatalf("%q: code %d stands for the members %q and %q", record, code, known, shown)
				}
				members[i][code] = shown
			}
		}
	}
	if read < 30_000 || repeated < 4*read {
		t.Errorf("%d of 60,000 records were read, %d codes came again", read, repeated)
	}
}

// A record with a wanted key twice, whatever its case, is left to a parser,
// and so is one with any of its own keys twice.
func TestRead_gives_up(t *testing.T) {
	for name, record := range map[string]string{
		"wanted_twice":          `{"properties":{"a":1,"a":2}}`,
		"wanted_in_two_cases":   `{"properties":{"a":1,"A":2}}`,
		"own_twice":             `{"x":1,"x":2}`,
		"head_in_another_case":  `{"Location":"x"}`,
		"escape_in_wanted":      `{"location":"a\nb"}`,
		"escape_in_key":         `{"loc\u0061tion":"b"}`,
		"control_character":     "{\"x\":\"a\tb\"}",
		"no_utf8":               "{\"x\":\"\xff\"}",
		"broken_escape":         `{"x":"\q"}`,
		"deep":                  `{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
		"two_values":            `{"x":1} {"y":2}`,
		"array":                 `[]`,
		"comma_at_end":          `{"x":1,}`,
		"comma_at_end_of_array": `{"x":[1,]}`,
		"leading_zero":          `{"x":01}`,
		"wrong_bracket":         `{"x":[1}`,
		"ends_early":            `{"x":"y`,
		"nothing":               ``,
	} {
		want, slots := wanted()
		r := NewReader(want, slots, nil)
		var m Map
		for range 2 {
			if m.Read([]byte(record)); r.Read(&m) {
				t.Errorf("%s: %q was read", name, record)
			}
		}
	}
}

// someForm has all that forms have.
func someForm() *Form {
	return &Form{Kids: map[string]*Form{"properties": {Kinds: Object, Kids: map[string]*Form{
		"on":    {Kinds: Boolean},
		"size":  {Kinds: Number | String},
		"none":  {Kinds: None},
		"a":     {Kinds: Array, Items: &Form{Kinds: String}}, // is wanted too
		"known": {Kinds: Object, Kids: map[string]*Form{"x": {}}, Others: map[string]bool{"y": true}},
		"rules": {Kinds: Array, Items: &Form{Kinds: Object, Kids: map[string]*Form{"to_port": {Kinds: Array, Items: &Form{}}}}},
	}}}}
}

// A record is read where all values at places of a form are of its kinds.
func TestRead_forms(t *testing.T) {
	form := someForm()
	for properties, read := range map[string]bool{
		`{}`:   true,
		`null`: true,
		`"x"`:  false,
		`[]`:   false,
		`{"on":true,"size":-1,"a":["x"],"rules":[{"to_port":[1,null,"x"],"more":{}}],"other":[null]}`: true,
		`{"on":null,"size":null,"none":null,"a":null,"rules":null}`:                                   true,
		`{"ON":false,"size":"x","a":[],"rules":[]}`:                                                   true,
		`{"known":{}}`:               true,
		`{"known":{"z":1,"Y":2}}`:    true,
		`{"known":{"X":{}}}`:         true,
		`{"known":{"z":1,"yy":{}}}`:  false,
		`{"on":"true"}`:              false,
		`{"On":1}`:                   false,
		`{"size":"@{a=1}"}`:          false,
		`{"size":"System.Object[]"}`: false,
		`{"size":false}`:             false,
		`{"size":{}}`:                false,
		`{"none":1}`:                 false,
		`{"a":"x"}`:                  false,
		`{"a":["x",1]}`:              false,
		`{"a":["x",null]}`:           false,
		`{"rules":{}}`:               false,
		`{"rules":[{},"x"]}`:         false,
		`{"rules":[null]}`:           false,
		`{"rules":[{"to_port":22}]}`: false,
		`{"rules":[{"toPort":[]}]}`:  false, // another spelling
		`{"o_n":true}`:               false,
	} {
		want, slots := wanted()
		r := NewReader(want, slots, form)
		var m Map
		for turn := range 3 {
			if m.Read([]byte(`{"id":"x","properties":` + properties + `}`)); r.Read(&m) != read {
				t.Errorf("%s: read %v in turn %d, want %v", properties, !read, turn, read)
			}
			m.Read([]byte(`{"id":"y","properties":{"on":true,"size":1,"a":["x"],"rules":[{"to_port":[5]}]}}`))
			if !r.Read(&m) {
				t.Fatal("the plain one was not read")
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	m := maker{rand.New(rand.NewPCG(5, 6))}
	for range 20 {
		f.Add([]byte(m.record()), []byte(m.record()))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		want, slots := wanted()
		r, strict := NewReader(want, slots, nil), NewReader(want, slots, someForm())
		var mapped Map
		for _, record := range [][]byte{first, second, first} {
			mapped.Read(record)
			mapped.Type(nil)
			formed := strict.Read(&mapped)
			if !r.Read(&mapped) {
				if formed {
					t.Fatalf("read by its form alone: %q", record)
				}
				continue
			}
			if !json.Valid(record) || fastjson.ValidateBytes(record) != nil {
				t.Fatalf("read what is no JSON: %q", record)
			}
			for slot, text := range seen(record) {
				if (r.Record.Codes[slot] == 0) != (text == "") {
					t.Fatalf("slot %d of %q: code %d for %q", slot, record, r.Record.Codes[slot], text)
				}
			}
		}
	})
}
