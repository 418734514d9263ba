//go:build unix

package store

import (
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
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

// TestResource_in_another_unit: what is found in another unit than it was gets another
// number, which its identity has from then on; the one before stays what it was, and both
// have the key of their identity. A record without a unit is of the one that there is.
func TestResource_in_another_unit(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s := handles(t, where, 1)[0]
		bucket := ledger.Resource{ID: "arn:aws:s3:::b", Type: "AWS::S3::Bucket", Cloud: posture.AWS}
		var commits []ledger.Number
		for n, step := range []struct {
			unit   string
			number uint32
		}{{"", 1}, {"111122223333", 2}, {"", 2}, {"111122223333", 2}, {"444455556666", 3}, {"111122223333", 4}} {
			read := bucket
			read.Unit = step.unit
			some := []ledger.Resource{read}
			c := write(t, s, func(tx ledger.Tx) error { return tx.NewResources(t.Context(), some) })
			if commits = append(commits, c.Number); some[0].Number != step.number {
				t.Errorf("step %d: number %d, want %d", n, some[0].Number, step.number)
			}
			if found := must(s.Find(t.Context(), read.Identity()))(t); len(found) != 1 || found[0].Number != step.number {
				t.Errorf("step %d: found %+v, want number %d", n, found, step.number)
			}
		}
		var units []string
		for r, err := range s.Resources(t.Context(), slices.Max(commits)) {
			if err != nil {
				t.Fatal(err)
			}
			if units = append(units, r.Unit); r.Key != ledger.KeyOf(bucket.Identity()) {
				t.Errorf("resource %d has the key %x, want that of its identity", r.Number, r.Key)
			}
		}
		if want := []string{"", "111122223333", "444455556666", "111122223333"}; !slices.Equal(units, want) {
			t.Errorf("units %q, want %q", units, want)
		}
		sound(t, s, "judged resources")
	})
}
