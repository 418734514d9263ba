package function

import (
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func convertFunctions() []Scalar {
	const toText = "Prints a value as text; a null is an empty text."
	const toNumber = "Reads a value as a real number."
	return []Scalar{
		{
			Name: "tostring", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → string"},
			Doc:        toText, Eval: converting(data.String), Kernel: convertKernel(data.String),
		},
		{
			Name: "tobool", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → bool"},
			Doc:        "Reads a value as true or false.", Eval: converting(data.Bool), Kernel: convertKernel(data.Bool),
		},
		{
			Name: "toboolean", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → bool"},
			Doc:        "Reads a value as true or false.", Eval: converting(data.Bool), Kernel: convertKernel(data.Bool),
		},
		{
			Name: "toint", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → int"},
			Doc:        "Reads a value as a whole number of 32 bits.", Eval: converting(data.Int), Kernel: convertKernel(data.Int),
		},
		{
			Name: "tolong", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → long"},
			Doc:        "Reads a value as a whole number of 64 bits.", Eval: converting(data.Long), Kernel: convertKernel(data.Long),
		},
		{
			Name: "todouble", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → real"},
			Doc:        toNumber, Eval: converting(data.Real), Kernel: convertKernel(data.Real),
		},
		{
			Name: "toreal", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → real"},
			Doc:        toNumber, Eval: converting(data.Real), Kernel: convertKernel(data.Real),
		},
		{
			Name: "todecimal", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → decimal"},
			Doc:        "Reads a value as a decimal number.", Eval: converting(data.Decimal), Kernel: convertKernel(data.Decimal),
		},
		{
			Name: "todatetime", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → datetime"},
			Doc:        "Reads a value as a date and time.", Eval: converting(data.DateTime), Kernel: convertKernel(data.DateTime),
		},
		{
			Name: "totimespan", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → timespan"},
			Doc:        "Reads a value as a duration.", Eval: converting(data.TimeSpan), Kernel: convertKernel(data.TimeSpan),
		},
		{
			Name: "totime", Hidden: true, Obsolete: "totimespan", Column: "FirstArgument",
			Signatures: []string{"(value:Scalar) → timespan"},
			Doc:        "Reads a value as a duration.", Eval: converting(data.TimeSpan), Kernel: convertKernel(data.TimeSpan),
		},
		{
			Name: "toguid", Column: "FirstArgument",
			Signatures: []string{"(value:StringOrDynamic) → guid"},
			Doc:        "Reads a value as a GUID.", Eval: converting(data.GUID), Kernel: convertKernel(data.GUID),
		},
		{
			Name: "todynamic", Column: "FirstArgument",
			Signatures: []string{"(value:string) → dynamic"},
			Doc:        "Reads a text as JSON.", Eval: parseJSON, Kernel: convertKernel(data.Dynamic),
		},
		{
			Name: "toobject", Hidden: true, Obsolete: "todynamic", Column: "FirstArgument",
			Signatures: []string{"(value:string) → dynamic"},
			Doc:        "Reads a text as JSON.", Eval: parseJSON, Kernel: convertKernel(data.Dynamic),
		},
		{
			Name: "parse_json", Column: "FirstArgument",
			Signatures: []string{"(json_text:StringOrDynamic) → dynamic"},
			Doc:        "Reads a text as JSON; a text that is none stays a text.", Eval: parseJSON, Kernel: convertKernel(data.Dynamic),
		},
		{
			Name: "parsejson", Hidden: true, Obsolete: "parse_json", Column: "FirstArgument",
			Signatures: []string{"(json_text:StringOrDynamic) → dynamic"},
			Doc:        "Reads a text as JSON; a text that is none stays a text.", Eval: parseJSON, Kernel: convertKernel(data.Dynamic),
		},
		{
			Name: "__cast", Hidden: true,
			Signatures: []string{"(type:type{Literal}, value:Scalar) → Parameter0Literal"},
			Doc:        "Converts a value to a type.", Prepare: cast,
		},
		{
			Name: "tohex", Column: "FirstArgument",
			Signatures: []string{"(value:Integer, minLength:Integer?) → string"},
			Doc:        "Prints a whole number in hexadecimal.", Eval: toHex,
		},
		{
			Name: "gettype", Column: "PrefixAndFirstArgument:type",
			Signatures: []string{"(value:Scalar) → string"},
			Doc:        "Names the type that a value really has; a whole number of JSON text is an int if it fits 32 bits.", Eval: getType,
		},
		{
			Name:       "dynamic_to_json",
			Signatures: []string{"(dynamic:Scalar) → string"},
			Doc:        "Prints a value as JSON with sorted keys.", Eval: canonicalJSON,
		},
	}
}

func converting(to data.Type) Eval {
	return func(_ *Context, args []data.Value) data.Value { return data.Convert(args[0], to) }
}

func cast(args []Arg) (Eval, error) {
	to := typeArg(args, 0, data.String)
	return func(_ *Context, args []data.Value) data.Value { return data.Convert(args[1], to) }, nil
}

func convertKernel(to data.Type) func([]Arg) Kernel {
	return func([]Arg) Kernel {
		return func(c *Context, _ int, in []*data.Vector) *data.Vector {
			if to == data.Dynamic {
				for _, text := range in[0].Texts {
					affordParts(c, text, ",")
				}
			}
			return data.ConvertVector(in[0], to)
		}
	}
}

// parseJSON leaves what is dynamic already as it is, texts in it too.
func parseJSON(c *Context, args []data.Value) data.Value {
	if args[0].Type() == data.String {
		affordParts(c, args[0].Text(), ",")
	}
	return data.Convert(args[0], data.Dynamic)
}

func toHex(_ *Context, args []data.Value) data.Value {
	v := args[0]
	if v.IsNull() {
		return data.OfString("")
	}
	bits := uint64(v.Long())
	if v.Type() == data.Int {
		bits = uint64(uint32(v.Long()))
	}
	text := strconv.FormatUint(bits, 16)
	if width, _ := integerArg(args, 1); int(min(width, 16)) > len(text) {
		text = strings.Repeat("0", int(min(width, 16))-len(text)) + text
	}
	return data.OfString(text)
}

var kindNames = [...]string{
	data.KindNull: "null", data.KindBool: "bool", data.KindLong: "long", data.KindReal: "real", data.KindString: "string",
	data.KindArray: "array", data.KindBag: "dictionary", data.KindDateTime: "datetime", data.KindTimeSpan: "timespan",
	data.KindGUID: "guid", data.KindDecimal: "decimal", data.KindInt: "int",
}

func getType(_ *Context, args []data.Value) data.Value {
	if v := args[0]; v.Type() != data.Dynamic {
		return data.OfString(v.Type().String())
	}
	if args[0].Node().Slim() {
		return data.OfString("int")
	}
	return data.OfString(kindNames[args[0].Node().Kind()])
}

func canonicalJSON(_ *Context, args []data.Value) data.Value {
	if args[0].Type() != data.Dynamic || args[0].IsNull() {
		return data.OfString(args[0].String())
	}
	return data.OfString(sortedKeys(args[0].Node()).JSON())
}
