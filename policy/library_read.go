package policy

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// Add reads a file and keeps what it recognises: one definition, initiative,
// assignment, exemption or attestation, an array of them, {"value": […]},
// JSON lines, with properties wrapped or flat; and tables of aliases in the
// forms of [Aliases.LoadAliasDump], [Aliases.LoadProviderList] and
// [Aliases.LoadAliasTable]. Anything else is left out with a warning. Of two
// documents with one id the first counts.
func (l *Library) Add(file string, data []byte) Problems {
	data = bytes.TrimRight(withoutMark(data), " \t\r\n")
	var all []reading
	if lines := splitLines(data); lines != nil {
		all = readLines(file, lines)
	} else {
		all = []reading{read(file, data, 1)}
	}
	var problems Problems
	skipped := 0
	for _, one := range all {
		for _, doc := range one.documents {
			problems = append(problems, l.keep(file, doc)...)
		}
		problems = append(problems, one.problems...)
		l.Refused += one.broken
		for _, note := range one.skipped {
			if skipped++; skipped == 1 {
				problems = append(problems, note)
			}
		}
	}
	if skipped > 1 {
		text := fmt.Sprintf("%d more values left out", skipped-1)
		problems = append(problems, Problem{File: file, Warning: true, Text: text})
	}
	return problems
}

// reading is what was found in a file or one of its lines.
type reading struct {
	documents []document
	problems  Problems
	skipped   Problems // one for each value that is none of ours
	broken    int      // 1 if it is no JSON
}

// splitLines returns the lines of a file of JSON lines, nil if the file is
// none: the first line must look whole and another must follow.
func splitLines(data []byte) [][]byte {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	first, rest = bytes.TrimSpace(first), bytes.TrimSpace(rest)
	if len(first) < 2 || len(rest) == 0 || rest[0] != first[0] {
		return nil
	}
	if first[0] == '{' && first[len(first)-1] == '}' || first[0] == '[' && first[len(first)-1] == ']' {
		return bytes.Split(data, []byte("\n"))
	}
	return nil
}

// readLines reads lines on all cores.
func readLines(file string, lines [][]byte) []reading {
	all := make([]reading, len(lines))
	workers := min(runtime.GOMAXPROCS(0), len(lines))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(lines); i += workers {
				if len(bytes.TrimSpace(lines[i])) > 0 {
					all[i] = read(file, lines[i], i+1)
				}
			}
		})
	}
	wait.Wait()
	return all
}

// read reads one JSON document that starts on the given line.
func read(file string, data []byte, line int) reading {
	if isDump(data) {
		load := func(a *Aliases) *Problem { return a.addDump(data, line) }
		return reading{documents: []document{{kind: aliasDocument, aliases: load}}}
	}
	n, problem := parseNodeAt(file, data, line)
	if problem != nil {
		return reading{problems: Problems{*problem}, broken: 1}
	}
	var one reading
	one.add(file, n)
	return one
}

// isDump reports whether a file starts as an alias dump does: an object whose
// first key has a slash, with an object of strings behind it. It is read in
// another way than everything else because of its size.
func isDump(data []byte) bool {
	p := newNodeParser(string(data[:min(len(data), 4096)]), 1)
	p.skip()
	if p.peek() != '{' || !p.open('}') {
		return false
	}
	if key, _ := p.key(); !strings.Contains(key, "/") {
		return false
	}
	p.skip()
	if p.peek() != '{' || !p.open('}') {
		return false
	}
	alias, _ := p.key()
	p.skip()
	if p.peek() != '"' {
		return false
	}
	_, _ = p.text()
	return p.failed == nil && !hasOnly(&Node{Members: []Property{{Key: alias}}}, aliasTableKeys)
}

