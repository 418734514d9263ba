package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/store"
)

func (a *app) adminRole() *cobra.Command {
	return adminNoun("role", "Give, list and take back roles",
		"  bartizan admin role create --principal anna --role reader --scope contoso", a.adminCreateRole(), a.adminRoles(), a.adminRemoveRole())
}

// grantFlags say who gets what where.
type grantFlags struct{ principal, role, scope string }

func (f *grantFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.principal, "principal", "", "who: a name or an id")
	choiceFlag(cmd, &f.role, "role", "what", access.RoleNames()...)
	flags.StringVar(&f.scope, "scope", "", "where and below: /, a root's name, or the id of a scope")
	for _, name := range []string{"principal", "role", "scope"} {
		_ = cmd.MarkFlagRequired(name) // the only error is a flag that is not there
	}
	wantValue(cmd, "a name or an id", "principal")
	wantValue(cmd, "the id of a scope", "scope")
}

func (f *grantFlags) grant() (access.Grant, error) {
	role, err := access.ParseRole(f.role)
	return access.Grant{Role: role, Scope: f.scope}, err
}

// roleJSON is a role as role create prints it.
type roleJSON struct {
	ID        string `json:"id"`
	Principal string `json:"principal"`
	Role      string `json:"role"`
	Scope     string `json:"scope"`
}

func (a *app) adminCreateRole() *cobra.Command {
	var f adminFlags
	var g grantFlags
	cmd := &cobra.Command{
		Use:   "create --principal NAME|ID --role ROLE --scope SCOPE",
		Short: "Give somebody a role at a scope and below",
		Long: `Gives a user, a service principal or a group a role at a scope; it holds below too.

  owner            everything; at / the server itself too
  contributor      import, run
  security-admin   import, run; assignments, exemptions, attestations; audit log
  security-reader  see; audit log
  reader           see`,
		Example: `  bartizan admin role create --principal anna --role owner --scope /
  bartizan admin role create --principal nightly-import --role contributor --scope contoso`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			grant, err := g.grant()
			if err != nil {
				return usage(err)
			}
			on, err := a.remote(cmd, &f.on)
			if err != nil {
				return err
			}
			if on != nil {
				r, err := on.createRole(ctx, g.principal, grant)
				if err != nil {
					return err
				}
				return a.tellMade(f.format, roleJSON{r.ID, r.Principal, r.Role, r.Scope},
					[2]string{"id", r.ID}, [2]string{"principal", r.Name}, [2]string{"role", r.Role}, [2]string{"scope", r.Scope})
			}
			return a.administer(ctx, &f.databaseFlags, func(on *administration) error {
				p, err := on.principal(ctx, g.principal)
				if err != nil {
					return err
				}
				r, err := on.Assign(ctx, account.System, p, grant)
				if err != nil {
					return err
				}
				if err := a.noteScope(ctx, on.store, grant.Scope); err != nil {
					return err
				}
				return a.tellMade(f.format, roleJSON{r.ID, r.Principal, r.Role.String(), r.Scope},
					[2]string{"id", r.ID}, [2]string{"principal", p.Name}, [2]string{"role", r.Role.String()}, [2]string{"scope", r.Scope})
			})
		},
	}
	f.register(cmd)
	g.register(cmd)
	return cmd
}

// listedRoleJSON is a role in a list.
type listedRoleJSON struct {
	roleJSON
	Name string `json:"name"` // of the principal
	Kind string `json:"kind"`
}

func (a *app) adminRoles() *cobra.Command {
	rows := func(ctx context.Context, s *store.Store) (list []listedRoleJSON, err error) {
		named, err := principalsByID(ctx, s)
		if err != nil {
			return nil, err
		}
		all, err := s.Assignments(ctx)
		for _, r := range all {
			p := named[r.Principal]
			list = append(list, listedRoleJSON{roleJSON{r.ID, r.Principal, r.Role.String(), r.Scope}, p.Name, string(p.Kind)})
		}
		return list, err
	}
	told := func(ctx context.Context, on *remote) (list []listedRoleJSON, err error) {
		all, err := on.roles(ctx)
		for _, r := range all {
			list = append(list, listedRoleJSON{roleJSON{r.ID, r.Principal, r.Role, r.Scope}, r.Name, r.Kind})
		}
		return list, err
	}
	cmd := &cobra.Command{Use: "list", Short: "List the roles that are given", Example: "  bartizan admin role list --format json"}
	return adminLister(a, cmd, rows, told, "id *principal kind role *scope", func(r listedRoleJSON) []string {
		return []string{r.ID, r.Name, r.Kind, r.Role, r.Scope}
	})
}

func (a *app) adminRemoveRole() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "remove ID", Short: "Take a role back", Example: "  bartizan admin role remove 0a1b2c3d-0000-4000-8000-00000000000a", Args: one,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if done, err := a.removeOnServer(cmd, &f, "/api/v1/roles", args[0]); done || err != nil {
				return err
			}
			return a.administer(ctx, &f.databaseFlags, func(on *administration) error {
				all, err := on.store.Assignments(ctx)
				if err != nil {
					return err
				}
				r, err := byID(all, args[0], func(r access.RoleAssignment) string { return r.ID }, "role assignment")
				if err == nil {
					err = on.Unassign(ctx, account.System, r)
				}
				if err != nil {
					return err
				}
				return a.tellMade(f.format, removedJSON{r.ID}, [2]string{"removed", r.ID})
			})
		},
	}
	f.register(cmd)
	return cmd
}
