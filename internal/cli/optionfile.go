package cli

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// readOptionFile reads a small file that a flag names.
func readOptionFile[T any](flag, file string, read func(file string, data []byte) (T, policy.Problems)) (T, error) {
	var none T
	if file == "" {
		return none, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return none, fmt.Errorf("--%s: %w", flag, err)
	}
	value, problems := read(file, data)
	slices.SortStableFunc(problems, func(a, b policy.Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	if err := problems.Err(); err != nil {
		return none, fmt.Errorf("--%s:\n%w", flag, err)
	}
	return value, nil
}

// readParameters reads {policy: {name: value}}.
func readParameters(file string, data []byte) (map[string]map[string]policy.Value, policy.Problems) {
	f := &fields{file: file}
	all := map[string]map[string]policy.Value{}
	nodes, problems := documents(file, data)
	for _, n := range nodes {
		for _, member := range n.Members {
			if member.Value.Kind != policy.Object {
				f.report(member.Value.Pos, "parameters of %q: %s; want an object {name: value}", member.Key, member.Value.Kind)
				continue
			}
			values := map[string]policy.Value{}
			for _, parameter := range member.Value.Members {
				values[strings.ToLower(parameter.Key)] = parameter.Value.Value()
			}
			all[member.Key] = values
		}
		if n.Kind != policy.Object {
			f.report(n.Pos, "parameters: %s; want an object {policy: {name: value}}", n.Kind)
		}
	}
	return all, append(problems, f.problems...)
}

// readHierarchy reads {id, parent, kind, name}, one a scope.
func readHierarchy(file string, data []byte) ([]posture.Scope, policy.Problems) {
	f := &fields{file: file}
	var scopes []posture.Scope
	nodes, problems := documents(file, data)
	for _, n := range nodes {
		if n.Kind != policy.Object {
			f.report(n.Pos, "scope is %s; want {id, parent, kind, name}", n.Kind)
			continue
		}
		f.known(n, "id", "parent", "kind", "name")
		s := posture.Scope{ID: f.text(n, "id"), Parent: f.text(n, "parent"), Name: f.text(n, "name")}
		kind := f.text(n, "kind")
		if s.ID == "" {
			f.report(n.Pos, `scope without "id"`)
		}
		if s.Kind = posture.ParseScopeKind(kind); s.Kind == posture.NoScopeKind {
			f.report(n.Pos, "kind %q; want tenant, organization, managementGroup, folder, ou, subscription, account, project, machines or resourceGroup", kind)
		}
		scopes = append(scopes, s)
	}
	return scopes, append(problems, f.problems...)
}

// readAssignments reads policyAssignments as Azure writes them.
func readAssignments(file string, data []byte) ([]*policy.Assignment, policy.Problems) {
	var l policy.Library
	problems := l.Add(file, data)
	if problems.Err() == nil && len(l.Assignments) == 0 {
		problems = append(problems, policy.Problem{File: file, Text: "no assignment in it; want Microsoft.Authorization/policyAssignments objects"})
	}
	return l.Assignments, problems
}

// shortKeys begin the short form of exemptions and attestations, which names
// a rule instead of an assignment.
var shortKeys = []string{"recommendation", "policy", "control"}

// shortForms separates the objects in short form from those that Azure writes,
// which the library reads, and reports those that are neither.
func shortForms(f *fields, nodes []*policy.Node, what string) []*policy.Node {
	var short []*policy.Node
	for _, n := range nodes {
		isShort := false
		for _, key := range shortKeys {
			isShort = isShort || n.Get(key) != nil
		}
		switch {
		case isShort:
			short = append(short, n)
		case n.Get("properties") == nil && n.Get("policyAssignmentId") == nil:
			f.report(n.Pos, "no %s; want one as Azure writes it, or %s with what it is about", what, strings.Join(shortKeys, " or "))
		}
	}
	return short
}

// readExemptions reads policyExemptions as Azure writes them, and the short
// form {recommendation|policy|control, scope|resource, category, expiresOn,
// reason}. A short one has no assignment; its rule is the only reference id.
func readExemptions(file string, data []byte) ([]*policy.Exemption, policy.Problems) {
	var l policy.Library
	problems := l.Add(file, data)
	f := &fields{file: file}
	nodes, _ := documents(file, data) // what is no JSON the library reports
	exemptions := l.Exemptions
	for _, n := range shortForms(f, nodes, "exemption") {
		f.known(n, append(shortKeys, "scope", "resource", "category", "expiresOn", "reason")...)
		_, rule := f.one(n, shortKeys...)
		_, scope := f.one(n, "scope", "resource")
		exemptions = append(exemptions, &policy.Exemption{
			Scope: scope, ReferenceIDs: []string{rule}, Category: f.category(n),
			ExpiresOn: f.instant(n, "expiresOn"), Description: f.text(n, "reason"), File: file, Pos: n.Pos,
		})
	}
	return exemptions, append(problems, f.problems...)
}

// readAttestations reads attestations as Azure writes them, and the short form
// {recommendation|policy|control, scope|resource, state, expiresOn, reason}.
func readAttestations(file string, data []byte) ([]*policy.Attestation, policy.Problems) {
	var l policy.Library
	problems := l.Add(file, data)
	f := &fields{file: file}
	nodes, _ := documents(file, data)
	attestations := l.Attestations
	for _, n := range shortForms(f, nodes, "attestation") {
		f.known(n, append(shortKeys, "scope", "resource", "state", "expiresOn", "reason")...)
		_, rule := f.one(n, shortKeys...)
		_, scope := f.one(n, "scope", "resource")
		attestations = append(attestations, &policy.Attestation{
			Scope: scope, ReferenceID: rule, State: f.state(n),
			ExpiresOn: f.instant(n, "expiresOn"), Comments: f.text(n, "reason"), File: file, Pos: n.Pos,
		})
	}
	return attestations, append(problems, f.problems...)
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
	if text == "" {
		return ""
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if _, err := time.Parse(layout, text); err == nil {
			return text
		}
	}
	f.report(n.Get(name).Pos, "%s %q; want a time such as 2027-01-31 or 2027-01-31T00:00:00Z", name, text)
	return ""
}
