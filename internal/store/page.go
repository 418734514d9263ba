package store

import (
	"context"
	"iter"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// pageRows is how many rows are read at a time where they are many. Between two
// pages nothing is held open: intervals make them fit together.
const pageRows = 4096

// pages gives the rows as of commit n, which load reads in their order: at most
// pageRows of them behind the last one, which is nil at first. Fewer end it.
func pages[T any](ctx context.Context, s *Store, n ledger.Number, load func(at *session, last *T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var last *T
		for {
			var page []T
			err := s.view(ctx, n, func(at *session) (err error) {
				page, err = load(at, last)
				return err
			})
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range page {
				if !yield(row, nil) {
					return
				}
			}
			if len(page) < pageRows {
				return
			}
			last = &page[len(page)-1]
		}
	}
}

// mapped gives f of each value.
func mapped[T, U any](rows iter.Seq2[T, error], f func(T) U) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		for row, err := range rows {
			if !yield(f(row), err) {
				return
			}
		}
	}
}
