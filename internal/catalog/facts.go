package catalog

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// Facts are what a catalogue is held to beside its own form: the properties that
// the providers' types have, the commands and flags that their tools take, and
// the techniques that ATT&CK has.
// They lie in the folder facts beside the content; its README tells where they
// come from.
type Facts struct {
	tools    map[string]*tool
	attack   map[string]bool // ids of techniques
	provider propertyPaths
	own      propertyPaths // of types that the catalogue describes itself
	pass     map[string]*allowance
	named    map[string]bool // types that were met
}

// ReadFacts reads a folder of facts, and what folders of a catalogue describe of
// types, schema/types, which may be missing.
func ReadFacts(facts fs.FS, catalogues ...fs.FS) (*Facts, error) {
	f := &Facts{tools: map[string]*tool{}, attack: map[string]bool{}, provider: propertyPaths{}, own: propertyPaths{}, pass: map[string]*allowance{}, named: map[string]bool{"*": true}}
	for _, name := range []string{"aws", "az", "gcloud", "bq"} {
		of, err := readTool(facts, name)
		if err != nil {
			return nil, err
		}
		f.tools[name] = of
	}
	techniques, err := readFacts(facts, "attack.tsv", 2)
	if err != nil {
		return nil, err
	}
	for _, row := range techniques {
		f.attack[row[0]] = true
	}
	for _, name := range propertyLists {
		if err := f.provider.readPaths(facts, name); err != nil {
			return nil, err
		}
	}
	if err := f.readAllowed(facts); err != nil {
		return nil, err
	}
	for _, files := range catalogues {
		types, err := ownTypes(files)
		if err != nil {
			return nil, err
		}
		for _, one := range types {
			if err := f.own.addSchema(one.name, "", one.raw, one.schema.Defs); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// Check tells which techniques of a recommendation ATT&CK does not have, which
// commands the tools do not take, and which types and fields the providers do
// not have. What is still to be
// filled in is passed over. Azure's fields are held by aliases.yaml, and of
// machines only the tests know the schema.
func (f *Facts) Check(r *Recommendation) Problems {
	var problems Problems
	report := func(about, format string, args ...any) {
		line, column := r.placeOf(about)
		problems = append(problems, Problem{File: r.File, Line: line, Column: column, Text: fmt.Sprintf(format, args...)})
	}
	for _, technique := range r.Attack {
		id := technique.ID
		if !f.attack[id] {
			report(id, "attack: %s is in no row of catalog/facts/attack.tsv; if attack.mitre.org has it, add it there with its name", id)
		}
	}
	for _, c := range r.Remediation.Commands {
		if !strings.Contains(c.Text, unfilled) {
			f.checkCommand(r, c.Text, report)
		}
	}
	f.checkFields(r, report)
	return problems
}

// placeOf says where the file has a text, by itself or else as part of another
// one; 0, 0 if that is not known.
func (r *Recommendation) placeOf(text string) (line, column int) {
	at := slices.IndexFunc(r.Texts, func(t Text) bool { return t.Text == text })
	if at < 0 {
		at = slices.IndexFunc(r.Texts, func(t Text) bool { return strings.Contains(t.Text, text) })
	}
	if at < 0 {
		return 0, 0
	}
	return r.Texts[at].Line, r.Texts[at].Column
}

func (f *Facts) checkCommand(r *Recommendation, command string, report func(about, format string, args ...any)) {
	pass := f.pass[ofCommand]
	for _, words := range statements(command) {
		of := f.tools[words[0]]
		if of == nil {
			if r.Cloud != posture.Machine && !pass.has(words[0]) {
				report(command, "cli: no facts about the tool %s", words[0])
			}
			continue
		}
		for _, wrong := range of.check(words) {
			if !pass.has(r.ID + ": " + wrong) {
				report(command, "cli: %s", wrong)
			}
		}
	}
}

// checkFields: outside Azure a field is a path, and a path with a slip in it
// reads nothing, which many rules take for "all is well".
func (f *Facts) checkFields(r *Recommendation, report func(about, format string, args ...any)) {
	found, err := readsOf(r)
	if r.Cloud == posture.Azure || r.Cloud == posture.Machine && f.own["machine"] == nil || err != nil || len(found.types) == 0 {
		return // a rule that is not whole, or of no type, is told of elsewhere
	}
	pass := f.pass[ofField]
	for _, name := range slices.Sorted(maps.Keys(found.types)) {
		f.named[name] = true
		if f.provider[name] == nil && f.own[name] == nil && !pass.has(name) {
			report(name, "type %s is in no list of catalog/facts and has no schema in catalog/schema/types; "+
				"refresh the lists as catalog/facts/README.md says, or describe it there%s", name, spelling.Meant(name, f.types()))
			maps.DeleteFunc(found.fields, func(field string, _ bool) bool { return strings.HasPrefix(field, name+"/") })
		}
	}
	for _, field := range slices.Sorted(maps.Keys(found.fields)) {
		if !hasField(f.provider, f.own, found.types, field) && !pass.has(field) {
			report(field, "field %s is in no schema of the provider and in none of catalog/schema/types", field)
		}
	}
}

// types lists those that are known.
func (f *Facts) types() []string {
	names := slices.Concat(slices.Collect(maps.Keys(f.provider)), slices.Collect(maps.Keys(f.own)))
	return slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(names))), func(name string) bool { return name == "*" })
}

// hasField looks a field up in the types that begin it.
func hasField(provider, own propertyPaths, types map[string]bool, field string) bool {
	for name := range types {
		path, ok := strings.CutPrefix(field, name+"/")
		if !ok {
			continue
		}
		if provider.has(name, path) || own.has(name, path) || cloudOf(name) == posture.GCP && provider.has("*", path) {
			return true
		}
	}
	return false
}

// ownType is a type of schema/types: one that no provider's schema has, or
// attributes that an API returns beside what the provider's schema has.
type ownType struct {
	file    string // below the catalogue's folder
	name    string
	extends bool
	raw     []byte
	schema  schemaNode
}

func ownTypes(files fs.FS) ([]ownType, error) {
	found, err := fs.Glob(files, "schema/types/*.schema.json")
	if err != nil {
		return nil, err
	}
	var all []ownType
	for _, file := range found {
		raw, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		n, err := readSchema(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(file), err)
		}
		all = append(all, ownType{file: file, name: n.Title, extends: n.Extends, raw: raw, schema: n})
	}
	return all, nil
}
