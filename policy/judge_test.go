package policy

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

// shopAliases are the aliases of the tables of tests. Their names need not look
// like Azure's.
const shopAliases = `{
	"a": {"type": "Contoso.Shop/stores", "path": "properties.a"},
	"b": {"type": "Contoso.Shop/stores", "path": "properties.b"},
	"deep": {"type": "Contoso.Shop/stores", "path": "properties.o.deep"},
	"sku": {"type": "Contoso.Shop/stores", "path": "sku.name"},
	"o": {"type": "Contoso.Shop/stores", "path": "properties.o"},
	"list": {"type": "Contoso.Shop/stores", "path": "properties.list"},
	"other": {"type": "Contoso.Shop/stores", "path": "properties.other"},
	"list[*]": {"type": "Contoso.Shop/stores", "path": "properties.list[*]"},
	"other[*]": {"type": "Contoso.Shop/stores", "path": "properties.other[*]"},
	"other[*].n": {"type": "Contoso.Shop/stores", "path": "properties.other[*].n"},
	"rules": {"type": "Contoso.Shop/stores", "path": "properties.rules"},
	"rules[*]": {"type": "Contoso.Shop/stores", "path": "properties.rules[*]"},
	"rules[*].name": {"type": "Contoso.Shop/stores", "path": "properties.rules[*].properties.name"},
	"rules[*].ports[*]": {"type": "Contoso.Shop/stores", "path": "properties.rules[*].properties.ports[*]"},
	"rules[*].ports[*].n": {"type": "Contoso.Shop/stores", "path": "properties.rules[*].properties.ports[*].n"},
	"hidden.star": {"type": "Contoso.Shop/stores", "path": "properties.rules[*].properties.name"},
	"whole": {"type": "Contoso.Shop/stores", "path": "properties.whole"},
	"versioned": {"type": "Contoso.Shop/stores", "path": "properties.new", "versions": {"2020-01-01": "properties.old"}},
	"secret": {"type": "Contoso.Shop/stores", "path": "properties.key", "secret": true},
	"general": {"path": "properties.general"},
	"foreign": {"type": "Contoso.Shop/tills", "path": "properties.a"},
	"foreign[*]": {"type": "Contoso.Shop/tills", "path": "properties.list[*]"},
	"state": {"type": "Contoso.Shop/tills", "path": "properties.state"},
	"level": {"type": "Contoso.Shop/stores/shelves", "path": "properties.level"},
	"lock": {"type": "Microsoft.Authorization/locks", "path": "properties.level"}
}`

const (
	shopGroup = `/subscriptions/s1/resourceGroups/g1`
	storeID   = shopGroup + `/providers/Contoso.Shop/stores/st1`
)

// store is a resource with these properties.
func store(properties string) string {
	return `{"id": "` + storeID + `", "name": "st1", "type": "Contoso.Shop/stores", "location": "East US", "properties": ` + properties + `}`
}

// judged is a rule on a resource, and what it comes to.
type judgedCase struct {
	cond       string   // what stands after "if"
	then       string   // audit if empty
	mode       string   // All if empty
	parameters string   // declared
	given      string   // values
	resource   string   // a store without properties if empty
	related    []string // JSON, or "unseen " and an id
	unread     string   // why there may be more related resources, "" if there are none
	alter      func(*Resource)
	long       bool   // bound with LongCounts
	spares     bool   // bound with SparingUnmatched
	alone      bool   // a set does not judge it so, which is known
	want       string // see verdictWord
}

// verdictWord is a verdict's state, with its reasons after a space.
func verdictWord(v Verdict) string {
	return strings.TrimSpace(strings.Join(append([]string{v.Compliance}, v.Reasons...), " "))
}

func (c *judgedCase) definition(t testing.TB) *Definition {
	t.Helper()
	text := `{"mode": "` + cmp.Or(c.mode, "All") + `", "parameters": ` + cmp.Or(c.parameters, "{}") +
		`, "policyRule": {"if": ` + c.cond + `, "then": ` + cmp.Or(c.then, `{"effect": "audit"}`) + `}}`
	d, problems := ParseDefinition("rule.json", []byte(text))
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return d
}

