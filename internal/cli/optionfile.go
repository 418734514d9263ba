package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/policy"
)

// readOptionFile reads a small file that a flag names, and notes what is only
// worth a warning. What the file says wrongly is an error of the command line;
// that it cannot be read is not.
func readOptionFile[T any](a *app, flag, file string, read func(file string, data []byte) (T, policy.Problems)) (T, error) {
	var none T
	if file == "" {
		return none, nil
	}
	text, err := files.Input{Path: file}.Text(a.reading)
	if err != nil {
		return none, fmt.Errorf("--%s: %w", flag, err)
	}
	value, problems := read(file, []byte(asUTF8(text)))
	slices.SortStableFunc(problems, func(a, b policy.Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	if err := problems.Err(); err != nil {
		return none, usage(fmt.Errorf("--%s:\n%w", flag, err))
	}
	for _, p := range problems.Warnings() {
		a.note("--%s: %s", flag, p.Error())
	}
	return value, nil
}

// readAssignments reads policyAssignments as Azure writes them.
func readAssignments(file string, data []byte) ([]*policy.Assignment, policy.Problems) {
	var l policy.Library
	problems := l.Add(file, data)
	f := &fields{file: file}
	nodes, _ := documents(file, data) // what is no JSON the library reports
	for _, n := range nodes {
		if n.Get("policyDefinitionId") == nil && n.Get("properties").Get("policyDefinitionId") == nil && !strings.EqualFold(typeText(n), assignmentType) {
			f.report(n.Pos, "no assignment; want one as Azure writes it, with policyDefinitionId and scope")
		}
	}
	problems = append(problems, f.problems...)
	if problems.Err() == nil && len(l.Assignments) == 0 {
		problems = append(problems, policy.Problem{File: file, Text: "no assignment in it; want Microsoft.Authorization/policyAssignments objects"})
	}
	return l.Assignments, problems
}

const assignmentType = "Microsoft.Authorization/policyAssignments"

func typeText(n *policy.Node) string {
	if kind := n.Get("type"); kind != nil {
		return kind.Text
	}
	return ""
}

// shortKeys begin the short form of exemptions and attestations, which names
// a rule instead of an assignment.
var shortKeys = []string{"recommendation", "policy", "control"}

// shortForms separates the objects in short form from those that Azure writes,
// which the library reads and tells of by their places, and reports those that
// are neither.
func shortForms(f *fields, nodes []*policy.Node, what string, told []policy.Position) []*policy.Node {
	var short []*policy.Node
	for _, n := range nodes {
		isShort := false
		for _, key := range shortKeys {
			isShort = isShort || n.Get(key) != nil
		}
		switch {
		case isShort:
			short = append(short, n)
		case slices.Contains(told, n.Pos):
		case n.Get("properties") == nil && n.Get("policyAssignmentId") == nil:
			f.report(n.Pos, "no %s; want one as Azure writes it, or %s with what it is about", what, strings.Join(shortKeys, " or "))
		default:
			f.problems = append(f.problems, policy.Problem{File: f.file, Pos: n.Pos, Warning: true, Text: "left out: no " + what})
		}
	}
	return short
}

// withoutLeftOut gives a library's problems without those of values that it does
// not know, as objects in short form are to it, and the places of the others.
func withoutLeftOut(problems policy.Problems) (rest policy.Problems, told []policy.Position) {
	for _, p := range problems {
		if p.Warning && (strings.HasPrefix(p.Text, "left out: ") || strings.HasSuffix(p.Text, " more values left out")) {
			continue
		}
		rest, told = append(rest, p), append(told, p.Pos)
	}
	return rest, told
}

// withSome refuses a file that holds something, and nothing of what is wanted. Of one
// that holds nothing it tells that.
func withSome(problems policy.Problems, f *fields, objects, found int, what string) policy.Problems {
	switch {
	case found > 0 || problems.Err() != nil:
		return problems
	case objects == 0:
		return append(problems, holdsNone(f.file, what)...)
	}
	return append(problems, policy.Problem{
		File: f.file, Text: fmt.Sprintf("no %s in it; want one as Azure writes it, or %s with what it is about", what, strings.Join(shortKeys, " or ")),
	})
}

func holdsNone(file, what string) policy.Problems {
	return policy.Problems{{File: file, Warning: true, Text: "no " + what + " in it"}}
}

// readExemptions reads policyExemptions as Azure writes them, and the short
// form {recommendation|policy|control, scope|resource, category, expiresOn,
// reason}. A short one has no assignment; its rule is the only reference id.
func readExemptions(file string, data []byte) ([]*policy.Exemption, policy.Problems) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, holdsNone(file, "exemption")
	}
	var l policy.Library
	problems, told := withoutLeftOut(l.Add(file, data))
	f := &fields{file: file}
	nodes, _ := documents(file, data) // what is no JSON the library reports
	exemptions := l.Exemptions
	for _, e := range exemptions {
		told = append(told, e.Pos)
	}
	for _, n := range shortForms(f, nodes, "exemption", told) {
		f.known(n, append(shortKeys, "scope", "resource", "category", "expiresOn", "reason")...)
		_, rule := f.one(n, shortKeys...)
		scope := f.scope(n)
		exemptions = append(exemptions, &policy.Exemption{
			Scope: scope, ReferenceIDs: []string{rule}, Category: f.category(n),
			ExpiresOn: f.instant(n, "expiresOn"), Description: f.text(n, "reason"), File: file, Pos: n.Pos,
		})
	}
	return exemptions, withSome(append(problems, f.problems...), f, len(nodes), len(exemptions), "exemption")
}

