package govern_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestLayings: what has ended is not laid, the earliest end to come is told, and
// what was written last comes last.
func TestLayings(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 0, 0, 0, 0, time.UTC) }
	exemption := func(id string, since ledger.Number, ends string) ledger.DocumentVersion {
		text := fmt.Sprintf(`{"id":%q,"scope":"/","category":"waiver","reason":"x"%s}`, id, ends)
		return ledger.DocumentVersion{Kind: ledger.ExemptionOf, ID: id, Interval: ledger.Interval{Since: since}, Text: []byte(text)}
	}
	documents := []ledger.DocumentVersion{
		exemption("a", 4, `,"expiresOn":"2026-12-02T00:00:00Z"`),
		exemption("b", 3, `,"expiresOn":"2026-12-03T00:00:00Z"`),
		exemption("c", 2, ""),
		{Kind: ledger.Definition, ID: "d", Text: []byte(`{}`)},
		{Kind: ledger.Disabling, ID: "e", Interval: ledger.Interval{Since: 1}, Text: []byte(`{"scope":"s","recommendation":"r","reason":"x"}`)},
	}
	tests := map[string]struct {
		at    time.Time
		want  string
		until time.Time
	}{
		"all":                {day(1), "e c b a", day(2)},
		"at_an_end":          {day(2), "e c b", day(3)},
		"right_before":       {day(3).Add(-time.Millisecond), "e c b", day(3)},
		"nothing_more_to_go": {day(4), "e c", time.Time{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			layings, until := govern.Layings(documents, test.at)
			var got []string
			for _, l := range layings {
				got = append(got, l.ID)
			}
			if strings.Join(got, " ") != test.want || !until.Equal(test.until) {
				t.Errorf("%v until %v, want %s until %v", got, until, test.want, test.until)
			}
		})
	}
}
