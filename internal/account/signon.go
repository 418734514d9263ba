package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/signon"
)

// Provider is a sign-in elsewhere, set up by the server's settings or over the API.
type Provider struct {
	signon.Provider
	Configured bool // by the settings: the API does not change it
	HasSecret  bool
	secret     func() (string, error) // of Configured
}

// ConfiguredProvider is one of the server's settings. secret reads its client's
// secret when it is wanted; nil for none.
func ConfiguredProvider(p signon.Provider, secret func() (string, error)) Provider {
	return Provider{Provider: p, Configured: true, HasSecret: secret != nil, secret: secret}
}

// signOnPrefix begins the names of settings that are sign-ins elsewhere.
const signOnPrefix = "sign-on/"

// secretPlace is where the secret of a provider is sealed. The issuer is a part of
// it, so that who can write the database cannot have the secret sent elsewhere.
func secretPlace(p signon.Provider) string {
	return signOnPrefix + p.Name + "/client-secret@" + p.Issuer
}

// keptProvider is a provider as it is kept.
type keptProvider struct {
	Title       string     `json:"title"`
	Issuer      string     `json:"issuer"`
	ClientID    string     `json:"clientId"`
	Scopes      []string   `json:"scopes"`
	GroupsClaim string     `json:"groupsClaim"`
	NameClaim   string     `json:"nameClaim"`
	Roles       []keptRole `json:"roles"`
}

type keptRole struct {
	Group string `json:"group"`
	Role  string `json:"role"`
	Scope string `json:"scope"`
}

func keep(p signon.Provider) (string, error) {
	k := keptProvider{p.Title, p.Issuer, p.ClientID, p.Scopes, p.GroupsClaim, p.NameClaim, []keptRole{}}
	for _, r := range p.Roles {
		k.Roles = append(k.Roles, keptRole{r.Group, r.Role.String(), r.Scope})
	}
	text, err := json.Marshal(k)
	return string(text), err
}

func unkeep(name, text string) (signon.Provider, error) {
	var k keptProvider
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return signon.Provider{}, fmt.Errorf("read the sign-on %s: %w", name, err)
	}
	p := signon.Provider{Name: name, Title: k.Title, Issuer: k.Issuer, ClientID: k.ClientID, Scopes: k.Scopes, GroupsClaim: k.GroupsClaim, NameClaim: k.NameClaim}
	for _, r := range k.Roles {
		role, err := access.ParseRole(r.Role)
		if err != nil {
			return p, fmt.Errorf("read the sign-on %s: %w", name, err)
		}
		p.Roles = append(p.Roles, signon.GroupRole{Group: r.Group, Role: role, Scope: r.Scope})
	}
	return p, nil
}

// Providers gives the sign-ins elsewhere, those of the settings first. One of the
// API whose name or issuer a later setting took counts no more.
func (a *Accounts) Providers(ctx context.Context) ([]Provider, error) {
	all := slices.Clone(a.Configured)
	kept, err := a.Store.ServerSettings(ctx)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(kept)) {
		name, ok := strings.CutPrefix(key, signOnPrefix)
		if !ok {
			continue
		}
		p, err := unkeep(name, kept[key])
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(c Provider) bool { return c.Name == p.Name || c.Issuer == p.Issuer }) {
			all = append(all, Provider{Provider: p})
		}
	}
	sealed, err := a.Store.Sealed(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if !all[i].Configured {
			_, all[i].HasSecret = sealed[secretPlace(all[i].Provider)]
		}
	}
	return all, nil
}

// Provider gives the sign-in elsewhere of a name; one that is not there is
// Missing.
func (a *Accounts) Provider(ctx context.Context, name string) (Provider, error) {
	all, err := a.Providers(ctx)
	if err != nil {
		return Provider{}, err
	}
	i := slices.IndexFunc(all, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, access.Errorf(access.Missing, "sign-on %.100q: there is none of this name", name)
	}
	return all[i], nil
}

// ProviderSecret opens the secret of a provider's client; "" if it has none.
func (a *Accounts) ProviderSecret(ctx context.Context, p Provider) (string, error) {
	switch {
	case !p.HasSecret:
		return "", nil
	case p.secret != nil:
		return p.secret()
	}
	sealed, err := a.Store.Sealed(ctx)
	if err != nil {
		return "", err
	}
	place := secretPlace(p.Provider)
	if a.Seal == nil {
		return "", errNoKeys
	}
	secret, err := a.Seal.Open(place, sealed[place])
	return string(secret), err
}

