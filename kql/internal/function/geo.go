package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// geoScalars are the functions of places on Earth, measured on a sphere.
func geoScalars() []Scalar {
	var all []Scalar
	for _, table := range [][]Scalar{
		geoPointScalars(), geoLineScalars(), geoPolygonScalars(), geoMeetScalars(), geohashScalars(), geoCellScalars(), geoWKTScalars(), geoRefused(),
	} {
		all = append(all, table...)
	}
	return all
}

func geoPointScalars() []Scalar {
	const two = "p1_longitude:Number, p1_latitude:Number, p2_longitude:Number, p2_latitude:Number"
	return []Scalar{
		{
			Name: "geo_distance_2points", Signatures: []string{"(" + two + ", use_spheroid:NumberOrBool?) → real"}, Column: "None",
			Doc: "Gives the distance of two places in metres.", Eval: evalDistance,
		},
		{
			Name: "geo_azimuth", Signatures: []string{"(" + two + ") → real"}, Column: "None",
			Doc: "Gives the direction from one place to another in radians, clockwise from north.",
			Eval: placesEval(2, data.Real, func(_ *Context, p []vec, _ []data.Value) data.Value {
				angle, ok := azimuth(p[0], p[1])
				if !ok {
					return data.Null(data.Real)
				}
				return data.OfReal(angle)
			}),
		},
		{
			Name: "geo_angle", Signatures: []string{"(" + two + ", p3_longitude:Number, p3_latitude:Number) → real"}, Column: "None",
			Doc: "Gives the clockwise angle in radians between two lines that meet in the second place.",
			Eval: placesEval(3, data.Real, func(_ *Context, p []vec, _ []data.Value) data.Value {
				from, ok1 := azimuth(p[1], p[0])
				to, ok2 := azimuth(p[1], p[2])
				if !ok1 || !ok2 {
					return data.Null(data.Real)
				}
				return data.OfReal(math.Mod(to-from+2*math.Pi, 2*math.Pi))
			}),
		},
		{
			Name: "geo_point_in_circle", Signatures: []string{"(p_longitude:Number, p_latitude:Number, pc_longitude:Number, pc_latitude:Number, c_radius:Number) → bool"},
			Column: "None", Doc: "Tells whether a place is at most a number of metres away from another.",
			Eval: placesEval(2, data.Bool, func(_ *Context, p []vec, rest []data.Value) data.Value {
				radius, ok := asReal(rest[0])
				if !ok || radius < 0 {
					return data.Null(data.Bool)
				}
				return data.OfBool(p[0].distance(p[1]) <= radius)
			}),
		},
	}
}

// placesEval reads n places, and hands over what follows; null where a place is none.
func placesEval(n int, to data.Type, f func(c *Context, p []vec, rest []data.Value) data.Value) Eval {
	return func(c *Context, args []data.Value) data.Value {
		p := make([]vec, n)
		for i := range p {
			lng, ok1 := asReal(args[2*i])
			lat, ok2 := asReal(args[2*i+1])
			v, ok := place(lng, lat)
			if !ok || !ok1 || !ok2 {
				return data.Null(to)
			}
			p[i] = v
		}
		return f(c, p, args[2*n:])
	}
}

// wanted reads an optional flag that may be a number.
func wanted(args []data.Value, at int) bool {
	if at < len(args) && args[at].Type() == data.Bool {
		return optionalBool(args, at, false)
	}
	return optionalReal(args, at, 0) != 0
}

func evalDistance(c *Context, args []data.Value) data.Value {
	if !wanted(args, 4) {
		return placesEval(2, data.Real, func(_ *Context, p []vec, _ []data.Value) data.Value { return data.OfReal(p[0].distance(p[1])) })(c, args)
	}
	return placesEval(2, data.Real, func(*Context, []vec, []data.Value) data.Value {
		x := make([]float64, 4)
		for i := range x {
			x[i], _ = asReal(args[i])
		}
		if d, ok := spheroid(x[0], x[1], x[2], x[3]); ok {
			return data.OfReal(d)
		}
		return data.Null(data.Real)
	})(c, args)
}

func pointValue(v vec) data.Value { return data.OfNode(pointNode(v.degrees())) }

