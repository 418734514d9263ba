package policy

import (
	"cmp"
	"slices"
	"strings"
)

// Limits of selectors and overrides, section 18.
const (
	maxSelectors      = 10 // resource selectors, and overrides, of an assignment
	maxSelectorValues = 50
)

// subscriptionLevel is the only value of a resourceWithoutLocation selector.
const subscriptionLevel = "subscriptionLevelResources"

const assignmentsType = "Microsoft.Authorization/policyAssignments"

var (
	enforcementModes = []string{"Default", "DoNotEnforce"}
	overrideKinds    = []string{"policyEffect", "policyVersion"}
	selectorKinds    = []string{
		"resourceLocation", "resourceType", "resourceWithoutLocation",
		"policyDefinitionReferenceId", "userPrincipalId", "groupPrincipalId",
	}
)

// ParseAssignment reads one assignment, with or without the wrapper that has
// its id, name and properties. Where scope is not given it is what the id
// says. The assignment is nil exactly if some problem is more than a warning.
func ParseAssignment(file string, data []byte) (*Assignment, Problems) {
	return parse(file, data, assignmentFromNode)
}

// ParseAssignmentAt reads one assignment as [ParseAssignment] does, where something
// besides it says what it is for: the scope counts where neither the assignment's own
// nor its id is given.
func ParseAssignmentAt(scope, file string, data []byte) (*Assignment, Problems) {
	return parse(file, data, func(file string, n *Node) (*Assignment, Problems) {
		r := &docReader{file: file, at: scope}
		return finish(r, r.assignment(n))
	})
}

// assignmentFromNode reads an assignment that is already a tree.
func assignmentFromNode(file string, n *Node) (*Assignment, Problems) {
	r := &docReader{file: file}
	return finish(r, r.assignment(n))
}

// assignment reads what there is of an assignment, nil if there is nothing.
func (r *docReader) assignment(n *Node) *Assignment {
	outer, inner, ok := r.envelope(n, "assignment")
	if !ok {
		return nil
	}
	r.once(inner, "assignment", "scope", "policyDefinitionId", "definitionVersion", "notScopes", "parameters", "enforcementMode", "nonComplianceMessages", "resourceSelectors", "overrides")
	a := &Assignment{
		ID: outer.text("id"), File: r.file, Pos: n.Pos,
		DisplayName:       inner.text("displayName"),
		Scope:             r.textMember(inner, "scope"),
		DefinitionID:      r.textMember(inner, "policyDefinitionId"),
		DefinitionVersion: r.textMember(inner, "definitionVersion"),
		NotScopes:         r.texts(inner.Get("notScopes"), "notScopes"),
		Parameters:        map[string]Value{},
		EnforcementMode:   r.word(inner, "enforcementMode", enforcementModes),
		Messages:          r.messages(inner.Get("nonComplianceMessages")),
		ResourceSelectors: r.resourceSelectors(inner.Get("resourceSelectors")),
		Overrides:         r.overrides(inner.Get("overrides")),
	}
	a.Name = nameOf(a.ID, outer.text("name"), r.file)
	if a.EnforcementMode == "" {
		a.EnforcementMode = "Default"
	}
	if a.DefinitionID == "" && inner.Get("policyDefinitionId").absent() {
		r.refuse(inner.Pos, "assignment without \"policyDefinitionId\"; want the id of a definition or initiative")
	}
	switch at := inner.Get("scope"); {
	case at.absent():
		if a.Scope = cmp.Or(parentOf(a.ID, assignmentsType), r.at); a.Scope == "" {
			r.refuse(inner.Pos, "assignment without \"scope\"; %s", wantedScope)
		} else if id := outer.Get("id"); id != nil {
			r.scope(id.Pos, "scope", a.Scope)
		} else {
			r.scope(inner.Pos, "scope", a.Scope)
		}
	case at.Kind == String:
		r.scope(at.Pos, "scope", a.Scope)
	}
	if list := inner.Get("notScopes"); !list.absent() && len(a.NotScopes) == len(list.Items) { // all are texts
		for i, scope := range a.NotScopes {
			r.scope(list.Items[i].Pos, "notScopes", scope)
		}
	}
	r.givenParameters(inner.Get("parameters"), func(name string, value *Node) { a.Parameters[name] = value.Value() })
	return a
}

// textMember reads a member that has to be a string if it is there.
func (r *docReader) textMember(n *Node, key string) string {
	if v := n.Get(key); !v.absent() && v.Kind != String {
		r.refuse(v.Pos, "%s is %s; want a string", key, v.describe())
	}
	return n.text(key)
}

