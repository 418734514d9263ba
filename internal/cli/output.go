package cli

import (
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/report"
)

// Rows of the longest list in a table that goes to a terminal, and in the
// summary beside other formats; a table in a file or a pipe has no limit.
const (
	tableRows   = 100
	summaryRows = 15
)

// outputFlags say in which formats and where to write.
type outputFlags struct {
	formats []string
	dir     string
}

func (f *outputFlags) register(cmd *cobra.Command) {
	var about []string
	for _, format := range report.Formats {
		about = append(about, format.Name+" ("+format.About+")")
	}
	cmd.Flags().StringSliceVar(&f.formats, "format", nil, "formats, the first is the default: "+strings.Join(about, "; "))
	cmd.Flags().StringVar(&f.dir, "output", "", "folder to write the formats to; it is made if it is not there")
	wantValue(cmd, "the names of formats", "format")
	wantValue(cmd, "the name of a folder", "output")
	complete(cmd, "format", report.Names())
	// The only error is a flag that is not there.
	_ = cmd.MarkFlagDirname("output")
}

// output is where the report goes.
type output struct {
	formats []report.Format
	dir     string // "" = standard output
}

func (f *outputFlags) parse() (output, error) {
	formats, err := report.Parse(f.formats)
	if err != nil {
		return output{}, usage(err)
	}
	if len(formats) == 0 {
		formats = report.Formats[:1]
	}
	if len(formats) > 1 && f.dir == "" {
		return output{}, usagef("%d formats: want --output DIR to write them to", len(formats))
	}
	return output{formats, f.dir}, nil
}

// checks says whether a format needs the single checks.
func (o output) checks() bool {
	for _, f := range o.formats {
		if f.Checks {
			return true
		}
	}
	return false
}

// write writes the formats, and the summary beside them where it is not the
// report itself.
func (a *app) write(run *report.Run, out output) error {
	if out.dir != "" {
		return a.writeFiles(run, out)
	}
	format := out.formats[0]
	run.Style = a.style(a.Out)
	if a.device(a.Out).Terminal {
		run.Style.Rows = tableRows
	}
	if err := format.Write(a.Out, run); err != nil || format.Name == report.Formats[0].Name {
		return err
	}
	return a.summary(a.Err, run)
}

func (a *app) writeFiles(run *report.Run, out output) error {
	var wrong problemList
	for _, format := range out.formats {
		file := filepath.Join(out.dir, format.File)
		a.purpose = format.File
		plain := *run
		plain.Style = report.Style{Unicode: true}
		err := files.WriteFile(file, func(w io.Writer) error { return format.Write(w, &plain) })
		wrong.add(err)
		if err == nil {
			run.Written = append(run.Written, file)
		}
	}
	return errors.Join(wrong.err(), a.summary(a.Out, run))
}

// summary writes the short form of the table.
func (a *app) summary(w io.Writer, run *report.Run) error {
	if a.quiet {
		return nil
	}
	run.Style = a.style(w)
	run.Style.Rows = summaryRows
	return report.Formats[0].Write(w, run)
}

// style lays out text for one of the process's outputs.
func (a *app) style(w io.Writer) report.Style {
	d := a.device(w)
	return report.Style{Width: d.Width, Colour: d.Colour, Unicode: d.Unicode}
}

// problemList collects errors that a user can mend in one go.
type problemList []error

func (l *problemList) add(err error) {
	if err != nil {
		*l = append(*l, err)
	}
}

func (l problemList) err() error { return errors.Join(l...) }
