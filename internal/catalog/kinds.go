package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/policy"
)

// kindTable is kinds.yaml, kinds by place, by type or name of a document; and what
// members objects have, by type and place.
type kindTable struct {
	Documents, Kinds map[string]map[string]kindNames
	Members          map[string]map[string][]string
}

// kindNames is a name or a list of them.
type kindNames []string

// UnmarshalJSON implements [json.Unmarshaler].
func (k *kindNames) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(k))
	}
	*k = kindNames{""}
	return json.Unmarshal(text, &(*k)[0])
}

// places are in the order of the alphabet, so that places are told in one order.
func places(of map[string]map[string]kindNames) map[string][]policy.PlaceKinds {
	all := map[string][]policy.PlaceKinds{}
	for name, kinds := range of {
		for _, path := range slices.Sorted(maps.Keys(kinds)) {
			all[name] = append(all[name], policy.PlaceKinds{Path: path, Kinds: kinds[path]})
		}
	}
	return all
}

// newKinds reads what [parser.kinds] checked; no text is one that tells nothing.
func newKinds(text json.RawMessage) (*policy.Kinds, error) {
	var table kindTable
	if text != nil {
		if err := json.Unmarshal(text, &table); err != nil {
			return nil, fmt.Errorf("kinds: %w", err)
		}
	}
	types := places(table.Kinds)
	for name, objects := range table.Members {
		for _, path := range slices.Sorted(maps.Keys(objects)) {
			types[name] = append(types[name], policy.PlaceKinds{Path: path, Members: objects[path]})
		}
	}
	k, err := policy.NewKinds(types, places(table.Documents))
	if err != nil {
		return nil, fmt.Errorf("kinds: %w", err)
	}
	return k, nil
}

// kinds reads kinds.yaml. The file may be missing: then nothing is known.
func (p *parser) kinds() {
	if len(p.glob("kinds.yaml")) == 0 {
		return
	}
	d, root := p.open("kinds.yaml", "kinds")
	top := d.object(root, "file", "!documents", "!kinds")
	documents, types := top["documents"].value, top["kinds"].value
	if documents == nil || types == nil {
		return
	}
	before := len(p.problems)
	p.kindLines = map[string]*yaml.Node{}
	inDocuments, ofTypes := d.kindPlaces(documents, "documents"), d.kindPlaces(types, "kinds")
	known, used := map[string][]policy.PlaceKinds{}, map[string]bool{}
	for _, place := range inDocuments {
		known[place.of] = append(known[place.of], place.PlaceKinds)
	}
	for _, place := range slices.Concat(inDocuments, ofTypes) {
		for _, kind := range place.Kinds {
			used[strings.TrimPrefix(kind, "json ")] = true
		}
		if _, err := policy.NewKinds(map[string][]policy.PlaceKinds{"*": {place.PlaceKinds}}, known); err != nil {
			d.report(place.n, "%s", strings.TrimPrefix(err.Error(), "*: "))
		}
	}
	for _, place := range ofTypes {
		full := strings.ToLower(place.of + "/" + place.Path)
		switch {
		case isAliased(place.of) && !p.unread["aliases.yaml"] && p.inBody(place.of, place.Path) == "":
			d.report(place.n, "field %q: is no alias of %s in aliases.yaml, nor above or below one", place.Path, place.of)
			continue
		case p.kindLines[full] != nil:
			d.report(place.n, "field %q: is there twice", place.Path)
		}
		p.kindLines[full] = place.n
	}
	for i := 0; i+1 < len(documents.Content); i += 2 {
		if name := documents.Content[i]; documents.Kind == yaml.MappingNode && !used[name.Value] {
			d.report(name, "document %s: no place has it", name.Value)
		}
	}
	if len(p.problems) == before {
		p.kindsOf = d.json(root, "kinds")
	}
}

// isAliased reports whether fields of a type are read by aliases.
func isAliased(resourceType string) bool {
	return resourceType != "*" && !policy.IsNativeType(resourceType)
}

// inBody gives the path in bodies of a type of a field that is an alias, or above or
// below one, or read without one; "" for any other.
func (p *parser) inBody(resourceType, field string) (path string) {
	if isBodys(field) {
		return field
	}
	longest := -1 // of the aliases that the field is at or below
	for _, t := range p.aliasTable {
		if !strings.EqualFold(t.name, resourceType) {
			continue
		}
		for _, a := range t.aliases {
			below, is := strings.CutPrefix(field, a[0])
			if is && (below == "" || below[0] == '.') && len(a[0]) > longest {
				longest, path = len(a[0]), a[1]+below
			}
			above, is := strings.CutPrefix(a[0], field)
			if is && above != "" && above[0] == '.' && longest < 0 && strings.HasSuffix(a[1], above) {
				path = strings.TrimSuffix(a[1], above)
			}
		}
	}
	return path
}

