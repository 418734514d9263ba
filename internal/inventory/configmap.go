package inventory

import (
	"strings"

	"github.com/valyala/fastjson"
)

// configRule makes one CloudFormation property out of a configuration item.
type configRule struct {
	to   string     // property path, such as "VersioningConfiguration.Status"
	from string     // path in configuration; with "+" in front, in supplementaryConfiguration
	how  conversion // nil: the value, its keys beginning with upper case
	// Items have it always, be it empty, so that where it is absent it was not read;
	// so it is of supplementary values.
	always bool
}

// conversion makes a property's value, nil for no property.
type conversion func(m *configMapper, v *fastjson.Value) *fastjson.Value

// configMapper maps one item.
type configMapper struct {
	d                            *Decoder
	configuration, supplementary *fastjson.Value
	to                           *fastjson.Value
	missing                      []string // properties that should be there and are not
	broken                       []string // properties whose JSON text cannot be parsed, or that are of another type
	failed                       bool     // the property at hand is one of them
}

func (m *configMapper) apply(r configRule) {
	m.failed = false
	v := m.find(r.from)
	if !m.failed && !present(v) {
		if r.always || strings.HasPrefix(r.from, "+") {
			m.missing = append(m.missing, "properties."+r.to)
		}
		return
	}
	how := r.how
	if how == nil {
		how = pascal
	}
	if !m.failed {
		v = how(m, v)
	}
	if m.failed {
		m.broken = append(m.broken, "properties."+r.to)
		return
	}
	if v == nil {
		return
	}
	to, key := m.to, r.to
	for {
		head, rest, nested := strings.Cut(key, ".")
		if !nested {
			to.Set(key, v)
			return
		}
		if !isObject(to.Get(head)) {
			to.Set(head, m.d.arena.NewObject())
		}
		to, key = to.Get(head), rest
	}
}

// find gives the value at a rule's path. Supplementary values are JSON in
// strings in API answers, and objects in snapshots.
func (m *configMapper) find(path string) *fastjson.Value {
	keys := strings.Split(strings.TrimPrefix(path, "+"), ".")
	if !strings.HasPrefix(path, "+") {
		return m.configuration.Get(keys...)
	}
	v := m.supplementary
	for _, key := range keys {
		v = m.open(v.Get(key))
	}
	return v
}

// open looks into a string that holds a JSON object or array.
func (m *configMapper) open(v *fastjson.Value) *fastjson.Value {
	s := text(v)
	if s == "" || s[0] != '{' && s[0] != '[' && s != "null" {
		return v
	}
	inside, err := m.d.parseInner([]byte(s))
	if err != nil {
		m.failed = true
		return nil
	}
	return inside
}

// pascal copies v with keys that begin with upper case, as CloudFormation's do.
func pascal(m *configMapper, v *fastjson.Value) *fastjson.Value {
	switch v.Type() {
	case fastjson.TypeObject:
		to := m.d.arena.NewObject()
		v.GetObject().Visit(func(key []byte, item *fastjson.Value) {
			if item.Type() != fastjson.TypeNull {
				to.Set(m.key(key), pascal(m, item))
			}
		})
		return to
	case fastjson.TypeArray:
		to := m.d.arena.NewArray()
		for i, item := range v.GetArray() {
			to.SetArrayItem(i, pascal(m, item))
		}
		return to
	}
	return v
}

// odd are keys that differ in more than their first letter.
var odd = map[string]string{
	"sSEAlgorithm": "SSEAlgorithm", "sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyID": "KMSMasterKeyID",
	"kmsMasterKeyId": "KMSMasterKeyID", "applyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault",
	"cidrIpv6": "CidrIpv6", "ipv6CidrBlock": "Ipv6CidrBlock", "publicIp": "PublicIp",
}

func (m *configMapper) key(key []byte) string {
	if name, ok := odd[string(key)]; ok {
		return name
	}
	if len(key) == 0 || key[0] < 'a' || key[0] > 'z' {
		return m.d.intern(key)
	}
	m.d.scratch = append(m.d.scratch[:0], key...)
	m.d.scratch[0] -= 'a' - 'A'
	return m.d.intern(m.d.scratch)
}

// only is [pascal] with no other members than the named ones.
func only(keys ...string) conversion {
	return func(m *configMapper, v *fastjson.Value) *fastjson.Value {
		whole, to := pascal(m, v), m.d.arena.NewObject()
		m.failed = m.failed || !isObject(v)
		for _, key := range keys {
			if inside := whole.Get(key); inside != nil {
				to.Set(key, inside)
			}
		}
		return to
	}
}

// same keeps v as it is: documents and maps whose keys are data.
func same(_ *configMapper, v *fastjson.Value) *fastjson.Value { return v }

// document reads a policy document: an object, JSON in a string, or JSON in a
// string in the form of URLs, as IAM writes it.
func document(m *configMapper, v *fastjson.Value) *fastjson.Value {
	s := text(v)
	if s == "" {
		return v
	}
	plain := unescapeURL(s)
	inside, err := m.d.parseInner([]byte(plain))
	if err != nil {
		m.failed = true
		return nil
	}
	return inside
}

// list gives the items of an array; anything else makes the property at hand one
// that cannot be read, null apart.
func (m *configMapper) list(v *fastjson.Value) []*fastjson.Value {
	m.failed = m.failed || present(v) && !isArray(v)
	return v.GetArray()
}

// pick makes a list of the member named key of each item.
func pick(key string) conversion {
	return func(m *configMapper, v *fastjson.Value) *fastjson.Value {
		to := m.d.arena.NewArray()
		for _, item := range m.list(v) {
			if inside := item.Get(key); present(inside) {
				to.SetArrayItem(len(to.GetArray()), inside)
			}
		}
		return to
	}
}

// is turns a word into whether it is the one meant.
func is(words ...string) conversion {
	return func(m *configMapper, v *fastjson.Value) *fastjson.Value {
		for _, word := range words {
			if strings.EqualFold(text(v), word) {
				return m.d.arena.NewTrue()
			}
		}
		return m.d.arena.NewFalse()
	}
}

// truth reads a boolean, also one in a string.
func truth(m *configMapper, v *fastjson.Value) *fastjson.Value {
	if v.Type() == fastjson.TypeTrue || strings.EqualFold(text(v), "true") {
		return m.d.arena.NewTrue()
	}
	return m.d.arena.NewFalse()
}

// members makes an object with the rules applied to v.
func members(rules ...configRule) conversion {
	return func(m *configMapper, v *fastjson.Value) *fastjson.Value {
		inner := configMapper{d: m.d, configuration: v, to: m.d.arena.NewObject()}
		m.failed = m.failed || !isObject(v)
		for _, rule := range rules {
			inner.apply(rule)
		}
		m.failed = m.failed || len(inner.broken) > 0
		return inner.to
	}
}

// each applies how to every item.
func each(how conversion) conversion {
	return func(m *configMapper, v *fastjson.Value) *fastjson.Value {
		to := m.d.arena.NewArray()
		for _, item := range m.list(v) {
			if made := how(m, item); made != nil {
				to.SetArrayItem(len(to.GetArray()), made)
			}
		}
		return to
	}
}

// unescapeURL undoes percent encoding; what is no encoding stays.
func unescapeURL(s string) string {
	if !strings.HasPrefix(s, "%7B") && !strings.HasPrefix(s, "%7b") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex([]byte(s[i+1:i+3])) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return (c | 0x20 - 'a') + 10
}