var errNoKeys = errors.New("there are no sealing keys")

// CheckProvider refuses a provider that cannot be set up as it is: Invalid values,
// a name or an issuer that is Taken. secret is nil for the one that is kept.
func (a *Accounts) CheckProvider(ctx context.Context, p signon.Provider, secret *string) error {
	if wrong := p.Check(); wrong != nil {
		return wrong
	}
	all, err := a.Providers(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		switch {
		case other.Name == p.Name && other.Configured:
			return access.Errorf(access.Taken, "sign-on %s is set up by the server's settings; change them there", p.Name)
		case other.Name == p.Name && other.Issuer != p.Issuer && other.HasSecret && secret == nil:
			return signon.Problems{{Path: "clientSecret", Want: "want it again, as the issuer is another: the old one is for the old issuer alone"}}
		case other.Name != p.Name && other.Issuer == p.Issuer:
			return access.Errorf(access.Taken, "sign-on %s has the issuer %s; want one for each", other.Name, p.Issuer)
		}
	}
	return nil
}

// SetProvider sets a provider up or changes it. Its client's secret is sealed; nil
// leaves the one that is there, "" takes it away.
func (a *Accounts) SetProvider(ctx context.Context, by By, p signon.Provider, secret *string) error {
	p = p.WithDefaults()
	if err := a.CheckProvider(ctx, p, secret); err != nil {
		return err
	}
	text, err := keep(p)
	if err != nil {
		return err
	}
	before, err := a.Provider(ctx, p.Name)
	if err != nil && access.FaultOf(err) != access.Missing {
		return err
	}
	place := secretPlace(p)
	var sealed []byte
	if secret != nil && *secret != "" {
		if a.Seal == nil {
			return errNoKeys
		}
		if sealed, err = a.Seal.Seal(a.Random, place, []byte(*secret)); err != nil {
			return err
		}
	}
	e := ledger.AuditEntry{Action: "signOn.set", Object: p.Name, Scope: access.Top, Detail: []byte(text)}
	return a.write(ctx, by, "sign-on "+p.Name+" set up", e, func(tx access.Tx) error {
		err := tx.SetServerSetting(ctx, signOnPrefix+p.Name, text)
		if old := secretPlace(before.Provider); err == nil && before.HasSecret && old != place {
			err = tx.SetSealed(ctx, old, nil)
		}
		if err != nil || secret == nil {
			return err
		}
		return tx.SetSealed(ctx, place, sealed)
	})
}

// RemoveProvider takes a provider away. Who signed in by it is out at once.
func (a *Accounts) RemoveProvider(ctx context.Context, by By, name string) error {
	p, err := a.Provider(ctx, name)
	if err != nil {
		return err
	}
	if p.Configured {
		return access.Errorf(access.Taken, "sign-on %s is set up by the server's settings; change them there", name)
	}
	e := ledger.AuditEntry{Action: "signOn.remove", Object: name, Scope: access.Top, Detail: detail("issuer", p.Issuer)}
	return a.write(ctx, by, "sign-on "+name+" removed", e, func(tx access.Tx) error {
		if err := tx.SetServerSetting(ctx, signOnPrefix+name, ""); err != nil {
			return err
		}
		return tx.SetSealed(ctx, secretPlace(p.Provider), nil)
	})
}

// elsewhere gives the roles of somebody's groups by the provider that vouches for
// him. There is no such provider any more, or none that vouches for users of our
// own: then he is not signed in.
func (a *Accounts) elsewhere(ctx context.Context, p access.Principal, groups []string) ([]access.Grant, error) {
	all, err := a.Providers(ctx)
	if err != nil {
		return nil, err
	}
	issuer := signon.IssuerOf(p.Subject)
	for _, provider := range all {
		if provider.Issuer == issuer {
			return provider.Grants(groups), nil
		}
	}
	return nil, errCredential
}

// Begun is a sign-in elsewhere under way.
type Begun struct {
	Provider Provider
	Return   string // path of this server to go to afterwards
	Browser  string // secret of the browser that began it
	Exchange signon.Exchange
}

// exchange follows from what the browser and the provider hand back, so that none
// of it has to be kept.
func exchange(state, browser, redirect string) signon.Exchange {
	derive := func(what string) string {
		h := hmac.New(sha256.New, []byte(browser))
		_, _ = io.WriteString(h, what+" "+state)
		return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	}
	return signon.Exchange{Redirect: redirect, State: state, Nonce: derive("nonce"), Verifier: derive("verifier")}
}

