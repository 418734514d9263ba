package policy

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// TestUnread_is_never_decided takes something out of random bodies and says that
// it was not read: a verdict that is certain all the same must be that of the body
// as it was.
func TestUnread_is_never_decided(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
		t.Fatal(err)
	}
	env := Environment{Aliases: aliases, Now: testClock, prepared: newPrepared(aliases)}
	certain, unknown := 0, 0
	for seed := range uint64(1500) {
		m := maker{rand.New(rand.NewPCG(seed, 11))}
		text := `{"policyRule": {"if": ` + m.condition(3, "") + `, "then": {"effect": "audit"}}}`
		if m.IntN(2) == 0 {
			text = m.rule()
		}
		d, problems := ParseDefinition("rule.json", []byte(text))
		if d == nil {
			t.Fatalf("%v\n%s", problems, text)
		}
		rule := Bind(d, nil)
		for i := range 10 {
			whole := parsed(t, m.resource(shopGroup+`/providers/Contoso.Shop/stores/st`+strconv.Itoa(i), "Contoso.Shop/stores"))
			related := Resources{parsed(t, m.resource(shopGroup+`/providers/Contoso.Shop/tills/t1`, "Contoso.Shop/tills"))}
			part, partly := parsed(t, whole.Body.String()), Resources{parsed(t, related[0].Body.String())}
			less := part
			if m.IntN(3) == 0 {
				less = partly[0]
			}
			taken, put := m.takeOut(less.Body)
			if taken == "" {
				continue
			}
			less.Gaps = []Gap{{Path: taken, Reason: "denied"}}
			if m.IntN(4) == 0 {
				less.Gaps = []Gap{{Path: "", Reason: "denied"}}
			}
			if strings.HasPrefix(taken, "location") {
				less.Location = ""
			}
			env.prepared = newPrepared(aliases)
			env.Related = related
			want := settledWord(rule.Judge(whole, env))
			env.Related = partly
			got := settledWord(rule.Judge(part, env))
			switch {
			case strings.HasPrefix(got, "Unknown"):
				unknown++
			case got != want && !(got == Compliant && want == "NotApplicable"): // by a kind that was not read
				t.Fatalf("seed %d: %q without %s, which was not read, and %q with it\n%s\n%s\n%s\n%s", seed, got, taken, want, text, whole.Body, less.Body, related[0].Body)
			default:
				certain++
				// It may have been anything else, too.
				put(fastjson.MustParse(m.pick(`1`, `"x"`, `null`, `true`, `{}`, `{"x": 1, "deep": "x"}`, `["x"]`, `[{"n": 1}, {"x": "x"}]`, `{"properties": {"name": "x"}}`)))
				other, others := parsed(t, part.Body.String()), Resources{parsed(t, partly[0].Body.String())}
				env.Related = others
				if want := settledWord(rule.Judge(other, env)); got != want && !(got == Compliant && want == "NotApplicable") {
					t.Fatalf("seed %d: %q without %s, which was not read, and %q with another\n%s\n%s\n%s", seed, got, taken, want, text, other.Body, others[0].Body)
				}
			}
		}
	}
	t.Logf("%d certain, %d unknown", certain, unknown)
	if unknown < 1000 || certain < 1000 {
		t.Errorf("%d certain and %d unknown verdicts, want many", certain, unknown)
	}
}

// takeOut deletes one property of a body, at any depth, and gives its path, and what
// puts another there; "" if it hit upon one that is not to be taken.
func (m maker) takeOut(v *fastjson.Value) (path string, put func(*fastjson.Value)) {
	for {
		switch v.Type() {
		case fastjson.TypeArray:
			items, _ := v.Array()
			if len(items) == 0 {
				return "", nil
			}
			i := m.IntN(len(items))
			path, v = path+"["+strconv.Itoa(i)+"]", items[i]
		case fastjson.TypeObject:
			o, _ := v.Object()
			var keys []string
			o.Visit(func(key []byte, _ *fastjson.Value) { keys = append(keys, string(key)) })
			if len(keys) == 0 {
				return "", nil
			}
			key := keys[m.IntN(len(keys))]
			if path == "" && (key == "id" || key == "type" || key == "name") {
				return "", nil
			}
			if path != "" {
				path += "."
			}
			path += key
			if kid := v.Get(key); m.IntN(2) == 0 || kid.Type() != fastjson.TypeObject && kid.Type() != fastjson.TypeArray {
				v.Del(key)
				return path, func(other *fastjson.Value) { v.Set(key, other) }
			}
			v = v.Get(key)
		default:
			return "", nil
		}
	}
}
