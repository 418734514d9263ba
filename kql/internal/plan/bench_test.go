package plan

import (
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// longQuery has 40 lines in the manner of public Resource Graph queries.
var longQuery = `let threshold = 5;
let known = dynamic(["a", "b", "c"]);
let base = T
| where s =~ "microsoft.security/assessments"
| where d.status.code == "Unhealthy" and isnotempty(d.resourceDetails.id)
| extend severity = tostring(d.metadata.severity)
| extend category = tostring(d.metadata.categories[0])
| extend source = tolower(tostring(d.resourceDetails.source))
| extend resourceId = tolower(extract("(/subscriptions/.*)", 1, tostring(d.resourceDetails.id)))
| extend scope = case(resourceId has "/virtualmachines/", "vm", resourceId has "/storageaccounts/", "storage", "other")
| extend parts = split(resourceId, "/")
| extend subscription = tostring(parts[2]), grp = tostring(parts[4])
| project id, n, r, t, severity, category, source, resourceId, scope, subscription, grp;
base
| where severity in ("High", "Medium") or n > threshold
| where scope !in (known)
| join kind=leftouter (
    T
    | where s == "containers"
    | extend subscription = tostring(d.subscriptionId)
    | project subscription, subscriptionName = id
  ) on subscription
| project-away subscription1
| extend subscriptionName = iff(isempty(subscriptionName), subscription, subscriptionName)
| extend age = datetime_diff("day", now(), t)
| extend bucket = bin(age, 7)
| mv-expand part = split(resourceId, "/") to typeof(string)
| where part startswith "vm" or part endswith "prod"
| extend label = strcat(severity, " / ", category, " / ", scope)
| extend weight = round(toreal(n) * 1.5 + r, 2)
| summarize
    total = count(),
    resources = dcount(resourceId),
    worst = max(weight),
    recent = arg_max(t, id, label),
    labels = make_set(label, 10),
    high = countif(severity == "High"),
    share = round(100.0 * countif(severity == "High") / count(), 1)
    by subscriptionName, scope, bucket
| where total > 1 and share >= 10
| extend text = strcat(subscriptionName, ": ", total)
| sort by high desc, total desc
| take 100
| project subscriptionName, scope, bucket, total, resources, worst, share, labels, text`

// BenchmarkBind parses, binds and rewrites a query of 40 lines.
func BenchmarkBind(b *testing.B) {
	if lines := strings.Count(longQuery, "\n") + 1; lines < 40 {
		b.Fatalf("%d lines", lines)
	}
	scope := testScope()
	for b.Loop() {
		q, problems := syntax.Parse(longQuery)
		if len(problems) > 0 {
			b.Fatal(showProblems(problems))
		}
		p, problems := Bind(q, scope)
		if len(problems) > 0 {
			b.Fatal(showProblems(problems))
		}
		Optimize(p, nil)
	}
}
