package estate

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// drawnTree is some scopes below the roots "one" and "two", and their ids.
func drawnTree(r *rapid.T) (kept *tree, ids []string) {
	kept = &tree{scopes: map[string]posture.Scope{}}
	ids = []string{"one", "two"}
	for _, root := range ids {
		kept.set(posture.Scope{ID: root, Parent: "/", Kind: posture.Root, Name: root})
	}
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(grownIDs), 0, 10, rapid.ID[string]).Draw(r, "kept") {
		g := (&tree{scopes: kept.scopes}).grow([]posture.Scope{{ID: id, Parent: rapid.SampledFrom(ids).Draw(r, "above")}}, kept.scopes["one"], "one", nil)
		for _, s := range g.written() {
			kept.set(s)
			ids = append(ids, s.ID)
		}
	}
	return kept, ids
}

// drawnScopes are scopes as an inventory tells of them.
func drawnScopes(r *rapid.T, some *rapid.Generator[string]) (told []posture.Scope) {
	for range rapid.IntRange(0, 8).Draw(r, "told") {
		told = append(told, posture.Scope{
			ID: some.Draw(r, "id"), Parent: rapid.OneOf(some, rapid.Just("")).Draw(r, "parent"),
			Kind: rapid.SampledFrom([]posture.ScopeKind{posture.Tenant, posture.Folder, posture.Unit, posture.Group}).Draw(r, "kind"),
			Name: rapid.SampledFrom([]string{"", "x", "y"}).Draw(r, "name"), Named: posture.NameSource(rapid.IntRange(0, 2).Draw(r, "named")),
		})
	}
	return told
}

// drawnReads are reads of some scopes, complete or not, with gaps of every sort.
func drawnReads(r *rapid.T, of *rapid.Generator[string], begun time.Time) (reads []posture.ReadRecord) {
	types := rapid.SampledFrom([]string{"*", "a/b", "a/c"})
	ids := rapid.OneOf(rapid.Just(""), of, rapid.Map(of, func(id string) string { return id + "/x" }), rapid.Just("arn:aws:s3:::b"))
	for range rapid.IntRange(0, 4).Draw(r, "reads") {
		read := posture.ReadRecord{
			Scope: of.Draw(r, "read of"), Type: types.Draw(r, "type"), Complete: rapid.Bool().Draw(r, "complete"),
			StartedAt: begun.Add(time.Duration(rapid.IntRange(0, 3).Draw(r, "begun")) * time.Hour),
		}
		for range rapid.IntRange(0, 2).Draw(r, "gaps") {
			read.Gaps = append(read.Gaps, posture.Gap{
				Reason: rapid.SampledFrom([]posture.Reason{posture.Denied, posture.Throttled, posture.Failed}).Draw(r, "reason"),
				Type:   rapid.OneOf(types, rapid.Just("")).Draw(r, "gap of"), ID: ids.Draw(r, "gap id"),
				Path: rapid.SampledFrom([]string{"", "properties.x"}).Draw(r, "path"),
			})
		}
		reads = append(reads, read)
	}
	return reads
}

// answersOf is what reads say of a scope, but for gaps of single resources: those are
// filled by whoever may read these.
func answersOf(s *readSet, scope string) (all []string) {
	for _, typeName := range []string{"", "a/b", "a/c"} {
		text := "nothing"
		if a := s.answer(scope, typeName); a != nil {
			text = a.reason.String() + a.read.Stale.String() + a.read.Record.StartedAt.String()
		}
		all = append(all, text)
	}
	return all
}

// TestGrow_reads: whatever is told of reads and scopes, by whomever, nothing is deleted
// that he may not write, and what is known of it is no other and no staler.
func TestGrow_reads(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(r *rapid.T) {
		kept, ids := drawnTree(r)
		var rows []ledger.Read
		for _, read := range asOneRead(drawnReads(r, rapid.SampledFrom(append(ids, "/")), noon)) {
			read.Record.Complete = read.Record.Complete || len(read.Record.Gaps) == 0 // most are
			rows = append(rows, read)
		}
		before := access.NewTree(kept.all())
		role := rapid.SampledFrom([]access.Role{access.Contributor, access.SecurityAdmin, access.Owner}).Draw(r, "role")
		caller := access.Caller{Grants: []access.Grant{{Role: role, Scope: rapid.SampledFrom(append(ids, "/")).Draw(r, "role at")}}}
		may := func(scope string) bool { return caller.May(access.Run, scope, before) }
		some := rapid.SampledFrom(append(slices.Clone(grownIDs), "one", "two", "three", "/"))
		of := rapid.OneOf(some, rapid.SampledFrom([]string{
			"", "/", "//", " /", "/subscriptions/", "/providers/", "/SUBSCRIPTIONS/1/", "/subscriptions/1/resourceGroups/h", "/subscriptions/9", "999988887777", "projects/new", "tag:a=b", "bogus",
		}))
		reads := drawnReads(r, of, noon)
		g := kept.grow(slices.Concat(drawnScopes(r, some), unitsOfReads(reads)), kept.scopes["one"], "one", may)
		i := &importing{
			estate: &Estate{tree: kept}, tree: g.tree, growth: g, may: map[string]bool{}, answer: &Answer{},
			options: &ImportOptions{Allowed: may, Complete: drawnReads(r, of, noon)}, read: &intake.Result{Reads: reads},
		}
		told := len(i.read.Reads) + len(i.options.Complete)
		rejected := i.refuseReads()
		if left := told - len(i.read.Reads) - len(i.options.Complete); left > 0 && len(rejected)+len(i.answer.Notices) == 0 {
			r.Fatalf("%d reads are left out without a word", left)
		}
		i.inScope()
		taken, _ := dated(i.stated(), noon.Add(24*time.Hour))
		s := settle(rows, taken, lostIn(nil), g.tree, &newcomers{})
		for _, scope := range slices.Concat(slices.Collect(maps.Values(kept.scopes)), []posture.Scope{{ID: "/"}}) {
			if may(scope.ID) {
				continue
			}
			if s.deletes(scope.ID, "a/b") || s.deletes(scope.ID, "a/c") {
				r.Fatalf("%s: all that it no longer has is taken for gone, by %+v", scope.ID, taken)
			}
			was, now := answersOf(newReadSet(rows, kept), scope.ID), answersOf(s.after, scope.ID)
			if !slices.Equal(was, now) {
				r.Fatalf("%s: %q was known, and now %q, by %+v", scope.ID, was, now, taken)
			}
			isTold := func(read posture.ReadRecord) bool {
				return s.told.rows[keyOfRead(&read)].Record.Scope != "" && !(posture.IsARM(read.Scope) && may(read.Scope))
			}
			if scope.Kind == posture.Unit && slices.ContainsFunc(readsOf(s.after.all(), g.tree, scope.ID), isTold) {
				r.Fatalf("%s is judged again by %+v", scope.ID, taken)
			}
		}
	})
}
