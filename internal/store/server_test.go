//go:build unix

package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// server is a real PostgreSQL that the tests of this binary share.
type server struct {
	dir   string // of its files and its socket
	stop  func()
	admin *sql.DB

	mu   sync.Mutex
	made int // databases
}

// errNoServer says that there are no programs to start one with.
var errNoServer = errors.New("PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or PATH")

var (
	postgres = sync.OnceValues(func() (*server, error) {
		s, err := startServer()
		started = s
		return s, err
	})
	started *server
)

// newDatabase makes an empty database and gives its address.
func newDatabase(t testing.TB) string { return databaseLike(t, "template1") }

// databaseLike makes a database that is like another, which nobody may use
// meanwhile, and gives its address.
func databaseLike(t testing.TB, other string) string {
	t.Helper()
	s, err := postgres()
	if errors.Is(err, errNoServer) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.made++
	name := fmt.Sprintf("test%d", s.made)
	s.mu.Unlock()
	if _, err := s.admin.Exec("CREATE DATABASE " + name + " TEMPLATE " + other); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return s.address(name)
}

func (s *server) address(database string) string {
	return "postgres://postgres@/" + database + "?host=" + url.QueryEscape(s.dir)
}

// programs finds the folder of PostgreSQL's programs.
func programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.Sort(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	file, err := exec.LookPath("initdb")
	if err != nil {
		return "", errNoServer
	}
	if file, err = filepath.EvalSymlinks(file); err != nil {
		return "", err
	}
	return filepath.Dir(file), nil
}

func startServer() (*server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bartizan-postgres")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, stop: func() { _ = os.RemoveAll(dir) }}
	as, err := otherUser(dir)
	if err == nil {
		err = run(as, bin+"/initdb", "--pgdata="+dir+"/data", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	}
	if err == nil {
		err = s.serve(as, bin)
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// otherUser gives the files to an unprivileged user if the tests run as root,
// whom PostgreSQL refuses.
func otherUser(dir string) (*syscall.SysProcAttr, error) {
	attributes := endsWithUs()
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(dir, uid, gid)
}

func run(as *syscall.SysProcAttr, program string, args ...string) error {
	command := exec.Command(program, args...)
	command.Dir, command.SysProcAttr = "/", as
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// serve starts the server and waits until it says that it is ready. It loses
// nothing when a client is killed, which is all that tests do to it.
func (s *server) serve(as *syscall.SysProcAttr, bin string) error {
	command := exec.Command(bin+"/postgres", "-D", s.dir+"/data", "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "autovacuum=off")
	command.Dir, command.SysProcAttr = "/", as
	out, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.stop = func() {
		_ = command.Process.Signal(syscall.SIGQUIT)
		_ = command.Wait()
		_ = os.RemoveAll(s.dir)
	}
	var said strings.Builder
	lines := bufio.NewScanner(io.TeeReader(out, &said))
	for lines.Scan() {
		if strings.Contains(lines.Text(), "ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			config, err := pgx.ParseConfig(s.address("postgres"))
			if err != nil {
				return err
			}
			s.admin = stdlib.OpenDB(*config)
			return s.admin.PingContext(context.Background())
		}
	}
	return fmt.Errorf("PostgreSQL did not start:\n%s", said.String())
}

func TestMain(m *testing.M) {
	if task := os.Getenv("BARTIZAN_STORE_CHILD"); task != "" {
		child(task)
		return
	}
	flag.Parse()
	// A store is slow for a property test: a few batches do for every day.
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("25")
	}
	code := m.Run()
	if s := started; s != nil {
		s.stop()
	}
	os.Exit(code)
}
