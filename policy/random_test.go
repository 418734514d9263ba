package policy

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// maker makes random rules and resources.
type maker struct{ *rand.Rand }

func (m maker) pick(list ...string) string { return list[m.IntN(len(list))] }

func (m maker) value() string {
	return m.pick(`1`, `2`, `"x"`, `"X"`, `"2"`, `""`, `null`, `true`, `"true"`, `"a*"`, `["x", 2]`, `[]`, `"[field('a')]"`,
		`"[length(field('list[*]'))]"`, `"[int(field('b'))]"`, `"[toLower(field('kind'))]"`, `"[resourceGroup().name]"`)
}

func (m maker) condition(depth int, inside string) string {
	if depth > 0 && m.IntN(3) > 0 {
		var kids []string
		for range 1 + m.IntN(3) {
			kids = append(kids, m.condition(depth-1, inside))
		}
		switch m.IntN(3) {
		case 0:
			return `{"not": ` + kids[0] + `}`
		case 1:
			return `{"anyOf": [` + strings.Join(kids, ",") + `]}`
		}
		return `{"allOf": [` + strings.Join(kids, ",") + `]}`
	}
	op := operatorNames[m.IntN(len(operatorNames))]
	compare := `"` + op + `": ` + m.value()
	switch n := m.IntN(8); {
	case n == 0 && depth > 0:
		array := m.pick("list[*]", "rules[*]", "other[*]", "rules[*].ports[*]", "foreign[*]")
		if name, ok := strings.CutSuffix(array, "[*]"); ok && m.IntN(3) == 0 && name != "foreign" {
			return countOf(array, `{"allOf": [`+leafOn(array, m.pick(`"equals": "x"`, `"exists": true`))+`, `+m.whole(name, compare)+`]}`, m.pick(`"greater": 0`, `"less": 2`, compare))
		}
		return countOf(array, m.condition(depth-1, array), compare)
	case n == 1 && depth > 0:
		return countValues(m.pick(`["x", 2]`, `"[field('list[*]')]"`, `"[field('a')]"`, `"[field('other')]"`, `"[items(field('o'))]"`), "v", m.condition(depth-1, "v"), compare)
	case n == 2 && inside != "":
		return valueOf("[current('"+inside+"')]", compare)
	case n == 4 && strings.HasSuffix(inside, "[*]") && !strings.HasPrefix(inside, "foreign"):
		return m.whole(strings.TrimSuffix(inside, "[*]"), compare)
	case n == 3:
		return `{"value": ` + m.value() + `, ` + compare + `}`
	}
	if m.IntN(5) == 0 {
		return m.wholes(inside, compare)
	}
	return leafOn(m.pick("a", "b", "deep", "list", "list[*]", "rules[*].name", "rules[*].ports[*].n", "other[*].n", "kind", "name", "type",
		"location", "tags.x", "foreign", "general", "sku", "[concat('tags[', field('kind'), ']')]"), compare)
}

// whole makes a condition, inside a count over an array, on all of the array.
func (m maker) whole(array, compare string) string {
	field := "field('" + array + "')"
	if strings.Contains(array, "[*]") {
		field = "first(field('" + array + "'))"
	}
	switch m.IntN(3) {
	case 0:
		return valueOf("["+m.pick("last("+field+")", field+"[1]", "length("+field+")")+"]", compare)
	case 1:
		return leafOn(array, m.pick(`"contains": "y"`, `"contains": 2`, compare))
	}
	return countValues(`"[`+field+`]"`, "w", `{"value": "[current('w')]", "`+m.pick("equals", "notEquals")+`": "x"}`, compare)
}

