package baseline

import (
	"errors"
	"iter"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

const (
	vm     = "/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/VM"
	bucket = "arn:aws:s3:::Logs"
)

// earlier is an assessment in which eight checks are unhealthy.
const earlier = `{"recommendation":"a","parametersHash":"1","resource":"` + vm + `","state":"unhealthy","severity":"high","evidence":[{"path":"x","found":null,"wanted":"y"}]}
{"recommendation":"a","parametersHash":"1","resource":"` + bucket + `","state":"unhealthy"}
{"recommendation":"a","parametersHash":"1","resource":"denied","state":"unhealthy"}
{"recommendation":"a","parametersHash":"1","resource":"accepted","state":"unhealthy"}
{"recommendation":"a","parametersHash":"1","resource":"deleted","state":"unhealthy"}
{"recommendation":"a","parametersHash":"0","resource":"` + bucket + `","state":"unhealthy"}

{"policy":"/providers/Microsoft.Authorization/policyDefinitions/P","parametersHash":null,"resource":"` + vm + `","state":"unhealthy"}
{"recommendation":"m","parametersHash":null,"resource":"unit","state":"unhealthy"}
{"recommendation":"a","parametersHash":"1","resource":"fine","state":"healthy"}
`

func check(rule, hash, resource string, state posture.State, severity posture.Severity) posture.Check {
	return posture.Check{Rule: rule, ParametersHash: hash, Recommendation: !strings.HasPrefix(rule, "/"), Resource: resource, State: state, Severity: severity}
}

func sequence(list ...posture.Check) iter.Seq2[*posture.Check, error] {
	return func(yield func(*posture.Check, error) bool) {
		for i := range list {
			if !yield(&list[i], nil) {
				return
			}
		}
	}
}

func read(t *testing.T, text string) *Baseline {
	t.Helper()
	b, err := Read(strings.NewReader(text), "old.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCompare(t *testing.T) {
	now := sequence(
		check("a", "1", strings.ToUpper(vm), posture.Unhealthy, posture.High),    // the same in Azure
		check("a", "1", strings.ToLower(bucket), posture.Unhealthy, posture.Low), // another in AWS
		check("a", "1", bucket, posture.Healthy, posture.High),
		check("a", "1", "denied", posture.Unknown, posture.High),
		check("a", "1", "accepted", posture.Exempt, posture.High),
		check("/PROVIDERS/microsoft.authorization/policydefinitions/p", "", vm, posture.Unhealthy, posture.NotRated),
		check("m", "", "unit", posture.Manual, posture.Low),
		check("a", "1", "fine", posture.Unhealthy, posture.Critical), // was healthy
		check("b", "", "x", posture.Unhealthy, posture.Low),
		check("b", "", "y", posture.Unhealthy, posture.High),
		check("b", "", "z", posture.Unknown, posture.Critical),
	)
	scope := Scope{Judged: []Rule{{"a", "1"}, {"b", ""}}, Worst: 3}
	want := &Comparison{
		File: "old.jsonl", New: 4, StillThere: 2, Fixed: 1, BecameUnknown: 1, BecameExempt: 1,
		NoLongerJudged: 2, // other parameters, an attestation that ended
		Gone:           1,
		Worst: []Finding{
			{"a", true, "1", "fine", "", posture.Critical},
			{"b", true, "", "y", "", posture.High},
			{"a", true, "1", strings.ToLower(bucket), "", posture.Low},
		},
	}
	want.NewBySeverity[posture.Low], want.NewBySeverity[posture.High], want.NewBySeverity[posture.Critical] = 2, 1, 1
	b := read(t, earlier)
	got, err := b.Compare(now, scope)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if sum := got.StillThere + got.Fixed + got.BecameUnknown + got.BecameExempt + got.NoLongerJudged + got.Gone; sum != b.Len() {
		t.Errorf("%d of %d accounted for", sum, b.Len())
	}
	if n := got.NewFrom(posture.Medium); n != 2 {
		t.Errorf("new from medium on: %d, want 2", n)
	}
	if n := got.NewFrom(posture.NotRated); n != 4 {
		t.Errorf("new at all: %d, want 4", n)
	}
}

// TestPolicyOfOwnRoot: a server spells ids of policies in small letters, but for the
// scope, also where no cloud gave it.
func TestPolicyOfOwnRoot(t *testing.T) {
	const at = "/providers/Microsoft.Authorization/policyDefinitions/"
	line := func(rule string) string {
		return `{"policy":"` + rule + `","resource":"` + vm + `","state":"unhealthy"}` + "\n"
	}
	found := func(rule string) posture.Check {
		return posture.Check{Rule: rule, Resource: vm, State: posture.Unhealthy}
	}
	for old, now := range map[string]string{
		"acme" + at + "Tag-Env": "acme" + strings.ToLower(at) + "tag-env", "Acme/eu" + strings.ToLower(at) + "x": "Acme/eu" + at + "X", at + "P": strings.ToLower(at) + "p",
		// of files, in no form of Azure
		"custom/Loc": "Custom/loc", "/Contoso/Policies/Loc": "/contoso/policies/loc", "Loc": "LOC", "/Contoso" + at + "Loc": "/contoso" + at + "loc",
	} {
		got, err := read(t, line(old)).Compare(sequence(found(now)), Scope{Judged: []Rule{{now, ""}}})
		if err != nil || got.StillThere != 1 || got.New != 0 {
			t.Errorf("%s, then %s: %+v, %v; want it still there", old, now, got, err)
		}
		got, err = read(t, line(old)).Compare(sequence(), Scope{Judged: []Rule{{now, ""}}})
		if err != nil || got.Gone != 1 {
			t.Errorf("%s, judged as %s: %+v, %v; want it gone", old, now, got, err)
		}
	}
	got, err := read(t, line("acme"+at+"x")).Compare(sequence(found("Acme"+at+"x")), Scope{})
	if err != nil || got.New != 1 {
		t.Errorf("of another root: %+v, %v; want it new", got, err)
	}
}

// TestRecommendationInAnyCase: ids of recommendations are taken in any case everywhere.
func TestRecommendationInAnyCase(t *testing.T) {
	b := read(t, `{"recommendation":"Own-Rule","resource":"`+bucket+`","state":"unhealthy"}`+"\n")
	now := check("own-rule", "", bucket, posture.Unhealthy, posture.High)
	got, err := b.Compare(sequence(now), Scope{Judged: []Rule{{"own-rule", ""}}})
	if err != nil || got.StillThere != 1 || got.New != 0 {
		t.Errorf("%+v, %v; want it still there", got, err)
	}
}

// TestPart: who asks for a part of the estate learns nothing of the rest.
func TestPart(t *testing.T) {
	b := read(t, earlier)
	got, err := b.Compare(sequence(), Scope{Judged: []Rule{{"a", "1"}}, Part: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.Gone != 0 || got.NoLongerJudged != b.Len() {
		t.Errorf("gone %d, no longer judged %d; want 0 and %d", got.Gone, got.NoLongerJudged, b.Len())
	}
}

// Two resources of one id are two, and that of another region is neither.
func TestSharedID(t *testing.T) {
	database := func(account, region string, state posture.State) posture.Check {
		return posture.Check{
			Rule: "a", Recommendation: true, Resource: "db", Type: "AWS::RDS::DBInstance", Unit: account, Scope: account, Location: region, State: state,
		}
	}
	line := func(account, region string) string {
		return `{"recommendation":"a","resource":"db","type":"AWS::RDS::DBInstance","scope":"` + account + `","state":"unhealthy","region":"` + region + `"}` + "\n"
	}
	b := read(t, line("111122223333", "eu-west-1")+line("111122223333", "us-east-1")+line("444455556666", "eu-west-1"))
	got, err := b.Compare(sequence(
		database("111122223333", "eu-west-1", posture.Unhealthy), database("111122223333", "us-east-1", posture.Healthy),
		database("444455556666", "us-east-1", posture.Unhealthy),
	), Scope{Judged: []Rule{{"a", ""}}, Worst: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := &Comparison{
		File: "old.jsonl", New: 1, StillThere: 1, Fixed: 1, Gone: 1,
		Worst: []Finding{{"a", true, "", "db", "444455556666/us-east-1/AWS::RDS::DBInstance/db", posture.NotRated}},
	}
	want.NewBySeverity[posture.NotRated] = 1
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What was told under its ARN is the same under its name, and the other way round.
func TestBothNames(t *testing.T) {
	finding := func(id, typeName, region string) posture.Check {
		return posture.Check{
			Rule: "a", Recommendation: true, Resource: id, Type: typeName, Unit: "111122223333", Scope: "111122223333", Location: region, State: posture.Unhealthy,
		}
	}
	line := func(c posture.Check) string {
		region := ""
		if c.Region() != "" {
			region = `,"region":"` + c.Region() + `"`
		}
		return `{"recommendation":"a","resource":"` + c.Resource + `","type":"` + c.Type + `","scope":"111122223333","state":"unhealthy"` + region + "}\n"
	}
	tests := map[string][2]posture.Check{
		"volume":          {finding("vol-1", "AWS::EC2::Volume", "eu-west-1"), finding("arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "AWS::EC2::Volume", "eu-west-1")},
		"role":            {finding("Admin", "AWS::IAM::Role", "us-east-1"), finding("arn:aws:iam::111122223333:role/ops/Admin", "AWS::IAM::Role", "")},
		"bucket_in_china": {finding("logs", "AWS::S3::Bucket", "cn-north-1"), finding("arn:aws-cn:s3:::logs", "AWS::S3::Bucket", "cn-north-1")},
	}
	for name, names := range tests {
		t.Run(name, func(t *testing.T) {
			for i := range names {
				got, err := read(t, line(names[i])).Compare(sequence(names[1-i]), Scope{Judged: []Rule{{"a", ""}}})
				if err != nil || got.StillThere != 1 || got.New != 0 {
					t.Errorf("%s, then %s: %+v, %v; want it still there", names[i].Resource, names[1-i].Resource, got, err)
				}
			}
		})
	}
}

// TestTwice: two lines or two checks of one key count once.
func TestTwice(t *testing.T) {
	b := read(t, earlier+earlier)
	twice := check("a", "1", bucket, posture.Healthy, posture.High)
	got, err := b.Compare(sequence(twice, twice), Scope{})
	if err != nil || b.Len() != 8 || got.Fixed != 1 {
		t.Errorf("%d checks, %d fixed, %v; want 8, 1", b.Len(), got.Fixed, err)
	}
}

func TestCompareError(t *testing.T) {
	broken := errors.New("disk")
	_, err := read(t, earlier).Compare(func(yield func(*posture.Check, error) bool) { yield(nil, broken) }, Scope{})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the checks", err)
	}
}

func TestReadUTF16(t *testing.T) {
	text := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(earlier)) {
		text = append(text, byte(unit), byte(unit>>8))
	}
	if b := read(t, string(text)); b.Len() != 8 {
		t.Errorf("%d checks, want 8", b.Len())
	}
}

func TestReadErrors(t *testing.T) {
	const fine = `{"recommendation":"a","resource":"x","state":"healthy"}` + "\n"
	tests := map[string]struct{ in, want string }{
		"report_json": {"{\n  \"score\": {}\n}", "old.jsonl:1: no JSON object"},
		"cut_off":     {fine + "\n" + fine[:20], "old.jsonl:3: no JSON object"},
		"other_lines": {fine + `{"id":"x","type":"y"}`, "old.jsonl:2: no check: want recommendation or policy, resource and state"},
		"no_resource": {`{"recommendation":"a","state":"healthy"}`, "old.jsonl:1: no check"},
		"not_text":    {`{"recommendation":"a","resource":7,"state":"healthy"}`, "old.jsonl:1: no check"},
		"other_state": {`{"recommendation":"a","resource":"x","state":"failed"}`, `old.jsonl:1: state "failed": want one of`},
		"nothing":     {"", "old.jsonl: no check in it: want a whole assessment"},
		"blank_lines": {"\n \n", "old.jsonl: no check in it"},
		"array":       {"[" + fine + "]", "old.jsonl:1: no JSON object"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(test.in), "old.jsonl")
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || !Wrong(err) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	if _, err := Read(failing{}, "old.jsonl"); err == nil || Wrong(err) {
		t.Errorf("a file that cannot be read: got %v, want an error that is not the content's", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("disk") }

func FuzzRead(f *testing.F) {
	f.Add(earlier)
	f.Add(`{"recommendation":`)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Read(strings.NewReader(text), "f")
		if (b == nil) == (err == nil) {
			t.Errorf("%v and %v", b, err)
		}
	})
}
