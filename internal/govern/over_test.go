package govern_test

import (
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/govern"
)

// TestOver: of several exemptions the longest that mitigates says why, else the longest
// waiver; a check is exempt as long as any of them holds.
func TestOver(t *testing.T) {
	of := func(category, reason string, day int) *govern.Exemption {
		e := &govern.Exemption{Category: category, Reason: reason}
		if day > 0 {
			ends := time.Date(2027, 1, day, 0, 0, 0, 0, time.UTC)
			e.ExpiresOn = &ends
		}
		return e
	}
	tests := map[string]struct {
		over []*govern.Exemption
		why  string
		ends int // day, 0 for never
	}{
		"longest":           {[]*govern.Exemption{of("waiver", "a", 2), of("waiver", "b", 3), of("waiver", "c", 1)}, "b", 3},
		"for_good":          {[]*govern.Exemption{of("waiver", "a", 0), of("waiver", "b", 3)}, "a", 0},
		"mitigated":         {[]*govern.Exemption{of("waiver", "a", 2), of("mitigated", "b", 1)}, "b", 2},
		"mitigated_longer":  {[]*govern.Exemption{of("mitigated", "a", 1), of("mitigated", "b", 4), of("waiver", "c", 3)}, "b", 4},
		"mitigated_to_good": {[]*govern.Exemption{of("mitigated", "a", 1), of("waiver", "c", 0)}, "a", 0},
		"of_one_end":        {[]*govern.Exemption{of("waiver", "b", 2), of("waiver", "a", 2)}, "a", 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			over := govern.Over{Needed: [][]*govern.Exemption{test.over}}
			first, ends := over.Exemption()
			if first.Reason != test.why || ends.IsZero() != (test.ends == 0) || test.ends > 0 && ends.Day() != test.ends {
				t.Errorf("%s until %v, want %s until day %d", first.Reason, ends, test.why, test.ends)
			}
		})
	}
	if first, _ := new(govern.Over).Exemption(); first != nil {
		t.Errorf("nothing comes to %+v", first)
	}
}
