//go:build unix

package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var (
	anna   = access.Principal{ID: "1-anna", Kind: access.User, Name: "Anna", Created: noon}
	bert   = access.Principal{ID: "2-bert", Kind: access.User, Name: "Bert", Created: noon}
	robot  = access.Principal{ID: "3-robot", Kind: access.ServicePrincipal, Name: "robot", Created: noon}
	admins = access.Principal{ID: "4-admins", Kind: access.Group, Name: "Admins", Created: noon}
)

// did is an entry of the audit log.
func did(action string) ledger.AuditEntry { return ledger.AuditEntry{At: noon, Action: action} }

// accessCommit is one that tells the audit log of itself.
func accessCommit(s *Store, work func(access.Tx) error) (ledger.Commit, error) {
	return s.WriteAccess(context.Background(), commitOf(ledger.Access), func(tx access.Tx) error {
		return errors.Join(tx.Audit(context.Background(), did("test.write")), work(tx))
	})
}

// people makes anna, owner, and bert, reader, robot and admins, with a password,
// tokens and sessions.
func people(t testing.TB, s *Store) {
	t.Helper()
	ctx := t.Context()
	_, err := accessCommit(s, func(tx access.Tx) error {
		return errors.Join(
			tx.SetPrincipals(ctx, []access.Principal{anna, bert, robot, admins}),
			tx.AddAssignments(ctx, []access.RoleAssignment{
				{ID: "r1", Principal: anna.ID, Role: access.Owner, Scope: "/"},
				{ID: "r2", Principal: bert.ID, Role: access.Reader, Scope: "/subscriptions/A"},
				{ID: "r3", Principal: admins.ID, Role: access.Owner, Scope: "/"},
			}),
			tx.SetPassword(ctx, anna.ID, "$hash", ""),
			tx.AddToken(ctx, tokenOf("t1", bert.ID), access.Hash{1}),
			tx.AddToken(ctx, access.Token{ID: "t2", Kind: access.ClientSecret, Principal: robot.ID, Created: noon}, access.Hash{2}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range []access.Principal{anna, bert} {
		if err := s.AddSession(ctx, sessionOf(fmt.Sprint("s", i+1), p.ID), access.Hash{3}, did("signIn.password")); err != nil {
			t.Fatal(err)
		}
	}
}

func tokenOf(id, principal string) access.Token {
	return access.Token{
		ID: id, Kind: access.PersonalToken, Principal: principal, Name: "nightly", Created: noon, Expires: noon.AddDate(0, 1, 0),
		Limit: &access.Grant{Role: access.Reader, Scope: "/subscriptions/A"},
	}
}

func sessionOf(id, principal string) access.Session {
	return access.Session{
		ID: id, Kind: access.SessionSecret, Principal: principal, Groups: []string{"Admins"}, Via: "password", From: "192.0.2.1", Agent: "a browser",
		Created: noon, Used: noon, Expires: noon.Add(access.SessionLife), Idle: access.SessionIdle,
	}
}

// TestAccess: what is written is read, by every way to read it.
func TestAccess(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		people(t, s)
		if diff := cmp.Diff([]access.Principal{admins, robot, anna, bert}, must(s.Principals(ctx))(t)); diff != "" {
			t.Errorf("principals: -want +got\n%s", diff)
		}
		want := []access.RoleAssignment{
			{ID: "r1", Principal: anna.ID, Role: access.Owner, Scope: "/"},
			{ID: "r2", Principal: bert.ID, Role: access.Reader, Scope: "/subscriptions/A"},
			{ID: "r3", Principal: admins.ID, Role: access.Owner, Scope: "/"},
		}
		if diff := cmp.Diff(want, must(s.Assignments(ctx))(t)); diff != "" {
			t.Errorf("assignments: -want +got\n%s", diff)
		}
		p, groups, roles, err := s.Identity(ctx, bert.ID, []string{"ADMINS", "others"})
		if err != nil || p != bert || len(groups) != 1 || groups[0] != admins || !cmp.Equal(roles, want[1:]) {
			t.Errorf("identity: %+v, groups %+v, roles %+v, error %v", p, groups, roles, err)
		}
		if _, _, _, err := s.Identity(ctx, "none", nil); access.FaultOf(err) != access.Missing {
			t.Errorf("identity of nobody: error %v", err)
		}
		client := access.Token{ID: "t2", Kind: access.ClientSecret, Principal: robot.ID, Created: noon}
		if diff := cmp.Diff([]access.Token{tokenOf("t1", bert.ID), client}, must(s.Tokens(ctx, ""))(t)); diff != "" {
			t.Errorf("tokens: -want +got\n%s", diff)
		}
		if diff := cmp.Diff([]access.Token{client}, must(s.Tokens(ctx, robot.ID))(t)); diff != "" {
			t.Errorf("tokens of robot: -want +got\n%s", diff)
		}
		token, hash, err := s.Token(ctx, "t1")
		if wanted := (access.Hash{1}); !cmp.Equal(token, tokenOf("t1", bert.ID)) || !bytes.Equal(hash, wanted[:]) || err != nil {
			t.Errorf("token %+v, hash %x, error %v", token, hash, err)
		}
		user, phc, err := s.Password(ctx, "ANNA")
		if user != anna || phc != "$hash" || err != nil {
			t.Errorf("user %+v, hash %q, error %v", user, phc, err)
		}
		for _, name := range []string{"robot", "nobody", "a\x00nna"} {
			if user, phc, err := s.Password(ctx, name); user.ID != "" || phc != "" || err != nil && !strings.Contains(name, "\x00") {
				t.Errorf("%q: user %+v, hash %q, error %v", name, user, phc, err)
			}
		}
		session, hash, err := s.Session(ctx, "s2")
		if wanted := (access.Hash{3}); !cmp.Equal(session, sessionOf("s2", bert.ID)) || !bytes.Equal(hash, wanted[:]) || err != nil {
			t.Errorf("session %+v, hash %x, error %v", session, hash, err)
		}
		if got := must(s.Sessions(ctx, bert.ID))(t); !cmp.Equal(got, []access.Session{sessionOf("s2", bert.ID)}) {
			t.Errorf("sessions of bert: %+v", got)
		}
		if got := must(s.Sessions(ctx, ""))(t); len(got) != 2 {
			t.Errorf("sessions: %+v", got)
		}
		for name, err := range map[string]error{"token": third(s.Token(ctx, "none")), "session": third(s.Session(ctx, "none"))} {
			if access.FaultOf(err) != access.Refused {
				t.Errorf("%s that is not there: error %v", name, err)
			}
		}
		sound(t, s)
	})
}

func third[T, U any](_ T, _ U, err error) error { return err }

// TestAccessRefuses: each commit fails, for its reason, and leaves nothing.
func TestAccessRefuses(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		people(t, s)
		before := dump(t, s)
		carl := access.Principal{ID: "5-carl", Kind: access.User, Name: "carl", Created: noon}
		disabled := anna
		disabled.Disabled = true
		forever := tokenOf("t3", bert.ID)
		forever.Expires = time.Time{}
		tests := map[string]struct {
			work  func(access.Tx) error
			fault access.Fault
		}{
			"name_taken": {func(tx access.Tx) error {
				carl.Name = "aNNA"
				return tx.SetPrincipals(ctx, []access.Principal{carl})
			}, access.Taken},
			"name_bad": {func(tx access.Tx) error {
				return tx.SetPrincipals(ctx, []access.Principal{{ID: "x", Kind: access.User}})
			}, access.Invalid},
			"no_id": {func(tx access.Tx) error {
				return tx.SetPrincipals(ctx, []access.Principal{{Kind: access.User, Name: "x"}})
			}, access.NoFault},
			"remove_none": {func(tx access.Tx) error { return tx.RemovePrincipals(ctx, []string{"none"}) }, access.Missing},
			"role_twice": {func(tx access.Tx) error {
				return tx.AddAssignments(ctx, []access.RoleAssignment{{ID: "r9", Principal: bert.ID, Role: access.Reader, Scope: "/SUBSCRIPTIONS/a"}})
			}, access.Taken},
			"role_of_nobody": {func(tx access.Tx) error {
				return tx.AddAssignments(ctx, []access.RoleAssignment{{ID: "r9", Principal: "none", Role: access.Reader, Scope: "/"}})
			}, access.Missing},
			"role_of_none": {func(tx access.Tx) error {
				return tx.AddAssignments(ctx, []access.RoleAssignment{{ID: "r9", Principal: bert.ID, Scope: "/"}})
			}, access.Invalid},
			"remove_no_role":     {func(tx access.Tx) error { return tx.RemoveAssignments(ctx, []string{"none"}) }, access.Missing},
			"token_of_nobody":    {func(tx access.Tx) error { return tx.AddToken(ctx, tokenOf("t3", "none"), access.Hash{}) }, access.Missing},
			"token_forever":      {func(tx access.Tx) error { return tx.AddToken(ctx, forever, access.Hash{}) }, access.Invalid},
			"remove_no_token":    {func(tx access.Tx) error { _, err := tx.RemoveTokens(ctx, []string{"none"}); return err }, access.Missing},
			"password_of_robot":  {func(tx access.Tx) error { return tx.SetPassword(ctx, robot.ID, "$", "") }, access.Missing},
			"last_owner_removed": {func(tx access.Tx) error { return tx.RemovePrincipals(ctx, []string{anna.ID}) }, access.LastOwner},
			"last_owner_disabled": {func(tx access.Tx) error {
				return tx.SetPrincipals(ctx, []access.Principal{disabled})
			}, access.LastOwner},
			"last_owner_role": {func(tx access.Tx) error { return tx.RemoveAssignments(ctx, []string{"r1"}) }, access.LastOwner},
			"last_owner_swap": {func(tx access.Tx) error {
				return errors.Join(tx.RemoveAssignments(ctx, []string{"r1"}), tx.AddAssignments(ctx, []access.RoleAssignment{{ID: "r9", Principal: bert.ID, Role: access.Owner, Scope: "/subscriptions/A"}}))
			}, access.LastOwner},
			"unused_link":  {func(tx access.Tx) error { return second(tx.UseLink(ctx, access.Secret{})) }, access.Refused},
			"bad_detail":   {func(tx access.Tx) error { return tx.Audit(ctx, ledger.AuditEntry{Action: "a.b", Detail: []byte("[]")}) }, access.NoFault},
			"bad_action":   {func(tx access.Tx) error { return tx.Audit(ctx, ledger.AuditEntry{Action: "a"}) }, access.NoFault},
			"other_reason": {func(access.Tx) error { return errOops }, access.NoFault},
		}
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				c, err := accessCommit(s, test.work)
				if err == nil || access.FaultOf(err) != test.fault || c != (ledger.Commit{}) {
					t.Errorf("commit %+v, error %v, want fault %d", c, err, test.fault)
				}
			})
		}
		_, err := s.WriteAccess(ctx, commitOf(ledger.Access), func(tx access.Tx) error { return tx.RemovePrincipals(ctx, []string{bert.ID}) })
		if err == nil || !strings.Contains(err.Error(), "audit log") {
			t.Errorf("a change that the audit log does not tell: error %v", err)
		}
		if got := dump(t, s); got != before || must(s.Head(ctx))(t) != 1 {
			t.Errorf("something was left:\n%s\nwas\n%s", got, before)
		}
		if got := all(t, s.AuditLog(ctx, ledger.AuditFilter{Action: "test."})); len(got) != 1 {
			t.Errorf("audit log: %+v", got)
		}
	})
}

