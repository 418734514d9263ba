package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var _ access.Tx = (*Tx)(nil)

var (
	principalRows = &intervals{table: "principal", key: []string{"id"}, value: []string{"kind", "name", "folded", "subject", "disabled", "created_ms"}}
	roleRows      = &intervals{table: "role_assignment", key: []string{"id"}, value: []string{"principal", "role", "scope"}}
	tokenRows     = &intervals{table: "token", key: []string{"id"}, value: []string{"kind", "principal", "name", "role", "scope", "created_ms", "expires_ms", "made_by"}}
)

// isNow is the condition that a row holds now, written out so that indexes of
// such rows serve it.
const isNow = "until = 4611686018427387904"

// WriteAccess makes one commit of kind [ledger.Access], as [Store.Write] does. It
// fails if work tells the audit log nothing of what it changes, or if it leaves
// nobody who owns the server where somebody did.
func (s *Store) WriteAccess(ctx context.Context, c ledger.Commit, work func(access.Tx) error) (ledger.Commit, error) {
	c.Kind = ledger.Access
	return s.commit(ctx, c, func(t *Tx) error {
		if err := work(t); err != nil {
			return err
		}
		if t.wrote && len(t.audit) == 0 {
			return errors.New("want an entry of the audit log")
		}
		return nil
	})
}

// errTried rolls a commit back that was tried.
var errTried = errors.New("it was tried only")