// wholes makes a condition on something below an object or array that is handed
// on as a value.
func (m maker) wholes(inside, compare string) string {
	object := m.pick("field('o')", "field('a')", "first(field('other'))", "last(field('rules'))", "union(field('o'), createObject('n', 1))",
		"intersection(field('o'), field('o'))", "createObject('x', field('o')).x", "first(skip(field('rules[*]'), 1))", "field('tags')")
	if inside == "v" || strings.HasSuffix(inside, "[*]") && m.IntN(2) == 0 {
		object = m.pick("current()", "current('"+inside+"')")
	}
	key := m.pick("x", "n", "deep", "properties")
	switch m.IntN(4) {
	case 0:
		return `{"value": "[` + object + `]", "` + m.pick("containsKey", "notContainsKey", "contains", "notContains") + `": "` + key + `"}`
	case 1:
		return leafOn(m.pick("o", "tags", "a", "other", "rules"), m.pick(compare, `"containsKey": "`+key+`"`, `"notContainsKey": "`+key+`"`, `"equals": {"deep": "x"}`))
	case 2:
		value := m.pick("string("+object+")", "length("+object+")", "empty("+object+")", "contains("+object+", '"+key+"')", "equals("+object+", field('o'))", "items("+object+")")
		return `{"value": "[` + value + `]", ` + compare + `}`
	}
	return `{"value": "[` + m.pick(object+"."+key, "tryGet("+object+", '"+key+"')", object+"."+key+".name") + `]", ` + compare + `}`
}

func (m maker) rule() string {
	existence := ""
	if m.IntN(2) == 0 {
		condition := strings.ReplaceAll(m.condition(1, ""), `"a"`, `"state"`)
		if m.IntN(3) == 0 { // by which candidates are found
			condition = `{"allOf": [` + leafOn(m.pick("name", "fullName", "id"), m.pick(`"equals": "[field('kind')]"`, `"equals": "[toUpper(field('kind'))]"`, `"equals": "T1"`, `"equals": "[field('id')]"`)) + `, ` + condition + `]}`
		}
		existence = `, "existenceCondition": ` + condition
	}
	name := m.pick(``, ``, `, "name": "t1"`, `, "name": "[field('kind')]"`, `, "kind": "x"`) +
		m.pick(``, ``, `, "existenceScope": "subscription"`, `, "resourceGroupName": "`+lastSegment(shopGroup)+`"`)
	then := m.pick(`{"effect": "audit"}`, `{"effect": "deny"}`, `{"effect": "manual"}`, `{"effect": "denyAction"}`,
		`{"effect": "auditIfNotExists", "details": {"type": "`+m.pick("Contoso.Shop/tills", "Contoso.Shop/stores/shelves", "Microsoft.Authorization/locks", "Contoso.Law/permits", "Contoso.Law/permits")+`"`+name+existence+`}}`)
	typed := leafOn("type", `"equals": "`+m.pick("Contoso.Shop/stores", "Contoso.Shop/stores", "Contoso.Shop/stores", "Contoso.Shop/stores",
		"Microsoft.Resources/subscriptions", "Contoso.Law/permits", "Microsoft.Authorization/locks")+`"`)
	return `{"mode": "` + m.pick("All", "Indexed") + `", "policyRule": {"if": {"allOf": [` + typed + `, ` + m.condition(3, "") + `]}, "then": ` + then + `}}`
}

// plainRule makes a rule of conditions on arrays alone.
func (m maker) plainRule() string {
	var kids []string
	for range 1 + m.IntN(2) {
		array := m.pick("list[*]", "list[*]", "rules[*]", "other[*]")
		of := map[string]string{"list[*]": "list[*]", "rules[*]": m.pick("rules[*].name", "rules[*].ports[*].n"), "other[*]": "other[*].n"}[array]
		where := leafOn(of, `"`+m.pick("equals", "notEquals", "like", "in")+`": `+m.pick(`"x"`, `"y"`, `1`))
		where = strings.NewReplacer(`"in": "x"`, `"in": ["x", "z"]`, `"in": "y"`, `"in": ["y"]`, `"in": 1`, `"in": [1]`, `"like": 1`, `"like": "x*"`).Replace(where)
		kid := where
		if m.IntN(3) > 0 {
			kid = countOf(array, where, m.pick(`"greater": 0`, `"less": 2`, `"equals": 1`))
		}
		if m.IntN(3) == 0 {
			kid = `{"not": ` + kid + `}`
		}
		kids = append(kids, kid)
	}
	return `{"mode": "All", "policyRule": {"if": {"allOf": [` + leafOn("type", `"equals": "Contoso.Shop/stores"`) + `, ` + strings.Join(kids, ",") + `]}, "then": {"effect": "audit"}}}`
}

