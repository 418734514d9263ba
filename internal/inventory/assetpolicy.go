package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/valyala/fastjson"
)

// policies are what all records say of the policies of one asset, detached.
type policies struct {
	of      uint64 // see Dated.Of
	stated  [len(policyFields)][]statement
	alone   half // of the first record without data, without its policies
	records int  // that state policies
	dated   int  // of them
	final   bool // all there are are known
	taken   bool // a resource has gone on with what they came to
	handed  outcomes
}

// statement is one record's policy of an asset. Statements of one key are of the
// same policy.
type statement struct {
	key   uint64
	value []byte // nil where a newer one is known
	at    int64  // see Dated.At
	from  recordPlace
	state bool // of a record that has data too
	// broken says that there is a policy, and that it cannot be believed.
	broken bool
}

// recordPlace is where a record stands.
type recordPlace struct {
	file string
	line int
}

func (p recordPlace) compare(o recordPlace) int {
	return cmp.Or(strings.Compare(p.file, o.file), cmp.Compare(p.line, o.line))
}

// outcome is what the statements of one policy come to: the one that counts, or
// two that differ while nothing says which is newer.
type outcome struct {
	counts *statement // nil: there is none
	other  *statement // nil: nothing differs
}

// outcomes tell the outcomes of all policies apart: the key of what counts, 0 for
// none, and whether another differs.
type outcomes [len(policyFields)]struct {
	key     uint64
	differs bool
	uneven  bool // resources went on with different ones
}

// statesPolicies reports whether a record carries any policy.
func statesPolicies(r *Resource) bool {
	return slices.ContainsFunc(policyFields[:], func(field string) bool {
		return present(r.Body.Get(field)) || slices.Contains(r.Broken, field)
	})
}

// add takes over what a record says.
func (p *policies) add(r *Resource) {
	p.records++
	s := statement{at: noTime, from: recordPlace{strings.Clone(r.File), r.Line}, state: !r.PolicyOnly}
	if r.Dated.Of != 0 && r.Dated.At != noTime {
		s.at = r.Dated.At
		p.dated++
	}
	for i, field := range policyFields {
		v := r.Body.Get(field)
		switch s.broken = slices.Contains(r.Broken, field); {
		case s.broken:
			s.key, s.value = brokenKey, nil
		case !present(v):
			continue
		default:
			s.key, s.value = policyKey(v), AppendJSON(nil, v)
		}
		p.stated[i] = append(p.stated[i], s)
		dropOlder(p.stated[i])
	}
	if !r.PolicyOnly || p.alone.res.ID != "" && s.from.compare(recordPlace{p.alone.res.File, p.alone.res.Line}) > 0 {
		return
	}
	for _, field := range policyFields {
		r.Body.Del(field)
	}
	p.alone = detach(r)
}

// standing is the asset as far as its policies tell of it, dated as the newest of
// them, or not at all where one is not.
func (p *policies) standing() *half {
	h := p.alone
	if h.res.Dated = (Dated{}); p.dated < p.records {
		return &h
	}
	h.res.Dated = Dated{Of: hashOf(h.res.ID), At: noTime}
	for _, stated := range p.stated {
		for i := range stated {
			h.res.Dated.At = max(h.res.Dated.At, stated[i].at)
		}
	}
	return &h
}

// dropOlder forgets the values of dated statements that cannot count any more.
func dropOlder(stated []statement) {
	newest := int64(noTime)
	for i := range stated {
		newest = max(newest, stated[i].at)
	}
	for i := range stated {
		if stated[i].at != noTime && stated[i].at < newest {
			stated[i].value = nil
		}
	}
}

// outcome finds what counts of one policy: the newest of the dated ones that are
// newer than the asset's end, unless one without a date, or of the same time, says
// something else. Of those that say the same it is the first in the input.
func (p *policies) outcome(field int, times *timeline) outcome {
	stated := p.stated[field]
	newest := int64(noTime)
	for i := range stated {
		if p.gone(&stated[i], times) == "" {
			newest = max(newest, stated[i].at)
		}
	}
	var candidates []*statement
	for i := range stated {
		if s := &stated[i]; s.at == newest || s.at == noTime {
			candidates = append(candidates, s)
		}
	}
	if candidates == nil {
		return outcome{}
	}
	slices.SortFunc(candidates, func(a, b *statement) int { return a.from.compare(b.from) })
	o := outcome{counts: candidates[0]}
	if i := slices.IndexFunc(candidates, func(s *statement) bool { return s.key != o.counts.key }); i > 0 {
		o.other = candidates[i]
	}
	return o
}

