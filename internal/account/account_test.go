package account_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/signon"
	"github.com/bartizan-dev/bartizan/internal/store"
)

const (
	good  = "correct horse battery"
	other = "staple in another place"
)

var from = account.Client{Address: "192.0.2.1", Agent: "a browser"}

// kept is accounts in a data directory of their own, under a clock that stands.
type kept struct {
	*account.Accounts
	t     *testing.T
	store *store.Store
	now   time.Time
}

func newKept(t *testing.T) *kept {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	k := &kept{t: t, store: s, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	k.Accounts = account.New(account.Options{
		Store: s, Passwords: access.CheapPasswords(t, rand.Reader), Limiter: access.NewLimiter(100), Random: rand.Reader,
		Now: func() time.Time { return k.now },
	})
	return k
}

func must[V any](value V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// forge draws another secret under the id of one.
func forge(t *testing.T, s access.Secret) access.Secret {
	t.Helper()
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := new(big.Int)
	for _, d := range s.ID() {
		id.Mul(id, big.NewInt(int64(len(digits)))).Add(id, big.NewInt(int64(strings.IndexRune(digits, d))))
	}
	return must(access.NewSecret(s.Kind(), io.MultiReader(bytes.NewReader(id.FillBytes(make([]byte, 8))), rand.Reader)))(t)
}

// user adds a user with a role.
func (k *kept) user(name string, role access.Role, scope string) access.Principal {
	k.t.Helper()
	p := must(k.CreateUser(k.t.Context(), account.System, name, good))(k.t)
	must(k.Assign(k.t.Context(), account.System, p, access.Grant{Role: role, Scope: scope}))(k.t)
	return p
}

// actions gives those of the audit log, in order, with who did them to what.
func (k *kept) actions() []string {
	k.t.Helper()
	var lines []string
	for e, err := range k.store.AuditLog(k.t.Context(), ledger.AuditFilter{}) {
		if err != nil {
			k.t.Fatal(err)
		}
		if strings.Contains(string(e.Detail), good) || strings.Contains(e.Name, other) {
			k.t.Errorf("the audit log holds a secret: %+v", e)
		}
		commit := ""
		if e.Commit != 0 {
			commit = fmt.Sprintf(" commit %d", e.Commit)
		}
		lines = append(lines, fmt.Sprintf("%s by %q at %s%s", e.Action, e.Name, e.Scope, commit))
	}
	slices.Reverse(lines)
	return lines
}

// grants tells what a secret lets one do, "" for nothing.
func (k *kept) grants(text string) string {
	k.t.Helper()
	c, err := k.Authenticate(k.t.Context(), text)
	if access.FaultOf(err) == access.Refused {
		return ""
	}
	if err != nil {
		k.t.Fatal(err)
	}
	told := c.Caller.Principal.Name
	for _, g := range c.Caller.Grants {
		told += fmt.Sprintf(" %s at %s", g.Role, g.Scope)
	}
	if l := c.Caller.Limit; l != nil {
		told += fmt.Sprintf(", at most %s at %s", l.Role, l.Scope)
	}
	return told
}

func TestSignIn(t *testing.T) {
	ctx := t.Context()
	k := newKept(t)
	k.user("Anna", access.Owner, "/")
	bert := k.user("Bert", access.Reader, "contoso")
	tests := map[string]struct {
		name, password string
		ok             bool
	}{
		"right":          {"Anna", good, true},
		"folded":         {"ANNA", good, true},
		"wrong":          {"Anna", other, false},
		"nobody":         {"Carl", good, false},
		"nothing":        {"", "", false},
		"empty_password": {"Anna", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, secret, err := k.SignIn(ctx, test.name, test.password, from)
			if (err == nil) != test.ok || err != nil && access.FaultOf(err) != access.Refused {
				t.Fatalf("error %v", err)
			}
			if test.ok && (k.grants(secret.Reveal()) != "Anna owner at /" || s.Via != "password" || s.From != from.Address) {
				t.Errorf("session %+v gives %q", s, k.grants(secret.Reveal()))
			}
		})
	}
	_, _, wrong := k.SignIn(ctx, "Anna", other, from)
	_, _, nobody := k.SignIn(ctx, other, other, from)
	if wrong == nil || nobody == nil || wrong.Error() != nobody.Error() {
		t.Errorf("the words differ: %v and %v", wrong, nobody)
	}
	_, secret, err := k.SignIn(ctx, "Bert", good, from)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Disable(ctx, account.System, bert.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.SignIn(ctx, "Bert", good, from); err == nil || err.Error() != wrong.Error() || k.grants(secret.Reveal()) != "" {
		t.Errorf("somebody disabled: error %v", err)
	}
	if err := k.Enable(ctx, account.System, bert.ID); err != nil || k.grants(secret.Reveal()) != "" {
		t.Errorf("somebody enabled again has the old session, error %v", err)
	}
	if log := k.actions(); !slices.Contains(log, `signIn.failed by "Bert" at /`) || !slices.Contains(log, `signIn.failed by "" at /`) {
		t.Errorf("audit log %q", log)
	}
}

func TestSignInTooOften(t *testing.T) {
	k := newKept(t)
	k.user("Anna", access.Owner, "/")
	var retry *access.RetryError
	for range 5 {
		if _, _, err := k.SignIn(t.Context(), "Anna", other, from); access.FaultOf(err) != access.Refused {
			t.Fatal(err)
		}
	}
	_, _, err := k.SignIn(t.Context(), "Anna", good, from)
	if !errors.As(err, &retry) || access.FaultOf(err) != access.TooOften {
		t.Fatalf("error %v", err)
	}
	k.now = k.now.Add(retry.After)
	for range 9 { // who knows it is not counted
		if _, _, err := k.SignIn(t.Context(), "Anna", good, from); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSignInRehashes: a password that is cheap to guess is hashed anew.
func TestSignInRehashes(t *testing.T) {
	k := newKept(t)
	k.user("Anna", access.Owner, "/")
	k.Passwords = access.NewPasswords(rand.Reader, 1)
	if _, _, err := k.SignIn(t.Context(), "Anna", good, from); err != nil {
		t.Fatal(err)
	}
	if _, hash, err := k.store.Password(t.Context(), "Anna"); err != nil || !strings.Contains(hash, "$m=65536,") {
		t.Errorf("hash %q, error %v", hash, err)
	}
}

// TestAuthenticate: a secret is good for as long as it is, and for what it is.
func TestAuthenticate(t *testing.T) {
	ctx := t.Context()
	k := newKept(t)
	k.user("Anna", access.Owner, "/")
	bert := k.user("Bert", access.Contributor, "contoso")
	robot, client, err := k.CreateServicePrincipal(ctx, account.System, "robot")
	if err != nil {
		t.Fatal(err)
	}
	must(k.Assign(ctx, account.System, robot, access.Grant{Role: access.Reader, Scope: "contoso"}))(t)
	token, personal, err := k.CreateToken(ctx, account.System, bert, "nightly", access.Grant{Role: access.Reader, Scope: "/"}, k.now.AddDate(0, 0, 30))
	if err != nil {
		t.Fatal(err)
	}
	_, session, err := k.SignIn(ctx, "Bert", good, from)
	if err != nil {
		t.Fatal(err)
	}
	_, bearer, err := k.SignInClient(ctx, robot.ID, client.Reveal(), from)
	if err != nil {
		t.Fatal(err)
	}
	const bertMay = "Bert contributor at contoso"
	steps := []struct {
		after                            time.Duration
		used                             bool
		session, personal, bearer, other string
	}{
		{0, false, bertMay, bertMay + ", at most reader at /", "robot reader at contoso", ""},
		{59 * time.Minute, true, bertMay, bertMay + ", at most reader at /", "robot reader at contoso", ""},
		{61 * time.Minute, false, bertMay, bertMay + ", at most reader at /", "", ""},
		{119 * time.Minute, false, "", bertMay + ", at most reader at /", "", ""},
		{30*24*time.Hour - time.Second, false, "", bertMay + ", at most reader at /", "", ""},
		{30 * 24 * time.Hour, false, "", "", "", ""},
	}
	begin := k.now
	for _, step := range steps {
		k.now = begin.Add(step.after)
		for name, pair := range map[string][2]string{
			"session": {session.Reveal(), step.session}, "token": {personal.Reveal(), step.personal}, "bearer": {bearer.Reveal(), step.bearer},
			"client secret": {client.Reveal(), ""}, "nothing": {"", ""}, "kind": {"bzx" + personal.Reveal()[3:], ""},
		} {
			if got := k.grants(pair[0]); got != pair[1] {
				t.Errorf("after %s: the %s gives %q, want %q", step.after, name, got, pair[1])
			}
		}
		if step.used {
			for _, secret := range []access.Secret{session, personal} {
				if err := k.Used(ctx, must(k.Authenticate(ctx, secret.Reveal()))(t)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	k.now = begin
	for _, secret := range []access.Secret{session, personal, bearer} {
		forged := forge(t, secret)
		if got := k.grants(forged.Reveal()); got != "" || forged.ID() != secret.ID() {
			t.Errorf("another secret of the same id gives %q", got)
		}
	}
	if got := must(k.store.Tokens(ctx, bert.ID))(t)[0].Used; got != begin.Add(59*time.Minute) {
		t.Errorf("the token was used %s", got)
	}

	k.now = begin
	if got := k.grants(session.Reveal()); got != bertMay {
		t.Fatalf("the session gives %q", got)
	}
	if err := k.Disable(ctx, account.System, bert.ID); err != nil || k.grants(personal.Reveal()) != "" {
		t.Errorf("somebody disabled may %q by a token, error %v", k.grants(personal.Reveal()), err)
	}
	if err := k.Enable(ctx, account.System, bert.ID); err != nil || k.grants(personal.Reveal()) == "" {
		t.Errorf("somebody enabled again may nothing by a token, error %v", err)
	}
	if err := k.RemoveToken(ctx, account.System, token); err != nil || k.grants(personal.Reveal()) != "" {
		t.Errorf("a token that was revoked gives %q, error %v", k.grants(personal.Reveal()), err)
	}
	if err := k.Remove(ctx, account.System, bert); err != nil || k.grants(session.Reveal()) != "" {
		t.Errorf("somebody removed may %q, error %v", k.grants(session.Reveal()), err)
	}
	sessions := must(k.store.Sessions(ctx, robot.ID))(t)
	if n, err := k.EndSessions(ctx, account.System, sessions); n != 1 || err != nil || k.grants(bearer.Reveal()) != "" {
		t.Errorf("%d sessions ended, error %v", n, err)
	}
}

func TestSignInClient(t *testing.T) {
	ctx := t.Context()
	k := newKept(t)
	robot, secret, err := k.CreateServicePrincipal(ctx, account.System, "robot")
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := k.CreateServicePrincipal(ctx, account.System, "second")
	if err != nil {
		t.Fatal(err)
	}
	_, more, err := k.CreateSecret(ctx, account.System, robot, "", k.now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	unknown := must(access.NewSecret(access.ClientSecret, rand.Reader))(t)
	tests := map[string]struct {
		id, text string
		after    time.Duration
		ok       bool
	}{
		"right":      {robot.ID, secret.Reveal(), 0, true},
		"second_one": {robot.ID, more.Reveal(), 0, true},
		"ended":      {robot.ID, more.Reveal(), time.Hour, false},
		"other_id":   {second.ID, secret.Reveal(), 0, false},
		"unknown":    {robot.ID, unknown.Reveal(), 0, false},
		"forged":     {robot.ID, forge(t, secret).Reveal(), 0, false},
		"no_secret":  {robot.ID, "secret", 0, false},
	}
	begin := k.now
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k.now = begin.Add(test.after)
			_, _, err := k.SignInClient(ctx, test.id, test.text, from)
			if (err == nil) != test.ok || err != nil && access.FaultOf(err) != access.Refused {
				t.Errorf("error %v", err)
			}
		})
	}
	k.now = begin
	if err := k.Disable(ctx, account.System, robot.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.SignInClient(ctx, robot.ID, secret.Reveal(), from); access.FaultOf(err) != access.Refused {
		t.Errorf("one that is disabled: error %v", err)
	}
	anna := k.user("Anna", access.Owner, "/")
	if _, _, err := k.CreateSecret(ctx, account.System, anna, "", time.Time{}); access.FaultOf(err) != access.Invalid {
		t.Errorf("a client secret of a user: error %v", err)
	}
}

func TestFirstRun(t *testing.T) {
	ctx := t.Context()
	k := newKept(t)
	first, needed, err := k.FirstRun(ctx)
	if err != nil || !needed {
		t.Fatalf("needed %v, error %v", needed, err)
	}
	again, _, err := k.FirstRun(ctx) // another process, or another start
	if err != nil {
		t.Fatal(err)
	}
	k.now = k.now.AddDate(0, 1, 0)
	if l := must(k.Link(ctx, first.Reveal()))(t); l.Purpose != access.FirstRun {
		t.Errorf("link %+v", l)
	}
	for name, refused := range map[string][2]string{"short_password": {"Anna", "short"}, "bad_name": {"", good}} {
		if _, _, err := k.UseFirstRun(ctx, first.Reveal(), refused[0], refused[1], from); access.FaultOf(err) != access.Invalid {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, _, err := k.UseSignInLink(ctx, first.Reveal(), from); access.FaultOf(err) != access.Refused {
		t.Errorf("to sign in: error %v", err)
	}
	_, secret, err := k.UseFirstRun(ctx, first.Reveal(), "Anna", good, from)
	if err != nil || k.grants(secret.Reveal()) != "Anna owner at /" {
		t.Fatalf("it gives %q, error %v", k.grants(secret.Reveal()), err)
	}
	for _, link := range []access.Secret{first, again} {
		if _, _, err := k.UseFirstRun(ctx, link.Reveal(), "Bert", good, from); access.FaultOf(err) != access.Refused {
			t.Errorf("a second time: error %v", err)
		}
	}
	if _, needed, err := k.FirstRun(ctx); needed || err != nil {
		t.Errorf("needed %v, error %v", needed, err)
	}
	want := []string{`user.create by "Anna" at / commit 1`, `signIn.link by "Anna" at /`}
	if got := k.actions(); !slices.Equal(got, want) {
		t.Errorf("audit log %q, want %q", got, want)
	}
}

func TestSignInLink(t *testing.T) {
	ctx := t.Context()
	k := newKept(t)
	anna := k.user("Anna", access.Owner, "/")
	link := must(k.SignInLink(ctx, anna))(t)
	late := must(k.SignInLink(ctx, anna))(t)
	if _, _, err := k.UseFirstRun(ctx, link.Reveal(), "Bert", good, from); access.FaultOf(err) != access.Refused {
		t.Errorf("for the first run: error %v", err)
	}
	_, secret, err := k.UseSignInLink(ctx, link.Reveal(), from)
	if err != nil || k.grants(secret.Reveal()) != "Anna owner at /" {
		t.Fatalf("it gives %q, error %v", k.grants(secret.Reveal()), err)
	}
	if _, _, err := k.UseSignInLink(ctx, forge(t, late).Reveal(), from); access.FaultOf(err) != access.Refused {
		t.Errorf("forged: error %v", err)
	}
	k.now = k.now.Add(access.LinkLife)
	for name, text := range map[string]string{"used": link.Reveal(), "late": late.Reveal(), "none": "bzl_"} {
		if _, _, err := k.UseSignInLink(ctx, text, from); access.FaultOf(err) != access.Refused {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestSignInElsewhere(t *testing.T) {
	ctx := t.Context()
	k := newKept(t)
	k.Configured = []account.Provider{account.ConfiguredProvider(signon.Provider{
		Name: "entra", Issuer: "https://issuer", Roles: []signon.GroupRole{{Group: "audit", Role: access.SecurityReader, Scope: "/"}},
	}, nil)}
	k.user("Anna", access.Owner, "/")
	group := must(k.CreateGroup(ctx, account.System, "Admins"))(t)
	must(k.Assign(ctx, account.System, group, access.Grant{Role: access.SecurityAdmin, Scope: "contoso"}))(t)
	s, secret, err := k.SignInElsewhere(ctx, "https://issuer 1", "zoe@contoso.com", []string{"admins", "others"}, from)
	if err != nil || k.grants(secret.Reveal()) != "zoe@contoso.com security-admin at contoso" {
		t.Fatalf("it gives %q, error %v", k.grants(secret.Reveal()), err)
	}
	again, secret, err := k.SignInElsewhere(ctx, "https://issuer 1", "zoe now", nil, from)
	if err != nil || again.Principal != s.Principal || k.grants(secret.Reveal()) != "zoe@contoso.com" {
		t.Errorf("again: %+v, error %v", again, err)
	}
	// Groups give roles by the mapping too, to the letter, and those of the latest
	// sign-in count in every session.
	_, later, err := k.SignInElsewhere(ctx, "https://issuer 1", "zoe", []string{"audit", "Audit"}, from)
	if err != nil || k.grants(later.Reveal()) != "zoe@contoso.com security-reader at /" || k.grants(secret.Reveal()) != k.grants(later.Reveal()) {
		t.Errorf("later: %q, before: %q, error %v", k.grants(later.Reveal()), k.grants(secret.Reveal()), err)
	}
	if _, _, err := k.SignInElsewhere(ctx, "https://issuer 1", "zoe", nil, from); err != nil || k.grants(later.Reveal()) != "zoe@contoso.com" {
		t.Errorf("without groups: %q, error %v", k.grants(later.Reveal()), err)
	}
	// Who is vouched for by nobody any more is out.
	_, lost, err := k.SignInElsewhere(ctx, "https://gone 1", "yan", nil, from)
	if err != nil || k.grants(lost.Reveal()) != "" {
		t.Errorf("of a provider that is not there: %q, error %v", k.grants(lost.Reveal()), err)
	}
	// A name does not make anybody Anna, nor another zoe.
	for _, name := range []string{"Anna", "zoe@contoso.com"} {
		if _, _, err := k.SignInElsewhere(ctx, "https://issuer 2", name, nil, from); access.FaultOf(err) != access.Taken {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, _, err := k.SignInElsewhere(ctx, "", "carl", nil, from); access.FaultOf(err) != access.Invalid {
		t.Errorf("without a subject: error %v", err)
	}
	if err := k.Disable(ctx, account.System, s.Principal); err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.SignInElsewhere(ctx, "https://issuer 1", "zoe", nil, from); access.FaultOf(err) != access.Refused {
		t.Errorf("somebody disabled: error %v", err)
	}
	if log := k.actions(); log[len(log)-1] != `signIn.failed by "zoe@contoso.com" at /` {
		t.Errorf("audit log %q", log)
	}
}

// TestChanges: each is one commit with one entry of the audit log.
func TestChanges(t *testing.T) {
	ctx := t.Context()
	k := newKept(t)
	by := account.By{ID: "1", Name: "Olga", From: from.Address}
	anna := k.user("Anna", access.Owner, "/")
	bert := must(k.CreateUser(ctx, by, "Bert", good))(t)
	role := must(k.Assign(ctx, by, bert, access.Grant{Role: access.Reader, Scope: "contoso"}))(t)
	token, _, err := k.CreateToken(ctx, by, bert, "", access.Grant{Role: access.Reader, Scope: "contoso"}, k.now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := k.SignIn(ctx, "Bert", good, from)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		k.SetPassword(ctx, by, bert.ID, other, s.ID), k.RemoveToken(ctx, by, token), k.Unassign(ctx, by, role), k.Remove(ctx, by, bert),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`user.create by "system" at / commit 1`, `role.create by "system" at / commit 2`,
		`user.create by "Olga" at / commit 3`, `role.create by "Olga" at contoso commit 4`, `token.create by "Olga" at contoso commit 5`,
		`signIn.password by "Bert" at /`, `user.password by "Olga" at / commit 6`, `token.remove by "Olga" at contoso commit 7`,
		`role.remove by "Olga" at contoso commit 8`, `user.remove by "Olga" at / commit 9`,
	}
	if got := k.actions(); !slices.Equal(got, want) {
		t.Errorf("audit log\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	group := must(k.CreateGroup(ctx, by, "Admins"))(t)
	for name, test := range map[string]struct {
		err   error
		fault access.Fault
	}{
		"last_owner_removed":  {k.Remove(ctx, by, anna), access.LastOwner},
		"last_owner_disabled": {k.Disable(ctx, by, anna.ID), access.LastOwner},
		"name_bad":            {third(k.CreateServicePrincipal(ctx, by, "")), access.Invalid},
		"same_name":           {second(k.CreateUser(ctx, by, "ANNA", good)), access.Taken},
		"nobody":              {k.Disable(ctx, by, bert.ID), access.Missing},
		"password_of_nobody":  {k.SetPassword(ctx, by, bert.ID, good, ""), access.Missing},
		"token_of_a_group":    {third(k.CreateToken(ctx, by, group, "", access.Grant{Role: access.Reader, Scope: "/"}, k.now.Add(time.Hour))), access.Invalid},
		"token_too_long":      {third(k.CreateToken(ctx, by, anna, "", access.Grant{Role: access.Reader, Scope: "/"}, k.now.AddDate(2, 0, 0))), access.Invalid},
	} {
		if test.err == nil || access.FaultOf(test.err) != test.fault {
			t.Errorf("%s: error %v, want fault %d", name, test.err, test.fault)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }
