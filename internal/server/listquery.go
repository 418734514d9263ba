package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// The KQL behind lists: text that gives the rows of a list with its conditions and
// order. Scopes and time are parameters of the call, here and there.

const (
	checkRows      = "securityresources\n| where type == 'microsoft.security/assessments' and properties.metadata.assessmentType != 'ManualBuiltIn'"
	resourceRows   = "securityresources\n| where type == 'bartizan/resources'"
	exemptionsRows = "policyresources\n| where type == 'microsoft.authorization/policyexemptions' and isnotnull(properties.bartizan)"
)

// fields are how a list's properties are called in a table.
type fields struct{ id, name, typ, state, severity, control string }

var (
	checkFields = fields{
		id: "tostring(properties.resourceDetails.Id)", name: "tostring(properties.resourceDetails.ResourceName)",
		typ: "tostring(properties.resourceDetails.ResourceType)", state: "tostring(properties.bartizan.resourceState)",
		severity: "tostring(properties.metadata.severity)", control: "tostring(properties.bartizan.control)",
	}
	resourceFields = fields{id: "id", name: "name", typ: "tostring(properties.resourceType)", state: "tostring(properties.bartizan.state)"}

	// mixedFields are those of checks among which some are on units as a whole.
	mixedFields = fields{
		id: "iff(unit == '', " + checkFields.id + ", unit)", name: checkFields.name, state: checkFields.state,
		typ:      "iff(unit == '', " + checkFields.typ + ", '" + index.UnitType + "')",
		severity: "iff(unit == '', " + checkFields.severity + ", '')",
		control:  "iff(unit == '', " + checkFields.control + ", name)",
	}
)

// mixedRows are all checks of resources, and those on units of some standards.
func mixedRows(groups []index.UnitChecks) string {
	var standards index.Choice[string]
	for _, group := range groups {
		for i := range group.Checks {
			standard, _, _ := strings.Cut(group.Checks[i].Control, ":")
			if !slices.Contains(standards.Values, standard) {
				standards.Values = append(standards.Values, standard)
			}
		}
	}
	return "securityresources\n| where type == 'microsoft.security/assessments'\n| extend unit = tostring(properties.bartizan.unit)" +
		where("", []string{"properties.metadata.assessmentType != 'ManualBuiltIn' or " + anyOf("tostring(split(name, ':')[0])", "==", standards, same)})
}

// quoted is a text as KQL writes it.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + "'"
}

// anyOf is a choice as a condition, "" for none. The operator for equality is == or
// =~.
func anyOf[T comparable](field, equal string, c index.Choice[T], word func(T) string) string {
	if len(c.Values) == 0 {
		return ""
	}
	words := make([]string, len(c.Values))
	for i, v := range c.Values {
		words[i] = quoted(word(v))
	}
	if path, ok := strings.CutPrefix(field, "tostring("); ok && !c.Not && !slices.Contains(words, "''") {
		field = strings.TrimSuffix(path, ")") // what is missing equals no text, and tables can tell before they make a row
	}
	operators := map[string][4]string{"==": {"==", "!=", "in", "!in"}, "=~": {"=~", "!~", "in~", "!in~"}}[equal]
	at := 0
	if c.Not {
		at = 1
	}
	if len(words) == 1 {
		return field + " " + operators[at] + " " + words[0]
	}
	return field + " " + operators[at+2] + " (" + strings.Join(words, ", ") + ")"
}

// ruleNames are, in rows of checks, what judged: the id of a policy's definition and
// the hash of its parameters, both empty for a recommendation, and its name among all.
const ruleNames = `
| extend policy = tostring(properties.bartizan.policy), parametersHash = tostring(properties.bartizan.parametersHash)
| extend rule = iff(policy == '', name, strcat(policy, '#', parametersHash))`

// rulesCondition is a choice of recommendations, policies with one set of
// parameters, and policies with whatever parameters.
func rulesCondition(c index.Choice[string]) string {
	var recommendations, policies index.Choice[string]
	var all []string
	for _, id := range c.Values {
		switch name := nameOf(id); {
		case name.Policy != "":
			all = append(all, fmt.Sprintf("properties.bartizan.policy == %s and properties.bartizan.parametersHash == %s", quoted(name.Policy), quoted(name.ParametersHash)))
		case nameOf(index.PolicyRule(id, "")).Policy != "":
			policies.Values = append(policies.Values, id)
		default:
			recommendations.Values = append(recommendations.Values, id)
		}
	}
	if text := anyOf("tostring(properties.bartizan.policy)", "==", policies, same); text != "" {
		all = append(all, text)
	}
	if text := anyOf("name", "==", recommendations, same); text != "" {
		all = append(all, text+" and isnull(properties.bartizan.policy)")
	}
	text := strings.Join(all, " or ")
	if c.Not && text != "" {
		return "not(" + text + ")"
	}
	return text
}

