package policy

import (
	"testing"

	"pgregory.net/rapid"
)

// What the hint denies the expression does not match: over texts that the
// expression's own alternatives describe, whole and with a part taken out.
func TestSecretHint_denies_nothing_that_matches(t *testing.T) {
	matched := 0
	texts := rapid.StringMatching(secretText.String())
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z /.:-]{0,6}`).Draw(t, "before") + texts.Draw(t, "secret") + rapid.StringMatching(`[a-z /.:=-]{0,6}`).Draw(t, "after")
		cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
		for _, some := range []string{text, text[:cut], text[cut:]} {
			if secretText.MatchString(some) {
				matched++
				if !mayMatchSecret(some) {
					t.Fatalf("%q matches and is denied", some)
				}
			}
		}
	})
	if matched == 0 {
		t.Error("nothing matched")
	}
}

func TestSecretHint_spares_what_is_usual(t *testing.T) {
	for _, text := range []string{
		"/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
		"https://stlogs0.blob.core.windows.net/", "nic-vm-risk-1-574", "Standard_LRS", "TLS1_2", "2026-01-31T10:00:00Z", "Allow from the office", "projects/p/locations/eu/keyRings/r",
	} {
		if mayMatchSecret(text) {
			t.Errorf("%q is taken to the expression", text)
		}
	}
}
