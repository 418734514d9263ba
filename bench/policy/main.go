// Command policy judges resources by the thirty rules of bench/rules with
// package policy, from JSON bytes to verdicts.
package main

import (
	"fmt"
	"os"

	"github.com/bartizan-dev/bartizan/bench/measure"
	"github.com/bartizan-dev/bartizan/bench/policy/engine"
)

func main() {
	if err := measure.Main("bartizan", os.Args[1:], os.Stdout, engine.New); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
