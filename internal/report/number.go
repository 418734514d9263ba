package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// round rounds to a number of decimals, halves to even as the secure score
// does.
func round(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.RoundToEven(x*scale) / scale
}

// share rounds a percentage of which something is missing, and never up to
// 100: what is not complete must not look complete.
func share(percent float64, missing int, decimals int) float64 {
	rounded := round(percent, decimals)
	if missing > 0 && rounded >= 100 {
		return round(100-math.Pow10(-decimals), decimals)
	}
	return rounded
}

// short writes a number with up to the given decimals and no trailing zeros.
func short(x float64, decimals int) string {
	return strconv.FormatFloat(round(x, decimals), 'f', -1, 64)
}

// gainText writes a gain in percentage points; what is less than can be shown
// is not shown as nothing.
func gainText(gain float64) string {
	switch {
	case gain <= 0:
		return ""
	case gain < 0.05:
		return "<0.1"
	}
	return "+" + strconv.FormatFloat(gain, 'f', 1, 64)
}

// count writes a whole number with commas between thousands.
func count(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// blank is count with nothing for zero, which keeps tables readable.
func blank(n int) string {
	if n == 0 {
		return ""
	}
	return count(n)
}

// counted writes "1 check" or "2 checks".
func counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return count(n) + " " + strings.TrimSuffix(noun, "y") + "ies"
	}
	return count(n) + " " + noun + "s"
}

// reasonsText lists reasons, the most frequent first.
func reasonsText(reasons map[posture.Reason]int) string {
	order := slices.SortedFunc(maps.Keys(reasons), func(a, b posture.Reason) int {
		return cmp.Or(cmp.Compare(reasons[b], reasons[a]), cmp.Compare(a, b))
	})
	parts := make([]string, 0, len(order))
	for _, reason := range order {
		if reasons[reason] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", count(reasons[reason]), reason))
		}
	}
	return strings.Join(parts, ", ")
}
