// Package client speaks with a Bartizan server over its API: where it is, as whom
// one asks, by which certificate it is known, and what its errors say. It knows no
// noun of the API.
//
// Start with [New]; [Client.Do] asks for one document, [Client.Open] for a stream.
package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options say which server is asked, and as whom.
type Options struct {
	// Server is the address, such as https://posture.example.com:7410. Plain HTTP
	// is for this machine alone.
	Server string
	Token  string // "" for nobody
	// CA is the certificates, in PEM, of who signed the server's; nil for those that
	// the system trusts.
	CA []byte
	// Fingerprint is the SHA-256 of the server's certificate, in hexadecimal digits
	// with or without colons; with it nothing else of the certificate counts.
	Fingerprint string
	UserAgent   string
}

// Client asks one server. It may be used by many goroutines.
type Client struct {
	base    *url.URL
	options Options
	http    *http.Client
}

// How long a server may take to be reached. An answer may take as long as it does.
const (
	dialWithin      = 10 * time.Second
	handshakeWithin = 10 * time.Second
)

// New makes a client. Its errors say what of the options is not as it has to be.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(o.Server, "/"))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" || base.RawQuery != "" || base.User != nil {
		return nil, fmt.Errorf("server %q: want an address such as https://posture.example.com:7410", o.Server)
	}
	if base.Scheme == "http" && !isLoopback(base.Hostname()) {
		return nil, fmt.Errorf("server %q: plain HTTP would show the token to all on the way; want https://", o.Server)
	}
	config, err := o.tls()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialWithin}).DialContext, TLSHandshakeTimeout: handshakeWithin,
		TLSClientConfig: config, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute,
	}
	return &Client{base: base, options: o, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token is for this server
	}}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (o *Options) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CA != nil {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("the certificates of who signed the server's: none found, want PEM")
		}
	}
	if o.Fingerprint == "" {
		return config, nil
	}
	want, err := hex.DecodeString(strings.ReplaceAll(o.Fingerprint, ":", ""))
	if err != nil || len(want) != sha256.Size {
		return nil, fmt.Errorf("fingerprint %q: want the SHA-256 of the server's certificate, 64 hexadecimal digits", o.Fingerprint)
	}
	config.InsecureSkipVerify = true // the fingerprint is asked for instead
	config.VerifyConnection = func(s tls.ConnectionState) error {
		if got := sha256.Sum256(s.PeerCertificates[0].Raw); !bytes.Equal(got[:], want) {
			return fmt.Errorf("the server's certificate has the fingerprint %X, not the one that was given", got)
		}
		return nil
	}
	return config, nil
}

// Request is what is asked for.
type Request struct {
	Method string // "" for GET
	Path   string // from /, as it is sent: an id in it by url.PathEscape
	Query  url.Values
	// Body is sent as it is if it is an io.Reader, else as JSON; nil for none.
	Body   any
	Type   string // of a Body that is a reader
	Accept string // "" for JSON
}

// Do asks, and reads the answer's JSON into a value, unless that is nil.
func (c *Client) Do(ctx context.Context, r Request, answer any) error {
	body, err := c.Open(ctx, r)
	if err != nil {
		return err
	}
	defer body.Close()
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(body).Decode(answer); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", c.base, err)
	}
	return nil
}

// Open asks, and gives the body of an answer that is good. An answer that is not
// is an [*Error]. The context's end ends the body.
func (c *Client) Open(ctx context.Context, r Request) (io.ReadCloser, error) {
	request, err := c.request(ctx, r)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // the address is named once
		}
		return nil, fmt.Errorf("asking %s: %w", c.base, err)
	}
	if answer.StatusCode/100 == 2 {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	return nil, c.problem(answer)
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	body, isReader := r.Body.(io.Reader)
	kind := r.Type
	if r.Body != nil && !isReader {
		text, err := json.Marshal(r.Body)
		if err != nil {
			return nil, err
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	path, err := url.PathUnescape(r.Path)
	if err != nil {
		return nil, err
	}
	target := *c.base
	target.Path, target.RawPath = c.base.Path+path, c.base.EscapedPath()+r.Path
	target.RawQuery = r.Query.Encode()
	request, err := http.NewRequestWithContext(ctx, r.Method, target.String(), body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if r.Accept == "" {
		r.Accept = "application/json"
	}
	request.Header.Set("Accept", r.Accept)
	if c.options.UserAgent != "" {
		request.Header.Set("User-Agent", c.options.UserAgent)
	}
	if c.options.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.options.Token)
	}
	return request, nil
}
