package catalog

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// What docs/authoring.md calls the internet, as all rules say it of each entry
// of a list: the bits of its prefix are at most so many. A rule about one family
// says -1 for the other, which no prefix is.
const (
	openValue = "[add(int(split(concat(current('each'), '/128'), '/')[1]), if(and(contains(current('each'), '/'), " +
		"ipRangeContains(if(contains(current('each'), ':'), 'e000::/3', '224.0.0.0/3'), current('each'))), 128, 0))]"
	openLimit = "[if(contains(current('each'), ':'), parameters('openPrefixIPv6'), parameters('openPrefix'))]"
	openIPv4  = "[if(contains(current('each'), ':'), -1, parameters('openPrefix'))]"
	openIPv6  = "[if(contains(current('each'), ':'), parameters('openPrefixIPv6'), -1)]"
)

// families are those of the addresses that a rule looks at.
type families struct{ ipv4, ipv6 bool }

func (f families) limit() string {
	switch f {
	case families{ipv4: true}:
		return openIPv4
	case families{ipv6: true}:
		return openIPv6
	}
	return openLimit
}

// quarters are in a case of each rule about ranges, and are replaced there.
var quarters = []string{"0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"}

// TestOpen_ranges_are_the_same_everywhere puts ranges in the place of the four
// quarters: each rule calls the same of them open.
func TestOpen_ranges_are_the_same_everywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	tests := map[string]struct {
		ranges [4]string
		open   families
	}{
		"four_eighths":             {[4]string{"0.0.0.0/3", "32.0.0.0/3", "64.0.0.0/3", "96.0.0.0/3"}, families{ipv4: true}},
		"a_sixteenth":              {[4]string{"203.0.113.7", "16.0.0.0/4", "203.0.113.8/32", "10.0.0.0/8"}, families{ipv4: true}},
		"wider_than_one_owner_s":   {[4]string{"203.0.113.7", "10.0.0.0/8", "203.0.113.8/32", "10.0.0.0/7"}, families{ipv4: true}},
		"everything_in_disguise":   {[4]string{"10.1.2.3/0", "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"}, families{ipv4: true}},
		"reserved_and_all_else":    {[4]string{"128.0.0.0/1", "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"}, families{ipv4: true}},
		"one_owner_s":              {[4]string{"17.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "203.0.113.7"}, families{}},
		"reserved":                 {[4]string{"240.0.0.0/4", "224.0.0.0/3", "203.0.113.7/32", "10.0.0.0/8"}, families{}},
		"half_of_public_ipv6":      {[4]string{"10.0.0.0/8", "2000::/4", "10.0.0.0/8", "10.0.0.0/8"}, families{ipv6: true}},
		"a_registry_s_ipv6":        {[4]string{"10.0.0.0/8", "2a00::/12", "10.0.0.0/8", "10.0.0.0/8"}, families{ipv6: true}},
		"all_ipv6_in_disguise":     {[4]string{"10.0.0.0/8", "fd00::1/0", "10.0.0.0/8", "10.0.0.0/8"}, families{ipv6: true}},
		"a_provider_s_ipv6":        {[4]string{"10.0.0.0/8", "2003::/19", "2001:db8::1", "2001:db8::2/128"}, families{}},
		"private_and_local_ipv6":   {[4]string{"10.0.0.0/8", "fc00::/7", "fe80::/10", "FC00::/7"}, families{}},
		"behind_a_hundred_others":  {[4]string{"203.0.113.7", "203.0.113.8/32", "10.0.0.0/8", "10.0.0.0/7"}, families{ipv4: true}},
		"a_hundred_others":         {[4]string{"203.0.113.7", "203.0.113.8/32", "10.0.0.0/8", "203.0.113.9"}, families{}},
		"all_ipv6_as_it_is_stated": {[4]string{"10.0.0.0/8", "::/0", "fc00::/7", "203.0.113.7"}, families{ipv6: true}},
	}
	c := parseContent(t)
	trial, err := NewTrial(c)
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	for _, r := range c.recommendations {
		judged := openRangesOf(t, r)
		if judged == (families{}) {
			continue
		}
		rules++
		at := slices.IndexFunc(r.Cases, isInQuarters)
		if at < 0 {
			t.Errorf("%s: no case is open in four quarters", r.File)
			continue
		}
		for name, test := range tests {
			one := r.Cases[at]
			one.Want = posture.Healthy
			if judged.ipv4 && test.open.ipv4 || judged.ipv6 && test.open.ipv6 {
				one.Want = posture.Unhealthy
			}
			if strings.HasSuffix(name, "a_hundred_others") {
				one.Resource = withHundred(t, one.Resource)
			}
			for i, q := range quarters {
				one.Resource = bytes.ReplaceAll(one.Resource, []byte(q), []byte(test.ranges[i]))
			}
			outcome, err := trial.Judge(r, one)
			if err != nil {
				t.Fatal(err)
			}
			if wrong := outcome.Differs(one); wrong != "" {
				t.Errorf("%s: %s: %s\n%s", r.File, name, wrong, outcome.Explanation.Text())
			}
		}
	}
	if rules < 20 {
		t.Errorf("%d rules about open ranges, want those of all firewalls and policies", rules)
	}
}

// withHundred puts a hundred times the first quarter before it, in the list that
// it is in.
func withHundred(t *testing.T, resource json.RawMessage) json.RawMessage {
	t.Helper()
	var body any
	if err := json.Unmarshal(resource, &body); err != nil {
		t.Fatal(err)
	}
	var within func(v any) any
	within = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for key, item := range v {
				v[key] = within(item)
			}
		case []any:
			for i, item := range v {
				text, err := json.Marshal(item)
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(text, []byte(quarters[0])) && !bytes.Contains(text, []byte(quarters[1])) {
					return slices.Concat(slices.Repeat([]any{item}, 100), v)
				}
				v[i] = within(item)
			}
		}
		return v
	}
	long, err := json.Marshal(within(body))
	if err != nil {
		t.Fatal(err)
	}
	return long
}

