package report

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

type (
	sarifRule struct {
		ID         string              `json:"id"`
		Short      sarifText           `json:"shortDescription"`
		Full       sarifText           `json:"fullDescription"`
		Help       sarifHelp           `json:"help"`
		Default    sarifConfiguration  `json:"defaultConfiguration"`
		Properties sarifRuleProperties `json:"properties"`
	}
	sarifHelp struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifRuleProperties struct {
		// GitHub ranks by this number, from 0 to 10; it is a string there.
		SecuritySeverity string   `json:"security-severity,omitempty"`
		Severity         string   `json:"severity"`
		Standards        []string `json:"standards,omitempty"`
		Tags             []string `json:"tags"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifInvocation struct {
		EndTime    string `json:"endTimeUtc"`
		Successful bool   `json:"executionSuccessful"`
		// What was not read, so that results may be missing.
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifBase struct {
		Description sarifText `json:"description"`
	}
	sarifMember struct {
		name  string
		value any
	}
)

// sarifRules lists the rules that results name, in the order in which they
// come up.
type sarifRules struct {
	list []sarifRule
	at   map[string]int // by id
}

// index gives the place of a row's rule. Sets of parameters share it: their
// checks differ in fingerprint and properties.
func (s *sarifRules) index(r *row) int {
	i, ok := s.at[r.Rule]
	if !ok {
		i = len(s.list)
		s.at[r.Rule] = i
		s.list = append(s.list, sarifRuleOf(r))
	}
	return i
}

func sarifRuleOf(r *row) sarifRule {
	title, why, how := clean(r.rule.Title), Harmless(r.rule.content.Why), r.rule.content.Remediation
	if why == "" {
		why = title
	}
	rule := sarifRule{
		ID: r.Rule, Short: sarifText{sarifPlain(title)}, Full: sarifText{sarifPlain(why)},
		Default: sarifConfiguration{sarifLevel(r.rule.Severity)},
		Properties: sarifRuleProperties{
			SecuritySeverity: securitySeverity(r.rule.Severity), Severity: r.rule.Severity.String(),
			Tags: sarifTags("security", r.Cloud.String(), service(r)),
		},
	}
	for _, ref := range r.rule.controls {
		rule.Properties.Standards = append(rule.Properties.Standards, ref.Standard+": "+ref.Control)
	}
	text, markdown := &strings.Builder{}, &strings.Builder{}
	text.WriteString(why)
	markdown.WriteString(markdownText(why))
	for _, part := range []struct{ name, body string }{{"Steps", how.Steps}, {"What may break", how.Breaks}} {
		if part.body != "" {
			text.WriteString("\n\n" + part.name + ": " + Harmless(part.body))
			markdown.WriteString("\n\n**" + part.name + ":** " + markdownText(part.body))
		}
	}
	for _, part := range codeOf(r) {
		text.WriteString("\n\n" + part.name + ":\n" + part.body)
		markdown.WriteString("\n\n**" + part.name + "**\n\n" + markdownBlock(part.body, part.language))
	}
	rule.Help = sarifHelp{text.String(), markdown.String()}
	return rule
}

// code is a piece of a remediation that can be copied.
type code struct{ name, language, body string }

func codeOf(r *row) []code {
	how := r.rule.content.Remediation
	var parts []code
	for _, c := range []code{
		{"Command", "sh", how.CLI()},
		{"Terraform", "hcl", how.Terraform},
		{"Bicep", "bicep", how.Bicep},
		{"CloudFormation", "yaml", how.CloudFormation},
	} {
		if c.body != "" {
			parts = append(parts, c)
		}
	}
	return parts
}

// sarifLevel is the level of a failure. What nobody rated does not look
// harmless.
func sarifLevel(s posture.Severity) string {
	switch s {
	case posture.Critical, posture.High:
		return "error"
	case posture.Low:
		return "note"
	}
	return "warning"
}

// securitySeverity gives the middle of what GitHub calls by the same word.
func securitySeverity(s posture.Severity) string {
	switch s {
	case posture.Critical:
		return "9.5"
	case posture.High:
		return "8.0"
	case posture.Medium:
		return "5.5"
	case posture.Low:
		return "2.0"
	}
	return ""
}

// sarifRest gives the members of the run beside its results.
func sarifRest(run *Run, rules []sarifRule) []sarifMember {
	if rules == nil {
		rules = []sarifRule{}
	}
	c := coverageOf(run.Result.Coverage)
	properties := map[string]any{"coverage": c}
	if run.Result.Score.HasScore {
		properties["scorePercent"] = number(run.Result.Score.Percent, 2)
	}
	return []sarifMember{
		{"tool", sarifTool{sarifDriver{"Bartizan", run.Version, rules}}},
		{"columnKind", "utf16CodeUnits"},
		{"invocations", []sarifInvocation{{run.At.UTC().Format("2006-01-02T15:04:05Z"), true, sarifNotRead(run.Result.Coverage)}}},
		{"originalUriBaseIds", map[string]sarifBase{estateBase: {sarifText{"The estate: addresses below it name resources, not files."}}}},
		{"properties", properties},
	}
}

// sarifNotRead warns of types that were not read.
func sarifNotRead(c assess.Coverage) (all []sarifNotification) {
	warn := func(text string) { all = append(all, sarifNotification{"warning", sarifText{sarifPlain(text)}}) }
	for _, f := range c.NotRead {
		warn("Not all was read of " + clean(NotReadText(f)))
	}
	if more := c.NotReadTotal - len(c.NotRead); more > 0 {
		warn("Not all was read of " + counted(more, "more type"))
	}
	return all
}

// sarifTags lists tags once each: a service may be called as the cloud is, or
// "security".
func sarifTags(tags ...string) []string {
	var once []string
	for _, tag := range tags {
		if !slices.Contains(once, tag) {
			once = append(once, tag)
		}
	}
	return once
}
