package policy

import (
	"slices"
	"strings"
)

// LoadAliasDump adds the aliases of a dump, {"Namespace/type": {"alias":
// "path"}}, to the table. An alias without a slash is short for
// Namespace/type/alias; below "" are those of every type. Instead of a path there
// may be what [Aliases.LoadAliasTable] takes, as [Aliases.AppendDump] writes it. The
// error is a [Problem].
func (a *Aliases) LoadAliasDump(data []byte) error {
	if problem := a.addDump(string(withoutMark(data)), 1); problem != nil {
		return *problem
	}
	return nil
}

// addDump is LoadAliasDump for a text that starts on the given line.
func (a *Aliases) addDump(text string, line int) *Problem {
	p := newNodeParser(text, line)
	a.reserve(entriesOf(text))
	p.skip()
	if p.peek() != '{' {
		p.fail("unexpected %s; want an object of resource types", p.found())
	}
	for more := p.open('}'); more && p.failed == nil; more = p.more('}') {
		resourceType, _ := p.key()
		a.dumpOfType(p, resourceType)
	}
	p.end()
	return p.failed
}

// entriesOf guesses how many aliases a dump has: each has a name and a path in
// quotes. Real ones are longer than this takes them to be at least.
func entriesOf(dump string) int { return min(strings.Count(dump, `"`)/4, len(dump)/48) }

// dumpOfType reads {"alias": "path"} of one resource type.
func (a *Aliases) dumpOfType(p *nodeParser, resourceType string) {
	typeHash := hashText(resourceType)
	p.skip()
	if p.peek() != '{' {
		p.fail("unexpected %s; want an object of aliases with their paths", p.found())
	}
	for more := p.open('}'); more && p.failed == nil; more = p.more('}') {
		key, _ := p.key()
		row := aliasRow{prefix: resourceType, key: key, kind: resourceType}
		hash := joinHashes(typeHash, key)
		if resourceType == "" || strings.IndexByte(key, '/') >= 0 {
			row.prefix, hash = "", hashName("", key)
		}
		p.skip()
		switch p.peek() {
		case '"':
			if row.path, _ = p.text(); p.failed == nil {
				a.add(row, hash)
			}
		case '{', '[':
			a.dumpEntries(p, row, hash)
		default:
			p.fail("unexpected %s; want the path of alias %q in quotes", p.found(), key)
		}
	}
}

// dumpEntries reads what says more of an alias than its path.
func (a *Aliases) dumpEntries(p *nodeParser, row aliasRow, hash uint32) {
	n := p.value()
	if p.failed != nil {
		return
	}
	problem := eachEntry(row.key, n, func(item *Node) {
		e := tableAlias("", item)
		row.path = e.Path
		of := row
		if e.Type != "" {
			of.kind = e.Type
		}
		a.addWith(of, e.extra(), hash)
	})
	if problem != nil {
		p.failAt(problem.Pos, "%s", problem.Text)
		return
	}
	p.nodes.rewind()
	p.items.rewind()
	p.members.rewind()
}

// eachEntry gives each entry that stands for an alias: one, or one a type.
func eachEntry(name string, n *Node, give func(*Node)) *Problem {
	entries := n.Items
	if n.Kind != Array {
		entries = []*Node{n}
	}
	for _, item := range entries {
		if path := item.Get("path"); item.Kind != Object || path == nil || path.Kind != String {
			return &Problem{Pos: item.Pos, Text: "alias " + string(appendQuoted(nil, name)) + " without path; want an object with \"path\""}
		}
		give(item)
	}
	return nil
}

// LoadProviderList adds the aliases in the output of "az provider list
// --expand resourceTypes/aliases", or of "az provider show" for one provider.
// The error is a [Problem].
func (a *Aliases) LoadProviderList(data []byte) error {
	n, problem := parseNodeAt("", withoutMark(data), 1)
	if problem != nil {
		return *problem
	}
	if problem := a.addProviders(n); problem != nil {
		return *problem
	}
	return nil
}

// addProviders reads one provider, an array of them, or {"value": […]}.
func (a *Aliases) addProviders(n *Node) *Problem {
	if list := n.array("value"); list != nil && n.Get("namespace") == nil {
		n = n.Get("value")
	}
	if n.Kind == Array {
		for _, item := range n.Items {
			if problem := a.addProviders(item); problem != nil {
				return problem
			}
		}
		return nil
	}
	namespace := n.text("namespace")
	if namespace == "" || n.array("resourceTypes") == nil {
		return &Problem{Pos: n.Pos, Text: "no provider here; want an object with \"namespace\" and \"resourceTypes\""}
	}
	for _, kind := range n.array("resourceTypes") {
		for _, alias := range kind.array("aliases") {
			if alias.text("name") != "" {
				a.Add(providerAlias(alias, namespace+"/"+kind.text("resourceType")))
			}
		}
	}
	return nil
}

