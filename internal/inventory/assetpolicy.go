package inventory

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/valyala/fastjson"
)

// policies are what all records say of the policies of one asset, detached.
type policies struct {
	res   Resource // of the first record
	body  []byte   // of it, without policies
	parts []policyPart
	taken bool // a resource has them
}

// policyPart is one of an asset's policies.
type policyPart struct {
	field int // of policyFields
	value []byte
	at    int64 // see Dated.At
	from  recordPlace
	// clash says that another record has another policy, and that nothing says
	// which is newer; other is where it stands.
	clash bool
	other recordPlace
}

// recordPlace is where a record stands.
type recordPlace struct {
	file string
	line int
}

// newPolicies takes a first record, and the policies out of its body.
func newPolicies(r *Resource) *policies {
	p := &policies{}
	p.add(r, nil)
	for _, field := range policyFields {
		r.Body.Del(field)
	}
	h := detach(r)
	p.res, p.body = h.res, h.body
	return p
}

// add takes over what a record says, and reports whether it changes anything.
func (p *policies) add(r *Resource, parser *fastjson.Parser) (changed bool) {
	at := int64(noTime)
	if r.Dated.Of != 0 {
		at = r.Dated.At
	}
	for i, field := range policyFields {
		v := r.Body.Get(field)
		if !present(v) {
			continue
		}
		part := policyPart{field: i, value: AppendJSON(nil, v), at: at, from: recordPlace{r.File, r.Line}}
		if known := slices.IndexFunc(p.parts, func(o policyPart) bool { return o.field == i }); known >= 0 {
			changed = p.parts[known].add(part, parser) || changed
			continue
		}
		p.parts, changed = append(p.parts, part), true
	}
	return changed
}

// add takes over another policy of the same asset, if it is newer.
func (p *policyPart) add(o policyPart, parser *fastjson.Parser) (changed bool) {
	switch {
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
	for field, name := range policyFields {
		i := slices.IndexFunc(p.parts, func(part policyPart) bool { return part.field == field })
		if i < 0 || p.parts[i].clash || body.Exists(name) {
			continue
		}
		if v, err := parsers[field].ParseBytes(p.parts[i].value); err == nil {
			body.Set(name, v)
		}
	}
}

// clashing are the policies of which records say different things.
func (p *policies) clashing() []string {
	var fields []string
	for i := range p.parts {
		if p.parts[i].clash {
			fields = append(fields, policyFields[p.parts[i].field])
		}
	}
	return fields
}

// tellClashes names the records that say different things.
func (p *policies) tellClashes(next Sink) {
	for i := range p.parts {
		if part := &p.parts[i]; part.clash {
			next.Problem(Problem{File: part.other.file, Line: part.other.line, Reason: fmt.Sprintf(
				"%s of %q differs from that in %s:%d, and no date says which is newer; it is unknown",
				policyFields[part.field], p.res.ID, part.from.file, part.from.line)})
		}
	}
}
