package resourcegraph

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// The types of policyresources that are computed.
const (
	policyStateType = "microsoft.policyinsights/policystates"
	definitionType  = "microsoft.authorization/policydefinitions"
	initiativeType  = "microsoft.authorization/policysetdefinitions"
	assignmentType  = "microsoft.authorization/policyassignments"
	exemptionType   = "microsoft.authorization/policyexemptions"
)

const initiativePrefix = "/providers/Microsoft.Authorization/policySetDefinitions/"

var policyKinds = []kind{
	{definitionType, documents(definitionRows)},
	{initiativeType, documents(initiativeRows)},
	{assignmentType, documents(assignmentRows)},
	{exemptionType, documents(exemptionRows)},
	{policyStateType, policyStateRows},
}

// comesOfResources tells the types of computed rows that there are more of, the more
// resources there are.
func (e *Estate) comesOfResources(typ string) bool {
	if typ == policyStateType {
		library := e.library()
		return len(library.Definitions)+len(library.Initiatives) > 0
	}
	return !strings.HasPrefix(typ, "microsoft.authorization/")
}

// documents makes a kind of rows about the policy documents of the options.
func documents(each func(e *Estate, s *rowSink)) func(context.Context, *Estate, *wanted) iter.Seq2[*data.Batch, error] {
	return func(_ context.Context, e *Estate, want *wanted) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			if _, _, err := e.source.policies(); err != nil {
				yield(nil, err)
				return
			}
			s := want.sink(func(b *data.Batch) bool { return yield(b, nil) })
			each(e, s)
			s.flush()
		}
	}
}

// library has the policies by which is judged; none if they cannot be read.
func (e *Estate) library() *policy.Library {
	library, _, err := e.source.policies()
	if err != nil {
		return &policy.Library{}
	}
	return library
}

// showsDocument reports whether a policy document is to be told of: one without an
// id is a file's.
func (e *Estate) showsDocument(id string) bool {
	at := strings.LastIndex(strings.ToLower(id), "/providers/microsoft.authorization/")
	return at < 0 || e.source.shows(cmp.Or(id[:at], "/"))
}

// documentRow begins the row of a document that stands at an id.
func documentRow(id, name, typ string) *row {
	r := &row{id: id, name: name, typ: typ, subscription: lastSegment(policy.UnitOf(id))}
	if group := policy.GroupOf(id); group != "" {
		r.group = strings.ToLower(lastSegment(group))
	}
	return r
}

func definitionRows(e *Estate, s *rowSink) {
	for _, d := range e.library().Definitions {
		if !e.showsDocument(d.ID) {
			continue
		}
		r := documentRow(cmp.Or(d.ID, definitionPrefix+d.Name), d.Name, definitionType)
		var p, m bag
		p.text("displayName", d.DisplayName).text("policyType", cmp.Or(d.PolicyType, "Custom")).text("mode", cmp.Or(d.Mode, "Indexed"))
		p.text("description", d.Description).textIf("version", d.Version)
		m.textIf("version", d.Version).textIf("category", d.Category).textIf("severity", d.Severity)
		if d.Preview {
			m.put("preview", data.NodeOfBool(true))
		}
		if d.Deprecated {
			m.put("deprecated", data.NodeOfBool(true))
		}
		p.put("metadata", m.node()).put("parameters", parametersOf(d.Parameters))
		if effect := effectOf(d, nil); effect != "" {
			p.put("policyRule", new(bag).put("then", new(bag).text("effect", effect).node()).node())
		}
		r.properties = p.node()
		s.add(r)
	}
}

func parametersOf(declared []policy.Parameter) *data.Node {
	var all bag
	for _, parameter := range declared {
		var p bag
		p.text("type", parameter.Type)
		if parameter.Default != nil {
			p.put("defaultValue", valueOf(*parameter.Default))
		}
		if len(parameter.Allowed) > 0 {
			var allowed []*data.Node
			for _, v := range parameter.Allowed {
				allowed = append(allowed, valueOf(v))
			}
			p.put("allowedValues", data.NodeOfArray(allowed))
		}
		if parameter.DisplayName != "" {
			p.put("metadata", new(bag).text("displayName", parameter.DisplayName).node())
		}
		all.put(parameter.Name, p.node())
	}
	return all.node()
}

func valueOf(v policy.Value) *data.Node { return data.RawJSON(string(v.AppendJSON(nil))) }

func initiativeRows(e *Estate, s *rowSink) {
	for _, d := range e.library().Initiatives {
		if !e.showsDocument(d.ID) {
			continue
		}
		r := documentRow(cmp.Or(d.ID, initiativePrefix+d.Name), d.Name, initiativeType)
		var p, m bag
		var members, groups []*data.Node
		for i := range d.Members {
			member := &d.Members[i]
			members = append(members, new(bag).text("policyDefinitionReferenceId", member.ReferenceID).
				text("policyDefinitionId", member.DefinitionID).put("groupNames", data.NodeOfStrings(member.Groups)).node())
		}
		for _, g := range d.Groups {
			groups = append(groups, new(bag).text("name", g.Name).textIf("displayName", g.DisplayName).textIf("category", g.Category).
				textIf("description", g.Description).textIf("additionalMetadataId", g.AdditionalMetadataID).node())
		}
		p.text("displayName", d.DisplayName).text("policyType", cmp.Or(d.PolicyType, "Custom")).text("description", d.Description)
		p.textIf("version", d.Version).put("metadata", m.textIf("version", d.Version).textIf("category", d.Category).node())
		p.put("parameters", parametersOf(d.Parameters))
		r.properties = p.put("policyDefinitions", data.NodeOfArray(members)).put("policyDefinitionGroups", data.NodeOfArray(groups)).node()
		s.add(r)
	}
}

