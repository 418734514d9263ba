package server

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/bartizan-dev/bartizan/internal/signon"
)

const (
	providerClient = "bartizan"
	providerSecret = "a secret of the client"
	providerUser   = "test-user2"
)

// provider is a real provider of OpenID Connect, with the faults that one may have.
type provider struct {
	*storage.Storage
	issuer string

	groups   any    // claim; nil for none
	ask      bool   // the claim is not in the ID token, but where one asks about the user
	nonce    string // in the place of the one that was asked for
	client   string // that tokens are for, in the place of the one that asked
	life     time.Duration
	key      *rsa.PrivateKey
	keyID    string
	forger   *rsa.PrivateKey // signs in the place of key; nil for nobody
	denies   bool
	exchange int // codes that were changed
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	p := &provider{issuer: "http://" + listening.Listener.Addr().String(), life: time.Hour}
	p.Storage = storage.NewStorageWithClients(storage.NewUserStore(p.issuer), map[string]*storage.Client{
		providerClient: storage.WebClient(providerClient, providerSecret, "http://127.0.0.1:7410/api/v1/sign-on/test/call-back"),
	})
	p.rotate(t, "first")
	config := &op.Config{CodeMethodS256: true, AuthMethodPost: true, CryptoKey: [32]byte{1}}
	handler, err := op.NewProvider(config, p, op.StaticIssuer(p.issuer), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	listening.Config.Handler = handler
	listening.Start()
	t.Cleanup(listening.Close)
	return p
}

// rotate replaces the key that signs.
func (p *provider) rotate(t *testing.T, id string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p.key, p.keyID = key, id
}

// settings are those of the provider.
func (p *provider) settings() signon.Provider {
	return signon.Provider{Name: "test", Issuer: p.issuer, ClientID: providerClient}.WithDefaults()
}

type (
	signingKey  struct{ *provider }
	publicKey   struct{ *provider }
	otherClient struct {
		op.Client
		p *provider
	}
	otherRequest struct {
		*storage.AuthRequest
		p *provider
	}
)

func (k signingKey) ID() string                                  { return k.keyID }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

func (k signingKey) Key() any {
	if k.forger != nil {
		return k.forger
	}
	return k.key
}

func (k publicKey) ID() string                         { return k.keyID }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return &k.key.PublicKey }

func (c otherClient) IDTokenLifetime() time.Duration { return c.p.life }

func (c otherClient) GetID() string {
	if c.p.client != "" {
		return c.p.client
	}
	return c.Client.GetID()
}

func (r otherRequest) GetClientID() string {
	if r.p.client != "" {
		return r.p.client
	}
	return r.AuthRequest.GetClientID()
}

func (r otherRequest) GetAudience() []string { return []string{r.GetClientID()} }

func (r otherRequest) GetNonce() string {
	if r.p.nonce != "" {
		return r.p.nonce
	}
	return r.AuthRequest.GetNonce()
}

// SigningKey implements op.Storage, as the methods below do.
func (p *provider) SigningKey(context.Context) (op.SigningKey, error) { return signingKey{p}, nil }

func (p *provider) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{p}}, nil }

func (p *provider) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := p.Storage.GetClientByClientID(ctx, id)
	return otherClient{c, p}, err
}

func (p *provider) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	r, err := p.Storage.AuthRequestByCode(ctx, code)
	if err != nil {
		return nil, err
	}
	p.exchange++
	return otherRequest{r.(*storage.AuthRequest), p}, nil
}

func (p *provider) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, token op.IDTokenRequest, scopes []string) error {
	err := p.Storage.SetUserinfoFromRequest(ctx, info, token, scopes)
	if err == nil && p.groups != nil && !p.ask {
		info.AppendClaims("groups", p.groups)
	}
	return err
}

func (p *provider) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, id, subject, origin string) error {
	err := p.Storage.SetUserinfoFromToken(ctx, info, id, subject, origin)
	if err == nil && p.groups != nil && p.ask {
		info.AppendClaims("groups", p.groups)
	}
	return err
}

// signsIn is what a browser does at the provider, and gives the address that it is
// sent back to.
func (p *provider) signsIn(t testing.TB, address string) *url.URL {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	goTo := func(address string) *url.URL {
		answer, err := browser.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		next, err := answer.Location()
		if err != nil {
			t.Fatalf("GET %s: %d, %v", address, answer.StatusCode, err)
		}
		return next
	}
	id := goTo(address).Query().Get("authRequestID")
	if p.denies {
		return goTo(address + "&prompt=none")
	}
	if err := p.CheckUsernamePassword(providerUser, "verysecure", id); err != nil {
		t.Fatal(err)
	}
	return goTo(p.issuer + "/authorize/callback?id=" + url.QueryEscape(id))
}
