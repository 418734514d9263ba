package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/policy"
)

// askedStandard is one value of --standard: a name, or what a file holds, which
// is a standard of the user's own or Azure initiatives.
type askedStandard struct {
	name        string // "" for a file
	standard    *catalog.Standard
	initiatives []*policy.Initiative
}

// ownStandards is all that --standard names, in its order.
type ownStandards struct {
	asked []askedStandard
	files []*policy.Contents // with initiatives, for a library
}

// ownStandards tells names from files and reads the latter, each once. With an
// error it has what could be read, so that all that is wrong is told at once.
func (a *app) ownStandards(values []string) (ownStandards, error) {
	var own ownStandards
	var wrong problemList
	for i, value := range values {
		switch {
		case !isFileName(value):
			own.asked = append(own.asked, askedStandard{name: value})
		case !slices.ContainsFunc(values[:i], func(earlier string) bool { return isFileName(earlier) && sameFile(earlier, value) }):
			wrong.add(own.read(a.reading, value))
		}
	}
	return own, wrong.err()
}

// read reads a file with a standard or with initiatives.
func (o *ownStandards) read(ctx context.Context, file string) error {
	text, err := files.Input{Path: file}.Text(ctx)
	if err != nil {
		return fmt.Errorf("--standard: %w", err)
	}
	text = strings.TrimPrefix(asUTF8(text), "\uFEFF")
	if isInitiative(text) {
		return o.readInitiatives(file, text)
	}
	s, problems := catalog.ParseStandard(file, []byte(text))
	o.asked = append(o.asked, askedStandard{standard: s})
	if err := problems.Err(); err != nil {
		return usage(fmt.Errorf("--standard:\n%w", err))
	}
	return nil
}

// readInitiatives refuses a file with anything that is refused: a standard of
// which a part is missing would tell of less than it says.
func (o *ownStandards) readInitiatives(file, text string) error {
	contents := policy.ReadContents(file, text)
	var found policy.Library
	if err := found.Keep(contents).Err(); err != nil {
		return usage(fmt.Errorf("--standard:\n%w", err))
	}
	initiatives := slices.Concat(found.Initiatives, found.RepeatedInitiatives)
	if len(initiatives) == 0 {
		return usagef("--standard %s: no initiative in it", file)
	}
	o.asked = append(o.asked, askedStandard{initiatives: initiatives})
	o.files = append(o.files, contents)
	return nil
}

func (o *ownStandards) names() (names []string) {
	for _, a := range o.asked {
		if a.name != "" {
			names = append(names, a.name)
		}
	}
	return names
}

func (o *ownStandards) standards() (standards []*catalog.Standard) {
	for _, a := range o.asked {
		if a.standard != nil {
			standards = append(standards, a.standard)
		}
	}
	return standards
}

func (o *ownStandards) initiatives() (initiatives []*policy.Initiative) {
	for _, a := range o.asked {
		initiatives = append(initiatives, a.initiatives...)
	}
	return initiatives
}

// unknownInStandards is what standards and initiatives of files name that is not
// there.
func unknownInStandards(c *catalog.Catalog, l *policy.Library, own *ownStandards) error {
	o := &assess.Options{BuiltIn: c, Library: l, OwnStandards: own.standards(), OwnInitiatives: own.initiatives()}
	if err := assess.UnknownNames(o); err != nil {
		return usage(err)
	}
	return nil
}

// isFileName tells a file from the name of a standard by its extension or a
// folder before it.
func isFileName(value string) bool {
	known := []string{".json", ".jsonl", ".yaml", ".yml", ".gz", ".zst"}
	return slices.Contains(known, strings.ToLower(filepath.Ext(value))) || strings.HasPrefix(value, ".") && strings.ContainsRune(value, filepath.Separator)
}

// sameFile reports whether two names lead to one file.
func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// isInitiative reports whether a file holds Azure initiatives: JSON that names
// policy definitions. Anything else is read as a standard of ours, which says
// what is wrong with it.
func isInitiative(text string) bool {
	folded := strings.ToLower(text)
	return strings.Contains(folded, `"policydefinitions"`) && (json.Valid([]byte(text)) || strings.HasPrefix(strings.TrimSpace(text), "{")) // lines of several
}