// TestRemovePrincipal: with somebody all goes that was theirs; the name is free.
func TestRemovePrincipal(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		people(t, s)
		link := must(access.NewSecret(access.LinkSecret, rand.Reader))(t)
		if err := s.AddLink(ctx, access.Link{ID: link.ID(), Purpose: access.SignIn, Principal: anna.ID, Created: noon, Expires: noon.Add(time.Hour)}, link.Hash()); err != nil {
			t.Fatal(err)
		}
		before := counts(t, s)
		again := access.Principal{ID: "6-anna", Kind: access.User, Name: "ANNA", Created: noon}
		c := must(accessCommit(s, func(tx access.Tx) error {
			return errors.Join(
				tx.AddAssignments(ctx, []access.RoleAssignment{{ID: "r4", Principal: robot.ID, Role: access.Owner, Scope: "/"}}),
				tx.RemovePrincipals(ctx, []string{anna.ID, bert.ID}),
				tx.SetPrincipals(ctx, []access.Principal{again}),
			)
		}))(t)
		if diff := cmp.Diff([]access.Principal{admins, robot, again}, must(s.Principals(ctx))(t)); diff != "" {
			t.Errorf("principals: -want +got\n%s", diff)
		}
		after := counts(t, s)
		for table, gone := range map[string]int64{"password": 1, "login": 2, "link": 1, "token_secret": 1} {
			if before[table]-after[table] != gone {
				t.Errorf("%s: %d rows, %d before, want %d fewer", table, after[table], before[table], gone)
			}
		}
		if roles, tokens := must(s.Assignments(ctx))(t), must(s.Tokens(ctx, ""))(t); len(roles) != 2 || len(tokens) != 1 {
			t.Errorf("roles %+v, tokens %+v", roles, tokens)
		}
		sound(t, s)
		// The state before is as it was, until history is given up.
		if then := dumpAt(t, s, c.Number-1); !strings.Contains(then, `role owner at "/" of user "anna"`) || !strings.Contains(then, `token bzt "nightly" of user "bert" role=reader at "/subscriptions/a"`) {
			t.Errorf("the state before:\n%s", then)
		}
		if now := dump(t, s); !strings.Contains(now, "principal user \"anna\" disabled=false\n") || strings.Contains(now, "bert") || strings.Contains(now, "-anna") {
			t.Errorf("the state after:\n%s", now)
		}
		now := dump(t, s)
		if n := must(s.Keep(ctx, commitOf(ledger.Retention), c.Number))(t); n != 5 {
			t.Errorf("%d rows were given up, want 2 principals, 2 roles and a token", n)
		}
		if got, told := dump(t, s), all(t, s.AuditLog(ctx, ledger.AuditFilter{})); got != now || len(told) != 5 || told[0].Action != "history.remove" {
			t.Errorf("retention changed who may do what, or of the audit log more than its own entry: %+v\n%s", told, got)
		}
	})
}

