package kql

import (
	"strings"
	"testing"
)

// TestValuesDoNotGrowWithoutEnd: each step doubles what the one before made.
func TestValuesDoNotGrowWithoutEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	for name, step := range map[string]string{
		"text":      `strcat(s, s)`,
		"delimited": `strcat_delim(s, s, s, s)`,
		"replaced":  `replace_string(s, "a", s)`,
		"array":     `tostring(pack_array(s, s))`,
		"nested":    `tostring(array_concat(split(s, "a"), split(s, "a")))`,
	} {
		text := "print s = strcat('a', rand() > 2)" + strings.Repeat("\n| extend s = "+step, 40)
		_, _, err := rowsOf(text, nil, Options{MaxMemory: 16 << 20})
		if err == nil || !strings.Contains(err.Error(), "MB are allowed") {
			t.Errorf("%s: error %.200v, want one about the size", name, err)
		}
	}
}

// TestConstantsAreNotFoldedWithoutEnd: binding computes constants.
func TestConstantsAreNotFoldedWithoutEnd(t *testing.T) {
	text := "print s = 'a'" + strings.Repeat("\n| extend s = strcat(s, s)", 40)
	_, _, err := rowsOf(text, nil, Options{MaxMemory: 16 << 20})
	if err == nil || !strings.Contains(err.Error(), "MB are allowed") {
		t.Errorf("error %.200v, want one about the size", err)
	}
}
