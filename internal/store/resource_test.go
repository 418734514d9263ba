//go:build unix

package store

import (
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestNamesOfResource: a resource that is read under several of its names has one
// number, and shows the id that it was read under first.
func TestNamesOfResource(t *testing.T) {
	const arn = "arn:aws:ec2:eu-west-1:111122223333:"
	tests := map[string]struct {
		typeName string
		ids      []string
	}{
		"identifier_first": {"AWS::EC2::Volume", []string{"vol-1", arn + "volume/vol-1", "data|vol-1"}},
		"given_first":      {"AWS::EC2::SecurityGroup", []string{"web|sg-1", "sg-1", arn + "security-group/sg-1", "web|sg-1"}},
	}
	onBoth(t, func(t *testing.T, where Options) {
		s := handles(t, where, 1)[0]
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				var first ledger.Resource
				for _, id := range test.ids {
					read := []ledger.Resource{{ID: id, Type: test.typeName, Unit: "111122223333", Region: "eu-west-1"}}
					write(t, s, func(tx ledger.Tx) error { return tx.NewResources(t.Context(), read) })
					if first.Number == 0 {
						first = read[0]
					}
					if read[0].Number != first.Number {
						t.Errorf("number %d of %s, want %d", read[0].Number, id, first.Number)
					}
					if found := must(s.Find(t.Context(), read[0].Identity()))(t); len(found) != 1 || found[0].ID != first.ID {
						t.Errorf("found %+v by %s, want %s", found, id, first.ID)
					}
				}
			})
		}
		sound(t, s, "judged resources")
	})
}
