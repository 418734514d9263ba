//go:build unix

package store

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Bodies may be put by several at once, also while dictionaries of their types
// are made and made better.
func TestIntake_serves_several_at_once(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s := open(t, where)
		in, err := s.Intake(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		var g errgroup.Group
		for worker := range 4 {
			g.Go(func() error {
				for round := range 12 {
					var bodies []ledger.Body
					for i := range 1 + round*round/2 {
						kind := fmt.Sprintf("Contoso.Test/kind%d", i%7)
						bodies = append(bodies, ledger.Body{Type: kind, Record: []byte(fmt.Sprintf(`{"type":%q,"by":%d,"round":%d,"number":%d,"text":%q}`, kind, worker, round, i, strings.Repeat("x", 40)))})
					}
					numbers, err := in.PutBodies(t.Context(), bodies)
					if err != nil {
						return err
					}
					kept, err := s.Bodies(t.Context(), numbers)
					if err != nil {
						return err
					}
					for i := range bodies {
						if string(kept[i].Record) != string(bodies[i].Record) {
							return fmt.Errorf("kept %s, want %s", kept[i].Record, bodies[i].Record)
						}
					}
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
}