func (c *judgedCase) bound(t testing.TB) *Bound {
	t.Helper()
	given, err := ParseParameters([]byte(cmp.Or(c.given, "{}")))
	if err != nil {
		t.Fatal(err)
	}
	var options []BindOption
	if c.long {
		options = append(options, LongCounts)
	}
	if c.spares {
		options = append(options, SparingUnmatched)
	}
	return Bind(c.definition(t), given, options...)
}

func (c *judgedCase) subject(t testing.TB) *Resource {
	t.Helper()
	r := parsed(t, cmp.Or(c.resource, store(`{}`)))
	if c.alter != nil {
		c.alter(r)
	}
	return r
}

func (c *judgedCase) candidates(t testing.TB) (all Resources) {
	t.Helper()
	for _, text := range c.related {
		if id, unseen := strings.CutPrefix(text, "unseen "); unseen {
			all = append(all, NewUnseen(id, "denied"))
			continue
		}
		all = append(all, parsed(t, text))
	}
	return all
}

func parsed(t testing.TB, text string) *Resource {
	t.Helper()
	r, err := ParseResource([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

// partly knows some related resources, and that there may be others.
type partly struct {
	Resources
	reason string
}

func (p partly) Candidates(r *Resource, q Query) ([]*Resource, bool, string) {
	found, _, _ := p.Resources.Candidates(r, q)
	return found, false, p.reason
}

func (c *judgedCase) environment(t testing.TB) Environment {
	t.Helper()
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(shopAliases)); err != nil {
		t.Fatal(err)
	}
	env := Environment{Aliases: aliases, Now: testClock, Related: c.candidates(t)}
	if c.unread != "" {
		env.Related = partly{c.candidates(t), c.unread}
	}
	return env
}

// judge judges the case, and holds what a set makes of it against the verdict.
func (c *judgedCase) judge(t *testing.T) Verdict {
	t.Helper()
	env := c.environment(t)
	v := c.bound(t).Judge(c.subject(t), env)
	set := NewSet(env.Aliases, testClock)
	if c.alone {
		return v
	}
	number := set.Add(c.bound(t))
	if why := set.Broken(number); why != "" {
		t.Logf("not judged in a set: %s", why)
		return v
	}
	r := c.subject(t)
	estate := append([]*Resource{r}, c.candidates(t)...)
	got := ""
	for _, f := range set.JudgeAll(estate, func(string, string) (bool, string) { return c.unread == "", c.unread }) {
		if f.Resource == r {
			got = strings.TrimSpace(f.Status.String() + " " + strings.Join(f.Reasons, " "))
		}
	}
	want := verdictWord(v)
	switch v.Compliance {
	case NoData, ErrorState:
		want = strings.Join(append([]string{"Unknown"}, v.Reasons...), " ")
	case Unattested:
		want = "Manual"
	}
	if got != want {
		t.Errorf("in a set: %q, alone: %q", got, want)
	}
	return v
}

func runJudged(t *testing.T, tests map[string]judgedCase) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := test.judge(t)
			if got := verdictWord(v); got != test.want {
				t.Errorf("got %q, want %q; warnings: %q", got, test.want, v.Warnings)
			}
		})
	}
}

// holds runs conditions on a store with the same properties; the names of those
// that hold are in want.
func holds(t *testing.T, resource string, alter func(*Resource), conditions map[string]string, want ...string) {
	t.Helper()
	for name, cond := range conditions {
		t.Run(name, func(t *testing.T) {
			test := judgedCase{cond: cond, resource: resource, alter: alter}
			got := verdictWord(test.judge(t))
			expected := Compliant
			if slices.Contains(want, name) {
				expected = NonCompliant
			}
			if got != expected {
				t.Errorf("%s on %s: got %s, want %s", cond, resource, got, expected)
			}
		})
	}
}
