package files

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Until gives what r gives until ctx is done. A read that waits for r then fails
// with the context's error, whatever r does; r is left to who waits in it.
func Until(ctx context.Context, r io.Reader) io.ReadCloser {
	return until(ctx, func() (io.ReadCloser, error) { return io.NopCloser(r), nil })
}

// Stored opens the input as it is stored. Only of what may never end, such as
// standard input or a pipe, a read fails with the context's error once ctx is
// done; there the first read tells what is wrong with opening it, because already
// that waits for somebody who writes.
func (i Input) Stored(ctx context.Context) (io.ReadCloser, error) {
	if i.spool != nil {
		return i.spool.reader(), nil
	}
	if i.Path == Stdin {
		return Until(ctx, os.Stdin), nil
	}
	open := func() (io.ReadCloser, error) {
		f, err := os.Open(i.Path)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", i.Path, cause(err))
		}
		return f, nil
	}
	if info, err := os.Stat(i.Path); err == nil && info.Mode()&mayNotEnd != 0 {
		return until(ctx, open), nil
	}
	return open()
}

// mayNotEnd are the kinds of files that somebody else writes while they are read.
const mayNotEnd = os.ModeNamedPipe | os.ModeSocket | os.ModeDevice | os.ModeCharDevice

// until reads beside its caller what open gives.
func until(ctx context.Context, open func() (io.ReadCloser, error)) io.ReadCloser {
	out, in := io.Pipe()
	stop := context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		defer stop()
		r, err := open()
		if err == nil {
			_, err = io.Copy(in, r)
			_ = r.Close() // nothing was written
		}
		in.CloseWithError(err)
	}()
	return out
}
