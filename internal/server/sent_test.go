package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// nothingKnown knows and keeps nothing.
type nothingKnown struct{}

func (nothingKnown) Record(ledger.Hash) (intake.Standing, bool) { return intake.Standing{}, false }
func (nothingKnown) Resource(uint64) (intake.Standing, bool)    { return intake.Standing{}, false }
func (nothingKnown) PutBodies(_ context.Context, bodies []ledger.Body) ([]int64, error) {
	return make([]int64, len(bodies)), nil
}

// TestSent_takes_files_that_were_not_read: a part may stand for a file that the sender
// could not read, with the reason in one line.
func TestSent_takes_files_that_were_not_read(t *testing.T) {
	part := func(name, header, body string) string {
		return "--x\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n" + header + "\r\n" + body + "\r\n"
	}
	body := part("a", "", "{}") + part("b", "Bartizan-Unread: true\r\n", "permission\r\n\x00\tdenied\xff") +
		part("c", "bartizan-unread: true\r\n", "") + part("d", "Bartizan-Unread: true\r\n", strings.Repeat("long ", 1000)) + part("e", "", "{}") + "--x--\r\n"
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	from := &sent{unpack: files.Unpack}
	if err := from.receive(strings.NewReader(body), "multipart/mixed; boundary=x", "in", file); err != nil {
		t.Fatal(err)
	}
	if len(from.inputs) != 2 || from.inputs[0].Name != "a" || from.inputs[1].Name != "e" || from.inputs[1].Size != 2 {
		t.Errorf("inputs %+v", from.inputs)
	}
	want := []inventory.Problem{
		{File: "b", Reason: "permission denied", Unread: true},
		{File: "c", Reason: "it could not be read by who sent the others", Unread: true},
		{File: "d", Reason: strings.TrimSpace(strings.Repeat("long ", 200)), Unread: true},
	}
	if diff := cmp.Diff(want, from.unread); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestSent_is_never_read_beyond_its_end: what is told of reading something packed ends at
// its size, also when it is read again.
func TestSent_is_never_read_beyond_its_end(t *testing.T) {
	var packed bytes.Buffer
	to, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if err := contoso.Estate(to); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	size := int64(packed.Len())
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	from := &sent{unpack: files.Unpack}
	if err := from.receive(&packed, "application/zstd", "in", file); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var mu sync.Mutex
		last := int64(0)
		found, err := intake.Read(t.Context(), intake.Options{Inputs: from.inputs, Known: nothingKnown{}, Keeper: nothingKnown{}, Progress: func(_, total int64) {
			mu.Lock()
			defer mu.Unlock()
			if last = from.read(); last <= 0 || last > total || total != size {
				t.Errorf("%d of %d, want at most %d", last, total, size)
			}
		}})
		if err != nil || found.Resources == 0 {
			t.Fatalf("%+v, %v", found, err)
		}
		if last != size {
			t.Errorf("it ends at %d, want %d", last, size)
		}
	}
}

// Of what is packed and broken, cut off or nothing that is read the rest is kept, and
// what is wrong is told as of any other place that could not be read.
func TestImport_of_broken_streams(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	if err := errors.Join(contoso.Estate(to), to.Close()); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"header_of_gzip":      packed.String()[:2],
		"most_of_a_header":    packed.String()[:9],
		"gzip_cut_off":        packed.String()[:packed.Len()-20],
		"Zstandard_of_no_use": "\x28\xb5\x2f\xfdnothing",
		"bzip2":               "BZh91AY",
	} {
		status, body := r.ask(http.MethodPost, "/api/v1/inventory?dryRun=true", owner, text)
		var answer ImportAnswer
		if err := json.Unmarshal(body, &answer); status != http.StatusOK || err != nil || len(answer.Rejected) != 1 || (answer.Read > 0) != (name == "gzip_cut_off") {
			t.Errorf("%s: %d %.300s", name, status, body)
		}
	}
}
