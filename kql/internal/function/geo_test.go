package function

import (
	"math"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

const (
	park      = `{"type":"Polygon","coordinates":[[[-73.9495,40.7969],[-73.95807266235352,40.80068603561921],[-73.98201942443848,40.76825672305777],[-73.97317886352539,40.76455136505513],[-73.9495,40.7969]]]}`
	manhattan = `{"type":"Polygon","coordinates":[[[-73.92597198486328,40.87821814104651],[-73.94691467285156,40.85069618625578],[-73.94691467285156,40.841865966890786],[-74.01008605957031,40.7519385984599],[-74.01866912841797,40.704586878965245],[-74.01214599609375,40.699901911003046],[-73.99772644042969,40.70875101828792],[-73.97747039794922,40.71083299030839],[-73.97026062011719,40.7290474687069],[-73.97506713867186,40.734510840309376],[-73.970947265625,40.74543623770158],[-73.94210815429688,40.77586181063573],[-73.9434814453125,40.78080140115127],[-73.92974853515625,40.79691751000055],[-73.93077850341797,40.804454347291006],[-73.93489837646484,40.80965166748853],[-73.93524169921875,40.837190668541105],[-73.92288208007812,40.85770758108904],[-73.9101791381836,40.871728144624974],[-73.92597198486328,40.87821814104651]],[[-73.95824432373047,40.80071852197889],[-73.98206233978271,40.76815921628347],[-73.97309303283691,40.76422632379533],[-73.94914627075195,40.796949998204596],[-73.95824432373047,40.80071852197889]]]}`
	line      = `{"type":"LineString","coordinates":[[-73.95796,40.80042],[-73.97317,40.764486]]}`
	road      = `{"type":"LineString","coordinates":[[-115.115385,36.229195],[-115.136995,36.200366],[-115.140252,36.192470],[-115.143558,36.188523],[-115.144076,36.181954],[-115.154662,36.174483],[-115.166431,36.176388],[-115.183289,36.175007],[-115.192612,36.176736],[-115.202485,36.173439],[-115.225355,36.174365]]}`
)

// geoCall computes a function of numbers, texts and shapes.
func geoCall(t *testing.T, name string, args ...any) data.Value {
	t.Helper()
	f, ok := FindScalar(name)
	if !ok {
		t.Fatalf("no function %q", name)
	}
	values := make([]data.Value, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			if values[i] = data.OfString(a); a != "" && a[0] == '{' {
				values[i] = cell(t, data.Dynamic, a)
			}
		case float64:
			values[i] = data.OfReal(a)
		case int:
			values[i] = data.OfLong(int64(a))
		case bool:
			values[i] = data.OfBool(a)
		}
	}
	return f.Eval(&Context{}, values)
}

// TestDistances holds what is measured against Microsoft's documented examples.
func TestDistances(t *testing.T) {
	tests := map[string]struct {
		name string
		args []any
		want float64
	}{
		"distance":            {"geo_distance_2points", []any{-122.407628, 47.578557, -118.275287, 34.019056}, 1546754.35197381},
		"spheroid":            {"geo_distance_2points", []any{0.0, 0.0, 1.0, 0.0, true}, 111319.49079327},
		"azimuth":             {"geo_azimuth", []any{5, 10, 10, -40}, 3.05459939796449},
		"angle":               {"geo_angle", []any{0, 10, 0, 5, 3, -10}, 2.94493843406882},
		"point_to_line":       {"geo_distance_point_to_line", []any{-115.199625, 36.210419, road}, 3797.88887253334},
		"locate":              {"geo_line_locate_point", []any{line, -73.965, 40.792}, 0.25560135100307552},
		"area":                {"geo_polygon_area", []any{park}, 3475207.28346606},
		"perimeter":           {"geo_polygon_perimeter", []any{park}, 9930.30149604938},
		"distance_of_nowhere": {"geo_distance_2points", []any{300, 1, 1, 1}, math.NaN()},
		"azimuth_of_a_place":  {"geo_azimuth", []any{5, 10, 5, 10}, math.NaN()},
		"area_of_no_polygon":  {"geo_polygon_area", []any{`{"type":"Polygon","coordinates":[[[0,0],[10,10],[10,10],[0,0]]]}`}, math.NaN()},
		"inside_is_0":         {"geo_distance_point_to_polygon", []any{-73.965, 40.78, park}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := geoCall(t, test.name, test.args...)
			if got.IsNull() != math.IsNaN(test.want) || !got.IsNull() && math.Abs(got.Real()-test.want) > 1e-9*math.Max(1, test.want) {
				t.Errorf("got %s, want %v", got, test.want)
			}
		})
	}
}

