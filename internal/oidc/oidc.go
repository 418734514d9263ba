// Package oidc signs people in by a provider of OpenID Connect: the authorization
// code flow with PKCE, state and nonce. It keeps nothing but what providers say of
// themselves, for a while.
//
// Start with [Client]. Which providers there are, and what their groups give, is
// not its business: see internal/account and internal/signon.
package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/bartizan-dev/bartizan/internal/signon"
)

const (
	answerWithin = 15 * time.Second // of all requests of one step together
	longest      = 1 << 20          // of an answer, in bytes
	believed     = time.Hour        // how long what a provider says of itself is
	mostGroups   = 5000             // of one user
)

// Client speaks to providers. It may be used by many goroutines.
type Client struct {
	now  func() time.Time
	http *http.Client

	mu    sync.Mutex
	known map[string]known // by issuer
}

type known struct {
	provider *oidc.Provider
	until    time.Time
}

// New makes a client by a clock. Proxies are those of the environment, roots of
// trust those of the system.
func New(now func() time.Time) *Client {
	return &Client{now: now, known: map[string]known{}, http: &http.Client{
		Timeout:   answerWithin,
		Transport: bounded{http.DefaultTransport},
		// Nobody is sent to another address with a code or a secret.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// bounded cuts answers that are too long.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, longest), answer.Body}
	}
	return answer, err
}

// Check reads what an issuer says of itself, and says what is wrong with it for
// us. No error holds a text of the issuer: the address may be of something else.
func (c *Client) Check(ctx context.Context, issuer string) (signon.Discovery, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	address := strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
	fail := func(err error) (signon.Discovery, error) {
		return signon.Discovery{}, fmt.Errorf("reading %s: %w", address, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fail(err)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return fail(errors.Unwrap(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fail(fmt.Errorf("got %d %s, want a discovery document", answer.StatusCode, http.StatusText(answer.StatusCode)))
	}
	var said struct {
		Issuer        string   `json:"issuer"`
		Authorization string   `json:"authorization_endpoint"`
		Token         string   `json:"token_endpoint"`
		Keys          string   `json:"jwks_uri"`
		UserInfo      string   `json:"userinfo_endpoint"`
		Methods       []string `json:"code_challenge_methods_supported"`
		Types         []string `json:"response_types_supported"`
	}
	if json.NewDecoder(answer.Body).Decode(&said) != nil {
		return fail(errors.New("got no JSON, want a discovery document"))
	}
	if said.Issuer != issuer {
		return fail(fmt.Errorf("it is of another issuer; want one that says %q of itself, to the letter", issuer))
	}
	for what, endpoint := range map[string]string{"authorization_endpoint": said.Authorization, "token_endpoint": said.Token, "jwks_uri": said.Keys} {
		if signon.CheckEndpoint(endpoint) != nil {
			return fail(fmt.Errorf("%s: want an address with https", what))
		}
	}
	if said.Methods != nil && !slices.Contains(said.Methods, "S256") {
		return fail(errors.New("code_challenge_methods_supported: want S256"))
	}
	if said.Types != nil && !slices.Contains(said.Types, "code") {
		return fail(errors.New("response_types_supported: want code"))
	}
	return signon.Discovery{
		Issuer: said.Issuer, AuthorizationEndpoint: said.Authorization, TokenEndpoint: said.Token, KeysEndpoint: said.Keys, UserInfoEndpoint: said.UserInfo,
	}, nil
}

// provider gives one by its issuer, from memory if it was heard of lately.
func (c *Client) provider(ctx context.Context, issuer string) (*oidc.Provider, error) {
	c.mu.Lock()
	k, ok := c.known[issuer]
	c.mu.Unlock()
	if ok && c.now().Before(k.until) {
		return k.provider, nil
	}
	if _, err := c.Check(ctx, issuer); err != nil {
		return nil, err
	}
	p, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.known[issuer] = known{p, c.now().Add(believed)}
	c.mu.Unlock()
	return p, nil
}

func (c *Client) config(p signon.Provider, at *oidc.Provider, secret string, x signon.Exchange) *oauth2.Config {
	endpoint := at.Endpoint()
	if secret == "" {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: secret, Endpoint: endpoint, RedirectURL: x.Redirect, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...),
	}
}

// step bounds a step, and makes it use our way of asking.
func (c *Client) step(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(oidc.ClientContext(ctx, c.http), answerWithin)
}

// Address is where a browser goes to sign in.
func (c *Client) Address(ctx context.Context, p signon.Provider, x signon.Exchange) (string, error) {
	ctx, cancel := c.step(ctx)
	defer cancel()
	at, err := c.provider(ctx, p.Issuer)
	if err != nil {
		return "", err
	}
	return c.config(p, at, "", x).AuthCodeURL(x.State, oidc.Nonce(x.Nonce), oauth2.S256ChallengeOption(x.Verifier)), nil
}

// Identify changes a code for who somebody is. What the provider answers has to be
// of this sign-in, for this client, and of now.
func (c *Client) Identify(ctx context.Context, p signon.Provider, secret, code string, x signon.Exchange) (signon.Identity, error) {
	ctx, cancel := c.step(ctx)
	defer cancel()
	fail := func(doing string, err error) (signon.Identity, error) {
		return signon.Identity{}, fmt.Errorf("sign-on %s: %s: %w", p.Name, doing, err)
	}
	at, err := c.provider(ctx, p.Issuer)
	if err != nil {
		return fail("asking who it is", err)
	}
	tokens, err := c.config(p, at, secret, x).Exchange(ctx, code, oauth2.VerifierOption(x.Verifier))
	if err != nil {
		return fail("changing the code", err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	if raw == "" {
		return fail("changing the code", errors.New("the answer has no id_token"))
	}
	token, err := at.Verifier(&oidc.Config{ClientID: p.ClientID, Now: c.now}).Verify(ctx, raw)
	if err != nil {
		return fail("checking the ID token", err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(x.Nonce)) != 1 {
		return fail("checking the ID token", errors.New("its nonce is of another sign-in"))
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return fail("reading the ID token", err)
	}
	if party, ok := claims["azp"].(string); ok && party != p.ClientID {
		return fail("checking the ID token", fmt.Errorf("it was given to another client, %q", party))
	}
	if err := c.ask(ctx, p, at, tokens, token.Subject, claims); err != nil {
		return fail("asking about the user", err)
	}
	id, err := identity(p, token.Subject, claims)
	if err != nil {
		return fail("reading the claims", err)
	}
	return id, nil
}

// ask adds claims that the ID token lacks from what the provider says of the user.
func (c *Client) ask(ctx context.Context, p signon.Provider, at *oidc.Provider, tokens *oauth2.Token, subject string, claims map[string]any) error {
	_, groups := claims[p.GroupsClaim]
	_, name := claims[p.NameClaim]
	if groups && name || at.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := at.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return err
	}
	if info.Subject != subject {
		return errors.New("the answer is of somebody else")
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return err
	}
	for claim, value := range more {
		if _, there := claims[claim]; !there {
			claims[claim] = value
		}
	}
	return nil
}

// identity reads who it is.
func identity(p signon.Provider, subject string, claims map[string]any) (signon.Identity, error) {
	id := signon.Identity{Subject: subject, Name: subject}
	for _, claim := range []string{p.NameClaim, "email", "name"} {
		if name, _ := claims[claim].(string); strings.TrimSpace(name) != "" {
			id.Name = strings.TrimSpace(name)
			break
		}
	}
	switch groups := claims[p.GroupsClaim].(type) {
	case nil:
		elsewhere, _ := claims["_claim_names"].(map[string]any) // Entra leaves out what is too much
		_, id.GroupsUnknown = elsewhere[p.GroupsClaim]
	case string:
		id.Groups = []string{groups}
	case []any:
		for _, g := range groups {
			name, ok := g.(string)
			if !ok {
				return id, fmt.Errorf("claim %s: got %T in the list, want texts", p.GroupsClaim, g)
			}
			id.Groups = append(id.Groups, name)
		}
	default:
		return id, fmt.Errorf("claim %s: got %T, want a list of texts", p.GroupsClaim, groups)
	}
	if len(id.Groups) > mostGroups {
		return id, fmt.Errorf("claim %s: %d groups, want at most %d", p.GroupsClaim, len(id.Groups), mostGroups)
	}
	return id, nil
}