// resourceConditions are those of a filter on resources.
func resourceConditions(f *index.Filter, of fields) []string {
	all := []string{
		anyOf("tostring(properties.bartizan.cloud)", "==", f.Clouds, posture.Cloud.String),
		anyOf(of.typ, "=~", f.Types, same),
		anyOf("subscriptionId", "=~", f.Units, func(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }),
		anyOf("tostring(properties.bartizan.owner)", "==", f.Owners, same),
		anyOf("location", "==", f.Locations, func(l string) string { return strings.ReplaceAll(strings.ToLower(l), " ", "") }),
		anyOf(of.state, "==", f.States, posture.State.String),
	}
	for _, tag := range f.Tags {
		all = append(all, tagCondition(tag))
	}
	if f.Text != "" {
		all = append(all, of.id+" contains "+quoted(f.Text)+" or "+of.name+" contains "+quoted(f.Text))
	}
	return all
}

func same(text string) string { return text }

func tagCondition(t index.TagFilter) string {
	field := "properties.bartizan.tags[" + quoted(strings.ToLower(t.Key)) + "]"
	condition := "isnotnull(" + field + ")"
	if !t.Exists {
		condition += " and tostring(" + field + ") == " + quoted(t.Value)
	}
	if t.Not {
		condition = "not(" + condition + ")"
	}
	return condition
}

// checkConditions are those of a filter on checks.
func checkConditions(f *index.CheckFilter, of fields) []string {
	return []string{
		rulesCondition(f.Rules),
		rulesCondition(f.Also),
		anyOf(of.severity, "==", f.Severities, severityWord),
		anyOf(of.control, "==", f.Controls, same),
		anyOf("tostring(properties.bartizan.state)", "==", f.States, posture.State.String),
		reasonsCondition(f.Reasons),
	}
}

// reasonsCondition is a choice of why unknown checks are unknown.
func reasonsCondition(c index.Choice[posture.Reason]) string {
	if c.Not || slices.Contains(c.Values, posture.NoReason) {
		return anyOf("iff(properties.bartizan.state == 'unknown', tostring(properties.bartizan.reason), '')", "==", c, posture.Reason.String)
	}
	text := anyOf("tostring(properties.bartizan.reason)", "==", c, posture.Reason.String)
	if text != "" {
		text += " and properties.bartizan.state == 'unknown'"
	}
	return text
}

// severityWord is the published word, "" for what nobody rated.
func severityWord(s posture.Severity) string {
	if s == posture.NotRated {
		return ""
	}
	word := s.String()
	return strings.ToUpper(word[:1]) + word[1:]
}

// where appends conditions, each on a line.
func where(text string, conditions []string) string {
	for _, c := range conditions {
		if c != "" {
			text += "\n| where " + c
		}
	}
	return text
}

// ranked is the rank of a field among words, the first of which comes first.
func ranked(field string, words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = quoted(w)
	}
	return "array_index_of(dynamic([" + strings.Join(list, ", ") + "]), " + field + ")"
}

func statesByRank() []string {
	var words []string
	for _, s := range posture.States {
		words = append(words, s.String())
	}
	return words
}

func severitiesByRank() []string {
	var words []string
	for s := posture.Critical; s > posture.NotRated; s-- {
		words = append(words, severityWord(s))
	}
	return append(words, "")
}

// unitOrder orders by ids of units, of which tables have the last part, and first what
// has none.
const unitOrder = "iff(subscriptionId == '', '', strcat(case(properties.bartizan.cloud == 'azure', '/subscriptions/', properties.bartizan.cloud == 'gcp', 'projects/', " +
	"properties.bartizan.cloud == 'machine', 'machines/', ''), tolower(subscriptionId)))"

// orderOf is a list's order; what is equal in it comes by name. Checks of equal
// rank come by recommendation.
func orderOf(by []index.Order, of fields, checks bool) string {
	name := "tolower(" + of.name + ")"
	severity := ranked(of.severity, severitiesByRank())
	field := map[index.Column]string{
		index.ByState: ranked("tostring(properties.bartizan.state)", statesByRank()), index.ByType: "tolower(" + of.typ + ")",
		index.ByUnit: unitOrder, index.ByLocation: "location", index.ByCloud: "tostring(properties.bartizan.cloud)",
		index.BySeverity: severity, index.ByRule: "rule",
	}
	direction := func(desc bool) string {
		if desc {
			return " desc"
		}
		return " asc"
	}
	keys, backwards := index.Expand(checks, by)
	var all []string
	for _, o := range keys {
		all = append(all, field[o.By]+direction(o.Desc))
	}
	if all = append(all, name+direction(backwards)); checks {
		all = append(all, severity+" asc", "rule asc")
	}
	return "\n| order by " + strings.Join(all, ", ")
}

// checksQuery is the list of checks as a query.
func checksQuery(f *index.Filter, o []index.Order) string {
	rows, of := checkRows, checkFields
	if len(f.UnitChecks) > 0 && f.AllowsUnits() {
		rows, of = mixedRows(f.UnitChecks), mixedFields
	}
	text := where(rows, append(checkConditions(&f.Checks, of), resourceConditions(f, of)...)) + ruleNames
	return text + orderOf(o, of, true) + `
| project recommendation = iff(policy == '', name, ''), policy, parametersHash, displayName = tostring(properties.displayName), severity = ` + of.severity + `,
    state = tostring(properties.bartizan.state), reason = tostring(properties.bartizan.reason), id = ` + of.id + `,
    name = ` + of.name + `, type = ` + of.typ + `, subscriptionId, resourceGroup`
}

