package policy

import "strings"

// ParseInitiative reads one initiative (policy set definition), with or
// without the wrapper that has its id, name and properties. The initiative is
// nil exactly if some problem is more than a warning.
func ParseInitiative(file string, data []byte) (*Initiative, Problems) {
	return parse(file, data, initiativeFromNode)
}

// initiativeFromNode reads an initiative that is already a tree.
func initiativeFromNode(file string, n *Node) (*Initiative, Problems) {
	r := &docReader{file: file}
	return finish(r, r.initiative(n))
}

// initiative reads what there is of an initiative, nil if there is nothing.
func (r *docReader) initiative(n *Node) *Initiative {
	outer, inner, ok := r.envelope(n, "initiative")
	if !ok {
		return nil
	}
	s := &Initiative{
		ID: outer.text("id"), File: r.file, Pos: n.Pos,
		DisplayName: inner.text("displayName"),
		Description: inner.text("description"),
		Version:     versionOf(inner),
		Category:    inner.Get("metadata").text("category"),
	}
	s.Name = nameOf(s.ID, outer.text("name"), r.file)
	s.PolicyType = policyType(inner, s.ID, "policySetDefinitions")
	r.once(inner, "initiative", "policyDefinitions", "parameters", "policyDefinitionGroups")
	r.lengths(inner, s.PolicyType)
	s.Parameters = r.parameters(inner.Get("parameters"))
	s.Groups = r.groups(inner.Get("policyDefinitionGroups"))
	s.Members = r.members(inner, s.Groups)
	return s
}

func (r *docReader) groups(n *Node) []InitiativeGroup {
	if n.absent() {
		return nil
	}
	if n.Kind != Array {
		r.refuse(n.Pos, "policyDefinitionGroups is %s; want an array of groups", n.describe())
		return nil
	}
	groups := make([]InitiativeGroup, 0, len(n.Items))
	for _, item := range n.Items {
		if item.text("name") == "" {
			r.refuse(item.Pos, "group without \"name\"; want an object with the name that members give in groupNames")
			continue
		}
		groups = append(groups, InitiativeGroup{
			Name: item.text("name"), Category: item.text("category"),
			DisplayName: item.text("displayName"), Description: item.text("description"),
			AdditionalMetadataID: item.text("additionalMetadataId"),
		})
	}
	return groups
}

func (r *docReader) members(inner *Node, groups []InitiativeGroup) []Member {
	n := inner.Get("policyDefinitions")
	if n.absent() {
		r.refuse(inner.Pos, "initiative without \"policyDefinitions\"; want an array of its members")
		return nil
	}
	if n.Kind != Array {
		r.refuse(n.Pos, "policyDefinitions is %s; want an array of members", n.describe())
		return nil
	}
	known := make(map[string]bool, len(groups))
	for _, g := range groups {
		known[strings.ToLower(g.Name)] = true
	}
	members := make([]Member, 0, len(n.Items))
	references := make(map[string]Position, len(n.Items))
	for _, item := range n.Items {
		m, ok := r.member(item, known)
		if !ok {
			continue
		}
		key := strings.ToLower(m.ReferenceID)
		if at, repeated := references[key]; repeated {
			r.refuse(item.Pos, "reference id %q again; the member in line %d has it already", m.ReferenceID, at.Line)
		}
		references[key] = item.Pos
		members = append(members, m)
	}
	return members
}

// member reads one member. Without a reference id of its own it goes by the
// name of its definition.
func (r *docReader) member(n *Node, groups map[string]bool) (Member, bool) {
	if n.Kind != Object {
		r.refuse(n.Pos, "member is %s; want an object with \"policyDefinitionId\"", n.describe())
		return Member{}, false
	}
	m := Member{
		ReferenceID:  n.text("policyDefinitionReferenceId"),
		DefinitionID: n.text("policyDefinitionId"),
		Version:      n.text("definitionVersion"),
		Parameters:   r.memberParameters(n.Get("parameters")),
		Groups:       r.texts(n.Get("groupNames"), "groupNames"),
	}
	if m.DefinitionID == "" {
		r.refuse(n.Pos, "member without \"policyDefinitionId\"; want the id of a definition")
		return m, false
	}
	if m.ReferenceID == "" {
		m.ReferenceID = nameOf(m.DefinitionID, "", "")
	}
	for i, name := range m.Groups {
		if !groups[strings.ToLower(name)] {
			r.warn(n.array("groupNames")[i].Pos, "group %q is not among the initiative's policyDefinitionGroups", name)
		}
	}
	return m, true
}

// memberParameters reads what an initiative gives to a member: values that
// may be expressions over the initiative's own parameters.
func (r *docReader) memberParameters(n *Node) map[string]Template {
	parameters := map[string]Template{}
	r.givenParameters(n, func(name string, value *Node) { parameters[name] = r.template(value) })
	return parameters
}

// givenParameters visits the values in {"name": {"value": …}}, names in lower
// case. A null value counts as absent.
func (r *docReader) givenParameters(n *Node, visit func(name string, value *Node)) {
	if n.absent() {
		return
	}
	if n.Kind != Object {
		r.refuse(n.Pos, "parameters is %s; want an object with {\"value\": …} for each name", n.describe())
		return
	}
	if i, j, found := repeatedKey(n.Members); found {
		r.refuse(n.Members[j].Pos, "parameter %q again; %q is in line %d already", n.Members[j].Key, n.Members[i].Key, n.Members[i].Pos.Line)
	}
	for i := range n.Members {
		p := &n.Members[i]
		if p.Value.Kind != Object {
			r.refuse(p.Value.Pos, "parameter %q is %s; want an object with \"value\"", p.Key, p.Value.describe())
			continue
		}
		if value := p.Value.Get("value"); !value.absent() {
			visit(strings.ToLower(p.Key), value)
		}
	}
}
