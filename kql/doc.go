// Package kql runs Kusto queries over tables of the caller. It is pure: no
// disk, no network, no clock. Start with [Prepare].
package kql
