package function

import (
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func geoWKTScalars() []Scalar {
	return []Scalar{{
		Name: "geo_from_wkt", Signatures: []string{"(wkt:StringOrArray) → dynamic"}, Column: "None",
		Doc: "Turns well-known text into GeoJSON.", Eval: func(_ *Context, args []data.Value) data.Value {
			text := args[0].Text()
			if args[0].Type() == data.Dynamic {
				text = args[0].Node().Text()
			}
			r := wktReader{text: text}
			n, ok := r.shape(0)
			if r.space(); !ok || r.at < len(r.text) {
				return nullDynamic()
			}
			return data.OfNode(n)
		},
	}}
}

// wktKinds are the kinds of shapes with how deep their coordinates are nested.
var wktKinds = map[string]struct {
	name string
	deep int
}{
	"POINT": {"Point", 0}, "LINESTRING": {"LineString", 1}, "POLYGON": {"Polygon", 2},
	"MULTIPOINT": {"MultiPoint", 1}, "MULTILINESTRING": {"MultiLineString", 2}, "MULTIPOLYGON": {"MultiPolygon", 3},
}

// A wktReader reads well-known text.
type wktReader struct {
	text string
	at   int
}

func (r *wktReader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// take reads a character, after spaces.
func (r *wktReader) take(c byte) bool {
	r.space()
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// word reads what consists of given characters.
func (r *wktReader) word(of string) string {
	r.space()
	start := r.at
	for r.at < len(r.text) && strings.IndexByte(of, r.text[r.at]) >= 0 {
		r.at++
	}
	return r.text[start:r.at]
}

// shape reads a shape; collections nest at most a hundred times.
func (r *wktReader) shape(depth int) (*data.Node, bool) {
	name := strings.ToUpper(r.word("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
	if name == "GEOMETRYCOLLECTION" && depth < 100 {
		items, ok := r.list(func() (*data.Node, bool) { return r.shape(depth + 1) })
		return data.NodeOfBag([]string{"type", "geometries"}, []*data.Node{data.NodeOfString("GeometryCollection"), items}), ok
	}
	kind, ok := wktKinds[name]
	if !ok {
		return nil, false
	}
	coordinates, ok := r.coordinates(kind.deep, name == "MULTIPOINT")
	if kind.deep == 0 && ok {
		coordinates = coordinates.Index(0)
	}
	return shapeNode(kind.name, coordinates), ok
}

// list reads "(item, item)".
func (r *wktReader) list(item func() (*data.Node, bool)) (*data.Node, bool) {
	if !r.take('(') {
		return nil, false
	}
	var items []*data.Node
	for {
		n, ok := item()
		if !ok {
			return nil, false
		}
		items = append(items, n)
		if r.take(')') {
			return data.NodeOfArray(items), true
		}
		if !r.take(',') {
			return nil, false
		}
	}
}

// coordinates reads nested lists of places; the places of a MULTIPOINT may
// stand in parentheses.
func (r *wktReader) coordinates(deep int, points bool) (*data.Node, bool) {
	if deep > 1 {
		return r.list(func() (*data.Node, bool) { return r.coordinates(deep-1, false) })
	}
	return r.list(func() (*data.Node, bool) {
		if !points || !r.take('(') {
			return r.place()
		}
		n, ok := r.place()
		return n, ok && r.take(')')
	})
}

func (r *wktReader) place() (*data.Node, bool) {
	const digits = "+-.0123456789eE"
	lng, ok1 := wktNumber(r.word(digits))
	lat, ok2 := wktNumber(r.word(digits))
	return data.NodeOfArray([]*data.Node{lng, lat}), ok1 && ok2
}

// wktNumber is a long where it is written as one.
func wktNumber(text string) (*data.Node, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return data.NodeOfLong(n), true
	}
	f, err := strconv.ParseFloat(text, 64)
	return data.NodeOfReal(f), err == nil
}
