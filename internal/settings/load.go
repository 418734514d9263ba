package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// Sources are where settings come from.
type Sources struct {
	File   *File // nil for none
	Getenv func(string) string
	// Flags are the texts of those that were given, by name; of lists each item.
	Flags map[string][]string
}

// Load gives the settings that sources say, and all that is wrong with them. Of
// data and database the one counts that is said where it weighs more.
func Load(from Sources) (*Settings, Problems) {
	s := &Settings{origins: map[string]Origin{}}
	var problems Problems
	if from.File != nil {
		problems = append(problems, from.File.problems...)
		s.SignOn = from.File.signOn
	}
	for _, d := range All {
		v, origin, wrong := from.value(d)
		problems = append(problems, wrong...)
		s.origins[d.Name] = origin
		if len(wrong) == 0 && (origin.Kind != FromDefault || d.Default != "") {
			d.field.set(s, v)
		}
	}
	problems = append(problems, s.choosePlace()...)
	problems.sort()
	return s, problems
}

// CheckVariables warns of variables that are called as if they were settings, and are
// none: of an environment of NAME=VALUE, with others that are known.
func CheckVariables(environment []string, others ...string) (wrong Problems) {
	known := append([]string{FileVariable}, others...)
	for _, d := range All {
		if known = append(known, d.Variable()); d.Kind == Hidden {
			known = append(known, d.Variable()+"_FILE")
		}
	}
	for _, pair := range environment {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, Prefix) && !slices.Contains(known, name) {
			wrong = append(wrong, Problem{File: name, Text: "there is no such variable", Suggestion: spelling.Nearest(name, known), Warning: true})
		}
	}
	wrong.sort()
	return wrong
}

// value finds what counts of a setting.
func (from Sources) value(d Setting) (value, Origin, Problems) {
	if texts, ok := from.Flags[d.Flag()]; ok {
		return d.said(texts, Origin{Kind: FromFlag, Name: "--" + d.Flag()})
	}
	if from.Getenv != nil {
		if v, origin, wrong, ok := d.fromEnvironment(from.Getenv); ok {
			return v, origin, wrong
		}
	}
	if from.File != nil {
		if of, ok := from.File.values[d.Name]; ok {
			return of.value, of.origin, nil // it was checked when it was read
		}
	}
	return value{text: d.Default}, Origin{}, nil
}

func (d Setting) fromEnvironment(getenv func(string) string) (v value, origin Origin, wrong Problems, ok bool) {
	origin = Origin{Kind: FromEnvironment, Name: d.Variable()}
	text := getenv(d.Variable())
	if d.Kind != Hidden {
		if text == "" {
			return v, origin, nil, false
		}
		texts := []string{text}
		if d.Kind == List {
			texts = strings.Split(text, ",")
		}
		v, origin, wrong = d.said(texts, origin)
		return v, origin, wrong, true
	}
	name := getenv(d.Variable() + "_FILE")
	switch {
	case text != "" && name != "":
		return v, origin, Problems{{File: d.Variable(), Text: "want either it or " + d.Variable() + "_FILE, both are set"}}, true
	case text != "":
		return value{secret: Secret{variable: d.Variable()}}, origin, nil, true
	case name != "":
		origin.Name += "_FILE"
		return value{secret: Secret{file: name}}, origin, nil, true
	}
	return v, origin, nil, false
}

// said checks texts of a flag or a variable.
func (d Setting) said(texts []string, origin Origin) (v value, _ Origin, wrong Problems) {
	for _, text := range texts {
		if d.Kind == List {
			text = strings.TrimSpace(text)
		}
		if err := d.wrong(text); err != nil {
			wrong = append(wrong, Problem{File: origin.Name, Text: err.Error()})
		}
		v.text, v.list = text, append(v.list, text)
	}
	if d.Kind == Hidden {
		v = value{secret: Secret{file: v.text}}
	}
	return v, origin, wrong
}

// choosePlace leaves one of data and database.
func (s *Settings) choosePlace() Problems {
	data, database := s.Origin("data"), s.Origin("database")
	switch {
	case s.Data == "" || s.Database == "":
	case data.Kind > database.Kind:
		s.forget("database")
		s.Database = ""
	case data.Kind < database.Kind, data.Kind == FromEnvironment:
		s.forget("data")
		s.Data = ""
	default:
		return Problems{problemAt(database, "database: want either it or data, both are given")}
	}
	return nil
}

func (s *Settings) forget(name string) { s.origins[name] = Origin{} }

func problemAt(o Origin, format string, args ...any) Problem {
	return Problem{File: o.Name, Line: o.Line, Column: o.Column, Text: fmt.Sprintf(format, args...)}
}

// CheckServing gives what is wrong with settings of a server that are good each
// for itself.
func (s *Settings) CheckServing() Problems {
	var wrong Problems
	at := func(name, format string, args ...any) {
		wrong = append(wrong, problemAt(s.Origin(name), format, args...))
	}
	switch {
	case s.TLSCert != "" && s.TLSKey == "":
		at("tls-cert", "tls-cert: tls-key has to name the file of its key")
	case s.TLSKey != "" && s.TLSCert == "":
		at("tls-key", "tls-key: tls-cert has to name the file of its certificate")
	case s.TLSCert != "" && s.BehindProxy:
		at("behind-proxy", "behind-proxy: the proxy speaks TLS, so tls-cert (%s) has no use; want one of them", s.Origin("tls-cert"))
	}
	if s.BehindProxy && s.PublicURL == "" {
		at("behind-proxy", "behind-proxy: public-url has to say at which address the proxy is reached")
	}
	if s.DatabasePassword.Given() && s.Database == "" {
		at("database-password", "database-password: there is no database that it is of; want database too")
	}
	if s.SessionIdle > s.SessionLife {
		at("session-idle", "session-idle: it is longer than session-life, %s", s.SessionLife)
	}
	return wrong
}

// Shown gives the text of a setting as people may see it: no secret, and no
// password of a database.
func (s *Settings) Shown(d Setting) string { return d.field.get(s) }

// withoutPassword is the address of a database as others may see it.
func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	query := u.Query()
	query.Del("password")
	u.RawQuery = query.Encode()
	if name := u.User.Username(); name != "" {
		u.User = url.User(name)
	}
	return u.String()
}
