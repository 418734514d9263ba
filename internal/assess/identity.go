package assess

import (
	"cmp"
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

// otherID is what is kept of a resource that may be named by another id than its
// identity, such as one that others may have too, so that what names it so finds it.
type otherID struct {
	identity, id uint64
	short        bool // it is the identifier of what is read under its ARN
}

func (w *worker) noteOtherIDs(r *inventory.Resource, identity uint64) {
	if strings.HasPrefix(r.ID, "/") {
		return
	}
	if id := hashID(r.ID); id != identity {
		w.otherIDs = append(w.otherIDs, otherID{identity, id, false})
	}
	if short := posture.ShortID(r.ID, r.Type); short != "" {
		w.otherIDs = append(w.otherIDs, otherID{identity, hashID(short), true})
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
	id := cmp.Or(posture.ShortID(r.ID, r.Type), r.ID)
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
		if at.id != s.scope && posture.ShortID(at.id, at.typeName) != s.scope {
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
