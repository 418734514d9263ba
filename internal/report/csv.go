package report

import (
	"encoding/csv"
	"io"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// column is one column of the CSV format.
type column struct {
	name string
	of   func(*row) string // nil: the column exists for those who expect it, and is empty
}

// row is one check with what the columns need beside it.
type row struct {
	*posture.Check
	run  *Run
	rule rule
	unit account
}

// columns lists the CSV's 44 columns in their order. Names and meanings are
// those that Prowler's CSV made known; docs/commands.md says what each holds.
var columns = [...]column{
	{"AUTH_METHOD", func(*row) string { return "file" }},
	{"TIMESTAMP", func(r *row) string { return r.run.At.UTC().Format("2006-01-02T15:04:05Z") }},
	{"ACCOUNT_UID", func(r *row) string { return r.unit.id }},
	{"ACCOUNT_NAME", func(r *row) string { return r.unit.name }},
	{"ACCOUNT_EMAIL", nil},
	{"ACCOUNT_ORGANIZATION_UID", func(r *row) string { return r.unit.organization.ID }},
	{"ACCOUNT_ORGANIZATION_NAME", func(r *row) string { return r.unit.organization.Name }},
	{"ACCOUNT_TAGS", nil},
	{"FINDING_UID", findingID},
	{"PROVIDER", func(r *row) string { return r.Cloud.String() }},
	{"CHECK_ID", func(r *row) string { return r.Rule }},
	{"CHECK_TITLE", func(r *row) string { return r.rule.Title }},
	{"CHECK_TYPE", checkType},
	{"STATUS", func(r *row) string { return status(r.Judged) }},
	{"STATUS_EXTENDED", statusExtended},
	{"MUTED", muted},
	{"SERVICE_NAME", service},
	{"SUBSERVICE_NAME", nil},
	{"SEVERITY", func(r *row) string { return r.Severity.String() }},
	{"RESOURCE_TYPE", func(r *row) string { return r.Type }},
	{"RESOURCE_UID", func(r *row) string { return r.Resource }},
	{"RESOURCE_NAME", func(r *row) string { return r.Name }},
	{"RESOURCE_DETAILS", details},
	{"RESOURCE_TAGS", func(r *row) string { return pairs(r.Tags) }},
	{"PARTITION", partition},
	{"REGION", func(r *row) string { return r.Location }},
	{"DESCRIPTION", func(r *row) string { return r.rule.Title }},
	{"RISK", func(r *row) string { return r.rule.content.Why }},
	{"RELATED_URL", nil},
	{"REMEDIATION_RECOMMENDATION_TEXT", func(r *row) string { return r.rule.content.Remediation.Steps }},
	{"REMEDIATION_RECOMMENDATION_URL", nil},
	{"REMEDIATION_CODE_NATIVEIAC", nativeCode},
	{"REMEDIATION_CODE_TERRAFORM", func(r *row) string { return r.rule.content.Remediation.Terraform }},
	{"REMEDIATION_CODE_CLI", func(r *row) string { return r.rule.content.Remediation.CLIOf(r.Type) }},
	{"REMEDIATION_CODE_OTHER", func(r *row) string { return string(r.rule.content.Remediation.Fix) }},
	{"COMPLIANCE", standards},
	{"CATEGORIES", func(r *row) string { return r.rule.Control }},
	{"DEPENDS_ON", nil},
	{"RELATED_TO", nil},
	{"NOTES", func(r *row) string { return r.rule.content.Remediation.Breaks }},
	{"PROWLER_VERSION", func(r *row) string { return "bartizan " + r.run.Version }},
	{"ADDITIONAL_URLS", nil},
	{"ACCOUNT_OU_UID", func(r *row) string { return r.unit.folder.ID }},
	{"ACCOUNT_OU_NAME", func(r *row) string { return r.unit.folder.Name }},
}

// writeCSV writes one row a check. What does not apply is left out, beneath an
// exemption too: it is neither a pass nor a failure.
func writeCSV(w io.Writer, run *Run) error {
	out := csv.NewWriter(w)
	out.Comma = ';'
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.name
	}
	if err := out.Write(cells); err != nil {
		return err
	}
	for r, err := range run.rows() {
		if err != nil {
			return err
		}
		for i, c := range columns {
			cells[i] = ""
			if c.of != nil {
				cells[i] = harmless(c.of(r))
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps spreadsheets from running a cell and terminals from obeying
// one: what would be taken for a formula gets an apostrophe in front. Names and
// tags come from the estate, where anybody may have chosen them.
func harmless(cell string) string {
	if cell == "" {
		return ""
	}
	cell = Harmless(cell)
	switch first, _ := utf8.DecodeRuneInString(cell); first {
	case '=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠': // some read full-width ones as the others
		return "'" + cell
	}
	return cell
}
