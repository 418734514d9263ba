package inventory

import (
	"unsafe"

	"github.com/valyala/fastjson"
)

// AppendJSON appends v as JSON to dst. Unlike v.MarshalTo its text is JSON
// for every string, control characters and rare code points included.
func AppendJSON(dst []byte, v *fastjson.Value) []byte {
	switch v.Type() {
	case fastjson.TypeObject:
		dst = append(dst, '{')
		first := true
		v.GetObject().Visit(func(key []byte, item *fastjson.Value) {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(appendString(dst, key), ':')
			dst = AppendJSON(dst, item)
		})
		return append(dst, '}')
	case fastjson.TypeArray:
		dst = append(dst, '[')
		for i, item := range v.GetArray() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(dst, item)
		}
		return append(dst, ']')
	case fastjson.TypeString:
		return appendString(dst, v.GetStringBytes())
	}
	return v.MarshalTo(dst)
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string.
func appendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range s {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		if c < 0x20 {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		} else {
			dst = append(dst, '\\', c)
		}
	}
	return append(append(dst, s[from:]...), '"')
}

// text is v's string without a copy: it lives as long as v's parser does not
// parse again. What is no string gives "".
func text(v *fastjson.Value) string {
	if v == nil || v.Type() != fastjson.TypeString {
		return ""
	}
	b := v.GetStringBytes()
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// textAt is the string below v at the path keys.
func textAt(v *fastjson.Value, keys ...string) string { return text(v.Get(keys...)) }

// present reports whether v is there and not null.
func present(v *fastjson.Value) bool { return v != nil && v.Type() != fastjson.TypeNull }

func isObject(v *fastjson.Value) bool { return v != nil && v.Type() == fastjson.TypeObject }

func isArray(v *fastjson.Value) bool { return v != nil && v.Type() == fastjson.TypeArray }
