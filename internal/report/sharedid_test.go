package report

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Resources that share their id are told apart by what every format names a check
// with, and keep the id as the cloud writes it.
func TestSharedIDs(t *testing.T) {
	database := func(account, region, typeName string) posture.Check {
		return posture.Check{
			Rule: "encrypted", Recommendation: true, Resource: "db", Type: typeName, Name: "db", Cloud: posture.AWS, Unit: account, Scope: account,
			Location: region, State: posture.Unhealthy, Judged: posture.Unhealthy, Severity: posture.High,
		}
	}
	list := []posture.Check{
		database("111122223333", "eu-west-1", "AWS::RDS::DBInstance"), database("111122223333", "us-east-1", "AWS::RDS::DBInstance"),
		database("444455556666", "eu-west-1", "AWS::RDS::DBInstance"), database("444455556666", "eu-west-1", "AWS::RDS::DBSubnetGroup"),
	}
	names := map[string]*regexp.Regexp{
		"ocsf":  regexp.MustCompile(`"uid":"(bartizan-[^"]+)"`),
		"sarif": regexp.MustCompile(`"bartizanCheck/v1":\s*"([^"]+)"`),
		"junit": regexp.MustCompile(`<testcase name="([^"]+)"`),
		"md":    regexp.MustCompile("(?m)^- `([^`]+/db)`"),
		"jsonl": regexp.MustCompile(`"resource":"(db","type":"[^"]+","scope":"\d+)".*("region":"[^"]+")`),
		"csv":   nil,
		"html":  nil,
	}
	for format, name := range names {
		t.Run(format, func(t *testing.T) {
			run := single()
			run.Result.Recommendations[0].ID = "encrypted"
			run.Checks = checks(list...)
			formats, err := Parse([]string{format})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := formats[0].Write(&out, run); err != nil {
				t.Fatal(err)
			}
			var found []string
			switch format {
			case "csv":
				reader := csv.NewReader(&out)
				reader.Comma = ';'
				rows, err := reader.ReadAll()
				if err != nil {
					t.Fatal(err)
				}
				at, uid := slices.Index(rows[0], "FINDING_UID"), slices.Index(rows[0], "RESOURCE_UID")
				for _, row := range rows[1:] {
					if found = append(found, row[at]); row[uid] != "db" {
						t.Errorf("resource %s, want the id as it is", row[uid])
					}
				}
			case "html":
				for _, c := range chunksOf(t, out.Bytes()) {
					for i := 0; i < len(c.Resources); i += 9 {
						if found = append(found, c.Text[c.Resources[i+8]]); c.Text[c.Resources[i]] != "db" {
							t.Errorf("resource %s, want the id as it is", c.Text[c.Resources[i]])
						}
					}
				}
			default:
				for _, match := range name.FindAllSubmatch(out.Bytes(), -1) {
					found = append(found, string(bytes.Join(match[1:], nil)))
				}
			}
			slices.Sort(found)
			if n := len(slices.Compact(slices.Clone(found))); n != len(list) || len(found) != len(list) {
				t.Errorf("%d names of %d checks: %q", n, len(list), found)
			}
		})
	}
}
