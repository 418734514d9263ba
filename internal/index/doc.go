// Package index is the posture index: what lists, scores, compliance and facets
// of one commit are answered from, in memory. It is pure; who has the rows hands
// them in.
//
// A [Loader] builds an [Index] from rows, [Read] from a checkpoint, and
// [Index.Apply] takes it to the next commit by what that changed. [Index.Select]
// gives what a [Filter] leaves: its counts, its facets and its pages.
//
// To find one's way: resource.go (columns by number of resource), tuple.go
// (lists of verdicts, equal ones once), lay.go (exemptions, attestations and
// disablings over them), cover.go (where those lie), reference.go (those of the ways
// in which rules are assigned), set.go (which resources have what), filter.go,
// selection.go and page.go (questions), score.go, excerpt.go (what outlasts changes),
// checkpoint.go.
//
// docs/decisions/0011-posture-store.md says why it is built like this.
package index
