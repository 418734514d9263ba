package intake_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// memory keeps bodies, and knows the resources that it was told.
type memory struct {
	mu       sync.Mutex
	bodies   []ledger.Body
	byRecord map[ledger.Hash]intake.Standing
	byKey    map[uint64]intake.Standing
}

func newMemory() *memory {
	return &memory{byRecord: map[ledger.Hash]intake.Standing{}, byKey: map[uint64]intake.Standing{}}
}

func (m *memory) Record(h ledger.Hash) (intake.Standing, bool) { s, ok := m.byRecord[h]; return s, ok }

func (m *memory) Resource(key uint64) (intake.Standing, bool) { s, ok := m.byKey[key]; return s, ok }

func (m *memory) PutBodies(_ context.Context, bodies []ledger.Body) ([]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var numbers []int64
	for _, b := range bodies {
		m.bodies = append(m.bodies, b)
		numbers = append(numbers, int64(len(m.bodies)))
	}
	return numbers, nil
}

// learn takes what a reading found as known from now on.
func (m *memory) learn(r *intake.Result) {
	for _, f := range r.Changed {
		s := intake.Standing{Number: f.Number, Key: f.Key, Record: m.bodies[f.Body-1].Hash, Whole: f.Whole}
		if s.Number == 0 {
			s.Number = uint32(len(m.byKey) + 1)
		}
		m.byKey[s.Key], m.byRecord[s.Record] = s, s
	}
}

