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

var complianceStates = map[posture.State]string{
	posture.Healthy: "Compliant", posture.Unhealthy: "NonCompliant", posture.Exempt: "Exempt", posture.Unknown: "Unknown", posture.Manual: "Unknown",
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
	var p bag
	p.text("resourceId", c.Resource).text("resourceType", c.Type).text("resourceLocation", c.Location).text("resourceGroup", r.group)
	p.text("subscriptionId", r.subscription).text("complianceState", complianceStates[state])
	p.put("isCompliant", data.NodeOfBool(state != posture.Unhealthy)).text("timestamp", t.at)
	p.text("policyDefinitionId", c.Rule).text("policyDefinitionName", lastSegment(c.Rule))
	p.text("policyDefinitionReferenceId", ref.Member)
	t.refer(&p, c, ref, assignment)
	p.text("managementGroupIds", t.above(c.Unit))
	r.properties = p.put("bartizan", new(bag).text("state", c.State.String()).textIf("reason", c.Reason.String()).node()).node()
	return r
}

// refer tells what a reference is: an assignment, of an initiative perhaps, or
// an initiative that was chosen.
func (t *stateTeller) refer(p *bag, c *posture.Check, ref *posture.Reference, assignment *policy.Assignment) {
	set := ref.Assignment
	if assignment != nil {
		p.text("policyAssignmentId", assignment.ID).text("policyAssignmentName", assignment.Name).text("policyAssignmentScope", assignment.Scope)
		set = assignment.DefinitionID
	}
	if d, ok := t.library.Definition(c.Rule); ok {
		p.textIf("policyDefinitionAction", effectOf(d, assignment)).textIf("policyDefinitionCategory", d.Category)
	}
	initiative, ok := t.library.Initiative(set)
	if !ok || ref.Member == "" {
		p.text("policySetDefinitionId", "")
		return
	}
	p.text("policySetDefinitionId", set).text("policySetDefinitionName", initiative.Name).textIf("policySetDefinitionCategory", initiative.Category)
	for i := range initiative.Members {
		if m := &initiative.Members[i]; m.ReferenceID == ref.Member {
			p.put("policyDefinitionGroupNames", data.NodeOfStrings(m.Groups))
		}
	}
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