// isInQuarters says whether a case has all four quarters.
func isInQuarters(c Case) bool {
	return !slices.ContainsFunc(quarters, func(q string) bool { return !strings.Contains(string(c.Resource), q) })
}

// openRangesOf gives the families of which the rule calls ranges open, none if
// it is about something else, and reports a rule that says in its own way what
// is open.
func openRangesOf(t *testing.T, r *Recommendation) families {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, r.Definition); err != nil {
		t.Fatal(err)
	}
	rule := b.String()
	ipv4, ipv6 := strings.Count(rule, "parameters('openPrefix')"), strings.Count(rule, "parameters('openPrefixIPv6')")
	judged := families{ipv4 > 0, ipv6 > 0}
	if judged == (families{}) {
		if strings.Contains(rule, `"0.0.0.0/0"`) || strings.Contains(rule, "128.0.0.0/1") {
			t.Errorf("%s: the rule has its own list of open ranges; want openPrefix, as docs/authoring.md says", r.File)
		}
		return judged
	}
	for _, parameter := range []struct {
		name, want string
		judged     bool
	}{{"openPrefix", "7", judged.ipv4}, {"openPrefixIPv6", "12", judged.ipv6}} {
		if parameter.judged && !strings.Contains(rule, `"`+parameter.name+`":{"type":"Integer","defaultValue":`+parameter.want+",") {
			t.Errorf("%s: parameter %s: want an integer, %s if nothing else is said", r.File, parameter.name, parameter.want)
		}
	}
	open := `"value":"` + openValue + `","lessOrEquals":"` + judged.limit() + `"`
	if strings.Count(rule, open) != max(ipv4, ipv6) {
		t.Errorf("%s: the rule says otherwise what is open, want %s", r.File, open)
	}
	return judged
}