// TestLastOwner: of two owners who remove each other at once one stays.
func TestLastOwner(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		stores := handles(t, where, 2)
		people(t, stores[0])
		must(accessCommit(stores[0], func(tx access.Tx) error {
			return tx.AddAssignments(ctx, []access.RoleAssignment{{ID: "r4", Principal: bert.ID, Role: access.Owner, Scope: "/"}})
		}))(t)
		var refused atomic.Int32
		both := sync.WaitGroup{}
		for i, work := range []func(access.Tx) error{
			func(tx access.Tx) error { return tx.RemovePrincipals(ctx, []string{anna.ID}) },
			func(tx access.Tx) error { return tx.RemoveAssignments(ctx, []string{"r4"}) },
		} {
			both.Go(func() {
				if _, err := accessCommit(stores[i], work); access.FaultOf(err) == access.LastOwner {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if refused.Load() != 1 {
			t.Errorf("%d were refused, want 1", refused.Load())
		}
	})
}

// TestLinkOnce: of many who use a link at once, in a commit or for a session, one
// succeeds.
func TestLinkOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		stores := handles(t, where, 4)
		must(accessCommit(stores[0], func(tx access.Tx) error { return tx.SetPrincipals(ctx, []access.Principal{anna}) }))(t)
		sign := must(access.NewSecret(access.LinkSecret, rand.Reader))(t)
		firsts := []access.Secret{must(access.NewSecret(access.LinkSecret, rand.Reader))(t), must(access.NewSecret(access.LinkSecret, rand.Reader))(t)}
		add := func(l access.Link, secret access.Secret) {
			l.ID, l.Created = secret.ID(), noon
			if err := stores[0].AddLink(ctx, l, secret.Hash()); err != nil {
				t.Fatal(err)
			}
		}
		add(access.Link{Purpose: access.SignIn, Principal: anna.ID, Expires: noon.Add(access.LinkLife)}, sign)
		for _, first := range firsts {
			add(access.Link{Purpose: access.FirstRun}, first)
		}
		trade := func(s *Store, secret access.Secret, id string, now time.Time) error {
			return s.TradeLink(ctx, secret, now, func(l access.Link) (access.Session, access.Hash, ledger.AuditEntry, error) {
				return sessionOf(id, l.Principal), access.Hash{9}, did("signIn.link"), nil
			})
		}

		// None of these uses it up.
		if err := trade(stores[0], sign, "late", noon.Add(access.LinkLife)); access.FaultOf(err) != access.Refused {
			t.Errorf("a link that has ended: error %v", err)
		}
		err := stores[0].TradeLink(ctx, sign, noon, func(access.Link) (access.Session, access.Hash, ledger.AuditEntry, error) {
			return access.Session{}, access.Hash{}, ledger.AuditEntry{}, errOops
		})
		if !errors.Is(err, errOops) {
			t.Errorf("a trade that failed: error %v", err)
		}
		if l, err := stores[0].Link(ctx, sign, noon); err != nil || l.Principal != anna.ID {
			t.Errorf("link %+v, error %v", l, err)
		}

		var traded, committed atomic.Int32
		var at sync.WaitGroup
		for i := range 8 {
			s := stores[i%len(stores)]
			at.Go(func() {
				if err := trade(s, sign, fmt.Sprint("new", i), noon); err == nil {
					traded.Add(1)
				} else if access.FaultOf(err) != access.Refused {
					t.Error(err)
				}
			})
			at.Go(func() {
				_, err := accessCommit(s, func(tx access.Tx) error {
					_, err := tx.UseLink(ctx, firsts[i%2])
					return errors.Join(err, tx.SetPrincipals(ctx, []access.Principal{{ID: fmt.Sprint("first", i), Kind: access.User, Name: fmt.Sprint("first", i)}}))
				})
				if err == nil {
					committed.Add(1)
				} else if access.FaultOf(err) != access.Refused {
					t.Error(err)
				}
			})
		}
		at.Wait()
		if traded.Load() != 1 || committed.Load() != 1 {
			t.Errorf("%d sessions and %d commits, want one of each", traded.Load(), committed.Load())
		}
		if n := len(must(stores[0].Sessions(ctx, anna.ID))(t)); n != 1 {
			t.Errorf("%d sessions of anna, want 1", n)
		}
	})
}

