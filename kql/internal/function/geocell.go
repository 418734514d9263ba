package function

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// An s2cell is a cell of the S2 grid (s2geometry.io): the Earth on six faces of
// a cube, each cut into four again and again, up to 30 times; cells are
// numbered along a curve. The number has three bits of the face, two for each
// cut, and a one that marks the end.
type s2cell uint64

const (
	s2Levels = 30
	s2Size   = 1 << s2Levels
)

// How the curve goes through the four quarters, by its orientation (bit 0:
// axes swapped, bit 1: both turned round).
var (
	s2Position    = [4][4]uint64{{0, 1, 3, 2}, {0, 3, 1, 2}, {2, 3, 1, 0}, {2, 1, 3, 0}}
	s2Quarter     = [4][4]int{{0, 1, 3, 2}, {0, 2, 3, 1}, {3, 2, 0, 1}, {3, 1, 0, 2}}
	s2Orientation = [4]int{1, 0, 0, 3}
)

// s2Leaf is the smallest cell at a place of a face.
func s2Leaf(face, i, j int) s2cell {
	orientation, id := face&1, uint64(face)
	for k := s2Levels - 1; k >= 0; k-- {
		quarter := i>>k&1<<1 | j>>k&1
		position := s2Position[orientation][quarter]
		id = id<<2 | position
		orientation ^= s2Orientation[position]
	}
	return s2cell(id<<1 | 1)
}

// at is the cell of a level that holds this one.
func (c s2cell) at(level int) s2cell {
	last := s2cell(1) << (2 * (s2Levels - level))
	return c&-last | last
}

func (c s2cell) level() int { return s2Levels - bits.TrailingZeros64(uint64(c))/2 }

// corner is the cell's face and lowest place on it.
func (c s2cell) corner() (face, i, j int) {
	face = int(c >> 61)
	orientation := face & 1
	for k := s2Levels - 1; k >= s2Levels-c.level(); k-- {
		position := int(c >> (2*k + 1) & 3)
		quarter := s2Quarter[orientation][position]
		i, j = i|quarter>>1<<k, j|quarter&1<<k
		orientation ^= s2Orientation[position]
	}
	return face, i, j
}

// token is Kusto's text of a cell: hexadecimal without zeros at the end.
func (c s2cell) token() string {
	return strings.TrimRight(padHex(uint64(c)), "0")
}

func padHex(x uint64) string {
	s := strconv.FormatUint(x, 16)
	return strings.Repeat("0", 16-len(s)) + s
}

func readCell(token string) (s2cell, bool) {
	if len(token) < 1 || len(token) > 16 {
		return 0, false
	}
	x, err := strconv.ParseUint(token+strings.Repeat("0", 16-len(token)), 16, 64)
	valid := err == nil && x>>61 < 6 && x != 0 && bits.TrailingZeros64(x)%2 == 0
	return s2cell(x), valid
}

// s2Face is the face that a direction goes through, and where.
func s2Face(p vec) (face int, u, v float64) {
	for axis := range p {
		if math.Abs(p[axis]) > math.Abs(p[face]) {
			face = axis
		}
	}
	x, y, z := p[0], p[1], p[2]
	if p[face] < 0 {
		face += 3
	}
	switch face {
	case 0:
		return face, y / x, z / x
	case 1:
		return face, -x / y, z / y
	case 2:
		return face, -x / z, -y / z
	case 3:
		return face, z / x, y / x
	case 4:
		return face, z / y, -x / y
	default:
		return face, -y / z, -x / z
	}
}

func s2Direction(face int, u, v float64) vec {
	switch face {
	case 0:
		return vec{1, u, v}
	case 1:
		return vec{-u, 1, v}
	case 2:
		return vec{-u, -v, 1}
	case 3:
		return vec{-1, -v, -u}
	case 4:
		return vec{v, -1, -u}
	default:
		return vec{v, u, -1}
	}
}

// s2Fraction is the place on an axis from 0 to 1; cells are then of like size.
func s2Fraction(u float64) float64 {
	if u >= 0 {
		return 0.5 * math.Sqrt(1+3*u)
	}
	return 1 - 0.5*math.Sqrt(1-3*u)
}

