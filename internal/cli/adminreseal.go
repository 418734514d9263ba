package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/settings"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// resealedJSON is what admin reseal prints.
type resealedJSON struct {
	Key      string   `json:"key"` // id of the one that seals
	Resealed int      `json:"resealed"`
	Unopened []string `json:"unopened"`
}

func (a *app) adminReseal() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use:   "reseal",
		Short: "Seal the server's secrets anew with the first of the sealing keys",
		Long: `Replaces a sealing key: put a new one before the old one, in the file or variable
of sealing-key, restart the servers, and run this. Then nothing is sealed with the
old key any more. Keep it as the last one, so that the hashes that stand for
secrets in resources stay as they are; without it they look changed once.

What cannot be opened stays as it is and is named; the exit code is 1 then.`,
		Example: `  bartizan admin reseal --config bartizan.yaml`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.reseal(cmd.Context(), &f)
		},
	}
	f.registerWith(cmd, func(d settings.Setting) bool { return d.Common || d.Name == sealingSetting.Name })
	f.registerFormat(cmd)
	return cmd
}

func (a *app) reseal(ctx context.Context, f *adminFlags) (err error) {
	s, set, err := f.open(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ring, err := a.sealingKeys(set)
	if err != nil {
		return err
	}
	accounts := account.New(account.Options{Store: s, Passwords: access.NewPasswords(rand.Reader, 1), Random: rand.Reader, Now: a.Now, Seal: ring})
	n, unopened, err := accounts.Reseal(ctx, account.System)
	if err != nil {
		return err
	}
	answer := resealedJSON{Key: ring.IDs()[0].String(), Resealed: n, Unopened: []string{}}
	for _, wrong := range unopened {
		answer.Unopened = append(answer.Unopened, wrong.Error())
	}
	err = a.tellMade(f.format, answer, [2]string{"key", answer.Key}, [2]string{"resealed", fmt.Sprint(n)})
	return errors.Join(append([]error{err}, unopened...)...)
}

// sealedFinding says whether the server's secrets can be opened. Without a key it
// says nothing of them; none is made.
func (a *app) sealedFinding(ctx context.Context, s *store.Store, set *settings.Settings) (store.Finding, error) {
	f := store.Finding{Check: "sealed secrets", OK: true}
	sealed, err := s.Sealed(ctx)
	if err != nil || len(sealed) == 0 {
		return f, err
	}
	const remedy = "give the keys of then as sealing-key, or set these secrets anew"
	ring, err := a.sealingKeysThere(set)
	if err != nil || ring == nil {
		f.OK, f.Finding, f.Remedy = false, fmt.Sprintf("%d cannot be opened: there is no sealing key", len(sealed)), remedy
		if err != nil {
			f.Finding = fmt.Sprintf("%d cannot be opened: %s", len(sealed), err)
		}
		return f, nil
	}
	unopened, err := account.New(account.Options{Store: s, Seal: ring}).Unopened(ctx)
	if len(unopened) > 0 {
		f.OK, f.Finding, f.Remedy = false, errors.Join(unopened...).Error(), remedy
	}
	return f, err
}
