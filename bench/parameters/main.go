// Command parameters writes values for the required parameters of the
// built-in definitions that the benchmark judges, in the form of
// assess --parameters, and on request the definitions themselves:
//
//	go run ./bench/parameters --output bench/out/parameters.json --definitions bench/out/definitions.jsonl
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/bartizan-dev/bartizan/bench/builtin"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("parameters", flag.ContinueOnError)
	folder := flags.String("policies", "../shared/azure-policy", "folder with builtin/definitions.jsonl.gz and evaluable.tsv")
	output := flags.String("output", "bench/out/parameters.json", "file for the values")
	definitions := flags.String("definitions", "", "file for the definitions, as JSON lines; none by default")
	if err := flags.Parse(args); err != nil {
		return err
	}
	all, err := builtin.Select(*folder)
	if err != nil {
		return err
	}
	if *definitions != "" {
		if err := builtin.WriteDefinitions(*definitions, all); err != nil {
			return err
		}
	}
	if err := builtin.WriteParameters(*output, all); err != nil {
		return err
	}
	fmt.Printf("%d definitions, %d with required parameters\n", len(all), len(builtin.Fill(all)))
	return nil
}
