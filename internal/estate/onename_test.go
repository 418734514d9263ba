package estate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// demoFiles are the files of the demo estate whose paths begin so, by path.
func demoFiles(t testing.TB, begins ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, f := range contoso.Files() {
		if slices.ContainsFunc(begins, func(begin string) bool { return strings.HasPrefix(f.Path, begin) }) {
			var b bytes.Buffer
			if err := f.Write(&b); err != nil {
				t.Fatal(err)
			}
			files[f.Path] = b.String()
		}
	}
	return files
}

// unitScores are the scores of units that have one, as texts.
func unitScores(units []posture.Scope, of func(unit string) (has bool, percent float64, weight int)) map[string]string {
	all := map[string]string{}
	for _, u := range units {
		if has, percent, weight := of(u.ID); u.Kind == posture.Unit && has {
			all[u.ID] = fmt.Sprintf("%v of %d checks", percent, weight)
		}
	}
	return all
}

// scoresNow are those that are kept.
func (k *kept) scoresNow() map[string]string {
	k.t.Helper()
	return unitScores(k.scopes(), func(unit string) (bool, float64, int) {
		u := k.estate.UnitScore(unit)
		return u.HasScore || u.Weight > 0, u.Percent, u.Weight
	})
}

func (k *kept) scopes() (all []posture.Scope) {
	k.t.Helper()
	scopes, err := k.store.Scopes(k.t.Context(), k.estate.Head())
	if err != nil {
		k.t.Fatal(err)
	}
	for _, s := range scopes {
		all = append(all, s.Scope)
	}
	return all
}

// scoresOf are those that assess finds in inputs.
func (k *kept) scoresOf(inputs ...intake.Input) map[string]string {
	k.t.Helper()
	o := assess.Options{BuiltIn: k.catalog, Partial: true, Bare: true, Now: k.now}
	for _, in := range inputs {
		o.Inputs = append(o.Inputs, assess.Input{Name: in.Name, Open: in.Open})
	}
	result, _, err := assess.Run(k.t.Context(), o)
	if err != nil {
		k.t.Fatal(err)
	}
	found := map[string]string{}
	for _, u := range result.Score.Units {
		if u.HasScore || u.Weight > 0 {
			found[u.Scope] = fmt.Sprintf("%v of %d checks", u.Percent, u.Weight)
		}
	}
	return found
}

// isSound holds all that is kept against itself: rows against each other, scores
// against verdicts, causes against scores, and every past score of everything and of
// each unit against the index of then.
func (k *kept) isSound() {
	k.t.Helper()
	ctx := k.t.Context()
	findings, err := k.store.Check(ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, f := range findings {
		if !f.OK {
			k.t.Errorf("damaged %s: %s", f.Check, f.Finding)
		}
	}
	complaints, err := k.estate.Complaints(ctx, k.store)
	if err != nil || len(complaints) > 0 {
		k.t.Errorf("complaints %v, %v", complaints, err)
	}
	if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
		k.t.Errorf("-judged at once +kept:\n%s", diff)
	}
	judges, err := estate.NewJudges(k.catalog)
	if err != nil {
		k.t.Fatal(err)
	}
	content, err := judges.Content(nil)
	if err != nil {
		k.t.Fatal(err)
	}
	at := []string{"/"}
	for _, s := range k.scopes() {
		if s.Kind != posture.Group { // parts of units have no history
			at = append(at, s.ID)
		}
	}
	histories := k.histories(0, at...)
	for n := ledger.Number(1); n <= k.estate.Head(); n++ {
		x, err := follow.Load(ctx, k.store, content, n, nil)
		if err != nil {
			k.t.Fatal(err)
		}
		for scope, history := range histories {
			history.holds(k.t, scope, n, x)
		}
	}
}

// follows is somebody who follows an estate, and holds what he has against it.
type follows struct{ *month }

func (k *kept) followed() follows {
	m := &month{kept: k, said: map[ledger.Number]moment{}}
	m.open(k.t.Fatal)
	return follows{m}
}

