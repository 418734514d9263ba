//go:build !race

package kql

const underRace = false
