package files

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// silent is a stream whose reader waits forever, after it has said so.
type silent struct{ waits func() }

func (s silent) Read([]byte) (int, error) {
	s.waits()
	select {}
}

// A read that waits ends with its context.
func TestUntilEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	got, err := io.ReadAll(Until(ctx, io.MultiReader(strings.NewReader("begun"), silent{cancel})))
	if string(got) != "begun" || !errors.Is(err, context.Canceled) {
		t.Errorf("got %q, %v; want what came, and that it was cancelled", got, err)
	}
}

// What ends by itself comes whole, with its error.
func TestUntilPasses(t *testing.T) {
	wrong := errors.New("broken")
	failed, in := io.Pipe()
	in.CloseWithError(wrong)
	got, err := io.ReadAll(Until(t.Context(), io.MultiReader(strings.NewReader("whole"), failed)))
	if string(got) != "whole" || !errors.Is(err, wrong) {
		t.Errorf("got %q, %v; want all and the error", got, err)
	}
}

// Nobody writes to the pipe: already opening it waits.
func TestOpenEndsAtAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.json")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	text, err := Input{Path: path}.Text(ctx)
	if text != "" || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %q, %v; want that it was cancelled, and where", text, err)
	}
	release(t, path)
}

// A pipe is read as a file is, packed too, and what is wrong with it is told.
func TestOpenPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.json")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	go func() {
		_ = os.WriteFile(path, []byte("{}\n"), 0) // the reader tells
	}()
	if text, err := (Input{Path: path}).Text(t.Context()); text != "{}\n" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
}

// release lets go who waits to open a pipe.
func release(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
