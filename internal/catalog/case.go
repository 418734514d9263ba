package catalog

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// The properties of a case and of a resource in it.
var (
	caseKeys     = []string{"!name", "resource", "collected", "unread", "related", "complete", "parameters", "now", "!want", "reason"}
	resourceKeys = []string{
		"id", "name", "type", "kind", "location", "tags", "sku", "identity", "plan", "zones", "extendedLocation",
		"managedBy", "properties", "iamPolicy", "orgPolicy", "accessPolicy",
	}
	caseName = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
)

// cases reads a recommendation's cases and checks that the corners that its
// rule has are among them.
func (p *parser) cases(r *parsed, m map[string]member) {
	d, n := r.doc, m["cases"].value
	names := map[string]bool{}
	for _, item := range d.list(n, "cases") {
		c := d.oneCase(r, item)
		if names[c.Name] {
			d.report(item, "case %q: is there twice", c.Name)
		}
		names[c.Name] = true
		r.Cases = append(r.Cases, c)
	}
	if n == nil {
		return
	}
	if slices.ContainsFunc(r.Cases, func(c Case) bool { return c.Want == 0 }) {
		return // what that one is for is to be said first
	}
	for _, want := range r.wantedCases(m) {
		if !want.in(r.Cases) {
			d.report(n, "cases: no case %s", want.text)
		}
	}
}

func (d *document) oneCase(r *parsed, n *yaml.Node) Case {
	m := d.object(n, "case", caseKeys...)
	c := Case{
		Name:       d.pattern(m["name"].value, "name", caseName, "lower-case words joined by underscores"),
		Collected:  d.truth(m["collected"].value, "collected", true),
		Unread:     d.texts(m["unread"].value, "unread"),
		Complete:   d.texts(m["complete"].value, "complete"),
		Parameters: d.values(m["parameters"].value, "parameters"),
		Line:       n.Line,
	}
	if now := d.text(m["now"].value, "now"); now != "" {
		var err error
		if c.Now, err = time.Parse(time.RFC3339, now); err != nil {
			d.report(m["now"].value, "now: got %q, want a time such as 2026-06-01T00:00:00Z, in quotes", now)
		}
	}
	if w := d.word(m["want"].value, "want", "healthy", "unhealthy", "unknown", "manual", "notApplicable"); w != "" {
		c.Want, _ = posture.ParseState(w) // it is one of the five
	}
	if w := d.word(m["reason"].value, "reason", reasonWords()...); w != "" {
		c.Reason = reasonOf(w)
	}
	if c.Reason != posture.NoReason && c.Want != posture.Unknown {
		d.report(m["reason"].value, "reason: only an unknown case has one")
	}
	if len(r.Types) == 0 {
		return c // reported already; nothing can be filled in
	}
	self := d.resource(m["resource"].value, r.Types[0], nil)
	c.Resource = self.json
	for _, item := range d.list(m["related"].value, "related") {
		c.Related = append(c.Related, d.resource(item, "", &self).json)
	}
	return c
}

func reasonWords() []string {
	var words []string
	for r := posture.Denied; r <= posture.NotEvaluable; r++ {
		words = append(words, r.String())
	}
	return words
}

func reasonOf(word string) posture.Reason {
	for r := posture.Denied; r <= posture.NotEvaluable; r++ {
		if r.String() == word {
			return r
		}
	}
	return posture.NoReason
}

// example is a resource of a case with everything filled in.
type example struct {
	id, kind string // kind: the resource type
	json     json.RawMessage
}

// resource fills in what a case left out: the type (of the rule), the name
// "example" and an id that fits both, below self for its children.
func (d *document) resource(n *yaml.Node, resourceType string, self *example) example {
	m := map[string]member{}
	if n != nil {
		m = d.object(n, "resource", resourceKeys...)
	}
	e := example{kind: resourceType}
	if t := d.text(m["type"].value, "type"); t != "" {
		e.kind = t
	} else if e.kind == "" {
		d.report(n, "related: property \"type\" is missing")
	}
	name := "example"
	if s := d.text(m["name"].value, "name"); s != "" {
		name = s
	}
	if e.id = d.text(m["id"].value, "id"); e.id == "" {
		e.id = exampleID(e.kind, name, self)
	}
	b := appendString([]byte(`{"id":`), e.id)
	b = appendString(append(b, `,"type":`...), e.kind)
	b = appendString(append(b, `,"name":`...), name)
	for _, key := range resourceKeys[3:] {
		if v := m[key].value; v != nil {
			b = append(appendString(append(b, ','), key), ':')
			b = append(b, d.json(v, key)...)
		}
	}
	e.json = append(b, '}')
	return e
}