// objects returns the items of an array of objects; anything else is refused.
func (r *docReader) objects(n *Node, what string) []*Node {
	if n.absent() {
		return nil
	}
	if n.Kind != Array {
		r.refuse(n.Pos, "%s is %s; want an array of objects", what, n.describe())
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Items), func(item *Node) bool {
		if item.Kind != Object {
			r.refuse(item.Pos, "%s has %s in it; want objects", what, item.describe())
		}
		return item.Kind != Object
	})
}

func (r *docReader) messages(n *Node) []NonComplianceMessage {
	var messages []NonComplianceMessage
	for _, item := range r.objects(n, "nonComplianceMessages") {
		messages = append(messages, NonComplianceMessage{
			Message:     item.text("message"),
			ReferenceID: item.text("policyDefinitionReferenceId"),
		})
	}
	return messages
}

func (r *docReader) resourceSelectors(n *Node) []ResourceSelector {
	var all []ResourceSelector
	for _, item := range r.objects(n, "resourceSelectors") {
		if list := item.Get("selectors"); list.absent() || list.Kind == Array && len(list.Items) == 0 {
			r.refuse(item.Pos, "resource selector without \"selectors\"; want at least one")
		}
		all = append(all, ResourceSelector{Name: item.text("name"), Selectors: r.selectors(item)})
	}
	if len(all) > maxSelectors {
		r.refuse(n.Pos, "%d resource selectors; want at most %d", len(all), maxSelectors)
	}
	return all
}

func (r *docReader) overrides(n *Node) []Override {
	var all []Override
	for _, item := range r.objects(n, "overrides") {
		o := Override{Kind: r.word(item, "kind", overrideKinds), Value: item.text("value"), Selectors: r.selectors(item)}
		if o.Kind == "" || o.Value == "" {
			r.refuse(item.Pos, "override without \"kind\" or \"value\"; want both")
		}
		if o.Kind == overrideKinds[0] && o.Value != "" && !isEffect(o.Value) {
			r.refuseName(item.Get("value").Pos, o.Value, effectNames, "unknown effect %q", o.Value)
		}
		all = append(all, o)
	}
	if len(all) > maxSelectors {
		r.refuse(n.Pos, "%d overrides; want at most %d", len(all), maxSelectors)
	}
	return all
}

// selectors reads the selectors of a resource selector or override.
func (r *docReader) selectors(n *Node) []Selector {
	var selectors []Selector
	for _, item := range r.objects(n.Get("selectors"), "selectors") {
		s := Selector{
			Kind:  item.text("kind"),
			In:    r.texts(item.Get("in"), "in"),
			NotIn: r.texts(item.Get("notIn"), "notIn"),
		}
		r.selector(item, s)
		for _, other := range selectors {
			if strings.EqualFold(other.Kind, s.Kind) {
				r.refuse(item.Pos, "two selectors of kind %q; want each kind once", s.Kind)
			}
		}
		selectors = append(selectors, s)
	}
	has := func(kind string) bool {
		return slices.ContainsFunc(selectors, func(s Selector) bool { return strings.EqualFold(s.Kind, kind) })
	}
	if has("resourceLocation") && has("resourceWithoutLocation") {
		r.refuse(n.Pos, "selectors of kinds resourceLocation and resourceWithoutLocation together; want one of them")
	}
	return selectors
}

func (r *docReader) selector(n *Node, s Selector) {
	r.word(n, "kind", selectorKinds)
	in, notIn := n.Get("in"), n.Get("notIn")
	switch {
	case s.Kind == "":
		r.refuse(n.Pos, "selector without \"kind\"; want one of %s", strings.Join(selectorKinds, ", "))
	case in.absent() == notIn.absent():
		r.refuse(n.Pos, "selector with both or neither of \"in\" and \"notIn\"; want one of them")
	case len(s.In)+len(s.NotIn) > maxSelectorValues:
		r.refuse(n.Pos, "selector with %d values; want at most %d", len(s.In)+len(s.NotIn), maxSelectorValues)
	case strings.EqualFold(s.Kind, "resourceWithoutLocation"):
		for _, value := range slices.Concat(s.In, s.NotIn) {
			if !strings.EqualFold(value, subscriptionLevel) {
				r.refuse(n.Pos, "resourceWithoutLocation %q; want %s", value, subscriptionLevel)
			}
		}
	}
}

// Admits reports whether a selector admits a value, ignoring case; spaces do
// not count in locations, and both types of resource groups are one.
func (s *Selector) Admits(value string) bool {
	plain := func(text string) string { return FoldType(strings.ReplaceAll(text, " ", "")) }
	holds := func(list []string) bool {
		return slices.ContainsFunc(list, func(item string) bool { return plain(item) == plain(value) })
	}
	if len(s.NotIn) > 0 || s.In == nil {
		return !holds(s.NotIn)
	}
	return holds(s.In)
}
