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
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/server"
	"github.com/bartizan-dev/bartizan/internal/store"
)

const (
	checkpointFile = "posture.index" // in a data directory
	// stopWithin is how long requests that are being answered have when the server
	// is told to stop.
	stopWithin = 20 * time.Second
	// signInsRemembered is of how many names and addresses attempts are counted.
	signInsRemembered = 10_000
)

// serveFlags are those of bartizan serve.
type serveFlags struct {
	database          databaseFlags
	listen, cert, key string
	behindProxy       bool
	publicURL         string
	fingerprint       string // of a certificate that was made
}

func (a *app) serveCommand() *cobra.Command {
	f := serveFlags{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer over HTTP what is kept",
		Long: `Serves the API under /api/v1 and prints where it listens. The first user comes in
by a link that is printed once; others are made by him, or by bartizan admin.

On an address of this machine alone plain HTTP is spoken. On any other it is TLS,
with your certificate or one that is made and whose fingerprint is printed, unless
a proxy in front does that (--behind-proxy).

One process owns a data directory. Any number may serve one PostgreSQL database.`,
		Example: `  bartizan serve
  bartizan serve --data /var/lib/bartizan --listen :7410 --tls-cert cert.pem --tls-key key.pem
  bartizan serve --database postgres://bartizan@db/bartizan --listen :7410 --behind-proxy --public-url https://posture.example.com`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return usage(err)
			}
			return a.serve(cmd.Context(), &f)
		},
	}
	f.database.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:7410", "address and port; port 0 is any that is free")
	flags.StringVar(&f.cert, "tls-cert", "", "file with the certificate, and those of who signed it")
	flags.StringVar(&f.key, "tls-key", "", "file with the certificate's key")
	flags.BoolVar(&f.behindProxy, "behind-proxy", false, "a proxy in front speaks TLS and says who asks (X-Forwarded-For)")
	flags.StringVar(&f.publicURL, "public-url", "", "address at which people reach the server; only its host is answered")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	cmd.MarkFlagsMutuallyExclusive("behind-proxy", "tls-cert")
	wantValue(cmd, "an address such as 127.0.0.1:7410", "listen")
	wantValue(cmd, "the name of a file", "tls-cert", "tls-key")
	wantValue(cmd, "an address such as https://posture.example.com", "public-url")
	return cmd
}

func (f *serveFlags) check() error {
	var wrong problemList
	if _, _, err := net.SplitHostPort(f.listen); err != nil {
		wrong.add(fmt.Errorf("--listen %s: want ADDRESS:PORT, such as 127.0.0.1:7410", f.listen))
	}
	if f.publicURL != "" {
		if u, err := url.Parse(f.publicURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			wrong.add(fmt.Errorf("--public-url %s: want an address such as https://posture.example.com", f.publicURL))
		}
	}
	if f.behindProxy && f.publicURL == "" {
		wrong.add(errors.New("--behind-proxy: --public-url has to say at which address the proxy is reached"))
	}
	return wrong.err()
}

// serve runs until it is told to stop.
func (a *app) serve(ctx context.Context, f *serveFlags) (err error) {
	ctx, stop := signal.NotifyContext(ctx, StopSignals()...)
	defer stop()
	s, place, err := f.database.open(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	log := slog.New(slog.NewJSONHandler(a.Err, nil))
	back, err := a.behind(ctx, s, place, log)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", f.listen, err)
	}
	front, base, err := f.front(listener, place.Dir)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	o := server.Options{
		Store: s, Follower: back.follower, Accounts: back.accounts, Catalog: back.catalog, Estate: back.estate, Version: thisVersion().Version,
		Now: a.Now, Log: log, Hosts: f.hosts(listener), Secure: base.Scheme == "https", BehindProxy: f.behindProxy,
	}
	handler, err := server.New(o)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := s.Announce(base.String()); err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := a.greet(ctx, base, f.fingerprint, back.accounts); err != nil {
		return errors.Join(err, listener.Close())
	}
	err = answerRequests(ctx, front, handler, back.follower)
	if place.Dir != "" && err == nil {
		err = errors.Join(keepKnown(context.WithoutCancel(ctx), place, back.estate), keepCheckpoint(context.WithoutCancel(ctx), filepath.Join(place.Dir, checkpointFile), back.follower))
	}
	return err
}

