package catalog

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// What is as good as the whole internet: all addresses, their halves and
// quarters, and the same of the IPv6 addresses that are given out.
var (
	openIPv4 = []string{"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"}
	openIPv6 = []string{"::/0", "::/1", "8000::/1", "2000::/3", "2000::/4", "3000::/4"}
)

// The list is the same in all rules that have one, as the parameter openRanges
// or with other words in it; where a service knows IPv4 only, so does the list.
func TestOpen_ranges_are_the_same_everywhere(t *testing.T) {
	lists := 0
	for _, r := range parseContent(t).recommendations {
		var d struct {
			Properties struct {
				Parameters map[string]struct{ DefaultValue any }
				PolicyRule json.RawMessage
			}
		}
		if err := json.Unmarshal(r.Definition, &d); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(d.Properties.PolicyRule), `"128.0.0.0/1"`) {
			t.Errorf("%s: the rule has open ranges in it; want them in a parameter", r.File)
		}
		for name, p := range d.Properties.Parameters {
			var four, six []string
			list, _ := p.DefaultValue.([]any)
			for _, item := range list {
				switch text, _ := item.(string); {
				case strings.Contains(text, `"`) || !strings.Contains(text, "/"): // a piece of JSON text, or a word
				case strings.Contains(text, "::"):
					six = append(six, text)
				default:
					four = append(four, text)
				}
			}
			if !slices.Contains(four, "0.0.0.0/0") {
				continue
			}
			lists++
			if !slices.Equal(four, openIPv4) || six != nil && !slices.Equal(six, openIPv6) {
				t.Errorf("%s: parameter %s: got %v and %v, want %v, with or without %v", r.File, name, four, six, openIPv4, openIPv6)
			}
			if !slices.ContainsFunc(r.Cases, func(c Case) bool { return strings.Contains(string(c.Resource), openIPv4[6]) }) {
				t.Errorf("%s: no case is open in four quarters", r.File)
			}
		}
	}
	if lists < 13 {
		t.Errorf("%d lists of open ranges, want those of all firewalls", lists)
	}
}
