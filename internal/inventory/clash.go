package inventory

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/valyala/fastjson"
)

// clashes reports whether the record at hand has a member in two spellings, such as
// assetType and asset_type, with different values, and tells it: nobody knows then what
// the record says. Of the policies of an asset that is kept in fields.broken.
func (d *Decoder) clashes(v *fastjson.Value) bool {
	f := &d.f
	policies := f.policies()
	for _, m := range f.again {
		to := f.slot([]byte(m.key))
		policy := slices.Index(policies[:], to)
		if policy >= 0 {
			d.spellPolicy(*to)
			d.spellPolicy(m.value)
		}
		switch {
		case !present(*to):
			*to = m.value
		case !differ(*to, m.value):
		case policy >= 0 && f.assetType != nil:
			f.broken[policy] = fmt.Sprintf("keys %q and %q have different values", f.keyOf(v, to), m.key)
		default:
			return d.clash(f.keyOf(v, to), m.key)
		}
	}
	if differ(f.window.Get("startTime"), f.window.Get("start_time")) {
		return d.clash("window.startTime", "window.start_time")
	}
	return false
}

func (d *Decoder) clash(key, other string) bool {
	d.now.Records++
	d.reject("keys %q and %q have different values", key, other)
	return true
}

// differ reports whether two values are there and say different things.
func differ(a, b *fastjson.Value) bool {
	return present(a) && present(b) && !bytes.Equal(appendSorted(nil, a), appendSorted(nil, b))
}

// keyOf is the first key of a record that fills a field.
func (f *fields) keyOf(v *fastjson.Value, to **fastjson.Value) (found string) {
	v.GetObject().Visit(func(key []byte, value *fastjson.Value) {
		if found == "" && present(value) && f.slot(key) == to {
			found = string(key)
		}
	})
	return found
}

// takePolicies brings the policies of the asset at hand into their one spelling, and
// gives those that are there and cannot be believed: the asset goes on without them.
func (d *Decoder) takePolicies(name string) (broken []string) {
	f := &d.f
	for i, policy := range f.policies() {
		if at := d.spellPolicy(*policy); at != "" && f.broken[i] == "" {
			f.broken[i] = joinPath(policyFields[i], at) + " is there in two spellings with different values"
		}
		if f.broken[i] != "" {
			d.spoil("asset %q: %s; its %s is unknown", name, f.broken[i], policyFields[i])
			*policy, broken = nil, append(broken, policyFields[i])
		}
	}
	return broken
}