// TestLinkOfFirstRun: it is good for nothing once somebody owns the server.
func TestLinkOfFirstRun(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		people(t, s)
		secret := must(access.NewSecret(access.LinkSecret, rand.Reader))(t)
		if err := s.AddLink(ctx, access.Link{ID: secret.ID(), Purpose: access.FirstRun, Created: noon}, secret.Hash()); err != nil {
			t.Fatal(err)
		}
		_, err := accessCommit(s, func(tx access.Tx) error { return second(tx.UseLink(ctx, secret)) })
		if access.FaultOf(err) != access.Refused {
			t.Errorf("error %v, want it refused", err)
		}
	})
}

// TestSubject: who signed in elsewhere is found by what that says, and is one.
func TestSubject(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		people(t, s)
		zoe := access.Principal{ID: "7-zoe", Kind: access.User, Name: "zoe", Subject: "https://issuer#1", Created: noon}
		must(accessCommit(s, func(tx access.Tx) error { return tx.SetPrincipals(ctx, []access.Principal{zoe}) }))(t)
		for subject, want := range map[string]access.Principal{zoe.Subject: zoe, "https://issuer#2": {}, "": {}} {
			if p, there, err := s.Subject(ctx, subject); p != want || there != (want.ID != "") || err != nil {
				t.Errorf("%q: %+v, %v, error %v", subject, p, there, err)
			}
		}
		zoe.ID, zoe.Name = "8-zoe", "zoe two"
		if _, err := accessCommit(s, func(tx access.Tx) error { return tx.SetPrincipals(ctx, []access.Principal{zoe}) }); err == nil {
			t.Error("two users have one subject")
		}
	})
}

