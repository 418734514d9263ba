package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// scopeFunctions read the resource and what is around it.
var scopeFunctions = []function{
	{signature: "field(name)", least: 1, most: 1, special: callField, total: true, summary: "The value of a field of the judged resource; with [*] an array of the values that are there."},
	{signature: "current(name?)", least: 0, most: 1, special: callCurrent, total: true, summary: "The member that the enclosing count is at, or a property of it."},
	{signature: "parameters(name)", least: 1, most: 1, special: callParameters, summary: "The value of a parameter."},
	{signature: "resourceGroup()", special: callContext, context: true, summary: "The resource group of the judged resource."},
	{signature: "subscription()", special: callContext, context: true, summary: "The subscription of the judged resource."},
	{signature: "requestContext()", special: callContext, context: true, summary: "The request; a scan knows its apiVersion only."},
	{signature: "policy()", special: callContext, context: true, summary: "The ids of the assignment, initiative and definition being judged."},
	{signature: "claims()", special: callContext, context: true, summary: "The claims of the request; a scan has none."},
	{signature: "utcNow()", special: callNow, summary: "The instant of the scan, as yyyy-MM-ddTHH:mm:ss.fffffffZ."},
	{signature: "uniqueString(text, …)", least: 1, most: -1, call: uniqueString, special: callUnique, unsettled: true, summary: "Thirteen characters that depend on the texts; not the ones that the cloud computes."},
	{signature: "guid(text, …)", least: 1, most: -1, call: guid, special: callUnique, unsettled: true, summary: "A GUID that depends on the texts; not the one that the cloud computes."},
}

// nameArg evaluates an argument that is the name of something.
func (t *term) nameArg(s scope) (string, error) {
	v, err := t.args[0].eval(s)
	if err != nil {
		return "", err
	}
	if v.kind != String {
		return "", fmt.Errorf("%s: %w", t.function.name, unfit(0, v, "a string"))
	}
	return v.str, nil
}

// orBlank makes what is not there the null that acts as an empty text.
func (v Value) orBlank() Value {
	switch v.kind {
	case Missing:
		return blank
	case Null:
		v.num |= blank.num
	}
	return v
}

func callField(t *term, s scope) (Value, error) {
	name, err := t.nameArg(s)
	if err != nil {
		return Value{}, err
	}
	v, err := s.field(name)
	if err != nil {
		return Value{}, err
	}
	return v.orBlank(), nil
}

func callCurrent(t *term, s scope) (name Value, err error) {
	var given string
	if len(t.args) > 0 {
		if given, err = t.nameArg(s); err != nil {
			return Value{}, err
		}
	}
	v, err := s.current(given, len(t.args) > 0)
	if err != nil {
		return Value{}, err
	}
	return v.orBlank(), nil
}

func callParameters(t *term, s scope) (Value, error) {
	name, err := t.nameArg(s)
	if err != nil {
		return Value{}, err
	}
	v, ok := s.parameter(name)
	if !ok {
		return Value{}, fmt.Errorf("parameters: no value for %q", name)
	}
	return v, nil
}

func callContext(t *term, s scope) (Value, error) { return s.context(t.function.name), nil }

func callNow(_ *term, s scope) (Value, error) { return StringValue(s.now()), nil }

// callUnique gives marks instead of a hash inside a markScope.
func callUnique(t *term, s scope) (Value, error) {
	args := make([]Value, len(t.args))
	for i, arg := range t.args {
		v, err := arg.eval(s)
		if err != nil {
			return Value{}, err
		}
		args[i] = v
	}
	v, err := t.function.apply(args)
	if _, marks := s.(markScope); !marks || err != nil {
		return v, err
	}
	mark := string(rune(uniqueMark))
	if len(v.str) == guidLength {
		mark = string(rune(hexMark))
	}
	return StringValue(strings.Map(func(r rune) rune {
		if r == '-' {
			return r
		}
		return rune(mark[0])
	}, v.str)), nil
}

const guidLength = 36

func digest(args []Value) ([sha256.Size]byte, error) {
	h := sha256.New()
	for i, arg := range args {
		text, ok := textOfScalar(arg.filled())
		if !ok {
			return [sha256.Size]byte{}, unfit(i, arg, "a string")
		}
		h.Write(appendQuoted(nil, text))
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

func uniqueString(args []Value) (Value, error) {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	sum, err := digest(args)
	if err != nil {
		return Value{}, err
	}
	text := make([]byte, 13)
	for i := range text {
		text[i] = alphabet[sum[i]&31]
	}
	return StringValue(string(text)), nil
}

func guid(args []Value) (Value, error) {
	if len(args) == 0 {
		return Value{}, errors.New("want at least one string")
	}
	sum, err := digest(args)
	if err != nil {
		return Value{}, err
	}
	sum[6] = sum[6]&0x0f | 0x50 // version 5, of a name
	sum[8] = sum[8]&0x3f | 0x80
	x := hex.EncodeToString(sum[:16])
	return StringValue(strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")), nil
}
