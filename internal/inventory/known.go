package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Joiner brings a record of a Google asset together with what was known of it before:
// exports have its data and each of its policies in files of their own. It is for one
// goroutine.
type Joiner struct {
	now, known *Decoder
	parsers    [len(policyFields)]fastjson.Parser
}

// NewJoiner makes one.
func NewJoiner() *Joiner { return &Joiner{now: NewDecoder(), known: NewDecoder()} }

// Join gives the asset as it is known once a record was read: what the record carries,
// its data or some of the policies, takes the place of what was known of just that. Both
// are lines as [AppendRecord] writes them. The result lives until the next call.
func (j *Joiner) Join(known, record []byte) (*Resource, error) {
	var was, is one
	j.known.Again("known", 1, known, &was)
	j.now.Again("record", 1, record, &is)
	if was.r == nil || is.r == nil || is.r.Cloud != posture.GCP {
		return nil, fmt.Errorf("joining records of an asset: %s%s", was.problem, is.problem)
	}
	joined, other := *is.r, was.r
	if is.r.PolicyOnly {
		joined, other = *was.r, is.r
		joined.Dated = is.r.Dated
	}
	broken := slices.DeleteFunc(slices.Clone(joined.Broken), func(path string) bool { return slices.Contains(policyFields[:], path) })
	for i, field := range policyFields {
		from := is.r
		if !states(from, field) {
			from = was.r
		}
		switch value := from.Body.Get(field); {
		case slices.Contains(from.Broken, field):
			joined.Body.Del(field)
			broken = append(broken, field)
		case !present(value):
			joined.Body.Del(field)
		case from == other:
			v, err := j.parsers[i].ParseBytes(AppendJSON(nil, value))
			if err != nil {
				return nil, fmt.Errorf("joining records of an asset: %w", err)
			}
			joined.Body.Set(field, v)
		}
	}
	joined.Broken, joined.Unread = broken, unreadOf(joined.Body, broken)
	return &joined, nil
}

// states reports whether a record says something of a policy.
func states(r *Resource, field string) bool {
	return present(r.Body.Get(field)) || slices.Contains(r.Broken, field)
}

// one is the sink of a single record.
type one struct {
	r       *Resource
	problem string
}

func (o *one) Resource(r *Resource)       { kept := *r; o.r = &kept }
func (o *one) Outdated(*Resource, string) {}
func (o *one) Scope(posture.Scope)        {}
func (o *one) Read(posture.ReadRecord)    {}
func (o *one) Problem(p Problem)          { o.problem = strings.TrimSpace(o.problem + " " + p.Reason) }
