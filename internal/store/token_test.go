package store

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestTokens_of_tokens: tokens go with the one that made them, at any remove, and
// with its owner; one of a token that is not there is not made.
func TestTokens_of_tokens(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		people(t, s)
		made := func(id, principal, by string) access.Token {
			token := tokenOf(id, principal)
			token.MadeBy = by
			return token
		}
		add := func(tokens ...access.Token) error {
			_, err := accessCommit(s, func(tx access.Tx) error {
				for _, token := range tokens {
					if err := tx.AddToken(ctx, token, access.Hash{}); err != nil {
						return err
					}
				}
				return nil
			})
			return err
		}
		if err := add(made("a", anna.ID, "t1"), made("b", anna.ID, "a"), made("c", bert.ID, "a"), made("d", bert.ID, "")); err != nil {
			t.Fatal(err)
		}
		if err := add(made("x", anna.ID, "none")); access.FaultOf(err) != access.Missing {
			t.Errorf("one of no token: %v", err)
		}
		left := func() (ids []string) {
			for _, token := range must(s.Tokens(ctx, ""))(t) {
				ids = append(ids, token.ID+" "+token.MadeBy)
			}
			slices.Sort(ids)
			return ids
		}
		if diff := cmp.Diff([]string{"a t1", "b a", "c a", "d ", "t1 ", "t2 "}, left()); diff != "" {
			t.Errorf("-want +tokens\n%s", diff)
		}
		_, err := accessCommit(s, func(tx access.Tx) error {
			all, err := tx.RemoveTokens(ctx, []string{"a"})
			var ids []string
			for _, token := range all {
				ids = append(ids, token.ID)
			}
			if slices.Sort(ids); !slices.Equal(ids, []string{"a", "b", "c"}) {
				t.Errorf("removed %q", ids)
			}
			return err
		})
		if diff := cmp.Diff([]string{"d ", "t1 ", "t2 "}, left()); err != nil || diff != "" {
			t.Errorf("error %v, -want +tokens\n%s", err, diff)
		}
		if err := add(made("e", robot.ID, "t1"), made("f", bert.ID, "e")); err != nil {
			t.Fatal(err)
		}
		if _, err := accessCommit(s, func(tx access.Tx) error { return tx.RemovePrincipals(ctx, []string{bert.ID}) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"t2 "}, left()); diff != "" {
			t.Errorf("without their owner: -want +tokens\n%s", diff)
		}
		sound(t, s)
	})
}
