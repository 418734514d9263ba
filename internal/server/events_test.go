package server

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestEvents: each event is with who listens at once, whatever packing is taken.
func TestEvents(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	served := httptest.NewServer(r.server)
	defer served.Close()
	defer r.server.Stop()                                      // or streams keep it from closing
	ctx, stop := context.WithTimeout(t.Context(), time.Minute) // only so that a server which sends nothing fails
	defer stop()
	var heard []*bufio.Reader
	packings := []string{"identity", "gzip", "zstd", "gzip, zstd"}
	for _, packing := range packings {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, served.URL+"/api/v1/events", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+owner)
		request.Header.Set("Accept-Encoding", packing)
		answer, err := served.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" || answer.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %s, packed %q", packing, kind, answer.Header.Get("Content-Encoding"))
		}
		lines := bufio.NewReader(answer.Body)
		if line, err := lines.ReadString('\n'); line != ": listening\n" {
			t.Fatalf("%s: began with %q, error %v", packing, line, err)
		}
		heard = append(heard, lines)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory", owner, bucket); status != http.StatusOK {
		t.Fatalf("import: %d %s", status, text)
	}
	for i, lines := range heard {
		line := ""
		for !strings.HasPrefix(line, "data: ") {
			var err error
			if line, err = lines.ReadString('\n'); err != nil {
				t.Fatalf("%s: no event: %v", packings[i], err)
			}
		}
		if !strings.Contains(line, `"rows":1`) {
			t.Errorf("%s: %s", packings[i], line)
		}
	}
}

// bucket is an inventory of one resource.
const bucket = `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`