func (f follows) hear() {
	f.t.Helper()
	if err := f.follower.CatchUp(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	_ = f.follower.Read(func(x *index.Index) error {
		got := unitScores(f.scopes(), func(unit string) (bool, float64, int) {
			u := x.UnitScore(unit)
			return u.HasScore || u.Weight > 0, u.Percent, u.Weight
		})
		if diff := cmp.Diff(f.scoresNow(), got); diff != "" {
			f.t.Errorf("-kept +followed:\n%s", diff)
		}
		return nil
	})
}

// TestImport_in_parts: however the records of an estate are split and ordered, each by
// an import of its own, what is kept in the end is what one import of everything keeps,
// and has the scores that assess finds; on the way nothing is damaged. A stream of Cloud
// Asset names projects by number, by id or by both.
func TestImport_in_parts(t *testing.T) {
	google, numbered := demoFiles(t, "gcp/"), demoFiles(t, "gcp/")
	numbered["gcp/reads.jsonl"] = strings.ReplaceAll(google["gcp/reads.jsonl"], `"projects/contoso-shop-prod"`, `"projects/481500001001"`)
	tests := map[string]struct {
		files map[string]string
		seeds int
	}{
		"google":                          {google, 8},
		"google_whose_reads_tell_numbers": {numbered, 4},
		"all":                             {demoFiles(t, ""), 4},
	}
	if testing.Short() {
		delete(tests, "all")
	}
	for name, test := range tests {
		var reads, once []intake.Input
		var lines []intake.Input // files that are no lines are one
		for path, text := range test.files {
			once = append(once, input(path, text))
			switch {
			case strings.HasSuffix(path, "reads.jsonl"):
				reads = append(reads, input(path, text))
			case strings.HasSuffix(path, ".jsonl"):
				for n, line := range slices.Collect(strings.Lines(text)) {
					lines = append(lines, input(fmt.Sprintf("%s line %d", path, n+1), line))
				}
			default:
				lines = append(lines, input(path, text))
			}
		}
		slices.SortFunc(lines, func(a, b intake.Input) int { return strings.Compare(a.Name, b.Name) })
		atOnce := newKept(t)
		atOnce.imports(once...)
		want := atOnce.scoresNow()
		if diff := cmp.Diff(atOnce.scoresOf(once...), want); diff != "" {
			t.Fatalf("%s: -assessed +kept:\n%s", name, diff)
		}
		for seed := range test.seeds {
			t.Run(fmt.Sprint(name, "_", seed), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(seed), 1))
				k := newKept(t)
				follower := k.followed()
				mixed := slices.Clone(lines)
				r.Shuffle(len(mixed), func(a, b int) { mixed[a], mixed[b] = mixed[b], mixed[a] })
				if seed%2 == 0 { // what names its project by number alone comes first
					slices.SortStableFunc(mixed, func(a, b intake.Input) int { return tells(a) - tells(b) })
				}
				parts := 2 + r.IntN(4)
				if seed%4 < 2 {
					k.imports(reads...) // before anything is known that they would delete
				}
				for n := range parts {
					from, to := n*len(mixed)/parts, (n+1)*len(mixed)/parts
					k.imports(mixed[from:to]...)
					follower.hear()
					if complaints, err := k.estate.Complaints(t.Context(), k.store); err != nil || len(complaints) > 0 {
						t.Fatalf("after part %d of %d: %v, %v", n+1, parts, complaints, err)
					}
					if r.IntN(3) == 0 {
						k.reopen()
					}
				}
				last := slices.Concat(reads, mixed)
				answer := k.imports(last...)
				if answer.New+answer.Deleted > 0 {
					t.Errorf("everything again: %+v", answer)
				}
				follower.hear()
				if diff := cmp.Diff(want, k.scoresNow()); diff != "" {
					t.Errorf("-at once +in parts:\n%s", diff)
				}
				if diff := cmp.Diff(atOnce.dump(), k.dump()); diff != "" {
					t.Errorf("-at once +in parts:\n%s", diff)
				}
				k.isSound()
			})
		}
	}
}

// tells sorts records that name a project by its number alone before others.
func tells(in intake.Input) int {
	stream, err := in.Open()
	if err != nil {
		return 1
	}
	defer stream.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(stream)
	if name, _, _ := strings.Cut(b.String(), `"assetType"`); strings.Contains(name, "projects/contoso") || strings.Contains(b.String(), `"projectId"`) {
		return 1
	}
	return 0
}

