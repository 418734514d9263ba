package access

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestTokenCheck(t *testing.T) {
	limit := &Grant{Reader, "contoso"}
	tests := map[string]struct {
		token Token
		ok    bool
	}{
		"good":                     {Token{Kind: PersonalToken, Limit: limit, Created: noon, Expires: noon.Add(LongestToken)}, true},
		"too_long":                 {Token{Kind: PersonalToken, Limit: limit, Created: noon, Expires: noon.Add(LongestToken + time.Second)}, false},
		"without_end":              {Token{Kind: PersonalToken, Limit: limit, Created: noon}, false},
		"past":                     {Token{Kind: PersonalToken, Limit: limit, Created: noon, Expires: noon}, false},
		"without_limit":            {Token{Kind: PersonalToken, Created: noon, Expires: noon.Add(time.Hour)}, false},
		"client_secret":            {Token{Kind: ClientSecret, Created: noon}, true},
		"client_secret_that_ends":  {Token{Kind: ClientSecret, Created: noon, Expires: noon.Add(2 * LongestToken)}, true},
		"client_secret_that_ended": {Token{Kind: ClientSecret, Created: noon, Expires: noon.Add(-time.Hour)}, false},
		"session":                  {Token{Kind: SessionSecret, Limit: limit, Created: noon, Expires: noon.Add(time.Hour)}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := test.token.Check(); (err == nil) != test.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestHolds(t *testing.T) {
	session := Session{Used: noon, Expires: noon.Add(3 * time.Hour), Idle: time.Hour}
	later := Session{Used: noon.Add(170 * time.Minute), Expires: noon.Add(3 * time.Hour), Idle: time.Hour}
	ends := noon.Add(time.Hour)
	tests := map[string]struct{ got, want bool }{
		"token_before":    {Token{Expires: ends}.Holds(noon), true},
		"token_at_end":    {Token{Expires: ends}.Holds(ends), false},
		"token_forever":   {Token{}.Holds(noon), true},
		"session_used":    {session.Holds(noon.Add(59 * time.Minute)), true},
		"session_idle":    {session.Holds(noon.Add(time.Hour)), false},
		"session_at_end":  {later.Holds(noon.Add(3 * time.Hour)), false},
		"session_to_end":  {later.Holds(noon.Add(179 * time.Minute)), true},
		"link_before":     {Link{Expires: ends}.Holds(noon), true},
		"link_at_end":     {Link{Expires: ends}.Holds(ends), false},
		"link_until_used": {Link{}.Holds(noon.AddDate(1, 0, 0)), true},
		"worth_at_once":   {Worth(time.Time{}, noon), true},
		"worth_soon":      {Worth(noon, noon.Add(59*time.Second)), false},
		"worth_later":     {Worth(noon, noon.Add(time.Minute)), true},
	}
	for name, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
}

func TestParseExpiry(t *testing.T) {
	for text, want := range map[string]string{
		"30d": "2026-12-22T12:00:00Z", "12h": "2026-11-23T00:00:00Z", "2027-01-31": "2027-02-01T00:00:00Z", "2027-01-31T10:00:00+02:00": "2027-01-31T08:00:00Z",
		"": "", "d": "", "0d": "", "-1d": "", "+1d": "", "1.5d": "", "30": "", "30m": "", "99999d": "", "30 d": "", "never": "",
	} {
		at, err := ParseExpiry(text, noon)
		got := at.Format(time.RFC3339)
		if err != nil {
			got = ""
		}
		if got != want || (err != nil) != (FaultOf(err) == Invalid) {
			t.Errorf("%q: %q, error %v, want %q", text, got, err, want)
		}
	}
}
