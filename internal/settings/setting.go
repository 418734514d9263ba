package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind says how a setting is written.
type Kind uint8

// The kinds.
const (
	Text     Kind = iota
	Path          // of a file or folder; in the file, below the file's own folder
	Truth         // true or false
	Duration      // such as 20s, 90m, 12h, 400d
	Word          // one of some
	List          // of texts; in variables and flags with commas between
	Hidden        // a secret, as {file: …} or {env: …}; as a variable itself, or NAME_FILE
)

// Setting is one of [All].
type Setting struct {
	Name    string // in the file; the flag and the variable follow from it
	Kind    Kind
	Default string
	Help    string   // one line
	Want    string   // what a value is, for messages
	Words   []string // of Word; of Duration those that stand for 0
	Common  bool     // of every command that opens the database, not of serve alone

	check func(text string) error
	field field
}

// field is a setting's place in [Settings].
type field struct {
	set func(s *Settings, v value)
	get func(s *Settings) string // as people may see it
}

func ofText(at func(*Settings) *string) field {
	return field{func(s *Settings, v value) { *at(s) = v.text }, func(s *Settings) string { return *at(s) }}
}

func ofList(at func(*Settings) *[]string) field {
	return field{func(s *Settings, v value) { *at(s) = v.list }, func(s *Settings) string { return strings.Join(*at(s), ", ") }}
}

func ofTruth(at func(*Settings) *bool) field {
	return field{func(s *Settings, v value) { *at(s) = v.text == "true" }, func(s *Settings) string { return strconv.FormatBool(*at(s)) }}
}

func ofSecret(at func(*Settings) *Secret) field {
	return field{func(s *Settings, v value) { *at(s) = v.secret }, func(s *Settings) string { return at(s).Place() }}
}

func ofDuration(at func(*Settings) *time.Duration) field {
	return field{func(s *Settings, v value) { *at(s) = v.duration() }, func(s *Settings) string { return ShownDuration(*at(s)) }}
}

// Variable is the setting's name in the environment.
func (d Setting) Variable() string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(d.Name, "-", "_"))
}

// Prefix begins the names of all variables.
const Prefix = "BARTIZAN_"

// FileVariable is the environment's name of the configuration file.
const FileVariable = Prefix + "CONFIG"

// Flag is the setting's flag without the dashes: of a secret, that of the file
// which it is in.
func (d Setting) Flag() string {
	if d.Kind == Hidden {
		return d.Name + "-file"
	}
	return d.Name
}

// value is what somebody said, in the form of the kind.
type value struct {
	text   string
	list   []string
	secret Secret
}

// All are the settings but sign-on, which is a mapping of its own.
var All = []Setting{
	{
		Name: "listen", Default: "127.0.0.1:7410", Help: "address and port; port 0 is any that is free", Want: "ADDRESS:PORT, such as 127.0.0.1:7410",
		check: checkListen, field: ofText(func(s *Settings) *string { return &s.Listen }),
	},
	{
		Name: "public-url", Help: "address at which people reach the server; only its host is answered", Want: "an address such as https://posture.example.com",
		check: checkPublicURL, field: ofText(func(s *Settings) *string { return &s.PublicURL }),
	},
	{
		Name: "hosts", Kind: List, Help: "further names and addresses that are answered", Want: "names of hosts such as posture.example.com",
		check: checkHost, field: ofList(func(s *Settings) *[]string { return &s.Hosts }),
	},
	{
		Name: "behind-proxy", Kind: Truth, Default: "false", Help: "a proxy in front speaks TLS and says who asks (X-Forwarded-For)", Want: "true or false",
		field: ofTruth(func(s *Settings) *bool { return &s.BehindProxy }),
	},
	{
		Name: "tls-cert", Kind: Path, Help: "file with the certificate, and those of who signed it", Want: "the name of a file",
		field: ofText(func(s *Settings) *string { return &s.TLSCert }),
	},
	{
		Name: "tls-key", Kind: Path, Help: "file with the certificate's key", Want: "the name of a file",
		field: ofText(func(s *Settings) *string { return &s.TLSKey }),
	},
	{
		Name: "data", Kind: Path, Help: "data directory (default: one of the user's own)", Want: "a folder", Common: true,
		field: ofText(func(s *Settings) *string { return &s.Data }),
	},
	{
		Name: "database", Help: "address of a PostgreSQL database, in the place of a data directory", Want: "an address such as postgres://user@host/name", Common: true,
		check: checkDatabase, field: field{func(s *Settings, v value) { s.Database = v.text }, func(s *Settings) string { return withoutPassword(s.Database) }},
	},
	{
		Name: "database-password", Kind: Hidden, Help: "file with the database's password", Want: "{file: NAME} or {env: NAME}",
		field: ofSecret(func(s *Settings) *Secret { return &s.DatabasePassword }),
	},
	{
		Name: "sealing-key", Kind: Hidden, Help: "file with the keys that secrets are sealed with (default: sealing.key in the data directory)", Want: "{file: NAME} or {env: NAME}",
		field: ofSecret(func(s *Settings) *Secret { return &s.SealingKey }),
	},
	{
		Name: "retention", Kind: Duration, Default: "400d", Help: "how long history is kept", Want: "a time such as 400d, or forever", Words: []string{"forever"},
		check: between(24*time.Hour, 100*366*24*time.Hour), field: ofDuration(func(s *Settings) *time.Duration { return &s.Retention }),
	},
	{
		Name: "session-life", Kind: Duration, Default: "12h", Help: "how long a session in a browser is good", Want: "a time such as 12h, 1m to 30d",
		check: between(time.Minute, 30*24*time.Hour), field: ofDuration(func(s *Settings) *time.Duration { return &s.SessionLife }),
	},
	{
		Name: "session-idle", Kind: Duration, Default: "1h", Help: "how long a session stays good that is not used", Want: "a time such as 1h, 1m to 30d",
		check: between(time.Minute, 30*24*time.Hour), field: ofDuration(func(s *Settings) *time.Duration { return &s.SessionIdle }),
	},
	{
		Name: "stop-within", Kind: Duration, Default: "20s", Help: "how long requests that are being answered have when the server stops", Want: "a time such as 20s, at most 10m",
		check: between(0, 10*time.Minute), field: ofDuration(func(s *Settings) *time.Duration { return &s.StopWithin }),
	},
	{
		Name: "log-level", Kind: Word, Default: "info", Help: "what is logged: that and worse", Want: "one of debug, info, warn, error", Words: []string{"debug", "info", "warn", "error"},
		field: ofText(func(s *Settings) *string { return &s.LogLevel }),
	},
}