// googleAsset is a record of a Cloud Asset export in project number 42.
func googleAsset(name, kind, data string) string {
	return fmt.Sprintf(`{"name":"//%s","assetType":%q,"resource":{"data":%s},"ancestors":["projects/42","folders/7","organizations/1"]}`+"\n", name, kind, data)
}

func googleBucket(name, data string) string {
	return googleAsset("storage.googleapis.com/"+name, "storage.googleapis.com/Bucket", data)
}

const (
	openBucket   = `{"iamConfiguration":{"publicAccessPrevention":"inherited"}}`
	closedBucket = `{"iamConfiguration":{"publicAccessPrevention":"enforced","uniformBucketLevelAccess":{"enabled":true}}}`
)

// shopProject is the record by which number 42 and the id shop are one project.
var shopProject = googleAsset("cloudresourcemanager.googleapis.com/projects/42", "cloudresourcemanager.googleapis.com/Project", `{"projectId":"shop","projectNumber":"42"}`)

// unitsOf are the resources that are there, by unit.
func (k *kept) unitsOf() map[string][]string {
	k.t.Helper()
	ctx, head, there := k.t.Context(), k.estate.Head(), map[uint32]bool{}
	for r, err := range k.store.Records(ctx, head) {
		if err != nil {
			k.t.Fatal(err)
		}
		there[r.Resource] = true
	}
	units := map[string][]string{}
	for r, err := range k.store.Resources(ctx, head) {
		if err != nil {
			k.t.Fatal(err)
		}
		if there[r.Number] {
			units[r.Unit] = append(units[r.Unit], r.Name)
			slices.Sort(units[r.Unit])
		}
	}
	return units
}

