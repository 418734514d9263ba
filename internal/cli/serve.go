package cli

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/oidc"
	"github.com/bartizan-dev/bartizan/internal/server"
	"github.com/bartizan-dev/bartizan/internal/settings"
	"github.com/bartizan-dev/bartizan/internal/store"
)

const (
	checkpointFile = store.CheckpointFile // in a data directory
	// signInsRemembered is of how many names and addresses attempts are counted.
	signInsRemembered = 10_000
)

func (a *app) serveCommand() *cobra.Command {
	var f databaseFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer over HTTP what is kept",
		Long: `Serves the API under /api/v1 and prints where it listens. The first user comes in
by a link that is printed once; others are made by him, or by bartizan admin.

On an address of this machine alone plain HTTP is spoken. On any other it is TLS,
with your certificate or one that is made and whose fingerprint is printed, unless
a proxy in front does that (--behind-proxy).

What the flags say, a file may say (--config), or variables of the environment:
bartizan config show tells what counts and where it comes from.

One process owns a data directory. Any number may serve one PostgreSQL database.`,
		Example: `  bartizan serve
  bartizan serve --data /var/lib/bartizan --listen :7410 --tls-cert cert.pem --tls-key key.pem
  bartizan serve --database postgres://bartizan@db/bartizan --listen :7410 --behind-proxy --public-url https://posture.example.com`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.load(a)
			if err != nil {
				return err
			}
			if err := s.CheckServing().Err(); err != nil {
				return usage(err)
			}
			return a.serve(cmd.Context(), s)
		},
	}
	f.registerWith(cmd, func(settings.Setting) bool { return true })
	return cmd
}

// serve runs until it is told to stop.
func (a *app) serve(ctx context.Context, set *settings.Settings) (err error) {
	ctx, stop := signal.NotifyContext(ctx, StopSignals()...)
	defer stop()
	s, err := a.openStore(ctx, set)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	log := slog.New(slog.NewJSONHandler(a.Err, &slog.HandlerOptions{Level: logLevel(set.LogLevel)}))
	back, err := a.behind(ctx, s, set, log)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", set.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", set.Listen, err)
	}
	door, err := a.door(listener, set)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	o := server.Options{
		Store: s, Follower: back.follower, Accounts: back.accounts, Catalog: back.catalog, Estate: back.estate, Version: thisVersion().Version,
		Now: a.Now, Log: log, Hosts: hosts(set, listener), Secure: door.base.Scheme == "https", BehindProxy: set.BehindProxy,
		PublicURL: set.PublicURL, Retention: set.Retention, SignOn: oidc.New(a.Now), Unpack: files.Unpack,
	}
	handler, err := server.New(o)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := errors.Join(handler.SettleJobs(context.WithoutCancel(ctx)), s.Announce(door.base.String())); err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := a.greet(context.WithoutCancel(ctx), door, back.accounts); err != nil { // who stops it now still stops it in order
		return errors.Join(err, listener.Close())
	}
	err = answerRequests(ctx, door.listener, handler, back.follower, set.StopWithin)
	if set.Data != "" && err == nil {
		apart := context.WithoutCancel(ctx)
		err = errors.Join(keepKnown(apart, set.Data, back.estate), keepCheckpoint(apart, filepath.Join(set.Data, checkpointFile), back.follower))
	}
	return err
}

// logLevel is the one that a word of the settings names.
func logLevel(word string) (level slog.Level) {
	_ = level.UnmarshalText([]byte(word)) // the settings take no other words
	return level
}

// backend is what a server stands on.
type backend struct {
	catalog  *catalog.Catalog
	estate   *estate.Estate
	follower *follow.Follower
	accounts *account.Accounts
}

