package assess_test

import (
	"fmt"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// BenchmarkUnits judges many subscriptions of one resource each, with a read record that
// leaves a property open: what one of them costs is the same among few and many.
func BenchmarkUnits(b *testing.B) {
	for _, units := range []int{500, 5000} {
		b.Run(fmt.Sprint(units), func(b *testing.B) {
			var lines []string
			for n := range units {
				unit := fmt.Sprintf("/subscriptions/%08x-0000-4000-8000-000000000001", n)
				lines = append(lines, account(unit+"/resourceGroups/app", "one", plain),
					`{"bartizan":"read","scope":"`+unit+`","type":"*","complete":true,"denied":[{"type":"Microsoft.Storage/storageAccounts","path":"properties.minimumTlsVersion"}]}`)
			}
			for b.Loop() {
				_, checks, err := assess.Run(b.Context(), assess.Options{BuiltIn: builtIn(b), Now: now, Bare: true, Inputs: []assess.Input{text("in.jsonl", lines...)}})
				if err != nil {
					b.Fatal(err)
				}
				for _, err := range checks {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*units), "ns/unit")
		})
	}
}
