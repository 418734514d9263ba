package catalog

import (
	"regexp"
	"testing"
)

// replacing are commands that set a thing anew: what they are not given again, a
// statement, a flag or a setting, is gone.
var replacing = regexp.MustCompile(`update-account-password-policy|put-bucket-policy|put-key-policy|set-topic-attributes .*Policy|--access-policies|` +
	`set-iam-policy|put-configuration-recorder|put-delivery-channel|update-project|--database-flags|--authorized-networks|--api-server-authorized-ip-ranges|contact update .*--notifications-by-role`)

// onlyPrice are words for a change that stops nothing.
var onlyPrice = regexp.MustCompile(`^Nothing(;|\.| at once|, but)`)

// TestBreaks_of_commands_that_replace: whoever runs such a command has to know what
// else it changes, so that it does not stop "nothing".
func TestBreaks_of_commands_that_replace(t *testing.T) {
	met := 0
	for _, r := range all(t, parseContent(t).Recommendations) {
		for _, c := range r.Remediation.Commands {
			if !replacing.MatchString(c.Text) {
				continue
			}
			met++
			if onlyPrice.MatchString(r.Remediation.Breaks) {
				t.Errorf("catalog/%s: %s: the command sets the whole anew, and breaks says %q", r.File, c.Text, r.Remediation.Breaks)
			}
		}
	}
	if met < 10 {
		t.Errorf("%d such commands, want more", met)
	}
}