func (a *app) behind(ctx context.Context, s *store.Store, set *settings.Settings, log *slog.Logger) (*backend, error) {
	ring, err := a.sealingKeys(set)
	if err != nil {
		return nil, err
	}
	var checkpoint *follow.Checkpoint
	var reading errgroup.Group // while the estate is opened
	content := make(chan string, 1)
	defer close(content)
	reading.Go(func() error {
		file, err := readIfThere(set.Data, checkpointFile)
		if id, known := <-content; known && file != nil {
			checkpoint = follow.ReadCheckpoint(file, id)
		}
		return err
	})
	b := &backend{}
	if b.catalog, err = catalog.Load(); err != nil {
		return nil, err
	}
	judges, err := estate.NewJudges(b.catalog)
	if err != nil {
		return nil, err
	}
	content <- judges.ID()
	note := func(text string) { log.Warn(text) }
	known, err := readIfThere(set.Data, knownFile)
	if err != nil {
		return nil, fmt.Errorf("reading what is known of resources: %w", err)
	}
	if b.estate, err = estate.Open(ctx, s, estate.Options{Catalog: b.catalog, Judges: judges, Key: ring.Oldest(), Now: a.Now, Known: known, Note: note, Scratch: newEstateScratch}); err != nil {
		return nil, err
	}
	if err := server.RejudgeAsJob(ctx, s, a.Now, "the catalogue of "+thisVersion().Version, func(progress func(done, total int64)) error {
		return b.estate.Rejudge(ctx, func(done, total int64) {
			log.Info("judging by another catalogue", "done", done, "units", total)
			progress(done, total)
		})
	}); err != nil {
		return nil, err
	}
	if err := reading.Wait(); err != nil {
		return nil, fmt.Errorf("reading the checkpoint of the posture index: %w", err)
	}
	o := follow.Options{
		Content: judges.Content, ContentID: judges.ID(), Now: a.Now, Note: note,
		Layings: govern.Layings, Checkpoint: checkpoint,
	}
	if b.follower, err = follow.Open(ctx, s, o); err != nil {
		return nil, err
	}
	b.accounts = account.New(account.Options{
		Store: s, Passwords: access.NewPasswords(rand.Reader, max(1, runtime.GOMAXPROCS(0)-1)), Limiter: access.NewLimiter(signInsRemembered),
		Random: rand.Reader, Now: a.Now, SessionLife: set.SessionLife, SessionIdle: set.SessionIdle,
		Seal: ring, Configured: a.configured(set),
	})
	unopened, err := b.accounts.Unopened(ctx)
	if err != nil {
		return nil, err
	}
	for _, wrong := range unopened {
		log.WarnContext(ctx, "a secret of the server cannot be opened; all that does not need it works", "error", wrong)
	}
	return b, nil
}

// configured are the sign-ins elsewhere of the settings. Their secrets are read
// when they are wanted, so that a file may change, or be missing meanwhile.
func (a *app) configured(set *settings.Settings) []account.Provider {
	var all []account.Provider
	for _, p := range set.SignOn {
		var secret func() (string, error)
		if p.Secret.Given() {
			secret = func() (string, error) { return p.Secret.Read(openFile, a.Getenv) }
		}
		all = append(all, account.ConfiguredProvider(p.Provider, secret))
	}
	return all
}

func openFile(name string) (io.ReadCloser, error) { return os.Open(name) }

// door is where a server is reached.
type door struct {
	listener    net.Listener
	base        *url.URL
	fingerprint string // of a certificate that was made, "" for none
}

// door puts TLS before a listener that others than this machine reach, and says
// at which address the server is.
func (a *app) door(listener net.Listener, set *settings.Settings) (*door, error) {
	d := &door{listener: listener, base: &url.URL{Scheme: "http", Host: reachable(listener.Addr())}}
	if set.PublicURL != "" {
		public, err := url.Parse(set.PublicURL)
		if err != nil {
			return nil, err
		}
		if set.BehindProxy {
			d.base = &url.URL{Scheme: public.Scheme, Host: public.Host}
			return d, nil
		}
		d.base.Host = public.Host
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if ok && address.IP.IsLoopback() && set.TLSCert == "" {
		return d, nil
	}
	d.base.Scheme = "https"
	c, fingerprint, err := certificate(set, d.base.Hostname(), a.Now())
	if err != nil {
		return nil, err
	}
	d.fingerprint = fingerprint
	d.listener = tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{c}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	})
	return d, nil
}

