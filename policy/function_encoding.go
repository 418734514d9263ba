package policy

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"
)

// encodingFunctions turn texts into codes and back.
var encodingFunctions = []function{
	{signature: "base64(text)", least: 1, most: 1, call: mapText(encode64), summary: "The text in base 64."},
	{signature: "base64ToString(text)", least: 1, most: 1, call: callBase64ToString, summary: "The text that a base 64 code stands for."},
	{signature: "base64ToJson(text)", least: 1, most: 1, call: callBase64ToJSON, summary: "The JSON value that a base 64 code stands for."},
	{signature: "dataUri(text)", least: 1, most: 1, call: mapText(dataURI), summary: "The text as a data URI."},
	{signature: "dataUriToString(uri)", least: 1, most: 1, call: callDataURIToString, summary: "The text that a data URI holds."},
	{signature: "uri(base, relative)", least: 2, most: 2, call: callURI, summary: "A URI made of a base and what is relative to it."},
	{signature: "uriComponent(text)", least: 1, most: 1, call: mapText(percentEncode), summary: "The text with what a URI part cannot hold percent-encoded."},
	{signature: "uriComponentToString(text)", least: 1, most: 1, call: callURIComponentToString, summary: "A percent-encoded text decoded."},
}

func encode64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func decode64(s string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil {
		return "", errors.New("argument 1: want base 64")
	}
	if !utf8.Valid(b) {
		return "", errors.New("argument 1: want base 64 of a text in UTF-8")
	}
	return string(b), nil
}

func callBase64ToString(args []Value) (Value, error) {
	s, err := textArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	s, err = decode64(s)
	return StringValue(s), err
}

func callBase64ToJSON(args []Value) (Value, error) {
	v, err := callBase64ToString(args)
	if err != nil {
		return Value{}, err
	}
	return FromJSON([]byte(v.str))
}

func dataURI(s string) string { return "data:text/plain;charset=utf8;base64," + encode64(s) }

func callDataURIToString(args []Value) (Value, error) {
	s, err := textArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	rest, isData := strings.CutPrefix(s, "data:")
	comma := strings.LastIndexByte(rest, ',')
	if !isData || comma < 0 {
		return Value{}, errors.New("argument 1: want data:<type>;base64,<code>")
	}
	s, err = decode64(rest[comma+1:])
	return StringValue(s), err
}

// callURI joins as a browser does for the simple cases: a base that ends in a
// slash is kept, else its last segment is replaced.
func callURI(args []Value) (Value, error) {
	base, relative, err := textArgs(args)
	if err != nil {
		return Value{}, err
	}
	if strings.HasPrefix(relative, "http://") || strings.HasPrefix(relative, "https://") {
		return StringValue(relative), nil
	}
	path := 0
	if at := strings.Index(base, "://"); at >= 0 {
		path = at + len("://")
	}
	if slash := strings.LastIndexByte(base[path:], '/'); slash >= 0 {
		base = base[:path+slash]
	}
	return StringValue(base + "/" + strings.TrimLeft(relative, "/")), nil
}

func percentEncode(s string) string {
	const upper = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if isDigit(c) || 'a' <= lowerByte(c) && lowerByte(c) <= 'z' || strings.IndexByte("-_.~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', upper[c>>4], upper[c&15]})
	}
	return b.String()
}

func callURIComponentToString(args []Value) (Value, error) {
	s, err := textArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	s, err = url.PathUnescape(s)
	if err != nil || !utf8.ValidString(s) {
		return Value{}, errors.New("argument 1: want a percent-encoded text in UTF-8")
	}
	return StringValue(s), nil
}