// TestSessions: they end when they should, and use is written once a minute.
func TestSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		people(t, s)
		used := func() time.Time { return must(s.Sessions(ctx, anna.ID))(t)[0].Used }
		for after, want := range map[time.Duration]time.Duration{0: 0, 59 * time.Second: 0} {
			if err := s.UsedSession(ctx, "s1", noon.Add(after)); err != nil || used() != noon.Add(want) {
				t.Errorf("after %s: used %s, error %v", after, used(), err)
			}
		}
		for _, after := range []time.Duration{time.Minute, 119 * time.Second, 90 * time.Second} {
			if err := s.UsedSession(ctx, "s1", noon.Add(after)); err != nil || used() != noon.Add(time.Minute) {
				t.Errorf("after %s: used %s, error %v", after, used(), err)
			}
		}
		if err := s.UsedToken(ctx, "t1", noon); err != nil || must(s.Tokens(ctx, bert.ID))(t)[0].Used != noon {
			t.Errorf("used %s, error %v", must(s.Tokens(ctx, bert.ID))(t)[0].Used, err)
		}
		head := must(s.Head(ctx))(t)

		for name, session := range map[string]access.Session{"of_nobody": sessionOf("x", "none"), "endless": {ID: "x", Principal: anna.ID, Created: noon, Used: noon}} {
			if err := s.AddSession(ctx, session, access.Hash{}, did("signIn.password")); err == nil {
				t.Errorf("%s: it was added", name)
			}
		}
		if n := must(s.EndSessions(ctx, []string{"s2", "none"}, did("session.end")))(t); n != 1 {
			t.Errorf("%d sessions ended, want 1", n)
		}
		// s1 was used a minute past noon.
		for _, step := range []struct {
			after time.Duration
			left  int
		}{{access.SessionIdle, 1}, {access.SessionIdle + time.Minute, 0}} {
			if err := s.SweepAccess(ctx, noon.Add(step.after)); err != nil {
				t.Fatal(err)
			}
			if n := len(must(s.Sessions(ctx, ""))(t)); n != step.left {
				t.Errorf("after %s: %d sessions, want %d", step.after, n, step.left)
			}
		}
		if now := must(s.Head(ctx))(t); now != head {
			t.Errorf("sessions made commit %d", now)
		}
		// Another password, and being disabled, end sessions but the one that asked.
		for _, id := range []string{"s4", "s5"} {
			if err := s.AddSession(ctx, sessionOf(id, anna.ID), access.Hash{}, did("signIn.password")); err != nil {
				t.Fatal(err)
			}
		}
		c := must(accessCommit(s, func(tx access.Tx) error { return tx.SetPassword(ctx, anna.ID, "$other", "s5") }))(t)
		if got := must(s.Sessions(ctx, anna.ID))(t); c.Number != head+1 || len(got) != 1 || got[0].ID != "s5" {
			t.Errorf("commit %d, sessions %+v", c.Number, got)
		}
		for _, hash := range []string{"$hash", "$other"} {
			if err := s.Rehash(ctx, anna.ID, hash, "$new"); err != nil {
				t.Fatal(err)
			}
			_, got, _ := s.Password(ctx, "anna")
			if want := map[string]string{"$hash": "$other", "$other": "$new"}[hash]; got != want {
				t.Errorf("password %q, want %q", got, want)
			}
		}
		off := bert
		off.Disabled = true
		if err := s.AddSession(ctx, sessionOf("s6", bert.ID), access.Hash{}, did("signIn.password")); err != nil {
			t.Fatal(err)
		}
		must(accessCommit(s, func(tx access.Tx) error { return tx.SetPrincipals(ctx, []access.Principal{off}) }))(t)
		if got := must(s.Sessions(ctx, bert.ID))(t); len(got) != 0 {
			t.Errorf("sessions of somebody disabled: %+v", got)
		}
		if err := s.AddSession(ctx, sessionOf("s7", bert.ID), access.Hash{}, did("signIn.password")); access.FaultOf(err) != access.Refused {
			t.Errorf("somebody disabled signed in: error %v", err)
		}
	})
}