func (m *memory) read(t *testing.T, inputs ...intake.Input) *intake.Result {
	t.Helper()
	r, err := intake.Read(context.Background(), intake.Options{Inputs: inputs, Known: m, Keeper: m, Key: []byte("key"), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func lines(name string, records ...string) intake.Input {
	text := strings.Join(records, "\n") + "\n"
	return intake.Input{Name: name, Size: int64(len(text)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

const unit = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a"

func account(name, rest string) string {
	return fmt.Sprintf(`{"id":"%s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/%s","name":"%s","type":"Microsoft.Storage/storageAccounts","location":"westeurope"%s}`,
		unit, name, name, rest)
}

// sealed is what stands for a secret: the first half of its HMAC-SHA-256.
func sealed(secret string) string {
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(secret))
	return "(sealed:" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16]) + ")"
}

// told says what a reading found, a line a resource.
func told(m *memory, r *intake.Result) []string {
	var all []string
	for _, n := range r.Seen {
		all = append(all, fmt.Sprint("seen ", n))
	}
	for _, f := range r.Changed {
		all = append(all, fmt.Sprintf("changed %d %s whole %t %s", f.Number, f.Name, f.Whole, m.bodies[f.Body-1].Record))
	}
	for _, p := range r.Problems {
		all = append(all, fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason))
	}
	return all
}

func TestRead(t *testing.T) {
	known := []string{account("a", `,"properties":{"x":1}`), account("b", `,"properties":{"adminPassword":"pa55"}`)}
	sealedB := strings.Replace(known[1], "pa55", sealed("pa55"), 1)
	tests := map[string]struct {
		records []string
		want    []string
	}{
		"word for word": {known, []string{"seen 1", "seen 2"}},
		"other spaces":  {[]string{strings.ReplaceAll(known[0], ",", " ,\t")}, []string{"seen 1"}},
		"changed":       {[]string{account("a", `,"properties":{"x":2}`)}, []string{"changed 1 a whole true " + account("a", `,"properties":{"x":2}`)}},
		"new":           {[]string{account("c", `,"properties":{}`)}, []string{"changed 0 c whole true " + account("c", `,"properties":{}`)}},
		"another secret": {
			[]string{strings.Replace(known[1], "pa55", "pa56", 1)},
			[]string{"changed 2 b whole true " + strings.Replace(known[1], "pa55", sealed("pa56"), 1)},
		},
		"sealed before":           {[]string{sealedB}, []string{"seen 2"}},
		"twice, the first counts": {[]string{known[0], account("a", `,"properties":{"x":2}`)}, []string{"seen 1"}},
		"twice, the whole counts": {
			[]string{account("c", ""), account("c", `,"properties":{}`)},
			[]string{"changed 0 c whole true " + account("c", `,"properties":{}`)},
		},
		"twice, the known one is whole": {[]string{account("a", ""), known[0]}, []string{"seen 1"}},
		"not whole":                     {[]string{account("c", "")}, []string{"changed 0 c whole false " + account("c", "")}},
		"broken line":                   {[]string{known[0], `{"id":`}, []string{"seen 1", "in.jsonl:2: not JSON: unexpected end of JSON input at byte 6"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			m.learn(m.read(t, lines("before.jsonl", known...)))
			r := m.read(t, lines("in.jsonl", test.records...))
			if diff := cmp.Diff(test.want, told(m, r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Whatever a stream is made of, read again it has changed nothing, and what was
// kept of it reads as unchanged too.
func TestRead_of_the_same_changes_nothing(t *testing.T) {
	var files []intake.Input
	for _, f := range contoso.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		files = append(files, intake.Input{Name: f.Path, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }})
	}
	m := newMemory()
	first := m.read(t, files...)
	if len(first.Seen) > 0 || len(first.Changed) < 500 || len(first.Reads) == 0 || len(first.Scopes) == 0 {
		t.Fatalf("%d seen, %d changed, %d reads, %d scopes", len(first.Seen), len(first.Changed), len(first.Reads), len(first.Scopes))
	}
	m.learn(first)
	kept := make([]string, 0, len(m.bodies))
	for _, b := range m.bodies {
		if strings.Contains(string(b.Record), "hunter2") {
			t.Errorf("a secret was kept: %s", b.Record)
		}
		kept = append(kept, string(b.Record))
	}
	for name, again := range map[string][]intake.Input{"the files": files, "the records": {lines("kept.jsonl", kept...)}} {
		r := m.read(t, again...)
		if len(r.Changed) > 0 || len(r.Seen) != len(first.Changed) {
			t.Errorf("%s again: %d seen, changed %v, want %d seen", name, len(r.Seen), told(m, r)[len(r.Seen):min(len(r.Seen)+3, len(told(m, r)))], len(first.Changed))
		}
	}
}

func TestRead_fails_where_bodies_cannot_be_kept(t *testing.T) {
	m := newMemory()
	_, err := intake.Read(context.Background(), intake.Options{Inputs: []intake.Input{lines("in.jsonl", account("a", ""))}, Known: m, Keeper: full{}})
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}

type full struct{}

func (full) PutBodies(context.Context, []ledger.Body) ([]int64, error) {
	return nil, fmt.Errorf("no space left")
}

// Of two records that name no account and say different things nothing is kept but that
// there is something, whichever comes first; read again they are what they were.
func TestRead_of_torn_resources(t *testing.T) {
	group := func(description string) string {
		return `{"TypeName":"AWS::Redshift::ClusterParameterGroup","ResourceDescription":{"Identifier":"pg","Properties":"{\"Description\":\"` + description + `\"}"}}`
	}
	var kept []string
	for _, records := range [][]string{{group("good"), group("bad")}, {group("bad"), group("good"), group("bad")}} {
		m := newMemory()
		r := m.read(t, lines("in.jsonl", records...))
		if len(r.Changed) != 1 {
			t.Fatalf("%d resources", len(r.Changed))
		}
		record := string(m.bodies[r.Changed[0].Body-1].Record)
		if kept = append(kept, record); strings.Contains(record, "Description") || !strings.Contains(record, `"broken":["properties"`) {
			t.Errorf("kept: %s", record)
		}
		m.learn(r)
		if again := m.read(t, lines("in.jsonl", records...)); len(again.Changed) > 0 {
			t.Errorf("changed again: %v", told(m, again))
		}
	}
	if kept[0] != kept[1] {
		t.Errorf("the order matters: %s, %s", kept[0], kept[1])
	}
	two := func(first, second string) string {
		return `{"TypeName":"AWS::Redshift::ClusterParameterGroup","ResourceDescription":{"Identifier":"pg","Properties":"{` + first + `,` + second + `}"}}`
	}
	const description, name = `\"Description\":\"good\"`, `\"ParameterGroupName\":\"pg\"`
	for _, records := range [][]string{{group("good"), group("good")}, {two(description, name), two(name, description)}} {
		m := newMemory()
		if r := m.read(t, lines("in.jsonl", records...)); len(r.Changed) != 1 || !strings.Contains(string(m.bodies[0].Record), "good") || strings.Contains(string(m.bodies[0].Record), "broken") {
			t.Errorf("of one content: %v", told(m, r))
		}
	}
}
