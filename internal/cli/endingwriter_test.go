package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
)

// What nobody reads is given up once the context has ended, and nothing is written
// behind it.
func TestEndingWriter_of_what_nobody_reads(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	defer in.Close()
	e := &endingWriter{ctx: ctx, w: out}
	cancel()
	for range 2 {
		if n, err := e.Write([]byte("x")); n != 0 || !errors.Is(err, context.Canceled) {
			t.Errorf("wrote %d, %v; want the context's error", n, err)
		}
	}
}

// What is read takes what closes a result also after the end, but where the writer
// is strict.
func TestEndingWriter_after_the_end(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, strict := range []bool{false, true} {
		var out bytes.Buffer
		e := &endingWriter{ctx: ctx, w: &out, strict: strict, grace: 1 << 40}
		if _, err := e.Write([]byte("]\n")); (err != nil) != strict || out.Len() == 0 != strict {
			t.Errorf("strict %v: wrote %q, %v", strict, out.String(), err)
		}
	}
}
