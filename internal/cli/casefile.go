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
	said       bool     // the case says so itself
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
	if problems.Err() == nil {
		problems = nil // what is only worth a warning lint tells
		t.bound = f.binding(n, definition)
	}
	if list.Kind != policy.Array {
		f.report(list.Pos, "cases: %s; want an array", list.Kind)
	}
	kind, names := typeOf(n), map[string]int{}
	for _, item := range list.Items {
		if item.Kind != policy.Object {
			f.report(item.Pos, "case is %s; want an object", item.Kind)
			continue
		}
		t.cases = append(t.cases, f.testCase(item, kind))
		f.caseNames(item, names)
		if definition != nil {
			f.caseParameters(item, definition)
		}
	}
	return t, append(problems, f.problems...)
}

// caseNames reports a case without a name, or with that of another one.
func (f *fields) caseNames(n *policy.Node, names map[string]int) {
	name := n.Get("name")
	switch {
	case name == nil || name.Kind == policy.String && name.Text == "":
		f.report(n.Pos, `case without "name"; want what it shows, in a word or two`)
	case name.Kind != policy.String: // reported where it is read
	case names[name.Text] > 0:
		f.report(n.Pos, "case %q stands in line %d too; want each name once", name.Text, names[name.Text])
	default:
		names[name.Text] = n.Pos.Line
	}
}

// caseParameters reports values of parameters that the definition has not, or
// takes not.
func (f *fields) caseParameters(n *policy.Node, definition *policy.Definition) {
	values := n.Get("parameters")
	if values == nil || values.Kind != policy.Object {
		return
	}
	for _, m := range values.Members {
		at := slices.IndexFunc(definition.Parameters, func(p policy.Parameter) bool { return strings.EqualFold(p.Name, m.Key) })
		var about []policy.Parameter
		if at >= 0 {
			about = definition.Parameters[at : at+1]
		}
		_, problems := policy.CheckParameters(about, map[string]policy.Value{m.Key: m.Value.Value()})
		for _, p := range problems {
			if !p.Warning {
				f.report(m.Pos, "%s", p.Text)
			}
		}
	}
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
	if v := f.kind(n, "collected", policy.Bool, "true or false"); v != nil {
		c.collected, c.said = v.Text != "false", true
	}
	id := ""
	c.resource, id = f.resource(n, n.Get("resource"), kind, "")
	for _, v := range f.items(n, "related", policy.Object, "objects") {
		related, _ := f.resource(v, v, "", id)
		c.related = append(c.related, related)
	}
	if n.Get("complete") != nil {
		c.complete = []string{}
	}
	for _, v := range f.items(n, "complete", policy.String, "resource types") {
		c.complete = append(c.complete, v.Text)
	}
	for _, v := range f.items(n, "unread", policy.String, "paths") {
		c.unread = append(c.unread, v.Text)
	}
	c.parameters = map[string]policy.Value{}
	if v := f.kind(n, "parameters", policy.Object, "an object {name: value}"); v != nil {
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
	if c.reason != "" && !contains(unknownReasons, c.reason) {
		f.report(n.Get("reason").Pos, "case %q: reason %q; want one of %s", c.name, c.reason, strings.Join(unknownReasons, ", "))
	}
	word := f.text(n, "want")
	switch c.want, err = posture.ParseState(word); {
	case err != nil || !slices.Contains(caseStates, c.want):
		f.report(n.Pos, "case %q: state %q: want one of %s", c.name, word, joined(caseStates))
	case c.reason != "" && c.want != posture.Unknown:
		f.report(n.Get("reason").Pos, "case %q: reason %q beside %q; only what is unknown has one", c.name, c.reason, word)
	}
	c.now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // a case must not change its outcome with the day
	if text := f.text(n, "now"); text != "" {
		if c.now, err = time.Parse(time.RFC3339, text); err != nil {
			f.report(n.Get("now").Pos, "case %q: now %q; want a time such as 2026-01-31T00:00:00Z", c.name, text)
		}
	}
}

// caseStates are those that a case may want: nothing is exempt in one.
var caseStates = []posture.State{posture.Unhealthy, posture.Unknown, posture.Healthy, posture.Manual, posture.NotApplicable}

func joined(states []posture.State) string {
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = s.String()
	}
	return strings.Join(words, ", ")
}

// unknownReasons are those that a verdict on one case may have.
var unknownReasons = []string{
	posture.Denied.String(), posture.Throttled.String(), posture.Failed.String(), posture.Partial.String(), posture.NotCollected.String(),
}

// kind gives a member that has to be of one kind; nil without it.
func (f *fields) kind(n *policy.Node, name string, kind policy.Kind, want string) *policy.Node {
	v := n.Get(name)
	if v != nil && v.Kind != kind {
		f.report(v.Pos, "%s is %s; want %s", name, v.Kind, want)
		return nil
	}
	return v
}

// items gives the items of a member that has to be an array of one kind.
func (f *fields) items(n *policy.Node, name string, kind policy.Kind, want string) []*policy.Node {
	v := f.kind(n, name, policy.Array, "an array of "+want)
	if v == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(v.Items), func(item *policy.Node) bool {
		if item.Kind != kind {
			f.report(item.Pos, "%s has %s in it; want %s", name, item.Kind, want)
		}
		return item.Kind != kind
	})
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
