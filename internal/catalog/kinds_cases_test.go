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

// TestCases_with_values_of_another_kind puts in turn a value of each other kind in the
// place of each one in the bodies of all cases. None that the provider does not have, and
// that a rule's own path does not tell, makes anything healthy that was not; where the
// verdict rests on the place, which it does if it is unknown once that was denied,
// nothing stays healthy. An object that rules read members of is also wrapped in another
// one, whatever kinds.yaml says.
func TestCases_with_values_of_another_kind(t *testing.T) {
	c, trial := longTrial(t)
	judged := 0
	for _, r := range all(t, c.Recommendations) {
		done := map[string]bool{}
		for _, one := range r.Cases {
			if one.Want == posture.Manual || one.Want == posture.NotApplicable || !one.Collected || len(one.Unread) > 0 {
				continue
			}
			t.Run(r.ID+"/"+one.Name, func(t *testing.T) {
				bound, err := bindCase(r, one)
				if err != nil {
					t.Fatal(err)
				}
				forms := (&Trial{aliases: trial.aliases}).judge(bound)
				found, err := readsOf(r)
				if err != nil {
					t.Fatal(err)
				}
				for at, body := range append([]json.RawMessage{one.Resource}, one.Related...) {
					for _, path := range placesIn(fastjson.MustParseBytes(body), nil) {
						if len(path) == 1 && !slices.Contains([]string{"iamPolicy", "kind", "identity"}, path[0]) { // no inventory takes a body that is none
							continue
						}
						gap := path.texts()[0]
						if one.Want == posture.Healthy && trial.without(bound, one, at, path, &gap, nil) != posture.Unknown {
							continue
						}
						for _, other := range trial.ofOtherKinds(body, path, found) {
							key := fmt.Sprint(one.Want, at > 0, path.field(), other)
							if done[key] || forms.Misshapes(with(body, path, other)) != nil {
								continue
							}
							done[key] = true
							judged++
							if state := trial.without(bound, one, at, path, nil, fastjson.MustParse(other)); state == posture.Healthy {
								t.Errorf("catalog/%s:%d: %v, and healthy if %s of body %d is %s", r.File, one.Line, one.Want, gap, at, other)
							}
						}
					}
				}
			})
		}
	}
	t.Logf("%d values", judged)
	if judged < 5000 {
		t.Errorf("%d values judged, want many", judged)
	}
}

// ofOtherKinds are values of other kinds than the one at a place of a body, without
// those that kinds.yaml allows there.
func (t *Trial) ofOtherKinds(body json.RawMessage, path bodyPlace, found reads) (values []string) {
	v := fastjson.MustParseBytes(body).Get(path...)
	text := v.String()
	others := []string{`{"Wrapped": ` + text + `}`}
	if v.Type() != fastjson.TypeArray {
		others = append(others, "["+text+"]")
	}
	if v.Type() == fastjson.TypeArray || v.Type() == fastjson.TypeObject {
		others = append(others, fmt.Sprintf("%q", text))
	}
	if v.Type() != fastjson.TypeNumber {
		others = append(others, "5")
	}
	if !isBoolean(v) {
		others = append(others, "true", "false")
	}
	resourceType := policy.NewResource(fastjson.MustParseBytes(body)).Type
	place := path.field()
	if isAliased(resourceType) {
		place = path.inBody()
	}
	tells := t.kinds.Tells(resourceType, place)
	wraps := v.Type() == fastjson.TypeObject && (found.membersOf(resourceType+"/"+path.field()) || isAliased(resourceType) && tells)
	for i, other := range others {
		if !tells || wraps && i == 0 || t.kinds.Misshapes(with(body, path, other)) != nil {
			values = append(values, other)
		}
	}
	return values
}

// membersOf reports whether members of the object of a field are read.
func (f reads) membersOf(object string) bool {
	for field := range f.fields {
		if len(field) > len(object) && field[len(object)] == '.' && strings.EqualFold(field[:len(object)], object) {
			return true
		}
	}
	return false
}

func isBoolean(v *fastjson.Value) bool {
	return v.Type() == fastjson.TypeTrue || v.Type() == fastjson.TypeFalse
}

// with gives a body with something else in a place.
func with(body json.RawMessage, path bodyPlace, other string) *policy.Resource {
	v := fastjson.MustParseBytes(body)
	v.Get(path[:len(path)-1]...).Set(path[len(path)-1], fastjson.MustParse(other))
	return policy.NewResource(v)
}

// field is the place as a field names it.
func (p bodyPlace) field() string {
	if p[0] == "properties" {
		p = p[1:]
	}
	return p.inBody()
}

// inBody is the place as a path in the body.
func (p bodyPlace) inBody() (path string) {
	for _, step := range p {
		if _, err := strconv.Atoi(step); err == nil {
			path += "[*]"
		} else {
			path = strings.TrimPrefix(path+"."+step, ".")
		}
	}
	return path
}
