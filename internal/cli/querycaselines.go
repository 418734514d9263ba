package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// caseLines are the lines of --cases that are not blank, one after the other. Who
// waits for a line longer than --timeout stops.
type caseLines struct {
	text   *bufio.Reader
	source *tableSource
	given  string        // what --max-memory says
	most   int           // bytes of a line; 0: any number
	number int           // of the line at hand
	line   []byte        // room
	timer  *time.Timer   // nil without --timeout
	wait   time.Duration // --timeout
	close  func()
}

// caseLines opens the file that --cases names.
func (s *session) caseLines(ctx context.Context) (*caseLines, error) {
	reading, stop := context.WithCancelCause(ctx)
	c := &caseLines{given: s.flags.memory, most: int(max(s.options.MaxMemory, 0) / 4), wait: s.flags.timeout}
	if c.wait > 0 {
		c.timer = time.AfterFunc(c.wait, func() { stop(lateError(c.wait)) })
	}
	in, err := s.openTable(reading, s.flags.cases)
	c.close = func() {
		stop(nil)
		if in != nil {
			in.Close() // nothing was written
		}
	}
	if err == nil {
		c.source = &tableSource{ctx: reading, in: in}
		var text io.Reader
		if text, err = plainText(c.source, s.flags.cases); err == nil {
			c.text = bufio.NewReaderSize(text, windowBytes)
		}
	}
	if err != nil {
		c.close()
		return nil, late(reading, err)
	}
	return c, nil
}

// A longLine is the error of a line that is not held. The line behind it can be read.
type longLine struct {
	number int
	given  string
}

func (l *longLine) Error() string {
	return fmt.Sprintf("line %d is longer than a quarter of --max-memory %s; raise it (0: any number), or make cases of fewer rows", l.number, l.given)
}

// next gives a line, to be used before the next one is read; [io.EOF] behind the last.
func (c *caseLines) next() ([]byte, error) {
	if c.timer != nil {
		c.timer.Reset(c.wait)
		defer c.timer.Stop()
	}
	for {
		line, err := c.read()
		if err != nil || len(bytes.TrimSpace(line)) > 0 {
			return line, err
		}
	}
}

func (c *caseLines) read() ([]byte, error) {
	c.number++
	c.line = c.line[:0]
	long := false
	for {
		part, err := c.text.ReadSlice('\n')
		if long = long || c.most > 0 && len(c.line)+len(part) > c.most; !long {
			c.line = append(c.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case c.source.err != nil:
			return nil, late(c.source.ctx, c.source.err)
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("line %d: %w", c.number, err)
		case long:
			c.line = nil
			return nil, &longLine{c.number, c.given}
		case err != nil && len(c.line) == 0:
			return nil, io.EOF
		}
		return c.line, nil
	}
}