// resourcesQuery is the list of resources as a query.
func resourcesQuery(f *index.Filter, o []index.Order) string {
	text := where(resourceRows, resourceConditions(f, resourceFields))
	if conditions := where("", checkConditions(&f.Checks, checkFields)); conditions != "" {
		text += "\n| extend key = tostring(properties.bartizan.key)\n| join kind=leftsemi (" + checkRows + conditions +
			"\n| distinct key = tostring(properties.bartizan.key)) on key"
	}
	return text + orderOf(o, resourceFields, false) +
		"\n| project id, name, type = tostring(properties.resourceType), location, subscriptionId, resourceGroup, state = tostring(properties.bartizan.state)"
}

// recommendationsQuery is the list of recommendations as a query. Gain is in no
// table: where the list comes by it, the query comes by what is next.
func recommendationsQuery(f *index.Filter, by []index.Order) string {
	text := where(checkRows, append(checkConditions(&f.Checks, checkFields), resourceConditions(f, checkFields)...)) + ruleNames
	text += "\n| extend state = tostring(properties.bartizan.state)\n| summarize "
	for _, s := range []posture.State{posture.Unhealthy, posture.Unknown, posture.Healthy, posture.Manual, posture.Exempt, posture.NotApplicable} {
		text += fmt.Sprintf("%s = countif(state == '%s'), ", s, s)
	}
	text = strings.TrimSuffix(text, ", ") + "\n    by id = iff(policy == '', name, policy), parametersHash, displayName = tostring(properties.displayName), severity = tostring(properties.metadata.severity)"
	var order []string
	for _, o := range by {
		field, known := map[index.Column]string{"title": "tolower(displayName)", "unhealthy": "unhealthy", "unknown": "unknown", "id": "id"}[o.By]
		desc := o.Desc
		if !known { // gain, severity
			field, desc = ranked("severity", severitiesByRank()), o.Desc && o.By != "gain"
		}
		direction := " asc"
		if desc {
			direction = " desc"
		}
		if order = append(order, field+direction); o.By == "id" {
			return text + "\n| order by " + strings.Join(append(order, "parametersHash"+direction), ", ")
		}
	}
	return text + "\n| order by " + strings.Join(append(order, "id asc", "parametersHash asc"), ", ")
}

// exemptionsQuery is the list of exemptions as a query.
func exemptionsQuery(state string) string {
	text := exemptionsRows
	if state != "" {
		text += fmt.Sprintf("\n| where properties.bartizan.active == %t", state == "active")
	}
	return text + `
| order by tolong(properties.bartizan.commit) desc, name desc
| project id = name, displayName = tostring(properties.displayName), category = tostring(properties.exemptionCategory), reason = tostring(properties.description),
    owner = tostring(properties.bartizan.owner), scope = tostring(properties.bartizan.scope), resources = properties.bartizan.resources,
    recommendations = properties.bartizan.recommendations, expiresOn = todatetime(properties.expiresOn), active = tobool(properties.bartizan.active)`
}

// complianceQuery is the list of some standards as a query: the states of controls
// are rolled up anew over all units.
func complianceQuery(standards []string) string {
	names := make([]string, len(standards))
	for i, id := range standards {
		names[i] = quoted(id)
	}
	return `securityresources
| where type == 'microsoft.security/regulatorycompliancestandards/regulatorycompliancecontrols' and isnotnull(properties.bartizan)
| extend standard = extract('/regulatoryComplianceStandards/([^/]+)/', 1, id), b = properties.bartizan
| where standard in (` + cmp.Or(strings.Join(names, ", "), "''") + `)
| summarize unhealthy = sum(tolong(b.unhealthy)), unknown = sum(tolong(b.unknown)), manual = sum(tolong(b.manual)), healthy = sum(tolong(b.healthy)),
    exempt = sum(tolong(b.exempt)), marked = countif(tostring(b.state) == 'Manual'), open = countif(tostring(b.state) == 'Unknown'), covered = countif(tostring(b.state) != 'Not covered')
    by standard, control = extract('/regulatoryComplianceControls/(.+)$', 1, id)
| extend state = case(unhealthy > 0, 'failed', unknown > 0 or open > 0, 'unknown', manual > 0, 'manual', healthy > 0, 'passed', exempt > 0, 'notApplicable', marked > 0, 'manual',
    covered > 0, 'notApplicable', 'notCovered')
| summarize passed = countif(state == 'passed'), failed = countif(state == 'failed'), unknown = countif(state == 'unknown'), manual = countif(state == 'manual'),
    notApplicable = countif(state == 'notApplicable'), notCovered = countif(state == 'notCovered') by id = standard
| order by id asc`
}
