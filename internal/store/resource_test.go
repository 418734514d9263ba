package store

import (
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestNamesOfResource: a resource that is read under its ARN and under its name has
// one number, and shows the id that it was read under first.
func TestNamesOfResource(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s := handles(t, where, 1)[0]
		volume := ledger.Resource{ID: "vol-1", Type: "AWS::EC2::Volume", Unit: "111122223333", Region: "eu-west-1"}
		byARN := volume
		byARN.ID = "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1"
		read := [][]ledger.Resource{{volume}, {byARN}}
		for _, resources := range read {
			write(t, s, func(tx ledger.Tx) error { return tx.NewResources(t.Context(), resources) })
		}
		if first, then := read[0][0].Number, read[1][0].Number; first != then {
			t.Errorf("numbers %d and %d, want one", first, then)
		}
		sound(t, s, "judged resources")
		if found := must(s.Find(t.Context(), byARN.Identity()))(t); len(found) != 1 || found[0].ID != volume.ID {
			t.Errorf("found %+v, want %s", found, volume.ID)
		}
	})
}
