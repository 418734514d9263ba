package measure

import (
	"flag"
	"io"
)

// Main is the whole of a program that measures one engine: it reads --input,
// makes the engine, judges --rounds times, prints the result to stdout and
// writes the masks to --verdicts. args are those after the program's name.
func Main(engine string, args []string, stdout io.Writer, start func() (Judge, error)) error {
	flags := flag.NewFlagSet(engine, flag.ContinueOnError)
	input := flags.String("input", "", "JSON lines, one resource each")
	rounds := flags.Int("rounds", 5, "rounds to take the median of, after one to warm up")
	verdicts := flags.String("verdicts", "", "file for the verdicts, one mask a line")
	if err := flags.Parse(args); err != nil {
		return err
	}
	lines, err := Lines(*input)
	if err != nil {
		return err
	}
	judge, err := start()
	if err != nil {
		return err
	}
	result, masks, err := Rounds(engine, lines, *rounds, judge)
	if err != nil {
		return err
	}
	if err := WriteMasks(*verdicts, masks); err != nil {
		return err
	}
	return Print(stdout, result)
}