func s2Axis(fraction float64) float64 {
	if fraction >= 0.5 {
		return (4*fraction*fraction - 1) / 3
	}
	return (1 - 4*(1-fraction)*(1-fraction)) / 3
}

func s2Index(fraction float64) int {
	return max(0, min(s2Size-1, int(math.Floor(fraction*s2Size))))
}

func cellAt(p vec, level int) s2cell {
	face, u, v := s2Face(p)
	return s2Leaf(face, s2Index(s2Fraction(u)), s2Index(s2Fraction(v))).at(level)
}

// on is the place at fractions of the cell's width and height.
func (c s2cell) on(x, y float64) vec {
	face, i, j := c.corner()
	size := float64(int(1) << (s2Levels - c.level()))
	return s2Direction(face, s2Axis((float64(i)+x*size)/s2Size), s2Axis((float64(j)+y*size)/s2Size)).unit()
}

// around are the cells of the same level that touch this one, in Kusto's order.
func (c s2cell) around() []s2cell {
	face, i, j := c.corner()
	size := 1 << (s2Levels - c.level())
	var out []s2cell
	for _, step := range [][2]int{{1, 1}, {-1, -1}, {1, -1}, {0, -1}, {0, 1}, {1, 0}, {-1, 0}, {-1, 1}} {
		x, y := i+step[0]*size, j+step[1]*size
		outside := b2i(x < 0 || x >= s2Size) + b2i(y < 0 || y >= s2Size)
		if outside == 2 { // three faces meet there
			continue
		}
		n := s2Leaf(face, x, y)
		if outside == 1 {
			n = beyond(face, x+size/2, y+size/2)
		}
		out = append(out, n.at(c.level()))
	}
	return out
}

// beyond is the leaf at a place past the edge of a face.
func beyond(face, i, j int) s2cell {
	limit := math.Nextafter(1, 2)
	axis := func(k int) float64 {
		k = max(-1, min(k, s2Size))
		return math.Max(-limit, math.Min(limit, float64(2*(k-s2Size/2)+1)/s2Size))
	}
	next, u, v := s2Face(s2Direction(face, axis(i), axis(j)))
	return s2Leaf(next, s2Index(0.5*(u+1)), s2Index(0.5*(v+1)))
}

func geoCellScalars() []Scalar {
	text := []string{"(s2cell:string) → dynamic"}
	one := func(name, doc string, f func(c s2cell) *data.Node) Scalar {
		return Scalar{Name: name, Signatures: text, Column: "None", Doc: doc, Eval: func(_ *Context, args []data.Value) data.Value {
			c, ok := readCell(args[0].Text())
			if !ok {
				return nullDynamic()
			}
			return data.OfNode(f(c))
		}}
	}
	return []Scalar{
		{
			Name: "geo_point_to_s2cell", Signatures: []string{"(longitude:Number, latitude:Number, level:Number?) → string"}, Column: "None",
			Doc: "Gives the S2 cell of a place.", Eval: placesEval(1, data.String, func(_ *Context, p []vec, rest []data.Value) data.Value {
				level := optionalReal(rest, 0, 11)
				if !(level >= 0 && level <= s2Levels) || len(rest) > 0 && rest[0].IsNull() {
					return data.OfString("")
				}
				return data.OfString(cellAt(p[0], int(level)).token())
			}),
		},
		one("geo_s2cell_to_central_point", "Gives the centre of an S2 cell.", func(c s2cell) *data.Node { return pointNode(c.on(0.5, 0.5).degrees()) }),
		one("geo_s2cell_to_polygon", "Gives the area of an S2 cell.", cellPolygon),
		one("geo_s2cell_neighbors", "Lists the S2 cells around an S2 cell.", func(c s2cell) *data.Node {
			var items []*data.Node
			for _, n := range c.around() {
				items = append(items, data.NodeOfString(n.token()))
			}
			return data.NodeOfArray(items)
		}),
	}
}

func cellPolygon(c s2cell) *data.Node {
	var corners [][2]float64
	for _, at := range [][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
		lng, lat := c.on(at[0], at[1]).degrees()
		corners = append(corners, [2]float64{lng, lat})
	}
	return polygonNode(corners)
}
