// Package store keeps what a server knows, in SQLite or PostgreSQL. It is the
// one place that knows SQL.
//
// [Open] gives a [Store]. What is kept changes only through [Store.Write], which
// is one commit, whole or not at all; every row but a commit holds for an
// interval of commits ([ledger.Interval]), so each read says the commit as of
// which it wants to know, and gets the same answer for as long as that commit is
// kept. Bodies and facts are kept once by their content and may be put before a
// commit refers to them ([Store.Intake]). Other processes follow with
// [Store.Wait] and [Store.Changed].
//
// To find one's way: write.go (commits), interval.go (rows with intervals), one
// file a subject (resource.go, version.go, body.go, verdict.go, …), dialect.go
// (all that differs between the two databases).
//
// docs/decisions/0011-posture-store.md says why it is built like this.
package store
