// Command handwritten judges resources by the thirty rules of bench/rules as
// one would write them in Go by hand for exactly these rules, after parsing
// with fastjson. It is the floor that a general engine cannot go below.
package main

import (
	"fmt"
	"os"

	"github.com/bartizan-dev/bartizan/bench/handwritten/check"
	"github.com/bartizan-dev/bartizan/bench/measure"
)

func main() {
	if err := measure.Main("handwritten", os.Args[1:], os.Stdout, check.New); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
