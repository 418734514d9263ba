package resourcegraph

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// assessmentTeller makes the rows of checks. It serves one goroutine.
type assessmentTeller struct {
	*assessed
	estate  *Estate
	want    *wanted
	rules   map[ruleKey]*ruleWords
	tenants map[string]string // by unit
	texts   *sharedTexts
	states  map[stateKey]*data.Node
	row1    row // the row at hand

	id, status, details, metadata, links, truth, evidence, detail bool // what is asked for
}

// needs notes once what of a row is asked for.
func (t *assessmentTeller) needs() {
	for _, c := range t.want.Columns {
		t.id = t.id || c == idColumn
	}
	t.status, t.details = t.want.reads("status"), t.want.reads("resourceDetails")
	t.metadata, t.links = t.want.reads("metadata"), t.want.reads("links")
	t.truth, t.evidence = t.want.reads("bartizan"), t.want.reads("bartizan", "evidence")
	t.detail = t.want.reads("bartizan", "detail")
}

// ruleWords are the parts of rows that are the same for all checks of a rule.
type ruleWords struct {
	key                   string
	displayName, metadata *data.Node
}

// row is the check's row, which the next one overwrites. What only what is kept
// tells of a check is nil for others.
func (t *assessmentTeller) row(c *posture.Check, kept *standing) *row {
	words := t.words(c)
	r := &t.row1
	*r = row{
		name: words.key, typ: assessmentType, tenant: t.tenantOf(c.Unit),
		location: shared(t.texts.locations, c.Location, spellLocation), subscription: shared(t.texts.units, c.Unit, lastSegment),
	}
	if c.Scope != c.Unit {
		r.group = shared(t.texts.groups, c.Scope, func(s string) string { return strings.ToLower(lastSegment(s)) })
	}
	resource := t.resourceOf(c)
	if t.id {
		r.id = strings.TrimRight(resource, "/") + providerPath("assessments", words.key)
	}
	var p bag
	if t.details {
		p.put("resourceDetails", detailsOf(c, resource))
	}
	p.put("displayName", words.displayName)
	if t.status {
		p.put("status", t.statusOf(c))
	}
	if t.links && posture.IsARM(c.Resource) {
		p.put("links", new(bag).text("azurePortal", "portal.azure.com/#resource"+c.Resource).node())
	}
	if t.metadata {
		p.put("metadata", words.metadata)
	}
	if t.truth {
		p.put("bartizan", t.truthOf(c, kept))
	}
	r.properties = p.node()
	return r
}

func spellLocation(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "") }

func (t *assessmentTeller) tenantOf(unit string) string {
	id, known := t.tenants[unit]
	if !known {
		id = t.tenant(unit)
		t.tenants[unit] = id
	}
	return id
}

// words are those of a check's rule, made once.
func (t *assessmentTeller) words(c *posture.Check) *ruleWords {
	key := ruleKey{c.Rule, c.ParametersHash}
	known := key
	if c.Type == assess.ManualType {
		known.hash = c.Cloud.String() // which the category follows
	}
	w := t.rules[known]
	if w == nil {
		w = &ruleWords{key: t.key(key)}
		var r *catalog.Recommendation
		title := c.Rule
		if result := t.titles[key]; result != nil {
			r, title = result.Recommendation, result.Title
		}
		w.displayName = data.NodeOfString(title)
		w.metadata = t.estate.metadata(c, r, title)
		t.rules[known] = w
	}
	return w
}

// key is the last segment of an assessment's id: a recommendation's id, or a
// definition's name, with its parameters where they tell apart.
func (a *assessed) key(k ruleKey) string {
	key := lastSegment(k.id)
	if a.twice[k.id] {
		key += "-" + k.hash[:min(8, len(k.hash))]
	}
	return key
}

// severityWord is the published word; what nobody rated has none.
func severityWord(s posture.Severity) string {
	if s == posture.NotRated {
		return ""
	}
	return capital(s.String())
}