// Named gives the setting of a name, which has to be one of [All].
func Named(name string) Setting {
	d, _ := find(name)
	return d
}

// find gives the setting of a name.
func find(name string) (Setting, bool) {
	i := slices.IndexFunc(All, func(d Setting) bool { return d.Name == name })
	if i < 0 {
		return Setting{}, false
	}
	return All[i], true
}

// wrong refuses a text that is not what the setting wants. The text is not told:
// a mistyped address may hold a password.
func (d Setting) wrong(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("want %s", d.Want)
	case d.Kind == Truth && text != "true" && text != "false", d.Kind == Word && !slices.Contains(d.Words, text):
		return fmt.Errorf("got %q, want %s", text, d.Want)
	case d.Kind == Duration && !slices.Contains(d.Words, text):
		if _, err := ParseDuration(text); err != nil {
			return fmt.Errorf("got %q, want %s", text, d.Want)
		}
	}
	if d.check == nil || slices.Contains(d.Words, text) {
		return nil
	}
	if err := d.check(text); errors.Is(err, errUnwanted) {
		return fmt.Errorf("got %q, want %s", text, d.Want)
	} else if err != nil {
		return err
	}
	return nil
}

var errUnwanted = errors.New("unwanted")

func checkListen(text string) error {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return errUnwanted
	}
	host, port := text[:at], text[at+1:]
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errUnwanted
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		if _, err := netip.ParseAddr(strings.TrimSuffix(inner, "]")); err == nil && strings.HasSuffix(inner, "]") {
			return nil
		}
		return errUnwanted
	}
	if host == "" || hostName.MatchString(host) {
		return nil
	}
	return errUnwanted
}

func checkPublicURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errUnwanted
	}
	return nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

func checkHost(text string) error {
	if _, err := netip.ParseAddr(text); err == nil || hostName.MatchString(text) {
		return nil
	}
	return errUnwanted
}

// checkDatabase says what is wrong without the address: it may hold a password.
func checkDatabase(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("want an address such as postgres://user@host/name")
	}
	return nil
}

func between(least, most time.Duration) func(string) error {
	return func(text string) error {
		if d, err := ParseDuration(text); err != nil || d < least || d > most {
			return errUnwanted
		}
		return nil
	}
}

var durationUnits = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// ParseDuration reads a whole number with one of the units s, m, h, d.
func ParseDuration(text string) (time.Duration, error) {
	if text != "" {
		n, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
		if unit := durationUnits[text[len(text)-1]]; err == nil && unit != 0 && n <= uint64(1<<62/unit) {
			return time.Duration(n) * unit, nil
		}
	}
	return 0, fmt.Errorf("duration %q: want a number and s, m, h or d, such as 12h", text)
}

// ShownDuration writes a duration as [ParseDuration] reads it; 0 is for ever.
func ShownDuration(d time.Duration) string {
	if d == 0 {
		return "forever"
	}
	for _, unit := range []byte("dhm") {
		if by := durationUnits[unit]; d%by == 0 {
			return fmt.Sprintf("%d%c", d/by, unit)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// duration is that of a text that was checked; words stand for 0.
func (v value) duration() time.Duration {
	d, err := ParseDuration(v.text)
	if err != nil {
		return 0
	}
	return d
}