// providerAlias reads an alias as the providers API gives it. Texts are copied:
// the answer is many times larger than what is kept of it.
func providerAlias(n *Node, resourceType string) AliasEntry {
	e := AliasEntry{
		Name: strings.Clone(n.text("name")), Type: resourceType, Path: strings.Clone(n.text("defaultPath")),
		Secret: strings.EqualFold(n.text("type"), "Mask"),
	}
	newest := ""
	fallback := ""
	for _, item := range n.array("paths") {
		path := strings.Clone(item.text("path"))
		for _, version := range item.array("apiVersions") {
			if version.Kind != String || path == "" {
				continue
			}
			if version.Text > newest {
				newest, fallback = version.Text, path
			}
			if path != e.Path {
				if e.Versions == nil {
					e.Versions = map[string]string{}
				}
				e.Versions[strings.Clone(version.Text)] = path
			}
		}
	}
	if e.Path == "" {
		e.Path = fallback
	}
	switch strings.ToLower(n.Get("defaultMetadata").text("attributes")) {
	case "modifiable":
		e.Modifiable = Yes
	case "none":
		e.Modifiable = No
	}
	return e
}

// aliasTableKeys are the keys of an entry in an alias table.
var aliasTableKeys = []string{"path", "type", "versions", "modifiable", "secret", "mask", "deprecated", "preview"}

// noteKeys are keys under which authors of tables write for people.
var noteKeys = []string{"comment", "comments", "note", "notes", "description", "displayName", "title", "$comment"}

// maxNotes is how many other keys an entry of a table may have that does not
// name its type.
const maxNotes = 3

// LoadAliasTable adds the entries of {"alias": {"path", "type", "versions",
// "modifiable"}}; a list of such objects stands for one entry a type. An entry
// without type is of every type. The error is a [Problem].
func (a *Aliases) LoadAliasTable(data []byte) error {
	n, problem := parseNodeAt("", withoutMark(data), 1)
	if problem == nil {
		problem = a.addTable(n)
	}
	if problem != nil {
		return *problem
	}
	return nil
}

// addTable is LoadAliasTable for a tree.
func (a *Aliases) addTable(n *Node) *Problem {
	if n.Kind != Object {
		return &Problem{Pos: n.Pos, Text: "alias table is " + n.describe() + "; want an object of aliases"}
	}
	for i := range n.Members {
		p := &n.Members[i]
		if problem := eachEntry(p.Key, p.Value, func(item *Node) { a.Add(tableAlias(p.Key, item)) }); problem != nil {
			return problem
		}
	}
	return nil
}

func tableAlias(name string, n *Node) AliasEntry {
	e := AliasEntry{
		Name: name, Type: n.text("type"), Path: n.text("path"),
		Secret: n.truth("secret") || n.truth("mask"), Deprecated: n.truth("deprecated"), Preview: n.truth("preview"),
	}
	if versions := n.object("versions"); versions != nil {
		e.Versions = make(map[string]string, len(versions.Members))
		for i := range versions.Members {
			if p := &versions.Members[i]; p.Value.Kind == String {
				e.Versions[p.Key] = p.Value.Text
			}
		}
	}
	if modifiable := n.Get("modifiable"); modifiable != nil && modifiable.Kind == Bool {
		e.Modifiable = No
		if modifiable.Text == "true" {
			e.Modifiable = Yes
		}
	}
	return e
}

// isAliasTable reports whether an object is made of alias entries.
func isAliasTable(n *Node) bool {
	if n.Kind != Object || len(n.Members) == 0 {
		return false
	}
	for i := range n.Members {
		entry := n.Members[i].Value
		if entry.Kind == Array && len(entry.Items) > 0 {
			entry = entry.Items[0]
		}
		if !isAliasEntry(n.Members[i].Key, entry) {
			return false
		}
	}
	return true
}

// isAliasEntry reports whether an object is an entry of an alias table. Keys that
// the table does not know do not matter if its name or type tell what it is.
func isAliasEntry(name string, entry *Node) bool {
	return entry.text("path") != "" &&
		(strings.Contains(name, "/") || strings.Contains(entry.text("type"), "/") || hasOnly(entry, slices.Concat(aliasTableKeys, noteKeys)))
}

// hasOnly reports whether an object has no other keys than these.
func hasOnly(n *Node, keys []string) bool {
	return !slices.ContainsFunc(n.Members, func(p Property) bool {
		return !slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, p.Key) })
	})
}