// metadata is what Defender for Cloud says of a recommendation.
func (e *Estate) metadata(c *posture.Check, r *catalog.Recommendation, title string) *data.Node {
	var m bag
	m.text("displayName", title)
	if r == nil {
		return e.policyMetadata(&m, c)
	}
	m.text("assessmentType", "BuiltIn")
	m.text("policyDefinitionId", "")
	if len(r.AzurePolicies) > 0 {
		m.values[len(m.values)-1] = data.NodeOfString(definitionPrefix + r.AzurePolicies[0])
	}
	m.text("description", r.Why).text("remediationDescription", r.Remediation.Steps)
	m.put("categories", data.NodeOfStrings([]string{categoryOf(r.Service)}))
	m.text("severity", severityWord(r.Severity)).text("userImpact", capital(r.UserImpact)).text("implementationEffort", capital(r.Effort))
	m.put("threats", data.NodeOfArray(nil)).put("techniques", data.NodeOfStrings(r.AttackIDs())).put("preview", data.NodeOfBool(r.Preview))
	return m.node()
}

const definitionPrefix = "/providers/Microsoft.Authorization/policyDefinitions/"

// policyMetadata is that of an imported policy, or of a manual control.
func (e *Estate) policyMetadata(m *bag, c *posture.Check) *data.Node {
	if c.Recommendation {
		return manualMetadata(m, c)
	}
	d := e.definition(c.Rule)
	if d == nil {
		d = &policy.Definition{}
	}
	kind := "CustomPolicy"
	if strings.EqualFold(d.PolicyType, "BuiltIn") {
		kind = "BuiltInPolicy"
	}
	m.text("assessmentType", kind).text("policyDefinitionId", c.Rule).text("description", d.Description)
	m.put("categories", data.NodeOfStrings([]string{d.Category})).text("severity", severityWord(c.Severity))
	return unwritten(m, d.Preview)
}

// unwritten adds what nobody writes of policies and manual controls, empty.
func unwritten(m *bag, preview bool) *data.Node {
	for _, key := range []string{"remediationDescription", "userImpact", "implementationEffort"} {
		m.text(key, "")
	}
	m.put("threats", data.NodeOfArray(nil)).put("techniques", data.NodeOfArray(nil))
	return m.put("preview", data.NodeOfBool(preview)).node()
}

// manualMetadata is that of a manual control. Nobody rates those: they have the
// lowest published severity, and the category of what is about a unit.
func manualMetadata(m *bag, c *posture.Check) *data.Node {
	category := "IdentityAndAccess"
	if c.Cloud == posture.Machine {
		category = "Compute"
	}
	m.text("assessmentType", "ManualBuiltIn").text("policyDefinitionId", "").text("description", "")
	m.put("categories", data.NodeOfStrings([]string{category})).text("severity", severityWord(max(c.Severity, posture.Low)))
	return unwritten(m, false)
}

func (e *Estate) definition(id string) *policy.Definition {
	if d, ok := e.library().Definition(id); ok {
		return d
	}
	return nil
}

// categories are Defender's words for what a service does, by the services of
// the catalogue; the rest holds data.
var categories = map[string]string{
	"Compute":           "any automation codebuild compute ec2 lambda linux machinelearningservices sagemaker windows",
	"Networking":        "dns elasticloadbalancingv2 network",
	"Container":         "containerregistry containerservice ecs",
	"AppServices":       "signalrservice web",
	"IdentityAndAccess": "account apikeys certificatemanager iam resources cloudresourcemanager security",
}

// categoryOf is the published category of a service's recommendations.
func categoryOf(service string) string {
	for category, services := range categories {
		for s := range strings.FieldsSeq(services) {
			if s == service {
				return category
			}
		}
	}
	return "Data"
}

// stateKey is what a published status follows from.
type stateKey struct {
	state    posture.State
	reason   posture.Reason
	category string // of the exemption
}