// TestImport_of_what_is_in_another_unit: where a record is of another unit than what is
// kept of its resource, the resource leaves the one and is in the other by one commit.
func TestImport_of_what_is_in_another_unit(t *testing.T) {
	bucket := func(account, more string) string {
		return fmt.Sprintf(`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b"%s,"region":"eu-west-1","properties":{"BucketName":"b"%s}}`+"\n", account, more)
	}
	one, other := `,"account":"111122223333"`, `,"account":"444455556666"`
	const arn = "arn:aws:ssm:eu-west-1:111122223333:managed-instance/srv"
	machine := func(group string) string {
		return fmt.Sprintf(`{"type":"machine","id":%q,"name":"srv","group":%q,"properties":{"firewall":{"enabled":true}}}`+"\n", arn, group)
	}
	elsewhere := func(text string) string { return strings.ReplaceAll(text, "projects/42", "projects/43") }
	type units = map[string][]string
	tests := map[string]struct {
		steps []string
		want  units
		last  estate.Answer // of the last step, but for what came with it
	}{
		"a bucket in another account": {
			[]string{bucket(one, ""), bucket(other, "")},
			units{"444455556666": {"b"}},
			estate.Answer{Read: 1, Changed: 1},
		},
		"and back": {
			[]string{bucket(one, "") + bucketOf("c", one), bucket(other, ""), bucket(one, "")},
			units{"111122223333": {"b", "c"}},
			estate.Answer{Read: 1, Changed: 1},
		},
		"two that change places": {
			[]string{bucket(one, "") + bucketOf("c", other), bucket(other, "") + bucketOf("c", one)},
			units{"111122223333": {"c"}, "444455556666": {"b"}},
			estate.Answer{Read: 2, Changed: 2},
		},
		"after it was gone": {
			[]string{bucket(one, ""), `{"bartizan":"read","scope":"111122223333","type":"*","complete":true}` + "\n", bucket(other, "")},
			units{"444455556666": {"b"}},
			estate.Answer{Read: 1, New: 1},
		},
		"of nobody, and then of an account": {
			[]string{bucket("", ""), bucket(one, "")},
			units{"111122223333": {"b"}},
			estate.Answer{Read: 1, Changed: 1},
		},
		"of an account, and a record without": {
			[]string{bucket(one, ""), bucket("", `,"AccessControl":"Private"`)},
			units{"111122223333": {"b"}},
			estate.Answer{Read: 1, Changed: 1},
		},
		"a machine in another group": {
			[]string{machine("a"), machine("b")},
			units{"machines/b": {"srv"}},
			estate.Answer{Read: 1, Changed: 1},
		},
		"a bucket in another project": {
			[]string{shopProject + googleBucket("b", openBucket), elsewhere(googleBucket("b", openBucket))},
			units{"projects/shop": {"42"}, "projects/43": {"b"}},
			estate.Answer{Read: 1, Changed: 1},
		},
		"a bucket whose project is told by its number": {
			[]string{shopProject + googleBucket("b", openBucket), googleBucket("b", closedBucket)},
			units{"projects/shop": {"42", "b"}},
			estate.Answer{Read: 1, Changed: 1},
		},
		"a new one": {
			[]string{shopProject, googleBucket("b", openBucket)},
			units{"projects/shop": {"42", "b"}},
			estate.Answer{Read: 1, New: 1},
		},
		"the id of a project that was known by number": {
			[]string{googleBucket("b", openBucket) + googleBucket("c", closedBucket), shopProject},
			units{"projects/shop": {"42", "b", "c"}},
			estate.Answer{Read: 1, New: 1},
		},
		"the id, with one of two records as it was": {
			[]string{googleBucket("b", openBucket) + googleBucket("c", closedBucket), shopProject + googleBucket("b", openBucket)},
			units{"projects/shop": {"42", "b", "c"}},
			estate.Answer{Read: 2, New: 1, Unchanged: 1},
		},
		"the id, with a record that changed": {
			[]string{googleBucket("b", openBucket) + googleBucket("c", closedBucket), shopProject + googleBucket("b", closedBucket)},
			units{"projects/shop": {"42", "b", "c"}},
			estate.Answer{Read: 2, New: 1, Changed: 1},
		},
		"the id by a hierarchy": {
			[]string{googleBucket("b", openBucket), `{"id":"projects/42","parent":"projects/shop","kind":"project"}` + "\n"},
			units{"projects/shop": {"b"}},
			estate.Answer{},
		},
		"the id, and all that there is": {
			[]string{
				googleBucket("b", openBucket) + googleBucket("c", closedBucket),
				shopProject + googleBucket("b", openBucket) + `{"bartizan":"read","scope":"projects/shop","type":"*","complete":true}` + "\n",
			},
			units{"projects/shop": {"42", "b"}},
			estate.Answer{Read: 2, New: 1, Unchanged: 1, Deleted: 1},
		},
		"all that there is, by the number": {
			[]string{
				shopProject + googleBucket("b", openBucket) + googleBucket("c", closedBucket),
				googleBucket("b", openBucket) + `{"bartizan":"read","scope":"projects/42","type":"storage.googleapis.com/Bucket","complete":true}` + "\n",
			},
			units{"projects/shop": {"42", "b"}},
			estate.Answer{Read: 1, Unchanged: 1, Deleted: 1},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			follower := k.followed()
			for n, step := range test.steps {
				in := []intake.Input{input("in.jsonl", step)}
				if n == len(test.steps)-1 { // says what it would do
					would, err := k.estate.Import(t.Context(), estate.ImportOptions{Inputs: in, Actor: "tester", DryRun: true})
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(test.last, counted(would)); diff != "" {
						t.Errorf("dry run: -want +got:\n%s", diff)
					}
				}
				answer := k.imports(in...)
				follower.hear()
				if n < len(test.steps)-1 {
					continue
				}
				if diff := cmp.Diff(test.last, counted(answer)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				head := k.estate.Head()
				if k.imports(in...); k.estate.Head() != head {
					t.Errorf("the last step again: commit %d after %d", k.estate.Head(), head)
				}
			}
			if diff := cmp.Diff(test.want, k.unitsOf()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			dump := k.dump()
			if k.reopen(); k.dump() != dump {
				t.Error("another estate once it is opened anew")
			}
			k.isSound()
		})
	}
}

// counted is an answer's numbers of resources.
func counted(a *estate.Answer) estate.Answer {
	return estate.Answer{Read: a.Read, New: a.New, Changed: a.Changed, Unchanged: a.Unchanged, Deleted: a.Deleted}
}

func bucketOf(name, account string) string {
	return fmt.Sprintf(`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::%s"%s,"region":"eu-west-1","properties":{"BucketName":%q}}`+"\n", name, account, name)
}

// What is kept of how far a project was read by its number, and of what was lost there, is
// about its id once that is known; nothing else is kept by the number.
func TestImport_of_the_id_of_a_project_that_was_read_by_number(t *testing.T) {
	read := func(scope, typeName string, hour int, complete bool) string {
		return readIn(scope, hour, typeName, complete)
	}
	k := newKept(t)
	k.imports(input("in.jsonl", read("projects/42", "*", 10, true)+read("projects/42", "storage.googleapis.com/Bucket", 10, true)+googleBucket("b", openBucket)))
	k.imports(input("lost.jsonl", read("projects/42", "storage.googleapis.com/Bucket", 11, false)+"{broken\n"+googleBucket("b", openBucket)))
	if got := k.readRows(); !slices.ContainsFunc(got, func(row string) bool {
		return strings.HasPrefix(row, "projects/42 bucket") && strings.Contains(row, "stale")
	}) {
		t.Fatalf("reads %q", got)
	}
	k.imports(input("id.jsonl", shopProject))
	reads, losses := k.readRows(), k.lossRows()
	if len(reads) == 0 || len(losses) == 0 {
		t.Errorf("reads %q, losses %q", reads, losses)
	}
	for _, row := range slices.Concat(reads, losses) {
		if !strings.HasPrefix(row, "projects/shop ") {
			t.Errorf("kept: %q", row)
		}
	}
	k.isSound()
	answer := k.imports(input("in.jsonl", `{"bartizan":"read","scope":"projects/42","type":"*","complete":true}`+"\n"+shopProject))
	if rows := k.readRows(); answer.Deleted != 1 || !slices.Equal(rows, []string{"projects/shop * complete=true 12h"}) || len(k.lossRows()) > 0 {
		t.Errorf("answer %+v, reads %q, losses %q", answer, rows, k.lossRows())
	}
	k.isSound()
}

// TestImport_moves_nothing_of_others: who may not write where a resource or a project is
// takes it nowhere, and does not learn where it is.
func TestImport_moves_nothing_of_others(t *testing.T) {
	const account, others = `,"account":"444455556666"`, `,"account":"111122223333"`
	tests := map[string]struct {
		kept, sent string
		may        []string // where who imports may write
		want       map[string][]string
		moves      bool
	}{
		"a bucket of another account":           {bucketOf("b", others), bucketOf("b", account) + bucketOf("c", account), []string{"444455556666"}, map[string][]string{"111122223333": {"b"}, "444455556666": {"a", "c"}}, false},
		"a bucket, of nobody":                   {bucketOf("b", others), strings.Replace(bucketOf("b", ""), `"properties":{`, `"properties":{"AccessControl":"Private",`, 1), []string{"444455556666"}, map[string][]string{"111122223333": {"b"}, "444455556666": {"a"}}, false},
		"both accounts":                         {bucketOf("b", others), bucketOf("b", account), []string{"444455556666", "111122223333"}, map[string][]string{"444455556666": {"a", "b"}}, true},
		"a project, by who may write its parts": {googleBucket("b", openBucket), shopProject, []string{"projects/42"}, map[string][]string{"projects/42": {"b"}, "444455556666": {"a"}}, false},
		"a project, into one of others":         {googleBucket("b", openBucket) + strings.ReplaceAll(shopProject, "42", "41"), shopProject, []string{"folders/7", "projects/42"}, map[string][]string{"projects/42": {"b"}, "projects/shop": {"41"}, "444455556666": {"a"}}, false},
		"a project, by who may write above":     {googleBucket("b", openBucket), shopProject, []string{"folders/7", "projects/42", "projects/shop", "organizations/1"}, map[string][]string{"projects/shop": {"42", "b"}, "444455556666": {"a"}}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			k.imports(input("kept", bucketOf("a", account)+test.kept))
			answer, err := k.estate.Import(t.Context(), estate.ImportOptions{
				Inputs: []intake.Input{input("sent", test.sent)}, Actor: "tester", Allowed: func(scope string) bool { return slices.Contains(test.may, scope) },
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, k.unitsOf()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if told := fmt.Sprint(answer.Rejected, answer.Notices); (len(answer.Rejected) == 0) != test.moves || !test.moves && strings.Contains(told, "111122223333") {
				t.Errorf("told %s", told)
			}
			k.isSound()
		})
	}
}
