package policy

import (
	"strings"
	"testing"
)

// TestStanding_agrees_with_hashing_each holds what is hashed of an id, one
// after the other as resources come, against hashing each part alone.
func TestStanding_agrees_with_hashing_each(t *testing.T) {
	const group = "/subscriptions/0b1F6471-1bf0-4dda-aec3-111122223333/resourceGroups/RG-Ä@[`{"
	var s standing
	for _, id := range []string{
		group + "/providers/Microsoft.Web/sites/A", group + "/providers/Microsoft.Web/sites/a/config/web",
		group, group + "/", group + "2/providers/Microsoft.Web/sites/Z", strings.ToUpper(group) + "/providers/x/y/z/",
		"/subscriptions/0b1F6471-1bf0-4dda-aec3-111122223333", "", "/", "/providers/Microsoft.Management/managementGroups/mg",
		group + "/providers/Microsoft.Web/sites/b/providers/Microsoft.Insights/diagnosticSettings/d",
	} {
		s.read(id)
		trimmed := strings.TrimRight(id, "/")
		if got, want := s.id[:s.group], GroupOf(trimmed); got != want {
			t.Errorf("%s: group %q, want %q", id, got, want)
		}
		if got, want := s.id[:s.unit], UnitOf(trimmed); got != want {
			t.Errorf("%s: unit %q, want %q", id, got, want)
		}
		for n := range len(trimmed) + 1 {
			if s.hash(n) != HashID(trimmed[:n]) {
				t.Fatalf("%s: the hash of its first %d bytes is not theirs", id, n)
			}
		}
	}
}

func TestHashID_ignores_case_alone(t *testing.T) {
	bytes := make([]byte, 256)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	for at := range bytes {
		one := string(bytes[:at+1])
		for c := range 256 {
			other := one[:at] + string([]byte{byte(c)})
			small := func(c byte) byte {
				if 'A' <= c && c <= 'Z' {
					c += 'a' - 'A'
				}
				return c
			}
			if want := small(byte(c)) == small(one[at]); (HashID(one) == HashID(other)) != want {
				t.Fatalf("bytes %#x and %#x at %d: equal is %v, want %v", one[at], c, at, !want, want)
			}
		}
	}
}
