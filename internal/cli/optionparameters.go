package cli

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// parameterFile is what a file of parameters holds: values by policy and name,
// and where those of a policy stand.
type parameterFile struct {
	values map[string]map[string]policy.Value
	places map[string]string
}

// readParameters reads {policy: {name: value}}; a value may also stand in an
// object with nothing but "value", as assignments have it.
func readParameters(file string, data []byte) (parameterFile, policy.Problems) {
	f := &fields{file: file}
	given := parameterFile{map[string]map[string]policy.Value{}, map[string]string{}}
	names := map[string]int{} // of policies, folded: the line that each stands in
	nodes, problems := documents(file, data)
	for _, n := range nodes {
		if n.Kind != policy.Object {
			f.report(n.Pos, "parameters: %s; want an object {policy: {name: value}}", n.Kind)
			continue
		}
		for _, member := range n.Members {
			f.once(names, member, "policy")
			if member.Value.Kind != policy.Object {
				f.report(member.Value.Pos, "parameters of %q: %s; want an object {name: value}", member.Key, member.Value.Kind)
				continue
			}
			given.places[member.Key] = fmt.Sprintf("%s:%d:%d", file, member.Pos.Line, member.Pos.Column)
			given.values[member.Key] = f.parameterValues(member.Value)
		}
	}
	if len(nodes) == 0 && len(problems) == 0 {
		f.report(policy.Position{Line: 1, Column: 1}, "no parameters in it; want an object {policy: {name: value}}")
	}
	return given, append(problems, f.problems...)
}

func (f *fields) parameterValues(n *policy.Node) map[string]policy.Value {
	values, names := map[string]policy.Value{}, map[string]int{}
	for _, parameter := range n.Members {
		f.once(names, parameter, "parameter")
		value := parameter.Value
		if inner := value.Get("value"); inner != nil && len(value.Members) == 1 {
			value = inner
		}
		values[strings.ToLower(parameter.Key)] = value.Value()
	}
	return values
}

// once reports a name that stood before, ignoring case.
func (f *fields) once(names map[string]int, member policy.Property, what string) {
	key := strings.ToLower(member.Key)
	if line, twice := names[key]; twice {
		f.report(member.Pos, "%s %q has values in line %d too; want them once", what, member.Key, line)
	}
	names[key] = member.Pos.Line
}
