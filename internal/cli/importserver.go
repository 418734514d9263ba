package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/client"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/server"
	"github.com/bartizan-dev/bartizan/internal/terminal"
)

// refuse tells of flags that do not go with --server.
func (f *serverFlags) refuse(cmd *cobra.Command, names ...string) error {
	var wrong problemList
	wrong.add(f.check())
	for _, name := range names {
		if f.given() && cmd.Flags().Changed(name) {
			wrong.add(usagef("--%s: it does not go with --server", name))
		}
	}
	return wrong.err()
}

// importToServer sends what the paths hold to a server, and prints its answer.
func (a *app) importToServer(cmd *cobra.Command, f *serverFlags, paths []string, root, parent string, complete []string, dryRun bool, format string) error {
	ctx := cmd.Context()
	on, err := f.client(a)
	if err != nil {
		return err
	}
	found, err := a.found(paths)
	if err != nil {
		return nothingImported(err)
	}
	query := url.Values{"complete": complete}
	for name, value := range map[string]string{"root": root, "parent": parent} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if dryRun {
		query.Set("dryRun", "true")
	}
	told := a.tellSending(ctx, on, found)
	answer, err := a.send(ctx, on, query, found)
	told()
	if err != nil {
		return misused(err)
	}
	kept := estate.Answer{Read: answer.Read, New: answer.New, Changed: answer.Changed, Unchanged: answer.Unchanged, Deleted: answer.Deleted}
	for _, r := range answer.Reads {
		kept.Reads = append(kept.Reads, posture.ReadRecord{Scope: r.Scope, Type: r.Type, Complete: r.Complete})
	}
	kept.Rejected, kept.Notices = problemsOf(answer.Rejected), problemsOf(answer.Notices)
	return a.tellImport(&kept, format, dryRun)
}

// misused marks what the command line asked of a server wrongly.
func misused(err error) error {
	var wrong *client.Error
	if errors.As(err, &wrong) && wrong.Status == http.StatusUnprocessableEntity {
		return usage(err)
	}
	return err
}

func problemsOf(rejected []server.Rejected) (all []inventory.Problem) {
	for _, r := range rejected {
		all = append(all, inventory.Problem{File: r.File, Line: r.Line, Reason: r.Reason, Unread: r.Unread})
	}
	return all
}

// send sends inputs as one import, packed: what one of them says of another counts.
func (a *app) send(ctx context.Context, on *client.Client, query url.Values, inputs []files.Input) (*server.ImportAnswer, error) {
	body, to := io.Pipe()
	parts := multipart.NewWriter(to)
	go func() {
		err := a.writeParts(parts, inputs)
		if err == nil {
			err = parts.Close()
		}
		to.CloseWithError(err)
	}()
	answer := &server.ImportAnswer{}
	err := on.Do(ctx, client.Request{Method: http.MethodPost, Path: "/api/v1/inventory", Query: query, Body: body, Type: "multipart/mixed; boundary=" + parts.Boundary()}, answer)
	_ = body.CloseWithError(err) // who writes stops
	return answer, err
}

func (a *app) writeParts(parts *multipart.Writer, inputs []files.Input) error {
	a.meter.begin()
	for i := range inputs {
		part, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {"attachment; filename=" + strconv.Quote(inputs[i].Path)}, "Content-Type": {"application/octet-stream"},
		})
		if err != nil {
			return err
		}
		if err := a.writePart(part, &inputs[i]); err != nil {
			return nothingImported(fmt.Errorf("%s: %w", inputs[i].Path, err))
		}
	}
	return a.writeUnread(parts)
}

// writeUnread tells of files that could not be opened, which may have had anything.
func (a *app) writeUnread(parts *multipart.Writer) error {
	for _, p := range a.unread {
		part, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {"attachment; filename=" + strconv.Quote(p.File)}, "Content-Type": {"text/plain; charset=utf-8"}, server.UnreadHeader: {"true"},
		})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, p.Reason); err != nil {
			return err
		}
	}
	return nil
}

// writePart sends what is packed as it is: of one that is cut off the server keeps what
// it can read, as an import without it does, and one of another form it refuses.
func (a *app) writePart(to io.Writer, in *files.Input) error {
	stored, err := in.Stored(a.reading)
	if err != nil {
		return err
	}
	defer stored.Close() // nothing was written
	from := bufio.NewReader(&metered{stored, a.meter.add})
	head, err := from.Peek(files.Sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !files.IsPlain(head) {
		_, err := io.Copy(to, from)
		return err
	}
	packed, err := zstd.NewWriter(to, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	_, err = io.Copy(packed, from)
	return errors.Join(err, packed.Close())
}

// metered tells how much is read.
type metered struct {
	io.Reader
	tell func(bytes int)
}

// Read implements [io.Reader].
func (m *metered) Read(to []byte) (int, error) {
	n, err := m.Reader.Read(to)
	m.tell(n)
	return n, err
}

// jobAsked is how often a server is asked how far an import is.
const jobAsked = time.Second

// tellSending shows how much is sent, and then how far the server is; the function
// that it gives ends that.
func (a *app) tellSending(ctx context.Context, on *client.Client, inputs []files.Input) (end func()) {
	if a.quiet {
		return func() {}
	}
	p := terminal.NewProgress(a.Err, a.device(a.Err), a.Now)
	total := int64(0)
	for _, in := range inputs {
		total += in.Size
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer p.Clear()
		for ask := time.NewTicker(jobAsked); ; {
			select {
			case <-ctx.Done():
				ask.Stop()
				return
			case <-ask.C:
			}
			a.tellServing(ctx, on, p, total)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// tellServing shows once how far an import is. That it cannot be told is no error.
func (a *app) tellServing(ctx context.Context, on *client.Client, p *terminal.Progress, total int64) {
	if sent := a.meter.done(); sent < total {
		p.Update("sending", terminal.Bytes, sent, total)
		return
	}
	var running server.Page[server.JobRow]
	query := url.Values{"kind": {"import"}, "state": {"running"}, "owner": {"me"}}
	if on.Do(ctx, client.Request{Path: "/api/v1/jobs", Query: query}, &running) != nil || len(running.Rows) == 0 {
		return
	}
	j := running.Rows[0]
	if j.Unit == "units" {
		p.Update("judging units", terminal.Items, j.Done, j.Total)
		return
	}
	p.Update("reading", terminal.Bytes, j.Done, j.Total)
}
