package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/policy"
)

// chosenStandard is what --standard of the list commands names: a standard, or
// an initiative with the library that may have its policies.
type chosenStandard struct {
	standard   *catalog.Standard
	initiative *policy.Initiative
	library    *policy.Library
}

// coverage tells of its controls what gives evidence for them.
func (s chosenStandard) coverage(c *catalog.Catalog) ([]catalog.Covered, error) {
	if s.initiative != nil {
		return c.InitiativeCoverage(s.initiative, s.library)
	}
	return c.Coverage(s.standard)
}

// policyFlag adds the flag that brings the policies of initiatives.
func policyFlag(cmd *cobra.Command, paths *[]string) {
	cmd.Flags().StringArrayVar(paths, "catalog", nil, "file or folder with initiatives and their policies (repeatable)")
	wantValue(cmd, "the name of a file or folder", "catalog")
}

// id is what the standard is called in STANDARD:CONTROL.
func (s chosenStandard) id() string {
	if s.initiative != nil {
		return s.initiative.Name
	}
	return s.standard.ID
}

// chosenStandards finds standards by their ids or titles, those of files, and
// initiatives of files and of --catalog, in the order of their names. Each name
// gives one at least; what is wrong with a file is told as assess tells it.
func (a *app) chosenStandards(c *catalog.Catalog, names, policies []string) ([]chosenStandard, error) {
	own, err := a.ownStandards(names)
	if err != nil {
		return nil, err
	}
	var library *policy.Library
	// Of two initiatives with one id the first counts.
	if paths := slices.Concat(own.initiatives, policies); len(paths) > 0 {
		if library, err = a.library(paths); err != nil {
			return nil, err
		}
	}
	all, err := c.Standards()
	if err != nil {
		return nil, err
	}
	standards := own.standards
	var found []chosenStandard
	var wrong problemList
	for _, name := range names {
		switch {
		case slices.Contains(own.names, name):
			if s := catalog.StandardNamed(all, name); s != nil {
				found = append(found, chosenStandard{standard: s})
				continue
			}
			initiatives := initiativesOf(library, func(s *policy.Initiative) bool {
				return strings.EqualFold(s.ID, name) || strings.EqualFold(s.Name, name) || strings.EqualFold(s.DisplayName, name)
			})
			if found = append(found, initiatives...); len(initiatives) == 0 {
				wrong.add(fmt.Errorf("standard %q: want %s, an initiative of --catalog or a file%s", name, catalog.StandardIDs(all), spelling.Meant(name, strings.Split(catalog.StandardIDs(all), ", "))))
			}
		case slices.Contains(own.initiatives, name):
			initiatives := initiativesOf(library, func(s *policy.Initiative) bool { return s.File == name })
			if found = append(found, initiatives...); len(initiatives) == 0 {
				wrong.add(fmt.Errorf("--standard %s: no initiative in it", name))
			}
		default:
			found, own.standards = append(found, chosenStandard{standard: own.standards[0]}), own.standards[1:]
		}
	}
	wrong.add(assess.UnknownNames(&assess.Options{BuiltIn: c, Library: library, OwnStandards: standards}))
	if err := wrong.err(); err != nil {
		return nil, usage(err)
	}
	return found, nil
}

func initiativesOf(l *policy.Library, wanted func(*policy.Initiative) bool) []chosenStandard {
	var found []chosenStandard
	if l == nil {
		return nil
	}
	for _, s := range l.Initiatives {
		if wanted(s) {
			found = append(found, chosenStandard{initiative: s, library: l})
		}
	}
	return found
}
