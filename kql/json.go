package kql

import (
	"math"
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// AppendJSON appends a value as it stands in a result's rows: numbers as
// numbers, decimals and what JSON lacks (NaN, Infinity) as strings, datetimes
// in ISO 8601, timespans as Kusto prints them, dynamic as JSON, null as null.
func AppendJSON(dst []byte, v Value) []byte {
	if v.IsNull() {
		return append(dst, "null"...)
	}
	switch v.Type() {
	case data.Bool:
		return strconv.AppendBool(dst, v.Bool())
	case data.Int, data.Long:
		return strconv.AppendInt(dst, v.Long(), 10)
	case data.Real:
		return appendReal(dst, v.Real())
	case data.Dynamic:
		return v.Node().AppendJSON(dst)
	case data.DateTime, data.TimeSpan:
		dst = append(dst, '"')
		return append(v.AppendString(dst), '"')
	}
	return data.AppendQuoted(dst, v.Text())
}

func appendReal(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.AppendFloat(dst, f, 'f', 1, 64)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}
