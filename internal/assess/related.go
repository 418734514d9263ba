package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// relatedGap says that resources of a type that belong to one resource were
// not read.
type relatedGap struct {
	typeName string // folded, "" for every type
	reason   posture.Reason
	scope    string // that the resource is in
}

// gapType is the type that a gap is about, folded; "" if it does not say.
func gapType(r *posture.ReadRecord, g *posture.Gap) string {
	if name := typeOf(g.Type); name != "" {
		return name
	}
	return typeOf(r.Type)
}

// ofBody reports whether a gap with an id is one of the body of that resource,
// and not of what belongs to it: {vault, diagnosticSettings}.
func ofBody(r *posture.ReadRecord, g *posture.Gap) bool {
	about, own := gapType(r, g), policy.TypeOfID(g.ID)
	return g.Path != "" || g.Body || about == "" || own == "" || about == own
}

// relate notes a gap of what belongs to a resource: one that names another
// type than the resource's, or the resource as such in a read of every type.
func (k *knowledge) relate(r *posture.ReadRecord, g *posture.Gap) {
	if g.ID == "" || g.Path != "" || gapType(r, g) != "" && ofBody(r, g) {
		return
	}
	ids := []string{g.ID}
	if plain := posture.PlainARN(g.ID); plain != g.ID {
		ids = append(ids, plain)
	}
	for _, id := range ids {
		hash := hashID(id)
		k.related[hash] = append(k.related[hash], relatedGap{gapType(r, g), g.Reason, reach(r, g)})
	}
}

// policyGaps gives the places of a body that a gap is about.
func policyGaps(r *posture.ReadRecord, g *posture.Gap) []policy.Gap {
	places := inventory.GapPlaces(r, g)
	gaps := make([]policy.Gap, len(places))
	for i, path := range places {
		gaps[i] = policy.Gap{Path: path, Reason: g.Reason.String()}
	}
	return gaps
}

// none is no type, where "" is every type.
const none = "none"

// leftOpen is the type, folded, of which a gap of an id leaves open whether all was
// read: none where what the gap is about is known better.
func (c *completeness) leftOpen(r *posture.ReadRecord, g *posture.Gap) string {
	about := gapType(r, g)
	typeName, present := c.present[posture.Fold(g.ID)]
	switch _, known := candidateOf(r, g); {
	case known:
		return none
	case present && (about == "" || about == typeName || g.Path != "" || g.Body):
		return none // it is one of that body
	case about == "":
		return policy.TypeOfID(g.ID)
	}
	return about
}

// mayBeIn reports whether a resource may be of a unit, by its id.
func (c *completeness) mayBeIn(id, unit string) bool {
	of := unitOfID(id)
	return of == "" || posture.Fold(c.k.tree.Unit(of)) == posture.Fold(c.k.tree.Unit(unit))
}

// unitOfID is the unit that an id names, "" for none: of an ARN the account, of a
// name of Google's the project.
func unitOfID(id string) string {
	if of := policy.UnitOf(id); of != "" {
		return of
	}
	if parts := strings.SplitN(id, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		if _, account, follows := strings.Cut(parts[5], posture.FurtherID); follows {
			return account
		}
		if posture.CloudOfUnit(parts[4]) == posture.AWS { // else it is AWS's, or says none
			return parts[4]
		}
	}
	if rest, isName := strings.CutPrefix(id, "//"); isName {
		if parts := strings.SplitN(rest, "/", 4); len(parts) > 2 && parts[1] == "projects" && parts[2] != "_" {
			return "projects/" + parts[2]
		}
	}
	return ""
}

// namedID is an id, folded, that something other than a resource names, and what is
// said of the resource with it.
type namedID struct{ id, typeName, scope string }

// named gives, by hash, the ids of gaps and those that are listed.
func (run *run) named() map[uint64][]namedID {
	wanted := map[uint64][]namedID{}
	add := func(id string, typeName, scope string) {
		n := namedID{posture.Fold(id), typeName, scope}
		for _, id := range [...]string{id, posture.PlainARN(id)} {
			if hash := hashID(id); !slices.Contains(wanted[hash], n) {
				wanted[hash] = append(wanted[hash], n)
			}
		}
	}
	for i := range run.known.reads {
		r := &run.known.reads[i].ReadRecord
		for n := range r.Gaps {
			if g := &r.Gaps[n]; g.ID != "" {
				add(g.ID, gapType(r, g), reach(r, g))
			}
		}
	}
	for _, id := range run.known.listed {
		add(id, "", "/")
	}
	return wanted
}

// gapsMet finds which resources with gaps the input has and which it has not, and
// gives, by hash of the id, those that are to be settled apart.
func (run *run) gapsMet(rd *reading) map[uint64][]relatedGap {
	wanted, missing := run.named(), run.missingParents(rd)
	if len(wanted)+len(missing) == 0 {
		return nil
	}
	run.complete.present = map[string]string{}
	others, several := rd.otherIDs(), map[namedID]map[uint64]bool{}
	rd.records(func(_ *worker, r *record) bool {
		typeName := policy.FoldType(run.book.set.TypeName(int(r.typeNumber)))
		meet := func(hash uint64, scoped bool) {
			for _, n := range wanted[hash] {
				if scoped && n.typeName != "" && n.typeName != typeName || !run.known.mayStandIn(run.units[r.unit], n.scope) {
					continue
				}
				run.complete.present[n.id] = typeName
				if !scoped && posture.NamesOne(n.id) {
					continue
				}
				if several[n] == nil {
					several[n] = map[uint64]bool{}
				}
				several[n][r.id] = true
			}
		}
		meet(r.id, false)
		for _, o := range others[r.id] {
			meet(o.id, o.scoped)
		}
		return true
	})
	run.tellSeveral(several)
	run.findUnseen(missing)
	return run.relatedTo(rd, others)
}

// tellSeveral notes the read records that are about several resources with one name,
// given the identities of those that each name means.
func (run *run) tellSeveral(meant map[namedID]map[uint64]bool) {
	told := map[namedID]bool{}
	for i := range run.known.reads {
		r := &run.known.reads[i]
		for n := range r.Gaps {
			g := &r.Gaps[n]
			name := namedID{posture.Fold(g.ID), gapType(&r.ReadRecord, g), reach(&r.ReadRecord, g)}
			if len(meant[name]) < 2 || told[name] {
				continue
			}
			told[name] = true
			run.known.notices.add(inventory.Problem{
				File: r.file, Line: r.line, Notice: true,
				Reason: fmt.Sprintf("read record of %s: %d resources have the id %q, and it is about all of them", r.Scope, len(meant[name]), g.ID),
			})
		}
	}
}

// settleApart settles the resources of which related ones were not read.
func (run *run) settleApart(rd *reading, apart map[uint64][]relatedGap) {
	if len(apart) == 0 {
		return
	}
	rd.records(func(w *worker, r *record) bool {
		if gaps := apart[r.id]; gaps != nil {
			run.complete.apart = gaps
			run.settler().settle(&w.records, r, run.units[r.unit])
		}
		return true
	})
	run.complete.apart = nil
}