// TestAudit: entries of commits are there if the commit is, others by themselves,
// and filters find them.
func TestAudit(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		entries := []ledger.AuditEntry{
			{Action: "definition.write", Detail: []byte(`{"a":1}`)},
			{Action: "definition.remove", Actor: "1", Name: "Anna", Object: "d", Scope: "contoso", From: "192.0.2.1"},
		}
		for _, text := range []string{"1", "1", "2"} { // the second is no commit
			_, err := s.Write(ctx, commitOf(ledger.Document), func(tx ledger.Tx) error {
				return errors.Join(tx.SetDocuments(ctx, document("d", text)), tx.Audit(ctx, entries[0]), tx.Audit(ctx, entries[1]))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		failed := ledger.AuditEntry{At: noon.Add(time.Hour), Name: "zoe\x00", Action: "signIn.failed", From: "192.0.2.9"}
		if err := s.Audit(ctx, failed); err != nil {
			t.Fatal(err)
		}
		for name, bad := range map[string]ledger.AuditEntry{"no_time": {Action: "a.b"}, "action": {At: noon, Action: ".b"}, "detail": {At: noon, Action: "a.b", Detail: []byte("{")}} {
			if err := s.Audit(ctx, bad); err == nil {
				t.Errorf("%s: it was written", name)
			}
		}
		got := all(t, s.AuditLog(ctx, ledger.AuditFilter{}))
		for i := range got {
			if i > 0 && got[i].Number >= got[i-1].Number {
				t.Errorf("entry %d follows %d", got[i].Number, got[i-1].Number)
			}
		}
		failed.Name = "zoe\uFFFD"
		want := []ledger.AuditEntry{failed}
		for _, n := range []ledger.Number{2, 1} {
			for _, i := range []int{1, 0} {
				e := entries[i]
				if e.At, e.Commit = noon, n; i == 0 {
					e.Actor, e.Name, e.Object = "system", "system", "x"
				}
				want = append(want, e)
			}
		}
		numbers := make([]int64, len(got))
		for i := range got {
			numbers[i], got[i].Number = got[i].Number, 0
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("audit log: -want +got\n%s", diff)
		}
		for name, test := range map[string]struct {
			filter ledger.AuditFilter
			want   int
		}{
			"action":        {ledger.AuditFilter{Action: "definition.write"}, 2},
			"action_object": {ledger.AuditFilter{Action: "definition."}, 4},
			"no_prefix":     {ledger.AuditFilter{Action: "def."}, 0},
			"actor":         {ledger.AuditFilter{Actor: "1"}, 2},
			"object":        {ledger.AuditFilter{Object: "d", Action: "definition.remove"}, 2},
			"since":         {ledger.AuditFilter{Since: noon.Add(time.Hour)}, 1},
			"until":         {ledger.AuditFilter{Until: noon.Add(time.Hour)}, 4},
			"before":        {ledger.AuditFilter{Before: numbers[1]}, 3},
			"none":          {ledger.AuditFilter{Actor: "2"}, 0},
		} {
			if n := len(all(t, s.AuditLog(ctx, test.filter))); n != test.want {
				t.Errorf("%s: %d entries, want %d", name, n, test.want)
			}
			whole := test.filter
			whole.Before = 0
			counts := map[string]int{}
			for _, e := range all(t, s.AuditLog(ctx, whole)) {
				counts[e.Scope]++
			}
			if diff := cmp.Diff(counts, must(s.AuditCounts(ctx, test.filter))(t)); diff != "" {
				t.Errorf("%s, counted: -entries +counts\n%s", name, diff)
			}
		}
		for range auditRows {
			if err := s.Audit(ctx, failed); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(all(t, s.AuditLog(ctx, ledger.AuditFilter{}))); n != auditRows+5 {
			t.Errorf("%d entries in pages, want %d", n, auditRows+5)
		}
		sound(t, s)
	})
}

// TestNoSecretIsKept: the database holds no secret, nor does the dump hold a hash.
func TestNoSecretIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		people(t, s)
		secret := must(access.NewSecret(access.PersonalToken, rand.Reader))(t)
		token := tokenOf(secret.ID(), bert.ID)
		must(accessCommit(s, func(tx access.Tx) error { return tx.AddToken(ctx, token, secret.Hash()) }))(t)
		_, hash, err := s.Token(ctx, secret.ID())
		if err != nil || !secret.Is(hash) {
			t.Errorf("hash %x, error %v", hash, err)
		}
		text := dump(t, s)
		for _, hidden := range []string{"$hash", fmt.Sprintf("%x", hash), secret.ID(), anna.ID} {
			if strings.Contains(text, hidden) {
				t.Errorf("the dump holds %q:\n%s", hidden, text)
			}
		}
	})
}

