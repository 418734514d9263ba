package data

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// Tags of the encoding of AppendKey.
const (
	tagNull byte = iota
	tagBool
	tagWhole
	tagReal
	tagDecimal
	tagString
	tagDateTime
	tagTimeSpan
	tagGUID
	tagArray
	tagBag
)

// AppendKey appends an encoding in which equal values, as EqualValues says,
// have equal bytes, and of which none is the beginning of another. A scalar in
// dynamic has the scalar's bytes.
func AppendKey(dst []byte, v Value) []byte {
	if v.null {
		return append(dst, tagNull)
	}
	switch v.typ {
	case Bool:
		return append(dst, tagBool, byte(v.bits))
	case Int, Long:
		return appendFixed(dst, tagWhole, v.bits)
	case Real:
		return appendRealKey(dst, v.Real())
	case Decimal:
		return appendDecimalKey(dst, v.text)
	case DateTime:
		return appendFixed(dst, tagDateTime, v.bits)
	case TimeSpan:
		return appendFixed(dst, tagTimeSpan, v.bits)
	case GUID:
		return append(append(dst, tagGUID), v.text...)
	case Dynamic:
		return appendNodeKey(dst, v.node)
	default:
		return appendText(dst, tagString, v.text)
	}
}

func appendFixed(dst []byte, tag byte, bits uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, tag), bits)
}

func appendText(dst []byte, tag byte, s string) []byte {
	return append(binary.AppendUvarint(append(dst, tag), uint64(len(s))), s...)
}

func appendRealKey(dst []byte, f float64) []byte {
	if f == math.Trunc(f) && f >= -(1<<63) && f < 1<<63 {
		return appendFixed(dst, tagWhole, uint64(int64(f)))
	}
	if math.IsNaN(f) {
		f = math.NaN()
	}
	return appendFixed(dst, tagReal, math.Float64bits(f))
}

// appendDecimalKey encodes a decimal that a long or real prints alike as that number.
func appendDecimalKey(dst []byte, text string) []byte {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return appendFixed(dst, tagWhole, uint64(n))
	}
	if f := decimalReal(text); !math.IsInf(f, 0) {
		if same, ok := DecimalOfReal(f); ok && same == text {
			return appendRealKey(dst, f)
		}
	}
	return appendText(dst, tagDecimal, text)
}

func appendNodeKey(dst []byte, n *Node) []byte {
	n = n.look()
	switch n.kind {
	case KindArray:
		dst = binary.AppendUvarint(append(dst, tagArray), uint64(len(n.tree.items)))
		for _, item := range n.tree.items {
			dst = appendNodeKey(dst, item)
		}
		return dst
	case KindBag:
		return n.tree.appendKey(dst)
	}
	return AppendKey(dst, n.Value())
}

func (t *tree) appendKey(dst []byte) []byte {
	order := slices.Clone(t.keys)
	slices.Sort(order)
	dst = binary.AppendUvarint(append(dst, tagBag), uint64(len(order)))
	for _, key := range order {
		dst = appendText(dst, tagString, key)
		dst = appendNodeKey(dst, t.items[t.find(key)])
	}
	return dst
}

// Hash is the same for equal values; it is not kept between releases.
func Hash(v Value) uint64 {
	if v.typ == String {
		return xxhash.Sum64String(v.text)
	}
	if !v.null {
		switch v.typ {
		case Int, Long:
			return mix(v.bits)
		case Dynamic:
			if n := v.node.look(); n.kind == KindString {
				return xxhash.Sum64String(n.text)
			}
		}
	}
	var room [64]byte
	key := AppendKey(room[:0], v)
	if key[0] == tagWhole {
		return mix(binary.BigEndian.Uint64(key[1:]))
	}
	return xxhash.Sum64(key)
}

// Hash is the same for equal nodes, and for a scalar outside dynamic.
func (n *Node) Hash() uint64 { return Hash(OfNode(n)) }

func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
