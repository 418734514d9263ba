package report

import (
	"encoding/json"
	"io"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ocsfVersion is the version of the schema that the objects below follow.
const ocsfVersion = "1.5.0"

// The numbers that the schema gives to what a finding is.
const (
	ocsfFindings          = 2    // category
	ocsfComplianceFinding = 2003 // class
	ocsfCreate            = 1    // activity: a report knows nothing of those before it
)

// The types below are the parts of class Compliance Finding that a check has
// something to say about. The others are optional and left out.
type (
	ocsfFinding struct {
		ActivityID   int             `json:"activity_id"`
		ActivityName string          `json:"activity_name"`
		CategoryName string          `json:"category_name"`
		CategoryUID  int             `json:"category_uid"`
		ClassName    string          `json:"class_name"`
		ClassUID     int             `json:"class_uid"`
		Cloud        *ocsfCloud      `json:"cloud,omitempty"` // nil for machines
		Compliance   ocsfCompliance  `json:"compliance"`
		FindingInfo  ocsfFindingInfo `json:"finding_info"`
		Message      string          `json:"message"`
		Metadata     ocsfMetadata    `json:"metadata"`
		Remediation  *ocsfRemedy     `json:"remediation,omitempty"`
		Resources    []ocsfResource  `json:"resources"`
		Severity     string          `json:"severity"`
		SeverityID   int             `json:"severity_id"`
		Status       string          `json:"status"`
		StatusCode   string          `json:"status_code"`
		StatusDetail string          `json:"status_detail"`
		StatusID     int             `json:"status_id"`
		Time         int64           `json:"time"` // milliseconds, as all times
		TypeName     string          `json:"type_name"`
		TypeUID      int             `json:"type_uid"`
		Unmapped     ocsfUnmapped    `json:"unmapped"`
	}
	ocsfCloud struct {
		Account   ocsfAccount `json:"account"`
		Org       *ocsfOrg    `json:"org,omitempty"`
		Partition string      `json:"cloud_partition,omitempty"`
		Provider  string      `json:"provider"`
		Region    string      `json:"region,omitempty"`
	}
	ocsfAccount struct {
		Name   string `json:"name,omitempty"`
		Type   string `json:"type,omitempty"`
		TypeID int    `json:"type_id"`
		UID    string `json:"uid"`
	}
	ocsfOrg struct {
		Name   string `json:"name,omitempty"`
		UID    string `json:"uid,omitempty"`
		OUName string `json:"ou_name,omitempty"`
		OUUID  string `json:"ou_uid,omitempty"`
	}
	ocsfCompliance struct {
		Control       string   `json:"control"`
		Requirements  []string `json:"requirements,omitempty"`
		Standards     []string `json:"standards,omitempty"`
		Status        string   `json:"status"`
		StatusCode    string   `json:"status_code"`
		StatusDetails []string `json:"status_details"`
		StatusID      int      `json:"status_id"`
	}
	ocsfFindingInfo struct {
		Analytic    ocsfAnalytic `json:"analytic"`
		Attacks     []ocsfAttack `json:"attacks,omitempty"`
		CreatedTime int64        `json:"created_time"`
		Desc        string       `json:"desc,omitempty"`
		Title       string       `json:"title"`
		Types       []string     `json:"types"`
		UID         string       `json:"uid"`
	}
	ocsfAnalytic struct {
		Name   string `json:"name"`
		TypeID int    `json:"type_id"`
		UID    string `json:"uid"`
	}
	ocsfAttack struct {
		SubTechnique *ocsfNamed `json:"sub_technique,omitempty"`
		Technique    *ocsfNamed `json:"technique,omitempty"`
	}
	ocsfNamed struct {
		Name string `json:"name,omitempty"`
		UID  string `json:"uid"`
	}
	ocsfMetadata struct {
		EventCode string      `json:"event_code"`
		Product   ocsfProduct `json:"product"`
		Profiles  []string    `json:"profiles,omitempty"`
		Version   string      `json:"version"`
	}
	ocsfProduct struct {
		Name    string `json:"name"`
		UID     string `json:"uid"`
		Vendor  string `json:"vendor_name"`
		Version string `json:"version"`
	}
	ocsfRemedy struct {
		Desc       string   `json:"desc"`
		References []string `json:"references,omitempty"`
	}
	ocsfResource struct {
		Partition string    `json:"cloud_partition,omitempty"`
		Group     *ocsfName `json:"group,omitempty"` // the service
		Labels    []string  `json:"labels,omitempty"`
		Name      string    `json:"name,omitempty"`
		Region    string    `json:"region,omitempty"`
		Tags      []ocsfTag `json:"tags,omitempty"`
		Type      string    `json:"type,omitempty"`
		UID       string    `json:"uid"`
	}
	ocsfName struct {
		Name string `json:"name"`
	}
	ocsfTag struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	// ocsfUnmapped is the check in our own words, those of jsonl: the schema
	// has no place for them.
	ocsfUnmapped struct {
		State          string          `json:"state"`
		Judged         string          `json:"judged"`
		Reason         *string         `json:"reason"`
		Exempt         json.RawMessage `json:"exempt"`
		Attested       bool            `json:"attested,omitempty"`
		Conflict       bool            `json:"conflict,omitempty"`
		Scope          string          `json:"scope"`
		ParametersHash *string         `json:"parametersHash"`
		References     json.RawMessage `json:"references"`
		Evidence       json.RawMessage `json:"evidence"`
	}
)

// writeOCSF writes one array with a finding a check, one on each line. What
// does not apply is left out, as in CSV.
func writeOCSF(w io.Writer, run *Run) error {
	out := newStream(w)
	separator := "[\n"
	for r, err := range run.rows() {
		if err != nil {
			return err
		}
		if err := out.put(separator, ocsfOf(r)); err != nil {
			return err
		}
		separator = ",\n"
	}
	if separator == "[\n" {
		out.WriteString("[")
	}
	out.WriteString("\n]\n")
	return out.Flush()
}

func ocsfOf(r *row) *ocsfFinding {
	at, detail := r.run.At.UnixMilli(), statusExtended(r)
	f := &ocsfFinding{
		ActivityID: ocsfCreate, ActivityName: "Create",
		CategoryUID: ocsfFindings, CategoryName: "Findings",
		ClassUID: ocsfComplianceFinding, ClassName: "Compliance Finding",
		TypeUID: ocsfComplianceFinding*100 + ocsfCreate, TypeName: "Compliance Finding: Create",
		Time: at, Message: r.rule.Title, StatusCode: status(r.Judged), StatusDetail: detail,
		Cloud:      ocsfCloudOf(r),
		Compliance: ocsfComplianceOf(r, detail),
		FindingInfo: ocsfFindingInfo{
			UID: findingID(r), Title: r.rule.Title, Desc: r.rule.content.Why, CreatedTime: at,
			Types:    []string{checkType(r)},
			Analytic: ocsfAnalytic{Name: r.rule.Title, UID: r.Rule, TypeID: 1}, // a rule
			Attacks:  ocsfAttacks(r.rule.content.Attack),
		},
		Metadata: ocsfMetadata{
			EventCode: r.Rule, Version: ocsfVersion,
			Product: ocsfProduct{Name: "Bartizan", UID: "bartizan", Vendor: "Bartizan", Version: r.run.Version},
		},
		Remediation: ocsfRemedyOf(r),
		Resources:   []ocsfResource{ocsfResourceOf(r)},
		Unmapped:    ocsfUnmappedOf(r),
	}
	if f.Cloud != nil {
		f.Metadata.Profiles = []string{"cloud"}
	}
	f.SeverityID, f.Severity = ocsfSeverity(r.Severity)
	if f.StatusID, f.Status = 1, "New"; r.State == posture.Exempt {
		f.StatusID, f.Status = 3, "Suppressed"
	}
	return f
}

// ocsfSeverity gives number and caption. What nobody rated is unknown, which
// does not look harmless.
func ocsfSeverity(s posture.Severity) (int, string) {
	switch s {
	case posture.Critical:
		return 5, "Critical"
	case posture.High:
		return 4, "High"
	case posture.Medium:
		return 3, "Medium"
	case posture.Low:
		return 2, "Low"
	}
	return 0, "Unknown"
}

// ocsfVerdict gives number and caption of what was judged. Only healthy is a
// pass.
func ocsfVerdict(s posture.State) (int, string) {
	switch s {
	case posture.Healthy:
		return 1, "Pass"
	case posture.Unhealthy:
		return 3, "Fail"
	case posture.Manual:
		return 99, "Manual"
	}
	return 0, "Unknown"
}
