package inventory

import (
	"bytes"
	"fmt"

	"github.com/valyala/fastjson"
)

// policies are what all records say of the policies of one asset, detached.
type policies struct {
	res   Resource // of the first record
	body  []byte   // of it, without policies
	parts [len(policyFields)]policyPart
	taken bool // a resource has them
}

// policyPart is one of an asset's policies.
type policyPart struct {
	value []byte // nil for none
	at    int64  // see Dated.At
	from  Problem
	// clash says that another record has another policy, and that nothing says
	// which is newer; other is where it stands.
	clash bool
	other Problem
}

func newPolicies(r *Resource) *policies {
	h := detach(r)
	p := &policies{res: h.res}
	if body, err := fastjson.ParseBytes(h.body); err == nil {
		for _, field := range policyFields {
			body.Del(field)
		}
		p.body = AppendJSON(nil, body)
	}
	return p
}

// add takes over what a record says, and reports whether it changes anything.
func (p *policies) add(r *Resource, parser *fastjson.Parser) (changed bool) {
	at := int64(noTime)
	if r.Dated.Of != 0 {
		at = r.Dated.At
	}
	for i, field := range policyFields {
		if v := r.Body.Get(field); present(v) {
			part := policyPart{value: AppendJSON(nil, v), at: at, from: Problem{File: r.File, Line: r.Line}}
			changed = p.parts[i].add(part, parser) || changed
		}
	}
	return changed
}

// add takes over another policy of the same asset, if it is newer.
func (p *policyPart) add(o policyPart, parser *fastjson.Parser) (changed bool) {
	switch {
	case p.value == nil:
		*p = o
		return true
	case p.at != noTime && o.at != noTime && p.at != o.at:
		if o.at > p.at {
			*p = o
		}
		return o.at >= p.at
	case p.clash || samePolicy(p.value, o.value, parser):
		return false
	}
	// Nothing can settle it once one of them has no time.
	if o.at == noTime {
		p.at = noTime
	}
	p.clash, p.other = true, o.from
	return true
}

// samePolicy reports whether two policies say the same, or have the same etag, as
// one policy has as long as nobody changes it.
func samePolicy(a, b []byte, parser *fastjson.Parser) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err := parser.ParseBytes(a)
	if err != nil {
		return false
	}
	y, err := fastjson.ParseBytes(b)
	if err != nil {
		return false
	}
	etag := textAt(x, "etag")
	return sameJSON(x, y) || etag != "" && etag == textAt(y, "etag")
}

// sameJSON reports whether two values differ in the order of keys at most.
func sameJSON(a, b *fastjson.Value) bool {
	switch {
	case a.Type() != b.Type():
		return false
	case isArray(a):
		x, y := a.GetArray(), b.GetArray()
		same := len(x) == len(y)
		for i := 0; same && i < len(x); i++ {
			same = sameJSON(x[i], y[i])
		}
		return same
	case isObject(a):
		same := a.GetObject().Len() == b.GetObject().Len()
		a.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			other := b.Get(string(key))
			same = same && other != nil && sameJSON(v, other)
		})
		return same
	}
	return bytes.Equal(a.MarshalTo(nil), b.MarshalTo(nil))
}

// joinTo gives a body the policies that it does not have itself, which live as
// long as the parsers are not used again.
func (p *policies) joinTo(body *fastjson.Value, parsers *[len(policyFields)]fastjson.Parser) {
	for i, field := range policyFields {
		part := &p.parts[i]
		if part.value == nil || part.clash || body.Exists(field) {
			continue
		}
		if v, err := parsers[i].ParseBytes(part.value); err == nil {
			body.Set(field, v)
		}
	}
}

// clashing are the policies of which records say different things.
func (p *policies) clashing() []string {
	var fields []string
	for i, field := range policyFields {
		if p.parts[i].clash {
			fields = append(fields, field)
		}
	}
	return fields
}

// tellClashes names the records that say different things.
func (p *policies) tellClashes(next Sink) {
	for i, field := range policyFields {
		if part := &p.parts[i]; part.clash {
			told := part.other
			told.Reason = fmt.Sprintf("%s of %q differs from that in %s, and no date says which is newer; it is unknown", field, p.res.ID, part.from.Place())
			next.Problem(told)
		}
	}
}