// statusOf is the status of a check, made once for all that are alike.
func (t *assessmentTeller) statusOf(c *posture.Check) *data.Node {
	key := stateKey{state: c.State, reason: c.Reason}
	if c.Exempt != nil {
		key.category = c.Exempt.Category
	}
	if t.states[key] == nil {
		t.states[key] = statusOf(c)
	}
	return t.states[key]
}

// statusOf is the published status: what could not be judged, waits for a
// person or is exempt is not applicable there, and the cause says which.
func statusOf(c *posture.Check) *data.Node {
	var s bag
	switch c.State {
	case posture.Healthy, posture.Unhealthy:
		s.text("code", capital(c.State.String()))
	case posture.Exempt:
		s.text("code", "NotApplicable").text("cause", "Exempt").text("description", "exempt: "+c.Exempt.Category)
	case posture.Manual:
		s.text("code", "NotApplicable").text("cause", "Manual").text("description", "waits for an attestation")
	case posture.Unknown:
		s.text("code", "NotApplicable").text("cause", capital(c.Reason.String())).text("description", "could not be judged")
	default:
		s.text("code", "NotApplicable")
	}
	return s.node()
}

// detailsOf says which resource a check is on. Published queries read its id
// and source under both spellings.
func detailsOf(c *posture.Check, resource string) *data.Node {
	typ, name := c.Type, c.Name
	if typ == assess.ManualType {
		typ, name = containerTypes[c.Cloud][posture.Unit], lastSegment(c.Unit)
	}
	source := environments[c.Cloud]
	if c.Cloud == posture.AWS || c.Cloud == posture.GCP {
		source = capital(strings.ToLower(source))
	}
	var d bag
	d.text("Source", source).text("Id", resource).text("source", source).text("id", resource)
	d.text("ResourceType", typ).text("ResourceName", name)
	if provider, _, ok := strings.Cut(typ, "/"); ok {
		d.text("ResourceProvider", provider)
	}
	if c.Cloud == posture.Azure {
		return d.text("AzureResourceId", resource).node()
	}
	return d.text("NativeResourceId", resource).text("HierarchyId", lastSegment(c.Unit)).textIf("Region", c.Location).node()
}

// truthOf is our own word, which the published status cannot say.
func (t *assessmentTeller) truthOf(c *posture.Check, kept *standing) *data.Node {
	var b bag
	b.text("state", c.State.String()).textIf("reason", c.Reason.String())
	if !c.Recommendation {
		b.text("policy", c.Rule).text("parametersHash", c.ParametersHash)
	}
	if c.Judged != c.State {
		b.text("judged", c.Judged.String())
	}
	if c.Attested {
		b.put("attested", data.NodeOfBool(true))
	}
	if x := c.Exempt; x != nil {
		var e bag
		e.text("category", x.Category)
		if !x.ExpiresOn.IsZero() {
			e.text("expiresOn", x.ExpiresOn.UTC().Format(time.RFC3339))
		}
		b.put("exempt", e.node())
	}
	switch {
	case t.evidence && kept != nil && kept.missing != "":
		b.text("evidenceMissing", kept.missing)
	case t.evidence:
		b.put("evidence", evidenceOf(c))
	}
	if t.detail {
		b.textIf("detail", c.Detail)
	}
	if kept != nil {
		kept.put(&b)
	}
	return b.node()
}

func evidenceOf(c *posture.Check) *data.Node {
	items := make([]*data.Node, len(c.Evidence))
	for i, e := range c.Evidence {
		var b bag
		b.text("path", e.Path)
		if !e.Absent {
			if text, err := json.Marshal(e.Found); err == nil {
				b.put("found", data.RawJSON(string(text)))
			}
		}
		items[i] = b.textIf("wanted", e.Wanted).textIf("resource", e.Resource).node()
	}
	return data.NodeOfArray(items)
}