// TestPlaces holds the places that functions give against documented ones.
func TestPlaces(t *testing.T) {
	tests := map[string]struct {
		name string
		args []any
		want [2]float64
	}{
		"line_centroid":         {"geo_line_centroid", []any{line}, [2]float64{-73.965567057230942, 40.782453249627416}},
		"polygon_centroid":      {"geo_polygon_centroid", []any{park}, [2]float64{-73.965735689907618, 40.782550538057812}},
		"interpolate":           {"geo_line_interpolate_point", []any{line, 0.25}, [2]float64{-73.961764043218281, 40.791436687257232}},
		"closest":               {"geo_closest_point_on_line", []any{-115.199625, 36.210419, road}, [2]float64{-115.192612, 36.176736}},
		"s2cell":                {"geo_s2cell_to_central_point", []any{"1234567"}, [2]float64{9.86830731850408, 27.468392925827604}},
		"closest_within_itself": {"geo_closest_point_on_polygon", []any{-73.965, 40.78, park}, [2]float64{-73.965, 40.78}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := geoCall(t, test.name, test.args...).Node().Key("coordinates")
			if math.Abs(c.Index(0).Real()-test.want[0]) > 1e-9 || math.Abs(c.Index(1).Real()-test.want[1]) > 1e-9 {
				t.Errorf("got %s, want %v", c.JSON(), test.want)
			}
		})
	}
}

