package syntax

import (
	"strings"
	"testing"
)

// fortyLines is a query of the size that dashboards have.
var fortyLines = strings.Repeat(`securityresources
| where type == 'microsoft.security/assessments' and properties.status.code in~ ('Unhealthy', "NotApplicable")
| extend source = tostring(properties.resourceDetails.Source), id = tolower(properties.resourceDetails.Id)
| extend severity = case(properties.metadata.severity == "High", 3, properties.metadata.severity == "Medium", 2, 1)
| project id, name, subscriptionId, severity, display = strcat(properties.displayName, " (", source, ")") // one line
| join kind=leftouter (resourcecontainers
    | where type =~ "microsoft.resources/subscriptions"
    | project subscriptionName = name, subscriptionId) on subscriptionId
| summarize count(), worst = max(severity), names = make_set(display, 100) by subscriptionName, bin(severity, 1)
| order by worst desc, count_ asc;
`, 4)

// BenchmarkParse reads forty lines.
func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(fortyLines)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Parse(fortyLines); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
