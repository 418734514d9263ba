package kql

import (
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
		return data.AppendJSONReal(dst, v.Real())
	case data.Dynamic:
		return v.Node().AppendJSON(dst)
	case data.DateTime, data.TimeSpan:
		dst = append(dst, '"')
		return append(v.AppendString(dst), '"')
	}
	return data.AppendQuoted(dst, v.Text())
}
