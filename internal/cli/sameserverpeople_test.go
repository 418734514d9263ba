package cli

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// people are exemptions and attestations, as files for assess have them and as a server
// does; HOUSE is the policy's id. Ends of days here are instants there.
var people = []struct{ kind, here, kept string }{
	{
		"exemption", `{"recommendation":"ec2-volume-encrypted","scope":"444455556666","category":"mitigated","reason":"badge office","expiresOn":"2027-06-30"}`,
		`{"recommendations":["ec2-volume-encrypted"],"scope":"444455556666","category":"mitigated","reason":"badge office","expiresOn":"2027-07-01T00:00:00Z"}`,
	},
	{ // holds longer, and is not what mitigates
		"exemption", `{"recommendation":"ec2-volume-encrypted","scope":"444455556666","category":"waiver","reason":"said so","expiresOn":"2027-08-31"}`,
		`{"recommendations":["ec2-volume-encrypted"],"scope":"444455556666","category":"waiver","reason":"said so","expiresOn":"2027-09-01T00:00:00Z"}`,
	},
	{ // for good
		"exemption", `{"policy":"HOUSE","scope":"/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912/resourceGroups/rg-marketing","category":"waiver","reason":"goes; soon"}`,
		`{"recommendations":["HOUSE"],"scope":"/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912/resourceGroups/rg-marketing","category":"waiver","reason":"goes; soon"}`,
	},
	{ // of the assignment, as Azure has it
		"exemption", azuresHere, azuresHere,
	},
	{
		"exemption", `{"control":"mcsb-v1:BR-3","scope":"444455556666","category":"waiver","reason":"in June","expiresOn":"2027-06-30"}`,
		`{"recommendations":["mcsb-v1:BR-3"],"scope":"444455556666","category":"waiver","reason":"in June","expiresOn":"2027-07-01T00:00:00Z"}`,
	},
	{
		"attestation", `{"control":"mcsb-v1:IR-1","scope":"444455556666","state":"healthy","reason":"tested in May"}`,
		`{"recommendation":"mcsb-v1:IR-1","scope":"444455556666","state":"healthy","text":"tested in May"}`,
	},
	{ // beneath the exemption
		"attestation", `{"control":"mcsb-v1:BR-3","scope":"444455556666","state":"unhealthy","reason":"nobody came"}`,
		`{"recommendation":"mcsb-v1:BR-3","scope":"444455556666","state":"unhealthy","text":"nobody came"}`,
	},
	{
		"attestation", `{"recommendation":"subscription-emergency-access-tested","scope":"/","state":"healthy","reason":"tested in June"}`,
		`{"recommendation":"subscription-emergency-access-tested","scope":"/","state":"healthy","text":"tested in June","link":"https://proof.example.com/","expiresOn":"2028-01-01T00:00:00Z"}`,
	},
}

// azuresHere is of the policy's assignment, for what lies in one location.
const azuresHere = `{"id":"/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912/providers/Microsoft.Authorization/policyExemptions/west","name":"west","type":"Microsoft.Authorization/policyExemptions","properties":{"policyAssignmentId":"/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912/providers/Microsoft.Authorization/policyAssignments/house","exemptionCategory":"Mitigated","displayName":"In the west","expiresOn":"2027-06-30","resourceSelectors":[{"name":"west","selectors":[{"kind":"resourceLocation","in":["westeurope"]}]}]}}`

// explained are checks that something lies over, and what explain says of that.
var explained = []struct {
	resource, rule string
	words          []string
}{
	{"arn:aws:ec2:eu-west-1:444455556666:volume/vol-034d34f44fef2d6e0", "ec2-volume-encrypted", []string{"state: exempt (mitigated, until 2027-09-01T00:00:00Z)", `exempt: "badge office"`, "judged: unhealthy"}},
	{"444455556666", "mcsb-v1:IR-1", []string{"state: healthy (attested)", `attested: "tested in May"`}},
	{"444455556666", "mcsb-v1:BR-3", []string{"state: exempt (waiver, until 2027-07-01T00:00:00Z)", `exempt: "in June"`, "judged: unhealthy (attested)", `attested: "nobody came"`}},
	{"/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912", "subscription-emergency-access-tested", []string{"state: healthy (attested)", `attested: "tested in June"`}},
}

// saidHere are those of a kind, as a file of JSON lines.
func saidHere(kind, house string) string {
	var lines strings.Builder
	for _, d := range people {
		if d.kind == kind {
			lines.WriteString(strings.ReplaceAll(d.here, "HOUSE", house) + "\n")
		}
	}
	return lines.String()
}

// stateTold is what explain says of a check's state: the lines up to the first that is
// empty, or the members.
func stateTold(t *testing.T, format, text string) any {
	t.Helper()
	if format != formatJSON {
		text, _, _ = strings.Cut(text, "\n\n")
		return text
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	told := map[string]any{}
	for _, member := range []string{"state", "judged", "reason", "exempt", "attested", "detail"} {
		told[member] = all[member]
	}
	return told
}

// results are those of a SARIF log, without what a server does not keep.
func results(t *testing.T, text string) (all []string) {
	t.Helper()
	var log struct {
		Runs []struct{ Results []map[string]any }
	}
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	for _, result := range log.Runs[0].Results {
		delete(result, "ruleIndex") // by the order of checks
		message := result["message"].(map[string]any)
		message["text"] = briefly(message["text"].(string))
		maps.DeleteFunc(result["properties"].(map[string]any), func(key string, _ any) bool { return key == "evidence" })
		plain, _ := json.Marshal(result)
		all = append(all, string(plain))
	}
	slices.Sort(all)
	return all
}

var junitMessage = regexp.MustCompile(`message="([^"]*)"`)

// messages are the cases of a JUnit report, each with its state and what lies over it.
func messages(text string) (all []string) {
	for line := range strings.Lines(text) {
		if name, rest, ok := strings.Cut(line, " classname="); ok {
			rule, rest, _ := strings.Cut(strings.TrimPrefix(rest, `"`), `"`)
			if message := junitMessage.FindStringSubmatch(rest); message != nil {
				rest = briefly(message[1])
			}
			all = append(all, name+" "+rule+" "+strings.TrimSpace(rest))
		}
	}
	slices.Sort(all)
	return all
}

// linesOf are those that begin so, without the list of inputs, of which a server has
// none; problems are in order.
func linesOf(text, begin string) (all []string) {
	inputs, problems := false, []string(nil)
	for line := range strings.Lines(text) {
		inputs = inputs || strings.HasPrefix(line, "  input ")
		switch {
		case strings.HasPrefix(line, "  problem "):
			problems = append(problems, line)
		case !inputs && strings.HasPrefix(line, begin):
			all = append(all, line)
		}
	}
	slices.Sort(problems)
	return append(all, problems...)
}

// worthMost is that section of a table.
func worthMost(text string) string {
	_, text, _ = strings.Cut(text, "\nWorth most")
	text, _, _ = strings.Cut(text, "\n\n")
	return text
}
