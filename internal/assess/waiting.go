package assess

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// waiting is where a resource stands that was left for the end of the reading,
// because its resource group or subscription was not known yet. Those that
// stand where they cannot be read alone are judged at once, and all inputs are
// read again if the group comes after all; see knowledge.learntLate.
type waiting struct {
	input int
	line  int
	at    int64
	size  int
}

// wait leaves a resource for the end.
func (w *worker) wait(r *inventory.Resource) {
	w.around.missed = false
	w.waiting = append(w.waiting, waiting{int(w.reading.run.files[r.File]), r.Line, r.At, r.Size})
}

// judgeWaiting judges what was left for the end.
func (rd *reading) judgeWaiting(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range rd.workers {
		g.Go(func() error { return w.judgeWaiting(ctx) })
	}
	return g.Wait()
}

func (w *worker) judgeWaiting(ctx context.Context) error {
	for list := w.waiting; len(list) > 0; {
		n := 1
		for n < len(list) && list[n].input == list[0].input {
			n++
		}
		if err := w.judgeIn(ctx, &w.reading.run.options.Inputs[list[0].input], list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	w.waiting = nil
	return nil
}

// judgeIn judges resources of one input.
func (w *worker) judgeIn(ctx context.Context, in *Input, list []waiting) error {
	stream, err := in.Open()
	if err != nil {
		return fmt.Errorf("open %s again: %w", in.Name, err)
	}
	defer stream.Close()
	file, ok := stream.(inventory.Placed)
	if !ok {
		return fmt.Errorf("read %s again: it can no longer be read at any place", in.Name)
	}
	var buf []byte
	for i := range list {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t := &list[i]
		if cap(buf) < t.size {
			buf = make([]byte, 2*t.size)
		}
		buf = buf[:t.size]
		if n, err := file.ReadAt(buf, t.at); n < t.size {
			if err == nil || errors.Is(err, io.EOF) {
				err = errors.New("it has become shorter")
			}
			w.decoder.Lose(inventory.Problem{File: in.Name, Line: t.line, Reason: "cannot be read again: " + err.Error()}, w)
			continue
		}
		w.decoder.Again(in.Name, t.line, buf, w)
	}
	return nil
}
