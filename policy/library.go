package policy

import (
	"cmp"
	"fmt"
	"strings"
)

// Library holds the documents that were read from any number of files. The
// zero Library is empty and ready to use. It may be read by several
// goroutines once nothing is added any more.
type Library struct {
	Definitions  []*Definition
	Initiatives  []*Initiative
	Assignments  []*Assignment
	Exemptions   []*Exemption
	Attestations []*Attestation
	Aliases      *Aliases // nil as long as no file had any

	// Refused counts the documents that were recognised and could not be used.
	Refused int

	// Repeated tells of the assignments, exemptions and attestations that were left
	// out, as another one has the same id.
	Repeated Problems

	// RepeatedDefinitions and RepeatedInitiatives are those that were left out for
	// the same reason.
	RepeatedDefinitions []*Definition
	RepeatedInitiatives []*Initiative

	drafts []*draft // of those that were refused

	definitions map[string]*Definition // by lower-cased id, and by name
	initiatives map[string]*Initiative
	places      map[string]origin // of the document with a kind and lower-cased id
}

// LibraryOf makes a library of documents that were read one by one. Of two with one
// id the first counts.
func LibraryOf(definitions []*Definition, initiatives []*Initiative) *Library {
	l := &Library{}
	for _, d := range definitions {
		l.keep(d.File, document{kind: definitionDocument, pos: d.Pos, definition: d})
	}
	for _, s := range initiatives {
		l.keep(s.File, document{kind: initiativeDocument, pos: s.Pos, initiative: s})
	}
	return l
}

// Definition returns the definition with an id, ignoring case, or with a bare
// name: that of a file without id, or the last segment of an id.
func (l *Library) Definition(id string) (*Definition, bool) {
	d := l.definitions[strings.ToLower(id)]
	if d == nil {
		if d = l.definitions[lastSegment(strings.ToLower(id))]; d != nil && d.ID != "" {
			d = nil // the same name below another scope is another definition
		}
	}
	return d, d != nil
}

// DefinitionsNamed finds the definition with an id, or else those with a name, or else
// those with a display name, ignoring case.
func (l *Library) DefinitionsNamed(name string) []*Definition {
	if d, ok := l.Definition(name); ok && strings.EqualFold(d.ID, name) {
		return []*Definition{d}
	}
	return namedOrTitled(name, l.Definitions, func(d *Definition) (string, string) { return d.Name, d.DisplayName })
}

// InitiativesNamed is DefinitionsNamed for initiatives.
func (l *Library) InitiativesNamed(name string) []*Initiative {
	if s, ok := l.Initiative(name); ok && strings.EqualFold(s.ID, name) {
		return []*Initiative{s}
	}
	return namedOrTitled(name, l.Initiatives, func(s *Initiative) (string, string) { return s.Name, s.DisplayName })
}

// namedOrTitled finds what has a name, or else what has a title.
func namedOrTitled[T any](name string, all []T, of func(T) (name, title string)) (found []T) {
	for _, item := range all {
		if own, _ := of(item); own != "" && strings.EqualFold(own, name) {
			found = append(found, item)
		}
	}
	if len(found) > 0 {
		return found
	}
	for _, item := range all {
		if _, title := of(item); title != "" && strings.EqualFold(title, name) {
			found = append(found, item)
		}
	}
	return found
}

// Initiative is Definition for initiatives.
func (l *Library) Initiative(id string) (*Initiative, bool) {
	s := l.initiatives[strings.ToLower(id)]
	if s == nil {
		if s = l.initiatives[lastSegment(strings.ToLower(id))]; s != nil && s.ID != "" {
			s = nil
		}
	}
	return s, s != nil
}

// document is one thing that a file had: exactly one of its pointers is set,
// draft if it was refused.
type document struct {
	kind        documentKind
	pos         Position
	definition  *Definition
	initiative  *Initiative
	assignment  *Assignment
	exemption   *Exemption
	attestation *Attestation
	aliases     func(*Aliases) *Problem
	draft       *draft // of one that was refused
}

// keep puts a document into the library. Of two with one id the first counts.
func (l *Library) keep(file string, doc document) Problems {
	switch {
	case doc.definition != nil:
		d, kept := doc.definition, false
		problems := l.keepOnce(file, doc, cmp.Or(d.ID, d.Name), func() {
			kept, l.Definitions = true, append(l.Definitions, d)
			index(&l.definitions, d.ID, d.Name, d)
		})
		if !kept {
			l.RepeatedDefinitions = append(l.RepeatedDefinitions, d)
		}
		return problems
	case doc.initiative != nil:
		s, kept := doc.initiative, false
		problems := l.keepOnce(file, doc, cmp.Or(s.ID, s.Name), func() {
			kept, l.Initiatives = true, append(l.Initiatives, s)
			index(&l.initiatives, s.ID, s.Name, s)
		})
		if !kept {
			l.RepeatedInitiatives = append(l.RepeatedInitiatives, s)
		}
		return problems
	case doc.assignment != nil:
		a := doc.assignment
		id := cmp.Or(a.ID, a.Scope+"/providers/Microsoft.Authorization/policyAssignments/"+a.Name)
		return l.keepOnce(file, doc, id, func() { l.Assignments = append(l.Assignments, a) })
	case doc.exemption != nil:
		return l.keepOnce(file, doc, doc.exemption.ID, func() { l.Exemptions = append(l.Exemptions, doc.exemption) })
	case doc.attestation != nil:
		return l.keepOnce(file, doc, doc.attestation.ID, func() { l.Attestations = append(l.Attestations, doc.attestation) })
	case doc.aliases != nil:
		if l.Aliases == nil {
			l.Aliases = NewAliases()
		}
		if problem := doc.aliases(l.Aliases); problem != nil {
			l.Refused++
			problem.File = file
			return Problems{*problem}
		}
	default:
		l.Refused++
		if doc.draft != nil {
			l.drafts = append(l.drafts, doc.draft)
		}
	}
	return nil
}

// index adds a document under its id and, unless taken, its name.
func index[T any](m *map[string]*T, id, name string, document *T) {
	if *m == nil {
		*m = map[string]*T{}
	}
	if id != "" {
		(*m)[strings.ToLower(id)] = document
	}
	if key := strings.ToLower(name); (*m)[key] == nil {
		(*m)[key] = document
	}
}

type origin struct {
	file string
	line int
}

// keepOnce runs add unless a document of the kind has the id already.
func (l *Library) keepOnce(file string, doc document, id string, add func()) Problems {
	if l.places == nil {
		l.places = map[string]origin{}
	}
	key := doc.kind.String() + " " + strings.ToLower(id)
	if first, repeated := l.places[key]; repeated {
		p := Problem{
			File: file, Pos: doc.pos, Warning: true,
			Text: fmt.Sprintf("%s %q left out; the one in %s has the same id", doc.kind, id, fmt.Sprintf("%s:%d", first.file, first.line)),
		}
		if doc.definition == nil && doc.initiative == nil {
			l.Repeated = append(l.Repeated, p)
		}
		return Problems{p}
	}
	l.places[key] = origin{file, doc.pos.Line}
	add()
	return nil
}
