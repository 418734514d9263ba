package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/report"
)

// demoInstant is when the demo takes place, two hours after its estate was
// read: rules about dates must not make a different demo of it every month.
var demoInstant = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func (a *app) demoCommand() *cobra.Command {
	var dir string
	var withReport, force bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Assess the estate of an invented company",
		Long: `Makes the estate of Contoso, an invented company with some hundred resources on
Azure, AWS and Google Cloud and machines of its own, and assesses it. The estate
is the same every time, and no account or network is needed. It takes place on
2026-11-22 at 04:00 UTC, whatever the day; with --now assess takes place then too.

--write DIR writes the estate as the providers' own tools would export it, to
look at and to try other commands on; the report is printed only with --report
then. Where a file of DIR is in the way that holds anything else, nothing is
written without --force.`,
		Example: `  bartizan demo
  bartizan demo --write contoso/ && bartizan assess contoso/ --now 2026-11-22T04:00:00Z`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if force && dir == "" {
				return usage(errors.New("--force: want --write too"))
			}
			if dir != "" {
				if err := a.writeEstate(dir, force); err != nil || !withReport {
					return err
				}
			}
			return a.demo(cmd)
		},
	}
	cmd.Flags().BoolVar(&withReport, "report", false, "print the report (what happens without --write anyway)")
	cmd.Flags().StringVar(&dir, "write", "", "folder to write the estate to")
	cmd.Flags().BoolVar(&force, "force", false, "with --write: overwrite files that hold anything else")
	wantValue(cmd, "the name of a folder", "write")
	_ = cmd.MarkFlagDirname("write") // the only error is a flag that is not there
	return cmd
}

// demo assesses the estate without a detour over the disk.
func (a *app) demo(cmd *cobra.Command) error {
	builtIn, err := catalog.Load()
	if err != nil {
		return err
	}
	var estate bytes.Buffer
	if err := contoso.Estate(&estate); err != nil {
		return err
	}
	input := assess.Input{
		Name: "contoso", Size: int64(estate.Len()),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(estate.Bytes())), nil },
	}
	o := assess.Options{Inputs: []assess.Input{input}, BuiltIn: builtIn, Now: demoInstant}
	return a.assess(cmd.Context(), o, report.Filter{}, nil, output{formats: report.Formats[:1]}, threshold{})
}

// writeEstate writes all files, or none if one is in the way.
func (a *app) writeEstate(dir string, force bool) error {
	all := contoso.Files()
	if !force {
		if err := inTheWay(dir, all); err != nil {
			return err
		}
	}
	for _, f := range all {
		if err := files.WriteFile(placeOf(dir, f), f.Write); err != nil {
			return err
		}
	}
	a.note("wrote %d files to %s; assess --now %s judges them as demo does", len(all), dir, demoInstant.Format(time.RFC3339))
	return nil
}

func placeOf(dir string, f contoso.File) string {
	return filepath.Join(dir, filepath.FromSlash(f.Path))
}

// inTheWay gives an error that names the files of dir that the estate would
// overwrite and that are not from it.
func inTheWay(dir string, all []contoso.File) error {
	var others []string
	for _, f := range all {
		place := placeOf(dir, f)
		if info, err := os.Stat(place); err != nil || !info.Mode().IsRegular() {
			continue // writing says what is wrong, if anything is
		}
		there, err := os.ReadFile(place)
		var ours bytes.Buffer
		if wrong := f.Write(&ours); wrong != nil {
			return wrong
		}
		if err != nil || !bytes.Equal(there, ours.Bytes()) {
			others = append(others, place)
		}
	}
	if len(others) == 0 {
		return nil
	}
	return fmt.Errorf("demo --write %s: nothing is written, because files are in the way that hold anything else; want another folder, or --force to overwrite\n%s",
		dir, strings.Join(others, "\n"))
}