// backend is what a server stands on.
type backend struct {
	catalog  *catalog.Catalog
	estate   *estate.Estate
	follower *follow.Follower
	accounts *account.Accounts
}

func (a *app) behind(ctx context.Context, s *store.Store, place store.Options, log *slog.Logger) (*backend, error) {
	key, err := sealingKey(a, place)
	if err != nil {
		return nil, err
	}
	b := &backend{}
	if b.catalog, err = catalog.Load(); err != nil {
		return nil, err
	}
	note := func(text string) { log.Warn(text) }
	known, err := readIfThere(place, knownFile)
	if err != nil {
		return nil, fmt.Errorf("reading what is known of resources: %w", err)
	}
	if b.estate, err = estate.Open(ctx, s, estate.Options{Catalog: b.catalog, Key: key, Now: a.Now, Known: known, Note: note}); err != nil {
		return nil, err
	}
	if err := b.estate.Rejudge(ctx, func(done, total int64) {
		log.Info("judging by another catalogue", "done", done, "units", total)
	}); err != nil {
		return nil, err
	}
	o := follow.Options{
		Content: b.estate.Judges().Content, ContentID: b.estate.Judges().ID(), Now: a.Now, Note: note,
		Layings: govern.Layings,
	}
	if o.Checkpoint, err = readIfThere(place, checkpointFile); err != nil {
		return nil, fmt.Errorf("reading the checkpoint of the posture index: %w", err)
	}
	if b.follower, err = follow.Open(ctx, s, o); err != nil {
		return nil, err
	}
	b.accounts = account.New(account.Options{
		Store: s, Passwords: access.NewPasswords(rand.Reader, max(1, runtime.GOMAXPROCS(0)-1)), Limiter: access.NewLimiter(signInsRemembered),
		Random: rand.Reader, Now: a.Now,
	})
	return b, nil
}

// front puts TLS before a listener that others than this machine reach, and says
// at which address the server is.
func (f *serveFlags) front(listener net.Listener, dir string) (net.Listener, *url.URL, error) {
	base := &url.URL{Scheme: "http", Host: reachable(listener.Addr())}
	if f.publicURL != "" {
		public, err := url.Parse(f.publicURL)
		if err != nil {
			return nil, nil, err
		}
		if f.behindProxy {
			return listener, public, nil
		}
		base.Host = public.Host
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if ok && address.IP.IsLoopback() && f.cert == "" {
		return listener, base, nil
	}
	base.Scheme = "https"
	certificate, err := f.certificate(dir, base.Hostname())
	if err != nil {
		return nil, nil, err
	}
	return tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}), base, nil
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
func (f *serveFlags) hosts(listener net.Listener) []string {
	if f.publicURL != "" {
		if u, err := url.Parse(f.publicURL); err == nil {
			return []string{u.Hostname()}
		}
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok || address.IP.IsLoopback() {
		return nil
	}
	hosts := []string{"localhost", "127.0.0.1", "::1", address.IP.String()}
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
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
func (a *app) greet(ctx context.Context, base *url.URL, fingerprint string, accounts *account.Accounts) error {
	fmt.Fprintf(a.Out, "listening on %s\n", base)
	if fingerprint != "" {
		fmt.Fprintf(a.Out, "its certificate was made here; SHA-256 %s\n", fingerprint)
	}
	link, needed, err := accounts.FirstRun(ctx)
	if err != nil || !needed {
		return err
	}
	fmt.Fprintf(a.Out, `nobody owns this server yet. Whoever has this link may, once:
  %s
  curl %s/api/v1/session/first-run --json '{"link": "LINK", "name": "YOU", "password": "…"}'
`, link.Reveal(), base)
	return nil
}

// answerRequests serves until the context ends, then lets what is being answered end.
func answerRequests(ctx context.Context, listener net.Listener, handler *server.Server, follower *follow.Follower) error {
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 3)
	go func() { ended <- follower.Run(work) }()
	go func() { ended <- handler.RunClock(work) }()
	h := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return work },
	}
	go func() { ended <- h.Serve(listener) }()
	err := error(nil)
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	within, done := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer done()
	cancel() // streams of events end
	if stopped := h.Shutdown(within); stopped != nil {
		err = errors.Join(err, h.Close())
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
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
