package function

import "math"

// earthRadius in metres is that of the sphere on which Kusto measures.
const earthRadius = 6371010

// A vec is a place on the unit sphere.
type vec [3]float64

// place is a place by longitude and latitude in degrees; false where they are none.
func place(lng, lat float64) (vec, bool) {
	if !(math.Abs(lng) <= 180 && math.Abs(lat) <= 90) {
		return vec{}, false
	}
	sinLng, cosLng := math.Sincos(lng * math.Pi / 180)
	sinLat, cosLat := math.Sincos(lat * math.Pi / 180)
	return vec{cosLat * cosLng, cosLat * sinLng, sinLat}, true
}

// degrees are the place's longitude and latitude.
func (a vec) degrees() (lng, lat float64) {
	return math.Atan2(a[1], a[0]) * 180 / math.Pi, math.Atan2(a[2], math.Hypot(a[0], a[1])) * 180 / math.Pi
}

func (a vec) plus(b vec) vec          { return vec{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func (a vec) minus(b vec) vec         { return vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a vec) times(x float64) vec     { return vec{a[0] * x, a[1] * x, a[2] * x} }
func (a vec) dot(b vec) float64       { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vec) length() float64         { return math.Sqrt(a.dot(a)) }
func (a vec) angle(b vec) float64     { return math.Atan2(a.cross(b).length(), a.dot(b)) }
func (a vec) sameAs(b vec) bool       { return a.minus(b).length() < 1e-15 }
func (a vec) signed(b, c vec) float64 { return a.dot(b.cross(c)) }
func (a vec) opposite(b vec) bool     { return a.plus(b).length() < 1e-15 }
func (a vec) distance(b vec) float64  { return earthRadius * a.angle(b) }
func (a vec) along(b vec, f float64) vec {
	angle := a.angle(b)
	if angle < 1e-15 {
		return a
	}
	return a.times(math.Sin((1 - f) * angle)).plus(b.times(math.Sin(f * angle))).unit()
}

func (a vec) cross(b vec) vec {
	return vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func (a vec) unit() vec {
	if n := a.length(); n > 0 {
		return a.times(1 / n)
	}
	return a
}

// azimuth is the direction from a to b, clockwise from north, in [0, 2π);
// false where there is none or any.
func azimuth(a, b vec) (float64, bool) {
	if a.sameAs(b) || a.opposite(b) {
		return 0, false
	}
	east := vec{-a[1], a[0], 0}
	if east.length() < 1e-15 { // at a pole
		east = vec{0, 1, 0}
	}
	east = east.unit()
	north := a.cross(east)
	angle := math.Atan2(b.dot(east), b.dot(north))
	if angle < 0 {
		angle += 2 * math.Pi
	}
	return angle, true
}

// nearest is the place on the arc from a to b that is nearest to p.
func nearest(p, a, b vec) vec {
	normal := a.cross(b)
	if normal.length() > 1e-15 {
		n := normal.unit()
		q := p.minus(n.times(p.dot(n))).unit()
		if n.cross(a).dot(q) >= 0 && b.cross(n).dot(q) >= 0 && q.length() > 0 {
			return q
		}
	}
	if p.dot(a) >= p.dot(b) {
		return a
	}
	return b
}

// crosses tells whether the arcs from a to b and from c to d have a place in common.
func crosses(a, b, c, d vec) bool {
	abc, abd := a.signed(b, c), a.signed(b, d)
	cda, cdb := c.signed(d, a), c.signed(d, b)
	// The arcs cross each other's great circles in opposite directions, and
	// not on the far side of the sphere.
	if abc*abd < 0 && cda*cdb < 0 && abc*cdb > 0 {
		return true
	}
	const touch = 1e-12
	return nearest(a, c, d).angle(a) < touch || nearest(b, c, d).angle(b) < touch ||
		nearest(c, a, b).angle(c) < touch || nearest(d, a, b).angle(d) < touch
}

// spheroid is the distance in metres on the WGS 84 spheroid, by Vincenty's
// formula; false where it does not converge (nearly opposite places).
func spheroid(lng1, lat1, lng2, lat2 float64) (float64, bool) {
	const (
		a = 6378137.0
		f = 1 / 298.257223563
		b = a * (1 - f)
	)
	rad := math.Pi / 180
	u1, u2 := math.Atan((1-f)*math.Tan(lat1*rad)), math.Atan((1-f)*math.Tan(lat2*rad))
	sinU1, cosU1 := math.Sincos(u1)
	sinU2, cosU2 := math.Sincos(u2)
	l := (lng2 - lng1) * rad
	lambda := l
	for range 200 {
		sinL, cosL := math.Sincos(lambda)
		sinS := math.Hypot(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
		if sinS == 0 {
			return 0, true
		}
		cosS := sinU1*sinU2 + cosU1*cosU2*cosL
		sigma := math.Atan2(sinS, cosS)
		sinA := cosU1 * cosU2 * sinL / sinS
		cos2A := 1 - sinA*sinA
		cos2M := 0.0
		if cos2A != 0 {
			cos2M = cosS - 2*sinU1*sinU2/cos2A
		}
		c := f / 16 * cos2A * (4 + f*(4-3*cos2A))
		before := lambda
		lambda = l + (1-c)*f*sinA*(sigma+c*sinS*(cos2M+c*cosS*(2*cos2M*cos2M-1)))
		if math.Abs(lambda-before) > 1e-12 {
			continue
		}
		u := cos2A * (a*a - b*b) / (b * b)
		big := 1 + u/16384*(4096+u*(-768+u*(320-175*u)))
		small := u / 1024 * (256 + u*(-128+u*(74-47*u)))
		delta := small * sinS * (cos2M + small/4*(cosS*(2*cos2M*cos2M-1)-small/6*cos2M*(4*sinS*sinS-3)*(4*cos2M*cos2M-3)))
		return b * big * (sigma - delta), true
	}
	return 0, false
}
