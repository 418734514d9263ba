package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// documents reads the objects of an option file: one object, an array of them,
// {"value": […]}, or JSON lines. Places are those in the file.
func documents(file string, data []byte) ([]*policy.Node, policy.Problems) {
	whole, err := policy.ParseNode(file, data)
	if err == nil {
		return items(whole), nil
	}
	lines := bytes.Split(data, []byte("\n"))
	var found []*policy.Node
	var problems policy.Problems
	good := false
	for i, line := range lines {
		if len(bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))) == 0 {
			continue
		}
		n, err := policy.ParseNode(file, line)
		var problem policy.Problem
		switch {
		case errors.As(err, &problem):
			problem.Pos.Line += i
			problems = append(problems, problem)
		default: // its reader says what it wants instead of anything but an object
			good = good || n.Kind == policy.Object
			shift(n, i)
			found = append(found, n)
		}
	}
	if good {
		return found, problems
	}
	var problem policy.Problem
	errors.As(err, &problem)
	return nil, policy.Problems{problem}
}

func items(n *policy.Node) []*policy.Node {
	if n.Kind == policy.Array {
		return n.Items
	}
	if list := n.Get("value"); list != nil && list.Kind == policy.Array {
		return list.Items
	}
	return []*policy.Node{n}
}

// shift moves a node and all below it down by some lines.
func shift(n *policy.Node, lines int) {
	n.Pos.Line += lines
	for _, item := range n.Items {
		shift(item, lines)
	}
	for i := range n.Members {
		n.Members[i].Pos.Line += lines
		shift(n.Members[i].Value, lines)
	}
}

// fields reads the text members of an object, and collects what is wrong with
// them.
type fields struct {
	file     string
	problems policy.Problems
}

func (f *fields) report(at policy.Position, format string, args ...any) {
	f.problems = append(f.problems, policy.Problem{File: f.file, Pos: at, Text: fmt.Sprintf(format, args...)})
}

// warn tells of what has no effect.
func (f *fields) warn(at policy.Position, format string, args ...any) {
	f.problems = append(f.problems, policy.Problem{File: f.file, Pos: at, Warning: true, Text: fmt.Sprintf(format, args...)})
}

// known reports members that are none of the given ones, or there twice.
func (f *fields) known(n *policy.Node, names ...string) {
	for i, member := range n.Members {
		first := slices.IndexFunc(n.Members, func(m policy.Property) bool { return strings.EqualFold(m.Key, member.Key) })
		if first < i {
			f.report(member.Pos, "property %q stands in line %d already; want it once", member.Key, n.Members[first].Pos.Line)
		}
		if !contains(names, member.Key) {
			f.report(member.Pos, "unknown property %q; want %s", member.Key, strings.Join(names, ", "))
		}
	}
}

// text reads a member that is a string, "" without it.
func (f *fields) text(n *policy.Node, name string) string {
	v := n.Get(name)
	switch {
	case v == nil || v.Kind == policy.Null:
		return ""
	case v.Kind != policy.String:
		f.report(v.Pos, "%s is %s; want a string", name, v.Kind)
		return ""
	}
	return v.Text
}

// one reads the only member there may be of several, and says which it was.
func (f *fields) one(n *policy.Node, names ...string) (name, text string) {
	before := len(f.problems)
	for _, candidate := range names {
		value := f.text(n, candidate)
		switch {
		case value == "":
		case text != "":
			f.report(n.Pos, "has both %q and %q; want one of them", name, candidate)
		default:
			name, text = candidate, value
		}
	}
	if text == "" && len(f.problems) == before {
		f.report(n.Pos, "has none of %s; want one of them", strings.Join(names, ", "))
	}
	return name, text
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
