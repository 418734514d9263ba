package function

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A quantity is what convert_length and the like convert: its units with how
// many base units one of them is, in the order of names.
type quantity struct {
	name  string
	units map[string]unit
}

// A unit is factor base units; a temperature has an offset besides:
// base = factor * value + offset.
type unit struct{ factor, offset float64 }

// unitScalars are the conversions of units.
func unitScalars() []Scalar {
	var all []Scalar
	for _, q := range []quantity{
		{"angle", units(angleUnits)},
		{"energy", units(energyUnits)},
		{"force", units(forceUnits)},
		{"length", units(lengthUnits)},
		{"mass", units(massUnits)},
		{"speed", speedUnits()},
		{"temperature", temperatureUnits()},
		{"volume", units(volumeUnits)},
	} {
		all = append(all, q.scalar())
	}
	return all
}

func (q quantity) scalar() Scalar {
	return Scalar{
		Name: "convert_" + q.name, Signatures: []string{q.signature()}, Column: "None",
		Doc: "Converts a " + q.name + " from one unit to another; null for a unit that does not exist.", Eval: q.convert,
	}
}

// signature names the first 20 units, as the analyser's list does.
func (q quantity) signature() string {
	var names []string
	for name := range q.units {
		names = append(names, name)
	}
	slices.Sort(names)
	if q.name == "force" { // the analyser's one exception to the order of bytes
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	}
	list := ":string{one of " + strings.Join(names[:min(20, len(names))], " ") + "}"
	return "(value:real, from" + list + ", to" + list + ") → real"
}

func (q quantity) convert(_ *Context, args []data.Value) data.Value {
	x, ok := asReal(args[0])
	from, ok1 := q.units[args[1].Text()]
	to, ok2 := q.units[args[2].Text()]
	if !ok || !ok1 || !ok2 {
		return data.Null(data.Real)
	}
	if from.offset == 0 && to.offset == 0 {
		return data.OfReal(x * (from.factor / to.factor))
	}
	return data.OfReal((x*from.factor + from.offset - to.offset) / to.factor)
}

// units reads "Name factor" lines; a factor may be a quotient "a/b".
func units(table string) map[string]unit {
	out := map[string]unit{}
	for line := range strings.Lines(table) {
		name, factor, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok {
			out[name] = unit{factor: quotient(factor)}
		}
	}
	return out
}

func quotient(text string) float64 {
	above, below, ok := strings.Cut(text, "/")
	x, _ := strconv.ParseFloat(above, 64)
	if !ok {
		return x
	}
	y, _ := strconv.ParseFloat(below, 64)
	return x / y
}

// speedUnits are lengths by times.
func speedUnits() map[string]unit {
	out := map[string]unit{"Knot": {factor: 1852.0 / 3600}}
	lengths := units(lengthUnits)
	for name, times := range map[string]string{
		"Centimeter": "HMS", "Decimeter": "MS", "Foot": "HMS", "Inch": "HMS", "Kilometer": "HMS", "Meter": "HMS", "Micrometer": "MS",
		"Mile": "H", "Millimeter": "HMS", "Nanometer": "MS", "UsSurveyFoot": "HMS", "Yard": "HMS",
	} {
		for _, t := range times {
			switch t {
			case 'H':
				out[name+"PerHour"] = unit{factor: lengths[name].factor / 3600}
			case 'M':
				out[name+"PerMinute"] = unit{factor: lengths[name].factor / 60}
			default:
				out[name+"PerSecond"] = lengths[name]
			}
		}
	}
	return out
}

// temperatureUnits are in degrees Celsius.
func temperatureUnits() map[string]unit {
	const zero = -273.15
	return map[string]unit{
		"DegreeCelsius": {1, 0}, "DegreeDelisle": {-2.0 / 3, 100}, "DegreeFahrenheit": {5.0 / 9, -160.0 / 9},
		"DegreeNewton": {100.0 / 33, 0}, "DegreeRankine": {5.0 / 9, zero}, "DegreeReaumur": {1.25, 0},
		"DegreeRoemer": {40.0 / 21, -7.5 * 40 / 21}, "Kelvin": {1, zero}, "MillidegreeCelsius": {0.001, 0},
		"SolarTemperature": {5778, zero},
	}
}