// TestServerSettings: what is set up over the API and its secrets are commits with
// an entry of the audit log, and can be taken back.
func TestServerSettings(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s, ctx := open(t, where), t.Context()
		steps := []struct {
			name   string
			change func(access.Tx) error
			values map[string]string
			sealed map[string][]byte
		}{
			{"set", func(tx access.Tx) error {
				return errors.Join(tx.SetServerSetting(ctx, "a", "{}"), tx.SetServerSetting(ctx, "b", "{}"), tx.SetSealed(ctx, "a/secret", []byte{1, 0, 2}))
			}, map[string]string{"a": "{}", "b": "{}"}, map[string][]byte{"a/secret": {1, 0, 2}}},
			{"replace", func(tx access.Tx) error {
				return errors.Join(tx.SetServerSetting(ctx, "a", `{"x":1}`), tx.SetSealed(ctx, "a/secret", []byte{3}))
			}, map[string]string{"a": `{"x":1}`, "b": "{}"}, map[string][]byte{"a/secret": {3}}},
			{"remove", func(tx access.Tx) error {
				return errors.Join(tx.SetServerSetting(ctx, "a", ""), tx.SetSealed(ctx, "a/secret", nil))
			}, map[string]string{"b": "{}"}, map[string][]byte{}},
		}
		for i, step := range steps {
			c, err := accessCommit(s, step.change)
			if err != nil || c.Number != ledger.Number(i+1) {
				t.Fatalf("%s: commit %d, error %v", step.name, c.Number, err)
			}
			if diff := cmp.Diff(step.values, must(s.ServerSettings(ctx))(t)); diff != "" {
				t.Errorf("%s: %s", step.name, diff)
			}
			if diff := cmp.Diff(step.sealed, must(s.Sealed(ctx))(t)); diff != "" {
				t.Errorf("%s: %s", step.name, diff)
			}
		}
	})
}

