package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/store"
)

func (a *app) adminToken() *cobra.Command {
	return adminNoun("token", "Add, list and revoke tokens",
		"  bartizan admin token create --principal anna --role reader --scope / --expires 30d", a.adminCreateToken(), a.adminTokens(), a.adminRemoveToken())
}

// createdTokenJSON is what token create prints.
type createdTokenJSON struct {
	ID      string    `json:"id"`
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

func (a *app) adminCreateToken() *cobra.Command {
	var f adminFlags
	var g grantFlags
	var expires string
	cmd := &cobra.Command{
		Use:   "create --principal NAME|ID --role ROLE --scope SCOPE --expires WHEN",
		Short: "Add a token of a user or a service principal",
		Long: `Adds a token with which a program asks in the place of a user or a service
principal. It gives at most the role at the scope, and never more than its owner
may; what comes of groups of a sign-in elsewhere does not count. It is printed once
and kept nowhere. It ends in at most 366 days.`,
		Example: `  bartizan admin token create --principal anna --role reader --scope / --expires 30d
  bartizan admin token create --principal nightly-import --role contributor --scope contoso --expires 2027-01-31 --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			limit, err := g.grant()
			if err != nil {
				return usage(err)
			}
			until, err := access.ParseExpiry(expires, a.Now())
			if err != nil {
				return usage(err)
			}
			on, err := a.remote(cmd, &f.on)
			if err != nil {
				return err
			}
			if on != nil {
				made, err := on.createToken(ctx, g.principal, limit, until)
				if err != nil {
					return err
				}
				return a.tellMade(f.format, createdTokenJSON{made.ID, made.Token, *made.Expires},
					[2]string{"id", made.ID}, [2]string{"token", made.Token}, [2]string{"expires", made.Expires.Format(time.RFC3339)})
			}
			return a.administer(ctx, &f.databaseFlags, func(on *administration) error {
				p, err := on.principal(ctx, g.principal, access.User, access.ServicePrincipal)
				if err != nil {
					return err
				}
				t, secret, err := on.CreateToken(ctx, account.System, p, "", limit, until)
				if err != nil {
					return err
				}
				if err := a.noteScope(ctx, on.store, limit.Scope); err != nil {
					return err
				}
				return a.tellMade(f.format, createdTokenJSON{t.ID, secret.Reveal(), t.Expires},
					[2]string{"id", t.ID}, [2]string{"token", secret.Reveal()}, [2]string{"expires", t.Expires.Format(time.RFC3339)})
			})
		},
	}
	f.register(cmd)
	g.register(cmd)
	cmd.Flags().StringVar(&expires, "expires", "", "when it ends: 30d, 12h, a date (to its end, UTC) or an instant of RFC 3339")
	_ = cmd.MarkFlagRequired("expires") // the only error is a flag that is not there
	wantValue(cmd, "days or hours such as 30d or 12h, a date, or an instant of RFC 3339", "expires")
	return cmd
}

// tokenJSON is a token in a list.
type tokenJSON struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"` // token, or secret of a service principal
	Principal string     `json:"principal"`
	Name      string     `json:"name"` // of the principal
	Role      string     `json:"role"`
	Scope     string     `json:"scope"`
	Created   time.Time  `json:"created"`
	Expires   *time.Time `json:"expires"`
	Used      *time.Time `json:"used"`
}

func (a *app) adminTokens() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the tokens, and the secrets of service principals", Example: "  bartizan admin token list --format json",
	}
	rows := func(ctx context.Context, s *store.Store) (list []tokenJSON, err error) {
		named, err := principalsByID(ctx, s)
		if err != nil {
			return nil, err
		}
		all, err := s.Tokens(ctx, "")
		for _, t := range all {
			row := tokenJSON{
				ID: t.ID, Kind: "token", Principal: t.Principal, Name: named[t.Principal].Name,
				Created: t.Created, Expires: orNull(t.Expires), Used: orNull(t.Used),
			}
			if t.Kind == access.ClientSecret {
				row.Kind = "secret"
			}
			if t.Limit != nil {
				row.Role, row.Scope = t.Limit.Role.String(), t.Limit.Scope
			}
			list = append(list, row)
		}
		return list, err
	}
	told := func(ctx context.Context, on *remote) ([]tokenJSON, error) { return on.tokens(ctx) }
	return adminLister(a, cmd, rows, told, "id kind *principal role *scope expires last_used", func(t tokenJSON) []string {
		return []string{t.ID, t.Kind, t.Name, t.Role, t.Scope, dayOf(t.Expires), dayOf(t.Used)}
	})
}

// orNull is a time for JSON, null for none.
func orNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

func dayOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return day(*at)
}

func (a *app) adminRemoveToken() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "remove ID", Short: "Revoke a token, or a secret of a service principal", Example: "  bartizan admin token remove 0aZ3bY9cX1d", Args: one,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if done, err := a.removeOnServer(cmd, &f, "/api/v1/tokens", args[0]); done || err != nil {
				return err
			}
			return a.administer(ctx, &f.databaseFlags, func(on *administration) error {
				all, err := on.store.Tokens(ctx, "")
				if err != nil {
					return err
				}
				t, err := byID(all, args[0], func(t access.Token) string { return t.ID }, "token")
				if err == nil {
					err = on.RemoveToken(ctx, account.System, t)
				}
				if err != nil {
					return err
				}
				return a.tellMade(f.format, removedJSON{t.ID}, [2]string{"removed", t.ID})
			})
		},
	}
	f.register(cmd)
	return cmd
}