// readAttestations reads attestations as Azure writes them, and the short form
// {recommendation|policy|control, scope|resource, state, expiresOn, reason}.
func readAttestations(file string, data []byte) ([]*policy.Attestation, policy.Problems) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, holdsNone(file, "attestation")
	}
	var l policy.Library
	problems, told := withoutLeftOut(l.Add(file, data))
	f := &fields{file: file}
	nodes, _ := documents(file, data)
	attestations := l.Attestations
	for _, a := range attestations {
		told = append(told, a.Pos)
	}
	for _, n := range shortForms(f, nodes, "attestation", told) {
		f.known(n, append(shortKeys, "scope", "resource", "state", "expiresOn", "reason")...)
		_, rule := f.one(n, shortKeys...)
		scope := f.scope(n)
		attestations = append(attestations, &policy.Attestation{
			Scope: scope, ReferenceID: rule, State: f.state(n),
			ExpiresOn: f.instant(n, "expiresOn"), Comments: f.text(n, "reason"), File: file, Pos: n.Pos,
		})
	}
	return attestations, withSome(append(problems, f.problems...), f, len(nodes), len(attestations), "attestation")
}

// scope reads what a short form is for.
func (f *fields) scope(n *policy.Node) string {
	name, id := f.one(n, "scope", "resource")
	if id == "" {
		return ""
	}
	if err := policy.CheckScope(id); err != nil {
		f.report(n.Get(name).Pos, "%s %q %s", name, id, err)
	}
	return id
}

func (f *fields) category(n *policy.Node) string {
	text := f.text(n, "category")
	switch {
	case strings.EqualFold(text, "waiver"):
		return "Waiver"
	case strings.EqualFold(text, "mitigated"):
		return "Mitigated"
	}
	f.report(n.Pos, "category %q; want waiver or mitigated", text)
	return ""
}

// state reads the state that is attested, in our words or Azure's.
func (f *fields) state(n *policy.Node) string {
	text := f.text(n, "state")
	switch strings.ToLower(text) {
	case "healthy", "compliant":
		return "Compliant"
	case "unhealthy", "noncompliant":
		return "NonCompliant"
	}
	f.report(n.Pos, "state %q; want healthy or unhealthy", text)
	return ""
}

// instant reads a time, "" without one.
func (f *fields) instant(n *policy.Node, name string) string {
	text := f.text(n, name)
	if v := n.Get(name); v == nil || v.Kind != policy.String {
		return ""
	}
	if _, ok := policy.ParseInstant(text); ok {
		return text
	}
	f.report(n.Get(name).Pos, "%s %q; want a time such as 2027-01-31 or 2027-01-31T00:00:00Z", name, text)
	return ""
}
