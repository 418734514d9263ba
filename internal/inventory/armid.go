package inventory

import "strings"

const guidLength = 36

// armID are the parts of an Azure Resource Manager id, as the id writes them.
type armID struct {
	id           string
	subscription int // end of /subscriptions/GUID, 0 if there is none
	group        int // end of /subscriptions/GUID/resourceGroups/NAME, 0 if there is none
	// canonical says that both are written as scope ids are.
	canonical bool
}

const (
	subscriptionsPrefix = "/subscriptions/"
	groupsSegment       = "/resourceGroups/"
	providersSegment    = "/providers/"
)

func parseARMID(id string) armID {
	a := armID{id: id}
	if !prefixFold(id, subscriptionsPrefix) {
		return a
	}
	a.canonical = strings.HasPrefix(id, subscriptionsPrefix)
	a.subscription = segmentEnd(id, len(subscriptionsPrefix))
	a.canonical = a.canonical && !hasUpper(id[len(subscriptionsPrefix):a.subscription])
	rest := id[a.subscription:]
	if prefixFold(rest, groupsSegment) && len(rest) > len(groupsSegment) {
		a.group = segmentEnd(id, a.subscription+len(groupsSegment))
		a.canonical = a.canonical && strings.HasPrefix(rest, groupsSegment)
	}
	return a
}

// last is the last segment, the resource's name.
func (a armID) last() string {
	id := strings.TrimRight(a.id, "/")
	return id[strings.LastIndexByte(id, '/')+1:]
}

// deriveType gives the type that the id implies, "" if it implies none.
func (a armID) deriveType() string {
	id := strings.TrimRight(a.id, "/")
	at := lastIndexFold(id, providersSegment)
	if at < 0 {
		switch len(id) {
		case a.subscription:
			return "Microsoft.Resources/subscriptions"
		case a.group:
			return groupType
		}
		return ""
	}
	segments := strings.Split(id[at+len(providersSegment):], "/")
	if len(segments) < 3 || segments[0] == "" {
		return ""
	}
	kind := segments[0]
	for i := 1; i < len(segments); i += 2 {
		kind += "/" + segments[i]
	}
	return kind
}

func segmentEnd(s string, from int) int {
	if i := strings.IndexByte(s[from:], '/'); i >= 0 {
		return from + i
	}
	return len(s)
}

func lastIndexFold(s, part string) int {
	for i := len(s) - len(part); i >= 0; i-- {
		if strings.EqualFold(s[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

func prefixFold(s, prefix string) bool {
	return strings.HasPrefix(s, prefix) || len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// isGUID reports whether s has the form of a GUID.
func isGUID(s string) bool {
	if len(s) != guidLength {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if c := s[i] | 0x20; (s[i] < '0' || s[i] > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