func (m maker) body() string {
	var parts []string
	add := func(key string, values ...string) {
		if m.IntN(4) > 0 {
			parts = append(parts, `"`+key+`": `+m.pick(values...))
		}
	}
	add("a", `1`, `2`, `"x"`, `"2"`, `null`, `["x"]`, `{"x": 1}`, `true`)
	add("b", `1`, `"2"`, `"x"`)
	add("o", `{"deep": "x"}`, `{}`, `7`, `{"x": 1, "n": {"name": 2}}`, `null`)
	add("list", `["y"]`, `["y", "x"]`, `["z", "x", "x"]`, `["x", 2]`, `["X"]`, `[]`, `null`, `{"x": 1}`, `["x"]`, `["x", "y"]`, `[null, "x", "y"]`)
	add("other", `[{"n": 1}, {}]`, `[{"n": 2}]`, `[]`)
	add("rules", `[{"properties": {"name": "x", "ports": [{"n": 1}, {"n": 2}]}}, {"properties": {"ports": []}}, {}]`, `[{"properties": {"name": "X"}}]`)
	add("state", `"x"`, `2`)
	add("level", `"x"`, `2`)
	add("general", `"x"`)
	return `{` + strings.Join(parts, ",") + `}`
}

func (m maker) resource(id, kind string) string {
	extra := m.pick(``, `, "kind": "x"`, `, "kind": "t1"`) + m.pick(``, `, "location": "East US"`, `, "location": "x"`) + m.pick(``, `, "tags": {"X": "x"}`)
	return `{"id": "` + id + `", "type": "` + kind + `", "name": "` + lastSegment(id) + `"` + extra + `, "properties": ` + m.body() + `}`
}

// gaps makes unread places, also below what is there.
func (m maker) gaps() []Gap {
	var gaps []Gap
	for range 1 + m.IntN(2) {
		gaps = append(gaps, Gap{Path: m.pick("properties.a", "properties.list", "kind", "location", "tags", "", "properties.o.x", "properties.o.deep",
			"properties.o", "properties.a.x", "tags.x", "properties.state", "properties.other[*].n", "properties.other[1].n", "properties.other[*].x", "properties.other[*]",
			"properties.rules[*].properties.name", "properties.rules[*].properties", "properties.rules[0].properties.ports", "properties.rules[*].x",
			"properties.o.n.name", "properties.list[*]"), Reason: m.pick("denied", "throttled", "error")})
	}
	return gaps
}

const otherUnit = "/subscriptions/00000000-0000-4000-8000-000000000002"

// extended are what extension resources of the random estates hang below: of
// several units and at several levels, some a subscription or group.
var extended = []string{
	UnitOf(shopGroup), shopGroup, shopGroup + "/providers/Contoso.Shop/stores/st1", shopGroup + "/providers/Contoso.Shop/stores/st2",
	shopGroup + "/providers/Contoso.Shop/stores/st3/shelves/t1", shopGroup + "/providers/Contoso.Shop/stores/st1/providers/Contoso.Law/permits/t1",
	otherUnit, otherUnit + "/resourceGroups/other", otherUnit + "/resourceGroups/other/providers/Contoso.Shop/tills/x",
}

// bothUnknown lets reasons differ: a set reads what an existence check may need
// before it knows whether it will.
func bothUnknown(a, b string) bool {
	return strings.HasPrefix(a, "Unknown") && strings.HasPrefix(b, "Unknown")
}