// reachable is an address by which others reach a listener.
func reachable(a net.Addr) string {
	address, ok := a.(*net.TCPAddr)
	if !ok || !address.IP.IsUnspecified() {
		return a.String()
	}
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return net.JoinHostPort(name, strconv.Itoa(address.Port))
}

// hosts are the values of the Host header that are answered; nil for those of
// this machine's loopback.
func hosts(set *settings.Settings, listener net.Listener) []string {
	var more []string
	for _, h := range set.Hosts {
		more = append(more, strings.ToLower(h))
	}
	if set.PublicURL != "" {
		if u, err := url.Parse(set.PublicURL); err == nil {
			return append(more, strings.ToLower(u.Hostname()))
		}
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	local := !ok || address.IP.IsLoopback()
	if local && more == nil {
		return nil
	}
	hosts := append(more, "localhost", "127.0.0.1", "::1")
	if local {
		return hosts
	}
	hosts = append(hosts, address.IP.String())
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, strings.ToLower(name))
	}
	addresses, _ := net.InterfaceAddrs()
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			hosts = append(hosts, n.IP.String())
		}
	}
	return hosts
}

// greet prints where the server is, and how the first user comes in.
func (a *app) greet(ctx context.Context, d *door, accounts *account.Accounts) error {
	fmt.Fprintf(a.Out, "listening on %s\n", d.base)
	if d.fingerprint != "" {
		fmt.Fprintf(a.Out, "its certificate was made here; SHA-256 %s\n", d.fingerprint)
	}
	link, needed, err := accounts.FirstRun(ctx)
	if err != nil || !needed {
		return err
	}
	fmt.Fprintf(a.Out, `nobody owns this server yet. Whoever has this link may, once:
  %s
  curl %s/api/v1/session/first-run --json '{"link": "LINK", "name": "YOU", "password": "…"}'
`, link.Reveal(), d.base)
	return nil
}

// answerRequests serves until the context ends, then lets what is being answered
// end, for a while. It returns once nothing of it runs any more.
func answerRequests(ctx context.Context, listener net.Listener, handler *server.Server, follower *follow.Follower, stopWithin time.Duration) error {
	apart := context.WithoutCancel(ctx)
	work, endWork := context.WithCancel(apart)
	answering, endAnswers := context.WithCancel(apart)
	defer endAnswers()
	h := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return answering },
		ErrorLog:    slog.NewLogLogger(handler.Log.Handler(), slog.LevelWarn),
	}
	tasks := []func() error{
		func() error { return follower.Run(work) }, func() error { return handler.RunClock(work) }, func() error { return handler.RunRetention(work) },
		func() error { return handler.RunJobs(work) },
		func() error { return h.Serve(listener) },
	}
	ended := make(chan error, len(tasks))
	for _, task := range tasks {
		go func() { ended <- task() }()
	}
	var wrong []error
	select {
	case <-ctx.Done():
	case err := <-ended:
		tasks, wrong = tasks[1:], append(wrong, err)
	}
	handler.Stop()
	within, done := context.WithTimeout(apart, stopWithin)
	defer done()
	if h.Shutdown(within) != nil {
		endAnswers() // they had their time
		wrong = append(wrong, h.Close())
	}
	handler.Wait()
	endWork()
	for range tasks {
		wrong = append(wrong, <-ended)
	}
	return errors.Join(slices.DeleteFunc(wrong, func(err error) bool { return errors.Is(err, http.ErrServerClosed) })...)
}

// keepCheckpoint writes the posture index beside the database, whole or not at
// all.
func keepCheckpoint(ctx context.Context, path string, follower *follow.Follower) error {
	err := writeWhole(path, func(w io.Writer) error { return follower.WriteCheckpoint(ctx, w) })
	if err != nil {
		return fmt.Errorf("writing the checkpoint of the posture index: %w", err)
	}
	return nil
}
