package settings_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/settings"
	"github.com/bartizan-dev/bartizan/internal/signon"
)

// load gives settings of a file, an environment and flags.
func load(text string, environment map[string]string, flags map[string][]string) (*settings.Settings, settings.Problems) {
	from := settings.Sources{Getenv: func(name string) string { return environment[name] }, Flags: flags}
	if text != "" {
		from.File = settings.ReadFile("b.yaml", []byte(text))
	}
	s, problems := settings.Load(from)
	return s, append(problems, s.CheckServing()...)
}

// TestLoad_tells_all: every problem of a file comes at once, with its place.
func TestLoad_tells_all(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []string
	}{
		"fine":          {"listen: 127.0.0.1:0\nretention: forever\n", nil},
		"only_comments": {"# nothing\n", nil},
		"unknown_keys": {"lisen: x\nlog_level: debug\nnonsense: 1\n", []string{
			`b.yaml:1:1: the file: there is no setting "lisen"; did you mean "listen"?`,
			`b.yaml:2:1: the file: there is no setting "log_level"; did you mean "log-level"?`,
			`b.yaml:3:1: the file: there is no setting "nonsense"`,
		}},
		"values": {"listen: here\nlog-level: inof\nbehind-proxy: yes please\nretention: 400\nsession-idle: 31d\nhosts: a\ntls-cert: ''\npublic-url: [x]\n", []string{
			`b.yaml:1:9: listen: got "here", want ADDRESS:PORT, such as 127.0.0.1:7410`,
			`b.yaml:2:12: log-level: got "inof", want one of debug, info, warn, error; did you mean "info"?`,
			`b.yaml:3:15: behind-proxy: got str "yes please", want true or false`,
			`b.yaml:4:12: retention: got "400", want a time such as 400d, or forever`,
			`b.yaml:5:15: session-idle: got "31d", want a time such as 1h, 1m to 30d`,
			`b.yaml:6:8: hosts: got str "a", want a list`,
			`b.yaml:7:11: tls-cert: want the name of a file`,
			`b.yaml:8:13: public-url: got a list, want an address such as https://posture.example.com`,
		}},
		"items":   {"hosts: [good.example, 'bad host', 2001:db8::1]\n", []string{`b.yaml:1:23: hosts: got "bad host", want names of hosts such as posture.example.com`}},
		"twice":   {"data: a\ndata: b\n", []string{`b.yaml:2:1: the file: "data" is there twice`}},
		"no_yaml": {"data: [\n", []string{"b.yaml:1: no YAML: did not find expected node content"}},
		"no_map":  {"- data\n", []string{"b.yaml:1:1: the file: got a list, want a mapping"}},
		"two":     {"data: a\n---\ndata: b\n", []string{"b.yaml:2:1: a second document begins here; want one in a file"}},
		"together": {"tls-cert: c.pem\nbehind-proxy: true\ndata: a\ndatabase: postgres://db/b\nsession-life: 1h\nsession-idle: 2h\n", []string{
			"b.yaml:4:11: database: want either it or data, both are given",
			"b.yaml:1:11: tls-cert: tls-key has to name the file of its key",
			"b.yaml:2:15: behind-proxy: public-url has to say at which address the proxy is reached",
			"b.yaml:6:15: session-idle: it is longer than session-life, 1h0m0s",
		}},
		"secrets": {"sealing-key: hunter2\ndatabase: postgres://u:hunter2@db/b\ndatabase-password: {file: x, env: Y}\n", []string{
			"b.yaml:1:14: warning: sealing-key: the secret stands here for all who may read the file; want {file: NAME} or {env: NAME}",
			"b.yaml:2:11: warning: database: the password stands here for all who may read the file; put it into database-password as {file: NAME} or {env: NAME}",
			"b.yaml:3:20: database-password: want either file or env",
		}},
		"an_address_is_not_told": {"database: mysql://u:hunter2@db/b\n", []string{"b.yaml:1:11: database: want an address such as postgres://user@host/name"}},
		"sign_on": {`sign-on:
  Entra ID:
    issuer: http://login.example.com
    clientid: x
    client-secret: {flie: s}
    scopes: [email, "a b"]
    roles:
    - {group: g, role: onwer, scope: /}
    - {group: g, role: reader}
  other: {}
`, []string{
			`b.yaml:2:3: sign-on: Entra ID: client-id: want the id that the provider gave this server`,
			`b.yaml:2:3: sign-on: Entra ID: name: got "Entra ID", want lower-case letters, digits and -, as it stands in addresses`,
			`b.yaml:3:13: sign-on: Entra ID: issuer: got "http://login.example.com", want https (http on this machine alone)`,
			`b.yaml:4:5: sign-on: Entra ID: there is no setting "clientid"; did you mean "client-id"?`,
			`b.yaml:5:21: sign-on: Entra ID: client-secret: there is no setting "flie"; did you mean "file"?`,
			`b.yaml:6:21: sign-on: Entra ID: scopes: got "a b", want a scope of OAuth 2.0 such as email`,
			`b.yaml:8:24: sign-on: Entra ID: roles: role: got "onwer", want one of owner, contributor, security-admin, security-reader, reader; did you mean "owner"?`,
			`b.yaml:9:7: sign-on: Entra ID: roles: scope is missing`,
			`b.yaml:10:3: sign-on: other: client-id: want the id that the provider gave this server`,
			`b.yaml:10:3: sign-on: other: issuer: got "", want an address such as https://login.example.com, as the provider's discovery document has it`,
		}},
		"one_issuer": {"sign-on:\n  a: {issuer: 'https://i.example', client-id: x}\n  b: {issuer: 'https://i.example', client-id: y}\n", []string{"b.yaml:3:3: sign-on: b: has the issuer of a; want one for each"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, problems := load(test.in, nil, nil)
			var got []string
			for _, p := range problems {
				got = append(got, p.Error())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLoad_who_wins: flags win over the environment, that over the file, and that
// over defaults.
func TestLoad_who_wins(t *testing.T) {
	file := "log-level: warn\nlisten: 127.0.0.1:1\nhosts: [a, b]\ndata: kept\nretention: 30d\n"
	environment := map[string]string{"BARTIZAN_LISTEN": "127.0.0.1:2", "BARTIZAN_HOSTS": "c, d", "BARTIZAN_RETENTION": "40d", "BARTIZAN_BEHIND_PROXY": ""}
	s, problems := load(file, environment, map[string][]string{"listen": {"127.0.0.1:3"}})
	if problems != nil {
		t.Fatal(problems)
	}
	got := map[string]string{}
	for _, d := range settings.All {
		if s.Given(d.Name) || d.Default != "" {
			got[d.Name] = s.Shown(d) + " by " + s.Origin(d.Name).String()
		}
	}
	want := map[string]string{
		"listen": "127.0.0.1:3 by --listen", "hosts": "c, d by BARTIZAN_HOSTS", "log-level": "warn by b.yaml:1:12", "data": "kept by b.yaml:4:7",
		"retention": "40d by BARTIZAN_RETENTION", "behind-proxy": "false by default", "session-life": "12h by default", "session-idle": "1h by default",
		"stop-within": "20s by default",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s.Retention != 40*24*time.Hour || s.StopWithin != 20*time.Second || !slices.Equal(s.Hosts, []string{"c", "d"}) {
		t.Errorf("settings %+v", s)
	}
}

// TestLoad_one_place: of data and database the one counts that weighs more.
func TestLoad_one_place(t *testing.T) {
	tests := map[string]struct {
		file           string
		environment    map[string]string
		flags          map[string][]string
		data, database string
	}{
		"flag_over_variable":   {"", map[string]string{"BARTIZAN_DATABASE": "postgres://db/b"}, map[string][]string{"data": {"kept"}}, "kept", ""},
		"variable_over_file":   {"data: kept\n", map[string]string{"BARTIZAN_DATABASE": "postgres://db/b"}, nil, "", "postgres://db/b"},
		"database_of_two":      {"", map[string]string{"BARTIZAN_DATABASE": "postgres://db/b", "BARTIZAN_DATA": "kept"}, nil, "", "postgres://db/b"},
		"data_over_a_database": {"database: postgres://db/b\n", map[string]string{"BARTIZAN_DATA": "kept"}, nil, "kept", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, problems := load(test.file, test.environment, test.flags)
			if problems != nil || s.Data != test.data || s.Database != test.database || test.data == "" && s.Given("data") {
				t.Errorf("data %q, database %q, problems %v", s.Data, s.Database, problems)
			}
		})
	}
}

// TestLoad_says_where_values_are_wrong of the environment and of flags.
func TestLoad_says_where_values_are_wrong(t *testing.T) {
	_, problems := load("", map[string]string{
		"BARTIZAN_LOG_LEVEL": "loud", "BARTIZAN_SEALING_KEY": "x", "BARTIZAN_SEALING_KEY_FILE": "y", "BARTIZAN_DATABASE": "mysql://u:hunter2@db/b",
	}, map[string][]string{"listen": {"7410"}})
	want := strings.Join([]string{
		`--listen: got "7410", want ADDRESS:PORT, such as 127.0.0.1:7410`,
		`BARTIZAN_DATABASE: want an address such as postgres://user@host/name`,
		`BARTIZAN_LOG_LEVEL: got "loud", want one of debug, info, warn, error`,
		`BARTIZAN_SEALING_KEY: want either it or BARTIZAN_SEALING_KEY_FILE, both are set`,
	}, "\n")
	if diff := cmp.Diff(want, problems.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestListen(t *testing.T) {
	for text, good := range map[string]bool{
		":7410": true, "localhost:0": true, "127.0.0.1:65535": true, "[::1]:7410": true, "posture.example.com:443": true,
		"7410": false, "::1:7410": false, "[::1]7410": false, "[x]:1": false, "a b:1": false, "a:65536": false, "a:": false, "a:http": false,
	} {
		if _, problems := load("", map[string]string{"BARTIZAN_LISTEN": text}, nil); (problems == nil) != good {
			t.Errorf("%q: %v", text, problems)
		}
	}
}

func TestSecret(t *testing.T) {
	file := "sealing-key: {file: keys}\ndatabase-password: {env: DB}\nsign-on:\n  a: {issuer: 'https://i.example', client-id: x, client-secret: hunter2}\n  b: {issuer: 'https://j.example', client-id: x, client-secret: {env: NOT_SET}}\n"
	s, _ := load(file, nil, nil)
	files := map[string]string{"keys": "one\n", "empty": "\n"}
	open := func(name string) (io.ReadCloser, error) {
		text, ok := files[name]
		if !ok {
			return nil, errors.New("no " + name)
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
	getenv := func(name string) string { return map[string]string{"DB": "two"}[name] }
	tests := map[string]struct {
		secret      settings.Secret
		want, wrong string
		shown       string
	}{
		"file":     {s.SealingKey, "one", "", "file keys"},
		"variable": {s.DatabasePassword, "two", "", "$DB"},
		"plain":    {s.SignOn[0].Secret, "hunter2", "", "written plainly"},
		"not_set":  {s.SignOn[1].Secret, "", "variable NOT_SET: want a secret, it is not set", "$NOT_SET"},
		"none":     {settings.Secret{}, "", "", "none"},
		"no_file":  {fromFlag(t, "gone"), "", "no gone", "file gone"},
		"empty":    {fromFlag(t, "empty"), "", "reading empty: want a secret, got an empty file", "file empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.secret.Read(open, getenv)
			if got != test.want || fmt.Sprint(err) != fmt.Sprint(test.wrong) && (err != nil || test.wrong != "") {
				t.Errorf("%q, error %v", got, err)
			}
			if shown := fmt.Sprintf("%s %+v %#v", test.secret, test.secret, test.secret); shown != strings.Join([]string{test.shown, test.shown, test.shown}, " ") {
				t.Errorf("printed as %s", shown)
			}
		})
	}
}

func fromFlag(t *testing.T, name string) settings.Secret {
	t.Helper()
	s, problems := load("", nil, map[string][]string{"sealing-key-file": {name}})
	if problems != nil {
		t.Fatal(problems)
	}
	return s.SealingKey
}

// TestShown: passwords of addresses are not.
func TestShown(t *testing.T) {
	s, _ := load("", map[string]string{"BARTIZAN_DATABASE": "postgres://u:hunter2@db/b?password=hunter2&sslmode=require"}, nil)
	for _, d := range settings.All {
		if d.Name == "database" && s.Shown(d) != "postgres://u@db/b?sslmode=require" {
			t.Errorf("shown as %s", s.Shown(d))
		}
	}
}

func TestReadFile_sign_on(t *testing.T) {
	s, problems := load(`sign-on:
  entra:
    issuer: https://login.example.com/v2.0
    client-id: bartizan
    groups-claim: roles
    roles: [{group: "0001", role: security-admin, scope: contoso}]
`, nil, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	want := signon.Provider{
		Name: "entra", Title: "entra", Issuer: "https://login.example.com/v2.0", ClientID: "bartizan", Scopes: []string{"profile", "email"},
		GroupsClaim: "roles", NameClaim: "preferred_username", Roles: []signon.GroupRole{{Group: "0001", Role: access.SecurityAdmin, Scope: "contoso"}},
	}
	if diff := cmp.Diff(want, s.SignOn[0].Provider); diff != "" {
		t.Error(diff)
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add("listen: 127.0.0.1:0\nsign-on: {a: {roles: [{group: g}]}}\n")
	f.Add("a: &x [*x]\n")
	f.Add("sealing-key: {file: {}}\nhosts: [[]]\n<<: {data: x}\n? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, problems := settings.Load(settings.Sources{File: settings.ReadFile("b.yaml", []byte(text))})
		if s == nil {
			t.Fatal("no settings")
		}
		for _, p := range problems {
			if p.File != "b.yaml" || p.Text == "" {
				t.Errorf("a problem without a place or words: %+v", p)
			}
		}
	})
}

// TestCheckVariables: a variable that is called like a setting and is none is told,
// with what was probably meant.
func TestCheckVariables(t *testing.T) {
	told := settings.CheckVariables([]string{"BARTIZAN_LISTN=x", "BARTIZAN_LISTEN=x", "BARTIZAN_TOKEN=x", "BARTIZAN_CONFIG=x", "BARTIZAN_SEALING_KEY_FILE=x", "HOME=x"}, "BARTIZAN_TOKEN")
	if len(told) != 1 || told[0].Error() != `BARTIZAN_LISTN: warning: there is no such variable; did you mean "BARTIZAN_LISTEN"?` {
		t.Errorf("%v", told)
	}
}