// TestSet_agrees_on_random_rules holds a set of many rules at once against
// judging each alone, where much is unread or fails.
func TestSet_agrees_on_random_rules(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
		t.Fatal(err)
	}
	unknown := 0
	for seed := range uint64(60) {
		m := maker{rand.New(rand.NewPCG(seed, 7))}
		set := NewSet(aliases, testClock)
		var rules []string
		for len(rules) < 40 {
			text := m.rule()
			d, problems := ParseDefinition("rule.json", []byte(text))
			if d == nil {
				t.Fatalf("%v\n%s", problems, text)
			}
			rules = append(rules, text)
			if m.IntN(3) == 0 {
				set.Add(Bind(d, nil, SparingUnmatched))
				continue
			}
			set.Add(Bind(d, nil))
		}
		unread := seed%2 == 0
		var estate Resources
		for i := range 12 {
			r := parsed(t, m.resource(shopGroup+`/providers/Contoso.Shop/stores/st`+strconv.Itoa(i), "Contoso.Shop/stores"))
			r.Partial = unread && m.IntN(4) == 0
			if unread && m.IntN(3) == 0 {
				r.Gaps = m.gaps()
			}
			estate = append(estate, r)
		}
		for _, at := range []string{UnitOf(shopGroup), otherUnit} {
			estate = append(estate, parsed(t, m.resource(at, "Microsoft.Resources/subscriptions")))
		}
		for _, kind := range []string{"Contoso.Law/permits", "Microsoft.Authorization/locks"} {
			for _, at := range extended {
				if name := m.pick("t1", "x", ""); name != "" {
					estate = append(estate, parsed(t, m.resource(at+"/providers/"+kind+"/"+name, kind)))
				}
			}
		}
		for _, text := range []string{
			m.resource(shopGroup+`/providers/Contoso.Shop/tills/t1`, "Contoso.Shop/tills"), m.resource(shopGroup+`/providers/Contoso.Shop/tills/x`, "Contoso.Shop/tills"),
			m.resource(shopGroup+`/providers/Contoso.Shop/stores/st3/shelves/t1`, "Contoso.Shop/stores/shelves"),
			m.resource(shopGroup+`/providers/Contoso.Shop/stores/st4/providers/Microsoft.Authorization/locks/x`, "Microsoft.Authorization/locks"),
		} {
			r := parsed(t, text)
			if unread && m.IntN(2) == 0 {
				r.Gaps = m.gaps()
			}
			estate = append(estate, r)
		}
		if m.IntN(2) == 0 {
			for _, r := range estate {
				r.Surroundings = surroundings{}
			}
		}
		env := Environment{Aliases: aliases, Now: testClock, Related: estate, prepared: newPrepared(aliases)}
		reason := m.pick("", "denied")
		if reason != "" {
			env.Related = partly{estate, reason}
		}
		got := map[*Resource]map[int]string{}
		for _, f := range set.JudgeAll(estate, func(string, string) (bool, string) { return reason == "", reason }) {
			if got[f.Resource] == nil {
				got[f.Resource] = map[int]string{}
			}
			got[f.Resource][f.Rule] = strings.TrimSpace(f.Status.String() + " " + strings.Join(f.Reasons, " "))
		}
		for _, r := range estate {
			for n := range set.Len() {
				if set.Broken(n) != "" {
					continue
				}
				want := settledWord(set.Rule(n).Judge(r, env))
				if strings.HasPrefix(want, "Unknown") {
					unknown++
				}
				result := got[r][n]
				if result == "" {
					result = "NotApplicable"
				}
				if result != want && !bothUnknown(result, want) {
					t.Fatalf("seed %d: in a set %q, alone %q\n%s\n%s\npartial %v, gaps %v", seed, result, want, rules[n], r.Body, r.Partial, r.Gaps)
				}
			}
		}
	}
	if unknown < 1000 {
		t.Errorf("%d unknown verdicts, want many", unknown)
	}
}
