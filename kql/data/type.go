package data

// A Type is one of Kusto's ten scalar types.
type Type uint8

// The scalar types. Zero is no type.
const (
	Bool Type = iota + 1
	Int
	Long
	Real
	Decimal
	String
	DateTime
	TimeSpan
	Dynamic
	GUID
)

// Types lists all types, in the order in which Kusto's tables name them.
var Types = []Type{Bool, Int, Long, Real, Decimal, String, DateTime, TimeSpan, Dynamic, GUID}

var typeNames = [...]string{
	Bool: "bool", Int: "int", Long: "long", Real: "real", Decimal: "decimal", String: "string",
	DateTime: "datetime", TimeSpan: "timespan", Dynamic: "dynamic", GUID: "guid",
}

// String is Kusto's name of the type: "long", "datetime".
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return ""
}

var typesByName = map[string]Type{
	"bool": Bool, "boolean": Bool, "int": Int, "int32": Int, "uint": Int, "uint32": Int,
	"int8": Int, "int16": Int, "uint8": Int, "uint16": Int, "long": Long, "int64": Long, "ulong": Long, "uint64": Long,
	"real": Real, "double": Real, "float": Real, "decimal": Decimal, "string": String,
	"datetime": DateTime, "date": DateTime, "timespan": TimeSpan, "time": TimeSpan,
	"dynamic": Dynamic, "guid": GUID, "uuid": GUID, "uniqueid": GUID,
}

// ParseType reads a type's name or one of its other names: "double" is Real.
func ParseType(name string) (Type, bool) {
	t, ok := typesByName[name]
	return t, ok
}
