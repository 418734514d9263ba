package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// written writes a text as a JSON string, now and then some of its characters as
// escapes: what reads outlines may leave those to others, but not read them wrong.
func (m maker) written(text string) string {
	var b strings.Builder
	if m.IntN(8) > 0 {
		return `"` + text + `"`
	}
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case m.IntN(8) > 0:
			b.WriteRune(c)
		case c == '/' && m.IntN(2) == 0:
			b.WriteString(`\/`)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// cased writes a key in some case.
func (m maker) cased(key string) string {
	if m.IntN(12) > 0 {
		return key
	}
	return m.pick(strings.ToUpper(key), strings.ToUpper(key[:1])+key[1:])
}

// odd makes a resource in a form that JSON allows and few write.
func (m maker) odd() string {
	const group = "/subscriptions/s/resourceGroups/g"
	name := m.pick("x", "t1", "é", "a b")
	id := group + m.pick("1", "2") + m.pick("/providers/", "/Providers/") + "Contoso.Shop/stores/" + name
	members := []string{
		`"` + m.cased("id") + `": ` + m.written(id),
		`"` + m.cased("type") + `": ` + m.written(m.pick("Contoso.Shop/stores", "contoso.shop/STORES")),
		`"` + m.cased("properties") + `": ` + m.body(),
	}
	if m.IntN(5) > 0 {
		members = append(members, `"`+m.cased("name")+`": `+m.written(m.pick(name, "up/"+name)))
	}
	if m.IntN(3) > 0 {
		members = append(members, `"`+m.cased("location")+`": `+m.written(m.pick("East US", "x", "")))
	}
	if m.IntN(3) > 0 {
		members = append(members, `"`+m.cased("kind")+`": `+m.written(m.pick("x", "t1")))
	}
	if m.IntN(3) > 0 {
		members = append(members, `"`+m.cased("tags")+`": {`+m.written(m.pick("X", "x"))+`: `+m.written("x")+`}`)
	}
	m.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, m.pick(",", " ,\t")) + "}"
}

// TestRead_agrees_with_parsing holds Judge.Read against ParseResource where ids,
// names and types are written with escapes and keys in any case: what they say of
// a resource, and what becomes of it.
func TestRead_agrees_with_parsing(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
		t.Fatal(err)
	}
	read, all := 0, 0
	for seed := range uint64(40) {
		m := maker{rand.New(rand.NewPCG(seed, 9))}
		set := NewSet(aliases, testClock)
		for set.Len() < 30 {
			d, problems := ParseDefinition("rule.json", []byte(m.rule()))
			if d == nil {
				t.Fatal(problems)
			}
			set.Add(Bind(d, nil))
		}
		plain, reader := set.Judge(), set.Judge()
		for range 200 {
			line := m.odd()
			want := parsed(t, line)
			want.Surroundings = surroundings{}
			wanted := statusesOf(plain.Resource(want))
			all++
			got, ok := reader.Read([]byte(line))
			if !ok {
				reader.Resource(want) // it learns the type
				continue
			}
			read++
			got.Surroundings = surroundings{}
			heads := func(r *Resource) []string { return []string{r.ID, r.Name, strings.ToLower(r.Type), r.Location} }
			if diff := cmp.Diff(heads(want), heads(&got)); diff != "" {
				t.Fatalf("seed %d: %s: parsed (-) and read (+):\n%s", seed, line, diff)
			}
			if diff := cmp.Diff(wanted, statusesOf(reader.Resource(&got))); diff != "" {
				t.Fatalf("seed %d: %s: judged as parsed (-) and as read (+):\n%s", seed, line, diff)
			}
		}
	}
	t.Logf("%d of %d read", read, all)
	if read < all/20 {
		t.Errorf("%d of %d records were read as outlines", read, all)
	}
}