// The unit that all examples live in.
const (
	exampleSubscription = "/subscriptions/00000000-0000-0000-0000-000000000001"
	exampleAccount      = "111122223333"
	exampleProject      = "example-project"
)

// exampleID makes an id as the cloud would write it, as far as rules look.
func exampleID(resourceType, name string, self *example) string {
	switch cloudOf(resourceType) {
	case posture.AWS:
		parts := strings.Split(strings.ToLower(resourceType), "::")
		return "arn:aws:" + parts[1] + ":eu-central-1:" + exampleAccount + ":" + parts[len(parts)-1] + "/" + name
	case posture.GCP:
		service, kind, _ := strings.Cut(resourceType, "/")
		return "//" + service + "/projects/" + exampleProject + "/" + strings.ToLower(kind) + "s/" + name
	case posture.Machine:
		return "machines/example/" + name
	}
	return exampleARM(resourceType, name, self)
}

func exampleARM(resourceType, name string, self *example) string {
	switch {
	case strings.EqualFold(resourceType, "Microsoft.Resources/subscriptions"):
		return exampleSubscription
	case self == nil:
		return exampleSubscription + "/resourceGroups/example/providers/" + nested(resourceType, name)
	case len(resourceType) > len(self.kind) && strings.EqualFold(resourceType[:len(self.kind)+1], self.kind+"/"):
		return self.id + resourceType[len(self.kind):] + "/" + name
	case strings.EqualFold(self.id, exampleSubscription):
		return exampleSubscription + "/providers/" + nested(resourceType, name)
	case policy.IsExtensionType(resourceType):
		return self.id + "/providers/" + nested(resourceType, name)
	}
	return exampleSubscription + "/resourceGroups/example/providers/" + nested(resourceType, name)
}

// nested writes namespace/type/name, with "parent" as the name of each type
// above the last.
func nested(resourceType, name string) string {
	parts := strings.Split(resourceType, "/")
	var b strings.Builder
	b.WriteString(parts[0])
	for i, part := range parts[1:] {
		b.WriteString("/" + part + "/")
		if i < len(parts)-2 {
			b.WriteString("parent")
		} else {
			b.WriteString(name)
		}
	}
	return b.String()
}

// wanted is a case that a rule of some kind must have.
type wanted struct {
	text string
	is   func(Case) bool
}

func (w wanted) in(cases []Case) bool {
	for _, c := range cases {
		if w.is(c) {
			return true
		}
	}
	return false
}

func wants(s posture.State, because string) wanted {
	return wanted{"that wants " + s.String() + because, func(c Case) bool { return c.Want == s }}
}

// wantedCases lists what a reviewer would ask for.
func (r *parsed) wantedCases(m map[string]member) []wanted {
	var all []wanted
	switch {
	case bytes.Contains(r.Definition, []byte(`"effect":"manual"`)):
		return []wanted{wants(posture.Manual, ": the effect is manual")}
	case bytes.Contains(r.Definition, []byte(`"effect":"auditIfNotExists"`)):
		all = append(all,
			wanted{"with two related resources or more", func(c Case) bool { return len(c.Related) > 1 }},
			wanted{"that wants unhealthy without any related resource (say complete: [type])", func(c Case) bool {
				return c.Want == posture.Unhealthy && len(c.Related) == 0 && len(c.Complete) > 0
			}},
			wanted{"that wants unknown because the related type was not read", func(c Case) bool {
				return c.Want == posture.Unknown && c.Collected && len(c.Related) == 0 && len(c.Complete) == 0
			}})
	}
	all = append(all, wants(posture.Healthy, ""), wants(posture.Unhealthy, ""), wants(posture.Unknown, ""))
	if m["applies"].value != nil {
		all = append(all, wants(posture.NotApplicable, ": the file has applies"))
	}
	if m["parameters"].value != nil {
		all = append(all, wanted{"that sets a parameter", func(c Case) bool { return len(c.Parameters) > 0 }})
	}
	return all
}
