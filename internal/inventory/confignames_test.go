package inventory

import (
	"strings"
	"testing"
)

// What AWS Config calls otherwise than CloudFormation has the name that rules know.
func TestConfigNames(t *testing.T) {
	for config, want := range configNames {
		item := `{"configurationItems":[{"configurationItemCaptureTime":"2026-11-20T10:00:00Z","configurationItemStatus":"OK","awsAccountId":"111122223333","awsRegion":"eu-west-1","resourceType":"` + config + `","resourceId":"r","configuration":{"status":"EXPIRED"}}]}`
		f := decodeAll(t, strings.NewReader(item), "in.json")
		if len(f.Resources) != 1 || f.Resources[0].Type != want || f.Resources[0].Whole || f.seen.Unmapped[config] != 1 {
			t.Errorf("%s: %+v, not mapped %v; want a %s of which not all is known", config, f.Resources, f.seen.Unmapped, want)
		}
	}
}
