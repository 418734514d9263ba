package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/contoso"
)

// serving is bartizan serve, running.
type serving struct {
	t   *testing.T
	url string

	lines  <-chan string // that it prints
	client *http.Client
	stop   func() int
}

func startServing(t *testing.T, dir string, args ...string) *serving {
	t.Helper()
	out, in := io.Pipe()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan int, 1)
	var errors bytes.Buffer
	go func() {
		code := Run(ctx, Process{
			Args: append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, args...), In: strings.NewReader(""), Out: in, Err: &errors,
			Getenv: func(string) string { return "" }, Now: time.Now,
		})
		_ = in.Close()
		ended <- code
	}()
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for printed := bufio.NewScanner(out); printed.Scan(); {
			lines <- printed.Text()
		}
	}()
	s := &serving{t: t, lines: lines, client: &http.Client{Timeout: time.Minute}}
	s.stop = func() int {
		cancel()
		return <-ended
	}
	first, ok := <-lines
	if !ok {
		cancel()
		t.Fatalf("serve ended with %d: %s", <-ended, errors.String())
	}
	s.url = strings.TrimPrefix(first, "listening on ")
	return s
}

// firstLink reads the link that is printed when nobody owns the server.
func (s *serving) firstLink() string {
	s.t.Helper()
	for line := range s.lines {
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "bzl_") {
			return text
		}
	}
	s.t.Fatal("no link of the first run")
	return ""
}

// ask gives the answer to a request and the cookies that came with it.
func (s *serving) ask(method, path, body string, cookies ...*http.Cookie) (map[string]any, []*http.Cookie) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for _, c := range cookies {
		request.AddCookie(c)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		s.t.Fatalf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
	var of map[string]any
	if err := json.Unmarshal(text, &of); err != nil {
		s.t.Fatal(err)
	}
	return of, answer.Cookies()
}

// TestServe: a server that is started, filled, stopped and started again tells the
// same, from the checkpoint that it left; its directory is its own meanwhile.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	s := startServing(t, dir)
	_, cookies := s.ask(http.MethodPost, "/api/v1/session/first-run", `{"link":"`+s.firstLink()+`","name":"anna","password":"correct horse battery"}`)
	var estate bytes.Buffer
	if err := contoso.Estate(&estate); err != nil {
		t.Fatal(err)
	}
	s.ask(http.MethodPost, "/api/v1/inventory", estate.String(), cookies...)
	commanding(t, s, cookies)
	before, _ := s.ask(http.MethodGet, "/api/v1/score", "", cookies...)
	var out, errors bytes.Buffer
	code := Run(t.Context(), Process{Args: []string{"doctor", "--data", dir}, Out: &out, Err: &errors, Getenv: func(string) string { return "" }, Now: time.Now})
	if code != 2 || !strings.Contains(errors.String(), s.url) {
		t.Errorf("another process on the directory ended with %d: %s", code, errors.String())
	}
	if code := s.stop(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	if _, err := os.Stat(filepath.Join(dir, checkpointFile)); err != nil {
		t.Error(err)
	}
	s = startServing(t, dir)
	after, _ := s.ask(http.MethodGet, "/api/v1/score", "", cookies...)
	if before["percent"] == nil || before["percent"] != after["percent"] {
		t.Errorf("score %v, before it was %v", after["percent"], before["percent"])
	}
	if code := s.stop(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
}

// TestServe_makes_a_certificate: on an address that others reach there is TLS, with
// a certificate whose fingerprint is printed and stays.
func TestServe_makes_a_certificate(t *testing.T) {
	dir := t.TempDir()
	var printed []string
	for range 2 {
		s := startServing(t, dir, "--listen", ":0")
		s.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the fingerprint is compared
		if !strings.HasPrefix(s.url, "https://") {
			t.Fatalf("listening on %s", s.url)
		}
		printed = append(printed, <-s.lines)
		port := s.url[strings.LastIndexByte(s.url, ':'):]
		answer, err := s.client.Get("https://127.0.0.1" + port + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("healthz: %d", answer.StatusCode)
		}
		if code := s.stop(); code != 0 {
			t.Errorf("serve ended with %d", code)
		}
	}
	if printed[0] != printed[1] || !strings.Contains(printed[0], "SHA-256 ") {
		t.Errorf("fingerprints: %q", printed)
	}
}