// linesEval reads lines as the first argument.
func linesEval(to data.Type, f func(lines []path, rest []data.Value) data.Value) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		lines, ok := readLines(args[0])
		if !ok {
			return data.Null(to)
		}
		return f(lines, args[1:])
	}
}

func lengthOf(lines []path) (sum float64) {
	for _, l := range lines {
		sum += l.length()
	}
	return sum
}

func geoLineScalars() []Scalar {
	toLine := func(f func(p vec, lines []path) data.Value, to data.Type) Eval {
		return placesEval(1, to, func(_ *Context, p []vec, rest []data.Value) data.Value {
			lines, ok := readLines(rest[0])
			if !ok {
				return data.Null(to)
			}
			return f(p[0], lines)
		})
	}
	return []Scalar{
		{
			Name: "geo_line_length", Signatures: []string{"(lineString:DynamicBag) → real"}, Column: "None", Doc: "Gives the length of lines in metres.",
			Eval: linesEval(data.Real, func(lines []path, _ []data.Value) data.Value { return data.OfReal(earthRadius * lengthOf(lines)) }),
		},
		{
			Name: "geo_line_centroid", Signatures: []string{"(lineString:DynamicBag) → dynamic"}, Column: "None", Doc: "Gives the centre of lines.",
			Eval: linesEval(data.Dynamic, func(lines []path, _ []data.Value) data.Value { return pointValue(lineCenter(lines)) }),
		},
		{
			Name: "geo_line_interpolate_point", Signatures: []string{"(lineString:DynamicBag, fraction:Number) → dynamic"}, Column: "None",
			Doc: "Gives the place at a fraction of a line's length.", Eval: linesEval(data.Dynamic, placeAt),
		},
		{
			Name: "geo_line_locate_point", Signatures: []string{"(lineString:DynamicBag, longitude:Number, latitude:Number, use_spheroid:NumberOrBool?) → real"},
			Column: "None", Doc: "Gives at which fraction of a line's length it is nearest to a place.", Eval: linesEval(data.Real, fractionAt),
		},
		{
			Name: "geo_distance_point_to_line", Signatures: []string{"(longitude:Number, latitude:Number, lineString:DynamicBag) → real"}, Column: "None",
			Doc: "Gives the distance of a place from lines in metres.", Eval: toLine(func(p vec, lines []path) data.Value {
				_, _, angle := closest(lines, p)
				return data.OfReal(earthRadius * angle)
			}, data.Real),
		},
		{
			Name: "geo_closest_point_on_line", Signatures: []string{"(longitude:Number, latitude:Number, lineString:DynamicBag) → dynamic"}, Column: "None",
			Doc: "Gives the place on lines that is nearest to a place.", Eval: toLine(func(p vec, lines []path) data.Value {
				q, _, _ := closest(lines, p)
				return pointValue(q)
			}, data.Dynamic),
		},
	}
}

// lineCenter is the integral of the lines' places.
func lineCenter(lines []path) vec {
	var sum vec
	for _, l := range lines {
		l.edges(func(a, b vec) bool {
			if both := a.plus(b).length(); both > 0 {
				sum = sum.plus(a.plus(b).times(a.minus(b).length() / both))
			}
			return true
		})
	}
	return sum.unit()
}

func placeAt(lines []path, rest []data.Value) data.Value {
	f, ok := asReal(rest[0])
	if !ok || !(f >= 0 && f <= 1) || len(lines) != 1 {
		return nullDynamic()
	}
	left := f * lines[0].length()
	found := lines[0][0]
	lines[0].edges(func(a, b vec) bool {
		length := a.angle(b)
		if left <= length && length > 0 {
			found = a.along(b, left/length)
			return false
		}
		left -= length
		found = b
		return true
	})
	return pointValue(found)
}

func fractionAt(lines []path, rest []data.Value) data.Value {
	lng, ok1 := asReal(rest[0])
	lat, ok2 := asReal(rest[1])
	p, ok := place(lng, lat)
	if !ok || !ok1 || !ok2 || len(lines) != 1 {
		return data.Null(data.Real)
	}
	_, before, _ := closest(lines, p)
	return orNull(before / lines[0].length())
}
