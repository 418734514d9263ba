package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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
	told   *bytes.Buffer // standard error, once it has stopped
}

func startServing(t *testing.T, dir string, args ...string) *serving {
	t.Helper()
	return startServingBy(t, time.Now, dir, args...)
}

// startServingBy starts it with a clock.
func startServingBy(t *testing.T, now func() time.Time, dir string, args ...string) *serving {
	t.Helper()
	out, in := io.Pipe()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan int, 1)
	var told bytes.Buffer
	if !slices.Contains(args, "--listen") {
		args = append([]string{"--listen", "127.0.0.1:0"}, args...)
	}
	go func() {
		code := Run(ctx, Process{
			Args: append([]string{"serve", "--data", dir}, args...), In: strings.NewReader(""), Out: in, Err: &told,
			Getenv: func(string) string { return "" }, Now: now,
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
	s := &serving{t: t, lines: lines, client: &http.Client{Timeout: time.Minute}, told: &told}
	s.stop = func() int {
		cancel()
		return <-ended
	}
	first, ok := <-lines
	if !ok {
		cancel()
		t.Fatalf("serve ended with %d: %s", <-ended, told.String())
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
	querying(t, s, cookies)
	one := filepath.Join(t.TempDir(), "one.jsonl")
	if err := os.WriteFile(one, estate.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{
		"doctor":               "bartizan doctor has no --server form: stop that server first",
		"backup " + dir + "/b": "bartizan backup has no --server form",
		"serve":                "other commands ask it with --server URL",
		"import " + one + " --complete all --root own": "bartizan import " + one + " --complete=all --root=own --server URL\n",
		"admin user list --format json":                "bartizan admin user list --format=json --server URL\n",
		"query resources|count":                        "bartizan query 'resources|count' --server URL\n",
	} {
		var out, told bytes.Buffer
		args := append(strings.Fields(command), "--data", dir)
		code := Run(t.Context(), Process{Args: args, In: strings.NewReader(""), Out: &out, Err: &told, Getenv: func(string) string { return "" }, Now: time.Now})
		if code != 2 || !strings.Contains(told.String(), strings.ReplaceAll(want, "URL", s.url)) {
			t.Errorf("%s on the directory ended with %d: %s", command, code, told.String())
		}
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

// TestServe_stops_in_good_order: what is being answered when the server is told to
// stop has its answer, and nobody new comes in.
func TestServe_stops_in_good_order(t *testing.T) {
	s := startServing(t, t.TempDir())
	_, cookies := s.ask(http.MethodPost, "/api/v1/session/first-run", `{"link":"`+s.firstLink()+`","name":"anna","password":"correct horse battery"}`)
	body, rest := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api/v1/inventory", body)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(cookies[0])
	request.Header.Set("Expect", "100-continue") // so that a write comes back once the server reads
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Hour}}
	answered := make(chan string, 1)
	go func() {
		answer, err := client.Do(request)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		answered <- fmt.Sprint(answer.StatusCode, " ", string(text), " ", err)
	}()
	record := `{"id":"/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a","type":"Microsoft.Storage/storageAccounts","name":"a","location":"westeurope","properties":{}}`
	if _, err := io.WriteString(rest, record[:20]); err != nil {
		t.Fatal(err)
	}
	ended := make(chan int, 1)
	go func() { ended <- s.stop() }()
	for open := true; open; { // until the door is shut
		connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if open = err == nil; open {
			_ = connection.Close()
		}
	}
	_, err = io.WriteString(rest, record[20:]+"\n")
	if err := errors.Join(err, rest.Close()); err != nil {
		t.Error(err)
	}
	if text := <-answered; !strings.HasPrefix(text, "200 ") || !strings.Contains(text, `"new":1`) {
		t.Errorf("answer: %s", text)
	}
	if code := <-ended; code != 0 {
		t.Errorf("serve ended with %d", code)
	}
}

// TestMadeOnce: a certificate is made again when its time comes, by the clock that
// is handed in, and when the host is another.
func TestMadeOnce(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		host string
		now  time.Time
		same bool // as the one before
	}{
		{"first", "a.example", now, false},
		{"again", "a.example", now.AddDate(1, 0, 0), true},
		{"ends_tomorrow", "a.example", now.Add(certificateLife - 23*time.Hour), false},
		{"not_yet", "a.example", now, false},
		{"another_host", "b.example", now, false},
	}
	var before []byte
	for _, test := range tests {
		c, err := madeOnce(dir, test.host, test.now)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(before, leaf.Raw) != test.same || test.now.Before(leaf.NotBefore) || test.now.After(leaf.NotAfter) || leaf.VerifyHostname(test.host) != nil {
			t.Errorf("%s: same %v, from %s to %s", test.name, !test.same, leaf.NotBefore, leaf.NotAfter)
		}
		before = leaf.Raw
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
		if shown := fmt.Sprintf("SHA-256 %X", sha256.Sum256(answer.TLS.PeerCertificates[0].Raw)); !strings.HasSuffix(printed[len(printed)-1], shown) {
			t.Errorf("printed %q, the certificate has %s", printed[len(printed)-1], shown)
		}
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

// TestMadeFor: a certificate that was made names each host and address once.
func TestMadeFor(t *testing.T) {
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"", "localhost", own, "127.0.0.1", "::1", "192.0.2.1", "A.example"} {
		text, _, err := makeCertificate(host, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		made, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		met := map[string]bool{}
		for _, name := range made.DNSNames {
			if met[name] {
				t.Errorf("for %q: %s twice", host, name)
			}
			met[name] = true
		}
		for _, ip := range made.IPAddresses {
			if met[ip.String()] {
				t.Errorf("for %q: %s twice", host, ip)
			}
			met[ip.String()] = true
		}
		if host != "" && made.VerifyHostname(host) != nil {
			t.Errorf("for %q: %v %v", host, made.DNSNames, made.IPAddresses)
		}
	}
}