// BeginElsewhere begins to sign somebody in by a provider. redirect is where the
// provider sends the browser back to, returning where the server sends it then.
func (a *Accounts) BeginElsewhere(ctx context.Context, name, redirect, returning string, from Client) (Begun, error) {
	if err := signon.CheckReturn(returning); err != nil {
		return Begun{}, err
	}
	p, err := a.Provider(ctx, name)
	if err != nil {
		return Begun{}, err
	}
	now := a.now()
	if err := a.Limiter.Try(now, "", from.Address); err != nil {
		return Begun{}, err
	}
	var drawn [64]byte
	if _, err := io.ReadFull(a.Random, drawn[:]); err != nil {
		return Begun{}, fmt.Errorf("draw a state: %w", err)
	}
	state, browser := base64.RawURLEncoding.EncodeToString(drawn[:32]), base64.RawURLEncoding.EncodeToString(drawn[32:])
	attempt := access.Attempt{
		State: sha256.Sum256([]byte(state)), Browser: sha256.Sum256([]byte(browser)), Provider: p.Name, Return: returning, Expires: now.Add(access.AttemptLife),
	}
	if err := a.Store.AddAttempt(ctx, attempt, now); err != nil {
		return Begun{}, err
	}
	return Begun{p, returning, browser, exchange(state, browser, redirect)}, nil
}

// ResumeElsewhere goes on with a sign-in that comes back from the provider, once,
// in the browser that began it; any other is Refused.
func (a *Accounts) ResumeElsewhere(ctx context.Context, name, redirect, state, browser string, from Client) (Begun, error) {
	attempt, err := a.Store.UseAttempt(ctx, sha256.Sum256([]byte(state)), a.now())
	if err == nil {
		own := sha256.Sum256([]byte(browser))
		if !hmac.Equal(own[:], attempt.Browser[:]) || attempt.Provider != name {
			err = access.Errorf(access.Refused, "sign in: this sign-in was begun by another browser or for another provider; begin again")
		}
	}
	if access.FaultOf(err) == access.Refused {
		return Begun{}, a.RefusedElsewhere(ctx, from, err)
	}
	if err != nil {
		return Begun{}, err
	}
	p, err := a.Provider(ctx, name)
	return Begun{p, attempt.Return, browser, exchange(state, browser, redirect)}, err
}

// RefusedElsewhere tells the audit log of a sign-in elsewhere that failed, and
// gives why; or how long to wait, if too many of an address do.
func (a *Accounts) RefusedElsewhere(ctx context.Context, from Client, why error) error {
	if err := a.Limiter.Try(a.now(), "", from.Address); err != nil {
		return err
	}
	_, _, err := a.failed(ctx, access.Principal{}, from, access.ViaElsewhere, why)
	return err
}

// Unopened gives what of the server's secrets cannot be opened with the keys, by
// place.
func (a *Accounts) Unopened(ctx context.Context) ([]error, error) {
	sealed, err := a.Store.Sealed(ctx)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, place := range slices.Sorted(maps.Keys(sealed)) {
		if _, err := a.Seal.Open(place, sealed[place]); err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong, nil
}

// Reseal seals anew, with the first of the keys, what others have sealed, and
// counts it. What cannot be opened stays as it is, and is told.
func (a *Accounts) Reseal(ctx context.Context, by By) (resealed int, unopened []error, err error) {
	all, err := a.Store.Sealed(ctx)
	if err != nil {
		return 0, nil, err
	}
	anew := map[string][]byte{}
	for _, place := range slices.Sorted(maps.Keys(all)) {
		secret, err := a.Seal.Open(place, all[place])
		if err != nil {
			unopened = append(unopened, err)
			continue
		}
		if a.Seal.Current(all[place]) {
			continue
		}
		if anew[place], err = a.Seal.Seal(a.Random, place, secret); err != nil {
			return 0, nil, err
		}
	}
	if len(anew) == 0 {
		return 0, unopened, nil
	}
	e := ledger.AuditEntry{Action: "secrets.reseal", Object: "secrets", Scope: access.Top, Detail: detail("key", a.Seal.IDs()[0].String(), "secrets", fmt.Sprint(len(anew)))}
	err = a.write(ctx, by, fmt.Sprintf("%d secrets sealed anew", len(anew)), e, func(tx access.Tx) error {
		for place, sealed := range anew {
			if err := tx.SetSealed(ctx, place, sealed); err != nil {
				return err
			}
		}
		return nil
	})
	return len(anew), unopened, err
}
