package client_test

import (
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/client"
)

// echo answers with what it was asked; /problem is one, /away is elsewhere.
func echo(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/problem":
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"title":"Unprocessable","detail":"it is not","errors":[{"message":"want less","location":"body.x"},{"message":"want more"}],"more":1}`)
	case "/plain":
		http.Error(w, "no JSON", http.StatusBadGateway)
	case "/away":
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	default:
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode([]string{r.Method, r.URL.String(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.Header.Get("Accept"), string(body)})
	}
}

func TestClient(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(echo))
	defer s.Close()
	c, err := client.New(client.Options{Server: s.URL + "/", Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		ask  client.Request
		want string // of the answer, or of its error
	}{
		"get":     {client.Request{Path: "/a", Query: url.Values{"id": {"x/y &"}}}, `[GET /a?id=x%2Fy+%26 Bearer secret  application/json ]`},
		"id":      {client.Request{Path: "/a/" + url.PathEscape("x/y A% ?#\u00e9")}, `[GET /a/x%2Fy%20A%25%20%3F%23%C3%A9 Bearer secret  application/json ]`},
		"json":    {client.Request{Method: "POST", Path: "/a", Body: map[string]int{"x": 1}, Accept: "x/y"}, `[POST /a Bearer secret application/json x/y {"x":1}]`},
		"reader":  {client.Request{Method: "POST", Path: "/a", Body: strings.NewReader("text"), Type: "text/plain"}, `[POST /a Bearer secret text/plain application/json text]`},
		"problem": {client.Request{Path: "/problem"}, "422: it is not\nbody.x: want less\nwant more"},
		"plain":   {client.Request{Path: "/plain"}, "502: the server answers 502 Bad Gateway"},
		"away":    {client.Request{Path: "/away"}, "302: it sends to another address, https://elsewhere.example/; ask there"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var answer []string
			err := c.Do(t.Context(), test.ask, &answer)
			got := fmt.Sprint(answer)
			var wrong *client.Error
			if errors.As(err, &wrong) {
				got = fmt.Sprintf("%d: %s", wrong.Status, wrong)
			}
			if got != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

// TestClient_behind: a server that a proxy shows beneath a path is asked there.
func TestClient_behind(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(echo))
	defer s.Close()
	c, err := client.New(client.Options{Server: s.URL + "/my%2Fown/bartizan/"})
	if err != nil {
		t.Fatal(err)
	}
	var answer []string
	if err := c.Do(t.Context(), client.Request{Path: "/a/x%2Fy"}, &answer); err != nil || answer[1] != "/my%2Fown/bartizan/a/x%2Fy" {
		t.Errorf("asked for %q, %v", answer, err)
	}
}

// TestCertificates: a server is believed by who signed its certificate, or by its
// fingerprint, and otherwise not.
func TestCertificates(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(echo))
	defer s.Close()
	signed := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	fingerprint := fmt.Sprintf("%X", sha256.Sum256(s.Certificate().Raw))
	tests := map[string]struct {
		options client.Options
		want    string // in the error; "" for none
	}{
		"unknown":            {client.Options{}, "certificate"},
		"signed":             {client.Options{CA: signed}, ""},
		"fingerprint":        {client.Options{Fingerprint: strings.ToLower(fingerprint)}, ""},
		"another":            {client.Options{Fingerprint: strings.Repeat("0", 64)}, "has the fingerprint " + fingerprint},
		"another_and_signed": {client.Options{Fingerprint: strings.Repeat("0", 64), CA: signed}, "has the fingerprint"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.options.Server = s.URL
			c, err := client.New(test.options)
			if err != nil {
				t.Fatal(err)
			}
			err = c.Do(t.Context(), client.Request{Path: "/"}, nil)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestNew_refuses(t *testing.T) {
	tests := map[string]client.Options{
		"want an address":    {Server: "posture.example.com"},
		"with a secret":      {Server: "https://me:secret@posture.example.com"},
		"want https://":      {Server: "http://posture.example.com"},
		"64 hexadecimal":     {Server: "https://posture.example.com", Fingerprint: "AB:CD"},
		"none found, want P": {Server: "https://posture.example.com", CA: []byte("x")},
	}
	for want, o := range tests {
		if want == "with a secret" {
			want = "want an address"
		}
		if _, err := client.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %s", o, err, want)
		}
	}
}
