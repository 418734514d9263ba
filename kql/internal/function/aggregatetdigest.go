package function

import (
	"cmp"
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A digest sums up numbers for percentiles: groups of near numbers by mean and
// weight, finer at both ends. It is exact while there are no more different
// numbers than digestRoom. In dynamic it is ["tdigest", type, [mean, …],
// [weight, …]]; Kusto's own is another encoding with the same uses.
type digest struct {
	of     data.Type
	points []point
	sorted bool
}

type point struct{ mean, weight float64 }

const digestRoom = 1000

func (d *digest) add(x, weight float64) {
	d.points = append(d.points, point{x, weight})
	d.sorted = false
	if len(d.points) > 8*digestRoom {
		d.compress()
	}
}

func (d *digest) compress() {
	if d.sorted {
		return
	}
	slices.SortFunc(d.points, func(a, b point) int { return cmp.Compare(a.mean, b.mean) })
	d.joinEqual()
	if len(d.points) > digestRoom {
		d.joinNear()
	}
	d.sorted = true
}

func (d *digest) joinEqual() {
	kept := d.points[:0]
	for _, p := range d.points {
		if k := len(kept) - 1; k >= 0 && kept[k].mean == p.mean {
			kept[k].weight += p.weight
			continue
		}
		kept = append(kept, p)
	}
	d.points = kept
}

// joinNear joins neighbours as long as they stay within one step of a scale
// whose steps are smaller at the ends.
func (d *digest) joinNear() {
	total, before := d.total(), 0.0
	scale := func(q float64) float64 { return digestRoom / (2 * math.Pi) * math.Asin(2*min(q, 1)-1) }
	kept, start := d.points[:1], scale(0)
	for _, p := range d.points[1:] {
		last := &kept[len(kept)-1]
		if scale((before+last.weight+p.weight)/total)-start <= 1 {
			weight := last.weight + p.weight
			last.mean += (p.mean - last.mean) * p.weight / weight
			last.weight = weight
			continue
		}
		before += last.weight
		start = scale(before / total)
		kept = append(kept, p)
	}
	d.points = kept
}

func (d *digest) total() (n float64) {
	for _, p := range d.points {
		n += p.weight
	}
	return n
}

// percentile is the nearest-rank percentile; false where there is no number.
func (d *digest) percentile(p float64) (float64, bool) {
	d.compress()
	if len(d.points) == 0 {
		return 0, false
	}
	left := math.Max(1, math.Ceil(p*d.total()/100))
	for _, pt := range d.points {
		if left -= pt.weight; left <= 0 {
			return pt.mean, true
		}
	}
	return d.points[len(d.points)-1].mean, true
}

// rank is how many numbers are not greater than x.
func (d *digest) rank(x float64) (n float64) {
	d.compress()
	for _, p := range d.points {
		if p.mean <= x {
			n += p.weight
		}
	}
	return n
}

func (d *digest) node() *data.Node {
	d.compress()
	means, weights := make([]*data.Node, len(d.points)), make([]*data.Node, len(d.points))
	for i, p := range d.points {
		means[i], weights[i] = data.NodeOfReal(p.mean), data.NodeOfLong(int64(p.weight))
	}
	return data.NodeOfArray([]*data.Node{
		data.NodeOfString("tdigest"), data.NodeOfString(d.of.String()),
		data.NodeOfArray(means), data.NodeOfArray(weights),
	})
}

// readDigest reads node's form; nil where it is another.
func readDigest(n *data.Node) *digest {
	if n.Len() != 4 || n.Index(0).Text() != "tdigest" || n.Index(2).Len() != n.Index(3).Len() {
		return nil
	}
	d := &digest{of: data.Real}
	if t, ok := data.ParseType(n.Index(1).Text()); ok {
		d.of = t
	}
	for i, mean := range n.Index(2).Items() {
		d.points = append(d.points, point{mean.Real(), n.Index(3).Index(i).Real()})
	}
	return d
}

func (d *digest) merge(o *digest) {
	for _, p := range o.points {
		d.add(p.mean, p.weight)
	}
}

// value is a number of the digest in the type of what was put in.
func (d *digest) value(x float64, t data.Type) data.Value {
	switch t {
	case data.Int:
		return data.OfInt(int32(math.Round(x)))
	case data.Long:
		return data.OfLong(int64(math.Round(x)))
	case data.DateTime:
		return data.OfDateTime(int64(math.Round(x)))
	case data.TimeSpan:
		return data.OfTimeSpan(int64(math.Round(x)))
	default:
		return data.OfReal(x)
	}
}

// digesting is tdigest and tdigest_merge.
type digesting struct {
	of     data.Type
	merged bool // the argument is a digest
	groups []*digest
}

func newDigesting(args []Arg) (Accumulator, error) { return &digesting{of: args[0].Type}, nil }

func newDigestMerge([]Arg) (Accumulator, error) { return &digesting{merged: true}, nil }

func (d *digesting) group(g uint32, of data.Type) *digest {
	if d.groups[g] == nil {
		d.groups[g] = &digest{of: of}
	}
	return d.groups[g]
}

func (d *digesting) Add(size int, groups []uint32, args []*data.Vector) {
	d.groups = grow(d.groups, size)
	if d.merged {
		d.addDigests(groups, flat(args[0]))
		return
	}
	v := toReals(args[0])
	for i, g := range groups {
		weight := 1.0
		if len(args) > 1 {
			weight, _ = asReal(args[1].Value(i))
		}
		if !v.Nulls.Has(i) && weight > 0 {
			d.group(g, d.of).add(v.Reals[i], weight)
		}
	}
}

func (d *digesting) addDigests(groups []uint32, v *data.Vector) {
	for i, g := range groups {
		if o := readDigest(v.Nodes[i]); o != nil {
			d.group(g, o.of).merge(o)
		}
	}
}

func (d *digesting) Merge(size int, other Accumulator, into []uint32) {
	d.groups = grow(d.groups, size)
	for g, o := range other.(*digesting).groups {
		if o != nil {
			d.group(into[g], o.of).merge(o)
		}
	}
}

func (d *digesting) Results(size int) []*data.Vector {
	d.groups = grow(d.groups, size)
	return nodesOf(d.groups, size)
}

func (d *digesting) Bytes() int {
	n := 0
	for _, g := range d.groups {
		if g != nil {
			n += 16 * cap(g.points)
		}
	}
	return n
}