func TestGeo(t *testing.T) {
	square := func(x, y string) string {
		return `{"type":"Polygon","coordinates":[[[` + x + `,` + x + `],[` + y + `,` + x + `],[` + y + `,` + y + `],[` + x + `,` + y + `],[` + x + `,` + x + `]]]}`
	}
	tests := map[string]struct {
		name string
		args []any
		want string
	}{
		"in_circle":             {"geo_point_in_circle", []any{-122.317404, 47.609119, -122.3578, 47.6065, 18000}, "true"},
		"in_polygon":            {"geo_point_in_polygon", []any{-73.985654, 40.748487, manhattan}, "true"},
		"in_hole":               {"geo_point_in_polygon", []any{-73.963249, 40.779525, manhattan}, "false"},
		"outside":               {"geo_point_in_polygon", []any{-73.874367, 40.777356, manhattan}, "false"},
		"other_side_of_earth":   {"geo_point_in_polygon", []any{106.015, -40.748487, manhattan}, "false"},
		"lines_meet":            {"geo_intersects_2lines", []any{`{"type":"LineString","coordinates":[[0,0],[2,2]]}`, `{"type":"LineString","coordinates":[[0,2],[2,0]]}`}, "true"},
		"lines_apart":           {"geo_intersects_2lines", []any{`{"type":"LineString","coordinates":[[0,0],[2,2]]}`, `{"type":"LineString","coordinates":[[5,2],[7,0]]}`}, "false"},
		"lines_opposite":        {"geo_intersects_2lines", []any{`{"type":"LineString","coordinates":[[0,0],[2,2]]}`, `{"type":"LineString","coordinates":[[-178,0],[-180,-2]]}`}, "false"},
		"line_in_polygon":       {"geo_intersects_line_with_polygon", []any{`{"type":"LineString","coordinates":[[1,1],[2,2]]}`, square("0", "9")}, "true"},
		"polygons_overlap":      {"geo_intersects_2polygons", []any{square("0", "5"), square("4", "9")}, "true"},
		"polygon_in_polygon":    {"geo_intersects_2polygons", []any{square("4", "5"), square("0", "9")}, "true"},
		"polygons_apart":        {"geo_intersects_2polygons", []any{square("0", "4"), square("5", "9")}, "false"},
		"geohash":               {"geo_point_to_geohash", []any{139.806115, 35.554128, 12}, "xn76m27ty9g4"},
		"geohash_8":             {"geo_point_to_geohash", []any{-80.195829, 25.802215, 8}, "dhwfz15h"},
		"geohash_nowhere":       {"geo_point_to_geohash", []any{200, 1, 8}, ""},
		"geohash_polygon":       {"geo_geohash_to_polygon", []any{"dr5ru"}, `{"type":"Polygon","coordinates":[[[-74.00390625,40.7373046875],[-73.9599609375,40.7373046875],[-73.9599609375,40.78125],[-74.00390625,40.78125],[-74.00390625,40.7373046875]]]}`},
		"geohash_wrong":         {"geo_geohash_to_polygon", []any{"a"}, ""},
		"geohash_neighbors":     {"geo_geohash_neighbors", []any{"sunny"}, `["sunnt","sunpj","sunnx","sunpn","sunnv","sunpp","sunnz","sunnw"]`},
		"s2cell":                {"geo_point_to_s2cell", []any{-80.195829, 25.802215, 8}, "88d9b"},
		"s2cell_level":          {"geo_point_to_s2cell", []any{1, 1, 35}, ""},
		"s2cell_neighbors":      {"geo_s2cell_neighbors", []any{"89c259"}, `["89c25d","89c2f9","89c251","89c257","89c25f","89c25b","89c2f7","89c2f5"]`},
		"s2cell_wrong":          {"geo_s2cell_to_polygon", []any{"a"}, ""},
		"wkt_point":             {"geo_from_wkt", []any{"POINT (1 2)"}, `{"type":"Point","coordinates":[1,2]}`},
		"wkt_line":              {"geo_from_wkt", []any{"linestring(1.5 2, 3 4)"}, `{"type":"LineString","coordinates":[[1.5,2],[3,4]]}`},
		"wkt_polygons":          {"geo_from_wkt", []any{"MULTIPOLYGON (((0 0, 2 0, 2 2, 0 0)),((10 10, 12 10, 12 12, 10 10)))"}, `{"type":"MultiPolygon","coordinates":[[[[0,0],[2,0],[2,2],[0,0]]],[[[10,10],[12,10],[12,12],[10,10]]]]}`},
		"wkt_points":            {"geo_from_wkt", []any{"MULTIPOINT (1 1, (2 2))"}, `{"type":"MultiPoint","coordinates":[[1,1],[2,2]]}`},
		"wkt_collection":        {"geo_from_wkt", []any{"GEOMETRYCOLLECTION (POINT (1 1),LINESTRING (2 2, 3 3))"}, `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,1]},{"type":"LineString","coordinates":[[2,2],[3,3]]}]}`},
		"wkt_wrong":             {"geo_from_wkt", []any{"LINESTRING"}, ""},
		"wkt_more":              {"geo_from_wkt", []any{"POINT (1 2) x"}, ""},
		"overlap_has_no_area":   {"geo_polygon_area", []any{`{"type":"MultiPolygon","coordinates":[[[[0,0],[5,0],[5,5],[0,0]]],[[[1,0],[5,1],[5,4],[1,0]]]]}`}, ""},
		"length_of_a_polygon":   {"geo_line_length", []any{park}, ""},
		"fraction_out_of_range": {"geo_line_interpolate_point", []any{line, 1.5}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := geoCall(t, test.name, test.args...).String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestCells holds cells against their places: a cell's centre is in the cell,
// its corners touch it, and its neighbours have it as a neighbour.
func TestCells(t *testing.T) {
	for lng := -179.5; lng < 180; lng += 17 {
		for lat := -89.5; lat < 90; lat += 11 {
			p, _ := place(lng, lat)
			for _, level := range []int{0, 1, 5, 11, 30} {
				c := cellAt(p, level)
				if c.level() != level || cellAt(c.on(0.5, 0.5), level) != c {
					t.Fatalf("%v, %v: cell %s of level %d has its centre elsewhere", lng, lat, c.token(), level)
				}
				if read, ok := readCell(c.token()); !ok || read != c {
					t.Fatalf("cell %s is read as %s", c.token(), read.token())
				}
				if level == 5 {
					checkNeighbours(t, c)
				}
			}
		}
	}
}

func checkNeighbours(t *testing.T, c s2cell) {
	t.Helper()
	for _, n := range c.around() {
		found := n.level() == c.level()
		for _, back := range n.around() {
			if back == c && found {
				return
			}
		}
		t.Errorf("cell %s has the neighbour %s, but not the other way round", c.token(), n.token())
	}
}
