package function

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// zoneData holds the time zones of Go's own copy of the IANA database, packed
// by the test TestZones -update. It is embedded, because what a query answers
// must not depend on the files of the machine that runs it; time/tzdata would
// cost the binary four times as much.
//
//go:embed datetimezones.gz
var zoneData []byte

// A zoneFile is the text "name,name,…\nlength\n" and then the bytes of a zone, repeated.
var zones = sync.OnceValue(func() map[string]*zone {
	all := map[string]*zone{}
	r, err := gzip.NewReader(bytes.NewReader(zoneData))
	if err != nil {
		return all
	}
	rest, err := io.ReadAll(r)
	if err != nil {
		return all
	}
	for len(rest) > 0 {
		var names, length []byte
		names, rest, _ = bytes.Cut(rest, []byte("\n"))
		length, rest, _ = bytes.Cut(rest, []byte("\n"))
		n := min(atoi(length), len(rest))
		z := &zone{bytes: rest[:n]}
		rest = rest[n:]
		for name := range strings.SplitSeq(string(names), ",") {
			all[strings.ToLower(name)] = &zone{name: name, same: z}
		}
	}
	return all
})

func atoi(digits []byte) (n int) {
	for _, c := range digits {
		n = 10*n + int(c-'0')
	}
	return n
}

type zone struct {
	name  string
	same  *zone // holds the bytes; names may share one
	bytes []byte
	once  sync.Once
	loc   *time.Location
}

// location is the time zone of a name, whatever its case; nil where there is none.
func location(name string) *time.Location {
	z, ok := zones()[strings.ToLower(strings.TrimSpace(name))]
	if !ok {
		return nil
	}
	z.same.once.Do(func() { z.same.loc, _ = time.LoadLocationFromTZData(z.name, z.same.bytes) })
	return z.same.loc
}

// offsetAt is how far a zone is ahead of UTC at a time, in ticks.
func offsetAt(loc *time.Location, ticks int64) int64 {
	_, seconds := time.Unix(floorDiv(ticks-unixTicks, second), 0).In(loc).Zone()
	return int64(seconds) * second
}

func utcToLocal(ticks int64, loc *time.Location) int64 { return ticks + offsetAt(loc, ticks) }

// localToUTC takes, where clocks went back, the later of the two times, and
// reads a time that was skipped by the new offset.
func localToUTC(ticks int64, loc *time.Location) int64 {
	before, after := offsetAt(loc, ticks-day), offsetAt(loc, ticks+day)
	if utc := ticks - after; offsetAt(loc, utc) == after {
		return utc
	}
	if utc := ticks - before; offsetAt(loc, utc) == before {
		return utc
	}
	return ticks - after
}

// evalZone converts by a zone named in the second argument.
func evalZone(convert func(ticks int64, loc *time.Location) int64) Eval {
	return strict(data.DateTime, func(args []data.Value) data.Value {
		loc := location(args[1].Text())
		if loc == nil {
			return data.Null(data.DateTime)
		}
		if t := convert(args[0].Long(), loc); inRange(t) {
			return data.OfDateTime(t)
		}
		return data.Null(data.DateTime)
	})
}

func evalZoneNames(*Context, []data.Value) data.Value {
	var names []string
	for _, z := range zones() {
		names = append(names, z.name)
	}
	slices.Sort(names)
	items := make([]*data.Node, len(names))
	for i, name := range names {
		items[i] = data.NodeOfString(name)
	}
	return data.OfNode(data.NodeOfArray(items))
}
