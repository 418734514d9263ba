package data

import (
	"math"
	"strconv"
	"strings"
)

// String is the value as tostring() prints it: a null is "", a dynamic string
// is its text, an array or bag compact JSON.
func (v Value) String() string {
	if v.null {
		return ""
	}
	switch v.typ {
	case String, Decimal, GUID:
		return v.text
	case Bool:
		return strconv.FormatBool(v.Bool())
	case Int, Long:
		return strconv.FormatInt(v.Long(), 10)
	case Dynamic:
		if n := v.node.look(); n.kind == KindString || n.kind == KindGUID || n.kind == KindDecimal {
			return n.text
		}
	}
	var room [48]byte
	return string(v.AppendString(room[:0]))
}

// AppendString appends String().
func (v Value) AppendString(dst []byte) []byte {
	if v.null {
		return dst
	}
	switch v.typ {
	case Bool:
		return strconv.AppendBool(dst, v.Bool())
	case Int, Long:
		return strconv.AppendInt(dst, v.Long(), 10)
	case Real:
		return AppendReal(dst, v.Real())
	case DateTime:
		return AppendDateTime(dst, v.Long())
	case TimeSpan:
		return AppendTimeSpan(dst, v.Long())
	case Dynamic:
		if v.node.kind == kindRaw {
			return v.node.AppendJSON(dst)
		}
		if scalar := v.node.Value(); scalar.typ != Dynamic && scalar.typ != Real {
			return scalar.AppendString(dst)
		}
		return v.node.AppendJSON(dst)
	default:
		return append(dst, v.text...)
	}
}

// Convert is Kusto's to…() function for a type: the value in that type, or the
// type's null where there is none. A string becomes dynamic as parse_json() does.
func Convert(v Value, to Type) Value {
	if v.typ == to {
		return v
	}
	if v.typ == Dynamic && !v.null {
		if to == String {
			return OfString(v.String())
		}
		if v = v.node.Value(); v.typ == Dynamic {
			return Null(to)
		}
		if v.typ == to {
			return v
		}
	}
	if v.null {
		return Null(to)
	}
	switch to {
	case Bool:
		return toBool(v)
	case Int:
		return toInt(v)
	case Long:
		return toLong(v)
	case Real:
		return toReal(v)
	case Decimal:
		return toDecimal(v)
	case DateTime, TimeSpan:
		return toTime(v, to)
	case GUID:
		return toGUID(v)
	case Dynamic:
		return toDynamic(v)
	default:
		return OfString(v.String())
	}
}

func toBool(v Value) Value {
	switch v.typ {
	case Int, Long:
		return OfBool(v.Long() != 0)
	case Real:
		return OfBool(v.Real() != 0)
	case Decimal:
		return OfBool(v.text != "0")
	case String:
		text := strings.TrimSpace(v.text)
		switch {
		case strings.EqualFold(text, "true"):
			return OfBool(true)
		case strings.EqualFold(text, "false"):
			return OfBool(false)
		}
		if n, ok := parseWhole(text); ok {
			return OfBool(n != 0)
		}
	}
	return Null(Bool)
}

func toInt(v Value) Value {
	if v = toLong(v); v.null || v.Long() < math.MinInt32 || v.Long() > math.MaxInt32 {
		return Null(Int)
	}
	return OfInt(int32(v.Long()))
}

func toLong(v Value) Value {
	switch v.typ {
	case Bool, Int, Long, DateTime, TimeSpan:
		return Value{typ: Long, bits: v.bits}
	case Real:
		if n, ok := wholePart(v.Real()); ok {
			return OfLong(n)
		}
	case Decimal:
		if n, ok := decimalLong(v.text); ok {
			return OfLong(n)
		}
	case String:
		if n, ok := parseWhole(strings.TrimSpace(v.text)); ok {
			return OfLong(n)
		}
	}
	return Null(Long)
}

func wholePart(f float64) (int64, bool) {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f), true
	}
	return 0, false
}

// parseWhole reads a whole number, in hexadecimal after 0x.
func parseWhole(s string) (int64, bool) {
	if s == "" || s[0] > '9' {
		return 0, false
	}
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		n, err := strconv.ParseUint(s[2:], 16, 64)
		return int64(n), err == nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func toReal(v Value) Value {
	switch v.typ {
	case Bool, Int, Long, DateTime, TimeSpan:
		return OfReal(float64(v.Long()))
	case Decimal:
		return OfReal(decimalReal(v.text))
	case String:
		if f, ok := parseReal(strings.TrimSpace(v.text)); ok {
			return OfReal(f)
		}
	}
	return Null(Real)
}

var specialReals = map[string]float64{
	"nan": math.NaN(), "inf": math.Inf(1), "+inf": math.Inf(1), "-inf": math.Inf(-1),
	"infinity": math.Inf(1), "+infinity": math.Inf(1), "-infinity": math.Inf(-1),
}

func parseReal(s string) (float64, bool) {
	for i := range len(s) {
		c := s[i]
		if c-'0' > 9 && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			if n, ok := parseWhole(s); ok {
				return float64(n), true
			}
			if len(s) > 9 {
				return 0, false
			}
			f, ok := specialReals[strings.ToLower(s)]
			return f, ok
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || math.IsInf(f, 0)
}

func toDecimal(v Value) (d Value) {
	text, ok := "", false
	switch v.typ {
	case Bool, Int, Long, DateTime, TimeSpan:
		text, ok = strconv.FormatInt(v.Long(), 10), true
	case Real:
		text, ok = DecimalOfReal(v.Real())
	case String:
		text, ok = ParseDecimal(v.text)
	}
	if !ok {
		return Null(Decimal)
	}
	return OfDecimal(text)
}

// toTime reads numbers as ticks.
func toTime(v Value, to Type) Value {
	var ticks int64
	ok := false
	switch v.typ {
	case Int, Long:
		ticks, ok = v.Long(), true
	case Real, Decimal:
		n := toLong(v)
		ticks, ok = n.Long(), !n.null
	case String:
		if to == DateTime {
			ticks, ok = ParseDateTime(v.text)
		} else {
			ticks, ok = ParseTimeSpan(v.text)
		}
	case DateTime, TimeSpan:
		ticks, ok = v.Long(), true
	}
	if !ok || to == DateTime && (ticks < 0 || ticks > MaxDateTime) {
		return Null(to)
	}
	return Value{typ: to, bits: uint64(ticks)}
}

func toGUID(v Value) Value {
	if v.typ == String {
		if text, ok := ParseGUID(v.text); ok {
			return OfGUID(text)
		}
	}
	return Null(GUID)
}

func toDynamic(v Value) Value {
	if v.typ != String {
		return OfNode(NodeOf(v))
	}
	return OfNode(NodeOfJSON(v.text))
}
