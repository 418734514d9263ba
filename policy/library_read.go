package policy

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Add reads a file and keeps what it recognises: one definition, initiative,
// assignment, exemption or attestation, an array of them, {"value": […]},
// JSON lines, with properties wrapped or flat; and tables of aliases in the
// forms of [Aliases.LoadAliasDump], [Aliases.LoadProviderList] and
// [Aliases.LoadAliasTable]. Anything else is left out with a warning. Of two
// documents with one id the first counts.
func (l *Library) Add(file string, data []byte) Problems {
	return l.Keep(ReadContents(file, string(data)))
}

// Contents is what was found in a file, before a library keeps it.
type Contents struct {
	file     string
	readings []reading
	lines    bool
}

// Empty reports whether nothing in the file is for a library: no document, also
// none that is refused, and no broken JSON.
func (c *Contents) Empty() bool {
	for _, one := range c.readings {
		if len(one.documents) > 0 || one.broken > 0 {
			return false
		}
	}
	return true
}

// Broken reports whether the file as a whole is no JSON. Of JSON lines each
// stands for itself.
func (c *Contents) Broken() bool { return !c.lines && c.readings[0].broken > 0 }

// ReadContents is the part of [Library.Add] that needs no library, so that
// several files can be read at once.
func ReadContents(file, text string) *Contents {
	text = strings.TrimRight(strings.TrimPrefix(text, mark), " \t\r\n")
	if lines := splitLines(text); lines != nil {
		return &Contents{file: file, readings: readLines(file, lines), lines: true}
	}
	return &Contents{file: file, readings: []reading{read(file, newNodeParser(text, 1))}}
}

// Keep is the rest of [Library.Add].
func (l *Library) Keep(c *Contents) Problems {
	var problems Problems
	skipped := 0
	for _, one := range c.readings {
		for _, doc := range one.documents {
			problems = append(problems, l.keep(c.file, doc)...)
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
		problems = append(problems, Problem{File: c.file, Warning: true, Text: text})
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
// none: the first line that is not blank must look whole and another must follow.
func splitLines(text string) []string {
	first, rest, _ := strings.Cut(strings.TrimLeft(text, " \t\r\n"), "\n")
	first, rest = strings.TrimSpace(first), strings.TrimSpace(rest)
	if len(first) < 2 || len(rest) == 0 || rest[0] != first[0] {
		return nil
	}
	if first[0] == '{' && first[len(first)-1] == '}' || first[0] == '[' && first[len(first)-1] == ']' {
		return strings.Split(text, "\n")
	}
	return nil
}

// readLines reads lines on all cores.
func readLines(file string, lines []string) []reading {
	all := make([]reading, len(lines))
	var taken atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(lines)) {
		wait.Go(func() {
			p := newNodeParser("", 0)
			for i := taken.Add(1) - 1; i < int64(len(lines)); i = taken.Add(1) - 1 {
				if strings.TrimSpace(lines[i]) != "" {
					p.reset(lines[i], int(i)+1)
					all[i] = read(file, p)
				}
			}
		})
	}
	wait.Wait()
	return all
}

// read reads the JSON document before the parser.
func read(file string, p *nodeParser) reading {
	if isDump(p.src) {
		table := NewAliases()
		problem := table.addDump(p.src, p.line)
		load := func(a *Aliases) *Problem {
			a.merge(table)
			return problem
		}
		return reading{documents: []document{{kind: aliasDocument, aliases: load}}}
	}
	n, problem := p.document(file)
	if problem != nil {
		return reading{problems: Problems{*problem}, broken: 1}
	}
	var one reading
	one.add(file, p.src, n)
	if slices.ContainsFunc(one.documents, func(d document) bool { return d.aliases != nil }) {
		p.forget() // a table that is read when it is kept
	}
	return one
}

// isDump reports whether a file starts as an alias dump does: an object whose
// first key has a slash or nothing, with an object of strings behind it, or of
// objects that begin with a path. It is read in another way than everything else
// because of its size.
func isDump(text string) bool {
	p := newNodeParser(text[:min(len(text), 4096)], 1)
	p.skip()
	if p.peek() != '{' || !p.open('}') {
		return false
	}
	if key, _ := p.key(); key != "" && !strings.Contains(key, "/") {
		return false
	}
	p.skip()
	if p.peek() != '{' {
		return false
	}
	// What may be an entry of a table is looked at as far as it goes.
	entry, whole := &Node{Kind: Object}, false
	for more := p.open('}'); more && p.failed == nil; more = p.more('}') {
		key, _ := p.key()
		p.skip()
		if p.failed != nil {
			break
		}
		if p.peek() != '"' {
			// A dump has texts and entries alone, unless it is broken.
			if !isOneOf(key, aliasTableKeys) && !isAliasEntry("", entry) && p.beginsEntry() {
				return true
			}
			return len(entry.Members) > 0 && !isOneOf(key, aliasTableKeys) && !isAliasEntry("", entry)
		}
		text, _ := p.text()
		if p.failed == nil {
			entry.Members = append(entry.Members, Property{Key: key, Value: &Node{Kind: String, Text: text}})
		}
		whole = len(entry.Members) > len(aliasTableKeys)+maxNotes
		if whole {
			break
		}
	}
	return len(entry.Members) > 0 && (whole || !isAliasEntry("", entry))
}

// beginsEntry reports whether what follows is an entry of an alias table, or a list of
// them, whose path comes first.
func (p *nodeParser) beginsEntry() bool {
	if p.peek() == '[' && p.open(']') {
		p.skip()
	}
	if p.peek() != '{' || !p.open('}') {
		return false
	}
	key, _ := p.key()
	return key == "path"
}

// add sorts a value into the reading.
func (one *reading) add(file, text string, n *Node) {
	kind := kindOf(n)
	doc := document{kind: kind, pos: n.Pos}
	r := &docReader{file: file, text: text}
	refused := draft{file: file, text: snippetOf(text, n)}
	var problems Problems
	switch kind {
	case listDocument:
		for _, item := range n.list() {
			one.add(file, text, item)
		}
		return
	case definitionDocument:
		refused.definition = r.definition(n)
		doc.definition, problems = finish(r, refused.definition)
	case initiativeDocument:
		refused.initiative = r.initiative(n)
		doc.initiative, problems = finish(r, refused.initiative)
	case assignmentDocument:
		refused.assignment = r.assignment(n)
		doc.assignment, problems = finish(r, refused.assignment)
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
	if problems.Err() != nil {
		doc.draft = &refused
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