// gone says why a statement is of an asset that is gone, "" if it is not.
func (p *policies) gone(s *statement, times *timeline) string {
	if s.at == noTime {
		return ""
	}
	return times.old(Dated{Of: p.of, At: s.at})
}

func (p *policies) outcomes(times *timeline) outcomes {
	var all outcomes
	for field := range policyFields {
		if o := p.outcome(field, times); o.counts != nil {
			all[field].key, all[field].differs = o.counts.key, o.other != nil
		}
	}
	return all
}

// hand notes that a resource that counts went on with what is known now.
func (p *policies) hand(times *timeline) {
	now := p.outcomes(times)
	for field := range now {
		now[field].uneven = p.taken && p.handed[field] != now[field] // and stays so
	}
	p.handed, p.taken = now, true
}

// brokenKey is the key of statements that are broken.
const brokenKey = 1

// policyKey is the same for two policies that say the same, but for the order of
// keys, or have the same etag, as one policy has as long as nobody changes it.
func policyKey(v *fastjson.Value) uint64 {
	if etag := textAt(v, "etag"); etag != "" {
		return xxhash.Sum64String("etag " + etag)
	}
	return xxhash.Sum64(appendSorted(nil, v))
}

// appendSorted appends a value's JSON with the keys of objects in order.
func appendSorted(dst []byte, v *fastjson.Value) []byte {
	switch {
	case isArray(v):
		dst = append(dst, '[')
		for _, element := range v.GetArray() {
			dst = append(appendSorted(dst, element), ',')
		}
		return append(dst, ']')
	case isObject(v):
		members := map[string]*fastjson.Value{}
		v.GetObject().Visit(func(key []byte, member *fastjson.Value) { members[string(key)] = member })
		dst = append(dst, '{')
		for _, key := range sortedKeys(members) {
			dst = append(appendString(dst, []byte(key)), ':')
			dst = append(appendSorted(dst, members[key]), ',')
		}
		return append(dst, '}')
	}
	return AppendJSON(dst, v)
}

// joinTo gives a body the policies that count in place of its own, which live as
// long as the parsers are not used again. Those of which records say different
// things are taken out of it and listed.
func (p *policies) joinTo(body *fastjson.Value, times *timeline, parsers *[len(policyFields)]fastjson.Parser) (broken []string) {
	for field, name := range policyFields {
		o := p.outcome(field, times)
		switch {
		case o.other != nil, o.counts != nil && o.counts.broken:
			body.Del(name)
			broken = append(broken, name)
		case o.counts != nil:
			if v, err := parsers[field].ParseBytes(o.counts.value); err == nil {
				body.Set(name, v)
			}
		case len(p.stated[field]) > 0: // all are of an asset that is gone
			body.Del(name)
		}
	}
	return broken
}

// tell names the records that say different things, and those that do not count
// because newer ones say something else.
func (p *policies) tell(id string, times *timeline, next Sink) {
	for field, name := range policyFields {
		o := p.outcome(field, times)
		if o.other != nil {
			next.Problem(Problem{File: o.other.from.file, Line: o.other.from.line, Reason: fmt.Sprintf(
				"%s of %q differs from that in %s:%d, and no date says which is newer; it is unknown",
				name, id, o.counts.from.file, o.counts.from.line)})
			continue
		}
		for i := range p.stated[field] {
			s := &p.stated[field][i]
			why := p.gone(s, times)
			switch {
			case s.state && s.at != noTime && times.old(Dated{Of: p.of, At: s.at, State: true}) != "":
				continue // told of the record as a whole
			case why == "" && s.key == o.counts.key:
				continue
			case why == "":
				why = fmt.Sprintf("a newer one stands in %s:%d", o.counts.from.file, o.counts.from.line)
			}
			next.Problem(Problem{
				File: s.from.file, Line: s.from.line, Notice: true, Reason: fmt.Sprintf("%s of %q: %s; this one is left out", name, id, why),
			})
		}
	}
}
