package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// casesSuffix ends the name of a file with the cases of the definition beside
// it: require-tls.json has require-tls.cases.json.
const casesSuffix = ".cases.json"

func isCases(name string) bool { return strings.HasSuffix(strings.ToLower(name), casesSuffix) }

func isYAML(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// tested is a definition with its cases.
type tested struct {
	file  string // where the cases stand
	bound func(given map[string]policy.Value) *policy.Bound
	cases []testCase
}

// testCase is one case: a resource, what surrounds it, and the state that it
// must get.
type testCase struct {
	name       string
	pos        policy.Position
	resource   []byte
	related    [][]byte
	complete   []string // types known to be completely read; nil = those in related
	collected  bool
	unread     []string // paths
	parameters map[string]policy.Value
	now        time.Time
	want       posture.State
	reason     string // "" = any
	effect     string // "" = any
}

var caseKeys = []string{"name", "resource", "related", "complete", "collected", "unread", "parameters", "now", "want", "reason", "effect"}

// caseFile reads a definition with the cases inside it or, where they are not
// nil, those of the file beside it.
func caseFile(file string, data []byte, besideFile string, beside []byte) (*tested, policy.Problems) {
	n, problems := parseTree(file, data)
	if problems != nil {
		return nil, problems
	}
	f := &fields{file: file}
	t := &tested{file: file}
	list := n.Get("cases")
	if beside != nil {
		f.file, t.file = besideFile, besideFile
		if list, problems = parseTree(besideFile, beside); problems != nil {
			return nil, problems
		}
	}
	if list == nil {
		return nil, nil
	}
	definition, problems := parseDefinition(file, data, n)
	if problems.Err() != nil {
		return nil, problems
	}
	if list.Kind != policy.Array {
		f.report(list.Pos, "cases: %s; want an array", list.Kind)
		return nil, f.problems
	}
	kind := typeOf(n)
	for _, item := range list.Items {
		t.cases = append(t.cases, f.testCase(item, kind))
	}
	t.bound = f.binding(n, definition)
	return t, f.problems
}

// parseTree reads JSON or YAML.
func parseTree(file string, data []byte) (*policy.Node, policy.Problems) {
	if isYAML(file) {
		var document yaml.Node
		if err := yaml.Unmarshal(data, &document); err != nil {
			return nil, policy.Problems{{File: file, Text: err.Error()}}
		}
		return fromYAML(&document), nil
	}
	n, err := policy.ParseNode(file, data)
	if err == nil {
		return n, nil
	}
	var problem policy.Problem
	errors.As(err, &problem)
	return nil, policy.Problems{problem}
}

// parseDefinition reads the definition of a file whose tree is n.
func parseDefinition(file string, data []byte, n *policy.Node) (*policy.Definition, policy.Problems) {
	if !isYAML(file) {
		return policy.ParseDefinition(file, data)
	}
	definition, problems := policy.ParseDefinition(file, n.AppendJSON(nil))
	for i := range problems {
		problems[i].Pos = policy.Position{} // a place in JSON that nobody wrote
	}
	return definition, problems
}

// typeOf finds the resource type that a rule names first, which cases need not
// repeat; "" if there is none.
func typeOf(n *policy.Node) string {
	if field := n.Get("field"); field != nil && strings.EqualFold(field.Text, "type") {
		if equals := n.Get("equals"); equals != nil {
			return equals.Text
		}
		if in := array(n, "in"); len(in) > 0 {
			return in[0].Text
		}
	}
	for _, item := range n.Items {
		if found := typeOf(item); found != "" {
			return found
		}
	}
	for _, m := range n.Members {
		if strings.EqualFold(m.Key, "cases") {
			continue
		}
		if found := typeOf(m.Value); found != "" {
			return found
		}
	}
	return ""
}

// binding gives what binds the definition to parameters, narrowed by the
// condition "applies" that files of our catalogue may have.
func (f *fields) binding(n *policy.Node, definition *policy.Definition) func(map[string]policy.Value) *policy.Bound {
	bind := func(given map[string]policy.Value) *policy.Bound { return policy.Bind(definition, given) }
	condition := n.Get("applies")
	if condition == nil {
		return bind
	}
	text := fmt.Sprintf(`{"policyRule":{"if":%s,"then":{"effect":"audit"}}}`, condition.AppendJSON(nil))
	where, problems := policy.ParseDefinition(f.file, []byte(text))
	if err := problems.Err(); err != nil {
		f.report(condition.Pos, "applies: %v", err)
		return bind
	}
	return func(given map[string]policy.Value) *policy.Bound { return bind(given).OnlyWhere(where.Rule.If) }
}

func (f *fields) testCase(n *policy.Node, kind string) testCase {
	f.known(n, caseKeys...)
	c := testCase{name: f.text(n, "name"), pos: n.Pos, collected: true, reason: f.text(n, "reason"), effect: f.text(n, "effect")}
	if v := n.Get("collected"); v != nil {
		c.collected = v.Text != "false"
	}
	id := ""
	c.resource, id = f.resource(n, n.Get("resource"), kind, "")
	for _, v := range array(n, "related") {
		related, _ := f.resource(v, v, "", id)
		c.related = append(c.related, related)
	}
	if n.Get("complete") != nil {
		c.complete = []string{}
	}
	for _, v := range array(n, "complete") {
		c.complete = append(c.complete, v.Text)
	}
	for _, v := range array(n, "unread") {
		c.unread = append(c.unread, v.Text)
	}
	c.parameters = map[string]policy.Value{}
	if v := n.Get("parameters"); v != nil {
		for _, m := range v.Members {
			c.parameters[strings.ToLower(m.Key)] = m.Value.Value()
		}
	}
	f.expected(n, &c)
	return c
}

// resource gives a resource of a case with its id; id, type and name are
// filled in where it has none. Those of related resources lie below the
// case's own, self.
func (f *fields) resource(where, v *policy.Node, kind, self string) (text []byte, id string) {
	whole := &policy.Node{Kind: policy.Object}
	if v != nil {
		if v.Kind != policy.Object {
			f.report(where.Pos, "resource is %s; want an object", v.Kind)
		}
		whole.Members = slices.Clone(v.Members)
	}
	fill := func(key, value string) string {
		if given := whole.Get(key); given != nil {
			return given.Text
		}
		if value != "" {
			whole.Members = append(whole.Members, policy.Property{Key: key, Value: &policy.Node{Kind: policy.String, Text: value}})
		}
		return value
	}
	kind = fill("type", kind)
	id = fill("id", exampleID(kind, fill("name", "example"), self))
	return whole.AppendJSON(nil), id
}

// exampleID makes an id for a resource of a case that has none.
func exampleID(kind, name, self string) string {
	namespace, below, _ := strings.Cut(kind, "/")
	if !strings.Contains(namespace, ".") || strings.HasSuffix(namespace, ".googleapis.com") {
		return name // not Azure: any id will do
	}
	if self == "" {
		self = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example"
	}
	id := self + "/providers/" + namespace
	for part := range strings.SplitSeq(below, "/") {
		id += "/" + part + "/" + name
	}
	return id
}

// expected reads what a case wants, and when it takes place.
func (f *fields) expected(n *policy.Node, c *testCase) {
	var err error
	if c.want, err = posture.ParseState(f.text(n, "want")); err != nil {
		f.report(n.Pos, "case %q: %v", c.name, err)
	}
	c.now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // a case must not change its outcome with the day
	if text := f.text(n, "now"); text != "" {
		if c.now, err = time.Parse(time.RFC3339, text); err != nil {
			f.report(n.Get("now").Pos, "case %q: now %q; want a time such as 2026-01-31T00:00:00Z", c.name, text)
		}
	}
}

func array(n *policy.Node, name string) []*policy.Node {
	if v := n.Get(name); v != nil && v.Kind == policy.Array {
		return v.Items
	}
	return nil
}

// fromYAML turns a YAML tree into the tree that JSON of the same content has.
// Dates stay the text that they were written as.
func fromYAML(y *yaml.Node) *policy.Node {
	n := &policy.Node{Kind: policy.String, Text: y.Value, Pos: policy.Position{Line: y.Line, Column: y.Column}}
	switch y.Kind {
	case yaml.DocumentNode:
		return fromYAML(y.Content[0])
	case yaml.AliasNode:
		return fromYAML(y.Alias)
	case yaml.SequenceNode:
		n.Kind = policy.Array
		for _, item := range y.Content {
			n.Items = append(n.Items, fromYAML(item))
		}
		return n
	case yaml.MappingNode:
		n.Kind = policy.Object
		for i := 0; i+1 < len(y.Content); i += 2 {
			key := y.Content[i]
			n.Members = append(n.Members, policy.Property{
				Key: key.Value, Pos: policy.Position{Line: key.Line, Column: key.Column}, Value: fromYAML(y.Content[i+1]),
			})
		}
		return n
	}
	switch y.Tag {
	case "!!null":
		n.Kind, n.Text = policy.Null, "null"
	case "!!bool":
		n.Kind, n.Text = policy.Bool, strings.ToLower(y.Value)
	case "!!int":
		n.Kind = policy.Int
	case "!!float":
		n.Kind = policy.Float
	}
	return n
}
