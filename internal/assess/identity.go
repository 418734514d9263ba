package assess

import (
	"fmt"
	"hash/maphash"
	"maps"
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
	if strings.HasPrefix(r.ID, "/") {
		return hashID(r.ID)
	}
	return hashIdentity(posture.IdentityOf(r.ID, r.Type, r.Unit, r.Location))
}

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

// shortID is what is kept of a resource whose id is not its identity, such as one
// that others may have too, so that what names it by its id alone finds it.
type shortID struct{ identity, id uint64 }

func (w *worker) noteShort(r *inventory.Resource, identity uint64) {
	if strings.HasPrefix(r.ID, "/") {
		return
	}
	if id := hashID(r.ID); id != identity {
		w.short = append(w.short, shortID{identity, id})
	}
}

// shortIDs has hashes of ids by those of identities, where they differ.
type shortIDs map[uint64]uint64

func (rd *reading) shortIDs() shortIDs {
	all := shortIDs{}
	for _, w := range rd.workers {
		for _, s := range w.short {
			all[s.identity] = s.id
		}
	}
	return all
}

// of gives the hash of a record's id.
func (s shortIDs) of(r *record) uint64 {
	if id, short := s[r.id]; short {
		return id
	}
	return r.id
}

// relatedTo gives the gaps of what belongs to resources, by record.id. Of those
// of an id that others have too the ones in the read record's scope are meant.
func (run *run) relatedTo(rd *reading, short shortIDs) map[uint64][]relatedGap {
	related := run.known.related
	if len(short) == 0 || len(related) == 0 {
		return related
	}
	all := map[uint64][]relatedGap{}
	rd.records(func(_ *worker, r *record) bool {
		gaps := related[r.id]
		if id := short.of(r); id != r.id {
			ofShort := slices.DeleteFunc(slices.Clone(related[id]), func(g relatedGap) bool { return !run.known.mayStandIn(run.units[r.unit], g.scope) })
			gaps = slices.Concat(gaps, ofShort)
		}
		if len(gaps) > 0 {
			all[r.id] = gaps
		}
		return true
	})
	return all
}

// readShort notes a gap of an id that others may have too: it is about those of
// its type in the record's scope.
func (k *knowledge) readShort(r *posture.ReadRecord, g *posture.Gap) {
	id := posture.Fold(g.ID)
	for _, gap := range policyGaps(r, g) {
		k.ofShort[id] = append(k.ofShort[id], typeGap{r.Scope, gapType(r, g), gap})
	}
}

// appendShort adds the gaps of a resource by an id that others may have too.
func (k *knowledge) appendShort(gaps []policy.Gap, r *inventory.Resource) []policy.Gap {
	id := r.ID
	if posture.IsNamedShort(r.Type) && posture.SaysAll(id) {
		id = id[strings.LastIndexAny(id, "/:")+1:]
	}
	for _, t := range k.ofShort[id] {
		if (t.typeName == "" || t.typeName == policy.FoldType(r.Type)) && k.mayStandIn(r.Unit, t.scope) {
			gaps = append(gaps[:len(gaps):len(gaps)], t.gap)
		}
	}
	return gaps
}

// mayStandIn reports whether a resource of a unit, "" for one that is not known,
// may be in a scope.
func (k *knowledge) mayStandIn(unit, scope string) bool {
	return unit == "" || scope == "/" || k.within(unit, scope)
}

// sharedID tells that what a person says of a resource holds for several, because
// they have the id in common.
func (run *run) sharedID(s *saying, spots []spot, p *placer) []string {
	if posture.SaysAll(s.scope) {
		return nil
	}
	found := map[string]bool{}
	for i := range spots {
		at := spots[i].at
		if at.id != s.scope {
			continue
		}
		spots[i].views(run, p, func(v view) {
			if v.judged != posture.NotApplicable && s.about(v.rule, v.mark) {
				found[at.qualified()] = true
			}
		})
	}
	if len(found) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("%d resources have the id %q, and it holds for all of them; for one of them give %s",
		len(found), s.scope, strings.Join(slices.Sorted(maps.Keys(found)), " or "))}
}
