package estate

import (
	"cmp"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// A row of an id alone tells that a resource is there, and nothing else of it. It is
// kept as a gap of the read that it came with, with the reason partial, until a newer
// read has all of its type; whatever judges is given the row again.

// isListed reports whether a gap is a resource of which only the id is known.
func isListed(g *posture.Gap) bool { return g.Reason == posture.Partial && g.ID != "" }

// mostListed is how many of one type in one unit are kept; of more the whole type was
// not read.
const mostListed = 1000

// keepListed adds to reads the resources that the inputs list below them and of which
// they tell no more.
func (t *tree) keepListed(told []posture.ReadRecord, problems []inventory.Problem) {
	listed := map[readKey][]posture.Gap{} // by folded unit and type
	for i := range problems {
		if id := problems[i].Listed; id != "" {
			of := readKey{posture.Fold(policy.UnitOf(id)), policy.TypeOfID(id)}
			listed[of] = append(listed[of], posture.Gap{Reason: posture.Partial, Type: of.typeName, ID: id})
		}
	}
	if len(listed) == 0 {
		return
	}
	within, tree := map[string][]readKey{}, newReadSet(nil, t) // by a scope: units and types in it
	for of, gaps := range listed {
		if len(gaps) > mostListed {
			listed[of] = []posture.Gap{{Reason: posture.Failed, Type: of.typeName}}
		}
		for _, scope := range tree.upFrom(of.scope) {
			within[scope] = append(within[scope], of)
		}
	}
	for n := range told {
		r := &told[n]
		about, all := foldReadType(r.Type), [][]posture.Gap{r.Gaps}
		units := within[posture.Fold(r.Scope)]
		slices.SortFunc(units, func(a, b readKey) int {
			return cmp.Or(compareText(a.scope, b.scope), compareText(a.typeName, b.typeName))
		})
		for _, of := range units {
			if about == "" || about == foldReadType(of.typeName) {
				all = append(all, listed[of])
			}
		}
		r.Gaps = slices.Concat(all...)
	}
}

// recordsOf are the records of reads.
func recordsOf(reads []ledger.Read) []posture.ReadRecord {
	all := make([]posture.ReadRecord, len(reads))
	for i := range reads {
		all[i] = reads[i].Record
	}
	return all
}

// appendListed appends the rows of what reads list, in a unit or, if that is "", in
// all, a line each.
func appendListed(dst []byte, reads []posture.ReadRecord, unit string) (rows []byte, lines int) {
	told := map[string]bool{}
	for i := range reads {
		for n := range reads[i].Gaps {
			g := &reads[i].Gaps[n]
			id := posture.Fold(g.ID)
			if !isListed(g) || told[id] || unit != "" && !posture.Within(g.ID, unit) {
				continue
			}
			told[id] = true
			dst = append(inventory.AppendListed(dst, g.ID, g.Type), '\n')
			lines++
		}
	}
	return dst, lines
}

// forgetListed takes away what reads list, where the inputs have it: known resources
// that were read now, or new ones.
func (i *importing) forgetListed(read ledger.Numbers) {
	k, found := i.estate.known, map[uint64]bool{}
	for n := range i.read.Changed {
		found[i.read.Changed[n].Key] = true
	}
	has := func(g *posture.Gap) bool {
		if !isListed(g) {
			return false
		}
		key := ledger.KeyOf(posture.IdentityOf(g.ID, g.Type, policy.UnitOf(g.ID), ""))
		number, known := k.find(key)
		return found[key] || known && read.Has(number)
	}
	for key, r := range i.settled.after.rows {
		if slices.ContainsFunc(r.Record.Gaps, func(g posture.Gap) bool { return has(&g) }) {
			i.settled.cut(key, has)
		}
	}
}
