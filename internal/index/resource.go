package index

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// columns are what is known of resources, by their numbers. Zero in kind: no
// resource has the number.
type columns struct {
	cloud                     []uint8
	kind, unit, group, region []uint32 // words
	facts                     []uint32 // number among the facts
	judged, laid              []uint32 // tuples: as judged, and with what lies over it
	ids                       texts
	nameLength                []uint16 // of the end of the id that is the name; tooLong: in names
	names                     map[uint32]string

	keys    []uint64 // sorted, of those in numbers; of one key the highest number first, which counts
	numbers []uint32
	later   map[uint64]uint32
	moved   map[uint64][]uint32 // of those in later the numbers that had the key before, in their order
}

// tooLong says in nameLength that the name is no end of the id.
const tooLong = 1<<16 - 1

func (c *columns) len() int { return len(c.kind) }

// grow makes room up to and with a number.
func (c *columns) grow(n uint32) {
	more := int(n) + 1 - len(c.kind)
	if more <= 0 {
		return
	}
	for _, column := range []*[]uint32{&c.kind, &c.unit, &c.group, &c.region, &c.facts, &c.judged, &c.laid} {
		*column = append(*column, make([]uint32, more)...)
	}
	c.cloud = append(c.cloud, make([]uint8, more)...)
	c.nameLength = append(c.nameLength, make([]uint16, more)...)
}

// setName notes a resource's name, whose id is known.
func (c *columns) setName(n uint32, id, name string) {
	if len(name) < tooLong && strings.HasSuffix(id, name) {
		c.nameLength[n] = uint16(len(name))
		return
	}
	if c.names == nil {
		c.names = map[uint32]string{}
	}
	c.nameLength[n], c.names[n] = tooLong, name
}

// name gives a resource's name.
func (c *columns) name(n uint32) string {
	length := int(c.nameLength[n])
	if length == tooLong {
		return c.names[n]
	}
	id := c.ids.at(n)
	return id[len(id)-length:]
}

// Resource is what the index knows of one.
type Resource struct {
	Number uint32
	ID     string
	Name   string
	Type   string
	Cloud  posture.Cloud
	Unit   string
	Group  string
	Region string
	Facts  ledger.Facts
	State  posture.State // over its checks
}

// Resource gives a resource that is there.
func (x *Index) Resource(n uint32) (Resource, bool) {
	if !x.sets.here.Contains(n) {
		return Resource{}, false
	}
	c := &x.resources
	unit := x.units.texts[c.unit[n]]
	return Resource{
		Number: n, ID: c.ids.at(n), Name: c.name(n), Type: x.types.texts[c.kind[n]], Cloud: posture.Cloud(c.cloud[n]), Unit: unit,
		Group: x.groups.texts[c.group[n]], Region: x.locations.texts[c.region[n]],
		Facts: x.facts.at(c.facts[n]), State: x.tuples.rollUp[c.laid[n]],
	}, true
}

// Here reports whether a resource is there.
func (x *Index) Here(n uint32) bool { return x.sets.here.Contains(n) }

// Verdicts gives those of a resource, by number of evaluation. They are not to
// be changed.
func (x *Index) Verdicts(n uint32) []Verdict {
	if int(n) >= x.resources.len() {
		return nil
	}
	return x.tuples.of(x.resources.laid[n])
}

// UnitOf gives the unit of a resource that has a number.
func (x *Index) UnitOf(n uint32) string { return x.units.texts[x.resources.unit[n]] }

// PlaceOf gives the narrowest scope of a resource that has a number: its group,
// else its unit.
func (x *Index) PlaceOf(n uint32) string {
	if group := x.resources.group[n]; group != 0 {
		return x.groups.texts[group]
	}
	return x.UnitOf(n)
}

// TypeOf gives the type of a resource that has a number.
func (x *Index) TypeOf(n uint32) string { return x.types.texts[x.resources.kind[n]] }

// Laid gives the number of the tuple of verdicts that shows of a resource: with
// what lies over it. It is 0 for none, and for a resource that is not there.
func (x *Index) Laid(n uint32) uint32 {
	if !x.sets.here.Contains(n) {
		return 0
	}
	return x.resources.laid[n]
}

// Tuple gives the verdicts of a tuple, by number of evaluation. They are not to be
// changed.
func (x *Index) Tuple(n uint32) []Verdict { return x.tuples.of(n) }
