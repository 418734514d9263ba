package estate

import (
	"bufio"
	"context"
	"io"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
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
	var line []byte
	for i := range reads {
		line = append(inventory.AppendRead(line[:0], &reads[i].Record), '\n')
		if _, err := to.Write(line); err != nil {
			return err
		}
	}
	scopes, err := s.Scopes(ctx, n)
	if err != nil {
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
