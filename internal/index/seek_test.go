package index

import "testing"

// BenchmarkSeek is a page that begins at a share of all rows, over twenty places.
func BenchmarkSeek(b *testing.B) {
	sizes(b, func(b *testing.B, x *Index) {
		o := Order{By: BySeverity}
		for i := 0; b.Loop(); i++ {
			s := x.Select(Filter{})
			tally := s.Tally()
			total := tally.All.Total()
			s.Page(true, o, s.Skip(true, o, total*(i%20)/20), 50)
		}
	})
}
