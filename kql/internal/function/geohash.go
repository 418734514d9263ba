package function

import (
	"math"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

const geohashDigits = "0123456789bcdefghjkmnpqrstuvwxyz"

// A box is a geohash's range of longitudes and latitudes.
type box struct{ west, south, east, north float64 }

// geohash halves the box by turns of longitude and latitude, five times a letter.
func geohash(lng, lat float64, letters int) string {
	b := box{-180, -90, 180, 90}
	var out strings.Builder
	for i, digit := 0, 0; i < 5*letters; i++ {
		x, low, high := lng, &b.west, &b.east
		if i%2 == 1 {
			x, low, high = lat, &b.south, &b.north
		}
		digit <<= 1
		if middle := (*low + *high) / 2; x >= middle {
			digit |= 1
			*low = middle
		} else {
			*high = middle
		}
		if i%5 == 4 {
			out.WriteByte(geohashDigits[digit&31])
		}
	}
	return out.String()
}

// boxOf is the box of a geohash; false where it is none.
func boxOf(hash string) (box, bool) {
	b := box{-180, -90, 180, 90}
	if len(hash) < 1 || len(hash) > 18 {
		return b, false
	}
	turn := 0
	for i := range len(hash) {
		digit := strings.IndexByte(geohashDigits, hash[i])
		if digit < 0 {
			return b, false
		}
		for bit := 4; bit >= 0; bit-- {
			low, high := &b.west, &b.east
			if turn%2 == 1 {
				low, high = &b.south, &b.north
			}
			if digit>>bit&1 == 1 {
				*low = (*low + *high) / 2
			} else {
				*high = (*low + *high) / 2
			}
			turn++
		}
	}
	return b, true
}

func (b box) center() (lng, lat float64) { return (b.west + b.east) / 2, (b.south + b.north) / 2 }

// neighbours are the geohashes around, in Kusto's order.
func neighbours(hash string) []string {
	b, ok := boxOf(hash)
	if !ok {
		return nil
	}
	lng, lat := b.center()
	width, height := b.east-b.west, b.north-b.south
	var out []string
	for _, step := range [][2]float64{{-1, -1}, {-1, 1}, {1, -1}, {0, 1}, {-1, 0}, {1, 1}, {1, 0}, {0, -1}} {
		x := math.Mod(lng+step[0]*width+540, 360) - 180
		if y := lat + step[1]*height; math.Abs(y) < 90 {
			out = append(out, geohash(x, y, len(hash)))
		}
	}
	return out
}

func geohashScalars() []Scalar {
	text := []string{"(geohash:string) → dynamic"}
	return []Scalar{
		{
			Name: "geo_point_to_geohash", Signatures: []string{"(longitude:Number, latitude:Number, accuracy:Number?) → string"}, Column: "None",
			Doc: "Gives the geohash of a place.", Eval: evalGeohash,
		},
		{
			Name: "geo_geohash_to_central_point", Signatures: text, Column: "None", Doc: "Gives the centre of a geohash.",
			Eval: boxEval(func(b box) *data.Node { return pointNode(b.center()) }),
		},
		{
			Name: "geo_geohash_to_polygon", Signatures: text, Column: "None", Doc: "Gives the area of a geohash.",
			Eval: boxEval(func(b box) *data.Node {
				return polygonNode([][2]float64{{b.west, b.south}, {b.east, b.south}, {b.east, b.north}, {b.west, b.north}})
			}),
		},
		{
			Name: "geo_geohash_neighbors", Signatures: text, Column: "None", Doc: "Lists the geohashes around a geohash.",
			Eval: func(_ *Context, args []data.Value) data.Value {
				var items []*data.Node
				for _, n := range neighbours(args[0].Text()) {
					items = append(items, data.NodeOfString(n))
				}
				if items == nil {
					return nullDynamic()
				}
				return data.OfNode(data.NodeOfArray(items))
			},
		},
	}
}

func evalGeohash(_ *Context, args []data.Value) data.Value {
	lng, ok1 := asReal(args[0])
	lat, ok2 := asReal(args[1])
	_, ok := place(lng, lat)
	letters := optionalReal(args, 2, 5)
	if !ok || !ok1 || !ok2 || !(letters >= 1 && letters <= 18) || len(args) > 2 && args[2].IsNull() {
		return data.OfString("")
	}
	return data.OfString(geohash(lng, lat, int(letters)))
}

func boxEval(f func(b box) *data.Node) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		b, ok := boxOf(args[0].Text())
		if !ok {
			return nullDynamic()
		}
		return data.OfNode(f(b))
	}
}

// numbersNode is an array of reals.
func numbersNode(x ...float64) *data.Node { return realsNode(x) }

func shapeNode(kind string, coordinates *data.Node) *data.Node {
	return data.NodeOfBag([]string{"type", "coordinates"}, []*data.Node{data.NodeOfString(kind), coordinates})
}

func pointNode(lng, lat float64) *data.Node { return shapeNode("Point", numbersNode(lng, lat)) }

// polygonNode closes the ring.
func polygonNode(corners [][2]float64) *data.Node {
	var items []*data.Node
	for _, c := range append(corners, corners[0]) {
		items = append(items, numbersNode(c[0], c[1]))
	}
	return shapeNode("Polygon", data.NodeOfArray([]*data.Node{data.NodeOfArray(items)}))
}
