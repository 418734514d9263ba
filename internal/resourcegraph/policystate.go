package resourcegraph

import (
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// stateTeller makes the rows of policy states.
type stateTeller struct {
	*assessed
	estate      *Estate
	library     *policy.Library
	at          string
	assignments map[string]*policy.Assignment // by folded id
	groups      map[string]string             // management groups above units
}

func newStateTeller(e *Estate, a *assessed) *stateTeller {
	t := &stateTeller{
		assessed: a, estate: e, library: e.library(), at: e.options.Now.UTC().Format(time.RFC3339),
		assignments: map[string]*policy.Assignment{}, groups: map[string]string{},
	}
	for _, one := range e.assignments() {
		t.assignments[strings.ToLower(one.ID)] = one
	}
	return t
}

// complianceWord is what is published of a state: the word, and the weight by which
// public queries find the worst of several.
type complianceWord struct {
	word   string
	weight int
}

var complianceWords = map[posture.State]complianceWord{
	posture.Unhealthy: {"NonCompliant", 300}, posture.Healthy: {"Compliant", 200}, posture.Exempt: {"Exempt", 50},
	posture.Unknown: {"Unknown", 0}, posture.Manual: {"Unknown", 0},
}

// row is that of one reference of a check.
func (t *stateTeller) row(c *posture.Check, ref *posture.Reference) *row {
	state := c.Judged
	if ref.Exempt {
		state = posture.Exempt
	}
	assignment := t.assignments[strings.ToLower(ref.Assignment)]
	hash := xxhash.Sum64String(c.Rule + "\x00" + c.ParametersHash + "\x00" + ref.Assignment + "\x00" + ref.Member)
	r := &row{typ: policyStateType, name: strconv.FormatUint(hash, 16), tenant: t.tenant(c.Unit), location: spellLocation(c.Location), subscription: lastSegment(c.Unit)}
	r.id = strings.TrimRight(c.Qualified(), "/") + "/providers/Microsoft.PolicyInsights/policyStates/" + r.name
	if c.Scope != c.Unit {
		r.group = strings.ToLower(lastSegment(c.Scope))
	}
	published := complianceWords[state]
	var p bag
	p.text("timestamp", t.at).text("resourceId", stateID(c.Resource)).text("resourceType", c.Type).text("resourceLocation", r.location)
	p.text("resourceGroup", r.group).text("resourceTags", "").text("subscriptionId", r.subscription)
	p.text("complianceState", published.word).count("stateWeight", published.weight)
	compliant := data.NodeOfBool(state != posture.Unhealthy)
	if published.weight == 0 {
		compliant = nil
	}
	p.put("isCompliant", compliant).text("complianceReasonCode", "").text("effectiveParameters", "")
	p.text("policyDefinitionId", stateID(c.Rule)).text("policyDefinitionName", lastSegment(c.Rule))
	p.text("policyDefinitionReferenceId", strings.ToLower(ref.Member))
	t.refer(&p, c, ref, assignment)
	p.text("managementGroupIds", t.above(c.Unit))
	r.properties = p.put("bartizan", new(bag).text("state", c.State.String()).textIf("reason", c.Reason.String()).node()).node()
	return r
}

// stateID is an id as policy states have it: those of ARM, whose case says nothing, in
// lower case.
func stateID(id string) string {
	if posture.IsARM(id) {
		return strings.ToLower(id)
	}
	return id
}

// refer tells what a reference is: an assignment, of an initiative perhaps, or
// an initiative that was chosen. What is not known is empty.
func (t *stateTeller) refer(p *bag, c *posture.Check, ref *posture.Reference, assignment *policy.Assignment) {
	set := ref.Assignment
	if assignment == nil {
		assignment = &policy.Assignment{}
	} else {
		set = assignment.DefinitionID
	}
	p.text("policyAssignmentId", stateID(assignment.ID)).text("policyAssignmentName", assignment.Name).text("policyAssignmentScope", assignment.Scope)
	p.text("policyAssignmentOwner", "").text("policyAssignmentParameters", givenText(assignment)).text("policyAssignmentVersion", assignment.DefinitionVersion)
	d, ok := t.library.Definition(c.Rule)
	if !ok {
		d = &policy.Definition{}
	}
	p.text("policyDefinitionAction", effectOf(d, assignment)).text("policyDefinitionCategory", strings.ToLower(d.Category)).text("policyDefinitionVersion", d.Version)
	initiative, ok := t.library.Initiative(set)
	if !ok || ref.Member == "" {
		set, initiative = "", &policy.Initiative{}
	}
	p.text("policySetDefinitionId", set).text("policySetDefinitionName", initiative.Name).text("policySetDefinitionOwner", "")
	p.text("policySetDefinitionCategory", strings.ToLower(initiative.Category)).text("policySetDefinitionParameters", "").text("policySetDefinitionVersion", initiative.Version)
	groups := []string{""} // as published where there is none
	for i := range initiative.Members {
		if m := &initiative.Members[i]; m.ReferenceID == ref.Member && len(m.Groups) > 0 {
			groups = m.Groups
		}
	}
	p.put("policyDefinitionGroupNames", data.NodeOfStrings(lowered(groups)))
}

func lowered(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = strings.ToLower(text)
	}
	return all
}

// givenText is the JSON text of the parameters that an assignment gives, "" for none.
func givenText(a *policy.Assignment) string {
	if len(a.Parameters) == 0 {
		return ""
	}
	return parametersGiven(a).JSON()
}

// above lists the names of the management groups that a unit stands in.
func (t *stateTeller) above(unit string) string {
	names, known := t.groups[unit]
	if !known {
		var all []string
		for _, id := range t.tree.Ancestors(unit) {
			if s, ok := t.tree.Scope(id); ok && s.Kind == posture.Folder {
				all = append(all, lastSegment(id))
			}
		}
		names = strings.Join(all, ",")
		t.groups[unit] = names
	}
	return names
}
