package access

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// How long what proves something is good.
const (
	LongestToken = 366 * 24 * time.Hour // of a personal token, which has to end
	LinkLife     = time.Hour            // of a link that signs in
	BearerLife   = time.Hour            // of what the token endpoint gives
	SessionLife  = 12 * time.Hour       // of a session, however it is used
	SessionIdle  = time.Hour            // of a session that is not used
)

// UsedEvery is how exactly it is kept when a session or token was last used.
const UsedEvery = time.Minute

// Token is a personal token, or a secret of a service principal, without the
// secret itself.
type Token struct {
	ID        string // of the secret
	Kind      SecretKind
	Principal string // id of its owner
	Name      string // what it is for; may be ""
	// Limit is what it is good for at most. Secrets of service principals have
	// none: they prove who asks, at the token endpoint.
	Limit   *Grant
	Created time.Time
	Expires time.Time // zero for never, which secrets of service principals may
	Used    time.Time // the last time, to the minute; zero for not yet
	MadeBy  string    // id of the token by which it was made, and goes; "" for none
}

// Check refuses a token that is good for too long or not at all.
func (t Token) Check() error {
	what := "personal token"
	if t.Kind == ClientSecret {
		what = "secret of a service principal"
	}
	switch life := t.Expires.Sub(t.Created); {
	case t.Kind != PersonalToken && t.Kind != ClientSecret:
		return fmt.Errorf("token of kind %q: want %s or %s", t.Kind, PersonalToken, ClientSecret)
	case t.Kind == PersonalToken && t.Limit == nil:
		return Errorf(Invalid, "%s: want a role and a scope that it is good for", what)
	case t.Expires.IsZero() && t.Kind == ClientSecret:
	case t.Expires.IsZero():
		return Errorf(Invalid, "%s: want an expiry, at most %d days away", what, LongestToken/(24*time.Hour))
	case life <= 0:
		return Errorf(Invalid, "%s: expiry %s is past", what, t.Expires.Format(time.RFC3339))
	case t.Kind == PersonalToken && life > LongestToken:
		return Errorf(Invalid, "%s: expiry %s: want at most %d days away", what, t.Expires.Format(time.RFC3339), LongestToken/(24*time.Hour))
	}
	return nil
}

// Holds reports whether the token is good at a time.
func (t Token) Holds(now time.Time) bool { return t.Expires.IsZero() || now.Before(t.Expires) }

// ParseExpiry reads how long something is good: 30d, 12h, or a day (to its end,
// UTC) or an instant of RFC 3339.
func ParseExpiry(text string, now time.Time) (time.Time, error) {
	wrong := Errorf(Invalid, "expiry %q: want days or hours such as 30d or 12h, a date such as 2027-01-31, or an instant of RFC 3339", text)
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	units := map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour}
	if len(text) < 2 || units[text[len(text)-1]] == 0 || strings.Trim(text[:len(text)-1], "0123456789") != "" {
		return time.Time{}, wrong
	}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	if err != nil || n == 0 {
		return time.Time{}, wrong
	}
	return now.Add(time.Duration(n) * units[text[len(text)-1]]).UTC(), nil
}

// ViaElsewhere is the way of sessions that a sign-in elsewhere vouches for.
const ViaElsewhere = "oidc"

// Session is somebody who signed in, without the secret.
type Session struct {
	ID        string // of the secret
	Kind      SecretKind
	Principal string
	Groups    []string // names, as the latest sign-in elsewhere gave them
	Via       string   // password, link, client, or ViaElsewhere
	From      string   // address
	Agent     string   // what the browser calls itself
	Created   time.Time
	Used      time.Time // the last time, to the minute
	Expires   time.Time
	Idle      time.Duration // how long it stays good unused
}

// Holds reports whether the session is good at a time.
func (s Session) Holds(now time.Time) bool {
	return now.Before(s.Expires) && now.Before(s.Used.Add(s.Idle))
}

// Worth reports whether it is worth writing that a session or token is used at a
// time, when the last time that was written is used.
func Worth(used, now time.Time) bool { return now.Sub(used) >= UsedEvery }

// LinkPurpose says what a link is good for.
type LinkPurpose string

// The purposes of links.
const (
	FirstRun LinkPurpose = "first-run" // makes the first user, the server's owner
	SignIn   LinkPurpose = "sign-in"   // signs a principal in
)

// Link is good once, without the secret.
type Link struct {
	ID        string // of the secret
	Purpose   LinkPurpose
	Principal string // who signs in; "" for the first run
	Created   time.Time
	Expires   time.Time // zero for not until it is used
}

// Holds reports whether the link is good at a time, if it was not used.
func (l Link) Holds(now time.Time) bool { return l.Expires.IsZero() || now.Before(l.Expires) }

// AttemptLife is how long one may take to sign in elsewhere.
const AttemptLife = 10 * time.Minute

// Attempt is a sign-in elsewhere that has begun. It ends once, in the browser that
// began it.
type Attempt struct {
	State    Hash // of what the provider hands back
	Browser  Hash // of the browser's secret
	Provider string
	Return   string // path of this server to go to afterwards
	Expires  time.Time
}
