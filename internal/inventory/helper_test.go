package inventory

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// found is a sink that keeps copies of all it gets, in a form to compare.
type found struct {
	mu        sync.Mutex
	Resources []thing
	Scopes    []posture.Scope
	Reads     []posture.ReadRecord
	Problems  []string
	Notices   []string
	Outdateds []string
	seen      Seen
}

type thing struct {
	ID, Type, Name, Cloud, Unit, Group, Location string
	Whole, PolicyOnly                            bool
	Unread, Broken                               []string
	Line                                         int
	Body                                         string
}

func (f *found) Resource(r *Resource) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Resources = append(f.Resources, thing{
		ID: strings.Clone(r.ID), Type: strings.Clone(r.Type), Name: strings.Clone(r.Name), Cloud: r.Cloud.String(),
		Unit: strings.Clone(r.Unit), Group: strings.Clone(r.Group), Location: strings.Clone(r.Location),
		Whole: r.Whole, PolicyOnly: r.PolicyOnly, Unread: slices.Clone(r.Unread), Broken: slices.Clone(r.Broken), Line: r.Line,
		Body: string(AppendJSON(nil, r.Body)),
	})
}

func (f *found) Outdated(r *Resource, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Outdateds = append(f.Outdateds, fmt.Sprintf("%s:%d: %s: %s", r.File, r.Line, r.ID, why))
}

func (f *found) Scope(s posture.Scope) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Scopes = append(f.Scopes, s)
}

func (f *found) Read(r posture.ReadRecord) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Reads = append(f.Reads, r)
}

func (f *found) Problem(p Problem) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.Notice {
		f.Notices = append(f.Notices, fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason))
		return
	}
	f.Problems = append(f.Problems, fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason))
}

// decodeAll reads a stream with one decoder.
func decodeAll(t testing.TB, r io.Reader, file string) *found {
	t.Helper()
	var f found
	d := NewDecoder()
	if err := Split(r, file, func(c Chunk) error {
		d.Decode(c, &f)
		c.Release()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Seen() {
		f.seen.Merge(s)
	}
	return &f
}

func decodeText(t testing.TB, text string) *found {
	return decodeAll(t, strings.NewReader(text), "in.json")
}

// sharedFile opens a file of the recorded estates, or skips the test.
func sharedFile(t testing.TB, parts ...string) io.Reader {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(append([]string{dir, "..", "shared"}, parts...)...)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("recorded data is not here: %v", err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return bytes.NewReader(content)
	}
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return z
}
