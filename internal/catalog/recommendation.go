package catalog

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// The properties of a recommendation's file, required ones with a "!". The
// JSON Schema has the same; a test compares them.
var (
	recommendationKeys = []string{
		"!title", "!severity", "!control", "preview", "!why", "!userImpact", "!effort", "!attack", "!standards", "azurePolicies",
		"!remediation", "parameters", "applies", "mode", "!policyRule", "!cases",
	}
	remediationKeys = []string{"!steps", "cli", "terraform", "bicep", "cloudformation", "!breaks", "fix"}
	fixKeys         = []string{"!operation", "!field", "value"}
	parameterKeys   = []string{"!type", "!defaultValue", "allowedValues", "!description"}
)

var (
	slugPattern   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	slugOrVersion = regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*$`)
	guidPattern   = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	attackPattern = regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
)

// recommendation reads one file into the list.
func (p *parser) recommendation(file string, cloud posture.Cloud) {
	d, root := open(p.files, file, "recommendation", &p.problems)
	p.lost = p.lost || root == nil
	m := d.object(root, "recommendation", recommendationKeys...)
	r := &parsed{doc: d, nodes: map[string]*yaml.Node{"title": m["title"].value, "why": m["why"].value}}
	r.Recommendation = Recommendation{
		ID:         d.idOfFile(),
		Title:      d.title(m["title"].value),
		Cloud:      cloud,
		Service:    path.Base(path.Dir(file)),
		Severity:   d.severity(m["severity"].value),
		Control:    p.controlNamed(d, m["control"].value),
		Preview:    d.truth(m["preview"].value, "preview", false),
		Why:        d.sentence(m["why"].value, "why", 60, 500),
		UserImpact: d.word(m["userImpact"].value, "userImpact", "low", "moderate", "high"),
		Effort:     d.word(m["effort"].value, "effort", "low", "moderate", "high"),
		File:       file,
	}
	for _, n := range d.some(m["attack"].value, "attack") {
		if id := d.pattern(n, "attack", attackPattern, "an ATT&CK technique such as T1530 or T1078.004"); id != "" {
			r.Attack = append(r.Attack, Technique{id, p.techniques[id]})
		}
	}
	for _, n := range d.some(m["standards"].value, "standards") {
		r.Standards = append(r.Standards, p.standardRef(d, n, cloud))
	}
	for _, n := range d.some(m["azurePolicies"].value, "azurePolicies") {
		r.AzurePolicies = append(r.AzurePolicies, d.pattern(n, "azurePolicies", guidPattern, "the name of a built-in definition, a GUID in lower case"))
	}
	p.rule(r, m)
	p.remediation(r, m["remediation"].value)
	p.cases(r, m)
	for _, key := range []string{"remediation", "applies", "policyRule", "title", "why", "attack"} {
		walkScalars(m[key].value, func(n *yaml.Node) {
			r.Texts = append(r.Texts, Text{strings.TrimSpace(n.Value), n.Line, n.Column})
		})
	}
	d.repeats(m["why"].value, r.Title, r.Why)
	p.list = append(p.list, r)
}

func (d *document) severity(n *yaml.Node) posture.Severity {
	word := d.word(n, "severity", "critical", "high", "medium", "low")
	if word == "" {
		return posture.NotRated
	}
	severity, _ := posture.ParseSeverity(word) // it is one of the four
	return severity
}

// standardRef reads one control. A standard that is not about the
// recommendation's cloud would tell of resources it does not mean.
func (p *parser) standardRef(d *document, n *yaml.Node, cloud posture.Cloud) StandardRef {
	text := d.text(n, "standards")
	standard, control, ok := strings.Cut(text, ":")
	switch {
	case text == "":
	case !ok:
		d.report(n, "standards: got %q, want STANDARD:CONTROL", text)
	case p.unread["standards/"+standard+".yaml"]:
	case !p.controlIDs[text]:
		ids := make([]string, 0, len(p.controlIDs))
		for _, s := range p.standardList {
			for _, c := range s.Nodes {
				ids = append(ids, s.ID+":"+c.ID)
			}
		}
		d.suggest(n, spelling.Nearest(text, ids), "standards: no control %q in standards/", text)
	default:
		at := slices.IndexFunc(p.standardList, func(s Standard) bool { return s.ID == standard })
		if clouds := p.standardList[at].Clouds; !slices.Contains(clouds, cloud) {
			d.report(n, "standards: %s is not about %s", standard, cloud)
		}
	}
	return StandardRef{standard, control}
}

// fix checks the machine-applicable change.
func (p *parser) fix(r *parsed, n *yaml.Node) {
	d := r.doc
	m := d.object(n, "fix", fixKeys...)
	operation := d.word(m["operation"].value, "operation", "add", "addOrReplace", "remove")
	if operation != "" && (m["value"].value == nil) != (operation == "remove") {
		d.report(n, "fix: add and addOrReplace take a value, remove takes none")
	}
	if field := d.text(m["field"].value, "field"); field != "" {
		p.resolve(r, m["field"].value, field)
	}
	r.Remediation.Fix = d.json(n, "fix")
}

// parameters turns the file's parameters into those of a definition: the
// description goes to the metadata, as Azure has it.
func (p *parser) parameters(d *document, n *yaml.Node) json.RawMessage {
	if n == nil || !d.is(n, yaml.MappingNode, "parameters", "a mapping") {
		return nil
	}
	b := []byte{'{'}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		name := n.Content[i].Value
		m := d.object(n.Content[i+1], "parameter "+name, parameterKeys...)
		b = append(appendString(b, name), `:{"type":`...)
		b = appendString(b, d.word(m["type"].value, "type", "String", "Array", "Object", "Boolean", "Integer", "Float", "DateTime"))
		b = append(append(b, `,"defaultValue":`...), orNull(d.json(m["defaultValue"].value, "defaultValue"))...)
		if allowed := m["allowedValues"].value; allowed != nil {
			d.some(allowed, "allowedValues")
			b = append(append(b, `,"allowedValues":`...), d.json(allowed, "allowedValues")...)
		}
		b = append(b, `,"metadata":{"description":`...)
		b = append(appendString(b, d.sentence(m["description"].value, "description", 15, 200)), "}}"...)
	}
	return append(b, '}')
}

func orNull(b json.RawMessage) json.RawMessage {
	if b == nil {
		return json.RawMessage("null")
	}
	return b
}

// definition makes the Azure Policy definition.
func (r *parsed) definition(mode string, parameters, rule json.RawMessage) json.RawMessage {
	b := appendString([]byte(`{"name":`), r.ID)
	b = appendString(append(b, `,"properties":{"displayName":`...), r.Title)
	b = appendString(append(b, `,"policyType":"BuiltIn","mode":`...), mode)
	b = appendString(append(b, `,"metadata":{"category":`...), r.Service)
	b = appendString(append(b, `,"severity":`...), r.Severity.String())
	if r.Preview {
		b = append(b, `,"preview":true`...)
	}
	b = append(b, '}')
	if parameters != nil {
		b = append(append(b, `,"parameters":`...), parameters...)
	}
	b = append(append(b, `,"policyRule":`...), rule...)
	return append(b, "}}"...)
}
