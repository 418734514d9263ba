package report

import (
	"io"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// The types below are the parts of a SARIF 2.1.0 log that an assessment fills.
type (
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions"` // [] says that it is not suppressed
		Properties   sarifProperties    `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name          string `json:"name,omitempty"`
		QualifiedName string `json:"fullyQualifiedName"`
		Kind          string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifProperties struct {
		State          string `json:"state"`
		Reason         string `json:"reason,omitempty"`
		Severity       string `json:"severity"`
		Scope          string `json:"scope"`
		Type           string `json:"type"`
		ParametersHash string `json:"parametersHash,omitempty"`
	}
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	// estateBase is the base of the made-up addresses of resources, so that
	// nobody takes one for a file of a repository.
	estateBase = "ESTATE"
)

// writeSARIF writes a log with one run. Results come first and the rules that
// they name after them: which rules these are is known then, and no result has
// to be held. The order of members means nothing in JSON.
func writeSARIF(w io.Writer, run *Run) error {
	out := newStream(w)
	out.WriteString(`{"$schema":"` + sarifSchema + `","version":"2.1.0","runs":[{"results":[`)
	rules := sarifRules{at: map[string]int{}}
	separator := "\n"
	for r, err := range run.rows() {
		if err != nil {
			return err
		}
		if !sarifWants(r) {
			continue
		}
		if err := out.put(separator, sarifResultOf(r, rules.index(r))); err != nil {
			return err
		}
		separator = ",\n"
	}
	out.WriteString("\n]")
	for _, member := range sarifRest(run, rules.list) {
		if err := out.put(",\n\""+member.name+"\":", member.value); err != nil {
			return err
		}
	}
	out.WriteString("}]}\n")
	return out.Flush()
}

// sarifWants chooses what asks for attention: failures and what could not be
// judged, exempt ones too. What is healthy is left out because GitHub shows
// every result as an alert, whatever its kind; and what is manual because each
// standard has hundreds of such checks in every unit, which would bury the
// failures. Their number is among the run's properties.
func sarifWants(r *row) bool {
	return r.Judged == posture.Unhealthy || r.Judged == posture.Unknown
}

func sarifResultOf(r *row, rule int) *sarifResult {
	result := &sarifResult{
		RuleID: r.Rule, RuleIndex: rule, Kind: "fail", Level: sarifLevel(r.Severity),
		Message:      sarifText{sarifPlain(sarifMessage(r))},
		Locations:    []sarifLocation{sarifLocationOf(r)},
		Fingerprints: map[string]string{"bartizanCheck/v1": findingID(r)},
		Suppressions: []sarifSuppression{},
		Properties:   sarifProperties{r.State.String(), r.Reason.String(), r.Severity.String(), r.Scope, r.Type, r.ParametersHash},
	}
	if r.Judged == posture.Unknown {
		// "open": there was too little information to decide. The standard
		// wants level none for everything but failures.
		result.Kind, result.Level = "open", "none"
	}
	if r.State == posture.Exempt {
		result.Suppressions = append(result.Suppressions, sarifSuppression{"external", "accepted", exemptText(r)})
	}
	return result
}
