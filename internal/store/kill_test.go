//go:build unix

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// task is what a child process does until it kills itself: an import and then
// retention, a change of who may do what, or one of [governing].
type task struct {
	Dir, URL string
	What     string // "" for the import
	Point    string
	Hit      int32 // at which of the calls of the point, from 1
}

var killedEstate = testEstate{"/subscriptions/K", 20, 2}

func (c task) run(ctx context.Context, failPoint func(string)) error {
	s, err := Open(ctx, Options{Dir: c.Dir, URL: c.URL, FailPoint: failPoint})
	if err != nil {
		return err
	}
	switch c.What {
	case "access":
		_, err := removeBert(ctx, s)
		return errors.Join(err, s.Close())
	case "":
	default:
		return errors.Join(governBy(ctx, s, c.What), s.Close())
	}
	if _, err := killedEstate.importTo(ctx, s); err != nil {
		return err
	}
	if _, err := s.Keep(ctx, commitOf(ledger.Retention), 2); err != nil {
		return err
	}
	return s.Close()
}

// child does the task of a child process. It is there to be killed.
func child(text string) {
	var c task
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err)
	}
	var hits atomic.Int32
	err := c.run(context.Background(), func(point string) {
		if point == c.Point && hits.Add(1) == c.Hit {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	fmt.Fprintln(os.Stderr, "not killed:", err)
	os.Exit(1)
}

// TestKill ends a process at every fail point of an import and of retention.
// Whatever is found afterwards is a state before or after the commit, and doing
// it again comes to the end.
func TestKill(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s := open(t, where)
		if _, err := (testEstate{killedEstate.unit, killedEstate.count, 1}).importTo(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		before := dump(t, s)
		closeStore(t, s)
		s = open(t, duplicate(t, where))
		if _, err := killedEstate.importTo(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		after := dump(t, s)
		for _, point := range FailPoints {
			for _, hit := range []int32{1, 3} {
				if hit > 1 && !strings.HasPrefix(point, "set ") {
					continue
				}
				t.Run(fmt.Sprint(strings.ReplaceAll(point, " ", "_"), hit), func(t *testing.T) {
					where := duplicate(t, where)
					killAt(t, where, task{where.Dir, where.URL, "", point, hit}, before, after)
				})
			}
		}
	})
}

func removeBert(ctx context.Context, s *Store) (ledger.Commit, error) {
	return accessCommit(s, func(tx access.Tx) error {
		err := tx.RemovePrincipals(ctx, []string{bert.ID})
		if access.FaultOf(err) == access.Missing { // done again
			err = nil
		}
		return err
	})
}

// TestKillAccess ends a process at every fail point of a commit that removes
// somebody: all that was theirs is there, with no word of it in the audit log, or
// nothing is, with one.
func TestKillAccess(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s := open(t, where)
		people(t, s)
		before := dump(t, s)
		closeStore(t, s)
		s = open(t, duplicate(t, where))
		must(removeBert(t.Context(), s))(t)
		after := dump(t, s)
		for _, point := range []string{"write begun", "set ended", "write worked", "write logged", "write committed"} {
			t.Run(strings.ReplaceAll(point, " ", "_"), func(t *testing.T) {
				where := duplicate(t, where)
				s := killAt(t, where, task{where.Dir, where.URL, "access", point, 1}, before, after)
				if n, logins := len(all(t, s.AuditLog(t.Context(), ledger.AuditFilter{Action: "test.write"}))), must(s.Sessions(t.Context(), bert.ID))(t); n != 2 || len(logins) != 0 {
					t.Errorf("%d entries of the audit log, want 2; sessions %+v", n, logins)
				}
			})
		}
	})
}

const governedUnit = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a"

// governing are the writes of documents that move a score or judge again, by the
// action of the audit log.
var governing = map[string]struct {
	kind ledger.DocumentKind
	text string
}{
	"exemption.write":   {ledger.ExemptionOf, `{"scope":"/","selector":{"text":"open"},"recommendations":["storage-secure-transfer"],"category":"waiver","reason":"x"}`},
	"attestation.write": {ledger.AttestationOf, `{"scope":"` + governedUnit + `","recommendation":"subscription-emergency-access-tested","state":"healthy","text":"x"}`},
	"disabling.write":   {ledger.Disabling, `{"scope":"/","recommendation":"storage-secure-transfer","reason":"x"}`},
	"assignment.write": {ledger.Assignment, `{"id":"` + governedUnit + `/providers/Microsoft.Authorization/policyAssignments/a","properties":{"scope":"` + governedUnit +
		`","policyDefinitionId":"` + governedDefinition + `"}}`},
	"definition.remove": {ledger.Definition, ""},
	"alias-table.write": {ledger.AliasTable, `{"Microsoft.Storage/storageAccounts":{"house":"properties.supportsHttpsTrafficOnly"}}`},
}

const governedDefinition = governedUnit + "/providers/Microsoft.Authorization/policyDefinitions/d"

func openGoverned(ctx context.Context, s *Store) (*estate.Estate, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	return estate.Open(ctx, s, estate.Options{Catalog: c, Key: []byte("key"), Now: func() time.Time { return noon }})
}