// TestAttempt: a sign-in elsewhere ends once, and not after its time.
func TestAttempt(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s, ctx := open(t, where), t.Context()
		a := access.Attempt{State: access.Hash{1}, Browser: access.Hash{2}, Provider: "entra", Return: "/x", Expires: noon.Add(access.AttemptLife)}
		late := a
		late.State = access.Hash{3}
		for _, one := range []access.Attempt{a, late} {
			if err := s.AddAttempt(ctx, one, noon); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.UseAttempt(ctx, a.State, noon); err != nil || got != a {
			t.Errorf("%+v, error %v", got, err)
		}
		for name, use := range map[string]access.Attempt{"used": a, "unknown": {State: access.Hash{9}}, "late": late} {
			if got, err := s.UseAttempt(ctx, use.State, late.Expires); access.FaultOf(err) != access.Refused || got != (access.Attempt{}) {
				t.Errorf("%s: %+v, error %v", name, got, err)
			}
		}
		if err := s.AddAttempt(ctx, a, noon); err != nil { // what ended is swept
			t.Error(err)
		}
	})
}

// TestSessions_follow_the_latest_groups: who left a group loses it in every
// browser, but not in sessions of other ways.
func TestSessions_follow_the_latest_groups(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s, ctx := open(t, where), t.Context()
		people(t, s)
		for i, groups := range [][]string{{"ops", "audit"}, {"audit"}} {
			l := sessionOf(fmt.Sprint("sso", i), bert.ID)
			l.Via, l.Groups = access.ViaElsewhere, groups
			if err := s.AddSession(ctx, l, access.Hash{4}, did("signIn.oidc")); err != nil {
				t.Fatal(err)
			}
		}
		got := map[string][]string{}
		for _, l := range must(s.Sessions(ctx, ""))(t) {
			got[l.ID] = l.Groups
		}
		want := map[string][]string{"s1": {"Admins"}, "s2": {"Admins"}, "sso0": {"audit"}, "sso1": {"audit"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
