package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that runs.
type process struct {
	cmd   *exec.Cmd
	url   string
	token string
	ready time.Duration // until it said that it listens
	err   bytes.Buffer
	http  http.Client
}

// serve starts a server on a data directory.
func serve(bin, dir string) (*process, error) {
	p := &process{cmd: exec.Command(bin, "serve", "--data", dir, "--listen", "127.0.0.1:0")}
	p.http.Transport = &http.Transport{MaxIdleConnsPerHost: 500}
	p.cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	p.cmd.Stderr = &p.err
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			p.url, p.ready = url, time.Since(began)
			go io.Copy(io.Discard, out)
			return p, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("the server does not listen: %s", p.err.String()), p.cmd.Wait())
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("stopping the server: %w: %s", err, p.err.String())
	}
	return nil
}

// peak is the most memory that the server has had, in bytes.
func (p *process) peak() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the system does not say how much memory the server had")
}

// owner makes somebody who may do everything, and gives a token of his.
func owner(bin, dir string) (string, error) {
	password := dir + ".password"
	if err := os.WriteFile(password, []byte("nobody guesses such a phrase\n"), 0o600); err != nil {
		return "", err
	}
	defer os.Remove(password)
	for _, args := range [][]string{
		{"user", "create", "bench", "--password-file", password},
		{"role", "create", "--principal", "bench", "--role", "owner", "--scope", "/"},
		{"token", "create", "--principal", "bench", "--role", "owner", "--scope", "/", "--expires", "30d"},
	} {
		u, err := start(2, bin, append(append([]string{"admin"}, args...), "--data", dir, "--format", "json")...)
		if err != nil {
			return "", err
		}
		var made struct{ Token string }
		if err := json.Unmarshal(u.stdout, &made); err == nil && made.Token != "" {
			return made.Token, nil
		}
	}
	return "", errors.New("no token was made")
}

func (p *process) get(path string) (time.Duration, error) {
	return p.do(http.MethodGet, path, nil)
}

// change posts one record, whose unit it says is there in part only.
func (p *process) change(line []byte) (time.Duration, error) {
	return p.do(http.MethodPost, "/api/v1/inventory", line)
}

func (p *process) do(method, path string, body []byte) (time.Duration, error) {
	r, err := http.NewRequest(method, p.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/x-ndjson")
	}
	began := time.Now()
	answer, err := p.http.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	took := time.Since(began)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %.300s", method, path, answer.Status, text)
	}
	return took, err
}

// https is the property that changes.
var https = regexp.MustCompile(`"supportsHttpsTrafficOnly": ?(true|false)`)

// accountOf gives the first storage account of an estate that has the property.
func accountOf(file string) ([]byte, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	for lines.Scan() {
		if https.Match(lines.Bytes()) {
			return bytes.Clone(lines.Bytes()), nil
		}
	}
	return nil, errors.Join(fmt.Errorf("%s has no storage account", file), lines.Err())
}
