package server

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestLog: every line that a request leads to has the id that the answer has, and
// none has parameters; health needs no database, readiness does.
func TestLog(t *testing.T) {
	r := newRunning(t)
	var logged bytes.Buffer
	o := r.server.Options
	o.Log = slog.New(slog.NewJSONHandler(&logged, nil))
	server, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(target string) (int, string) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		request.Host = "127.0.0.1:7410"
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, request)
		return answer.Code, answer.Header().Get("X-Request-Id")
	}
	status, _ := ask("/readyz")
	if status != http.StatusOK {
		t.Errorf("ready: %d", status)
	}
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	logged.Reset()
	status, id := ask("/readyz?password=hunter2")
	if status != http.StatusServiceUnavailable {
		t.Errorf("ready without a database: %d", status)
	}
	var messages []string
	for line := range strings.Lines(logged.String()) {
		var of struct {
			Level, Msg string
			RequestID  string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(line), &of); err != nil || of.RequestID != id || id == "" {
			t.Errorf("%q, the request's id is %q: %v", line, id, err)
		}
		messages = append(messages, of.Level+" "+of.Msg)
	}
	if got := strings.Join(messages, ", "); got != "ERROR not ready, INFO request" || strings.Contains(logged.String(), "hunter2") {
		t.Errorf("logged %s", logged.String())
	}
	if status, _ := ask("/healthz"); status != http.StatusOK {
		t.Errorf("health without a database: %d", status)
	}
}

// TestStop: a server that is to stop is not ready, and streams of events end.
func TestStop(t *testing.T) {
	r, owner := twoCompanies(t)
	heard := make(chan int, 1)
	go func() {
		status, _ := r.ask(http.MethodGet, "/api/v1/events", owner, "")
		heard <- status
	}()
	r.server.Stop()
	r.server.Stop() // twice does nothing
	if status := <-heard; status != http.StatusOK {
		t.Errorf("events: %d", status)
	}
	if status, _ := r.ask(http.MethodGet, "/readyz", "", ""); status != http.StatusServiceUnavailable {
		t.Errorf("ready: %d", status)
	}
	if status, _ := r.ask(http.MethodGet, "/healthz", "", ""); status != http.StatusOK {
		t.Errorf("health: %d", status)
	}
	r.server.Wait()
}

// TestRetention: the server gives up what is older than its retention.
func TestRetention(t *testing.T) {
	r, _ := twoCompanies(t)
	r.server.Retention = 24 * time.Hour
	r.now = r.now.AddDate(0, 0, 2)
	r.server.giveUpHistory(t.Context())
	oldest, err := r.store.Oldest(t.Context())
	if err != nil || oldest == 0 {
		t.Errorf("the oldest commit is %d, error %v", oldest, err)
	}
}
