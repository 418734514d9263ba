package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteUnits are powers of 1000, as they are printed elsewhere.
var byteUnits = map[string]float64{"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9}

// parseBytes reads a number of bytes with its unit; 0 means any number, which is -1.
func parseBytes(text string) (int64, error) {
	digits := strings.TrimRight(text, "abgkmABGKM ")
	factor, ok := byteUnits[strings.ToLower(strings.TrimSpace(text[len(digits):]))]
	n, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || !(n >= 0) || n*factor > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q: want a number with kB, MB or GB, or 0 for no limit", text)
	}
	if n == 0 {
		return -1, nil
	}
	return int64(n * factor), nil
}
