// Package run computes a plan: batches of columns flow from the tables through
// the steps. Start with [Run].
package run