// add sorts a value into the reading.
func (one *reading) add(file string, n *Node) {
	kind := kindOf(n)
	doc := document{kind: kind, pos: n.Pos}
	var problems Problems
	switch kind {
	case listDocument:
		for _, item := range n.list() {
			one.add(file, item)
		}
		return
	case definitionDocument:
		doc.definition, problems = definitionFromNode(file, n)
	case initiativeDocument:
		doc.initiative, problems = initiativeFromNode(file, n)
	case assignmentDocument:
		doc.assignment, problems = assignmentFromNode(file, n)
	case exemptionDocument:
		doc.exemption, problems = exemptionFromNode(file, n)
	case attestationDocument:
		doc.attestation, problems = attestationFromNode(file, n)
	case providerDocument:
		doc.aliases = func(a *Aliases) *Problem { return a.addProviders(n) }
	case aliasDocument:
		doc.aliases = func(a *Aliases) *Problem { return a.addTable(n) }
	default:
		one.skipped = append(one.skipped, Problem{File: file, Pos: n.Pos, Warning: true, Text: "left out: " + kind.String()})
		return
	}
	one.documents = append(one.documents, doc)
	one.problems = append(one.problems, problems...)
}

// list returns the items of a list document.
func (n *Node) list() []*Node {
	if n.Kind == Array {
		return n.Items
	}
	return n.array("value")
}

// documentKind says what a value in a file is.
type documentKind uint8

const (
	otherDocument documentKind = iota
	ruleDocument
	parameterDocument
	memberDocument
	versionDocument
	listDocument
	definitionDocument
	initiativeDocument
	assignmentDocument
	exemptionDocument
	attestationDocument
	providerDocument
	aliasDocument
)

// String names the kind for a message.
func (k documentKind) String() string {
	return [...]string{
		"no document of Azure Policy", "only the rule of a definition", "only the parameters of a definition",
		"only the members of an initiative", "an older version of a definition", "list",
		"definition", "initiative", "assignment", "exemption", "attestation", "provider", "alias table",
	}[k]
}

// kindsByType are the kinds whose resource type says what they are.
var kindsByType = []struct {
	resourceType string
	kind         documentKind
}{
	{"/microsoft.authorization/policydefinitions/", definitionDocument},
	{"/microsoft.authorization/policysetdefinitions/", initiativeDocument},
	{"/microsoft.authorization/policyassignments/", assignmentDocument},
	{"/microsoft.authorization/policyexemptions/", exemptionDocument},
	{"/microsoft.policyinsights/attestations/", attestationDocument},
}

// kindOf finds out what a value is: by its type, its id, or what it has.
func kindOf(n *Node) documentKind {
	if n.Kind == Array {
		return listDocument
	}
	inner := n.object("properties")
	if inner == nil {
		inner = n
	}
	if kind := kindByID("/" + n.text("type") + "/"); kind != otherDocument {
		return kind
	}
	if kind := kindByID(n.text("id")); kind != otherDocument {
		return kind
	}
	has := func(key string) bool { return inner.Get(key) != nil }
	switch {
	case has("policyRule"):
		return definitionDocument
	case has("policyDefinitions"):
		return initiativeDocument
	case has("policyAssignmentId") && has("exemptionCategory"):
		return exemptionDocument
	case has("policyAssignmentId") && has("complianceState"):
		return attestationDocument
	case has("policyDefinitionId") && has("scope"):
		return assignmentDocument
	}
	return kindByShape(n)
}

// kindByID finds the kind in an id, the last type in it counting.
func kindByID(id string) documentKind {
	kind, last := otherDocument, -1
	if len(id) < 3 {
		return kind
	}
	id = strings.ToLower(id)
	for _, k := range kindsByType {
		if at := strings.LastIndex(id, k.resourceType); at > last {
			kind, last = k.kind, at
		}
	}
	if kind != otherDocument && strings.Contains(id[last+1:], "/versions/") {
		return versionDocument
	}
	return kind
}

// kindByShape sorts what is no document of its own.
func kindByShape(n *Node) documentKind {
	switch {
	case n.Get("namespace") != nil && n.array("resourceTypes") != nil:
		return providerDocument
	case n.array("value") != nil:
		return listDocument
	case n.Get("if") != nil && n.Get("then") != nil:
		return ruleDocument
	case n.text("policyDefinitionId") != "":
		return memberDocument
	case isAliasTable(n):
		return aliasDocument
	case isParameters(n):
		return parameterDocument
	}
	return otherDocument
}

// isParameters reports whether an object declares parameters.
func isParameters(n *Node) bool {
	for i := range n.Members {
		if n.Members[i].Value.text("type") == "" {
			return false
		}
	}
	return len(n.Members) > 0
}
