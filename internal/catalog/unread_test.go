package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestCases_with_something_denied takes each property in turn out of the bodies of
// all cases that are healthy or unhealthy, and says that it was denied. A verdict
// that is certain all the same must be the one with the property: what nobody read
// neither passes nor fails.
func TestCases_with_something_denied(t *testing.T) {
	c, trial := longTrial(t)
	known, unknown := 0, 0
	for _, r := range all(t, c.Recommendations) {
		for _, one := range r.Cases {
			if one.Want != posture.Healthy && one.Want != posture.Unhealthy || !one.Collected || len(one.Unread) > 0 {
				continue
			}
			t.Run(r.ID+"/"+one.Name, func(t *testing.T) {
				bound, err := bindCase(r, one)
				if err != nil {
					t.Fatal(err)
				}
				for at, body := range append([]json.RawMessage{one.Resource}, one.Related...) {
					for _, path := range placesIn(fastjson.MustParseBytes(body), nil) {
						for _, text := range path.texts() {
							switch state := trial.without(bound, one, at, path, &text, nil); state {
							case one.Want:
								known++
								other := others[known%len(others)]
								if with := trial.without(bound, one, at, path, nil, fastjson.MustParse(other)); with != state && with != posture.Unknown {
									t.Errorf("catalog/%s:%d: %v without %s of body %d, which was denied, and %v if it is %s", r.File, one.Line, state, text, at, with, other)
								}
							case posture.Unknown:
								unknown++
							default:
								t.Errorf("catalog/%s:%d: %v without %s of body %d, which was denied, and %v with it", r.File, one.Line, state, text, at, one.Want)
							}
						}
					}
				}
			})
		}
	}
	t.Logf("%d known, %d unknown", known, unknown)
	if known < 1000 || unknown < 1000 {
		t.Errorf("%d known and %d unknown verdicts, want many", known, unknown)
	}
}

// others are what may stand at a place instead.
var others = []string{`"x"`, `true`, `7`, `{}`, `[]`, `[{"Name": "x"}]`, `{"x": ["*"]}`}

// without judges a case with one place of one of its bodies taken out, and denied
// by a gap or filled with something else.
func (t *Trial) without(bound *policy.Bound, c Case, at int, path bodyPlace, gap *string, other *fastjson.Value) posture.State {
	near, judge := &surroundings{complete: c.Complete}, t.judge(bound)
	var self *policy.Resource
	for i, raw := range append([]json.RawMessage{c.Resource}, c.Related...) {
		body := fastjson.MustParseBytes(raw)
		if i == at {
			above := body.Get(path[:len(path)-1]...)
			above.Del(path[len(path)-1])
			if other != nil {
				above.Set(path[len(path)-1], other)
			}
		}
		r := policy.NewResource(body)
		r.Partial = !hasProperties(r)
		r.Gaps = t.gaps(judge, r)
		if i == at && gap != nil {
			r.Gaps = append(r.Gaps, policy.Gap{Path: *gap, Reason: "denied"})
		}
		if i == 0 {
			self = r
		} else {
			near.related = append(near.related, r)
		}
	}
	now := c.Now
	if now.IsZero() {
		now = caseClock
	}
	return caseState(bound.Judge(self, policy.Environment{Aliases: t.aliases, Related: near, Now: now}).Compliance)
}

// bodyPlace is where something stands in a body: keys, and indexes as numbers.
type bodyPlace []string

// texts are the gaps that it may be in: of an item of an array, of all items, of all
// that the body lacks.
func (p bodyPlace) texts() []string {
	one, every := "", ""
	for i, step := range p {
		text := "." + step
		switch _, err := strconv.Atoi(step); {
		case err == nil:
			one, every = one+"["+step+"]", every+"[*]"
			continue
		case strings.ContainsAny(step, ".[]"):
			text = "['" + step + "']"
		case i == 0:
			text = step
		}
		one, every = one+text, every+text
	}
	return append(slices.Compact([]string{one, every}), "")
}

// placesIn lists the properties of a body at any depth, but for those that say
// which resource it is.
func placesIn(v *fastjson.Value, above bodyPlace) (places []bodyPlace) {
	switch v.Type() {
	case fastjson.TypeArray:
		items, _ := v.Array()
		for i, item := range items {
			places = append(places, placesIn(item, append(above[:len(above):len(above)], fmt.Sprint(i)))...)
		}
	case fastjson.TypeObject:
		o, _ := v.Object()
		o.Visit(func(key []byte, item *fastjson.Value) {
			k := string(key)
			if len(above) == 0 && (k == "id" || k == "type" || k == "name") {
				return
			}
			here := append(above[:len(above):len(above)], k)
			places = append(append(places, here), placesIn(item, here)...)
		})
	}
	return places
}
