package estate

import (
	"testing"

	"github.com/bartizan-dev/bartizan/internal/govern"
)

// TestEndedWords tells only of what ended, one in the singular.
func TestEndedWords(t *testing.T) {
	exemption, attestation := govern.Version{Document: &govern.Exemption{}}, govern.Version{Document: &govern.Attestation{}}
	for want, ended := range map[string][]govern.Version{
		"1 exemption ended":                    {exemption},
		"2 attestations ended":                 {attestation, attestation},
		"2 exemptions and 1 attestation ended": {exemption, attestation, exemption},
		"1 exemption and 2 attestations ended": {attestation, exemption, attestation},
	} {
		if got := endedWords(ended); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
