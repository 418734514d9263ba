package function

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/adler32"
	"hash/crc32"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func encodeFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "base64_encode_tostring",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Encodes a text in Base64.", Eval: textFunction(encode64),
		},
		{
			Name: "base64_encodestring", Hidden: true, Obsolete: "base64_encode_tostring",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Encodes a text in Base64.", Eval: textFunction(encode64),
		},
		{
			Name:       "base64_decode_tostring",
			Signatures: []string{"(base64_string:string) → string"},
			Doc:        "Decodes Base64 to a text.", Eval: textFunction(decode64),
		},
		{
			Name: "base64_decodestring", Hidden: true, Obsolete: "base64_decode_tostring",
			Signatures: []string{"(base64_string:string) → string"},
			Doc:        "Decodes Base64 to a text.", Eval: textFunction(decode64),
		},
		{
			Name:       "base64_decode_toarray",
			Signatures: []string{"(base64_string:string) → dynamic"},
			Doc:        "Decodes Base64 to an array of bytes.", Eval: decode64Array,
		},
		{
			Name:       "base64_decode_toguid",
			Signatures: []string{"(base64_string:string) → guid"},
			Doc:        "Decodes Base64 to a GUID.", Eval: decode64GUID,
		},
		{
			Name:       "base64_encode_fromarray",
			Signatures: []string{"(base64_string_decoded_as_array:DynamicArray) → string"},
			Doc:        "Encodes an array of bytes in Base64.", Eval: encode64Array,
		},
		{
			Name:       "base64_encode_fromguid",
			Signatures: []string{"(guid:guid) → string"},
			Doc:        "Encodes a GUID in Base64.", Eval: encode64GUID,
		},
		{
			Name:       "gzip_compress_to_base64_string",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Compresses a text with gzip, in Base64.", Eval: textFunction(gzipText),
		},
		{
			Name:       "gzip_decompress_from_base64_string",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Decompresses a text from gzip in Base64.", Eval: growing(gunzipText),
		},
		{
			Name:       "zlib_compress_to_base64_string",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Compresses a text with zlib, in Base64.", Eval: textFunction(zlibText),
		},
		{
			Name:       "zlib_decompress_from_base64_string",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Decompresses a text from zlib in Base64.", Eval: growing(unzlibText),
		},
		{
			Name:       "url_encode",
			Signatures: []string{"(url:string) → string"},
			Doc:        "Encodes a text for a URL, blanks as +.", Eval: textFunction(urlEncode("+")),
		},
		{
			Name:       "url_encode_component",
			Signatures: []string{"(url:string) → string"},
			Doc:        "Encodes a text for a URL, blanks as %20.", Eval: textFunction(urlEncode("%20")),
		},
		{
			Name:       "url_decode",
			Signatures: []string{"(encoded_url:string) → string"},
			Doc:        "Decodes a text from a URL.", Eval: textFunction(urlDecode),
		},
	}
}

func encode64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// decode64 gives "" for what is no Base64 or no text.
func decode64(s string) string {
	out, err := base64.StdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(out) {
		return ""
	}
	return string(out)
}

func decode64Array(c *Context, args []data.Value) data.Value {
	out, err := base64.StdEncoding.DecodeString(args[0].String())
	if err != nil {
		return data.Null(data.Dynamic)
	}
	c.affordItems(len(out))
	items := make([]*data.Node, len(out))
	for i, b := range out {
		items[i] = data.NodeOfLong(int64(b))
	}
	return arrayOf(items)
}

func encode64Array(_ *Context, args []data.Value) data.Value {
	array := arrayArg(args[0])
	out := make([]byte, array.Len())
	for i, item := range array.Items() {
		n := data.Convert(data.OfNode(item), data.Long)
		if n.IsNull() || n.Long() < 0 || n.Long() > 255 {
			return data.OfString("")
		}
		out[i] = byte(n.Long())
	}
	return data.OfString(base64.StdEncoding.EncodeToString(out))
}

// swapGUID goes between a GUID's text and the bytes that .NET stores, whose
// first three groups are little-endian.
func swapGUID(b []byte) {
	for _, group := range [][]byte{b[:4], b[4:6], b[6:8]} {
		for i, j := 0, len(group)-1; i < j; i, j = i+1, j-1 {
			group[i], group[j] = group[j], group[i]
		}
	}
}

func decode64GUID(_ *Context, args []data.Value) data.Value {
	out, err := base64.StdEncoding.DecodeString(args[0].String())
	if err != nil || len(out) != 16 {
		return data.Null(data.GUID)
	}
	swapGUID(out)
	out[6], out[7] = out[7], out[6] // Kusto leaves the third group as it is, but only here
	text, _ := data.ParseGUID(hex.EncodeToString(out))
	return data.OfGUID(text)
}

func encode64GUID(_ *Context, args []data.Value) data.Value {
	out, err := hex.DecodeString(strings.ReplaceAll(args[0].Text(), "-", ""))
	if err != nil || len(out) != 16 {
		return data.OfString("")
	}
	swapGUID(out)
	return data.OfString(base64.StdEncoding.EncodeToString(out))
}

// deflated compresses a text; one that does not get smaller is stored as it is.
func deflated(s string) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, _ = io.WriteString(w, s) // into memory: never fails
		_ = w.Close()
	}
	if err == nil && b.Len() < len(s) || len(s) > math.MaxUint16 {
		return b.Bytes()
	}
	n := uint16(len(s))
	out := binary.LittleEndian.AppendUint16([]byte{1}, n)
	return append(binary.LittleEndian.AppendUint16(out, ^n), s...)
}

func gzipText(s string) string {
	out := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}, deflated(s)...)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(s)))
	return encode64(string(binary.LittleEndian.AppendUint32(out, uint32(len(s)))))
}

func zlibText(s string) string {
	out := append([]byte{0x78, 0x01}, deflated(s)...)
	return encode64(string(binary.BigEndian.AppendUint32(out, adler32.Checksum([]byte(s)))))
}

func gunzipText(c *Context, s string) string {
	return decompressed(c, s, func(in io.Reader) (io.Reader, error) { return gzip.NewReader(in) })
}

func unzlibText(c *Context, s string) string {
	return decompressed(c, s, func(in io.Reader) (io.Reader, error) { return zlib.NewReader(in) })
}

// decompressed gives "" for what was not compressed so, or is too long.
func decompressed(c *Context, s string, open func(io.Reader) (io.Reader, error)) string {
	r, err := open(base64.NewDecoder(base64.StdEncoding, strings.NewReader(s)))
	if err != nil {
		return ""
	}
	var out strings.Builder
	var piece [mostSmall / 2]byte
	for {
		n, err := r.Read(piece[:])
		c.refuse(out.Len()+n, mostBytes)
		if out.Len()+n > mostText {
			return ""
		}
		out.Write(piece[:n])
		if err == io.EOF {
			return out.String()
		}
		if err != nil {
			return ""
		}
	}
}

func urlEncode(blank string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			switch {
			case c == ' ':
				b.WriteString(blank)
			case isLetter(c) || c-'0' <= 9 || strings.IndexByte("-_.!*()", c) >= 0:
				b.WriteByte(c)
			default:
				b.WriteByte('%')
				b.WriteString(hex.EncodeToString([]byte{c}))
			}
		}
		return b.String()
	}
}

// urlDecode leaves what is not encoded well as it is.
func urlDecode(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
			continue
		case s[i] == '%' && i+2 < len(s):
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
