package cli

import (
	"errors"
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
	return c.Coverage(s.standard, s.library)
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
// initiatives of files and of --catalog, each once and in the order of their
// names. Each name gives one at least; what is wrong with a file is told as assess
// tells it.
func (a *app) chosenStandards(c *catalog.Catalog, names, policies []string) ([]chosenStandard, error) {
	own, refused := a.ownStandards(names)
	var err error
	var library *policy.Library
	if len(own.files)+len(policies) > 0 {
		if library, err = a.library(policies, own.files...); err != nil {
			return nil, errors.Join(refused, err)
		}
	}
	all, err := c.Standards()
	if err != nil {
		return nil, err
	}
	var found []chosenStandard
	var wrong problemList
	for _, asked := range own.asked {
		if asked.name == "" {
			found = append(found, asked.chosen(library)...)
			continue
		}
		named := standardsNamed(asked.name, all, library)
		if found = append(found, named...); len(named) == 0 {
			wrong.add(fmt.Errorf("standard %q: want %s, all, an initiative of --catalog or a file%s", asked.name, catalog.StandardIDs(all), spelling.Meant(asked.name, strings.Split(catalog.StandardIDs(all), ", "))))
		}
	}
	if len(wrong) > 0 {
		wrong = problemList{usage(wrong.err())}
	}
	wrong.add(unknownInStandards(c, library, &own))
	if refused != nil {
		wrong = append(problemList{refused}, wrong...)
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	return distinct(found), nil
}

// chosen gives what a file holds.
func (s *askedStandard) chosen(l *policy.Library) (found []chosenStandard) {
	if s.standard != nil {
		return []chosenStandard{{standard: s.standard, library: l}}
	}
	for _, i := range s.initiatives {
		found = append(found, chosenStandard{initiative: i, library: l})
	}
	return found
}

// standardsNamed finds what a name stands for: one standard, all of them, or
// initiatives of a library.
func standardsNamed(name string, all []*catalog.Standard, l *policy.Library) (found []chosenStandard) {
	if strings.EqualFold(name, assess.AllStandards) {
		for _, s := range all {
			found = append(found, chosenStandard{standard: s})
		}
		return found
	}
	if s := catalog.StandardNamed(all, name); s != nil {
		return []chosenStandard{{standard: s}}
	}
	if l == nil {
		return nil
	}
	for _, s := range l.Initiatives {
		if strings.EqualFold(s.ID, name) || strings.EqualFold(s.Name, name) || strings.EqualFold(s.DisplayName, name) {
			found = append(found, chosenStandard{initiative: s, library: l})
		}
	}
	return found
}

// distinct leaves the first of each standard.
func distinct(chosen []chosenStandard) []chosenStandard {
	seen := map[chosenStandard]bool{}
	return slices.DeleteFunc(chosen, func(s chosenStandard) bool {
		again := seen[s]
		seen[s] = true
		return again
	})
}
