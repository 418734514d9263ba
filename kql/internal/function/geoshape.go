package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A path is a line of places; a ring is one that ends where it starts, its
// last place left out.
type (
	path []vec
	ring []vec
)

// A polygon is a shell with holes.
type polygon struct {
	shell ring
	holes []ring
}

// readPlaces reads an array of [longitude, latitude].
func readPlaces(n *data.Node) (path, bool) {
	var out path
	for _, item := range n.Items() {
		lng, ok1 := nodeReal(item.Index(0))
		lat, ok2 := nodeReal(item.Index(1))
		v, ok := place(lng, lat)
		if !ok || !ok1 || !ok2 {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

func geometry(v data.Value) (kind string, coordinates *data.Node) {
	n := v.Node()
	kindNode, _ := n.Key("type")
	coordinates, _ = n.Key("coordinates")
	return kindNode.Text(), coordinates
}

// readLines reads a LineString or MultiLineString.
func readLines(v data.Value) ([]path, bool) {
	kind, n := geometry(v)
	items := []*data.Node{n}
	switch kind {
	case "LineString":
	case "MultiLineString":
		items = n.Items()
	default:
		return nil, false
	}
	var out []path
	for _, item := range items {
		p, ok := readPlaces(item)
		if !ok || len(p) < 2 {
			return nil, false
		}
		out = append(out, p)
	}
	return out, len(out) > 0
}

// readPolygons reads a Polygon or MultiPolygon.
func readPolygons(c *Context, v data.Value) ([]polygon, bool) {
	kind, n := geometry(v)
	items := []*data.Node{n}
	switch kind {
	case "Polygon":
	case "MultiPolygon":
		items = n.Items()
	default:
		return nil, false
	}
	var out []polygon
	for _, item := range items {
		p, ok := readPolygon(c, item)
		if !ok {
			return nil, false
		}
		out = append(out, p)
	}
	return out, len(out) > 0
}

func readPolygon(c *Context, n *data.Node) (polygon, bool) {
	var p polygon
	for i, item := range n.Items() {
		r, ok := readRing(c, item)
		if !ok {
			return p, false
		}
		if i == 0 {
			p.shell = r
		} else {
			p.holes = append(p.holes, r)
		}
	}
	return p, p.shell != nil
}

// readRing refuses rings that do not close or repeat a place.
func readRing(c *Context, n *data.Node) (ring, bool) {
	p, ok := readPlaces(n)
	if !ok || len(p) < 4 || !p[0].sameAs(p[len(p)-1]) {
		return nil, false
	}
	r := ring(p[:len(p)-1])
	work := c.work()
	for i, a := range r {
		work.Add(i)
		for _, b := range r[:i] {
			if a.sameAs(b) {
				return nil, false
			}
		}
	}
	return r, true
}

// edges calls f for each arc until it gives false.
func (p path) edges(f func(a, b vec) bool) {
	for i := 1; i < len(p); i++ {
		if !f(p[i-1], p[i]) {
			return
		}
	}
}

// path is the ring as a line that closes.
func (r ring) path() path { return append(path(r[:len(r):len(r)]), r[0]) }

func (p path) length() (sum float64) {
	p.edges(func(a, b vec) bool {
		sum += a.angle(b)
		return true
	})
	return sum
}

// triangle is the area of a triangle on the unit sphere; negative where it is clockwise.
func triangle(a, b, c vec) float64 {
	return 2 * math.Atan2(a.signed(b, c), 1+a.dot(b)+b.dot(c)+c.dot(a))
}

// area is the ring's area on the unit sphere: that of the smaller side.
func (r ring) area() float64 {
	sum := 0.0
	for i := 1; i+1 < len(r); i++ {
		sum += triangle(r[0], r[i], r[i+1])
	}
	sum = math.Abs(sum)
	return min(sum, 4*math.Pi-sum)
}

// center is the ring's centroid, weighted by area: the integral of places, as
// a sum over triangles, which loses fewer digits than one over edges.
func (r ring) center() vec {
	var sum vec
	for i := 1; i+1 < len(r); i++ {
		sum = sum.plus(triangleCenter(r[0], r[i], r[i+1]))
	}
	if r.turnsClockwise() {
		return sum.times(-1)
	}
	return sum
}

// triangleCenter is the integral of a triangle's places; negative where it is clockwise.
func triangleCenter(a, b, c vec) vec {
	by := func(angle float64) float64 {
		if angle == 0 {
			return 1
		}
		return angle / math.Sin(angle)
	}
	ra, rb, rc := by(b.angle(c)), by(c.angle(a)), by(a.angle(b))
	x, y, z := vec{a[0], b[0] - a[0], c[0] - a[0]}, vec{a[1], b[1] - a[1], c[1] - a[1]}, vec{a[2], b[2] - a[2], c[2] - a[2]}
	r := vec{ra, rb - ra, rc - ra}
	return vec{y.cross(z).dot(r), z.cross(x).dot(r), x.cross(y).dot(r)}.times(0.5)
}

// turnsClockwise tells whether the smaller side lies to the right.
func (r ring) turnsClockwise() bool {
	sum := 0.0
	for i := 1; i+1 < len(r); i++ {
		sum += triangle(r[0], r[i], r[i+1])
	}
	return sum < 0 != (math.Abs(sum) > 2*math.Pi)
}

// contains tells whether a place is on the ring's smaller side: the directions
// to the ring's places turn all around it.
func (r ring) contains(p vec) bool {
	turned := 0.0
	for i, a := range r {
		b := r[(i+1)%len(r)]
		from, to := p.cross(a), p.cross(b)
		turned += math.Atan2(p.dot(from.cross(to)), from.dot(to))
	}
	return math.Abs(turned) > math.Pi && p.dot(r.center()) > 0
}

func (p polygon) contains(v vec) bool {
	if !p.shell.contains(v) {
		return false
	}
	for _, h := range p.holes {
		if h.contains(v) {
			return false
		}
	}
	return true
}

func (p polygon) area() float64 {
	area := p.shell.area()
	for _, h := range p.holes {
		area -= h.area()
	}
	return area
}

// borders are the polygon's rings as lines.
func (p polygon) borders() []path {
	out := []path{p.shell.path()}
	for _, h := range p.holes {
		out = append(out, h.path())
	}
	return out
}

// meet tells whether two sets of lines have a place in common.
func meet(c *Context, a, b []path) bool {
	found, work := false, c.work()
	for _, p := range a {
		for _, q := range b {
			p.edges(func(x, y vec) bool {
				work.Add(16 * len(q)) // a crossing is many steps
				q.edges(func(z, w vec) bool {
					found = crosses(x, y, z, w)
					return !found
				})
				return !found
			})
			if found {
				return true
			}
		}
	}
	return false
}

func bordersOf(all []polygon) []path {
	var out []path
	for _, p := range all {
		out = append(out, p.borders()...)
	}
	return out
}

func anyContains(all []polygon, v vec) bool {
	for _, p := range all {
		if p.contains(v) {
			return true
		}
	}
	return false
}

// overlap tells whether some of the polygons do: what is said of their union
// is then unknown.
func overlap(c *Context, all []polygon) bool {
	work := c.work()
	for i, p := range all {
		for _, q := range all[:i] {
			work.Add(len(p.shell) + len(q.shell))
			if meet(c, p.borders(), q.borders()) || p.contains(q.shell[0]) || q.contains(p.shell[0]) {
				return true
			}
		}
	}
	return false
}

// closest is the place on some lines that is nearest, the length of the first
// line up to it, and its distance as an angle.
func closest(lines []path, p vec) (found vec, before, angle float64) {
	angle = math.Inf(1)
	for _, line := range lines {
		passed := 0.0
		line.edges(func(a, b vec) bool {
			if q := nearest(p, a, b); p.angle(q) < angle {
				found, angle, before = q, p.angle(q), passed+a.angle(q)
			}
			passed += a.angle(b)
			return true
		})
	}
	return found, before, angle
}
