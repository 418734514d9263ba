package function

import "github.com/bartizan-dev/bartizan/kql/data"

// polygonsEval reads polygons as the first argument; what is asked of several
// is asked of their union, so that those that overlap give null.
func polygonsEval(to data.Type, f func(all []polygon) data.Value) Eval {
	return func(c *Context, args []data.Value) data.Value {
		all, ok := readPolygons(c, args[0])
		if !ok || overlap(c, all) {
			return data.Null(to)
		}
		return f(all)
	}
}

func geoPolygonScalars() []Scalar {
	toPolygon := func(to data.Type, f func(p vec, all []polygon) data.Value) Eval {
		return placesEval(1, to, func(c *Context, p []vec, rest []data.Value) data.Value {
			all, ok := readPolygons(c, rest[0])
			if !ok {
				return data.Null(to)
			}
			return f(p[0], all)
		})
	}
	one := func(to string) []string { return []string{"(polygon:DynamicBag) → " + to} }
	place := func(to string) []string {
		return []string{"(longitude:Number, latitude:Number, polygon:DynamicBag) → " + to}
	}
	return []Scalar{
		{
			Name: "geo_polygon_area", Signatures: one("real"), Column: "None", Doc: "Gives the area of polygons in square metres.",
			Eval: polygonsEval(data.Real, func(all []polygon) data.Value {
				sum := 0.0
				for _, p := range all {
					sum += p.area()
				}
				return data.OfReal(earthRadius * earthRadius * sum)
			}),
		},
		{
			Name: "geo_polygon_perimeter", Signatures: one("real"), Column: "None", Doc: "Gives the length of polygons' borders in metres.",
			Eval: polygonsEval(data.Real, func(all []polygon) data.Value { return data.OfReal(earthRadius * lengthOf(bordersOf(all))) }),
		},
		{
			Name: "geo_polygon_centroid", Signatures: one("dynamic"), Column: "None", Doc: "Gives the centre of polygons.",
			Eval: polygonsEval(data.Dynamic, polygonCenter),
		},
		{
			Name: "geo_point_in_polygon", Signatures: place("bool"), Column: "None", Doc: "Tells whether a place is in polygons.",
			Eval: toPolygon(data.Bool, func(p vec, all []polygon) data.Value { return data.OfBool(anyContains(all, p)) }),
		},
		{
			Name: "geo_distance_point_to_polygon", Signatures: place("real"), Column: "None", Doc: "Gives the distance of a place from polygons in metres, 0 within them.",
			Eval: toPolygon(data.Real, func(p vec, all []polygon) data.Value {
				if anyContains(all, p) {
					return data.OfReal(0)
				}
				_, _, angle := closest(bordersOf(all), p)
				return data.OfReal(earthRadius * angle)
			}),
		},
		{
			Name: "geo_closest_point_on_polygon", Signatures: place("dynamic"), Column: "None", Doc: "Gives the place in polygons that is nearest to a place.",
			Eval: toPolygon(data.Dynamic, func(p vec, all []polygon) data.Value {
				if anyContains(all, p) {
					return pointValue(p)
				}
				q, _, _ := closest(bordersOf(all), p)
				return pointValue(q)
			}),
		},
	}
}

func polygonCenter(all []polygon) data.Value {
	var sum vec
	for _, p := range all {
		sum = sum.plus(p.shell.center())
		for _, h := range p.holes {
			sum = sum.minus(h.center())
		}
	}
	return pointValue(sum.unit())
}

func geoMeetScalars() []Scalar {
	return []Scalar{
		{
			Name: "geo_intersects_2lines", Signatures: []string{"(lineString1:DynamicBag, lineString2:DynamicBag) → bool"}, Column: "None",
			Doc: "Tells whether lines have a place in common.", Eval: func(c *Context, args []data.Value) data.Value {
				a, ok1 := readLines(args[0])
				b, ok2 := readLines(args[1])
				if !ok1 || !ok2 {
					return data.Null(data.Bool)
				}
				return data.OfBool(meet(c, a, b))
			},
		},
		{
			Name: "geo_intersects_line_with_polygon", Signatures: []string{"(lineString:DynamicBag, polygon:DynamicBag) → bool"}, Column: "None",
			Doc: "Tells whether lines and polygons have a place in common.", Eval: func(c *Context, args []data.Value) data.Value {
				lines, ok1 := readLines(args[0])
				all, ok2 := readPolygons(c, args[1])
				if !ok1 || !ok2 {
					return data.Null(data.Bool)
				}
				return data.OfBool(meet(c, lines, bordersOf(all)) || startsWithin(c, lines, all))
			},
		},
		{
			Name: "geo_intersects_2polygons", Signatures: []string{"(polygon1:DynamicBag, polygon2:DynamicBag) → bool"}, Column: "None",
			Doc: "Tells whether polygons have a place in common.", Eval: func(c *Context, args []data.Value) data.Value {
				a, ok1 := readPolygons(c, args[0])
				b, ok2 := readPolygons(c, args[1])
				if !ok1 || !ok2 {
					return data.Null(data.Bool)
				}
				return data.OfBool(meet(c, bordersOf(a), bordersOf(b)) || startsWithin(c, bordersOf(a), b) || startsWithin(c, bordersOf(b), a))
			},
		},
	}
}

// startsWithin tells whether a line starts in a polygon: one that does not
// cross the border is then all in it.
func startsWithin(c *Context, lines []path, all []polygon) bool {
	places, work := 0, c.work()
	for _, border := range bordersOf(all) {
		places += len(border)
	}
	for _, l := range lines {
		work.Add(places)
		if anyContains(all, l[0]) {
			return true
		}
	}
	return false
}
