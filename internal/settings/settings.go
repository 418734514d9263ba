// Package settings says how a server is set up: one list of settings, each with
// its default, and with its place in the file, its variable and its flag, which
// follow from its name. Flags win over the environment, that over the file, and
// that over defaults.
//
// Start with [All], the list, and [Load]. It opens no file: texts and what reads
// them are handed in.
package settings

import (
	"time"

	"github.com/bartizan-dev/bartizan/internal/signon"
)

// Settings are those of one server. What was not said has its default.
type Settings struct {
	Listen      string
	PublicURL   string // "" for none
	Hosts       []string
	BehindProxy bool
	TLSCert     string // name of a file, "" for none
	TLSKey      string

	Data             string // directory, "" for the user's own
	Database         string // address of a PostgreSQL database, "" for none
	DatabasePassword Secret
	SealingKey       Secret

	Retention   time.Duration // 0 for everything, for ever
	SessionLife time.Duration
	SessionIdle time.Duration
	StopWithin  time.Duration
	LogLevel    string

	SignOn []Provider

	origins map[string]Origin
}

// Provider is a sign-in elsewhere that the file sets up, with its secret.
type Provider struct {
	signon.Provider
	Secret Secret // of the client; may be none
	Origin Origin
}

// OriginKind says where a value comes from; what wins over what follows its order.
type OriginKind uint8

// Where values come from.
const (
	FromDefault OriginKind = iota
	FromFile
	FromEnvironment
	FromFlag
)

// Origin is where a value comes from.
type Origin struct {
	Kind         OriginKind
	Name         string // of the file, variable or flag; "" for the default
	Line, Column int    // in the file
}

// String names the origin for people.
func (o Origin) String() string {
	if o.Kind == FromDefault {
		return "default"
	}
	return Problem{File: o.Name, Line: o.Line, Column: o.Column}.place()
}

// Origin says where the value of a setting comes from.
func (s *Settings) Origin(name string) Origin { return s.origins[name] }

// Given reports whether somebody said what a setting is.
func (s *Settings) Given(name string) bool { return s.origins[name].Kind != FromDefault }
