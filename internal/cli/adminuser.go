package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/store"
)

func (a *app) adminUser() *cobra.Command {
	list := a.adminPrincipals(access.User, "List the users", "  bartizan admin user list --format json")
	remove := a.adminRemovePrincipal(access.User, "Remove a user with its roles, tokens and sessions", "  bartizan admin user remove anna")
	return adminNoun("user", "Add, list and remove users", "  bartizan admin user create anna --password-file anna.txt", a.adminCreateUser(), list, remove)
}

// createdUserJSON is what user create prints.
type createdUserJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (a *app) adminCreateUser() *cobra.Command {
	var f adminFlags
	var passwordFile string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Add a user with a password",
		Long: `Adds a user who signs in with a name and a password. It may nothing before it
has a role. The password is the text of a file, or of standard input for -, without
the line end behind it: at least 12 characters, without the name in it.`,
		Example: `  bartizan admin user create anna --password-file anna.txt
  pass show bartizan/anna | bartizan admin user create anna --password-file -`,
		Args: one,
		RunE: func(cmd *cobra.Command, args []string) error {
			if passwordFile == "" {
				return usagef("user %q: want --password-file FILE", args[0])
			}
			if err := access.CheckName(access.User, args[0]); err != nil {
				return usage(err)
			}
			password, err := a.readPassword(passwordFile)
			if err == nil {
				err = access.CheckPassword(args[0], password)
			}
			if err != nil {
				return fmt.Errorf("--password-file: %w", err)
			}
			r, err := a.remote(cmd, &f.on)
			if err != nil {
				return err
			}
			if r != nil {
				p, err := r.createUser(cmd.Context(), args[0], password)
				if err != nil {
					return err
				}
				return a.tellMade(f.format, createdUserJSON{p.ID, p.Name}, [2]string{"id", p.ID}, [2]string{"name", p.Name})
			}
			return a.administer(cmd.Context(), &f.databaseFlags, func(on *administration) error {
				p, err := on.CreateUser(cmd.Context(), account.System, args[0], password)
				if err != nil {
					return err
				}
				return a.tellMade(f.format, createdUserJSON{p.ID, p.Name}, [2]string{"id", p.ID}, [2]string{"name", p.Name})
			})
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "file with the password, - for standard input")
	wantValue(cmd, "the name of a file", "password-file")
	return cmd
}

// longestPasswordFile is more than a password has, in bytes.
const longestPasswordFile = 8 << 10

// readPassword reads the text of a file without the line end behind it, and warns
// of a file that others may read.
func (a *app) readPassword(path string) (string, error) {
	from, err := a.stored(files.Input{Path: path})
	if err != nil {
		return "", err
	}
	defer from.Close() // nothing was written
	if file, ok := from.(*os.File); ok {
		a.noteReadable("--password-file", file)
	}
	text, err := io.ReadAll(io.LimitReader(from, longestPasswordFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > longestPasswordFile {
		return "", fmt.Errorf("%s: want a password, not more than %d bytes", path, longestPasswordFile)
	}
	line := strings.TrimSuffix(asUTF8(string(text)), "\n")
	return strings.TrimPrefix(strings.TrimSuffix(line, "\r"), "\uFEFF"), nil
}

func (a *app) adminServicePrincipal() *cobra.Command {
	list := a.adminPrincipals(access.ServicePrincipal, "List the service principals", "  bartizan admin service-principal list --format json")
	remove := a.adminRemovePrincipal(access.ServicePrincipal, "Remove a service principal with its roles and secrets", "  bartizan admin service-principal remove nightly-import")
	return adminNoun("service-principal", "Add, list and remove service principals",
		"  bartizan admin service-principal create nightly-import --format json", a.adminCreateServicePrincipal(), list, remove)
}

// createdSecretJSON is what service-principal create prints.
type createdSecretJSON struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

func (a *app) adminCreateServicePrincipal() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Add a service principal with a secret",
		Long: `Adds a service principal: a program that signs in with its id and a secret. It may
nothing before it has a role. The secret is printed once and kept nowhere.`,
		Example: `  bartizan admin service-principal create nightly-import --format json > nightly-import.json`,
		Args:    one,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.remote(cmd, &f.on)
			if err != nil {
				return err
			}
			if r != nil {
				made, err := r.createServicePrincipal(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.tellMade(f.format, createdSecretJSON{made.ID, made.Secret}, [2]string{"id", made.ID}, [2]string{"secret", made.Secret})
			}
			return a.administer(cmd.Context(), &f.databaseFlags, func(on *administration) error {
				p, secret, err := on.CreateServicePrincipal(cmd.Context(), account.System, args[0])
				if err != nil {
					return err
				}
				return a.tellMade(f.format, createdSecretJSON{p.ID, secret.Reveal()}, [2]string{"id", p.ID}, [2]string{"secret", secret.Reveal()})
			})
		},
	}
	f.register(cmd)
	return cmd
}

// principalJSON is a principal in a list.
type principalJSON struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Disabled bool      `json:"disabled"`
	Created  time.Time `json:"created"`
}

func (a *app) adminPrincipals(kind access.PrincipalKind, short, example string) *cobra.Command {
	rows := func(ctx context.Context, s *store.Store) (list []principalJSON, err error) {
		all, err := s.Principals(ctx)
		for _, p := range all {
			if p.Kind == kind {
				list = append(list, principalJSON{p.ID, p.Name, p.Disabled, p.Created})
			}
		}
		return list, err
	}
	told := func(ctx context.Context, r *remote) (list []principalJSON, err error) {
		all, err := r.principals(ctx, kind)
		for _, p := range all {
			list = append(list, principalJSON{p.ID, p.Name, p.Disabled, p.Created})
		}
		return list, err
	}
	return adminLister(a, &cobra.Command{Use: "list", Short: short, Example: example}, rows, told, "id *name disabled created", func(p principalJSON) []string {
		return []string{p.ID, p.Name, yes(p.Disabled), day(p.Created)}
	})
}

func (a *app) adminRemovePrincipal(kind access.PrincipalKind, short, example string) *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "remove NAME|ID", Short: short, Example: example, Args: one,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.remote(cmd, &f.on)
			if err != nil {
				return err
			}
			if r != nil {
				id, err := r.removePrincipal(cmd.Context(), kind, args[0])
				if err != nil {
					return err
				}
				return a.tellMade(f.format, removedJSON{id}, [2]string{"removed", id})
			}
			return a.administer(cmd.Context(), &f.databaseFlags, func(on *administration) error {
				p, err := on.principal(cmd.Context(), args[0], kind)
				if err == nil {
					err = on.Remove(cmd.Context(), account.System, p)
				}
				if err != nil {
					return err
				}
				return a.tellMade(f.format, removedJSON{p.ID}, [2]string{"removed", p.ID})
			})
		},
	}
	f.register(cmd)
	return cmd
}
