package inventory

import (
	"strings"

	"github.com/valyala/fastjson"
)

// armKeys are the own keys of an ARM object, by their lower case.
var armKeys = func() map[string]string {
	keys := map[string]string{}
	for _, key := range [...]string{
		"id", "name", "type", "kind", "location", "tags", "properties", "sku", "identity", "plan", "zones", "managedBy",
		"extendedLocation",
	} {
		keys[strings.ToLower(key)] = key
	}
	return keys
}()

// longestKey is the length of the longest of armKeys.
const longestKey = len("extendedLocation")

// misspelt notes a key that is one of ARM's in odd case.
func (f *fields) misspelt(key []byte) {
	var lower [longestKey]byte
	if len(key) > len(lower) {
		return
	}
	for i, c := range key {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	if armKeys[string(lower[:len(key)])] != "" {
		f.odd = append(f.odd, string(key))
	}
}

// speltTwice gives two spellings of one of ARM's keys that both occur. Rules
// find members ignoring case, and could find either.
func (f *fields) speltTwice() (key, other string) {
	for i, odd := range f.odd {
		if usual := armKeys[strings.ToLower(odd)]; *f.slot([]byte(usual)) != nil {
			return usual, odd
		}
		for _, other := range f.odd[:i] {
			if strings.EqualFold(odd, other) {
				return other, odd
			}
		}
	}
	return "", ""
}

// takeOtherCases takes the members whose keys are spelt in odd case: they mean
// the same.
func (f *fields) takeOtherCases(v *fastjson.Value) {
	for _, odd := range f.odd {
		if to := f.slot([]byte(armKeys[strings.ToLower(odd)])); *to == nil {
			*to = v.Get(odd)
		}
	}
}
