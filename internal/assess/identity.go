package assess

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

var idSeed = maphash.MakeSeed()

// HashResource hashes what tells a resource from all others: see
// [posture.Identity].
func HashResource(r *inventory.Resource) uint64 {
	if posture.IsBare(r.ID, r.Type) {
		return hashID(r.ID)
	}
	return hashIdentity(posture.IdentityOf(r.ID, r.Type, r.Unit, r.Location))
}

// HashName hashes the id alone.
func HashName(r *inventory.Resource) uint64 { return hashID(r.ID) }

// hashID hashes an id in the form in which equal ids are equal.
func hashID(id string) uint64 {
	if !posture.IsARM(id) {
		return maphash.String(idSeed, id)
	}
	return policy.HashID(strings.TrimRight(id, "/"))
}

func hashIdentity(i posture.Identity) uint64 {
	if i.Type == "" {
		return hashID(i.ID)
	}
	var h maphash.Hash
	h.SetSeed(idSeed)
	for _, part := range [...]string{i.Unit, i.Region, i.Type, i.ID} {
		h.WriteString(part)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// identityOf is the identity of a resource as rules are judged on it.
func identityOf(r *policy.Resource) posture.Identity {
	return posture.IdentityOf(r.ID, r.Type, r.Unit, r.Location)
}

// otherID is a name of a resource, beside its identity, by which a gap of a read
// record may be about it.
type otherID struct {
	identity, id uint64
	scoped       bool // others may have it: it means those in the read record's scope
}

// noteOtherIDs keeps the names of a resource that read records use. What they say
// later makes for another reading, but for one that is to explain.
func (w *worker) noteOtherIDs(r *inventory.Resource, identity uint64) {
	run := w.reading.run
	if !run.surveys && !run.known.hasNames.Load() || posture.IsBare(r.ID, r.Type) {
		return
	}
	for _, n := range posture.Names(r.ID, r.Type, r.Unit, r.Location) {
		if id := hashID(n.Text); id != identity && (run.surveys || run.known.isNamed(n.Text)) {
			w.otherIDs = append(w.otherIDs, otherID{identity, id, !posture.SaysAll(n.Text)})
		}
	}
}

// otherIDs has the other ids of records by the hashes of their identities.
type otherIDs map[uint64][]otherID

func (rd *reading) otherIDs() otherIDs {
	all := otherIDs{}
	for _, w := range rd.workers {
		for _, o := range w.otherIDs {
			all[o.identity] = append(all[o.identity], o)
		}
	}
	return all
}

// relatedTo gives the gaps of what belongs to resources, by record.id. Of those
// of an id that others have too the ones in the read record's scope are meant.
func (run *run) relatedTo(rd *reading, others otherIDs) map[uint64][]relatedGap {
	related := run.known.related
	if len(others) == 0 || len(related) == 0 {
		return related
	}
	all := map[uint64][]relatedGap{}
	rd.records(func(_ *worker, r *record) bool {
		gaps := related[r.id]
		for _, o := range others[r.id] {
			ofOther := slices.DeleteFunc(slices.Clone(related[o.id]), func(g relatedGap) bool { return !run.known.mayStandIn(run.units[r.unit], g.scope) })
			gaps = slices.Concat(gaps, ofOther)
		}
		if len(gaps) > 0 {
			all[r.id] = gaps
		}
		return true
	})
	return all
}

// gapsByName gives the gaps of a resource by all names that it has. Those of a name
// that others may have are about what is in the read record's scope, of its type.
func (k *knowledge) gapsByName(r *inventory.Resource) []policy.Gap {
	if posture.IsBare(r.ID, r.Type) || !k.hasNames.Load() {
		return k.appendNamed(nil, posture.Fold(r.ID), r)
	}
	var gaps []policy.Gap
	for _, n := range posture.Names(r.ID, r.Type, r.Unit, r.Location) {
		gaps = k.appendNamed(gaps, n.Text, r)
	}
	if r.Cloud == posture.AWS && r.Unit == "" { // it may be what is named with its account
		for _, name := range k.ends[endOf(posture.Fold(r.ID))] {
			gaps = k.appendNamed(gaps, name, r)
		}
	}
	return gaps
}

func (k *knowledge) appendNamed(gaps []policy.Gap, name string, r *inventory.Resource) []policy.Gap {
	for _, t := range k.gapsByID[name] {
		if (t.typeName == "" || t.typeName == policy.FoldType(r.Type)) && k.mayStandIn(r.Unit, t.scope) && !slices.Contains(gaps, t.gap) {
			gaps = append(gaps, t.gap)
		}
	}
	return gaps
}

// isNamed reports whether a gap has this name.
func (k *knowledge) isNamed(name string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.gapsByID[name]) > 0
}

// mayStandIn reports whether a resource of a unit, "" for one that is not known,
// may be in a scope.
func (k *knowledge) mayStandIn(unit, scope string) bool {
	return unit == "" || scope == "/" || k.within(unit, scope)
}