// addAliases puts in place of what kinds.yaml tells of Azure by aliases what it tells of
// places in bodies, and adds those of all other aliases.
func (p *parser) addAliases(kinds map[string]any) {
	for name, fields := range kinds {
		if !isAliased(name) {
			continue
		}
		of := map[string]any{}
		for field, kind := range fields.(map[string]any) {
			of[p.inBody(name, field)] = kind
		}
		kinds[name] = of
	}
	for _, t := range p.aliasTable {
		of, _ := kinds[t.name].(map[string]any)
		if of == nil {
			of = map[string]any{}
			kinds[t.name] = of
		}
		for _, a := range t.aliases {
			if of[a[1]] == nil {
				of[a[1]] = []string{}
			}
		}
	}
}

// addPlaces adds to what kinds.yaml tells the places that rules read besides, of which
// nothing is said: a name that is spelt otherwise there is told too, and what leads there
// is an array or an object.
func (p *parser) addPlaces(kinds map[string]any) {
	told, err := newKinds(p.kindsOf)
	if err != nil {
		return // it was checked
	}
	for name, fields := range p.places {
		of, _ := kinds[name].(map[string]any)
		if of == nil {
			of = map[string]any{}
		}
		for _, field := range fields {
			if !told.Tells(name, field) {
				of[field] = []string{}
				kinds[name] = of
			}
		}
	}
}

// addFacts adds to what kinds.yaml tells what the rules themselves and facts say.
func (p *parser) addFacts() {
	if p.kindsOf == nil {
		return
	}
	var table map[string]any
	_ = json.Unmarshal(p.kindsOf, &table) // it was made from what was read
	kinds := table["kinds"].(map[string]any)
	p.addAliases(kinds)
	p.addPlaces(kinds)
	if members := p.members(); len(members) > 0 {
		table["members"] = members
	}
	p.kindsOf, _ = json.Marshal(table) // texts, lists and maps of them
}

// members tells what members the objects have that rules read members of, where the
// catalogue has facts about them: one that has none of these is another object. What is
// wrong with facts is for [ReadFacts] to say.
func (p *parser) members() map[string]map[string][]string {
	known := propertyPaths{}
	for _, name := range append(slices.Clone(propertyLists), azureMembers) {
		_ = known.readPaths(p.files, "facts/"+name)
	}
	own, _ := ownTypes(p.files)
	for _, one := range own {
		top := ""
		if isAliased(one.name) {
			top = "properties"
		}
		_ = known.addSchema(one.name, top, one.raw, one.schema.Defs)
	}
	members := map[string]map[string][]string{}
	for name, of := range known {
		for object, names := range of.members() {
			if p.readsBelow(name, object) {
				if members[name] == nil {
					members[name] = map[string][]string{}
				}
				members[name][object] = names
			}
		}
	}
	return members
}

// readsBelow reports whether rules read members of an object of a type, "*" for any.
func (p *parser) readsBelow(resourceType, object string) bool {
	for _, t := range p.aliasTable {
		if strings.EqualFold(t.name, resourceType) {
			return slices.ContainsFunc(t.aliases, func(a [2]string) bool { return strings.HasPrefix(a[1], object+".") })
		}
	}
	place := strings.ToLower("/" + strings.TrimPrefix(object+".", "."))
	for name := range p.reads {
		if resourceType == "*" && object != "" && strings.Contains(name, place) || strings.HasPrefix(name, strings.ToLower(resourceType)+place) {
			return true
		}
	}
	return false
}

// kindPlace is a place of a type or document with the node of its name.
type kindPlace struct {
	of string
	n  *yaml.Node
	policy.PlaceKinds
}

func (d *document) kindPlaces(n *yaml.Node, what string) (all []kindPlace) {
	if !d.is(n, yaml.MappingNode, what, "a mapping") {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, of := n.Content[i].Value, n.Content[i+1]
		if !d.is(of, yaml.MappingNode, name, "a mapping") {
			continue
		}
		for j := 0; j+1 < len(of.Content); j += 2 {
			place := kindPlace{name, of.Content[j], policy.PlaceKinds{Path: of.Content[j].Value}}
			if kinds := of.Content[j+1]; kinds.Kind == yaml.SequenceNode {
				place.Kinds = d.texts(kinds, place.Path)
			} else {
				place.Kinds = []string{d.text(kinds, place.Path)}
			}
			all = append(all, place)
		}
	}
	return all
}

// checkUnusedKinds keeps the file to what rules and the conditions of always.yaml
// read: at, above or below a place.
func (p *parser) checkUnusedKinds() {
	reads := maps.Clone(p.reads)
	maps.Copy(reads, p.used)
	for full, n := range p.kindLines {
		used := false
		for name := range reads {
			if rest, every := strings.CutPrefix(full, "*/"); every {
				_, field, _ := strings.Cut(name, "/")
				_, below, _ := strings.Cut(field, "/") // of a type with a slash
				used = used || within(field, rest) || within(rest, field) || within(below, rest) || within(rest, below)
				continue
			}
			used = used || within(name, full) || within(full, name)
		}
		if !used {
			d := document{"kinds.yaml", &p.problems}
			d.report(n, "field %q: no recommendation reads it", n.Value)
		}
	}
}

// within reports whether a path is that of a place or of one below it.
func within(path, place string) bool {
	below, ok := strings.CutPrefix(path, place)
	return ok && place != "" && (below == "" || below[0] == '.' || below[0] == '[')
}