// TryAccess does all that WriteAccess does, and takes it back: its error is that
// which the commit would have.
func (s *Store) TryAccess(ctx context.Context, c ledger.Commit, work func(access.Tx) error) error {
	c.Kind = ledger.Access
	_, err := s.commit(ctx, c, func(t *Tx) error {
		if err := work(t); err != nil {
			return err
		}
		if err := t.checkOwner(ctx); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// owners counts those who own the server now: users and service principals that
// are not disabled. Members of a group that does are not known, so it does not
// count.
const owners = `SELECT count(DISTINCT p.id) FROM principal p JOIN role_assignment a ON a.principal = p.id
	WHERE p.until = 4611686018427387904 AND a.until = 4611686018427387904 AND p.disabled = 0 AND p.kind <> 'group'
	AND a.role = 'owner' AND a.scope = (SELECT number FROM scope_name WHERE folded = '/')`

// touchAccess notes, before the first change, whether somebody owns the server.
func (t *Tx) touchAccess(ctx context.Context) error {
	if t.touched {
		return nil
	}
	t.touched = true
	var n int64
	_, err := t.at.one(ctx, owners, nil, &n)
	t.owned = n > 0
	return err
}

// checkOwner refuses a commit that leaves nobody who owns the server.
func (t *Tx) checkOwner(ctx context.Context) error {
	if !t.owned {
		return nil
	}
	var n int64
	_, err := t.at.one(ctx, owners, nil, &n)
	if err == nil && n == 0 {
		err = access.Errorf(access.LastOwner, `nobody would be left who is owner at "/" and can sign in: give somebody else the role first`)
	}
	return err
}

// Principals gives all principals as the commit sees them, by kind and name.
func (t *Tx) Principals(ctx context.Context) ([]access.Principal, error) {
	return t.at.principals(ctx, isNow)
}

// SetPrincipals adds principals or changes them.
func (t *Tx) SetPrincipals(ctx context.Context, principals []access.Principal) error {
	if err := t.touchAccess(ctx); err != nil {
		return err
	}
	for _, p := range principals {
		if err := t.setPrincipal(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) setPrincipal(ctx context.Context, p access.Principal) error {
	if err := errors.Join(access.CheckName(p.Kind, p.Name), checkKey("id of a principal", p.ID), checkKey("subject of a principal", p.Subject)); err != nil {
		return err
	}
	if p.ID == "" || p.ID == access.System {
		return fmt.Errorf("set %s %q: want an id of its own", p.Kind, p.Name)
	}
	folded := access.Fold(p.Name)
	var other string
	found, err := t.at.one(ctx, "SELECT id FROM principal WHERE "+isNow+" AND folded = ? AND kind = ? AND id <> ?", []any{folded, string(p.Kind), p.ID}, &other)
	switch {
	case err != nil:
		return fmt.Errorf("look up the name of %s %q: %w", p.Kind, p.Name, err)
	case found:
		return access.Errorf(access.Taken, "%s %q: there is one of this name already, %s", p.Kind, p.Name, other)
	}
	if p.Disabled {
		if err := t.at.endLogins(ctx, p.ID, ""); err != nil {
			return err
		}
	}
	return t.set(ctx, principalRows, []change{{
		key: []any{p.ID}, value: []any{string(p.Kind), p.Name, folded, p.Subject, bit(p.Disabled), milliseconds(p.Created)},
	}})
}

// RemovePrincipals removes principals with all that is theirs.
func (t *Tx) RemovePrincipals(ctx context.Context, ids []string) error {
	if err := t.touchAccess(ctx); err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.removePrincipal(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) removePrincipal(ctx context.Context, id string) error {
	if err := t.knows(ctx, principalRows, "principal", id); err != nil {
		return err
	}
	roles, err := t.at.names(ctx, "SELECT id FROM role_assignment WHERE "+isNow+" AND principal = ?", id)
	if err == nil {
		err = t.RemoveAssignments(ctx, roles)
	}
	var tokens []string
	if err == nil {
		tokens, err = t.at.names(ctx, "SELECT id FROM token WHERE "+isNow+" AND principal = ?", id)
	}
	if err == nil {
		_, err = t.RemoveTokens(ctx, tokens)
	}
	for _, statement := range []string{
		"DELETE FROM password WHERE principal = ?", "DELETE FROM login WHERE principal = ?", "DELETE FROM link WHERE principal = ?",
		"DELETE FROM saved_view WHERE owner = ?", "DELETE FROM preference WHERE principal = ?", "DELETE FROM job_part WHERE job IN (SELECT id FROM job WHERE owner = ?)", "DELETE FROM job WHERE owner = ?",
	} {
		if err == nil {
			_, err = t.at.exec(ctx, statement, id)
		}
	}
	if err != nil {
		return fmt.Errorf("remove principal %s: %w", id, err)
	}
	return t.set(ctx, principalRows, []change{{key: []any{id}}})
}

// knows refuses a key of which no row holds.
func (t *Tx) knows(ctx context.Context, in *intervals, what, id string) error {
	found, err := t.at.one(ctx, "SELECT 1 FROM "+in.table+" WHERE "+isNow+" AND id = ?", []any{id}, new(int))
	if err == nil && !found {
		err = access.Errorf(access.Missing, "%s %q: there is none of this id", what, id)
	}
	return err
}

// names reads the texts that a query gives.
func (s *session) names(ctx context.Context, query string, args ...any) (names []string, err error) {
	err = s.each(ctx, query, args, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

// AddAssignments adds roles.
func (t *Tx) AddAssignments(ctx context.Context, assignments []access.RoleAssignment) error {
	err := t.touchAccess(ctx)
	if err != nil {
		return err
	}
	var scopes []string
	for _, a := range assignments {
		scopes = append(scopes, a.Scope)
	}
	scopeOf, err := t.numbers(ctx, t.store.scopes, scopes)
	if err != nil {
		return fmt.Errorf("add roles: %w", err)
	}
	for _, a := range assignments {
		if a.ID == "" || a.Scope == "" || a.Role == access.NoRole {
			return access.Errorf(access.Invalid, "add role %q at %q: want an id, a role and a scope", a.Role, a.Scope)
		}
		if err := t.knows(ctx, principalRows, "principal", a.Principal); err != nil {
			return err
		}
		scope := scopeOf(a.Scope)
		var other string
		found, err := t.at.one(ctx, "SELECT id FROM role_assignment WHERE "+isNow+" AND principal = ? AND role = ? AND scope = ? AND id <> ?", []any{a.Principal, a.Role.String(), scope, a.ID}, &other)
		switch {
		case err != nil:
			return fmt.Errorf("look up roles of %s: %w", a.Principal, err)
		case found:
			return access.Errorf(access.Taken, "role %s at %q: principal %s has it already, by assignment %s", a.Role, a.Scope, a.Principal, other)
		}
		if err := t.set(ctx, roleRows, []change{{key: []any{a.ID}, value: []any{a.Principal, a.Role.String(), scope}}}); err != nil {
			return err
		}
	}
	return nil
}

// RemoveAssignments takes roles back.
func (t *Tx) RemoveAssignments(ctx context.Context, ids []string) error {
	if err := t.touchAccess(ctx); err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.knows(ctx, roleRows, "role assignment", id); err != nil {
			return err
		}
		if err := t.set(ctx, roleRows, []change{{key: []any{id}}}); err != nil {
			return err
		}
	}
	return nil
}

// Principals gives all principals that there are now, by kind and name.
func (s *Store) Principals(ctx context.Context) (principals []access.Principal, err error) {
	err = s.reading(ctx, func(at *session) error {
		principals, err = at.principals(ctx, isNow)
		return err
	})
	return principals, err
}

func (s *session) principals(ctx context.Context, which string, args ...any) ([]access.Principal, error) {
	var principals []access.Principal
	err := s.each(ctx, "SELECT id, kind, name, subject, disabled, created_ms FROM principal WHERE "+which+" ORDER BY kind, folded", args, func(scan func(...any) error) error {
		var p access.Principal
		var disabled, created int64
		err := scan(&p.ID, &p.Kind, &p.Name, &p.Subject, &disabled, &created)
		p.Disabled, p.Created = disabled != 0, moment(created)
		principals = append(principals, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read principals: %w", err)
	}
	return principals, nil
}

// Subject gives the user that a sign-in elsewhere made, and whether there is one.
func (s *Store) Subject(ctx context.Context, subject string) (p access.Principal, there bool, err error) {
	err = s.reading(ctx, func(at *session) error {
		found, err := at.principals(ctx, isNow+" AND subject <> '' AND subject = ?", subject)
		if there = len(found) > 0; there {
			p = found[0]
		}
		return err
	})
	return p, there, err
}

// Assignments gives all roles that are assigned now, by id.
func (s *Store) Assignments(ctx context.Context) (assignments []access.RoleAssignment, err error) {
	err = s.reading(ctx, func(at *session) error {
		assignments, err = s.readAssignments(ctx, at, isNow)
		return err
	})
	return assignments, err
}

func (s *Store) readAssignments(ctx context.Context, at *session, which string, args ...any) ([]access.RoleAssignment, error) {
	var assignments []access.RoleAssignment
	var scopes []int64
	err := at.each(ctx, "SELECT id, principal, role, scope FROM role_assignment WHERE "+which+" ORDER BY id", args, func(scan func(...any) error) error {
		var a access.RoleAssignment
		var role string
		var scope int64
		err := scan(&a.ID, &a.Principal, &role, &scope)
		if err == nil {
			a.Role, err = access.ParseRole(role)
		}
		assignments, scopes = append(assignments, a), append(scopes, scope)
		return err
	})
	names, spelling := s.scopeNames(ctx, at, scopes)
	if err = errors.Join(err, spelling); err != nil {
		return nil, fmt.Errorf("read role assignments: %w", err)
	}
	for i := range assignments {
		assignments[i].Scope = names(scopes[i])
	}
	return assignments, nil
}

// scopeNames gives the ids of scopes by their numbers.
func (s *Store) scopeNames(ctx context.Context, at *session, numbers []int64) (func(int64) string, error) {
	words := map[int64]bool{}
	for _, n := range numbers {
		words[n] = true
	}
	return s.scopes.name, s.scopes.spell(ctx, at, words)
}

// Identity gives a principal, the groups of some names, and the roles of all of
// them: what it takes to make a caller. A principal that is not there is Missing.
func (s *Store) Identity(ctx context.Context, id string, groups []string) (p access.Principal, of []access.Principal, assignments []access.RoleAssignment, err error) {
	err = s.reading(ctx, func(at *session) error {
		found, err := at.principals(ctx, isNow+" AND id = ?", id)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return access.Errorf(access.Missing, "principal %q: there is none of this id", id)
		}
		p = found[0]
		ids := []any{p.ID}
		for some := range slices.Chunk(groups, inBatch) {
			var folded []any
			for _, name := range some {
				folded = append(folded, access.Fold(name))
			}
			more, err := at.principals(ctx, isNow+" AND kind = 'group' AND folded IN "+list(len(folded)), folded...)
			if err != nil {
				return err
			}
			of = append(of, more...)
		}
		for _, g := range of {
			ids = append(ids, g.ID)
		}
		for some := range slices.Chunk(ids, inBatch) {
			more, err := s.readAssignments(ctx, at, isNow+" AND principal IN "+list(len(some)), some...)
			if err != nil {
				return err
			}
			assignments = append(assignments, more...)
		}
		return nil
	})
	return p, of, assignments, err
}