// writePolicy keeps a policy document.
func writePolicy(ctx context.Context, e *estate.Estate, kind ledger.DocumentKind, text string) error {
	home := govern.Home{}
	if kind == ledger.AliasTable {
		home.ID = "house"
	}
	p, err := govern.ParsePolicy(kind, home, []byte(text))
	if err == nil {
		_, err = e.SetPolicy(ctx, account.By{ID: "anna", Name: "anna"}, p)
	}
	return err
}

// governBy does one of the writes.
func governBy(ctx context.Context, s *Store, action string) error {
	e, err := openGoverned(ctx, s)
	if err != nil {
		return err
	}
	by, write := account.By{ID: "anna", Name: "anna"}, governing[action]
	switch {
	case write.text == "":
		_, err = e.RemovePolicy(ctx, by, write.kind, governedDefinition)
		if access.FaultOf(err) == access.Missing { // done again
			err = nil
		}
	case govern.IsPolicy(write.kind):
		err = writePolicy(ctx, e, write.kind, write.text)
	default:
		_, err = e.SetDocument(ctx, by, write.kind, "e", []byte(write.text))
	}
	return err
}

// TestKillGoverning ends a process at every fail point of commits that keep or
// remove a document: it, the verdicts and scores that it changes, what moved them
// and the entry of the audit log are there, or none is.
func TestKillGoverning(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s := open(t, where)
		e := must(openGoverned(t.Context(), s))(t)
		var text strings.Builder
		for name, https := range map[string]bool{"shut": true, "open": false} {
			fmt.Fprintf(&text, `{"id":"%s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/%s","name":%q,"type":"Microsoft.Storage/storageAccounts","properties":{"supportsHttpsTrafficOnly":%v}}`+"\n", governedUnit, name, name, https)
		}
		fmt.Fprintf(&text, `{"id":%q,"type":"Microsoft.Resources/subscriptions","name":"a","properties":{"state":"Enabled"}}`+"\n", governedUnit)
		in := intake.Input{Name: "in", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text.String())), nil }}
		must(e.Import(t.Context(), estate.ImportOptions{Inputs: []intake.Input{in}, Actor: "anna"}))(t)
		waiting := governedDefinition + "h" // for an alias
		for _, kept := range []struct {
			kind ledger.DocumentKind
			text string
		}{
			{ledger.Definition, `{"id":"` + governedDefinition + `","properties":{"policyRule":{"if":{"field":"type","equals":"Microsoft.Storage/storageAccounts"},"then":{"effect":"audit"}}}}`},
			{ledger.Definition, `{"id":"` + waiting + `","properties":{"policyRule":{"if":{"field":"Microsoft.Storage/storageAccounts/house","equals":"false"},"then":{"effect":"audit"}}}}`},
			{ledger.Assignment, `{"id":"` + governedUnit + `/providers/Microsoft.Authorization/policyAssignments/h","properties":{"scope":"` + governedUnit + `","policyDefinitionId":"` + waiting + `"}}`},
		} {
			if err := writePolicy(t.Context(), e, kept.kind, kept.text); err != nil {
				t.Fatal(err)
			}
		}
		before, logged := dump(t, s), map[string]int{}
		for action := range governing {
			logged[action] = len(all(t, s.AuditLog(t.Context(), ledger.AuditFilter{Action: action})))
		}
		closeStore(t, s)
		for action := range governing {
			s := open(t, duplicate(t, where))
			if err := governBy(t.Context(), s, action); err != nil {
				t.Fatal(err)
			}
			after := dump(t, s)
			closeStore(t, s)
			if after == before {
				t.Fatalf("%s changes nothing", action)
			}
			for _, point := range []string{"write begun", "set ended", "set begun", "write worked", "write logged", "write committed"} {
				if point == "set begun" && action == "definition.remove" {
					continue // nothing begins
				}
				t.Run(action+"/"+strings.ReplaceAll(point, " ", "_"), func(t *testing.T) {
					where := duplicate(t, where)
					s := killAt(t, where, task{where.Dir, where.URL, action, point, 1}, before, after)
					if n := len(all(t, s.AuditLog(t.Context(), ledger.AuditFilter{Action: action}))); n != logged[action]+1 {
						t.Errorf("%d entries of the audit log, want %d", n, logged[action]+1)
					}
				})
			}
		}
	})
}

// killAt lets a process end at its task, looks what it left, does the task again
// and gives what is there then.
func killAt(t *testing.T, where Options, c task, before, after string) *Store {
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "BARTIZAN_STORE_CHILD="+string(text))
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child was not killed: %v\n%s", err, out)
	}

	s := open(t, where)
	if where.URL != "" { // the server notices in its own time that a client is gone
		_, err := s.writer.Exec("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		if err != nil {
			t.Fatal(err)
		}
	}
	want := before
	if slices.Index(FailPoints, c.Point) >= slices.Index(FailPoints, "write committed") {
		want = after
	}
	if got := dump(t, s); got != want {
		t.Errorf("after the kill: %d bytes of state, want %d\n%s", len(got), len(want), got)
	}
	sound(t, s)
	closeStore(t, s)
	if err := c.run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s = open(t, where)
	if got := dump(t, s); got != after {
		t.Errorf("done again: %d bytes of state, want %d", len(got), len(after))
	}
	sound(t, s)
	if n, err := s.Sweep(t.Context(), commitOf(ledger.Retention)); n != 0 || err != nil {
		t.Errorf("%d rows are left that nothing refers to, error %v", n, err)
	}
	return s
}
