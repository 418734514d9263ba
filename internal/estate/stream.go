package estate

import (
	"bufio"
	"context"
	"io"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Stream gives the whole estate as of commit n as an inventory: read records,
// and the records of all resources, unit by unit. What a read record does not
// call complete is not. Errors of the store come from reading.
func Stream(ctx context.Context, s Store, n ledger.Number) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		to := bufio.NewWriterSize(w, 1<<16)
		err := writeAll(ctx, s, n, to)
		if err == nil {
			err = to.Flush()
		}
		w.CloseWithError(err)
	}()
	return r
}

func writeAll(ctx context.Context, s Store, n ledger.Number, to *bufio.Writer) error {
	reads, err := s.Reads(ctx, n)
	if err != nil {
		return err
	}
	scopes, err := s.Scopes(ctx, n)
	if err != nil {
		return err
	}
	var line []byte
	t := newTree(scopes)
	for i := range reads {
		r := reads[i].Record
		r.Gaps = t.gapsIn(r.Gaps, r.Scope) // of what moved away, too
		line = append(inventory.AppendRead(line[:0], &r), '\n')
		if _, err := to.Write(line); err != nil {
			return err
		}
	}
	line, _ = appendListed(line[:0], recordsOf(reads), "")
	if _, err := to.Write(line); err != nil {
		return err
	}
	units := []string{""} // what stands above units
	for _, scope := range scopes {
		if scope.Kind == posture.Unit {
			units = append(units, scope.ID)
		}
	}
	slices.Sort(units)
	for _, unit := range units {
		for r, err := range s.UnitBodies(ctx, n, unit) {
			if err != nil {
				return err
			}
			line = append(append(line[:0], r.Record...), '\n')
			if _, err := to.Write(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// Assigned gives what is assigned as of commit n, for the tree that [Hierarchy]
// gives, and a library of what that puts to work with the kept aliases; nil for
// nothing.
func Assigned(ctx context.Context, s Store, n ledger.Number) (*policy.Library, []*policy.Assignment, error) {
	documents, err := s.Documents(ctx, n, "")
	if err != nil {
		return nil, nil, err
	}
	scopes, err := s.Scopes(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	policies := govern.PoliciesOf(documents, nil)
	library, assignments := policies.Assigned(func(*policy.Assignment) bool { return true })
	if len(policies.Of(ledger.AliasTable)) > 0 {
		if library == nil {
			library = &policy.Library{}
		}
		library.Aliases = joinAliases(policies, policy.NewAliases())
	}
	kept := newTree(scopes)
	var all []*policy.Assignment
	for _, a := range assignments {
		for _, scope := range kept.belowRoots(a.Scope) {
			at := *a
			at.Scope, at.NotScopes = scope, nil
			for _, not := range a.NotScopes {
				at.NotScopes = append(at.NotScopes, kept.belowRoots(not)...)
			}
			all = append(all, &at)
		}
	}
	return library, all, nil
}

// belowRoots gives a scope, or the scopes right below it if it is one of our own
// roots: inputs do not tell of those.
func (t *tree) belowRoots(scope string) []string {
	if root, ok := t.scopes[posture.Fold(scope)]; !ok || root.Kind != posture.Root {
		return []string{scope}
	}
	var below []string
	for _, s := range t.all() {
		if posture.Fold(s.Parent) == posture.Fold(scope) {
			below = append(below, s.ID)
		}
	}
	return below
}

// Hierarchy gives the tree as of commit n as the inputs told it, without our own
// roots.
func Hierarchy(ctx context.Context, s Store, n ledger.Number) ([]posture.Scope, error) {
	scopes, err := s.Scopes(ctx, n)
	if err != nil {
		return nil, err
	}
	return WithoutRoots(newTree(scopes).all()), nil
}

// WithoutRoots gives a tree as inputs tell it, without our own roots, by id.
func WithoutRoots(scopes []posture.Scope) []posture.Scope {
	kept := &tree{scopes: map[string]posture.Scope{}}
	for _, s := range scopes {
		kept.set(s)
	}
	var told []posture.Scope
	for _, scope := range kept.all() {
		if scope.Kind == posture.Root {
			continue
		}
		if above, ok := kept.scopes[posture.Fold(scope.Parent)]; ok && above.Kind == posture.Root {
			scope.Parent = ""
		}
		told = append(told, scope)
	}
	return told
}
