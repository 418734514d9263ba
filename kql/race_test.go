//go:build race

package kql

// underRace: the race detector makes pools forget at random, those of package
// regexp too.
const underRace = true
