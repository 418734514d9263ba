package function

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func miscFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "new_guid",
			Signatures: []string{"() → guid"},
			Doc:        "Makes a random GUID.", Volatile: true, Eval: newGUID,
		},
		{
			Name: "format_bytes", Column: "FirstArgument",
			Signatures: []string{"(size:Number, precision:Number{Constant}?, format:string{Constant}?) → string"},
			Doc:        "Prints a number of bytes with a unit such as KB.", Prepare: formatBytes,
		},
	}
}

func newGUID(c *Context, _ []data.Value) data.Value {
	var b [16]byte
	for i := 0; i < len(b); i += 4 {
		binary.BigEndian.PutUint32(b[i:], uint32(c.Random()*(1<<32)))
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text, _ := data.ParseGUID(hex.EncodeToString(b[:]))
	return data.OfGUID(text)
}

var byteUnits = [...]string{"Bytes", "KB", "MB", "GB", "TB", "PB", "EB"}

func formatBytes(known []Arg) (Eval, error) {
	unit, _ := constText(known, 2)
	at := -1
	for i, name := range byteUnits {
		if name == unit {
			at = i
		}
	}
	if unit != "" && at < 0 {
		return nil, fmt.Errorf("unknown unit %q; want one of %v", unit, byteUnits)
	}
	return func(_ *Context, args []data.Value) data.Value {
		size := data.Convert(args[0], data.Real)
		if size.IsNull() {
			return data.OfString("")
		}
		f, unit := size.Real(), at
		if unit < 0 {
			for unit = 0; unit+1 < len(byteUnits) && math.Abs(f) >= math.Pow(1024, float64(unit+1)); unit++ {
			}
		}
		digits, _ := integerArg(args, 1)
		scale := math.Pow10(int(min(max(digits, 0), 15)))
		f = math.Round(f/math.Pow(1024, float64(unit))*scale) / scale
		return data.OfString(strconv.FormatFloat(f, 'f', -1, 64) + " " + byteUnits[unit])
	}, nil
}