func (e *Estate) assignments() []*policy.Assignment {
	_, assignments, _ := e.source.policies()
	return assignments
}

func assignmentRows(e *Estate, s *rowSink) {
	for _, a := range e.assignments() {
		if !e.showsDocument(a.ID) {
			continue
		}
		r := documentRow(a.ID, a.Name, assignmentType)
		var p bag
		var messages []*data.Node
		for _, m := range a.Messages {
			messages = append(messages, new(bag).text("message", m.Message).textIf("policyDefinitionReferenceId", m.ReferenceID).node())
		}
		p.text("displayName", a.DisplayName).text("policyDefinitionId", a.DefinitionID).text("scope", a.Scope)
		p.textIf("definitionVersion", a.DefinitionVersion)
		p.put("notScopes", data.NodeOfStrings(a.NotScopes)).put("parameters", parametersGiven(a))
		p.text("enforcementMode", cmp.Or(a.EnforcementMode, "Default")).put("nonComplianceMessages", data.NodeOfArray(messages))
		r.properties = p.node()
		s.add(r)
	}
}

func parametersGiven(a *policy.Assignment) *data.Node {
	var given bag
	for _, name := range slices.Sorted(keysOf(a.Parameters)) {
		given.put(name, new(bag).put("value", valueOf(a.Parameters[name])).node())
	}
	return given.node()
}

func keysOf[V any](m map[string]V) iter.Seq[string] {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func exemptionRows(e *Estate, s *rowSink) {
	for _, x := range slices.Concat(e.options.Exemptions, e.library().Exemptions) {
		r := documentRow(x.ID, x.Name, exemptionType)
		if x.ID == "" { // in the short form
			r.id = x.Scope + "/providers/Microsoft.Authorization/policyExemptions/" + x.Name
			r.subscription = lastSegment(policy.UnitOf(x.Scope))
		}
		var p bag
		p.text("policyAssignmentId", x.AssignmentID).put("policyDefinitionReferenceIds", data.NodeOfStrings(x.ReferenceIDs))
		p.text("exemptionCategory", capital(strings.ToLower(x.Category))).textIf("expiresOn", x.ExpiresOn)
		p.textIf("displayName", x.DisplayName).textIf("description", x.Description)
		r.properties = p.put("bartizan", new(bag).text("scope", x.Scope).node()).node()
		s.add(r)
	}
}

// effectOf is the effect that a definition has in an assignment, in lower
// case; "" where an expression would have to tell.
func effectOf(d *policy.Definition, a *policy.Assignment) string {
	if d.Rule == nil {
		return ""
	}
	if d.Rule.Effect.Expr == nil {
		return strings.ToLower(d.Rule.Effect.Const.Text())
	}
	name, ok := strings.CutPrefix(strings.ReplaceAll(d.Rule.Effect.Expr.String(), " ", ""), "[parameters('")
	if !ok {
		return ""
	}
	name = strings.TrimSuffix(name, "')]")
	if a != nil {
		if v, ok := a.Parameters[strings.ToLower(name)]; ok {
			return strings.ToLower(v.Text())
		}
	}
	for _, p := range d.Parameters {
		if strings.EqualFold(p.Name, name) && p.Default != nil {
			return strings.ToLower(p.Default.Text())
		}
	}
	return ""
}

// policyStateRows has a row for every reference of every check of an imported policy.
func policyStateRows(ctx context.Context, e *Estate, want *wanted) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		if len(e.library().Definitions) == 0 {
			return
		}
		a, err := e.source.assessed(ctx, false)
		if err != nil {
			yield(nil, err)
			return
		}
		t := newStateTeller(e, a)
		a.rowsOfChecks(ctx, want.ofPolicies(), func(s *rowSink, c *posture.Check, _ *standing) {
			if c.Recommendation || c.Judged == posture.NotApplicable {
				return
			}
			references := c.References
			if a.references != nil {
				references = a.references(c)
			}
			if len(references) == 0 {
				references = []posture.Reference{{Exempt: c.State == posture.Exempt}}
			}
			for i := range references {
				s.add(t.row(c, &references[i]))
			}
		})(yield)
	}
}

// ofPolicies wants checks of policies alone. Their rows have other names and
// properties than those of assessments: conditions on these are tested on rows.
func (w *wanted) ofPolicies() *wanted {
	of := *w
	of.policies = true
	of.Where = slices.DeleteFunc(slices.Clone(w.Where), func(p kql.Predicate) bool {
		return p.Column != unitColumn && p.Column != groupColumn && p.Column != locationColumn
	})
	return &of
}
